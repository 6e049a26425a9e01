import { describe, expect, it } from "vitest";
import { defineNeuron, readNeuron } from "../../src/device/neuron";
import { spread } from "../../src/device/parameter";
import type { NeuronSpec } from "../../src/device/types";
import { evaluate } from "../../src/equations/evaluate";
import type { Expression } from "../../src/equations/expression";
import { show } from "../../src/equations/show";
import { CONSTANTS } from "../../src/units/constants";
import { describeDimension } from "../../src/units/dimension";

const SOFT: NeuronSpec = {
  kind: "neuron",
  name: "soft neuron",
  summary: "A leaky node.",
  source: "Kirchhoff",
  equations: `
    C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak)*xi : V   # charge balance
    rho = tanh(u/u_slope)
  `,
  parameters: { C: "1 pF", g_leak: spread("50 nS", { mismatch: "5 %" }), u_slope: "100 mV", T: "300 K" },
  unitDrive: "g_leak*u_slope",
};
const units = (dimensions: object): Record<string, string> =>
  Object.fromEntries(Object.entries(dimensions).map(([name, d]) => [name, describeDimension(d)]));
const plain = (equations: string, more: Partial<NeuronSpec> = {}) =>
  defineNeuron({ name: "test", equations, ...more });
const drift = (neuron: ReturnType<typeof defineNeuron>): Expression =>
  neuron.dynamics.kind === "continuous" ? neuron.dynamics.drift : neuron.dynamics.next;

describe("a physical neuron", () => {
  const neuron = defineNeuron(SOFT);

  it("is solved for du/dt, with its noise apart", () => {
    expect(neuron.dynamics.kind).toBe("continuous");
    expect(show(drift(neuron))).toBe("(-g_leak*u + I + I_nudge)/C");
    expect(show(neuron.dynamics.diffusion!)).toBe("sqrt(2*k_B*T*g_leak)/C");
    expect(show(neuron.rho)).toBe("tanh(u/u_slope)");
  });

  it("has the dimensions that its equation implies", () =>
    expect(units(neuron.dimensions)).toEqual({ u: "V", I: "A", rho: "1", time: "s" }));

  it("has kT/C as the variance of its voltage", () => {
    const at = { C: 1e-12, g_leak: 50e-9, T: 300, k_B: CONSTANTS.k_B.value, u: 1, I: 0, I_nudge: 0 };
    const rate = -evaluate(drift(neuron), at);
    const variance = evaluate(neuron.dynamics.diffusion!, at) ** 2 / (2 * rate);
    expect(variance / ((CONSTANTS.k_B.value * 300) / 1e-12)).toBeCloseTo(1, 12);
  });

  it("keeps parameters with values in SI and spreads", () => {
    expect(neuron.parameters.g_leak).toEqual({
      area: null,
      name: "g_leak",
      value: { value: 5e-8, dimension: [-1, -2, 3, 2, 0] },
      mismatch: 0.05,
      sd: 0,
      distribution: "normal",
      extent: "device",
      share: null,
      trainable: null,
      values: null,
    });
    expect(Object.keys(neuron.parameters)).toEqual(["C", "g_leak", "u_slope", "T"]);
  });

  it("prints as a datasheet", () => {
    expect(`${neuron}`).toBe(`soft neuron (neuron)
  A leaky node.
  equations
    C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak)*xi  : V  # charge balance
    rho     = tanh(u/u_slope)                                    : 1
  parameters
    C        1 pF
    g_leak   50 nS   +- 5 %
    u_slope  100 mV
    T        300 K
  unit drive  g_leak*u_slope = 5 nA
  source      Kirchhoff`);
  });

  it("survives JSON", () => {
    expect(`${readNeuron(JSON.parse(JSON.stringify(SOFT)))}`).toBe(`${neuron}`);
    expect(`${readNeuron(JSON.parse(JSON.stringify(neuron.spec)))}`).toBe(`${neuron}`);
  });
});

describe("the language of neurons", () => {
  it("reads maps, functions and definitions in any order", () => {
    const neuron = plain(
      "u <- gain*sigma(I) + I_nudge\nrho = u\nsigma(x) = 1/(1 + exp(-x))\ngain = 2*half\nhalf = 0.5*k",
      { parameters: { k: 3 } },
    );
    expect(neuron.dynamics.kind).toBe("discrete");
    expect(show(drift(neuron))).toBe("k*logistic(I) + I_nudge");
    expect(units(neuron.dimensions)).toEqual({ u: "1", I: "1", rho: "1", time: "1" });
  });

  it("derives rho'(u), at the closed interval", () => {
    const neuron = plain("du/dt = -u + rho'(u)*I + I_nudge\nrho = clip(u, 0, 1)\n0 <= u <= 1");
    const slope = (u: number): number => evaluate(drift(neuron), { u, I: 1, I_nudge: 0 }) + u;
    expect([-0.5, 0, 0.5, 1, 1.5].map(slope)).toEqual([0, 1, 1, 1, 0]);
    expect([neuron.bounds?.lower, neuron.bounds?.upper]).toEqual([
      { kind: "number", value: 0 },
      { kind: "number", value: 1 },
    ]);
  });

  it("takes rho as a function and derivatives of any function", () => {
    const neuron = plain("du/dt = -u + rho'(u)*I + g'(2*u)*I_nudge\nrho(x) = x^3\ng(y) = sin(y)");
    expect(evaluate(drift(neuron), { u: 2, I: 1, I_nudge: 0 })).toBeCloseTo(-2 + 12);
    expect(evaluate(drift(neuron), { u: 2, I: 0, I_nudge: 1 })).toBeCloseTo(-2 + Math.cos(4));
    expect(evaluate(neuron.rhoPrime, { u: 2 })).toBeCloseTo(12);
  });

  it("has noise of density 1/sqrt(s) in continuous time and plain draws in maps", () => {
    expect(show(plain("u <- I + I_nudge + 0.1*xi\nrho = u").dynamics.diffusion!)).toBe("0.1");
    expect(
      units(
        plain("tau*du/dt = -u + I + I_nudge + sigma*xi\nrho = u", {
          parameters: { tau: "1 ms", sigma: "0.01 s^0.5" },
        }).dimensions,
      ).time,
    ).toBe("s");
  });

  it("lets zero be of any unit, and takes one-sided bounds", () => {
    const neuron = plain("tau*du/dt = -u + R*I + R*I_nudge : V\nrho = max(u, 0)/u_max\nu >= 0\nu <= u_max", {
      parameters: { tau: "1 ms", R: "1 Mohm", u_max: "1 V" },
      unitDrive: "u_max/R",
    });
    expect(units(neuron.dimensions)).toEqual({ u: "V", I: "A", rho: "1", time: "s" });
    expect(show(neuron.bounds!.upper!)).toBe("u_max");
  });

  it("lets a comparison with a negative number be one", () => {
    expect(evaluate(plain("u <- I + I_nudge\nrho = where(u<-3, 1, 2)").rho, { u: -4 })).toBe(1);
  });

  it("does not let mathjs's units or constants in", () => {
    for (const name of ["W", "e", "i", "Infinity", "tau", "phi"])
      expect(() => plain(`u <- I + I_nudge + ${name}\nrho = u`)).toThrow(/EQ-UNKNOWN/);
  });
});

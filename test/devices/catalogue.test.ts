import { describe, expect, it } from "vitest";
import {
  crossbar,
  DEVICES,
  energyBased,
  ideal,
  leakyIntegrator,
  OUTPUT_FUNCTIONS,
  prototypical,
  shiftedSigmoid,
  softNeuron,
} from "../../devices/index";
import { defineNeuron } from "../../src/device/neuron";
import { readDevice } from "../../src/device/read-device";
import { defineSynapse } from "../../src/device/synapse";
import type { NeuronSpec } from "../../src/device/types";
import { evaluate } from "../../src/equations/evaluate";
import { CONSTANTS } from "../../src/units/constants";
import { formatQuantity } from "../../src/units/format";

const move = (spec: NeuronSpec, values: Record<string, number>): number => {
  const { dynamics } = defineNeuron(spec);
  return evaluate(dynamics.kind === "continuous" ? dynamics.drift : dynamics.next, {
    I: 0,
    I_nudge: 0,
    ...values,
  });
};
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-4 * (x - 0.5)));

describe("the catalogue", () => {
  it.each([...DEVICES])("%s is plain data that reads and prints", (_, make) => {
    const spec = make();
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    const device = readDevice(spec);
    expect(`${device}`).toMatch(new RegExp(`^${spec.name} \\(${spec.kind}\\)\n  \\S.*\\.\n  equations\n`));
    expect(`${device}`.split("\n").every((line) => line.length <= 140)).toBe(true);
  });

  it.each(OUTPUT_FUNCTIONS)("every neuron takes the output %s", (rho) => {
    for (const make of [leakyIntegrator, energyBased, prototypical, shiftedSigmoid])
      expect(defineNeuron(make({ rho })).kind).toBe("neuron");
  });

  it("takes an output function of one's own, with its parameters", () => {
    const rho = { text: "log(1 + exp(k*u))/k" };
    const { rho: output } = defineNeuron(
      leakyIntegrator({ rho, parameters: { k: { value: 4, mismatch: "5 %" } }, name: "mine" }),
    );
    expect(evaluate(output, { u: 0, k: 4 })).toBeCloseTo(Math.log(2) / 4);
  });

  it("refuses an output function that it does not know", () => {
    for (const rho of ["relu", "constructor"])
      expect(() => defineNeuron(leakyIntegrator({ rho: rho as "tanh" }))).toThrow(/EQ-(UNKNOWN|NAME)/);
  });
});

describe("neurons follow their papers", () => {
  it("Scellier 2018, Eq. 1", () =>
    expect(move(leakyIntegrator(), { u: 0.3, I: 2, I_nudge: 0.5 })).toBeCloseTo(-0.3 + 2 + 0.5));
  it("Ernoult 2019, Eq. 71", () => {
    const s = sigmoid(0.3);
    expect(move(energyBased({ rho: "sigmoid" }), { u: 0.3, I: 2, I_nudge: 0.5 })).toBeCloseTo(
      -0.3 + 4 * s * (1 - s) * 2 + 0.5,
    );
    expect(move(energyBased(), { u: 0, I: 2 })).toBe(2);
    expect(defineNeuron(energyBased({ clip: null })).bounds).toBeNull();
  });
  it("Ernoult 2019, Eq. 72", () =>
    expect(move(prototypical(), { u: 9, I: 0.7, I_nudge: 0.5 })).toBeCloseTo(sigmoid(0.7) + 0.5));
  it("Laborieux and Zenke 2023", () => {
    expect(move(shiftedSigmoid(), { u: 9, I: 0.7, I_nudge: 0.5 })).toBeCloseTo(1.2);
    expect(evaluate(defineNeuron(shiftedSigmoid()).rho, { u: 0.7 })).toBeCloseTo(sigmoid(0.7));
  });
  it("a soft neuron settles at u_slope under its unit drive", () => {
    const neuron = defineNeuron(softNeuron());
    const at = { C: 1e-12, g_leak: 5e-8, u_slope: 0.1, T: 300, k_B: CONSTANTS.k_B.value };
    const drive = evaluate(neuron.unitDrive, at);
    expect(formatQuantity({ value: drive, dimension: neuron.dimensions.I })).toBe("5 nA");
    expect(move(softNeuron(), { ...at, u: 0.1, I: drive })).toBeCloseTo(0);
  });
});

describe("synapses", () => {
  it("ideal weights can be currents", () =>
    expect(defineSynapse(ideal({ unit: "A" })).dimensions.I).toEqual([0, 0, 0, 1, 0]));

  it("a crossbar pair starts at zero and moves by what is asked", () => {
    const pair = defineSynapse(crossbar());
    const values = Object.fromEntries(
      Object.values(pair.parameters).map(({ name, value }) => [name, value.value]),
    );
    const [G_plus, G_minus] = ["G_plus", "G_minus"].map((name) =>
      evaluate(pair.stored[name].initial, values),
    );
    expect(evaluate(pair.weight, { ...values, G_plus, G_minus })).toBe(0);
    const after = {
      G_plus: evaluate(pair.stored.G_plus.program, { ...values, G_plus, dw: 1e-9 }),
      G_minus: evaluate(pair.stored.G_minus.program, { ...values, G_minus, dw: 1e-9 }),
    };
    expect(evaluate(pair.weight, { ...values, ...after })).toBeCloseTo(1e-9, 18);
    expect(pair.readNoise).toBeNull();
    expect(pair.stored.G_plus.leak).toBeNull();
  });

  it("a crossbar pair takes mismatch, read noise and retention", () => {
    const pair = defineSynapse(
      crossbar({
        mismatch: "5 %",
        readNoise: "1 %",
        retention: "1e5 s",
        rest: "middle",
        range: ["0.1 uS", "100 uS"],
      }),
    );
    expect(pair.parameters.k_plus.mismatch).toBe(0.05);
    expect(pair.readNoise).not.toBeNull();
    expect(
      evaluate(pair.stored.G_plus.leak!, { G_plus: 1e-4, G_min: 1e-7, G_max: 1e-4, retention: 1e5 }),
    ).toBeCloseTo(-(1e-4 - 5.005e-5) / 1e5, 18);
  });
});

/**
 * Exponential Euler against exact solutions, where a unit's own rate is a number, vanishes, changes its sign,
 * or has no value at rest.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import { createEngine, Simulator, type NeuronSpec, type Planes } from "../../src/index";
import { contestants } from "../conformance/compare";

const DT = 0.05;
const STEPS = 60;
const T = DT * STEPS;

interface Case {
  readonly rate: string;
  readonly parameters?: NeuronSpec["parameters"];
  readonly from?: number;
  /** u at the time T. */
  readonly exact: number;
  /**
   * Allowed error of exponential Euler; of Euler ten times as much, where it is held against the solution at
   * all.
   */
  readonly error: number;
  readonly euler?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  "no rate": { rate: "0.1", exact: 0.1 * T, error: 1e-6 },
  "a leak of 0": { rate: "-g*u + 0.1", parameters: { g: 0 }, exact: 0.1 * T, error: 1e-6 },
  "a leak that two parameters cancel": {
    rate: "-(a - b)*u + 0.1*c",
    parameters: { a: 1, b: 1, c: { value: 1, mismatch: 1e-9 } },
    exact: 0.1 * T,
    error: 1e-6,
  },
  "a leak of 1e-12, with a spread": {
    rate: "-g*u + 0.1",
    parameters: { g: { value: 1e-12, mismatch: 0.05 } },
    exact: 0.1 * T,
    error: 1e-6,
  },
  "a leak of 1": { rate: "-u + 0.1", exact: 0.1 * -Math.expm1(-T), error: 1e-6 },
  "a leak of 1e12": { rate: "-1e12*u + 1e12*0.1", exact: 0.1, error: 1e-6, euler: false },
  "a leak of 1e12, with a spread": {
    rate: "-g*u + g*0.1",
    parameters: { g: { value: 1e12, mismatch: 0.05 } },
    exact: 0.1,
    error: 1e-6,
    euler: false,
  },
  "a negative leak": { rate: "u + 0.1", exact: 0.1 * Math.expm1(T), error: 3e-6 },
  "a negative leak, by a parameter, beyond a step": {
    rate: "-g*u + 0.1",
    parameters: { g: { value: -30, mismatch: 1e-9 } },
    from: 1e-30,
    exact: (0.1 / 30) * Math.expm1(30 * T),
    error: 1e35,
    euler: false,
  },
  "a leak in parts: none below 0.1": {
    rate: "-3*max(u - 0.1, 0) + 0.1",
    exact: 0.1 + (0.1 / 3) * -Math.expm1(-3 * (T - 1)),
    error: 2e-3,
  },
  "a leak that vanishes at rest": { rate: "-u^3 + 0.001", exact: 0.003, error: 1e-6 },
  "a cubic leak, on its way down": {
    rate: "-u^3",
    from: 2,
    exact: 1 / Math.sqrt(2 * T + 1 / 4),
    error: 2e-3,
  },
  "a root, whose slope is infinite at rest": { rate: "-sqrt(abs(u)) + 0.1", exact: 0.01, error: 1e-6 },
  "a root of u itself": { rate: "-sqrt(u) + 0.1", exact: 0.01, error: 1e-6 },
  "a cube root": { rate: "-sign(u)*abs(u)^(1/3) + 0.1", exact: 0.001, error: 2e-4 },
  "a diode": { rate: "1 - exp(u)", from: -1, exact: -Math.log(1 + (Math.E - 1) * Math.exp(-T)), error: 1e-3 },
  "a steep diode, where Euler's step is far too long": {
    rate: "200*(1 - exp(u))",
    from: 5,
    exact: 0,
    error: 1e-6,
    euler: false,
  },
  "two wells, pushed to one": {
    rate: "4*(u - u^3)",
    from: 0.05,
    exact: 0.05 / Math.sqrt(0.05 ** 2 + (1 - 0.05 ** 2) * Math.exp(-8 * T)),
    error: 1e-4,
  },
  "a slope that changes its sign": {
    rate: "sin(u)",
    from: 1,
    exact: 2 * Math.atan(Math.tan(0.5) * Math.exp(T)),
    error: 2e-3,
  },
};

async function end(
  engineName: string,
  solver: "euler" | "exponential-euler",
  { rate, parameters, from }: Case,
): Promise<{ u: number; kind: string; advice: string | undefined }> {
  const neuron: NeuronSpec = {
    kind: "neuron",
    name: "node",
    equations: `du/dt = ${rate} + I + I_nudge\nrho = u`,
    parameters,
  };
  const chip = layered([1, 1], { neuron, synapse: ideal(), initial: { distribution: "zero" } }).fabricate({
    seed: 1,
  });
  const engine = await createEngine(engineName);
  const start: Planes | undefined =
    from === undefined ? undefined : { output: { re: Float64Array.of(from) } };
  const { states, outcome } = await new Simulator(chip, engine, { dt: DT, solver }).phase({
    samples: 1,
    inputs: [0],
    steps: STEPS,
    from: start,
  });
  engine.dispose();
  return { u: states.output.re[0], kind: outcome.kind, advice: outcome.advice };
}

describe("exponential Euler on", async () =>
  describe.each(await contestants())("%s", (engine) => {
    // What is off is float32's at most, or the method's.
    const float32 = engine === "reference" ? 0 : 2e-6;

    it.each(Object.keys(CASES))("%s", async (name) => {
      const asked = CASES[name];
      const found = await end(engine, "exponential-euler", asked);
      expect(Math.abs(found.u - asked.exact)).toBeLessThan(
        asked.error + float32 * Math.abs(asked.exact) + float32,
      );
      expect(found).toMatchObject({ kind: name.includes("beyond a step") ? "diverged" : "fixed" });
      if (asked.euler !== false)
        expect(Math.abs((await end(engine, "euler", asked)).u - asked.exact)).toBeLessThan(
          0.02 + 10 * asked.error + 0.1 * Math.abs(asked.exact),
        );
    });
  }));

describe("exponential Euler", () => {
  it("is of second order in a unit by itself, whatever its equation", async () => {
    const exact = 1 / Math.sqrt(2 + 1 / 4);
    const errorAt = async (dt: number): Promise<number> => {
      const chip = layered([1, 1], {
        neuron: { kind: "neuron", name: "cubic", equations: "du/dt = -u^3 + I + I_nudge\nrho = u" },
        synapse: ideal(),
        initial: { distribution: "zero" },
      }).fabricate();
      const { states } = await new Simulator(chip, await createEngine("reference"), { dt }).phase({
        samples: 1,
        inputs: [0],
        steps: Math.round(1 / dt),
        from: { output: { re: Float64Array.of(2) } },
      });
      return Math.abs(states.output.re[0] - exact);
    };
    const [coarse, fine] = [await errorAt(1 / 64), await errorAt(1 / 128)];
    expect(coarse / fine).toBeGreaterThan(3.6);
    expect(coarse / fine).toBeLessThan(4.4);
  });

  it.each([
    ["0", 1],
    ["-u", (1 - Math.exp(-2)) / 2],
    ["u", (Math.exp(2) - 1) / 2],
  ])("leaves noise its exact variance after a time of 1: rate %s", async (rate, variance) => {
    const samples = 4000;
    const chip = layered([1, 5], {
      neuron: { kind: "neuron", name: "noisy", equations: `du/dt = ${rate} + I + I_nudge + xi\nrho = u` },
      synapse: ideal(),
      initial: { distribution: "zero" },
    }).fabricate();
    const { states } = await new Simulator(chip, await createEngine("simd"), { dt: 0.25, seed: 3 }).phase({
      samples,
      inputs: new Float64Array(samples),
      steps: 4,
    });
    const found = states.output.re.reduce((sum, u) => sum + u * u, 0) / states.output.re.length;
    // Three standard deviations of a variance from 20,000 draws.
    expect(Math.abs(found / variance - 1)).toBeLessThan(0.03);
  });

  it("says that the equations are to blame, not the step, where the field has no value", async () => {
    for (const engine of ["reference", "simd"]) {
      for (const rate of ["-u/abs(u) + 0.1", "-u*log(abs(u)) + 0.1"]) {
        const { kind, advice } = await end(engine, "exponential-euler", { rate, exact: 0, error: 0 });
        expect(kind).toBe("diverged");
        expect(advice).toMatch(/field of "output" is not finite where this phase begins/);
        expect(advice).not.toMatch(/step, or|smaller/);
      }
    }
  });

  it("blames the step where a finer one would do, and only then", async () => {
    const overshoot = await end("simd", "euler", { rate: "100 - u^5", exact: 0, error: 0 });
    expect(overshoot.kind).toBe("diverged");
    expect(overshoot.advice).toMatch(/step/);
    const blowsUp = await end("simd", "euler", { rate: "1 + u^2 + u^4", exact: 0, error: 0 });
    expect(blowsUp.kind).toBe("diverged");
    expect(blowsUp.advice).not.toMatch(/step/);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import type { Chip } from "../../src/circuit/chip-types";
import { stackChips } from "../../src/circuit/stack";
import { fixedPoints } from "../../src/dynamics/fixed-points";
import { Simulator, type SimulatorOptions } from "../../src/dynamics/simulator";
import { createEngine } from "../../src/engines/select";

/**
 * u = w tanh(v), v = w tanh(u) at rest: one fixed point for w < 1, three for w > 1, of which the middle one
 * is unstable.
 */
function pair(w: number): Chip {
  const chip = layered([1, 1, 1], {
    neuron: leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    bias: false,
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  chip.setWeights("input-l1", { weights: Float64Array.of(0), biases: null });
  chip.setWeights("l1-output", { weights: Float64Array.of(w), biases: null });
  return chip;
}
const survey = { inputs: [0], starts: 24, steps: 4000, tolerance: 1e-9, seed: 3 };

describe("fixed points", () => {
  it("are one where feedback is weak, two that mirror each other where it is strong", async () => {
    const engine = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.double({ min: 0.1, max: 0.8, noNaN: true }),
          fc.double({ min: 1.3, max: 3, noNaN: true }),
        ),
        async (w) => {
          const { points, unsettled } = await fixedPoints(
            new Simulator(pair(w), engine, { dt: 0.3 }),
            survey,
          );
          expect(unsettled).toEqual([]);
          // The unstable one at zero is where the start at rest stays.
          const stable = points.filter(({ states }) => Math.abs(states.output.re[0]) > 1e-6);
          expect(points.flatMap(({ starts }) => starts).sort((a, b) => a - b)).toEqual(
            Array.from({ length: 24 }, (_, k) => k),
          );
          expect(stable.length).toBe(w < 1 ? 0 : 2);
          for (const { states } of stable)
            expect(
              Math.abs(states.output.re[0] - w * Math.tanh(w * Math.tanh(states.output.re[0]))),
            ).toBeLessThan(1e-6);
          if (w > 1) expect(stable[0].states.output.re[0]).toBeCloseTo(-stable[1].states.output.re[0], 6);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });

  it("are among those of plain steps, whatever the shortcut", async () => {
    const engine = await createEngine("reference");
    const ends = async (options: SimulatorOptions): Promise<number[]> =>
      (await fixedPoints(new Simulator(pair(2), engine, { dt: 0.3, ...options }), survey)).points.map(
        ({ states }) => states.output.re[0],
      );
    const plain = await ends({});
    for (const options of [
      { order: "alternate" },
      { acceleration: "anderson" },
      { order: "alternate", acceleration: "anderson" },
    ] as const) {
      for (const end of await ends(options))
        expect(Math.min(...plain.map((other) => Math.abs(other - end)))).toBeLessThan(1e-6);
    }
  });

  it("name the starts that lead nowhere", async () => {
    const engine = await createEngine("reference");
    const { points, unsettled, outcome } = await fixedPoints(new Simulator(pair(2), engine, { dt: 0.3 }), {
      ...survey,
      steps: 8,
    });
    expect(outcome.kind).toBe("timedOut");
    // At rest is a fixed point by symmetry.
    expect(points.map(({ starts }) => starts)).toEqual([[0]]);
    expect(unsettled).toHaveLength(23);
  });

  it("survive starts that diverge", async () => {
    const engine = await createEngine("reference");
    // Explicit steps of a stiff chip run away from anywhere but rest.
    const { points, unsettled } = await fixedPoints(
      new Simulator(pair(0.5), engine, { solver: "euler", dt: 3 }),
      survey,
    );
    expect(points.map(({ starts }) => starts)).toEqual([[0]]);
    expect(unsettled).toHaveLength(23);
  });

  it("are those of one chip", async () => {
    const stack = new Simulator(stackChips([pair(0.5), pair(0.5)]), await createEngine("reference"), {
      dt: 0.3,
    });
    await expect(fixedPoints(stack, survey)).rejects.toMatchObject({ code: "CHIP-STACK" });
  });

  it.each([[{ starts: 0 }], [{ starts: 1.5 }], [{ starts: 1e9 }], [{ spread: 0 }], [{ apart: Number.NaN }]])(
    "refuse %j",
    async (wrong) => {
      const simulator = new Simulator(pair(0.5), await createEngine("reference"), { dt: 0.3 });
      await expect(fixedPoints(simulator, { ...survey, ...wrong })).rejects.toMatchObject({
        code: "DYN-STARTS",
      });
    },
  );
});

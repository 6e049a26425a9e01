/**
 * A nudged row has settled when it moves by little beside how far the nudge has moved it: what is learned
 * from is the difference.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, prototypical } from "../../devices";
import {
  centred,
  createEngine,
  exactAnswers,
  oneSided,
  Simulator,
  stackChips,
  type Chip,
  type Circuit,
  type Outcome,
  type SimulatorOptions,
} from "../../src/index";
import { fewer, LONG } from "../long";

const SLOW = 60_000;
const engines = Promise.all(["reference", "simd", "gpu:cpu"].map((name) => createEngine(name)));
const designOf = (sizes = [4, 6, 5, 3]): Circuit =>
  layered(sizes, {
    neuron: leakyIntegrator({ rho: "tanh" }),
    synapse: ideal(),
    initial: { distribution: "glorot", scale: 0.4 },
  });
const chipOf = (seed: number, sizes?: number[]): Chip => designOf(sizes).fabricate({ seed });
const SHORTCUTS: readonly SimulatorOptions[] = [
  {},
  { acceleration: "anderson" },
  { order: "alternate" },
  { order: "alternate", acceleration: "anderson" },
];
const batch = {
  samples: 2,
  inputs: Float64Array.of(0.1, 0.9, -0.4, 0.6, -0.2, 0.3, 0.8, -0.7),
  targets: Float64Array.of(0, 0, 1, 1, 0, 0),
};
const size = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x));

describe("a tolerance that the nudge barely exceeds", () => {
  it.runIf(LONG)(
    "gives estimates that are off by about as much, on every engine, however they settle",
    async () => {
      for (const seed of [1, 2]) {
        const chip = chipOf(seed);
        const [reference] = await engines;
        const { states } = await new Simulator(chip, reference, { dt: 0.2 }).phase({
          ...batch,
          steps: 3000,
          tolerance: 1e-13,
        });
        const exact = exactAnswers(chip, batch.samples, batch.inputs, states, batch.targets).dState;
        for (const engine of await engines) {
          for (const options of SHORTCUTS) {
            for (const make of [oneSided, centred]) {
              const estimate = await make({
                amplitude: 0.02,
                freeSteps: 2000,
                nudgedSteps: 2000,
                tolerance: 0.01,
              }).estimate(new Simulator(chip, engine, { dt: 0.2, ...options }), batch, { round: 0, seed: 0 });
              expect(estimate.outcomes[1].kind).toBe("settled");
              expect(estimate.outcomes[1].relativeResidual).toBeLessThanOrEqual(0.01 * 1.001);
            }
            // From a free state that is settled well: what is left is what the nudged phase leaves. It is a
            // share of the row's largest shift, that of the output: more beside the shift of the first layer.
            const nudged = await new Simulator(chip, engine, { dt: 0.2, ...options }).phase({
              ...batch,
              nudges: [{ re: 0.02, im: 0 }],
              from: states,
              steps: 2000,
              tolerance: 0.01,
            });
            for (const name of ["l1", "l2", "output"]) {
              const found = nudged.states[name].re.map((u, i) => (u - states[name].re[i]) / 0.02);
              expect(size(found.map((x, i) => x - exact[name][i])) / size(exact[name])).toBeLessThan(0.3);
            }
          }
        }
      }
    },
    SLOW,
  );

  it(
    "is met as the rows are, in random circuits, to the letter",
    async () => {
      const [reference, simd] = await engines;
      const recipe = fc.record({
        seed: fc.integer({ min: 1, max: 1000 }),
        sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 4 }),
        amplitude: fc.constantFrom(1e-2, 0.1, 0.5, 2),
        tolerance: fc.constantFrom(0.1, 1e-2, 1e-3),
        options: fc.constantFrom(...SHORTCUTS),
      });
      await fc.assert(
        fc.asyncProperty(recipe, async ({ seed, sizes, amplitude, tolerance, options }) => {
          const chip = chipOf(seed, sizes);
          const samples = 5;
          const inputs = Float64Array.from(
            { length: samples * sizes[0] },
            (_, i) => ((i * 7919 + seed) % 201) / 100 - 1.005,
          );
          const targets = Float64Array.from({ length: samples * (sizes.at(-1) as number) }, (_, i) => i % 2);
          const { states: from } = await new Simulator(chip, reference, { dt: 0.25 }).phase({
            samples,
            inputs,
            steps: 3000,
            tolerance: 1e-12,
          });
          const request = {
            samples,
            inputs,
            targets,
            from,
            nudges: [
              { re: amplitude, im: 0 },
              { re: 0, im: 0 },
            ],
            steps: 3000,
            tolerance,
          };
          const exact = await new Simulator(chip, reference, { dt: 0.25, ...options }).phase(request);
          const fast = await new Simulator(chip, simd, { dt: 0.25, ...options }).phase(request);
          expect(exact.outcome.kind).toBe("settled");
          expect(fast.outcome.kind).toBe("settled");
          if (options.acceleration === undefined)
            expect(Math.abs(fast.outcome.steps - exact.outcome.steps)).toBeLessThanOrEqual(2);
          for (const { states } of [exact, fast]) {
            const plain = await new Simulator(chip, reference, { dt: 0.25 }).phase({
              ...request,
              from: states,
              steps: 1,
              tolerance: undefined,
            });
            const each = (row: number, of: (name: string, i: number) => number): number =>
              Math.max(
                ...Object.keys(states).flatMap((name) => {
                  const width = chip.circuit.population(name).size;
                  return Array.from({ length: width }, (_, j) => of(name, row * width + j));
                }),
              );
            for (let row = 0; row < samples; row++) {
              const shift = each(row, (name, i) => Math.abs(states[name].re[i] - from[name].re[i]));
              const residual =
                each(row, (name, i) => Math.abs(plain.states[name].re[i] - states[name].re[i])) / 0.25;
              expect(residual).toBeLessThanOrEqual(tolerance * Math.min(1, shift) * 1.001 + 1e-6);
            }
          }
        }),
        { numRuns: fewer(40), seed: 4 },
      );
    },
    SLOW,
  );

  it(
    "is met by each chip of a stack as by that chip alone, and by rows of several nudges",
    async () => {
      const design = designOf();
      const chips = [1, 2, 3].map((seed) => design.fabricate({ seed }));
      const nudges = [
        { re: 0.02, im: 0 },
        { re: -0.3, im: 0 },
      ];
      for (const engine of await engines) {
        const all = {
          samples: 6,
          inputs: [...batch.inputs, ...batch.inputs, ...batch.inputs],
          targets: [...batch.targets, ...batch.targets, ...batch.targets],
        };
        const stack = new Simulator(stackChips(chips), engine, { dt: 0.2 });
        const free = await stack.phase({ ...all, steps: 1000, tolerance: 1e-5 });
        const { outcome } = await stack.phase({
          ...all,
          nudges,
          from: free.states,
          steps: 1000,
          tolerance: 0.01,
        });
        for (const [c, chip] of chips.entries()) {
          const alone = new Simulator(chip, engine, { dt: 0.2 });
          const own = await alone.phase({
            ...batch,
            nudges,
            from: (await alone.phase({ ...batch, steps: 1000, tolerance: 1e-5 })).states,
            steps: 1000,
            tolerance: 0.01,
          });
          expect(outcome.byChip?.[c]).toEqual(own.outcome);
        }
      }
    },
    SLOW,
  );

  it("is met by the adaptive solver too", async () => {
    const [reference] = await engines;
    const simulator = new Simulator(chipOf(1), reference, { dt: 0.2, solver: "dormand-prince" });
    const free = await simulator.phase({ ...batch, steps: 1000, tolerance: 1e-6 });
    const { outcome } = await simulator.phase({
      ...batch,
      nudges: [{ re: 0.02, im: 0 }],
      from: free.states,
      steps: 1000,
      tolerance: 0.01,
    });
    expect(outcome.kind).toBe("settled");
    expect(outcome.relativeResidual).toBeLessThanOrEqual(0.01);
  });
});

describe("a nudge too small for the engine's numbers", () => {
  it("ends with its steps, and an advice that names them", async () => {
    for (const engine of await engines) {
      const single = engine.info.precision === "float32";
      for (const options of [{}, { acceleration: "anderson" }] as const) {
        const simulator = new Simulator(chipOf(1), engine, { dt: 0.2, ...options });
        const free = await simulator.phase({ ...batch, steps: 2000, tolerance: single ? 1e-5 : 1e-12 });
        // Of a nudge that float32 does not notice at all nothing is told: it moves no row.
        const { outcome } = await simulator.phase({
          ...batch,
          nudges: [{ re: single ? 1e-5 : 1e-13, im: 0 }],
          from: free.states,
          steps: 300,
          tolerance: 1e-3,
        });
        if (outcome.kind === "settled") continue;
        expect(outcome.kind).toBe("timedOut");
        expect(outcome.steps).toBe(300);
        expect(outcome.advice).toMatch(single ? /float32.*"reference"/ : /float64.*amplitude/);
      }
    }
  });

  it("is settled where the output is at its target already", async () => {
    const chip = layered([3, 4, 2], {
      neuron: prototypical({ rho: "tanh" }),
      synapse: ideal(),
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 3 });
    const [reference] = await engines;
    const simulator = new Simulator(chip, reference);
    const free = await simulator.phase({
      samples: 1,
      inputs: [0.1, 0.2, 0.3],
      steps: 3000,
      tolerance: Number.MIN_VALUE,
    });
    const ended: Outcome = (
      await simulator.phase({
        samples: 1,
        inputs: [0.1, 0.2, 0.3],
        targets: free.states.output.re,
        nudges: [{ re: 0.5, im: 0 }],
        from: free.states,
        steps: 50,
        tolerance: 1e-3,
      })
    ).outcome;
    expect(ended).toMatchObject({ kind: "settled", residual: 0, relativeResidual: 0 });
  });
});

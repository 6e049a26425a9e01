/**
 * Settled means settled: counted in the circuit's own time, not before a signal could cross it, and alike on
 * every engine.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, loop } from "../../circuits";
import { ideal, prototypical, shiftedSigmoid } from "../../devices";
import {
  createEngine,
  Simulator,
  stackChips,
  type Chip,
  type Engine,
  type NeuronSpec,
  type Outcome,
  type PhaseRequest,
  type SimulatorOptions,
  type SolverName,
} from "../../src/index";
import { fewer } from "../long";
import { LONG } from "../long";

const SLOW = 60_000;
const engines = Promise.all(["reference", "simd", "gpu:cpu"].map((name) => createEngine(name)));
const kindOf = (outcome: Outcome): string => outcome.kind;

/** A neuron of this time constant. */
const slow = (tau: number, rho = "tanh(u)"): NeuronSpec => ({
  kind: "neuron",
  name: "slow",
  equations: `du/dt = (I - u)/tau + I_nudge/tau\nrho = ${rho}`,
  parameters: { tau },
});
const inputs = [0.9, -0.4, 0.7];

describe("a residual", () => {
  it.each(LONG ? [0.001, 1, 1000, 1e6] : [0.001, 1000])(
    "is counted in time constants: tau %d, a tenth of it a step",
    async (tau) => {
      const chip = layered([3, 4, 2], {
        neuron: slow(tau),
        synapse: ideal(),
        initial: { distribution: "glorot", scale: 0.5 },
      }).fabricate({ seed: 1 });
      for (const engine of await engines) {
        for (const solver of ["exponential-euler", "euler", "heun", "rk4"] as const) {
          const simulator = new Simulator(chip, engine, { solver, dt: tau / 10 });
          const { outcome, states } = await simulator.phase({
            samples: 1,
            inputs,
            steps: 2000,
            tolerance: 1e-3,
          });
          const end = await simulator.phase({ samples: 1, inputs, steps: 1000, from: states });
          expect(kindOf(outcome)).toBe("settled");
          const off = Math.max(
            ...Object.keys(states).flatMap((name) =>
              [...states[name].re].map((u, i) => Math.abs(u - end.states[name].re[i])),
            ),
          );
          expect(off).toBeLessThan(3e-3);
          // Time is nothing but its unit: the steps are those of a circuit whose time constant is 1.
          const same = layered([3, 4, 2], {
            neuron: slow(1),
            synapse: ideal(),
            initial: { distribution: "glorot", scale: 0.5 },
          }).fabricate({ seed: 1 });
          const { outcome: own } = await new Simulator(same, engine, { solver, dt: 0.1 }).phase({
            samples: 1,
            inputs,
            steps: 2000,
            tolerance: 1e-3,
          });
          expect(outcome.steps).toBe(own.steps);
          expect(outcome.residual / own.residual).toBeCloseTo(1, engine.info.precision === "float64" ? 6 : 1);
        }
      }
      const [reference] = await engines;
      const adaptive = await new Simulator(chip, reference, { solver: "dormand-prince", dt: tau / 10 }).phase(
        { samples: 1, inputs, steps: 2000, tolerance: 1e-3 },
      );
      expect(kindOf(adaptive.outcome)).toBe("settled");
      expect(adaptive.outcome.steps).toBeGreaterThan(40);
    },
    SLOW,
  );

  it(
    "is that of the slowest unit, fabricated as it was, in every chip of a stack as in that chip alone",
    async () => {
      const design = layered([3, 4, 2], {
        neuron: {
          ...slow(1),
          parameters: { tau: { value: 100, mismatch: 0.6, distribution: "lognormal" } },
        } as NeuronSpec,
        synapse: ideal(),
      });
      const chips = [1, 2, 3].map((seed) => design.fabricate({ seed }));
      const request = (samples: number): PhaseRequest => ({
        samples,
        inputs: Array.from({ length: samples }, () => inputs).flat(),
        steps: 4000,
        tolerance: 1e-4,
      });
      for (const engine of await engines) {
        const stacked = (await new Simulator(stackChips(chips), engine, { dt: 10 }).phase(request(3))).outcome
          .byChip as Outcome[];
        for (const [k, chip] of chips.entries()) {
          const alone = (await new Simulator(chip, engine, { dt: 10 }).phase(request(1))).outcome;
          expect(kindOf(alone)).toBe("settled");
          expect(stacked[k]).toMatchObject({ kind: "settled", steps: alone.steps, residual: alone.residual });
        }
      }
    },
    SLOW,
  );

  it.each([0, 0.5, 0.9, 0.99])(
    "tells the distance left, which is larger the higher the loop gain: %d",
    async (gain) => {
      const chip = layered([1, 1, 1], { neuron: slow(1, "u"), synapse: ideal() }).fabricate();
      for (const [name, weight] of [
        ["input-l1", 1 - gain * gain],
        ["l1-output", gain],
        ["output-l1", gain],
      ] as const)
        chip.setWeights(name, {
          weights: Float64Array.of(weight),
          biases: chip.weights(name).biases === null ? null : Float64Array.of(0),
        });
      for (const engine of await engines) {
        const { outcome, states } = await new Simulator(chip, engine, { solver: "euler", dt: 0.2 }).phase({
          samples: 1,
          inputs: [1],
          steps: 20_000,
          tolerance: 3e-4,
        });
        const off = Math.abs(states.l1.re[0] - 1);
        expect(outcome.kind).toBe("settled");
        expect((outcome.distance as number) / off).toBeGreaterThan(0.7);
        expect((outcome.distance as number) / off).toBeLessThan(1.5);
        expect(outcome.distance).toBeGreaterThan((0.7 * outcome.residual) / (1 - gain));
      }
    },
  );

  it("falls below no tolerance in a long step by being divided by it", async () => {
    // Exponential Euler takes steps of a hundred time constants; each goes all the way.
    const chip = layered([3, 4, 2], {
      neuron: slow(1),
      synapse: ideal(),
      initial: { distribution: "glorot", scale: 0.5 },
    }).fabricate({ seed: 1 });
    const [reference] = await engines;
    const { outcome, states } = await new Simulator(chip, reference, { dt: 1000 }).phase({
      samples: 1,
      inputs,
      steps: 2,
      tolerance: 1e-2,
    });
    const after = await new Simulator(chip, reference, { dt: 1000 }).phase({
      samples: 1,
      inputs,
      steps: 1,
      from: states,
    });
    const moved = Math.max(
      ...Object.keys(states).flatMap((name) =>
        [...states[name].re].map((u, i) => Math.abs(u - after.states[name].re[i])),
      ),
    );
    expect(outcome.residual).toBeGreaterThan(0.99 * moved);
  });
});

describe("a signal", () => {
  const silent = prototypical({ rho: "tanh" });
  const chain = (sizes: readonly number[], scale = 0.5): Chip =>
    layered([...sizes], {
      neuron: silent,
      synapse: ideal(),
      initial: { distribution: "glorot", scale },
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 2 });

  it("crosses one population a step of a map, and one a time constant where time is continuous", async () => {
    const [reference] = await engines;
    expect(new Simulator(chain([3, 4, 4, 4, 2]), reference).shortestPhase).toBe(4);
    expect(
      new Simulator(chain([3, 4, 4, 4, 2]), reference, { order: "alternate" }).shortestPhase,
    ).toBeLessThanOrEqual(3);
    const continuous = (tau: number, dt: number): number =>
      new Simulator(layered([3, 4, 4, 2], { neuron: slow(tau), synapse: ideal() }).fabricate(), reference, {
        dt,
      }).shortestPhase;
    expect(continuous(1, 0.2)).toBe(15);
    expect(continuous(1000, 100)).toBe(30);
    expect(continuous(1, 5)).toBe(3);
    // Around a ring, whichever way is longer.
    expect(
      new Simulator(
        loop([3, 3, 3, 3, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate(),
        reference,
      ).shortestPhase,
    ).toBe(4);
  });

  it("has crossed the circuit before anything is settled, free or nudged, however it gets there", async () => {
    // Weights so small that no residual ever exceeds the tolerance: only the clock holds it back.
    const chip = chain([3, 4, 4, 4, 2], 1e-6);
    const shortcuts: SimulatorOptions[] = [
      {},
      { acceleration: "anderson" },
      { order: "alternate" },
      { order: "alternate", acceleration: "anderson" },
    ];
    for (const engine of await engines) {
      for (const options of shortcuts) {
        const simulator = new Simulator(chip, engine, options);
        const free = await simulator.phase({ samples: 1, inputs, steps: 100, tolerance: 0.1 });
        expect(kindOf(free.outcome)).toBe("settled");
        expect(free.outcome.steps).toBeGreaterThanOrEqual(options.order === "alternate" ? 2 : 4);
        const nudged = await simulator.phase({
          samples: 1,
          inputs,
          targets: [1, 0],
          nudges: [{ re: 1e-3, im: 0 }],
          from: free.states,
          steps: 100,
          tolerance: 0.1,
        });
        expect(nudged.outcome.steps).toBeGreaterThanOrEqual(options.order === "alternate" ? 3 : 4);
        const short = await simulator.phase({ samples: 1, inputs, steps: 1, tolerance: 0.1 });
        expect(short.outcome).toMatchObject({ kind: "timedOut", rows: [0], steps: 1 });
        expect(short.outcome.advice).toMatch(/cross/);
      }
    }
  });

  it("is waited for by the adaptive solver and by noisy means too", async () => {
    const [reference] = await engines;
    const quiet = layered([3, 4, 4, 2], {
      neuron: slow(1),
      synapse: ideal(),
      initial: { distribution: "glorot", scale: 1e-6 },
    }).fabricate();
    const adaptive = await new Simulator(quiet, reference, { solver: "dormand-prince", dt: 0.2 }).phase({
      samples: 1,
      inputs: [0, 0, 0],
      steps: 200,
      tolerance: 0.1,
    });
    expect(adaptive.outcome.steps).toBeGreaterThanOrEqual(15);
    const noisy = layered([3, 4, 4, 2], {
      neuron: { ...slow(50), equations: "du/dt = (I - u)/tau + I_nudge + 1e-6*xi\nrho = tanh(u)" },
      synapse: ideal(),
    }).fabricate();
    const phase = await new Simulator(noisy, reference, { dt: 1 }).phase({
      samples: 1,
      inputs: [0, 0, 0],
      steps: 2000,
      tolerance: 0.1,
    });
    expect(phase.outcome.steps).toBeGreaterThanOrEqual(150);
  });
});

/** Random circuits, of maps and of continuous neurons of any time constant. */
const circuits = fc.record({
  seed: fc.integer({ min: 1, max: 10_000 }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 5 }),
  tau: fc.constantFrom(null, 0.01, 1, 1000),
  pace: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  scale: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  angle: fc.constantFrom(0, 40),
  samples: fc.integer({ min: 1, max: 9 }),
  order: fc.constantFrom<"synchronous" | "alternate">("synchronous", "alternate"),
  acceleration: fc.constantFrom<"none" | "anderson">("none", "anderson"),
  solver: fc.constantFrom<SolverName>("euler", "exponential-euler"),
});

type Recipe = typeof circuits extends fc.Arbitrary<infer T> ? T : never;

async function phaseOn(
  engine: Engine,
  { seed, sizes, tau, pace, scale, angle, samples, order, acceleration, solver }: Recipe,
) {
  const neuron = tau === null ? prototypical({ rho: "tanh" }) : slow(tau);
  const chip = layered(sizes, {
    neuron,
    synapse: ideal(),
    feedback: { angle },
    initial: { distribution: "glorot", scale },
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate({ seed });
  const simulator = new Simulator(chip, engine, {
    order,
    acceleration,
    ...(tau === null ? {} : { solver, dt: tau * pace }),
  });
  const values = Float64Array.from(
    { length: samples * sizes[0] },
    (_, i) => ((i * 7919 + seed) % 200) / 100 - 1,
  );
  return simulator.phase({ samples, inputs: values, steps: 1500, tolerance: 3.3e-4 });
}

describe("every engine", () => {
  it(
    "settles row by row, in the same steps and at the same states, however rows stand beside each other",
    async () => {
      const [reference, simd, gpu] = await engines;
      await fc.assert(
        fc.asyncProperty(circuits, async (recipe) => {
          const exact = await phaseOn(reference, recipe);
          const fast = await phaseOn(simd, recipe);
          expect(kindOf(fast.outcome)).toBe(kindOf(exact.outcome));
          // A residual within rounding of the tolerance may be on either side of it. Mixes of nearly parallel
          // steps are another matter: float32 tells them apart less well, and takes more.
          if (recipe.acceleration === "none")
            expect(Math.abs(fast.outcome.steps - exact.outcome.steps)).toBeLessThanOrEqual(1);
          const chunks = await phaseOn(gpu, recipe);
          expect(kindOf(chunks.outcome)).toBe(kindOf(exact.outcome));
          expect(chunks.outcome.judgedEvery).toBe(recipe.acceleration === "none" ? 20 : 1);
          for (const name of Object.keys(exact.states)) {
            exact.states[name].re.forEach((u, i) => {
              expect(Math.abs(fast.states[name].re[i] - u)).toBeLessThan(
                recipe.acceleration === "none" && fast.outcome.steps === exact.outcome.steps ? 2e-5 : 2e-2,
              );
              expect(Math.abs(chunks.states[name].re[i] - u)).toBeLessThan(2e-2);
            });
          }
        }),
        { numRuns: fewer(40), seed: 3 },
      );
    },
    SLOW,
  );

  it(
    "freezes a row when it is settled: together it ends where it ends alone",
    async () => {
      const chip = layered([3, 6, 5, 2], {
        neuron: slow(1000),
        synapse: ideal(),
        initial: { distribution: "glorot", scale: 0.4 },
      }).fabricate({ seed: 4 });
      const all = [
        [0.01, 0, 0],
        [0.9, -0.8, 0.7],
        [0, 0, 0],
        [0.3, 0.3, -0.2],
        [-1, 1, -1],
      ];
      for (const engine of await engines) {
        for (const options of [
          {},
          { acceleration: "anderson" },
          { order: "alternate" },
          { order: "alternate", acceleration: "anderson" },
        ] as const) {
          const simulator = new Simulator(chip, engine, { dt: 100, ...options });
          const together = await simulator.phase({
            samples: 5,
            inputs: all.flat(),
            steps: 2000,
            tolerance: 1e-3,
          });
          for (const [row, own] of all.entries()) {
            const alone = await simulator.phase({ samples: 1, inputs: own, steps: 2000, tolerance: 1e-3 });
            expect(kindOf(alone.outcome)).toBe("settled");
            for (const [name, { re }] of Object.entries(together.states))
              expect(
                re.slice(row * alone.states[name].re.length, (row + 1) * alone.states[name].re.length),
              ).toEqual(alone.states[name].re);
          }
        }
      }
    },
    SLOW,
  );

  it("says diverged of a row that is lost, and lets the others settle", async () => {
    const chip = layered([1, 1], {
      neuron: { kind: "neuron", name: "edge", equations: "du/dt = -u + u^3 + I + I_nudge\nrho = u" },
      synapse: ideal(),
    }).fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
    for (const engine of await engines) {
      for (const acceleration of ["none", "anderson"] as const) {
        const { outcome, states } = await new Simulator(chip, engine, {
          solver: "euler",
          dt: 0.1,
          acceleration,
        }).phase({ samples: 3, inputs: [0.1, 3, -0.2], steps: 100_000, tolerance: 1e-4 });
        expect(outcome).toMatchObject({ kind: "diverged", rows: [1] });
        expect(outcome.steps).toBeLessThan(400);
        expect(states.output.re[0] - states.output.re[0] ** 3).toBeCloseTo(0.1, 3);
        expect(states.output.re[2] - states.output.re[2] ** 3).toBeCloseTo(-0.2, 3);
      }
    }
  });
});

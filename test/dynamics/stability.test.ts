/**
 * Points that shortcuts lead to and the circuit would leave are called unstable, those where it stays are
 * not.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import {
  createEngine,
  defineCircuit,
  fixedPoints,
  jacobian,
  linearise,
  Simulator,
  type Chip,
  type NeuronSpec,
  type Outcome,
  type SimulatorOptions,
} from "../../src/index";
import { spectralRadius } from "../../src/learning/references/linear";
import { pairOf } from "./pair";
import { LONG } from "../long";

const SLOW = 60_000;
const engines = Promise.all(["reference", "simd", "gpu:cpu"].map((name) => createEngine(name)));
const SHORTCUTS: readonly SimulatorOptions[] = [
  { order: "alternate" },
  { acceleration: "anderson" },
  { order: "alternate", acceleration: "anderson" },
];

/** Two units: x hears a times y, y hears b times x; the input drives x. */
const pair = (a: number, b: number, equations = "du/dt = -u + I + I_nudge\nrho = tanh(u)"): Chip =>
  pairOf(equations, { in: 1, yx: a, xy: b });

const from = { x: { re: Float64Array.of(0.01) }, output: { re: Float64Array.of(-0.02) } };
const phase = async (
  chip: Chip,
  engine: Awaited<typeof engines>[number],
  options: SimulatorOptions,
  more = {},
): Promise<Outcome> =>
  (
    await new Simulator(chip, engine, { solver: "euler", dt: 0.5, ...options }).phase({
      samples: 1,
      inputs: [0],
      from,
      steps: 4000,
      tolerance: 1e-5,
      ...more,
    })
  ).outcome;

describe("a limit cycle", () => {
  it("turns around a point that shortcuts settle at", async () => {
    const turning = pair(2.2, -2.2);
    for (const engine of await engines) {
      expect((await phase(turning, engine, {})).kind).toBe("timedOut");
      for (const options of SHORTCUTS) {
        const outcome = await phase(turning, engine, options);
        expect(outcome).toMatchObject({ kind: "unstable", rows: [0] });
        // Two units by themselves spiral in: it is the step of Euler's method that leads around.
        expect(outcome.advice).toMatch(/steps of this length.*set dt: 0.13$/);
        // Nobody looked.
        expect((await phase(turning, engine, options, { check: false })).kind).toBe("settled");
      }
    }
  });

  it("is none where feedback is weaker", async () => {
    for (const engine of await engines)
      for (const options of SHORTCUTS)
        expect((await phase(pair(1.2, -1.2), engine, options)).kind).toBe("settled");
  });
});

describe("a ring of three", () => {
  const ring = (gain: number): Chip => {
    const neuron: NeuronSpec = {
      kind: "neuron",
      name: "node",
      equations: "du/dt = -u + I + I_nudge\nrho = tanh(u)",
    };
    const chip = defineCircuit({
      name: "ring",
      input: "input",
      output: "c",
      cost: { kind: "squared-error", argument: "state" },
      populations: [
        { name: "input", size: 1 },
        ...["a", "b", "c"].map((name) => ({ name, size: 1, neuron })),
      ],
      projections: [
        ["in", "input", "a"],
        ["ab", "a", "b"],
        ["bc", "b", "c"],
        ["ca", "c", "a"],
      ].map(([name, from, to]) => ({
        name,
        from,
        to,
        synapse: ideal(),
        initial: { distribution: "zero" as const },
      })),
    }).fabricate();
    for (const name of ["ab", "bc", "ca"])
      chip.setWeights(name, { weights: Float64Array.of(gain), biases: null });
    return chip;
  };
  const ended = async (
    gain: number,
    engine: Awaited<typeof engines>[number],
    options: SimulatorOptions,
  ): Promise<Outcome> => {
    const start = {
      a: { re: Float64Array.of(0.5) },
      b: { re: Float64Array.of(-0.2) },
      c: { re: Float64Array.of(0.1) },
    };
    return (
      await new Simulator(ring(gain), engine, { acceleration: "anderson", ...options }).phase({
        samples: 1,
        inputs: [0],
        from: start,
        steps: 5000,
        tolerance: 1e-6,
      })
    ).outcome;
  };

  it.runIf(LONG)(
    "oscillates by itself from a gain of 2 on, and before that in steps that are too long: the advice tells which",
    async () => {
      for (const engine of await engines) {
        const own = await ended(-2.3, engine, { dt: 0.02 });
        expect(own.kind).toBe("unstable");
        expect(own.advice).toMatch(/would leave this point by itself/);
        for (const options of [{ dt: 0.1 }, { dt: 0.1, solver: "euler" }, { dt: 0.3 }] as const) {
          const coarse = await ended(-1.9, engine, options);
          expect(coarse.kind).toBe("unstable");
          const [, typed] = /set dt: ([\d.]+)$/.exec(coarse.advice ?? "") ?? [];
          expect((await ended(-1.9, engine, { ...options, dt: Number(typed) })).kind).toBe("settled");
        }
      }
    },
  );
});

describe("a saddle", () => {
  it("is no end of a shortcut, in continuous time and for maps", async () => {
    const map = "u <- tanh(I + I_nudge)\nrho = u";
    for (const engine of await engines) {
      for (const options of SHORTCUTS) {
        const start = { from: { x: { re: Float64Array.of(0) }, output: { re: Float64Array.of(0) } } };
        expect((await phase(pair(2, 2), engine, options, start)).kind).toBe("unstable");
        expect(
          (
            await new Simulator(pair(1.5, 1.5, map), engine, options).phase({
              samples: 1,
              inputs: [0],
              steps: 400,
              tolerance: 1e-6,
            })
          ).outcome.kind,
        ).toBe("unstable");
        // The two points to either side are stable.
        for (const side of [2, -2])
          expect(
            (
              await phase(pair(2, 2), engine, options, {
                from: { x: { re: Float64Array.of(side) }, output: { re: Float64Array.of(side) } },
              })
            ).kind,
          ).toBe("settled");
      }
    }
  });

  it("is not among the fixed points that a survey by shortcuts finds", async () => {
    const [reference] = await engines;
    for (const options of SHORTCUTS) {
      const { points, unsettled, outcome } = await fixedPoints(
        new Simulator(pair(2, 2), reference, { solver: "euler", dt: 0.5, ...options }),
        { inputs: [0], starts: 30, steps: 2000, tolerance: 1e-8 },
      );
      expect(points.map(({ states }) => Math.sign(states.output.re[0])).sort()).toEqual([-1, 1]);
      for (const { states } of points) expect(Math.abs(states.output.re[0])).toBeGreaterThan(1);
      // At rest is the saddle.
      expect(unsettled).toContain(0);
      expect(outcome.kind).toBe("unstable");
    }
  });

  it("is named by its rows, and leaves states and other rows as they were", async () => {
    for (const engine of await engines) {
      for (const options of SHORTCUTS) {
        const simulator = new Simulator(pair(2, 2), engine, { solver: "euler", dt: 0.5, ...options });
        const starts = { x: { re: Float64Array.of(2, 0, -2) }, output: { re: Float64Array.of(2, 0, -2) } };
        const request = { samples: 3, inputs: [0, 0, 0], from: starts, steps: 4000, tolerance: 1e-5 };
        const looked = await simulator.phase(request);
        expect(looked.outcome).toMatchObject({ kind: "unstable", rows: [1] });
        expect(looked.ends).toEqual(["settled", "unstable", "settled"]);
        expect(looked.states).toEqual((await simulator.phase({ ...request, check: false })).states);
      }
    }
  });
});

describe("stability", () => {
  it(
    "is that of the plain step's Jacobian, in random circuits of strong feedback",
    async () => {
      const [reference, simd] = await engines;
      let [stable, unstable] = [0, 0];
      const recipe = fc.record({
        seed: fc.integer({ min: 1, max: 1000 }),
        scale: fc.double({ min: 0.5, max: 4, noNaN: true }),
        angle: fc.constantFrom(0, 60, 120, 180),
        dt: fc.constantFrom(0.1, 0.5, 1),
        options: fc.constantFrom(...SHORTCUTS),
        onSimd: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(recipe, async ({ seed, scale, angle, dt, options, onSimd }) => {
          const chip = layered([3, 6, 5, 4], {
            neuron: leakyIntegrator({ rho: "tanh" }),
            synapse: ideal(),
            feedback: { angle },
            initial: { distribution: "glorot", scale },
          }).fabricate({ seed });
          const inputs = [0.3, -0.7, 0.9];
          const { outcome, states } = await new Simulator(chip, onSimd ? simd : reference, {
            ...options,
            solver: "euler",
            dt,
          }).phase({ samples: 1, inputs, steps: 3000, tolerance: 1e-4 });
          if (outcome.kind !== "settled" && outcome.kind !== "unstable") return;
          const { matrix, n } = jacobian(linearise(chip, 1, inputs, states), 0);
          const radius = spectralRadius(
            matrix.map((j, i) => dt * j + (i % (n + 1) === 0 ? 1 : 0)),
            n,
          );
          if (outcome.kind === "settled") expect(radius).toBeLessThan(1.01);
          else expect(radius).toBeGreaterThan(1 - 1e-3);
          if (outcome.kind === "settled") stable++;
          else unstable++;
        }),
        { numRuns: 60, seed: 5 },
      );
      expect(stable).toBeGreaterThan(12);
      expect(unstable).toBeGreaterThan(6);
    },
    SLOW,
  );
});

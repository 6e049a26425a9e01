/** Maps beside continuous neurons: a map takes a step of its own in every time step of the others. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ideal } from "../../devices";
import {
  backpropagationThroughTime,
  chooseStep,
  createEngine,
  defineCircuit,
  exactAnswers,
  holomorphic,
  Simulator,
  type Chip,
  type EngineName,
  type SimulatorOptions,
  type SolverName,
} from "../../src/index";
import { fewer } from "../long";

const MAP = {
  kind: "neuron",
  name: "map",
  equations: "u <- 0.3*u + sigma(I) + I_nudge\nsigma(u) = tanh(u)\nrho = u",
} as const;
const FLOW = { kind: "neuron", name: "flow", equations: "du/dt = -u + I + I_nudge\nrho = tanh(u)" } as const;

/** Ends of a projection. */
type Arrow = readonly [from: string, to: string];
const SIZES: Readonly<Record<string, number>> = { input: 3, m1: 4, m2: 2, c1: 3, c2: 2 };
const MAPS: readonly Arrow[] = [
  ["input", "m1"],
  ["m1", "m2"],
  ["m2", "m1"],
];
const FLOWS: readonly Arrow[] = [
  ["input", "c1"],
  ["c1", "c2"],
  ["c2", "c1"],
];
const ACROSS: readonly Arrow[] = [
  ["m1", "c1"],
  ["c1", "m1"],
  ["c2", "m2"],
  ["m2", "c2"],
];

/** The same weights for an arrow in every circuit. */
function weightOf([from, to]: Arrow, seed: number, k: number): number {
  const name = `${from}-${to}`;
  let hash = seed;
  for (const letter of `${name} ${k}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x9e3779b1) >>> 0;
  return ((hash >>> 8) / 2 ** 24 - 0.5) * 1.2;
}

function chipOf(arrows: readonly Arrow[], output: string, seed: number): Chip {
  const names = Object.keys(SIZES).filter((name) => arrows.some((arrow) => arrow.includes(name)));
  const chip = defineCircuit({
    name: "both",
    populations: names.map((name) => ({
      name,
      size: SIZES[name],
      ...(name !== "input" && { neuron: name.startsWith("m") ? MAP : FLOW }),
    })),
    projections: arrows.map(([from, to]) => ({
      name: `${from}-${to}`,
      from,
      to,
      synapse: ideal(),
      initial: { distribution: "zero" as const },
    })),
    input: "input",
    output,
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  for (const arrow of arrows) {
    const [from, to] = arrow;
    chip.setWeights(`${from}-${to}`, {
      weights: Float64Array.from({ length: SIZES[from] * SIZES[to] }, (_, k) => weightOf(arrow, seed, k)),
      biases: null,
    });
  }
  return chip;
}

const INPUTS = [0.4, -0.8, 0.6, -0.1, 0.9, 0.2];
const BATCH = {
  samples: 2,
  inputs: Float64Array.from(INPUTS),
  targets: Float64Array.of(0.5, -0.5, 0.2, 0.1),
};
const SOLVERS: readonly SolverName[] = ["euler", "exponential-euler", "heun", "rk4"];
const ENGINES: readonly EngineName[] = ["reference", "simd", "gpu:cpu"];

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  solver: fc.constantFrom(...SOLVERS),
  engine: fc.constantFrom(...ENGINES),
  output: fc.constantFrom("m2", "c2"),
  beta: fc.constantFrom(0, 0.3),
  dt: fc.constantFrom(0.1, 0.3),
});

/** A step of the circuit with all arrows, written out: [sample] of states by population. */
function stepped(
  states: Readonly<Record<string, number[]>>,
  inputs: readonly number[],
  {
    seed,
    solver,
    output,
    beta,
    dt,
  }: { seed: number; solver: SolverName; output: string; beta: number; dt: number },
  targets: Float64Array,
): Record<string, number[]> {
  const shows = (name: string, u: readonly number[]): readonly number[] =>
    name.startsWith("c") ? u.map(Math.tanh) : u;
  const drive = (name: string, at: Readonly<Record<string, readonly number[]>>, j: number): number =>
    [...MAPS, ...FLOWS, ...ACROSS]
      .filter(([, to]) => to === name)
      .reduce((sum, arrow) => {
        const seen = arrow[0] === "input" ? inputs : shows(arrow[0], at[arrow[0]]);
        return sum + seen.reduce((s, x, i) => s + x * weightOf(arrow, seed, i * SIZES[name] + j), 0);
      }, 0);
  const nudge = (name: string, u: number, j: number): number =>
    name === output ? beta * (targets[j] - u) : 0;
  const slope = (at: Readonly<Record<string, readonly number[]>>): Record<string, number[]> =>
    Object.fromEntries(
      ["c1", "c2"].map((name) => [name, at[name].map((u, j) => -u + drive(name, at, j) + nudge(name, u, j))]),
    );
  const moved = (
    by: readonly [number, Readonly<Record<string, readonly number[]>>][],
  ): Record<string, readonly number[]> => ({
    ...states,
    ...Object.fromEntries(
      ["c1", "c2"].map((name) => [
        name,
        states[name].map((u, j) => by.reduce((sum, [share, k]) => sum + share * k[name][j], u)),
      ]),
    ),
  });
  const maps = Object.fromEntries(
    ["m1", "m2"].map((name) => [
      name,
      states[name].map((u, j) => 0.3 * u + Math.tanh(drive(name, states, j)) + nudge(name, u, j)),
    ]),
  );
  const k1 = slope(states);
  const flows = (): Readonly<Record<string, readonly number[]>> => {
    if (solver === "euler") return moved([[dt, k1]]);
    if (solver === "exponential-euler") return moved([[1 - Math.exp(-dt), k1]]);
    if (solver === "heun")
      return moved([
        [dt / 2, k1],
        [dt / 2, slope(moved([[dt, k1]]))],
      ]);
    const k2 = slope(moved([[dt / 2, k1]]));
    const k3 = slope(moved([[dt / 2, k2]]));
    const k4 = slope(moved([[dt, k3]]));
    return moved([
      [dt / 6, k1],
      [dt / 3, k2],
      [dt / 3, k3],
      [dt / 6, k4],
    ]);
  };
  return { ...(flows() as Record<string, number[]>), ...maps };
}

const simulate = async (chip: Chip, engine: EngineName, options: SimulatorOptions): Promise<Simulator> =>
  new Simulator(chip, await createEngine(engine), options);

describe("maps beside continuous neurons", () => {
  it("move as each part does alone where neither sees the other", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, solver, engine, output, beta, dt }) => {
        const both = await simulate(chipOf([...MAPS, ...FLOWS], output, seed), engine, { solver, dt });
        const maps = await simulate(chipOf(MAPS, "m2", seed), engine, {});
        const flows = await simulate(chipOf(FLOWS, "c2", seed), engine, { solver, dt });
        const nudged = (part: string) => ({
          ...BATCH,
          ...(output === part && beta > 0 ? { nudges: [{ re: beta, im: 0 }] } : {}),
        });
        for (const steps of [1, 5]) {
          const together = await both.phase({ ...nudged(output), steps });
          const alone = await Promise.all([
            maps.phase({ ...nudged("m2"), steps }),
            flows.phase({ ...nudged("c2"), steps }),
          ]);
          for (const { states, activities } of alone)
            for (const name of Object.keys(states)) {
              expect(together.states[name].re).toEqual(states[name].re);
              expect(together.activities[name].re).toEqual(activities[name].re);
            }
          const largest = Math.max(...alone.map(({ outcome }) => outcome.residual));
          expect(together.outcome.residual / largest).toBeCloseTo(1, 6);
        }
        const settling = { steps: 2000, tolerance: 1e-4 };
        const together = await both.phase({ ...nudged(output), ...settling });
        const alone = [
          await maps.phase({ ...nudged("m2"), ...settling }),
          await flows.phase({ ...nudged("c2"), ...settling }),
        ];
        if (alone.some(({ outcome }) => outcome.kind !== "settled")) return;
        expect(together.outcome.kind).toBe("settled");
        if (engine !== "gpu:cpu")
          expect(together.outcome.steps).toBe(Math.max(...alone.map((a) => a.outcome.steps)));
      }),
      { numRuns: fewer(12), seed: 5 },
    );
  });

  it("see each other's states before the step, as a direct loop has it", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const { seed, solver, engine, output, beta, dt } = one;
        const chip = chipOf([...MAPS, ...FLOWS, ...ACROSS], output, seed);
        const simulator = await simulate(chip, engine, { solver, dt });
        const steps = 6;
        const { states } = await simulator.phase({
          ...BATCH,
          ...(beta > 0 ? { nudges: [{ re: beta, im: 0 }] } : {}),
          steps,
        });
        for (let s = 0; s < BATCH.samples; s++) {
          let now: Record<string, number[]> = { m1: [0, 0, 0, 0], m2: [0, 0], c1: [0, 0, 0], c2: [0, 0] };
          for (let k = 0; k < steps; k++)
            now = stepped(now, INPUTS.slice(3 * s, 3 * s + 3), one, BATCH.targets.slice(2 * s, 2 * s + 2));
          for (const [name, values] of Object.entries(now))
            values.forEach((v, j) =>
              expect(Math.abs(states[name].re[s * values.length + j] - v)).toBeLessThan(
                engine === "reference" ? 1e-13 : 3e-6,
              ),
            );
        }
      }),
      { numRuns: fewer(32), seed: 6 },
    );
  });

  it("come to the same fixed points in alternate order, with mixing and under complex nudges", async () => {
    const arrows: readonly Arrow[] = [...MAPS, ...FLOWS.slice(1), ["m2", "c2"]];
    const chip = chipOf([...arrows, ["c2", "m2"]], "c2", 3);
    const request = { ...BATCH, nudges: [{ re: 0.1, im: 0 }], steps: 3000, tolerance: 1e-10 };
    const plain = await (await simulate(chip, "reference", { dt: 0.3 })).phase(request);
    expect(plain.outcome.kind).toBe("settled");
    for (const options of [{ order: "alternate" }, { acceleration: "anderson" }] as const) {
      const quick = await (await simulate(chip, "reference", { dt: 0.3, ...options })).phase(request);
      expect(quick.outcome.kind).toBe("settled");
      expect(quick.outcome.steps).toBeLessThan(plain.outcome.steps);
      for (const [name, { re }] of Object.entries(quick.states))
        re.forEach((v, i) => expect(Math.abs(v - plain.states[name].re[i])).toBeLessThan(1e-9));
    }
    const complex = await (
      await simulate(chip, "reference", { dt: 0.3 })
    ).phase({ ...request, complex: true });
    for (const [name, { re, im = [] }] of Object.entries(complex.states)) {
      re.forEach((v, i) => expect(Math.abs(v - plain.states[name].re[i])).toBeLessThan(1e-9));
      expect(Math.max(...im.map(Math.abs))).toBe(0);
    }
  });

  it("take dt and its advice from the neurons that move in time", async () => {
    const both = chipOf([...MAPS, ...FLOWS], "m2", 9);
    const flows = chipOf(FLOWS, "c2", 9);
    const engine = await createEngine("reference");
    const at = { samples: 2, inputs: INPUTS };
    const advice = (chip: Chip) => new Simulator(chip, engine, { dt: 0.2 }).stepAdvice(at);
    const [together, alone] = [await advice(both), await advice(flows)];
    expect(together.fastest / alone.fastest).toBeCloseTo(1, 2);
    expect(together.slowest).toBe(alone.slowest);
    for (const [solver, step] of Object.entries(alone.stable))
      expect(1 / together.stable[solver as "euler"]).toBeCloseTo(1 / step, 2);
    expect(await chooseStep(both, engine, { ...at, nudge: 0.1, targets: BATCH.targets })).toBeCloseTo(
      await chooseStep(flows, engine, at),
      2,
    );
    expect(() => new Simulator(both, engine)).toThrow("a continuous circuit needs a time step");
  });

  it("refuses solvers that cannot move both", async () => {
    const chip = chipOf([...MAPS, ...FLOWS], "c2", 9);
    const phase = async (solver: SolverName) =>
      (await simulate(chip, "reference", { solver, dt: 0.2 })).phase({
        samples: 2,
        inputs: INPUTS,
        steps: 3,
      });
    await expect(phase("dormand-prince")).rejects.toThrow('"m1" is a map, which takes one a step');
    await expect(phase("map")).rejects.toThrow(
      'the map solver integrates discrete neurons; "c1" is continuous',
    );
  });

  it("learns: nudges measure the exact answer, and time is walked backwards", async () => {
    const chip = chipOf([...MAPS, ...FLOWS, ...ACROSS.slice(0, 3)], "c2", 11);
    for (const { name } of chip.circuit.projections) {
      const { weights } = chip.weights(name);
      chip.setWeights(name, { weights: weights.map((w) => w / 2), biases: null });
    }
    const simulator = await simulate(chip, "reference", { dt: 0.2, solver: "rk4" });
    const estimator = holomorphic({ points: 4, amplitude: 0.05, freeSteps: 400, nudgedSteps: 400 });
    const estimate = await estimator.estimate(simulator, BATCH, { round: 0, seed: 0 });
    const exact = exactAnswers(chip, 2, INPUTS, estimate.free.states, BATCH.targets);
    for (const [name, values] of Object.entries(exact.dState))
      values.forEach((x, i) => expect(estimate.dState[name][i]).toBeCloseTo(x, 5));

    const lengths = { freeSteps: 12, steps: 12 };
    const { byWeights } = await backpropagationThroughTime(simulator, BATCH, lengths);
    for (const name of ["input-m1", "m1-c1", "c1-m1", "c1-c2", "m1-m2"]) {
      const { weights } = chip.weights(name);
      const costWith = async (change: number): Promise<number> => {
        chip.setWeights(name, { weights: weights.map((w, i) => (i === 1 ? w + change : w)), biases: null });
        return (await backpropagationThroughTime(simulator, BATCH, { freeSteps: 12, steps: 1 })).cost;
      };
      const numeric = ((await costWith(1e-5)) - (await costWith(-1e-5))) / 2e-5;
      chip.setWeights(name, { weights, biases: null });
      expect(byWeights.reduce((sum, step) => sum + step[name].weights[1], 0)).toBeCloseTo(numeric, 8);
    }
  });
});

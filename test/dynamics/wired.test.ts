/** Phases of wired circuits: as direct loops step them, the same on every engine, alone or stacked. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crossbar, ideal, leakyIntegrator, softNeuron } from "../../devices";
import {
  createEngine,
  forEveryChip,
  phaseByChip,
  Simulator,
  stackChips,
  type Chip,
  type Engine,
  type SimulatorOptions,
} from "../../src/index";
import {
  arraysOf,
  circuitOf,
  drives,
  setAtRandom,
  wiredCircuits,
  type Activities,
  type WiredCircuit,
} from "../circuit/wired-circuits";
import { draws } from "../learning/handmade";
import { fewer } from "../long";

const [SAMPLES, STEPS, BETA] = [2, 8, 0.3];
const NAMES = ["a", "b"] as const;

interface Kind {
  readonly make: (recipe: WiredCircuit) => Chip;
  readonly options: SimulatorOptions;
  /** Length of a step in time constants, and volts of one unit of state. */
  readonly step: number;
  readonly volts: number;
}

const plain: Kind = {
  make: (recipe) => {
    const chip = circuitOf(recipe, leakyIntegrator({ rho: "tanh" }), ideal()).fabricate({
      seed: recipe.seed,
    });
    setAtRandom(chip, recipe.seed, 0.8);
    return chip;
  },
  options: { solver: "euler", dt: 0.3 },
  step: 0.3,
  volts: 1,
};
/** Devices with a range and a spread each, and levels: what is asked for is not what is there. */
const physical: Kind = {
  make: (recipe) => {
    const synapse = crossbar({ mismatch: "10 %", levels: 24 });
    const neuron = [softNeuron({ T: "0 K" }), softNeuron({ T: "0 K", C: "5 pF", g_leak: "250 nS" })] as const;
    const chip = circuitOf(recipe, neuron, synapse).fabricate({ seed: recipe.seed });
    setAtRandom(chip, recipe.seed, 0.8);
    return chip;
  },
  options: { solver: "euler", dt: 6e-6 },
  step: 0.3,
  volts: 0.1,
};

interface Case {
  readonly chip: Chip;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly from: Readonly<Record<"a" | "b", Float64Array>>;
}

function caseOf(recipe: WiredCircuit, { make, volts }: Kind): Case {
  const chip = make(recipe);
  const draw = draws(recipe.seed + 1);
  const of = (name: string, scale = 1): Float64Array =>
    draw(SAMPLES * chip.circuit.population(name).size, scale);
  return {
    chip,
    inputs: of("input"),
    targets: of("b", volts),
    from: { a: of("a", volts), b: of("b", volts) },
  };
}

/** A nudged phase by direct loops; and how close the places of its windows came. */
function direct(recipe: WiredCircuit, { chip, inputs, targets, from }: Case, { step, volts }: Kind) {
  const arrays = arraysOf(chip);
  let [{ a, b }, gap] = [from, Infinity];
  for (let k = 0; k < STEPS; k++) {
    const shown: Activities = {
      input: inputs,
      a: a.map((u) => Math.tanh(u / volts)),
      b: b.map((u) => Math.tanh(u / volts)),
    };
    const found = drives(recipe, arrays, shown);
    gap = Math.min(gap, found.gap);
    const next = (u: Float64Array, drive: Float64Array, nudge: (i: number) => number): Float64Array =>
      u.map((x, i) => x + step * (volts * drive[i] - x + nudge(i)));
    const above = b;
    [a, b] = [next(a, found.a, () => 0), next(b, found.b, (i) => volts * BETA * (targets[i] - above[i]))];
  }
  return { a, b, gap };
}

async function phase(
  engine: Engine,
  { chip, inputs, targets, from }: Case,
  options: SimulatorOptions,
  nudge = { re: BETA, im: 0 },
) {
  const simulator = new Simulator(chip, engine, options);
  const { states } = await simulator.phase({
    samples: SAMPLES,
    inputs,
    targets,
    nudges: [nudge],
    steps: STEPS,
    from: { a: { re: from.a }, b: { re: from.b } },
  });
  simulator.dispose();
  return states;
}

const ENGINES: readonly (readonly [name: string, runs: number, within: number])[] = [
  ["reference", 10, 1e-11],
  ["simd", 10, 2e-5],
  ["gpu:webasm", 2, 2e-5],
  ["gpu:cpu", 2, 2e-5],
];

describe.each(ENGINES)("wired circuits on %s", (name, numRuns, within) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine(name)));
  afterAll(() => engine.dispose());

  it.each([
    ["numbers", plain],
    ["devices", physical],
  ] as const)("go through what direct loops go through: %s", async (_, kind) => {
    await fc.assert(
      fc.asyncProperty(wiredCircuits(), async (recipe) => {
        const c = caseOf(recipe, kind);
        const wanted = direct(recipe, c, kind);
        // Where two places are as good as equal, rounding says which is the largest.
        fc.pre(wanted.gap > 1e-4);
        const found = await phase(engine, c, kind.options);
        for (const p of NAMES)
          wanted[p].forEach((u, k) =>
            expect(Math.abs(found[p].re[k] - u) / kind.volts, `${p} ${k}`).toBeLessThan(within),
          );
      }),
      { numRuns: fewer(numRuns) },
    );
  });

  it.each([
    ["numbers", plain],
    ["devices", physical],
  ] as const)("have complex states that go as the real ones do: %s", async (_, kind) => {
    const reference = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(wiredCircuits({ pools: ["none", "softmax", "mean"] }), async (recipe) => {
        const c = caseOf(recipe, kind);
        const run = (re: number, im: number, on = engine) => phase(on, c, kind.options, { re, im });
        if (engine.info.precision === "float32") {
          const [found, wanted] = [await run(BETA, 0.4), await run(BETA, 0.4, reference)];
          for (const p of NAMES)
            for (const plane of ["re", "im"] as const)
              wanted[p][plane]?.forEach((u, k) =>
                expect(Math.abs((found[p][plane] as Float64Array)[k] - u) / kind.volts).toBeLessThan(within),
              );
          return;
        }
        // The derivative by the nudge: of a small imaginary one, and of a difference of real ones.
        const [up, down, beside] = [await run(1e-4, 0), await run(-1e-4, 0), await run(0, 1e-6)];
        for (const p of NAMES)
          beside[p].im?.forEach((u, k) =>
            expect(Math.abs(u / 1e-6 - (up[p].re[k] - down[p].re[k]) / 2e-4) / kind.volts).toBeLessThan(1e-6),
          );
        expect(beside.b.im?.some((u) => u !== 0)).toBe(true);
      }),
      { numRuns: fewer(Math.ceil(numRuns / 2)) },
    );
    reference.dispose();
  });

  it("do stacked what each chip does alone, reads and thermal noise included", async () => {
    await fc.assert(
      fc.asyncProperty(wiredCircuits(), async (recipe) => {
        const synapse = crossbar({ mismatch: "5 %", readNoise: "3 %" });
        const circuit = circuitOf(recipe, softNeuron(), synapse);
        const chips = [1, 2, 3].map((seed) => circuit.fabricate({ seed }));
        const draw = draws(recipe.seed);
        const batch = {
          samples: SAMPLES,
          inputs: draw(SAMPLES * circuit.input.size),
          targets: draw(SAMPLES * circuit.output.size),
        };
        const nudged = {
          nudges: [
            { re: 0.2, im: 0 },
            { re: -0.2, im: 0 },
          ],
          steps: 5,
          phase: 3,
        };
        const stacked = new Simulator(stackChips(chips), engine, { dt: 6e-6, seed: [4, 5, 6] });
        const found = phaseByChip(await stacked.phase({ ...forEveryChip(batch, 3), ...nudged }), 2);
        stacked.dispose();
        for (const [k, chip] of chips.entries()) {
          const alone = new Simulator(chip, engine, { dt: 6e-6, seed: 4 + k });
          const { states, activities } = await alone.phase({ ...batch, ...nudged });
          expect(found[k].states).toEqual(states);
          expect(found[k].activities).toEqual(activities);
          alone.dispose();
        }
      }),
      { numRuns: fewer(Math.ceil(numRuns / 4)) },
    );
  });
});

describe("shortcuts", () => {
  it("settle wired circuits at the fixed points of plain steps", async () => {
    const engine = await createEngine("reference");
    await fc.assert(
      fc.asyncProperty(wiredCircuits(), async (recipe) => {
        const { chip, inputs } = caseOf(recipe, plain);
        setAtRandom(chip, recipe.seed, 0.25);
        const settle = async (options: SimulatorOptions) => {
          const simulator = new Simulator(chip, engine, { ...plain.options, ...options });
          const result = await simulator.phase({ samples: SAMPLES, inputs, steps: 600, tolerance: 1e-12 });
          simulator.dispose();
          return result;
        };
        const slow = await settle({});
        fc.pre(slow.outcome.kind === "settled");
        for (const shortcut of [{ order: "alternate" }, { acceleration: "anderson" }] as const) {
          const { outcome, states } = await settle(shortcut);
          expect(outcome.kind).toBe("settled");
          for (const p of NAMES)
            slow.states[p].re.forEach((u, k) =>
              expect(Math.abs(states[p].re[k] - u), `${JSON.stringify(shortcut)}, ${p} ${k}`).toBeLessThan(
                1e-9,
              ),
            );
        }
      }),
      { numRuns: 10 },
    );
    engine.dispose();
  });
});

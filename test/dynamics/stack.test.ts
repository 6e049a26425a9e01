/** Stacked chips: each does what it does alone, to the last bit, on every engine. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../devices";
import { createEngine, forEveryChip, phaseByChip, Simulator, spread, stackChips, type Batch, type Chip, type Circuit, type Engine, type PhaseRequest, type PhaseResult, type SimulatorOptions } from "../../src/index";

interface Drawn {
  readonly sizes: readonly number[];
  readonly neuron: "soft" | "map" | "leaky";
  readonly noisy: boolean;
  readonly readNoise: boolean;
  readonly crossEntropy: boolean;
  readonly complex: boolean;
  readonly chips: number;
  readonly samples: number;
  readonly nudges: number;
  readonly average: number;
  readonly seed: number;
  readonly ownSeeds: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 3, maxLength: 4 }),
  neuron: fc.constantFrom("soft" as const, "map" as const, "leaky" as const),
  noisy: fc.boolean(),
  readNoise: fc.boolean(),
  crossEntropy: fc.boolean(),
  complex: fc.boolean(),
  chips: fc.integer({ min: 2, max: 4 }),
  samples: fc.integer({ min: 1, max: 5 }),
  nudges: fc.integer({ min: 1, max: 3 }),
  average: fc.constantFrom(0, 3),
  seed: fc.integer({ min: 1, max: 1e6 }),
  ownSeeds: fc.boolean(),
});

function circuitOf({ sizes, neuron, noisy, readNoise, crossEntropy }: Drawn): Circuit {
  const varied = (value: string) => spread(value, { mismatch: "10 %" });
  const soft = softNeuron({ C: varied("1 pF"), g_leak: varied("50 nS"), u_slope: varied("100 mV"), T: noisy ? "300 K" : "0 K" });
  return layered(sizes, {
    neuron: neuron === "soft" ? soft : neuron === "map" ? shiftedSigmoid() : leakyIntegrator({ rho: "tanh" }),
    synapse: neuron === "soft" ? crossbar({ mismatch: "5 %", readNoise: readNoise ? "2 %" : 0 }) : ideal(),
    feedback: { angle: 20 },
    initial: { distribution: "glorot", scale: 0.3 },
    cost: crossEntropy ? { kind: "cross-entropy", argument: "activity", classes: 3 } : { kind: "squared-error", argument: "activity" },
  });
}

const OPTIONS: Readonly<Record<Drawn["neuron"], SimulatorOptions>> = { soft: { dt: 10e-6 }, map: {}, leaky: { solver: "euler", dt: 0.3 } };
const values = (length: number, seed: number): Float64Array => Float64Array.from({ length }, (_, i) => (((i + 1) * 2654435761 + seed * 40503) % 1000) / 1000);

function batchOf(circuit: Circuit, samples: number, seed: number): Batch {
  const { cost } = circuit.spec;
  const width = cost.kind === "cross-entropy" ? cost.classes : circuit.output.size;
  return { samples, inputs: values(samples * circuit.input.size, seed), targets: values(samples * width, seed + 1), labels: Uint8Array.from({ length: samples }, (_, s) => s % 3) };
}

interface Case {
  readonly chips: readonly Chip[];
  readonly seeds: readonly number[];
  readonly options: SimulatorOptions;
  readonly request: PhaseRequest;
  readonly batch: Batch;
}

function caseOf(d: Drawn): Case {
  const circuit = circuitOf(d);
  const chips = Array.from({ length: d.chips }, (_, c) => circuit.fabricate({ seed: d.seed + c }));
  const batch = batchOf(circuit, d.samples, d.seed);
  const nudges = Array.from({ length: d.nudges }, (_, k) => (d.complex ? { re: 0.1 * k, im: 0.2 } : { re: 0.2 * k - 0.2, im: 0 }));
  return {
    chips, batch, options: OPTIONS[d.neuron],
    seeds: chips.map((_, c) => d.seed + (d.ownSeeds ? c : 0)),
    request: { samples: d.samples, inputs: batch.inputs, targets: batch.targets, nudges, steps: 7, average: d.average, phase: 3 },
  };
}

/** A free phase and a nudged one from where it ends. */
async function phases(simulator: Simulator, { request }: Case, chips = 1): Promise<[PhaseResult, PhaseResult]> {
  const { samples, inputs, targets = [] } = request;
  const all = forEveryChip({ samples, inputs: Float64Array.from(inputs), targets: Float64Array.from(targets) }, chips);
  const free = await simulator.phase({ samples: all.samples, inputs: all.inputs, steps: 5, phase: 2 });
  return [free, await simulator.phase({ ...request, ...all, from: free.states })];
}

async function expectAlike(engine: Engine, d: Drawn): Promise<void> {
  const c = caseOf(d);
  const stacked = new Simulator(stackChips(c.chips), engine, { ...c.options, seed: c.seeds });
  const [free, nudged] = await phases(stacked, c, c.chips.length);
  const found = [phaseByChip(free), phaseByChip(nudged, d.nudges)];
  for (const [k, chip] of c.chips.entries()) {
    const alone = new Simulator(chip, engine, { ...c.options, seed: c.seeds[k] });
    const expected = await phases(alone, c);
    // Advice on the length of a step is given to one chip only.
    for (const [i, { outcome, ...rest }] of expected.entries()) expect({ ...found[i][k], outcome: { ...found[i][k].outcome, advice: undefined } }, `chip ${k}`).toEqual({ ...rest, outcome: { ...outcome, advice: undefined } });
    alone.dispose();
  }
  stacked.dispose();
}

const RUNS: readonly (readonly [name: string, runs: number])[] = [["reference", 40], ["simd", 60], ["gpu:cpu", 4], ["gpu:webasm", 6]];

describe.each(RUNS)("stacked chips on %s", (name, numRuns) => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine(name)));
  afterAll(() => engine.dispose());

  it("do what each does alone, noise included", async () => {
    await fc.assert(fc.asyncProperty(drawn.filter((d) => !(d.complex && d.neuron === "soft" && d.noisy && name.startsWith("gpu"))), (d) => expectAlike(engine, d)), { numRuns, seed: 7 });
  }, 60_000);
});

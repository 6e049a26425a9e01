/**
 * One chip, all estimators: each makes estimates of the same samples on the same chip, and is held against the true
 * error vector that the equations give, at every setting of the dials.
 */
import { circuitOf, ruleOf, timeStepOf, type Run } from "../../config";
import { checkReadout, estimatorFrom, readoutOptionsOf } from "../../config/run";
import { expectComparable } from "../../config/unheard";
import { estimatorWith } from "../../config/estimator-with";
import type { EstimatorConfig } from "../../config";
import type { Chip } from "../../circuit/chip-types";
import { printsItself } from "../../display";
import { Simulator } from "../../dynamics/simulator";
import { timeOf } from "../../dynamics/time-steps/time-step";
import type { Engine } from "../../engines/engine";
import { createEngine } from "../../engines/select";
import { outputsOf } from "../../data/dataset";
import { OhmletError } from "../../errors";
import { workOf } from "../../learning/work";
import type { Estimator } from "../../learning/estimators";
import type { ReadoutOptions } from "../../learning/readout/options";
import { readThrough } from "../../learning/readout/read-through";
import { Reading } from "../../learning/readout/reading";
import { labelledBatches } from "../../learning/batches";
import { exactAnswers } from "../../learning/references/exact";
import { LARGEST_DENSE } from "../../learning/references/jacobian";
import { recurrentBackpropagation } from "../../learning/references/recurrent-backpropagation";
import { freeStepsOf } from "../../learning/lengths";
import { trainingStep } from "../../learning/training-step";
import type { Batch } from "../../learning/types";
import type { Rule } from "../../learning/rules";
import { check, optionsOf } from "../../options";
import { silenced } from "../../robustness/laws/view";
import type { TrainingData } from "../training/data";
import { dialled, type Dials } from "./dials";
import { figuresOf, type EstimatorFigures, type Yardstick } from "./figures";

/** What is compared on a run's chip. */
export interface CompareOptions {
  /** Relative standard deviations of a gain on each feedback synapse, beside the design's own. Default [0]. */
  readonly asymmetry?: readonly number[];
  /** Relative standard deviations of every weight from read to read, beside the design's own. Default [0]. */
  readonly noise?: readonly number[];
  /** Samples of the test set. Default 10. */
  readonly samples?: number;
  /** Estimates of each kind where something is drawn. Default 8. */
  readonly repeats?: number;
  /** Told of each estimator before it runs. */
  readonly onEstimator?: (name: string) => void;
}

/** All estimators at one setting of the dials. */
export interface ComparedEstimators extends Dials {
  /** Whether the chip settled for the true error vector; else this is that of where it came to. */
  readonly settled: boolean;
  readonly estimators: readonly EstimatorFigures[];
}

/** All estimators on one chip. */
export interface EstimatorComparison {
  readonly circuit: string;
  readonly layers: readonly string[];
  readonly engine: string;
  readonly samples: number;
  readonly repeats: number;
  readonly seed: number;
  /** What its phases are read through; null where states are known as they are. */
  readonly readout: string | null;
  readonly settings: readonly ComparedEstimators[];
}

const share = check.list(check.numeric);
const readOptions = optionsOf<CompareOptions>("compareEstimators", {
  takes: {
    asymmetry: share,
    noise: share,
    samples: check.whole(1, 1000),
    repeats: check.whole(2, 1000),
    onEstimator: check.callback,
  },
});

/** Kinds in the order of tables, with the points of those that have a circle. */
const KINDS: readonly (readonly [name: string, kind: EstimatorConfig["kind"], points?: number])[] = [
  ["one-sided", "one-sided"],
  ["random-sign", "random-sign"],
  ["centred", "centred"],
  ["holomorphic, 4 points", "holomorphic", 4],
  ["holomorphic, 6 points", "holomorphic", 6],
  ["continuous, 4 points", "continuous", 4],
  ["oscillating", "oscillating"],
  ["lock-in", "lock-in"],
  ["stdp", "stdp"],
  ["coupled", "coupled"],
  ["clamped", "clamped"],
  ["exact derivative", "exact"],
  ["bptt", "bptt"],
];

const asComparison = printsItself<EstimatorComparison>(({ circuit, settings, samples }) => [
  `${settings[0].estimators.length} estimators on ${circuit}, ${samples} samples`,
]);

/**
 * Holds every estimator against the true error vector of a run's chip, as it is fabricated. Lengths of phases and
 * the teaching amplitude are those of the run's own estimator, and so is what they are read through.
 * @throws OhmletError of the run, of its data where they do not fit, ESTIMATORS-DIAL
 */
export async function compareEstimators(
  run: Run,
  data: TrainingData,
  options: CompareOptions = {},
): Promise<EstimatorComparison> {
  const { asymmetry = [0], noise = [0], samples = 10, repeats = 8, onEstimator } = readOptions(options);
  for (const [name, values] of Object.entries({ asymmetry, noise })) expectShares(name, values);
  expectComparable(run);
  const through = readoutOptionsOf(run);
  const { config } = run;
  const circuit = circuitOf(run, [data.train.features, 32, outputsOf(data.train)]);
  const rule = ruleOf(run, circuit);
  if (through !== undefined) checkReadout(run, { reading: new Reading(through) }, circuit, rule);
  const engine = await createEngine(config.engine, { work: workOf(circuit, samples) });
  try {
    const settings: ComparedEstimators[] = [];
    const seed = config.chip?.seed ?? config.seed;
    for (const a of asymmetry)
      for (const n of noise) {
        const dials = { asymmetry: a, noise: n };
        const chip = dialled(circuit, dials, seed);
        const [batch] = [...labelledBatches(chip.circuit, data.test, { size: samples, limit: samples })];
        const at = { run, data, engine, rule, batch, repeats, through, onEstimator };
        settings.push({ ...dials, ...(await atDials(chip, at)) });
      }
    return asComparison({
      circuit: circuit.name,
      layers: circuit.populations.filter((p) => !p.clamped).map(({ name }) => name),
      engine: engine.info.name,
      samples: Math.min(samples, data.test.samples),
      repeats,
      seed: config.seed,
      readout: through === undefined ? null : (through.device?.name ?? "ideal"),
      settings,
    });
  } finally {
    engine.dispose();
  }
}

interface At {
  readonly run: Run;
  readonly data: TrainingData;
  readonly engine: Engine;
  readonly rule: Rule;
  readonly batch: Batch;
  readonly repeats: number;
  readonly through: ReadoutOptions | undefined;
  readonly onEstimator: CompareOptions["onEstimator"];
}

async function atDials(
  chip: Chip,
  { run, data, engine, rule, batch, repeats, through, onEstimator }: At,
): Promise<Pick<ComparedEstimators, "settled" | "estimators">> {
  const { config } = run;
  const { solver, order, acceleration, reads, seed } = config;
  const wanted = timeStepOf(run, chip.circuit);
  const own = estimatorFrom(config.estimator);
  const dt =
    wanted === "auto" ? await trainingStep(chip, data.train, engine, { ...config, estimator: own }) : wanted;
  const simulator = new Simulator(chip, engine, { seed, solver, dt, order, acceleration, reads });
  try {
    const { settled, ...yardstick } = await truthOf(chip, {
      rule,
      batch,
      simulator,
      steps: freeStepsOf(simulator, own.free),
    });
    const looking = { simulator, batch, yardstick, repeats, seed, physical: timeOf(chip.circuit)[2] === 1 };
    const estimators: EstimatorFigures[] = [];
    for (const [name, kind, points] of KINDS) {
      onEstimator?.(name);
      const settings = estimatorWith(config.estimator, kind, points === undefined ? {} : { points });
      // A share of the way to the target is at most all of it.
      const asked =
        settings.kind === "coupled"
          ? { ...settings, amplitude: Math.min(1, Math.abs(settings.amplitude)) }
          : settings;
      const make = (): Estimator =>
        through === undefined ? estimatorFrom(asked) : readThrough(estimatorFrom(asked), through);
      estimators.push(await figuresOf(name, make, looking));
    }
    return { settled, estimators };
  } finally {
    simulator.dispose();
  }
}

/** How many free phases of the run the quiet chip may take to settle, and how well. */
const PATIENCE = 50;
const SETTLED = 1e-9;

/** The true error vector of the chip without noise, in float64. */
async function truthOf(
  chip: Chip,
  {
    rule,
    batch: { samples, inputs, targets },
    simulator: { dt, solver },
    steps,
  }: Pick<At, "rule" | "batch"> & { readonly simulator: Simulator; readonly steps: number },
): Promise<Yardstick & { readonly settled: boolean }> {
  const quiet = silenced(chip);
  const reference = await createEngine("reference");
  const simulator = new Simulator(quiet, reference, { dt, solver });
  try {
    const { outcome, states } = await simulator.phase({
      samples,
      inputs,
      steps: PATIENCE * steps,
      tolerance: SETTLED,
    });
    const { delta } =
      chip.circuit.units <= LARGEST_DENSE
        ? exactAnswers(quiet, samples, inputs, states, targets)
        : await recurrentBackpropagation(quiet, samples, inputs, states, targets);
    return { truth: delta, factor: rule.factor(chip.circuit), settled: outcome.kind === "settled" };
  } finally {
    simulator.dispose();
    reference.dispose();
  }
}

function expectShares(name: string, values: readonly number[]): void {
  const odd = values.find((value) => !(value >= 0 && value <= 2));
  if (odd === undefined && values.length > 0) return;
  throw new OhmletError({
    code: "ESTIMATORS-DIAL",
    fact: odd === undefined ? `there is no ${name} to set` : `${odd} is no ${name}`,
    place: { where: `estimators, ${name}` },
    remedy: "give relative standard deviations from 0 to 2, such as 0,0.1,0.3",
  });
}

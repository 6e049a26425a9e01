/**
 * A run as an experiment: knobs and seeds in, measures of chips out. `ohmlet study` with its workers and
 * `ohmlet weakest` run it.
 */
import type { Chip } from "../../circuit/chip-types";
import { initializedOf, optimizerOf, withKnobs, type Run } from "../../config";
import { take } from "../../data/dataset";
import { OhmletError, type Stop } from "../../errors";
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { stepPhase } from "../../learning/phases";
import { train, type EpochReport } from "../../learning/train";
import { stepWarnings } from "../../learning/warnings";
import type { Experiment, Measures, TrialResult, Values } from "../../study";
import type { Counted } from "../../ledger/ledger";
import { countedIn } from "../ledger";
import { prepare, type RunContext } from "../training/context";
import { learnFrom, teacherKey, teacherOf, type Teacher } from "../training/teacher";
import { makeData, type TrainingData } from "../training/data";
import { measureChips, mostStacked, type Finding } from "./measure";
import { trainingMeasures } from "./writing";
import { trainOptionsOf } from "../training/train-options";

export interface ExperimentOptions {
  readonly measures: readonly string[];
  /** Whether chips learn before they are measured. */
  readonly train: boolean;
  /** Folder of data that the user named. */
  readonly data?: string;
  /** Called and waited for between batches, so that signals come through. */
  readonly onBatch?: () => Promise<void>;
  /** Threads of the engine; one where chips run side by side. Default: as the engine likes. */
  readonly threads?: number;
  /** Ends a phase that is under way with `Stopped`. */
  readonly stop?: Stop;
}

export interface RunExperiment {
  /** Fabricates, trains and measures one chip. @throws OhmletError also of a chip that failed */
  measure(values: Values, seed: number): Promise<Measures>;
  /**
   * The same for trials; a chip that failed is a result with the code. Neighbours of one point are measured
   * side by side where that gives the numbers that each gives alone. @throws OhmletError of wrong input only
   */
  readonly attempt: Experiment;
  /**
   * Builds the run at a point and settles nothing. @throws OhmletError of a knob or a value that the run does
   * not take
   */
  check(values: Values): Promise<void>;
}

/** Most different sets of data that are kept for points to come: knobs may vary the data, too. */
const KEPT = 8;

export function experimentOf(run: Run, options: ExperimentOptions): RunExperiment {
  const kept = new Map<string, Promise<TrainingData>>();
  const dataOf = (at: Run): Promise<TrainingData> => {
    const key = JSON.stringify(at.config.data);
    const found = kept.get(key) ?? makeData(at, options.data);
    if (!kept.has(key) && kept.size >= KEPT) kept.clear();
    kept.set(key, found);
    return found;
  };
  const teachers = new Map<string, ReturnType<typeof teacherOf>>();
  /** One teaches all chips of a point. */
  const taughtBy = (context: RunContext): ReturnType<typeof teacherOf> => {
    const key = teacherKey(context);
    const found = teachers.get(key) ?? teacherOf(context, options.onBatch);
    if (!teachers.has(key) && teachers.size >= KEPT) teachers.clear();
    teachers.set(key, found);
    return found;
  };
  const contextOf = async (values: Values, seed: number): Promise<RunContext> => {
    const at = withKnobs(run, values, seed);
    return prepare(at, await dataOf(at), { threads: options.threads, stop: options.stop });
  };
  /** Chips of one point, the first of them as many as can be taken together. */
  const measureSome = async (values: Values, seeds: readonly number[]): Promise<Found[]> => {
    const context = await contextOf(values, seeds[0]);
    const { circuit } = context.chip;
    try {
      const subjects = seeds
        .slice(0, mostStacked(context, options.measures))
        .map((seed, c) => ({ seed, chip: c === 0 ? context.chip : circuit.fabricate({ seed }) }));
      const found = new Map<Subject, Found>();
      const learned = new Map<Subject, Learned>();
      const teacher = await taughtBy(context);
      const learns = options.train && context.run.config.epochs > 0;
      if (teacher !== undefined && !learns)
        for (const { chip } of subjects) learnFrom(context, teacher, chip, undefined);
      if (learns)
        for (const one of subjects)
          await learn(context, one, teacher, options.onBatch).then(
            (came) => void learned.set(one, came),
            (error: unknown) => void found.set(one, { failure: failureOf(error) }),
          );
      const measured = async (some: readonly Subject[]): Promise<void> => {
        const all = await measureChips(
          {
            ...context,
            chips: some.map(({ chip }) => chip),
            seeds: some.map(({ seed }) => seed),
            counted: some.map((one) => learned.get(one)?.counted),
          },
          options.measures,
        );
        some.forEach((one, c) =>
          found.set(one, {
            measures: {
              ...all[c].measures,
              ...left,
              ...trainingMeasures(one.chip, learned.get(one)?.last, options.measures),
            },
            warnings: [
              ...new Set([...coarse, ...(learned.get(one)?.codes ?? []), ...all[c].warnings]),
            ].sort(),
          }),
        );
      };
      const left = leftBy(teacher, options.measures);
      const coarse = learns ? [] : await stepCodes(context);
      const whole = subjects.filter((one) => !found.has(one));
      if (whole.length > 0) {
        await measured(whole).catch(async (error: unknown) => {
          failureOf(error);
          // Which of them it was, each alone tells.
          for (const one of whole)
            await measured([one]).catch((own: unknown) => found.set(one, { failure: failureOf(own) }));
        });
      }
      return subjects.map((one) => found.get(one) as Found);
    } finally {
      context.engine.dispose();
    }
  };
  return {
    async measure(values, seed) {
      const [{ measures, failure }] = await measureSome(values, [seed]);
      if (measures === undefined) throw failure;
      return measures;
    },
    async attempt(trials) {
      const results: TrialResult[] = [];
      while (results.length < trials.length) {
        const [first, ...others] = trials.slice(results.length);
        const end = others.findIndex(({ point }) => point !== first.point);
        const group = [first, ...(end < 0 ? others : others.slice(0, end))];
        const found = await measureSome(
          first.values,
          group.map(({ seed }) => seed),
        ).catch((error: unknown): Found[] => [{ failure: failureOf(error) }]);
        results.push(
          ...found.map(({ measures, warnings = [], failure }, c) => ({
            key: group[c].key,
            measures: measures ?? {},
            ...(failure !== undefined && { fault: failure.code }),
            ...(warnings.length > 0 && { warnings }),
          })),
        );
      }
      return results;
    },
    async check(values) {
      (await contextOf(values, run.config.seed)).engine.dispose();
    },
  };
}

/** What is told of a teacher with every chip that it taught. */
const leftBy = (teacher: Teacher | undefined, wanted: readonly string[]): Measures => ({
  ...(wanted.includes("taught") && { taught: teacher?.taught ?? null }),
  ...(wanted.includes("copy") && { copy: teacher?.copy ?? null }),
});

interface Subject {
  readonly seed: number;
  readonly chip: Chip;
}

/** What came of a chip. */
type Found =
  | (Finding & { readonly failure?: undefined })
  | { readonly failure: OhmletError; readonly measures?: undefined; readonly warnings?: undefined };

/** A fault of a chip is a result; wrong input is not. */
function failureOf(error: unknown): OhmletError {
  if (error instanceof OhmletError && error.category === "run") return error;
  throw error;
}

/**
 * Of chips that do not learn, all of a point are as the first of the run's seed: what limits a step is the
 * design.
 */
async function stepCodes({
  run: {
    config: { seed },
  },
  chip: { circuit },
  data,
  estimator,
  engine,
  dt,
  solver,
}: RunContext): Promise<string[]> {
  const simulator = new Simulator(circuit.fabricate({ seed }), engine, { solver, dt });
  try {
    const [looked] = labelledBatches(circuit, data.test, { size: LOOKED, limit: LOOKED });
    return (await stepWarnings(simulator, looked, estimator.free, stepPhase(0))).map(({ code }) => code);
  } finally {
    simulator.dispose();
  }
}

/** Samples on which the time step is looked at. */
const LOOKED = 4;

/** What a training leaves besides the chip. */
interface Learned {
  readonly codes: readonly string[];
  /** Of the last epoch. */
  readonly last: EpochReport | undefined;
  /** Writes or pulses a sample, by projection, where they were counted. */
  readonly counted?: Counted;
}

/**
 * Codes of what the last epoch warned of; tests come with what is measured, and what an engine cannot do is
 * the machine's matter.
 */
async function learn(
  context: RunContext,
  { chip, seed }: Subject,
  teacher: Teacher | undefined,
  onBatch?: () => Promise<void>,
): Promise<Learned> {
  const { run, data } = context;
  const initialized = initializedOf(run, chip);
  if (teacher !== undefined) learnFrom(context, teacher, chip, initialized);
  const { stop } = run.config;
  // What a test says after every epoch is asked for only where it may end the training.
  const tests = stop?.patience !== undefined || stop?.target !== undefined;
  const shown = tests ? data : { train: data.train, test: take(data.test, 1) };
  // An optimizer remembers: each chip has its own.
  const own = { ...context, initialized, optimizer: optimizerOf(run, chip.circuit) };
  const epochsOf = train(chip, shown, { ...trainOptionsOf(own), seed, probe: 0, onBatch });
  let last: EpochReport | undefined;
  for await (const epoch of epochsOf) last = epoch;
  const codes = (last?.warnings ?? []).flatMap(({ code }) =>
    code.startsWith("LEARN-") || code === "DYN-COARSE" ? [code] : [],
  );
  return { codes, last, counted: last && countedIn(last, last.epoch * data.train.samples) };
}

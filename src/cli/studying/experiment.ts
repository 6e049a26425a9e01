/** A run as an experiment: knobs and a seed in, measures of one chip out. `ohmlet study` with its workers and `ohmlet weakest` run it. */
import { scheduleOf, withKnobs, type Run } from "../../config";
import { OhmletError } from "../../errors";
import { train } from "../../learning/train";
import type { Measures, Trial, TrialResult, Values } from "../../study";
import { prepare, type RunContext } from "../training/context";
import { makeData, type TrainingData } from "../training/data";
import { measureChip } from "./measure";

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
}

export interface RunExperiment {
  /** Fabricates, trains and measures one chip. @throws OhmletError also of a chip that failed */
  measure(values: Values, seed: number): Promise<Measures>;
  /** The same for a trial; a chip that failed is a result with the code. @throws OhmletError of wrong input only */
  attempt(trial: Trial): Promise<TrialResult>;
  /** Builds the run at a point and settles nothing. @throws OhmletError of a knob or a value that the run does not take */
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
  const contextOf = async (values: Values, seed: number): Promise<RunContext> => {
    const at = withKnobs(run, values, seed);
    return prepare(at, await dataOf(at), options.threads === undefined ? {} : { threads: options.threads });
  };
  const measure = async (values: Values, seed: number): Promise<Measures> => {
    const context = await contextOf(values, seed);
    try {
      if (options.train) await learn(context, options.onBatch);
      return await measureChip(context, options.measures);
    } finally {
      context.engine.dispose();
    }
  };
  return {
    measure,
    async attempt({ key, values, seed }) {
      try {
        return { key, measures: await measure(values, seed) };
      } catch (error) {
        if (error instanceof OhmletError && error.category === "run") return { key, measures: {}, fault: error.code };
        throw error;
      }
    },
    async check(values) {
      (await contextOf(values, run.config.seed)).engine.dispose();
    },
  };
}

async function learn({ run, chip, data, estimator, optimizer, rule, engine, dt, solver }: RunContext, onBatch?: () => Promise<void>): Promise<void> {
  const { epochs, batch, order, acceleration, persistent, seed, stop } = run.config;
  const epochsOf = train(chip, data, { estimator, optimizer, rule, engine, schedule: scheduleOf(run), epochs, batch, solver, dt, order, acceleration, persistent, seed, probe: 0, ...stop, onBatch });
  for await (const _ of epochsOf);
}

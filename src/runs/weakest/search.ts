/** A search for the weakest point of a design: its question checked, its chips trained, its verdicts told. */
import { setImmediate } from "node:timers/promises";
import { located, nodeAt, type Remedy, type Run, type WeakestQuestion } from "../../config";
import { namedEnds } from "../../config/weakest";
import { OhmletError } from "../../errors";
import { replay, weakestPoint, type Verdict, type WeakestPoint } from "../../robustness/weakest";
import type { Listener } from "../listener";
import { checkKnobs } from "../studying/check-knobs";
import { experimentOf } from "../studying/experiment";
import { expectDataRead, readsFiles } from "../training/data";

/** Trainings of a search without a budget. */
const USUAL = 200;

/** What is asked in place of what the question's file says. */
export interface Instead {
  readonly seeds?: number;
  readonly seed?: number;
  readonly evaluations?: number;
  /** Longest time, s. */
  readonly seconds?: number;
  readonly engine?: string;
  /** For feedback that is not the transpose of the forward direction. */
  readonly remedy?: Remedy;
  /** Folder of the run's data. */
  readonly data?: string;
}

/** A question that was found sound, and how to have it answered. */
export interface Search {
  /** The run with its engine. */
  readonly run: Run;
  /** One point alone. @throws OhmletError of the question at its line, and of the run */
  replay(point: Readonly<Record<string, string>>): Promise<Verdict>;
  /** The search. It ends early when the listener says so: its `limit` is then "interruption". */
  weakest(): Promise<WeakestPoint>;
}

/** @throws OhmletError CLI-IDLE where data are named that nothing reads */
export function expectDataOf({ run, config }: WeakestQuestion, data: string | undefined): void {
  expectDataRead(data, readsFiles(run) || Object.hasOwn(config.ranges, "data.kind"));
}

/**
 * Each knob at both ends is built: a fault of the run shows before anything is trained.
 * @throws OhmletError of the run, at the value that is to blame
 */
export async function searchOf(
  question: WeakestQuestion,
  instead: Instead,
  listener: Listener,
): Promise<Search> {
  const { config, context } = question;
  const run = withRemedy(withEngine(question.run, instead.engine), instead.remedy);
  const {
    seeds = config.seeds,
    seed = config.seed,
    evaluations = config.budget?.evaluations,
    seconds = config.budget?.seconds,
  } = instead;
  const { measure, check } = experimentOf(run, {
    measures: question.measures,
    train: config.train,
    data: instead.data,
    onBatch: async () => void (await setImmediate()),
    stop: listener.stop,
  });
  await checkKnobs(check, namedEnds(question));
  /** Faults of a question at their lines. */
  const pointing = (error: unknown): never => {
    const key = error instanceof OhmletError ? keyOf(error.code) : undefined;
    throw key === undefined ? error : located(error, nodeAt(context, config, key));
  };
  return {
    run,
    replay: (point) => replay(config.claim, config.ranges, measure, point, { seeds, seed }).catch(pointing),
    weakest() {
      listener.interruption();
      const progress = listener.progress();
      const most = evaluations ?? USUAL;
      progress.update(0, "first point");
      const onVerdict = ({ point, holds }: Verdict, spent: number): void =>
        progress.update(spent / most, `${spent} of at most ${most} trainings, ${verdictText(point, holds)}`);
      const options = { seeds, seed, evaluations, seconds, signal: listener.stop, onVerdict };
      return weakestPoint(config.claim, config.ranges, measure, options)
        .finally(() => progress.end())
        .catch(pointing);
    },
  };
}

const withRemedy = (run: Run, remedy: Remedy | undefined): Run =>
  remedy === undefined ? run : { ...run, config: { ...run.config, remedy } };

const withEngine = (run: Run, engine: string | undefined): Run =>
  engine === undefined ? run : { ...run, config: { ...run.config, engine } };

function verdictText(point: Verdict["point"], holds: boolean): string {
  const knobs = Object.entries(point).map(([knob, value]) => `${knob} ${value}`);
  return `${knobs.join(", ")} ${holds ? "holds" : "fails"}`;
}

const KEYS: Readonly<Record<string, keyof WeakestQuestion["config"]>> = {
  "WEAKEST-RANGE": "ranges",
  "WEAKEST-CLAIM": "claim",
  "WEAKEST-MEASURE": "claim",
  "WEAKEST-SEEDS": "seeds",
  "WEAKEST-BUDGET": "budget",
};
const keyOf = (code: string): keyof WeakestQuestion["config"] | undefined =>
  Object.hasOwn(KEYS, code) ? KEYS[code] : undefined;

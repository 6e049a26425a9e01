/**
 * Batches in groups that run together, on engines to which calls are dear: as large as the engine takes, and of
 * few sizes; and what crosses the border to such an engine.
 */
import type { Crossings } from "../engines/engine";
import type { Batch } from "./types";

/** A batch to learn from. */
export interface Lesson {
  readonly batch: Batch;
  /** On the learning rates, from a schedule. Default 1. */
  readonly factor?: number;
  /** Whether to look at how far its estimate may be off, also where its number does not ask for it. */
  readonly look?: boolean;
  /** Whether the chip must have learned from no later one when its report comes. */
  readonly pause?: boolean;
}

/** What was learned from a batch, and from how many more the chip has learned already. */
export interface Learned<Report> {
  readonly report: Report;
  readonly ahead: number;
}

/** Groups are of so many batches, a power of this: what one takes long to build is there for the next. */
const GROUPS = 4;

/** The largest group of at most so many batches. */
const groupSize = (most: number): number =>
  most < GROUPS ? 1 : GROUPS ** Math.floor(Math.log(most * (1 + 1e-9)) / Math.log(GROUPS));

/** Who learns from groups. */
export interface GroupLearner<Report> {
  /** How many batches may run together now. */
  most(): number;
  /** Whether the batch after so many that wait is looked at: the chip has to have learned from those then. */
  looks(ahead: number): boolean;
  /** Null where one of several batches diverged: nothing was learned, and they are to run one by one. */
  learn(group: readonly Lesson[]): Promise<readonly Report[] | null>;
}

/** Learns from batches in turn, in groups. */
export async function* inGroups<Report>(
  lessons: Iterable<Lesson>,
  { most, looks, learn }: GroupLearner<Report>,
): AsyncGenerator<Learned<Report>, void, void> {
  const waiting: Lesson[] = [];
  const some = async function* (): AsyncGenerator<Learned<Report>, void, void> {
    const group = waiting.splice(0, groupSize(Math.min(most(), waiting.length)));
    const reports = await learn(group);
    for (const [k, report] of (reports ?? []).entries()) yield { report, ahead: group.length - 1 - k };
    if (reports !== null) return;
    for (const lesson of group)
      for (const report of (await learn([lesson])) ?? []) yield { report, ahead: 0 };
  };
  for (const lesson of lessons) {
    if (lesson.look === true || looks(waiting.length)) while (waiting.length > 0) yield* some();
    waiting.push(lesson);
    if (waiting.length >= groupSize(most())) yield* some();
    if (lesson.pause === true) while (waiting.length > 0) yield* some();
  }
  while (waiting.length > 0) yield* some();
}

/** Calls and bytes that a batch of training takes; of several that are one call, a share. */
export interface BatchCrossings {
  readonly callsPerBatch: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** What went over the border to an engine for so many batches. */
export interface LearningCrossings extends Crossings {
  readonly batches: number;
}

/**
 * Batches as lessons.
 * @param of what a batch is learned with, by how many of the epoch came before
 */
export function* lessonsOf(
  batches: Iterable<Batch>,
  before: number,
  of: (done: number) => Omit<Lesson, "batch">,
): Generator<Lesson, void, void> {
  let done = before;
  for (const batch of batches) yield { batch, ...of(done++) };
}

/** What crossed the border to the engine since, a batch. */
export function crossingsOf(
  before: LearningCrossings | null,
  now: LearningCrossings | null,
): { readonly crossings?: BatchCrossings } {
  if (before === null || now === null || now.batches === before.batches) return {};
  const each = (of: Exclude<keyof LearningCrossings, "batches">): number =>
    (now[of] - before[of]) / (now.batches - before.batches);
  return {
    crossings: { callsPerBatch: each("calls"), bytesUp: each("bytesUp"), bytesDown: each("bytesDown") },
  };
}

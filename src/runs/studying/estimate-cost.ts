/** What a study will cost: one job is measured, the rest is arithmetic. Nothing is written. */
import { availableParallelism } from "node:os";
import { OhmletError } from "../../errors";
import { jobsOf } from "../../study";
import { checkWork } from "./check-knobs";
import { chipsAJob } from "./conduct";
import { experimentOf } from "./experiment";
import type { StudyWork } from "./folder";

/** How often a job is measured at most, and after how many milliseconds no more. */
const MOST_TIMES = 20;
const ENOUGH = 500;

/** What a study will cost. */
export interface Cost {
  readonly points: number;
  /** Of every point. */
  readonly chips: number;
  readonly trials: number;
  /** The trial that was measured, and what it failed with, where it did. */
  readonly measured: string;
  readonly fault?: string;
  readonly secondsATrial: number;
  readonly workers: number;
  readonly secondsExpected: number;
}

/** @throws OhmletError RUN-EMPTY where a shard has no trial, and those of the run */
export async function estimateCost(work: StudyWork, workers = availableParallelism()): Promise<Cost> {
  const { asked, trials, data } = work;
  const { study, plan, run, config } = asked;
  const { attempt } = experimentOf(run, { measures: study.measures, train: config.train, data, threads: 1 });
  // The middle of the plan: its first point is often the cheapest, its last the dearest.
  const jobs = jobsOf(trials, chipsAJob(work, trials.length));
  if (jobs.length === 0)
    throw new OhmletError({
      code: "RUN-EMPTY",
      fact: "no trial of this study falls into this part",
      place: { where: "study, --shard" },
      remedy: `take at most ${plan.points.length * study.chips} parts`,
    });
  const { trials: some } = jobs[Math.floor(jobs.length / 2)];
  await checkWork(work);
  // Data are read, modules loaded and loops compiled once in every process: what comes after tells what each
  // one costs.
  const [{ fault }] = await attempt(some);
  const since = performance.now();
  let seconds = Infinity;
  for (let times = 0; times === 0 || (times < MOST_TIMES && performance.now() - since < ENOUGH); times++) {
    const began = performance.now();
    await attempt(some);
    seconds = Math.min(seconds, (performance.now() - began) / 1000 / some.length);
  }
  return {
    points: plan.points.length,
    chips: study.chips,
    trials: trials.length,
    measured: some[0].key,
    ...(fault !== undefined && { fault }),
    secondsATrial: seconds,
    workers,
    secondsExpected: (seconds * trials.length) / Math.min(workers, trials.length),
  };
}

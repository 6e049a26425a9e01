/** What a study will cost: one job is measured, the rest is arithmetic. Nothing is written. */
import { availableParallelism } from "node:os";
import { OhmletError } from "../../errors";
import { jobsOf } from "../../study";
import type { Io } from "../../cli/io";
import { chipsAJob } from "./conduct";
import { experimentOf } from "./experiment";
import type { StudyWork } from "./folder";

/** How often a job is measured at most, and after how many milliseconds no more. */
const MOST_TIMES = 20;
const ENOUGH = 500;

export async function rehearse(work: StudyWork, workers = availableParallelism(), io: Io): Promise<number> {
  const {
    asked: { study, plan, run, config },
    trials,
    shard,
    data,
  } = work;
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
  // Data are read, modules loaded and loops compiled once in every process: what comes after tells what each
  // one costs.
  const [result] = await attempt(some);
  const since = performance.now();
  let seconds = Infinity;
  for (let times = 0; times === 0 || (times < MOST_TIMES && performance.now() - since < ENOUGH); times++) {
    const began = performance.now();
    await attempt(some);
    seconds = Math.min(seconds, (performance.now() - began) / 1000 / some.length);
  }
  const expected = (seconds * trials.length) / Math.min(workers, trials.length);
  io.print(
    `${plan.points.length} points of ${study.chips} chips: ${plan.points.length * study.chips} ` +
      `trials${shard.of > 1 ? `, ${trials.length} of them in this shard` : ""}`,
  );
  io.print(
    `one took ${seconds.toPrecision(2)} s ` +
      `(${some[0].key}${result.fault === undefined ? "" : `, ${result.fault}`})`,
  );
  io.print(`all take about ${duration(expected)} with ${workers} workers`);
  io.emit({
    points: plan.points.length,
    chips: study.chips,
    trials: trials.length,
    secondsATrial: seconds,
    workers,
    secondsExpected: expected,
  });
  return 0;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

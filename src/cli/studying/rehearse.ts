/** What a study will cost: one trial is measured, the rest is arithmetic. Nothing is written. */
import { availableParallelism } from "node:os";
import type { Io } from "../io";
import { experimentOf } from "./experiment";
import type { StudyWork } from "./folder";

export async function rehearse({ asked: { study, plan, run, config }, trials, shard, data }: StudyWork, workers = availableParallelism(), io: Io): Promise<number> {
  const { attempt } = experimentOf(run, { measures: study.measures, train: config.train, data, threads: 1 });
  // The middle of the plan: its first point is often the cheapest, its last the dearest.
  const trial = trials[Math.floor(trials.length / 2)];
  // Data are read and modules loaded once in every process: a second trial tells what each one costs.
  await attempt(trial);
  const began = performance.now();
  const result = await attempt(trial);
  const seconds = (performance.now() - began) / 1000;
  const expected = (seconds * trials.length) / Math.min(workers, trials.length);
  io.print(`${plan.points.length} points of ${study.chips} chips: ${plan.points.length * study.chips} trials${shard.of > 1 ? `, ${trials.length} of them in this shard` : ""}`);
  io.print(`one took ${seconds.toFixed(2)} s (${trial.key}${result.fault === undefined ? "" : `, ${result.fault}`})`);
  io.print(`all take about ${duration(expected)} with ${workers} workers`);
  io.emit({ points: plan.points.length, chips: study.chips, trials: trials.length, secondsATrial: seconds, workers, secondsExpected: expected });
  return 0;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

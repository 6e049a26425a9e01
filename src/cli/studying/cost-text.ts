/** What a study will cost, told. */
import type { Cost } from "../../runs/studying/estimate-cost";
import type { StudyWork } from "../../runs/studying/folder";
import type { Io } from "../io";

export function tellCost(cost: Cost, { shard }: StudyWork, io: Io): void {
  const { points, chips, trials, measured, fault, secondsATrial, workers, secondsExpected } = cost;
  io.print(
    `${points} points of ${chips} chips: ${points * chips} ` +
      `trials${shard.of > 1 ? `, ${trials} of them in this shard` : ""}`,
  );
  io.print(
    `one took ${secondsATrial.toPrecision(2)} s (${measured}${fault === undefined ? "" : `, ${fault}`})`,
  );
  io.print(`all take about ${duration(secondsExpected)} with ${workers} workers`);
  io.emit({ points, chips, trials, secondsATrial, workers, secondsExpected });
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

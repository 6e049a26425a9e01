/** Runs side by side as a table for the terminal, and as data. */
import { columns } from "../../printable";
import type { Comparison } from "../../runs/training/compare";
import { bestOf, resultOf, RESULTS } from "../../runs/training/compared";
import { MOST_DIFFERENCES } from "../../runs/training/comparison-report";
import type { Io } from "../io";

/** @param page where the curves are */
export function tellComparison({ runs, differences }: Comparison, page: string, io: Io): void {
  const told = differences.slice(0, MOST_DIFFERENCES);
  const more = differences.length - told.length;
  io.print(...columns([RESULTS, ...runs.map(resultOf)].map((row) => [...row])));
  if (told.length === 0) io.print("the configs are the same");
  else
    io.print(
      "they differ in",
      ...columns(told.map(({ path, values }) => [path, ...values])),
      ...(more > 0 ? [`  and in ${more} more settings`] : []),
    );
  io.print(page);
  io.emit({
    page,
    runs: runs.map(({ label, record, epochs }) => ({
      run: record.path,
      label,
      outcome: record.outcome,
      epochs: epochs.length,
      best: bestOf(epochs).accuracy,
      last: epochs[epochs.length - 1],
    })),
    differences,
  });
}

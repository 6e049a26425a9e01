/** Runs side by side as a table for the terminal, and as data. */
import { comparisonLines, type Comparison } from "../../runs/training/compare";
import { bestOf } from "../../runs/training/compared";
import type { Io } from "../io";

/** @param page where the curves are */
export function tellComparison(comparison: Comparison, page: string, io: Io): void {
  const { runs, differences } = comparison;
  io.print(...comparisonLines(comparison));
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

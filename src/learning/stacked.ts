/**
 * What stacked chips share, shared out: a batch for every chip, and what an estimator found on each. The
 * estimators themselves know nothing of it: to them a stack is a batch of more samples.
 */
import { tile } from "../dynamics/lowering/arrays";
import { planesOfChip, rowsOfChip } from "../dynamics/phases/by-chip";
import type { Planes } from "../dynamics/types";
import type { Arrays } from "./estimators/contrast";
import { asEstimate, readBatch, type Batch, type Estimate } from "./types";

/** A batch that every one of so many stacked chips gets: [chips, samples] rows. Several start at zero. */
export function forEveryChip(batch: Batch, chips: number): Batch {
  readBatch(batch);
  if (chips === 1) return batch;
  const { samples, inputs, targets, labels, indices } = batch;
  const repeated = <T extends Uint8Array | Uint32Array>(values: T): T => {
    const out = new (values.constructor as new (length: number) => T)(values.length * chips);
    for (let c = 0; c < chips; c++) out.set(values, c * values.length);
    return out;
  };
  return {
    samples: samples * chips,
    inputs: tile(inputs, chips),
    targets: tile(targets, chips),
    ...(labels !== undefined && { labels: repeated(labels) }),
    ...(indices !== undefined && { indices: repeated(indices) }),
  };
}

/**
 * An estimate of stacked chips by chip, as each alone would give it; only the lag of an oscillating nudge is
 * of all chips together.
 */
export function estimateByChip(estimate: Estimate, chips: number): Estimate[] {
  return Array.from({ length: chips }, (_, c) => {
    const planes = (of: Planes): Planes => planesOfChip(of, c, chips);
    const arrays = (of: Arrays): Arrays =>
      Object.fromEntries(Object.entries(of).map(([name, values]) => [name, rowsOfChip(values, c, chips)]));
    const { aliasingByChip, ...shared } = estimate;
    return asEstimate({
      ...shared,
      aliasing: aliasingByChip?.[c] ?? estimate.aliasing,
      free: { states: planes(estimate.free.states), activities: planes(estimate.free.activities) },
      dState: arrays(estimate.dState),
      dActivity: arrays(estimate.dActivity),
      ...(estimate.unread !== undefined && { unread: planes(estimate.unread) }),
      ...(estimate.multiplier !== undefined && { multiplier: estimate.multiplier.part(c, chips) }),
      ...(estimate.series !== undefined && {
        series: estimate.series.map(({ order, terms }) => ({ order, terms: arrays(terms) })),
      }),
      ...(estimate.midpoint !== undefined && { midpoint: planes(estimate.midpoint) }),
      ...(estimate.midState !== undefined && { midState: planes(estimate.midState) }),
      outcomes: estimate.outcomes.map((outcome) => outcome.byChip?.[c] ?? outcome),
    });
  });
}

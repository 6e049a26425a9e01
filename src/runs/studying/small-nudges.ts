/** Shares of samples at which small nudges do what they are meant to do (Scellier et al. 2018, section 5). */
import type { Chip } from "../../circuit/chip-types";
import type { PhaseResult } from "../../dynamics/types";
import { LARGEST_DENSE } from "../../learning/references/jacobian";
import { nudgeEffects } from "../../learning/references/nudge-effects";
import type { Batch } from "../../learning/types";

/**
 * `good`: of all samples, those that settle and whose update descends the cost. `costRises`: of those that settle,
 * those at which a nudge raises it. Null of circuits too large for direct solves.
 * @param phase free, of the samples of the batch
 */
export function smallNudges(
  chip: Chip,
  { samples, inputs, targets }: Batch,
  { states, ends }: PhaseResult,
): { readonly good: number | null; readonly costRises: number | null } {
  if (chip.circuit.units > LARGEST_DENSE) return { good: null, costRises: null };
  const settled = [...ends.keys()].filter((s) => ends[s] === "settled");
  const effects = settled.flatMap((s) => {
    const row = (values: Float64Array): Float64Array =>
      values.subarray((s * values.length) / samples, ((s + 1) * values.length) / samples);
    const own = Object.entries(states).map(([name, { re }]) => [name, { re: row(re) }]);
    return nudgeEffects(chip, 1, row(inputs), Object.fromEntries(own), row(targets));
  });
  const share = (which: (effect: (typeof effects)[number]) => boolean, of: number): number | null =>
    of === 0 ? null : effects.filter(which).length / of;
  return {
    good: share(({ descent }) => descent > 0, samples),
    costRises: share(({ costSlope }) => costSlope > 0, settled.length),
  };
}

/**
 * How right a chip is: a sample of a class counts 1 where it is told right, and 0 where not; one of numbers counts
 * what of their variance its answer explains, 1 - |answer - target|^2 / variance, so that the mean over samples is
 * the coefficient of determination.
 */
import type { Chip } from "../circuit/chip-types";
import { predictions } from "./cost";
import { countCorrect } from "./figures";
import type { Batch } from "./types";

/**
 * The sum over a batch; null where nothing is asked that could be right.
 * @param argument of the cost, [samples, output size]
 * @param counts which samples can be right at all. Default: all
 */
export function scoreOf(
  chip: Chip,
  argument: Float64Array,
  { labels, targets, variance }: Batch,
  counts: (sample: number) => boolean = () => true,
): number | null {
  if (labels !== undefined) return countCorrect(predictions(chip, argument), labels, counts);
  if (variance === undefined) return null;
  const { size } = chip.circuit.output;
  let sum = 0;
  for (let s = 0; s < argument.length / size; s++) {
    if (!counts(s)) continue;
    let off = 0;
    for (let k = s * size; k < (s + 1) * size; k++) off += (argument[k] - targets[k]) ** 2;
    sum += 1 - off / variance;
  }
  return sum;
}

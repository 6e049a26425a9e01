/**
 * An input to try a circuit on: a generated digit where the input is a square image, else numbers drawn from
 * the seed.
 */
import { strokeDigits } from "../data/strokes";
import { streamOf, uniform } from "../random";

export function exampleInput(
  size: number,
  sample: number,
  seed: number,
): { text: string; inputs: Float64Array } {
  const side = Math.sqrt(size);
  const inputs = new Float64Array(size);
  if (Number.isInteger(side) && side >= 8 && side <= 28) {
    const digits = strokeDigits({ size: side, samples: sample + 1, seed, split: "test" });
    digits.pixels(sample, inputs, 0);
    return { text: `a generated ${digits.labels[sample]}`, inputs };
  }
  return {
    text: `${size} numbers drawn from seed ${seed}`,
    inputs: inputs.map((_, i) => uniform(seed, streamOf("example input"), sample, i)),
  };
}

/** What is clamped: a sample holds the data of all inputs side by side, in their order. */
import type { Circuit } from "./chip-types";

/** The clamped populations of a spec, by name. */
export const inputNames = (input: string | readonly string[]): readonly string[] =>
  typeof input === "string" ? [input] : input;

/**
 * Each clamped population's part of data, [samples, size], by name: of one population the data themselves.
 * Not to be written to.
 * @param data [samples, input size]
 */
export function partsOfInputs(
  { inputs, inputSize }: Pick<Circuit, "inputs" | "inputSize">,
  data: ArrayLike<number>,
): ReadonlyMap<string, Float64Array> {
  const values = data instanceof Float64Array ? data : Float64Array.from(data);
  if (inputs.length === 1) return new Map([[inputs[0].name, values]]);
  const samples = values.length / inputSize;
  const parts = new Map<string, Float64Array>();
  let column = 0;
  for (const { name, size } of inputs) {
    const part = new Float64Array(samples * size);
    for (let s = 0; s < samples; s++)
      part.set(values.subarray(s * inputSize + column, s * inputSize + column + size), s * size);
    parts.set(name, part);
    column += size;
  }
  return parts;
}

/**
 * What is clamped: a sample holds the data of all inputs side by side, in their order; each shows its part as it is,
 * or encoded.
 */
import type { Circuit } from "./chip-types";
import type { InputEncoding, PopulationSpec } from "./types";
import { OhmletError } from "../errors";

/** The clamped populations of a spec, by name. */
export const inputNames = (input: string | readonly string[]): readonly string[] =>
  typeof input === "string" ? [input] : input;

/** Values of a sample that a clamped population shows. @throws OhmletError CIRCUIT-ENCODING */
export function dataSizeOf(
  { name, size, encoding }: PopulationSpec,
  at: (what: string) => { readonly where: string },
): number {
  if (encoding === undefined) return size;
  const { factors, constants = [] } = encoding;
  const values = (size - constants.length) / factors.length;
  if (Number.isInteger(values) && values > 0) return values;
  throw new OhmletError({
    code: "CIRCUIT-ENCODING",
    fact: `${size} units are not ${factors.length} times some values and ${constants.length} constants`,
    place: at(`population "${name}"`),
    remedy: "give it as many units as values times factors, and constants",
  });
}

/**
 * What each clamped population is given of data, [samples, size], by name: of one population the data themselves,
 * where they are not encoded. Not to be written to.
 * @param data [samples, input size]
 */
export function partsOfInputs(
  { inputs, inputSize }: Pick<Circuit, "inputs" | "inputSize">,
  data: ArrayLike<number>,
): ReadonlyMap<string, Float64Array> {
  const values = data instanceof Float64Array ? data : Float64Array.from(data);
  const samples = values.length / inputSize;
  const parts = new Map<string, Float64Array>();
  let column = 0;
  for (const { name, size, dataSize, spec } of inputs) {
    let part = values;
    if (inputs.length > 1) {
      part = new Float64Array(samples * dataSize);
      for (let s = 0; s < samples; s++)
        part.set(values.subarray(s * inputSize + column, s * inputSize + column + dataSize), s * dataSize);
    }
    parts.set(name, spec.encoding === undefined ? part : encode(part, spec.encoding, samples, size));
    column += dataSize;
  }
  return parts;
}

/** [samples, size] of [samples, data size]. */
function encode(
  values: Float64Array,
  { factors, constants = [] }: InputEncoding,
  samples: number,
  size: number,
): Float64Array {
  const width = values.length / samples;
  const out = new Float64Array(samples * size);
  for (let s = 0, at = 0; s < samples; s++) {
    for (const factor of factors) for (let i = 0; i < width; i++) out[at++] = factor * values[s * width + i];
    for (const constant of constants) out[at++] = constant;
  }
  return out;
}

/**
 * What an optimizer remembers: named arrays that start at zero, and how many batches each projection has had.
 */
import { OhmletError } from "../../errors";

/** Arrays with their shapes, as a chip saves its own. */
export type NamedArrays = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>
>;

export class Memory {
  #arrays = new Map<string, Float64Array>();

  /** @throws OhmletError OPTIMIZER-SHAPE where an array of that name has another length */
  get(key: string, length: number): Float64Array {
    const found = this.#arrays.get(key);
    if (found === undefined) {
      const fresh = new Float64Array(length);
      this.#arrays.set(key, fresh);
      return fresh;
    }
    if (found.length === length) return found;
    throw new OhmletError({
      code: "OPTIMIZER-SHAPE",
      fact: `"${key}" has ${found.length} values in the saved optimizer and ${length} in the circuit`,
      place: { where: "optimizer" },
      remedy: "resume with the circuit that the run began with",
    });
  }

  /** Counts one more batch of a projection; returns its number, from 1. */
  count(projection: string): number {
    return ++this.counter(projection)[0];
  }

  /** Where the batches of a projection are counted. */
  counter(projection: string): Float64Array {
    return this.get(`${projection}.batches`, 1);
  }

  save(): NamedArrays {
    return Object.fromEntries(
      [...this.#arrays].map(([key, values]) => [
        key,
        { shape: [values.length], values: Float64Array.from(values) },
      ]),
    );
  }

  load(arrays: NamedArrays): void {
    this.#arrays = new Map(
      Object.entries(arrays).map(([key, { values }]) => [key, Float64Array.from(values)]),
    );
  }
}

/**
 * Free states that persist: the free phase of a sample starts where its last one ended, an epoch ago, from
 * where it is a short way (Scellier and Bengio 2017 do so). They cost one float32 a unit and sample.
 */
import type { Circuit } from "../circuit/chip-types";
import { statesOf } from "../circuit/states";
import type { Plane, Planes } from "../dynamics/types";
import type { FreeEnd, FreeStart } from "./free-start";
import type { Batch } from "./types";

/** The free states of every sample of a set, kept from epoch to epoch. */
export class PersistentStates implements FreeStart {
  private readonly kept: ReadonlyMap<string, { readonly size: number; readonly values: Float32Array }>;

  /** @param samples of the set; states start at zero */
  constructor(circuit: Circuit, samples: number) {
    this.kept = new Map(
      statesOf(circuit).map(({ name, size }) => [name, { size, values: new Float32Array(samples * size) }]),
    );
  }

  begin(batch: Batch): Batch {
    return batch.indices === undefined ? batch : { ...batch, start: this.of(batch.indices) };
  }

  end({ indices }: Batch, { states }: FreeEnd): void {
    if (indices !== undefined) this.keep(indices, states);
  }

  /** States of some samples, [indices, size] by population. */
  of(indices: Uint32Array): Planes {
    return Object.fromEntries(
      [...this.kept].map(([name, { size, values }]): [string, Plane] => {
        const re = new Float64Array(indices.length * size);
        indices.forEach((sample, s) => re.set(values.subarray(sample * size, (sample + 1) * size), s * size));
        return [name, { re }];
      }),
    );
  }

  /** Keeps states of some samples, [indices, size] by population, for the next epoch. */
  keep(indices: Uint32Array, states: Planes): void {
    for (const [name, { size, values }] of this.kept)
      indices.forEach((sample, s) =>
        values.set(states[name].re.subarray(s * size, (s + 1) * size), sample * size),
      );
  }

  /** Copies of all states, [samples, size] by population. */
  save(): Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }> {
    return Object.fromEntries(
      [...this.kept].map(([name, { size, values }]) => [
        name,
        { shape: [values.length / size, size], values: values.slice() },
      ]),
    );
  }

  /** Replaces all states by those that `save` gave. */
  load(saved: Readonly<Record<string, { readonly values: ArrayLike<number> }>>): void {
    for (const [name, { values }] of this.kept) values.set(saved[name].values);
  }
}

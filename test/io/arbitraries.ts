/** Random arrays for the tests of .npy and .npz. */
import fc from "fast-check";
import type { NpyArray } from "../../src/io/npy";

/** Arrays of rank 0 to 3, empty ones too, of both types, with every kind of float. */
export const arrays: fc.Arbitrary<NpyArray> = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const exact = { minLength: count, maxLength: count };
  return fc.oneof(fc.float64Array(exact), fc.float32Array(exact)).map((data): NpyArray => ({ shape, data }));
});

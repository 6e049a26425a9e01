/** Programs of a circuit on the host, or in an engine of their own, take over what a chip's arrays hold. */
import type { Chip } from "../circuit/chip-types";
import { transpose } from "../dynamics/lowering/arrays";
import type { Executable } from "../engines/engine";
import type { Program } from "../program/program";

/**
 * Sets w… and b…, by the number of the projection, and those that are read transposed; what a program does not have
 * is left out.
 * @param turned transposed arrays, by the array that each is of
 */
export function setArrays(
  exe: Pick<Executable, "setWeights">,
  { weights: known }: Program,
  chip: Chip,
  turned: ReadonlyMap<string, string>,
): void {
  const set = (name: string, values: Float64Array, pre: number, post: number): void => {
    const flipped = turned.get(name);
    if (Object.hasOwn(known, name)) exe.setWeights(name, values);
    if (flipped !== undefined && Object.hasOwn(known, flipped))
      exe.setWeights(flipped, transpose(values, pre, post));
  };
  chip.circuit.projections.forEach(({ name, array: { pre, post } }, index) => {
    const { weights, biases } = chip.weights(name);
    set(`w${index}`, weights, pre, post);
    if (biases !== null) set(`b${index}`, biases, 1, post);
  });
}

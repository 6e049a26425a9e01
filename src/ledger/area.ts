/** What the devices of a circuit take of a chip, where something says so: their area, or their mismatch. */
import type { Circuit } from "../circuit/chip-types";
import { ownerOf } from "../circuit/owner";
import type { Parameter } from "../device/types";

/**
 * Square metres. A parameter takes the area that it says, or (matching/mismatch)^2 (Pelgrom 1989); parameters
 * that neither differ nor say anything take none. Null where no parameter says anything.
 */
export function areaOf({ populations, projections }: Circuit, matching: number | null): number | null {
  let [total, told] = [0, false];
  const add = (rows: number, columns: number, parameters: Readonly<Record<string, Parameter>>): void => {
    for (const { area, mismatch, extent } of Object.values(parameters)) {
      const own = area ?? (matching === null || mismatch === 0 ? null : (matching / mismatch) ** 2);
      if (own === null) continue;
      // What a line or an array shares is there once.
      const once = { device: rows * columns, row: rows, column: columns, array: 1, chip: 1 };
      total += once[extent] * own;
      told = true;
    }
  };
  for (const { size, neuron } of populations) add(1, size, neuron?.parameters ?? {});
  for (const p of projections)
    if (ownerOf(p) === p.name) add(p.array.pre + (p.bias ? 1 : 0), p.array.post, p.synapse.parameters);
  return told ? total : null;
}

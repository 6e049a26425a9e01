/** Arrays as checkpoints hold them, and how one is refused. */
import { OhmletError } from "../../errors";

/** Arrays by name, with their shapes. */
export type SavedArrays = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: Float64Array | Float32Array }>
>;

export function checkFinite(name: string, values: Float64Array | Float32Array): void {
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) unfit(name, `value ${bad} is ${values[bad]}`);
}

/** Says what does not fit. */
export function unfit(name: string, fact: string): never {
  throw new OhmletError({
    code: "CHECKPOINT-ARRAYS",
    fact: `"${name}" does not fit this training: ${fact}`,
    place: { where: "checkpoint" },
    remedy: "resume from a file that was written by this run",
  });
}

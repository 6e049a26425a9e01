/**
 * Chips of one circuit side by side: a simulator settles them in one launch, each with weights, parameters and noise of its
 * own. It holds the chips and copies nothing; what changes in one of them is seen.
 */
import { OhmletError } from "../errors";
import type { Chip, Circuit } from "./chip-types";

export interface ChipStack<P extends string = string> {
  readonly circuit: Circuit<P, string>;
  /** One or more; samples are shared out evenly among them, in this order. */
  readonly chips: readonly Chip<P, string>[];
}

/**
 * Chips as one, for a `Simulator`.
 * @throws OhmletError CHIP-STACK where there are none, or where their circuits differ
 */
export function stackChips<P extends string>(chips: readonly Chip<P, string>[]): ChipStack<P> {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "CHIP-STACK", fact, place: { where: chips[0]?.circuit.name ?? "stackChips" }, remedy });
  };
  if (chips.length === 0) fail("there are no chips to stack", "give one or more");
  const [{ circuit }] = chips;
  const spec = JSON.stringify(circuit.spec);
  const other = chips.findIndex((chip) => chip.circuit !== circuit && JSON.stringify(chip.circuit.spec) !== spec);
  if (other >= 0) fail(`chip ${other} is of another circuit than chip 0`, "stack chips that were fabricated from one circuit");
  return { circuit, chips: [...chips] };
}

/**
 * Chips of one circuit side by side: a simulator settles them in one launch, each with weights, parameters
 * and noise of its own. It holds the chips and copies nothing; what changes in one of them is seen.
 */
import { count, printsItself, type Describe } from "../display";
import { OhmletError } from "../errors";
import type { Chip, Circuit } from "./chip-types";

/**
 * Chips of one circuit that a simulator settles side by side, each with its own weights, parameters and
 * noise.
 */
export interface ChipStack<P extends string = string> {
  readonly circuit: Circuit<P, string>;
  /** One or more; samples are shared out evenly among them, in this order. */
  readonly chips: readonly Chip<P, string>[];
}

const describeStack: Describe<ChipStack> = ({ circuit, chips }) => [
  `${count(chips.length, "chip")} of ${circuit.name}, side by side`,
  `  seeds ${chips.map(({ seed }) => seed).join(", ")}`,
];

const asStack = printsItself(describeStack);

/**
 * Chips as one, for a `Simulator`.
 * @throws OhmletError CHIP-STACK where there are none, where one is none, or where their circuits differ
 */
export function stackChips<P extends string>(chips: readonly Chip<P, string>[]): ChipStack<P> {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "CHIP-STACK", fact, place: { where: "stackChips" }, remedy });
  };
  if (!Array.isArray(chips))
    fail("what should be stacked is no list of chips", "give a list:  stackChips([chip, other])");
  const none = chips.findIndex(
    (chip: Partial<Chip> | null | undefined) => typeof chip?.circuit?.spec !== "object",
  );
  if (none >= 0) fail(`entry ${none} is no chip`, "give chips, as  fabricate  makes them");
  if (chips.length === 0) fail("there are no chips to stack", "give one or more");
  const [{ circuit }] = chips;
  const spec = JSON.stringify(circuit.spec);
  const other = chips.findIndex(
    (chip) => chip.circuit !== circuit && JSON.stringify(chip.circuit.spec) !== spec,
  );
  if (other >= 0)
    fail(
      `chip ${other} is of another circuit than chip 0`,
      "stack chips that were fabricated from one circuit",
    );
  return asStack({ circuit, chips: [...chips] });
}

/** What homeostasis asks of a chip's arrays after a batch, on the host. */
import type { Chip } from "../../circuit/chip-types";
import type { Planes } from "../../dynamics/types";
import type { PhaseKey } from "../../random";
import { byOwner } from "../drives";
import { linearise } from "../references/linearisation";
import type { Updates } from "../rules";
import type { Batch } from "../types";
import { homeostaticLoss } from "./homeostasis";
import { expectFits, type Homeostasis } from "./options";

/** The factor on the gradient of the loss of Eq. 12. */
export const weightOf = ({ circuit }: Chip, { coefficient, perUnit }: Homeostasis): number =>
  perUnit ? coefficient / circuit.units : coefficient;

/**
 * Changes that are wanted of every array that learns: minus the gradient of the loss, times its coefficient.
 * @param states at the end of the free phase
 * @throws OhmletError HOMEO-SIZE
 */
export function homeostaticUpdates(
  chip: Chip,
  homeostasis: Homeostasis,
  { samples, inputs }: Batch,
  states: Planes,
  { seed, phase }: PhaseKey,
): Updates {
  expectFits(chip.circuit, homeostasis, samples);
  const { of, form, draws } = homeostasis;
  const at = linearise(chip, samples, inputs, states);
  const { gradient } = homeostaticLoss(at, { of, form, ...(form !== "exact" && { draws }), seed, phase });
  const scale = -weightOf(chip, homeostasis);
  const scaled = (values: Float64Array): Float64Array => values.map((x) => x * scale);
  return Object.fromEntries(
    Object.entries(byOwner(chip.circuit, gradient)).map(([name, { weights, biases }]) => [
      name,
      { weights: scaled(weights), biases: biases && scaled(biases) },
    ]),
  );
}

/** Both together, where the first has an entry. */
export const added = (updates: Updates, more: Updates): Updates =>
  Object.fromEntries(
    Object.entries(updates).map(([name, { weights, biases }]) => [
      name,
      { weights: weights.map((x, k) => x + more[name].weights[k]), biases },
    ]),
  );

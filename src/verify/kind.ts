/**
 * What a kind of reference case is: a function that rebuilds the model, runs it, and hands every quantity to
 * the comparison.
 */
import type { Chip, Projection } from "../circuit/chip-types";
import type { Engine } from "../engines/engine";
import { fault, type CaseValue } from "./case";
import type { Comparison } from "./compare";

export interface Bench {
  /** Computes states, estimates and updates. */
  readonly engine: Engine;
  /** float64: the free state from which exact quantities are computed, whatever the engine. */
  readonly reference: Engine;
  readonly check: Comparison;
}

/**
 * @throws OhmletError VERIFY-CASE for cases that are inconsistent or too large; whatever the circuit refuses
 */
export type Verifier = (given: CaseValue, bench: Bench) => Promise<void>;

/**
 * A hostile case must end: most steps of a phase, units of a circuit, multiplications of a phase and of the
 * exact answers.
 */
export const MOST_STEPS = 1_000_000;
export const MOST_UNITS = 600;
const MOST_WORK = 5e9;
const MOST_EXACT_WORK = 2e9;

/** Steps end early only where nothing moves any more, to the last bit: the answer is that of all steps. */
export const UNTIL_STILL = Number.MIN_VALUE;

/** @throws OhmletError VERIFY-CASE where dense Jacobians of every sample would take too long */
export function checkSize({ circuit }: Chip, samples: number): void {
  if (circuit.units > MOST_UNITS) fault("", `${circuit.units} units, at most ${MOST_UNITS} can be verified`);
  if (samples * circuit.units ** 3 > MOST_EXACT_WORK)
    fault(
      "",
      `${samples} samples of ${circuit.units} units are more than can be verified`,
      "give fewer samples",
    );
}

/** Multiply-adds of a projection. */
const usesOf = ({ wiring, array }: Projection): number =>
  wiring?.members.reduce((sum, { at, block }) => sum + at.length * block.pre * block.post, 0) ??
  array.pre * array.post;

/** @throws OhmletError VERIFY-CASE where a phase would take too long */
export function checkWork({ circuit }: Chip, rows: number, steps: number): void {
  const synapses = circuit.projections.reduce((sum, p) => sum + usesOf(p), 0);
  if (synapses * rows * steps <= MOST_WORK) return;
  fault(
    "",
    `${synapses} synapses x ${rows} rows x ${steps} steps are more than can be verified`,
    "make the case smaller or its phases shorter",
  );
}

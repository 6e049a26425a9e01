/**
 * The true error vector by iteration (recurrent backpropagation), for circuits of any size: each step sends
 * the error backwards through the weights of every projection (Laborieux and Zenke 2023, Eq. 4).
 */
import type { Chip } from "../../circuit/chip-types";
import type { Outcome, Planes } from "../../dynamics/types";
import type { ByPopulation } from "../drives";
import { costForces, nudgeSign } from "./exact";
import { iterate, readIteration, type IterationOptions } from "./iterate";
import { linearise, type Linearisation } from "./linearisation";

const readOptions = readIteration("recurrentBackpropagation");

/** The true error vector, and how the iteration for it ended. */
export interface RecurrentBackpropagation {
  /** As `delta` of `exactAnswers`, [samples, size] by unclamped population. */
  readonly delta: ByPopulation;
  /** Steps count those of all relaxations tried; rows are the samples that did not settle. */
  readonly outcome: Outcome;
  readonly relaxation: number;
  readonly linearisation: Linearisation;
}

/**
 * The true error vector by iteration, for circuits of any size: the error is sent backwards through the
 * weights until it stands still.
 * @param inputs [samples, input size]
 * @param states free fixed point, u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 * @throws OhmletError OPTION-…, COST-SHAPE
 */
export async function recurrentBackpropagation(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
  options: IterationOptions = {},
): Promise<RecurrentBackpropagation> {
  readOptions(options);
  const at = linearise(chip, samples, inputs, states);
  const { slope } = costForces(at, states, targets);
  const { values, ...ended } = await iterate(at, "backwards", slope, options);
  const sign = nudgeSign(chip.circuit);
  const delta = Object.fromEntries(
    Object.entries(values).map(([name, l]) => [name, l.map((x, i) => sign * x * at.gain[name][i])]),
  );
  return { delta, linearisation: at, ...ended };
}

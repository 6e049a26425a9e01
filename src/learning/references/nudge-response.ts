/**
 * How the free fixed point moves with a real nudge, by iteration in forward mode, for circuits of any size:
 * what estimators measure on a chip (Laborieux and Zenke 2023, Table 1, "true").
 */
import type { Chip } from "../../circuit/chip-types";
import type { Outcome, Planes } from "../../dynamics/types";
import type { ByPopulation } from "../drives";
import { costForces } from "./exact";
import { iterate, readIteration, type IterationOptions } from "./iterate";
import { linearise, type Linearisation } from "./linearisation";

const readOptions = readIteration("nudgeResponse");

/** The derivative of the free fixed point by the nudge, and how the iteration for it ended. */
export interface NudgeResponse {
  /** d u / d beta at beta = 0, [samples, size] by unclamped population; 0 at frozen units. */
  readonly dState: ByPopulation;
  /** d rho(u) / d beta. */
  readonly dActivity: ByPopulation;
  /** Steps count those of all relaxations tried; rows are the samples that did not settle. */
  readonly outcome: Outcome;
  readonly relaxation: number;
  readonly linearisation: Linearisation;
}

/**
 * As `dState` and `dActivity` of `exactAnswers`, at any size.
 * @param inputs [samples, input size]
 * @param states free fixed point, u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 * @throws OhmletError OPTION-…, COST-SHAPE
 */
export async function nudgeResponse(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
  options: IterationOptions = {},
): Promise<NudgeResponse> {
  readOptions(options);
  const at = linearise(chip, samples, inputs, states);
  const { force } = costForces(at, states, targets);
  const { values: dState, ...ended } = await iterate(at, "forwards", force, options);
  const dActivity = Object.fromEntries(
    Object.entries(dState).map(([name, d]) => [name, d.map((x, i) => x * at.rhoPrime[name][i])]),
  );
  return { dState, dActivity, linearisation: at, ...ended };
}

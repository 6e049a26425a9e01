/** How symmetric a chip's Jacobian is after free phases of test samples: for the reports of a training. */
import type { Simulator } from "../../dynamics/simulator";
import { OhmletError } from "../../errors";
import type { FreeLengths } from "../estimators";
import { freeStepsOf } from "../lengths";
import { symmetryPhase } from "../phases";
import type { SymmetryMeasure } from "../references/jacobian";
import { linearise } from "../references/linearisation";
import type { Batch } from "../types";
import { estimateSymmetry } from "./homeostasis";
import { kickRows, type Homeostasis, type HomeostasisOf } from "./options";

/** How symmetric which Jacobian is: norms of its parts, and S/(S + A). Twice A squared is the homeostatic loss. */
export interface JacobianSymmetry extends SymmetryMeasure {
  readonly of: HomeostasisOf;
}

/** Kicks up to which every unit is kicked; beyond, so many random ones a sample. */
const MOST_EXACT = 1024;
const DRAWS = 20;

/** Nothing where no homeostasis is asked for; null where the Jacobian does not exist, since an output is flat. */
export async function symmetryAfter(
  simulator: Simulator,
  { samples, inputs }: Batch,
  { tolerance, average, ...lengths }: FreeLengths,
  homeostasis: Homeostasis | undefined,
  { seed, epoch }: { readonly seed: number; readonly epoch: number },
): Promise<{ readonly symmetry?: JacobianSymmetry | null }> {
  if (homeostasis === undefined) return {};
  const { of } = homeostasis;
  const phase = symmetryPhase(epoch);
  const { chip } = simulator;
  const steps = freeStepsOf(simulator, lengths);
  const request = { samples, inputs, steps, tolerance, average, phase };
  const { states } = await simulator.phase(request);
  const every = kickRows(chip.circuit, { of, form: "exact", draws: 0 }, samples);
  const kicks = every <= MOST_EXACT ? ({ form: "exact" } as const) : { draws: DRAWS, seed, phase };
  try {
    const found = estimateSymmetry(linearise(chip, samples, inputs, states), { of, ...kicks });
    return { symmetry: { of, ...found } };
  } catch (error) {
    if (error instanceof OhmletError && error.code === "JACOBIAN-SLOPE") return { symmetry: null };
    throw error;
  }
}

/**
 * Estimators that hold the output instead of nudging it: free, then with the output at a point of its way to the
 * target. All the way is contrastive Hebbian learning (Movellan 1990); a part of it is coupled learning (Stern et
 * al. 2021, Eq. 3). However small that part is, what they find is not the derivative by the nudge: the output
 * moves by its error itself, not by what the circuit lets a force do to it. How far off that is, `ohmlet
 * estimators` tells.
 */
import { optionsOf } from "../../options";
import type { Estimator, PhaseLengths, PointPlan } from "./estimator";
import { AMPLITUDE, pointEstimator, readAmplitude, type AmplitudeOptions } from "./points";

const readClamped = optionsOf<PhaseLengths>("clamped", { takes: AMPLITUDE.takes });

/**
 * Contrastive Hebbian learning: the difference between a phase with the output at its target and the free phase
 * (Movellan 1990). For squared errors.
 * @throws OhmletError LEARN-LENGTH, OPTION-…; LEARN-HOLD when it runs on a circuit of another cost
 */
export function clamped(lengths: PhaseLengths): Estimator {
  return holding("clamped", { ...readClamped(lengths), amplitude: 1 });
}

/**
 * Coupled learning: the output is held at a share `amplitude` of its way from where it is free to the target, and
 * the difference divided by that (Stern et al. 2021, Eq. 3). For squared errors.
 * @throws OhmletError LEARN-AMPLITUDE, LEARN-LENGTH, OPTION-…; LEARN-HOLD when it runs on a circuit of another
 *   cost
 */
export function coupled(options: AmplitudeOptions): Estimator {
  return holding("coupled", readAmplitude("coupled", options));
}

function holding(name: "clamped" | "coupled", options: AmplitudeOptions): Estimator {
  const { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average, amplitude } = options;
  const lengths = { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average };
  const plan: PointPlan = {
    nudges: [{ re: amplitude, im: 0 }],
    derivative: { points: [{ re: 1 / amplitude, im: 0 }], free: -1 / amplitude },
    fewer: null,
    midpoint: { points: [0.5], free: 0.5 },
    held: true,
  };
  return pointEstimator({
    name,
    settings: name === "clamped" ? lengths : { amplitude, ...lengths },
    lengths,
    amplitude,
    complex: false,
    order: 1,
    plan: () => plan,
    again: (changed) => holding(changed.amplitude === 1 ? name : "coupled", changed),
  });
}

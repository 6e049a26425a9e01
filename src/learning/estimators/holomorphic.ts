/**
 * Holomorphic EP: the Cauchy integral over a circle of nudges, beta_k = |beta| e^(2 pi i k / N), all settled
 * side by side (Laborieux and Zenke 2023, Eq. 7 and 22): d_beta = (1/N) sum_k u(beta_k) / beta_k. Its bias is
 * of order |beta|^N. Idealised: two state planes, since no node has an imaginary voltage. N = 2 is the
 * centred pair, N = 1 the one-sided.
 */
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { checkAmplitude } from "./check";
import { PHASES } from "../phases";
import { asEstimator, type Estimator } from "./estimator";
import { differencesOf, NUDGING, pointEstimator, type NudgingOptions } from "./points";
import { cauchyWeight, circle, fewerOf } from "./circle";
import { seriesOf } from "./radius";
import { centred, oneSided } from "./two-phase";

/** Points, amplitude and phases of holomorphic equilibrium propagation. */
export interface HolomorphicOptions extends NudgingOptions {
  /** Points on the circle, 1 to 64. */
  readonly points: number;
}

const readOptions = optionsOf<HolomorphicOptions>("holomorphic", {
  needs: { ...NUDGING.needs, points: check.numeric },
  takes: NUDGING.takes,
});

/**
 * Holomorphic equilibrium propagation: N nudges on a circle settle side by side, and a Cauchy integral over
 * them gives the derivative with a bias of order |beta|^N (Laborieux and Zenke 2023, Eq. 7 and 22). Idealised
 * beyond two points: a complex nudge needs two state planes, and a holomorphic circuit.
 * @throws OhmletError LEARN-AMPLITUDE, LEARN-POINTS, LEARN-LENGTH, OPTION-…; EQ-HOLOMORPHIC when it runs on a
 *   circuit that is not holomorphic
 */
export function holomorphic(options: HolomorphicOptions): Estimator {
  const { points, ...lengths } = readOptions(options);
  const { amplitude, freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average } = lengths;
  checkAmplitude("holomorphic", amplitude);
  if (!Number.isInteger(points) || points < 1 || points > PHASES) {
    throw new OhmletError({
      code: "LEARN-POINTS",
      fact: `${points} is not a number of points`,
      place: { where: "holomorphic" },
      remedy: `give a whole number from 1 to ${PHASES}`,
    });
  }
  const exact = differencesOf(lengths);
  const phases = { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average };
  const settings = { points, amplitude, ...phases, ...exact };
  // On the real axis one plane is enough: these are the classical estimators.
  if (points <= 2)
    return asEstimator({
      ...(points === 1 ? oneSided(lengths) : centred(lengths)),
      name: "holomorphic",
      settings,
    });
  const nudges = circle(amplitude, points);
  const plan = {
    nudges,
    derivative: { points: nudges.map((beta) => cauchyWeight(beta, points)), free: 0 },
    fewer: fewerOf(nudges),
    series: seriesOf(nudges),
    midpoint: null,
    ...(exact.differences && { exact: true as const }),
  };
  return pointEstimator({
    name: "holomorphic",
    settings,
    lengths: phases,
    amplitude,
    complex: true,
    order: points,
    plan: () => plan,
    again: (changed) => holomorphic({ ...changed, ...exact, points }),
  });
}

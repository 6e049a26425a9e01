/** Nudges on a circle, and the weights of Cauchy's integral over them. */
import type { Complex } from "../../dynamics/types";
import { asOutcome } from "../../dynamics/describe";
import type { Outcome } from "../../dynamics/types";
import type { PointPlan } from "./estimator";

/** N points on a circle of radius `amplitude`, the first on the positive real axis. */
export function circle(amplitude: number, points: number): Complex[] {
  return Array.from({ length: points }, (_, k) => {
    const angle = (2 * Math.PI * k) / points;
    return { re: amplitude * Math.cos(angle), im: amplitude * Math.sin(angle) };
  });
}

/** 1 / (N beta). */
export function cauchyWeight({ re, im }: Complex, points: number): Complex {
  const size = points * (re * re + im * im);
  return { re: re / size, im: -im / size };
}

/**
 * What a circle of fewer of its points says: of as many as divide it, the first among them; of one, with the
 * free phase. Within the radius of convergence R a bias of order N is about (|beta| / R)^N, so that of all
 * points is that of the fewer to the power of N over their number.
 */
export function fewerOf(nudges: readonly Complex[]): NonNullable<PointPlan["fewer"]> {
  const all = nudges.length;
  let fewer = all - 1;
  while (all % fewer !== 0) fewer--;
  const points = nudges.map((beta, k) =>
    k % (all / fewer) === 0 ? cauchyWeight(beta, fewer) : { re: 0, im: 0 },
  );
  // Those of several points add up to 0.
  return { power: all / fewer, points, free: fewer === 1 ? -points[0].re : 0 };
}

/** Of an imaginary part, what rounding leaves of 0. */
const ROUNDING = 1e-12;

/**
 * The same plan with half of its points: a circuit of real parts settles at conj(u) where it is nudged by
 * conj(beta), so that of two mirrored points one is run and counted twice; N points on a circle cost N/2 + 1.
 * Not where there is noise: each point then has its own.
 */
export function mirrored(plan: PointPlan, noisy: boolean): PointPlan {
  const { nudges, derivative, fewer } = plan;
  const side = nudges.map(({ re, im }) =>
    Math.abs(im) <= ROUNDING * Math.hypot(re, im) ? 0 : Math.sign(im),
  );
  const above = side.filter((of) => of > 0).length;
  if (noisy || plan.midpoint !== null || above === 0 || above !== side.filter((of) => of < 0).length)
    return plan;
  const half = <T>(points: readonly T[], twice: (point: T) => T): readonly T[] =>
    points.flatMap((point, k) => (side[k] < 0 ? [] : [side[k] > 0 ? twice(point) : point]));
  const twice = ({ re, im }: Complex): Complex => ({ re: 2 * re, im: 2 * im });
  return {
    ...plan,
    nudges: half(
      nudges.map((nudge, k) => (side[k] === 0 ? { re: nudge.re, im: 0 } : nudge)),
      (nudge) => nudge,
    ),
    derivative: { ...derivative, points: half(derivative.points, twice) },
    fewer: fewer && { ...fewer, points: half(fewer.points, twice) },
    ...(plan.series && {
      series: plan.series.map((term) => ({ ...term, points: half(term.points, twice) })),
    }),
  };
}

/**
 * How a phase of some of the nudges ended, counted as the chip's clock does: a chip is nudged at all of them, and
 * mirrored ones take as long as those that they mirror. Exact where all rows take the same steps.
 */
export const countedWhole = (outcome: Outcome, planned: PointPlan, ran: PointPlan): Outcome =>
  planned.nudges.length === ran.nudges.length
    ? outcome
    : asOutcome({
        ...outcome,
        rowSteps: Math.round((outcome.rowSteps * planned.nudges.length) / ran.nudges.length),
      });

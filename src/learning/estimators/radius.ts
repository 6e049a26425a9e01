/**
 * How far a circle of nudges is within the radius of convergence, from what the estimate has anyway: the points
 * give a term of the power series in the nudge for each of them (Laborieux and Zenke 2023, Eq. 14), and terms of a
 * series within its radius R fall like (|beta| / R)^n.
 */
import type { Complex } from "../../dynamics/types";
import { short } from "../../display";
import { OhmletError } from "../../errors";

/** How points make a term a_n |beta|^n: the real part of their sum, weighed, plus free times what is without a nudge. */
export interface SeriesWeights {
  readonly order: number;
  readonly points: readonly Complex[];
  readonly free: number;
}

/** A term, of every unclamped population. */
export interface SeriesTerm {
  readonly order: number;
  readonly terms: Readonly<Record<string, Float64Array>>;
}

/** What of an estimate tells its radius of convergence. */
export interface NudgedSeries {
  readonly nudges: readonly Complex[];
  readonly dActivity: Readonly<Record<string, Float64Array>>;
  readonly series?: readonly SeriesTerm[];
}

/** Most terms that are looked at. */
const MOST = 8;

/**
 * Terms a_n |beta|^n of n from 1 on: the real part of the points' discrete Fourier transform, which for N points
 * ends with n = N, where the constant term is taken off as the free phase has it. Of one point, or of points that
 * are not on a circle: none.
 * @param nudges evenly around the circle, the first on the positive real axis
 */
export function seriesOf(nudges: readonly Complex[]): readonly SeriesWeights[] {
  const points = nudges.length;
  if (points < 2) return [];
  return Array.from({ length: Math.min(points, MOST) }, (_, k) => {
    // Of many points the last term is that of the free phase, too: it is the one that sees the farthest.
    const n = k === MOST - 1 ? points : k + 1;
    return {
      order: n,
      points: nudges.map((_beta, at) => {
        const angle = (-2 * Math.PI * at * n) / points;
        return { re: Math.cos(angle) / points, im: Math.sin(angle) / points };
      }),
      free: n === points ? -1 : 0,
    };
  });
}

/** The same in float64. */
const TOLD = 1e-9;

/**
 * |beta| over the radius of convergence, in one population; 0 where nothing tells.
 * @param told of terms beyond the first, how large they have to be beside it to be told from rounding
 */
export function reachOf(
  { series }: Pick<NudgedSeries, "series">,
  population: string,
  told: number = TOLD,
): number {
  if (series === undefined || series.length < 2) return 0;
  const sizes = series.map(({ terms }) => Math.sqrt(terms[population].reduce((sum, x) => sum + x * x, 0)));
  const [first] = sizes;
  return Math.max(
    0,
    ...series.slice(1).map(({ order }, k) => {
      const ratio = sizes[k + 1] / first;
      return ratio > told ? ratio ** (1 / (order - 1)) : 0;
    }),
  );
}

/**
 * The radius of convergence of an estimate of several points on a circle, in the units of the teaching amplitude:
 * the least of all populations. Beyond it more points do not help; from .7 of it on, `train` warns. Null where
 * there are no such points, or all terms but the first vanish.
 * @throws OhmletError LEARN-NUDGELESS for an estimate without a nudge
 */
export function radiusOf(estimate: NudgedSeries): number | null {
  const [nudge] = estimate.nudges;
  if (nudge === undefined)
    throw new OhmletError({
      code: "LEARN-NUDGELESS",
      fact: "an estimate without a nudge has no radius of convergence",
      place: { where: "radiusOf" },
      remedy: "use the estimate of centred or holomorphic",
    });
  const reach = Math.max(0, ...Object.keys(estimate.dActivity).map((name) => reachOf(estimate, name)));
  return reach === 0 ? null : Math.hypot(nudge.re, nudge.im) / reach;
}

/** For people: "radius of convergence .59, of which the nudge is .85". */
export function radiusInWords(estimate: NudgedSeries): string | null {
  const radius = estimate.nudges.length === 0 ? null : radiusOf(estimate);
  if (radius === null) return null;
  const [{ re, im }] = estimate.nudges;
  return `radius of convergence ${short(radius)}, of which the nudge is ${short(Math.hypot(re, im) / radius)}`;
}

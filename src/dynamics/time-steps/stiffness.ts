/**
 * How fast the fastest mode of a circuit is at given states, and which time steps each explicit solver can
 * take there. The Jacobian is never formed: power iteration on the tangent of the field, all samples side by
 * side.
 */
import type { Executable } from "../../engines/engine";
import { VALUES } from "../../equations/evaluate";
import { streamOf, uniform } from "../../random";
import { joined } from "../lowering/arrays";
import type { PlannedPopulation } from "../lowering/layout";
import type { Complex } from "../types";

/** Solvers that take steps of fixed length. */
export type FixedSolver = "euler" | "exponential-euler" | "heun" | "rk4";
export const FIXED_SOLVERS: readonly FixedSolver[] = ["euler", "exponential-euler", "heun", "rk4"];

/**
 * How fast a circuit is at given states, and which steps solvers can take there. Times are in the unit of dt.
 */
export interface StepAdvice {
  /**
   * Longest time in which a unit by itself follows its drive at these states: 1/|df/du|. Infinity where one
   * does not leak there.
   */
  readonly slowest: number;
  /** Eigenvalue of largest magnitude of the field's Jacobian, over the samples; im >= 0. Per unit of dt. */
  readonly eigenvalue: Complex;
  /** 1 / |eigenvalue|, in the unit of dt. */
  readonly fastest: number;
  /**
   * A step that follows the fastest mode with an error of a few percent under "rk4" or "heun": a fifth of
   * `fastest`.
   */
  readonly recommended: number;
  /**
   * Longest step at which each solver amplifies neither that mode nor the swing that dies slowest. Infinity:
   * any. 0: the fastest mode grows by itself.
   */
  readonly stable: Readonly<Record<FixedSolver, number>>;
}

export interface StiffnessTarget {
  /** The tangent of a field program, real, with everything but states in it. */
  readonly exe: Executable;
  readonly populations: readonly PlannedPopulation[];
  readonly samples: number;
}

/** Relative change of an estimate that ends an iteration, how often in a row, and most products. */
export interface Care {
  readonly settled: number;
  readonly times: number;
  readonly most: number;
}

const CAREFUL: Care = { settled: 1e-3, times: 4, most: 60 };
/** Enough to tell whether a step is too long by some percent. */
const QUICK: Care = { settled: 1e-2, times: 2, most: 30 };

/** A swing that dies slowly stands out of the others late. */
const PATIENT: Care = { settled: 1e-4, times: 8, most: 120 };

/** The Jacobian J of each sample at some states, as what it makes of vectors [samples][width]. */
export interface Linear {
  readonly samples: number;
  readonly width: number;
  product(v: readonly Float64Array[]): Promise<Float64Array[]>;
}

/**
 * The mean Jacobian of some points, and of one mostly. Only what moves in time counts: maps beside it stay
 * where they are.
 * @param points states of each population that moves in time, [samples, size], internal units
 */
export function linearAt(
  { exe, populations, samples }: StiffnessTarget,
  points: readonly (readonly Float64Array[])[],
): Linear {
  const moving = populations.filter(({ field: { kind } }) => kind === "continuous");
  const sizes = moving.map((p) => p.population.size);
  const width = sizes.reduce((sum, size) => sum + size, 0);
  for (const p of populations) exe.clear(`d~u${p.index}`);
  const productAt = async (states: readonly Float64Array[], v: readonly Float64Array[]) => {
    let offset = 0;
    for (const [i, p] of moving.entries()) {
      const along = new Float64Array(samples * sizes[i]);
      v.forEach((of, s) => along.set(of.subarray(offset, offset + sizes[i]), s * sizes[i]));
      // The step left the field where the state was.
      exe.write(`u${p.index}`, states[i]);
      exe.write(`d~u${p.index}`, along);
      offset += sizes[i];
    }
    await exe.run(1, 0);
    const changes: Float64Array[] = [];
    for (const p of moving) changes.push((await exe.read(`d~u${p.index}`)).slice());
    return bySample(changes, samples);
  };
  return {
    samples,
    width,
    async product(v) {
      const out = v.map(() => new Float64Array(width));
      for (const states of points) {
        const found = await productAt(states, v);
        out.forEach((of, s) => found[s].forEach((x, k) => (of[k] += x / points.length)));
      }
      return out;
    },
  };
}

/** Parts of populations, [samples, size] each, as one vector a sample. */
export function bySample(parts: readonly Float64Array[], samples: number): Float64Array[] {
  return Array.from({ length: samples }, (_, s) =>
    joined(
      parts.map((part) => part.subarray((s * part.length) / samples, ((s + 1) * part.length) / samples)),
    ),
  );
}

/**
 * Eigenvalue of largest magnitude over the samples; null where the field is not finite near their states, as
 * that of rho = sqrt(u) is not at 0.
 * @param weights what each component of J v is multiplied by, [samples][width]
 */
export async function dominantEigenvalue(
  { samples, width, product: plain }: Linear,
  weights?: readonly Float64Array[],
  { settled, times, most }: Care = CAREFUL,
): Promise<Complex | null> {
  const product = async (of: readonly Float64Array[]): Promise<Float64Array[]> => {
    const out = await plain(of);
    weights?.forEach((by, s) => by.forEach((w, i) => (out[s][i] *= w)));
    return out;
  };
  let v = Array.from({ length: samples }, (_, s) =>
    unit(Float64Array.from({ length: width }, (__, j) => uniform(0, streamOf("stiffness"), s, j) - 0.5)),
  );
  let w = await product(v);
  let [best, still]: [Complex, number] = [{ re: 0, im: 0 }, 0];
  for (let k = 0; k < most && still < times; k++) {
    const sizesOf = w.map(norm);
    if (!sizesOf.every(Number.isFinite)) return null;
    if (sizesOf.every((size) => size === 0)) return best;
    const z = await product(w.map(unit));
    const found = v.map((a, s) =>
      pairOf(
        a,
        w[s],
        z[s].map((x) => x * sizesOf[s]),
      ),
    );
    const next = found.reduce((largest, e) => (magnitude(e) > magnitude(largest) ? e : largest));
    still = Math.abs(magnitude(next) - magnitude(best)) <= settled * magnitude(next) ? still + 1 : 0;
    best = next;
    [v, w] = [w.map(unit), z];
  }
  return Number.isFinite(magnitude(best)) ? best : null;
}

/**
 * The largest eigenvalue from three Krylov vectors v, w = J v, z = J w, |v| = 1: z = a w + b v in the least
 * squares sense, so that lambda^2 = a lambda + b. Two dimensions hold a complex pair, or two real values of
 * equal magnitude.
 */
function pairOf(v: Float64Array, w: Float64Array, z: Float64Array): Complex {
  const rayleigh = dot(v, w);
  const across = w.map((x, i) => x - rayleigh * v[i]);
  const breadth = dot(across, across);
  if (breadth <= 1e-4 * dot(w, w)) return { re: rayleigh, im: 0 };
  // In the basis v, across: z = a (rayleigh v + across) + b v.
  const a = dot(z, across) / breadth;
  const b = dot(z, v) - a * rayleigh;
  const under = (a * a) / 4 + b;
  if (under < 0) return { re: a / 2, im: Math.sqrt(-under) };
  return { re: a / 2 + (a < 0 ? -1 : 1) * Math.sqrt(under), im: 0 };
}

/** Growth of a mode in a step of z = lambda dt. */
const AMPLIFICATION = {
  euler: [1, 1],
  heun: [1, 1, 1 / 2],
  rk4: [1, 1, 1 / 2, 1 / 6, 1 / 24],
} as const satisfies Partial<Record<FixedSolver, readonly number[]>>;

/** Longest steps at which each solver that follows a polynomial does not amplify a mode. */
export function stableSteps(eigenvalue: Complex): Record<keyof typeof AMPLIFICATION, number> {
  const limit = (solver: keyof typeof AMPLIFICATION): number =>
    longestStable(eigenvalue, AMPLIFICATION[solver]);
  return { euler: limit("euler"), heun: limit("heun"), rk4: limit("rk4") };
}

/**
 * How a step of u + W J u (W: of each component, [samples][width]) changes states, as what it makes of
 * vectors.
 */
const stepped = ({ product, ...of }: Linear, weights: readonly Float64Array[]): Linear => ({
  ...of,
  product: async (v) => (await product(v)).map((w, s) => w.map((x, i) => v[s][i] + weights[s][i] * x)),
});

/**
 * The mode that turns around its point faster than it dies, and dies slowest; null where the slowest mode
 * does not, or grows by itself. Steps of the fastest mode's time leave it over, if there is one: explicit
 * solvers amplify it first.
 */
export async function slowestSwing(linear: Linear, fastest: Complex): Promise<Complex | null> {
  const step = 1 / magnitude(fastest);
  if (!Number.isFinite(step)) return null;
  const factor = await dominantEigenvalue(
    stepped(
      linear,
      Array.from({ length: linear.samples }, () => new Float64Array(linear.width).fill(step)),
    ),
    undefined,
    PATIENT,
  );
  if (factor === null) return null;
  const mode = { re: (factor.re - 1) / step, im: factor.im / step };
  return mode.re < 0 && mode.im > -mode.re ? mode : null;
}

/** A step this many times as long as Euler's longest is as good as any. */
const ANY_STEP = 1e6;
/** What rounding makes of a mode that neither grows nor dies. */
const NEUTRAL = 1e-4;
/** Halvings of the range in which the longest step lies, of factor 4. */
const HALVINGS = 9;

/**
 * Longest stable step of exponential Euler, whose step is u + W f, with W = dt exprel(rate dt) of each unit:
 * it multiplies a mode of W J by 1 + mu. Fast units have fast leaks, which do not count; what limits the step
 * is how strongly units drive each other.
 * @param rates of each unit by itself, [samples][width]
 * @param euler longest stable step of Euler's method
 * @param swings whether a swing dies so slowly that it may be amplified before the fastest mode is
 */
export async function longestExponential(
  linear: Linear,
  rates: readonly Float64Array[],
  euler: number,
  swings = false,
): Promise<number> {
  if (euler === 0 || euler === Infinity) return euler;
  const holds = async (dt: number): Promise<boolean> => {
    const weights = exponentialWeights(rates, dt);
    const mu = await dominantEigenvalue(linear, weights);
    if (mu === null || Math.hypot(1 + mu.re, mu.im) > 1 + NEUTRAL) return false;
    const factor = swings ? await dominantEigenvalue(stepped(linear, weights), undefined, PATIENT) : null;
    return factor === null || magnitude(factor) <= 1 + NEUTRAL;
  };
  if (await holds(euler * ANY_STEP)) return Infinity;
  let low = euler / 4;
  while (low < euler * ANY_STEP && (await holds(low * 4))) low *= 4;
  let high = low * 4;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const exponentialWeights = (rates: readonly Float64Array[], dt: number): Float64Array[] =>
  rates.map((of) => of.map((rate) => dt * VALUES.exprel(rate * dt)));

/**
 * Whether a step of so much, internal units, may amplify the fastest mode: a quick look, which says so too
 * where that mode grows by itself, and where the field is not finite.
 * @param rates of each unit by itself
 */
export async function looksTooLong(
  linear: Linear,
  rates: readonly Float64Array[],
  solver: FixedSolver,
  dt: number,
): Promise<boolean> {
  if (solver === "exponential-euler") {
    const mu = await dominantEigenvalue(linear, exponentialWeights(rates, dt), QUICK);
    return mu === null || Math.hypot(1 + mu.re, mu.im) > 1;
  }
  const eigenvalue = await dominantEigenvalue(linear, undefined, QUICK);
  return eigenvalue === null || dt > stableSteps(eigenvalue)[solver];
}

/** |R(z)| is above 1 for all of these polynomials beyond this |z|, in the left half plane. */
const FARTHEST_EDGE = 3.5;

/** Smallest h > 0 at which |R(lambda h)| rises above 1. */
function longestStable(eigenvalue: Complex, polynomial: readonly number[]): number {
  const rate = magnitude(eigenvalue);
  if (rate === 0) return Infinity;
  // Of what is no number no step is known to be stable.
  if (!(eigenvalue.re < 0) || !Number.isFinite(rate)) return 0;
  const grows = (x: number): boolean => {
    const [re, im] = [(eigenvalue.re / rate) * x, (eigenvalue.im / rate) * x];
    const value = polynomial.reduceRight<Complex>(
      (sum, c) => ({ re: sum.re * re - sum.im * im + c, im: sum.re * im + sum.im * re }),
      { re: 0, im: 0 },
    );
    return magnitude(value) > 1;
  };
  // A rate that is no number has no stable step: nor would a search for one end.
  if (!Number.isFinite(rate)) return 0;
  let high = 0.01;
  while (high < FARTHEST_EDGE && !grows(high)) high += 0.01;
  let low = high - 0.01;
  for (let k = 0; k < 40; k++) {
    const middle = (low + high) / 2;
    [low, high] = grows(middle) ? [low, middle] : [middle, high];
  }
  return low / rate;
}

/**
 * Tells that a step is too long for its solver, and what would do; null where that is not the fault.
 * @param show writes a time
 */
export function explainStep(
  solver: FixedSolver,
  dt: number,
  { stable, fastest }: StepAdvice,
  show: (time: number) => string,
): string | null {
  const limit = stable[solver];
  if (limit === 0 || !(dt > limit)) return null;
  const better = (["exponential-euler", "rk4"] as const).find((name) => name !== solver && stable[name] > dt);
  return (
    `the circuit is too stiff for this step: its fastest mode takes ${show(fastest)}, and ${solver} is ` +
    `stable up to dt = ${show(limit)}, not at ${show(dt)}; take a smaller ` +
    `step${better === undefined ? "" : `, or the solver "${better}"`}`
  );
}

const magnitude = ({ re, im }: Complex): number => Math.hypot(re, im);
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function unit(a: Float64Array): Float64Array {
  const size = norm(a);
  return size > 0 ? a.map((x) => x / size) : a;
}

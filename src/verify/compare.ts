/**
 * Expected against found, array by array: the error is the largest difference over the largest expected
 * entry. Each kind of quantity has its tolerance; the worst of a case is the quantity nearest to (or farthest
 * beyond) its own.
 */
import type { EngineInfo } from "../engines/engine";
import type { CaseValue } from "./case";

export type Precision = EngineInfo["precision"];

export interface Finding {
  readonly quantity: string;
  /**
   * Largest difference relative to the largest expected entry; infinite where what was found is not a number.
   */
  readonly error: number;
  /** Relative, like the error. */
  readonly tolerance: number;
}

/**
 * Of states and of exact quantities: what is asked of each precision where nothing is divided by a small
 * number.
 */
const BASE: Readonly<Record<Precision, number>> = { float64: 1e-9, float32: 2e-4 };
const ULP: Readonly<Record<Precision, number>> = { float64: 2 ** -52, float32: 2 ** -23 };
/**
 * Roundings of a difference of two settled states, times the Euler step. A state stops where dt F is below
 * half a rounding of it, 1/(2 dt) roundings from F = 0, which the inverse Jacobian turns into a few times as
 * many from the fixed point; the same again in the second phase. 45 roundings of float64 are the 1e-14 of the
 * reference cases; for float32, where the figure decides, 16 (1.9e-6) leave a factor of ten above what is
 * seen in practice.
 */
const ROUNDINGS: Readonly<Record<Precision, number>> = { float64: 45, float32: 16 };

/** A phase whose difference to another is divided by beta. */
export interface Quotient {
  readonly beta: number;
  /**
   * Euler step; 1 for maps. A state stops moving when dt*F falls below its rounding, so the error of a state
   * is a rounding over dt.
   */
  readonly dt: number;
  /** Largest state in the phases, what roundings are relative to. */
  readonly size: number;
  /** How many of them add up in an entry: positions at which a kernel is used. Default 1. */
  readonly uses?: number;
  /**
   * Where the quotient is only a share of what is compared, a weight after its update: the learning rate, and
   * the largest change.
   */
  readonly share?: { readonly factor: number; readonly change: number };
}

export interface CompareOptions {
  /**
   * The least that errors are relative to, for quantities that may be 0 to within rounding (cosines, measures
   * of asymmetry).
   */
  readonly floor?: number;
}

export class Comparison {
  /** Everything compared so far. */
  readonly findings: Finding[] = [];

  /**
   * @param precision of the engine that computes states, estimates and updates; exact quantities are always
   *   float64
   */
  constructor(readonly precision: Precision) {}

  /** Exact quantities, computed on the host. */
  exact(
    expected: CaseValue,
    shape: readonly number[],
    found: ArrayLike<number>,
    options?: CompareOptions,
  ): void {
    this.compare(expected, shape, found, () => BASE.float64, options);
  }

  exactNumber(expected: CaseValue, found: number, options?: CompareOptions): void {
    this.exact(expected, [], [found], options);
  }

  /**
   * An angle in degrees that comes from a cosine: near 0 and 180 degrees a rounding of the cosine is a large
   * step of the angle.
   */
  exactAngle(expected: CaseValue, found: number): void {
    const step = 1e-13 / Math.max(Math.sin((found * Math.PI) / 180), 1e-6);
    this.exact(expected, [], [found], { floor: (step * 180) / Math.PI / BASE.float64 });
  }

  /** States of the engine's phases. */
  states(
    expected: CaseValue,
    shape: readonly number[],
    found: ArrayLike<number>,
    options?: CompareOptions,
  ): void {
    this.compare(expected, shape, found, () => BASE[this.precision], options);
  }

  /**
   * Voltages that are held to so many volts, whatever their size; on float32 engines also to what their numbers
   * carry.
   */
  volts(expected: CaseValue, shape: readonly number[], found: ArrayLike<number>, within: number): void {
    const least = this.precision === "float64" ? 0 : BASE.float32;
    this.compare(expected, shape, found, (largest) => Math.max(within / largest, least));
  }

  /** The same of voltages that were computed in float64, whatever the engine. */
  exactVolts(expected: CaseValue, shape: readonly number[], found: ArrayLike<number>, within: number): void {
    this.compare(expected, shape, found, (largest) => within / largest);
  }

  statesNumber(expected: CaseValue, found: number): void {
    this.states(expected, [], [found]);
  }

  /**
   * What the engine's phases give when a difference of states is divided by beta. float64: max(1e-9,
   * 1e-14/(beta dt)), or two roundings of the largest state, over beta dt, where entries are smaller. float32: 16 roundings of the largest state, over beta dt, as a share of the quotient's
   * own largest entry, and never below 2e-4: a small beta leaves float32 few digits, and the tolerance says
   * how few.
   */
  quotients(
    expected: CaseValue,
    shape: readonly number[],
    found: ArrayLike<number>,
    quotient: Quotient,
    options?: CompareOptions,
  ): void {
    const { beta, dt, size, share, uses = 1 } = quotient;
    const lost = (Math.sqrt(uses) * ROUNDINGS[this.precision] * ULP[this.precision]) / (Math.abs(beta) * dt);
    const tolerance = (largest: number): number => {
      const { factor, change } = share ?? { factor: 1, change: largest };
      if (this.precision === "float64") {
        // A rounding of either state, however small the largest entry of what is farthest from the output.
        const rounding = (2 * ULP.float64 * size * factor) / (Math.abs(beta) * dt * largest);
        return Math.max(BASE.float64, lost, rounding);
      }
      return Math.max(BASE.float64, (BASE.float32 * change) / largest, (lost * size * factor) / largest);
    };
    this.compare(expected, shape, found, tolerance, options);
  }

  /** Quantities beyond their tolerance. */
  get failed(): string[] {
    return [
      ...new Set(
        this.findings.filter(({ error, tolerance }) => !(error <= tolerance)).map((f) => f.quantity),
      ),
    ];
  }

  /** The finding with the largest error over tolerance; null where nothing was compared. */
  get worst(): Finding | null {
    return this.findings.reduce<Finding | null>(
      (worst, f) => (worst === null || f.error / f.tolerance > worst.error / worst.tolerance ? f : worst),
      null,
    );
  }

  private compare(
    expected: CaseValue,
    shape: readonly number[],
    found: ArrayLike<number>,
    tolerance: (largest: number) => number,
    { floor = 0 }: CompareOptions = {},
  ): void {
    const wanted = shape.length === 0 ? Float64Array.of(expected.number()) : expected.array(shape);
    let [difference, largest] = [0, floor];
    wanted.forEach((w, i) => {
      const d = Math.abs(w - found[i]);
      if (!(d <= difference)) difference = Number.isNaN(d) ? Infinity : d;
      largest = Math.max(largest, Math.abs(w));
    });
    if (largest === 0) largest = 1;
    this.findings.push({
      quantity: expected.path,
      error: difference / largest,
      tolerance: tolerance(largest),
    });
  }
}

/** Cosine of the angle between two vectors given in parts. */
export function cosine(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((part, k) => {
    for (let i = 0; i < part.length; i++) {
      dot += part[i] * b[k][i];
      aa += part[i] ** 2;
      bb += b[k][i] ** 2;
    }
  });
  return dot / Math.sqrt(aa) / Math.sqrt(bb);
}

export const degrees = (cos: number): number => (Math.acos(Math.min(1, Math.max(-1, cos))) * 180) / Math.PI;

export const largestOf = (arrays: Iterable<ArrayLike<number>>): number => {
  let largest = 0;
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) largest = Math.max(largest, Math.abs(array[i]));
  return largest;
};

/** Newton's method over a loaded system, with junctions held back, and the ways to a point where it fails. */
import type { Moment } from "./moment";
import type { System } from "./system";

export type Newton =
  | { readonly kind: "settled"; readonly iterations: number }
  /** An unknown that nothing determines. */
  | { readonly kind: "singular"; readonly unknown: number; readonly iterations: number }
  | { readonly kind: "too-large"; readonly iterations: number }
  | { readonly kind: "lost"; readonly iterations: number };

export interface NewtonOptions {
  readonly most: number;
  /** Change, relative to the largest voltage and to 1 V, at which nothing is left to do. */
  readonly tolerance: number;
  /** Most that a node may change in an iteration, V. Default: as it comes. */
  readonly largest?: number;
  /** Junctions start where they begin to conduct, whatever the state. */
  readonly restart?: boolean;
}

/** Iterates `x` in place until its change or what is left of its equations is nothing to speak of. */
export function iterate(
  system: System,
  x: Float64Array,
  moment: Moment,
  { most, tolerance, largest = Infinity, restart = false }: NewtonOptions,
): Newton {
  const { size, nodeCount } = system;
  const change = new Float64Array(size);
  let last = Infinity;
  let shrunk = 0;
  for (let n = 1; n <= most; n++) {
    system.load(x, moment, restart && n === 1, n === 1);
    if (!system.finite) {
      // Beyond what an expression bears: half of the way that led here, a few times.
      if (++shrunk > 60 || n === 1) return { kind: "lost", iterations: n };
      for (let i = 0; i < size; i++) x[i] -= 0.5 * (x[i] - system.before[i]);
      continue;
    }
    const held = system.held;
    const still = !held && system.still;
    const factored = system.factor();
    if (factored.kind === "singular") return { kind: "singular", unknown: factored.column, iterations: n };
    if (factored.kind === "too-large") return { kind: "too-large", iterations: n };
    for (let i = 0; i < size; i++) change[i] = -system.residual[i];
    system.solve(change);
    let moved = 0;
    let top = 1;
    let currents = 0;
    let topCurrent = 0;
    let finite = true;
    for (let i = 0; i < size; i++) {
      const by = Math.abs(change[i]);
      if (!(by < 1e300)) finite = false;
      if (i < nodeCount) {
        moved = Math.max(moved, by);
        top = Math.max(top, Math.abs(x[i]));
      } else {
        currents = Math.max(currents, by);
        topCurrent = Math.max(topCurrent, Math.abs(x[i]));
      }
    }
    if (!finite) return { kind: "lost", iterations: n };
    // What rounding leaves would go on for ever.
    if (still && moved >= 0.5 * last) return { kind: "settled", iterations: n };
    const factor = moved > largest ? largest / moved : 1;
    system.before.set(x);
    for (let i = 0; i < size; i++) x[i] += factor * change[i];
    if (!held && factor === 1 && moved <= tolerance * top && currents <= tolerance * topCurrent + 1e-15)
      return { kind: "settled", iterations: n };
    last = moved;
  }
  return { kind: "lost", iterations: most };
}

/**
 * Sources turned up along the path of points that they have, by its length: where currents feed back, a path folds, and a
 * point at full sources lies beyond where turning them up alone would break off (pseudo-arclength continuation).
 */
import type { System } from "./system";

/** Iterations each way; folds of some elements take a few hundred. */
const MOST = 2000;
const MOST_ITERATIONS = 12;
const TOLERANCE = 1e-9;
const SHORTEST = 1e-10;
const FARTHEST_MOVE = 1e6;
/** Shares beyond which no path comes back. */
const FARTHEST = 50;

/** Unknowns, and the share of the sources behind them. */
type Point = Float64Array;

/**
 * Leads `x` from the point without sources to one at full sources.
 * @param settles whether Newton's method ends at full sources, from here
 * @returns whether it came there, and after how many iterations of Newton's method along the path
 */
export function alongSources(
  system: System,
  x: Float64Array,
  t: number | null,
  settles: () => boolean,
): { readonly found: boolean; readonly iterations: number } {
  const path = new Path(system, x, t);
  // What leads on may lead through sources turned the other way round.
  const found = [1, -1].some((way) => path.leads(x, way, settles));
  return { found, iterations: path.iterations };
}

class Path {
  iterations = 0;
  /** By how much equations change with the share of the sources, which they are linear in. */
  private readonly slope: Float64Array;
  private readonly start: Float64Array;
  private readonly limits: Float64Array;

  /** @param x the point without sources */
  constructor(
    private readonly system: System,
    x: Float64Array,
    private readonly t: number | null,
  ) {
    this.start = x.slice();
    this.limits = system.limits.slice();
    this.load(x, 0);
    const without = system.residual.slice();
    this.load(x, 1);
    this.slope = system.residual.map((value, i) => value - without[i]);
  }

  /** Leads `x` to full sources, with sources turned up first or down. */
  leads(x: Float64Array, way: number, settles: () => boolean): boolean {
    const { size } = this.system;
    let point: Point = new Float64Array(size + 1);
    point.set(this.start);
    this.system.limits.set(this.limits);
    let tangent = this.tangent(
      point,
      Float64Array.from(point, (_, i) => (i === size ? way : 0)),
    );
    let step = 0.05;
    const last = this.iterations + MOST;
    while (this.iterations < last && step > SHORTEST && tangent !== null) {
      const next = this.corrected(point, tangent, step);
      const turned = next === null ? null : this.tangent(next.point, tangent);
      if (next === null || turned === null) {
        step /= 4;
        continue;
      }
      const [before, after] = [point[size], next.point[size]];
      if ((before - 1) * (after - 1) <= 0 && before !== after) {
        const along = (1 - before) / (after - before);
        for (let i = 0; i < size; i++) x[i] = point[i] + along * (next.point[i] - point[i]);
        if (settles()) return true;
      }
      if (Math.abs(after) > FARTHEST) return false;
      [point, tangent] = [next.point, turned];
      if (next.iterations <= 4) step *= 1.6;
    }
    return false;
  }

  /** The direction of the path, of length 1, on the side of the last one. */
  tangent(point: Point, last: Point | null): Point | null {
    const by = this.followed(point);
    if (by === null) return null;
    const tangent = new Float64Array(by.length + 1);
    tangent.set(by);
    tangent[by.length] = 1;
    const length = Math.sqrt(dot(tangent, tangent));
    const sign = last !== null && dot(tangent, last) < 0 ? -1 : 1;
    for (let i = 0; i < tangent.length; i++) tangent[i] *= sign / length;
    return tangent.every(Number.isFinite) ? tangent : null;
  }

  /** The point of the path that is a step ahead, by Newton's method across the tangent. */
  corrected(
    from: Point,
    tangent: Point,
    step: number,
  ): { readonly point: Point; readonly iterations: number } | null {
    const { system } = this;
    const { size } = system;
    const point = from.map((value, i) => value + step * tangent[i]);
    const change = new Float64Array(size);
    for (let n = 1; n <= MOST_ITERATIONS; n++) {
      this.iterations++;
      const by = this.followed(point);
      if (by === null) return null;
      for (let i = 0; i < size; i++) change[i] = -system.residual[i];
      system.solve(change);
      const ahead = dot(tangent, point) - dot(tangent, from) - step;
      const share = -(ahead + dot(change, tangent)) / (tangent[size] + dot(by, tangent));
      let moved = Math.abs(share);
      for (let i = 0; i < size; i++) {
        const move = change[i] + share * by[i];
        moved = Math.max(moved, Math.abs(move));
        point[i] += move;
      }
      point[size] += share;
      if (!(moved < FARTHEST_MOVE)) return null;
      if (!system.held && moved <= TOLERANCE * Math.max(1, largest(point))) return { point, iterations: n };
    }
    return null;
  }

  private load(x: Float64Array, sources: number): void {
    this.system.load(x, { t: this.t, sources, shunt: 0, rate: 0 });
  }

  /** By how much unknowns follow the share of the sources; null where they do not. The system is left at the point. */
  private followed(point: Point): Float64Array | null {
    const { system, slope } = this;
    this.load(point.subarray(0, system.size), point[system.size]);
    if (!system.finite || system.factor().kind !== "sound") return null;
    const by = slope.map((value) => -value);
    system.solve(by);
    return by;
  }
}

/** Over the entries of the first. */
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);
const largest = (of: Float64Array): number => of.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * Linear systems, a row at a time, by sparse elimination: rows share a pattern, and the order of pivots that suits one
 * mostly suits the next.
 */
import { OhmletError } from "../../errors";
import { Pattern, SparseSystem } from "../../numerics/sparse";
import { eachUse } from "../../program/connections";
import type { Coupling, SolveOperation } from "../../program/program";
import type { HostExecutable } from "../host-executable";
import type { Rows } from "./map";

/** A coupling in the matrix: for each use of a weight, the slot, both units, and the weight's place in its array. */
interface Entries {
  readonly weights: Float64Array;
  readonly size: number;
  readonly left: Float64Array | null;
  readonly by: Float64Array | null;
  readonly widths: { readonly from: number; readonly into: number };
  readonly slots: Int32Array;
  readonly units: Int32Array;
  readonly sources: Int32Array;
  readonly at: Int32Array;
}

/** @throws OhmletError ENGINE-MEMORY, once it runs, where elimination fills too much */
export function bindSolve(host: HostExecutable<Float64Array>, { parts, couplings }: SolveOperation): Rows {
  const { rows, groups, buffers } = host.program;
  const widths = parts.map(({ out }) => buffers[out]);
  let size = 0;
  const offsets = widths.map((width) => (size += width) - width);
  const pattern = new Pattern(size);
  const diagonals = widths.map((width, p) =>
    Int32Array.from({ length: width }, (_, i) => pattern.slot(offsets[p] + i, offsets[p] + i)),
  );
  const entries = couplings.map((coupling) => entriesOf(host, coupling, widths, offsets, pattern));
  const system = new SparseSystem(pattern);
  const { values } = system;
  const b = new Float64Array(size);
  const fill = (row: number): void => {
    values.fill(0);
    const group = Math.floor((row * groups) / rows);
    for (const { weights, size: cells, left, by, widths: ends, slots, units, sources, at } of entries)
      for (let k = 0; k < slots.length; k++) {
        let value = weights[group * cells + at[k]];
        if (left !== null) value *= left[row * ends.into + units[k]];
        if (by !== null) value *= by[row * ends.from + sources[k]];
        values[slots[k]] += value;
      }
    parts.forEach(({ diagonal, right }, p) => {
      const width = widths[p];
      for (let i = 0; i < width; i++) {
        values[diagonals[p][i]] += host.buffers[diagonal][row * width + i];
        b[offsets[p] + i] = host.buffers[right][row * width + i];
      }
    });
  };
  return (from, to) => {
    for (let row = from; row < to; row++) {
      fill(row);
      const { kind } = system.factor();
      if (kind === "too-large") throw tooLarge(size);
      if (kind === "sound") system.solve(b);
      else parts.forEach((_, p) => diagonals[p].forEach((slot, i) => (b[offsets[p] + i] /= values[slot])));
      parts.forEach(({ out }, p) =>
        host.buffers[out].set(b.subarray(offsets[p], offsets[p] + widths[p]), row * widths[p]),
      );
    }
  };
}

function entriesOf(
  { weights, buffers, program }: HostExecutable<Float64Array>,
  { from, into, weights: name, through, backwards, left, by }: Coupling,
  widths: readonly number[],
  offsets: readonly number[],
  pattern: Pattern,
): Entries {
  const { pre, post } = program.weights[name];
  const [slots, units, sources, places]: number[][] = [[], [], [], []];
  const put = (first: number, second: number, at: number): void => {
    const [source, unit] = backwards ? [second, first] : [first, second];
    slots.push(pattern.slot(offsets[into] + unit, offsets[from] + source));
    units.push(unit);
    sources.push(source);
    places.push(at);
  };
  if (through !== undefined) eachUse(through, post, put);
  else for (let at = 0; at < pre * post; at++) put(Math.floor(at / post), at % post, at);
  return {
    weights: weights[name],
    size: pre * post,
    left: left === undefined ? null : buffers[left],
    by: by === undefined ? null : buffers[by],
    widths: { from: widths[from], into: widths[into] },
    slots: Int32Array.from(slots),
    units: Int32Array.from(units),
    sources: Int32Array.from(sources),
    at: Int32Array.from(places),
  };
}

const tooLarge = (unknowns: number): OhmletError =>
  new OhmletError({
    code: "ENGINE-MEMORY",
    fact: `elimination of ${unknowns} unknowns fills more than there is room for`,
    place: { where: "reference" },
    remedy: 'use the solver "balance"',
    category: "run",
  });

/** What a system of linear equations is made of: the set of parts that is eliminated, the one that is kept, and room to work. */
import type { Program, SolveOperation } from "../../program/program";
import { failProgram } from "../../program/validate";
import { FLOAT, LANES, VECTOR } from "./panels";

/** Parts by their numbers, and how many units they have. */
export interface PartSet {
  readonly parts: readonly number[];
  readonly width: number;
}

/** The set that is eliminated, and the one that is kept. */
export function setsOf(
  { parts, couplings }: SolveOperation,
  { buffers }: Pick<Program, "buffers">,
): readonly [PartSet, PartSet] {
  const side = new Map<number, number>();
  for (const [start] of parts.entries()) {
    if (side.has(start)) continue;
    side.set(start, 0);
    const queue = [start];
    for (const p of queue)
      for (const { from, into } of couplings) {
        const next = from === p ? into : into === p ? from : p;
        if (from === into || (next !== p && side.get(next) === side.get(p)))
          failProgram("parts do not fall into two sets", "solve");
        if (side.has(next)) continue;
        side.set(next, 1 - (side.get(p) as number));
        queue.push(next);
      }
  }
  const [a, b] = [0, 1].map((which): PartSet => {
    const own = [...parts.keys()].filter((p) => side.get(p) === which);
    return { parts: own, width: own.reduce((sum, p) => sum + buffers[parts[p].out], 0) };
  });
  return a.width >= b.width ? [a, b] : [b, a];
}

/** Bytes that rows from one to another work in: where each part's numbers lie, unit by unit, a vector of rows each. */
export interface Scratch {
  /** By buffer. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly matrix: number;
  readonly bytes: number;
}

export function scratchOf(operation: SolveOperation, program: Pick<Program, "buffers">): Scratch {
  const offsets = new Map<string, number>();
  let bytes = 0;
  const place = (name: string | undefined): void => {
    if (name === undefined || offsets.has(name)) return;
    offsets.set(name, bytes);
    bytes += Math.ceil(program.buffers[name] / LANES) * LANES * VECTOR;
  };
  for (const { out, right, diagonal } of operation.parts) [out, right, diagonal].forEach(place);
  for (const { left, by } of operation.couplings) [left, by].forEach(place);
  const { width } = setsOf(operation, program)[1];
  return { offsets, matrix: bytes, bytes: bytes + width * (width + 1) * VECTOR };
}

/** float32 values of scratch that each row needs. */
export const solveFloats = (operation: SolveOperation, program: Pick<Program, "buffers">): number =>
  scratchOf(operation, program).bytes / FLOAT;

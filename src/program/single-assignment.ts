/**
 * Operations in which every write has a buffer of its own, so that each value that a step passes through is
 * still there at its end. What walks a step backwards needs them all.
 */
import { readsOf, writesOf } from "./dataflow";
import { withBuffers } from "./rename";
import type { Operation } from "./program";

export interface SingleAssignment {
  readonly operations: readonly Operation[];
  /** Widths of all buffers, those of the versions among them. */
  readonly buffers: Readonly<Record<string, number>>;
  /** The last version of each buffer that is written; what is not written is its own. */
  readonly last: (name: string) => string;
}

/**
 * Buffers keep their names until they are written; their versions are "u~1", "u~2", … .
 * @param buffers widths of the buffers that the operations name
 */
export function singleAssignment(
  operations: readonly Operation[],
  buffers: Readonly<Record<string, number>>,
): SingleAssignment {
  const widths: Record<string, number> = { ...buffers };
  const versions = new Map<string, number>();
  const current = (name: string): string => {
    const version = versions.get(name);
    return version === undefined ? name : `${name}~${version}`;
  };
  const next = (name: string): string => {
    versions.set(name, (versions.get(name) ?? 0) + 1);
    widths[current(name)] = buffers[name];
    return current(name);
  };
  const renamed = operations.map((operation) => {
    // What an operation reads is what was there before it writes.
    const reads = new Map(readsOf(operation).map((name) => [name, current(name)]));
    const writes = new Map(writesOf(operation).map((name) => [name, next(name)]));
    return withBuffers(
      operation,
      (name) => reads.get(name) ?? name,
      (name) => writes.get(name) ?? name,
    );
  });
  return { operations: renamed, buffers: widths, last: current };
}

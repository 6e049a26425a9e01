/**
 * Operations in which every write has a buffer of its own, so that each value that a step passes through is
 * still there at its end. What walks a step backwards needs them all.
 */
import { readsOf, writesOf } from "./dataflow";
import type { Operation, Source } from "./program";

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
    return rename(
      operation,
      (name) => reads.get(name) ?? name,
      (name) => writes.get(name) ?? name,
    );
  });
  return { operations: renamed, buffers: widths, last: current };
}

type Rename = (name: string) => string;

function rename(operation: Operation, read: Rename, written: Rename): Operation {
  switch (operation.op) {
    case "map": {
      const source = (of: Source): Source =>
        of.from === "buffer" ? { from: "buffer", name: read(of.name) } : of;
      const sources = Object.entries(operation.sources).map(([symbol, of]) => [symbol, source(of)] as const);
      return { ...operation, out: written(operation.out), sources: Object.fromEntries(sources) };
    }
    case "project":
      return {
        ...operation,
        out: written(operation.out),
        ...(operation.plus !== undefined && { plus: read(operation.plus) }),
        terms: operation.terms.map((term) => ({ ...term, from: read(term.from) })),
      };
    case "normalise": {
      const pair = (of: { re: string; im?: string }, by: Rename): { re: string; im?: string } =>
        of.im === undefined ? { re: by(of.re) } : { re: by(of.re), im: by(of.im) };
      return { ...operation, from: pair(operation.from, read), out: pair(operation.out, written) };
    }
  }
}

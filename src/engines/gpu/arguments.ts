/** What a list of operations reads from outside: the arguments of a pipeline, and what it writes. */
import type { Operation, Source } from "../engine";

export type ArgumentKind = "buffer" | "weights" | "vector" | "row" | "scalar" | "noise";

/** A value that the host hands over. `name` is a buffer, weights, …; for noise the operation that draws it. */
export interface Argument {
  readonly kind: ArgumentKind;
  readonly name: string;
  /** Noise only: stream and width of the draws. */
  readonly stream?: number;
  readonly out?: string;
}

export const argumentKey = (kind: ArgumentKind, name: string): string => `${kind}:${name}`;
/** Draws belong to the operation that makes them: two maps of one stream draw alike, as the contract says. */
export const noiseName = (stream: number, out: string): string => `${stream}/${out}`;

/** Buffers an operation reads, in order. */
export function readsOf(operation: Operation): string[] {
  switch (operation.op) {
    case "map":
      return Object.values(operation.sources).flatMap((s) => (s.from === "buffer" ? [s.name] : []));
    case "project":
      return [...operation.terms.map((t) => t.from), ...(operation.plus === undefined ? [] : [operation.plus])];
    case "normalise":
      return operation.from.im === undefined ? [operation.from.re] : [operation.from.re, operation.from.im];
  }
}

/** Buffers an operation writes. */
export function writesOf(operation: Operation): string[] {
  if (operation.op !== "normalise") return [operation.out];
  return operation.out.im === undefined ? [operation.out.re] : [operation.out.re, operation.out.im];
}

/** Arguments of the operations run in order: buffers that are read before they are written, and everything else read. */
export function argumentsOf(operations: readonly Operation[]): Argument[] {
  const found = new Map<string, Argument>();
  const written = new Set<string>();
  const need = (argument: Argument): unknown => found.set(argumentKey(argument.kind, argument.name), argument);
  for (const operation of operations) {
    for (const name of readsOf(operation)) if (!written.has(name)) need({ kind: "buffer", name });
    if (operation.op === "project") for (const { weights } of operation.terms) need({ kind: "weights", name: weights });
    if (operation.op === "map") for (const source of Object.values(operation.sources)) needSource(source, operation.out, need);
    for (const name of writesOf(operation)) written.add(name);
  }
  return [...found.values()];
}

function needSource(source: Source, out: string, need: (argument: Argument) => unknown): void {
  if (source.from === "noise") need({ kind: "noise", name: noiseName(source.stream, out), stream: source.stream, out });
  else if (source.from !== "buffer") need({ kind: source.from, name: source.name });
}

/** What the host hands to a pipeline: every array that its operations read and none of them computes. */
import { inputsOf } from "../../program/dataflow";
import type { Operation, Source, Term } from "../../program/program";

/** `turned` are weights with rows and columns exchanged. */
export type ArgumentKind = "buffer" | "weights" | "turned" | "vector" | "row" | "scalar" | "noise";

/** `name` is that of a buffer, weights, …; draws are named by `noiseName`. */
export interface Argument {
  readonly kind: ArgumentKind;
  readonly name: string;
  /** Draws only: their stream, and the buffer whose shape they have. */
  readonly draw?: { readonly stream: number; readonly out: string };
}

export const argumentKey = (kind: ArgumentKind, name: string): string => `${kind}:${name}`;
/** Draws are keyed by stream and index, so that maps of one stream into buffers of one width draw alike. */
export const noiseName = (stream: number, out: string): string => `${stream}/${out}`;

/**
 * Arguments of the operations run in order, and of the buffers in `carried`, which are wanted whether or not
 * they are read.
 * @param turns whether a term reads its weights turned over
 */
export function argumentsOf(
  operations: readonly Operation[],
  carried: readonly string[],
  turns: (term: Term) => boolean,
): Argument[] {
  const found = new Map<string, Argument>();
  const need = (argument: Argument): unknown =>
    found.set(argumentKey(argument.kind, argument.name), argument);
  for (const name of [...inputsOf(operations), ...carried]) need({ kind: "buffer", name });
  for (const operation of operations) {
    if (operation.op === "project")
      for (const term of operation.terms)
        need({ kind: turns(term) ? "turned" : "weights", name: term.weights });
    if (operation.op === "map")
      for (const source of Object.values(operation.sources)) needSource(source, operation.out, need);
  }
  return [...found.values()];
}

function needSource(source: Source, out: string, need: (argument: Argument) => unknown): void {
  if (source.from === "noise")
    need({ kind: "noise", name: noiseName(source.stream, out), draw: { stream: source.stream, out } });
  else if (source.from !== "buffer") need({ kind: source.from, name: source.name });
}

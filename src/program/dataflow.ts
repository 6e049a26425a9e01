/** What the operations of a program read and write. */
import type { Operation, Program } from "./program";

/** Buffers an operation reads, in order. */
export function readsOf(operation: Operation): string[] {
  switch (operation.op) {
    case "map":
      return Object.values(operation.sources).flatMap((s) => (s.from === "buffer" ? [s.name] : []));
    case "project":
      return [
        ...operation.terms.map((t) => t.from),
        ...(operation.plus === undefined ? [] : [operation.plus]),
      ];
    case "normalise":
      return operation.from.im === undefined ? [operation.from.re] : [operation.from.re, operation.from.im];
    case "solve":
      return [
        ...operation.parts.flatMap(({ right, diagonal }) => [right, diagonal]),
        ...operation.couplings.flatMap(({ left, by }) => [left ?? [], by ?? []].flat()),
      ];
  }
}

/** Buffers an operation writes. */
export function writesOf(operation: Operation): string[] {
  if (operation.op === "solve") return operation.parts.map(({ out }) => out);
  if (operation.op !== "normalise") return [operation.out];
  return operation.out.im === undefined ? [operation.out.re] : [operation.out.re, operation.out.im];
}

/** Buffers that operations, run in order, read before they write them. */
export function inputsOf(operations: readonly Operation[]): string[] {
  const inputs = new Set<string>();
  const written = new Set<string>();
  for (const operation of operations) {
    for (const name of readsOf(operation)) if (!written.has(name)) inputs.add(name);
    for (const name of writesOf(operation)) written.add(name);
  }
  return [...inputs];
}

/** Buffers that the host may set: state, and whatever nothing in the program computes. */
export function writableBuffers({ prelude, step, state }: Program): Set<string> {
  return new Set([...state, ...inputsOf([...prelude, ...step])]);
}

/** Buffers that the host may read: outputs, state, and what the prelude wrote. */
export function readableBuffers({ prelude, state, outputs }: Program): Set<string> {
  return new Set([...outputs, ...state, ...prelude.flatMap(writesOf)]);
}

/** Buffers that hold something between steps: what moves with a row when rows change places. */
export function lasting({ prelude, step, judge = [], state }: Program): string[] {
  return [...new Set([...state, ...inputsOf([...prelude, ...step, ...judge]), ...prelude.flatMap(writesOf)])];
}

/**
 * Of operations in which each buffer is written once, those that the results need; results may be written over
 * at the end.
 */
export function needed(operations: readonly Operation[], results: ReadonlySet<string>): readonly Operation[] {
  const read = new Set(results);
  return [...operations]
    .reverse()
    .filter((operation) => {
      if (!writesOf(operation).some((name) => read.has(name))) return false;
      for (const name of readsOf(operation)) read.add(name);
      return true;
    })
    .reverse();
}

/** The buffer of how far another is from where it is at rest: see difference.ts. */
export const changeIn = (buffer: string): string => `c~${buffer}`;

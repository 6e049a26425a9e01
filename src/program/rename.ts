/** Operations with their buffers under other names. */
import type { Operation, Source } from "./program";

type Rename = (name: string) => string;

/** An operation with its buffers under other names: those that it reads, and those that it writes. */
export function withBuffers(operation: Operation, read: Rename, written: Rename = read): Operation {
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
    case "solve":
      return {
        ...operation,
        parts: operation.parts.map(({ out, right, diagonal }) => ({
          out: written(out),
          right: read(right),
          diagonal: read(diagonal),
        })),
        couplings: operation.couplings.map(({ left, by, ...coupling }) => ({
          ...coupling,
          ...(left !== undefined && { left: read(left) }),
          ...(by !== undefined && { by: read(by) }),
        })),
      };
    case "normalise": {
      const pair = (of: { re: string; im?: string }, by: Rename): { re: string; im?: string } =>
        of.im === undefined ? { re: by(of.re) } : { re: by(of.re), im: by(of.im) };
      return { ...operation, from: pair(operation.from, read), out: pair(operation.out, written) };
    }
  }
}

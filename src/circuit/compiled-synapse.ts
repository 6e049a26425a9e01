/** A synapse's equations as loops over the devices of an array: what they read, and how they are compiled. */
import type { Synapse } from "../device/types";
import { call, type Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import type { LeakLoops } from "./follow-leak";
import { isLinearLeak, leakStep, pieceOf } from "./leak";

type Over = (out: Float64Array, sources: readonly Column[]) => Float64Array;
/** What each stored quantity becomes, all from the values before. */
export type Equations = readonly { readonly name: string; readonly over: Over }[];

/**
 * A synapse's equations as loops over [what is stored, dw, parameters, constants]: the same for all chips of
 * a circuit.
 */
export interface CompiledSynapse {
  readonly readWeight: Over;
  readonly readSpread: Over | null;
  readonly programs: Equations;
  readonly leaks: readonly { readonly name: string; readonly loops: LeakLoops; readonly exact: boolean }[];
  readonly initials: Equations;
}

const known = new WeakMap<Synapse, CompiledSynapse>();

export function compiledFor(synapse: Synapse): CompiledSynapse {
  const found = known.get(synapse);
  if (found !== undefined) return found;
  const names = [
    ...Object.keys(synapse.stored),
    "dw",
    ...Object.keys(synapse.parameters),
    ...Object.keys(CONSTANTS),
  ];
  const over = (e: Expression): Over => vectorize(e, names);
  const each = Object.entries(synapse.stored);
  const compiled: CompiledSynapse = {
    readWeight: over(synapse.weight),
    readSpread: synapse.readNoise === null ? null : over(call("abs", synapse.readNoise)),
    programs: each.map(([name, s]) => ({ name, over: over(s.program) })),
    initials: each.map(([name, s]) => ({ name, over: over(s.initial) })),
    leaks: each.flatMap(([name, { leak }]) =>
      leak === null ? [] : [{ name, loops: leakLoops(synapse, name, leak), exact: isLinearLeak(name, leak) }],
    ),
  };
  known.set(synapse, compiled);
  return compiled;
}

function leakLoops({ parameters }: Synapse, name: string, leak: Expression): LeakLoops {
  const names = [name, "elapsed", ...Object.keys(parameters), ...Object.keys(CONSTANTS)];
  const piece = pieceOf(name, leak);
  return {
    step: vectorize(leakStep(name, leak), names),
    rate: vectorize(leak, names),
    piece: piece && vectorize(piece, names),
  };
}

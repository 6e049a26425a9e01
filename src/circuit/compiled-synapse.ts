/** What a synapse shows, and how a closed loop writes it, as loops over the devices of an array. */
import type { Synapse } from "../device/types";
import { isDraw } from "../equations/draws";
import { clipEnds } from "../equations/clip-ends";
import { differentiate } from "../equations/differentiate";
import {
  add,
  call,
  divide,
  maximum,
  minimum,
  number,
  substitute,
  symbol,
  symbolsOf,
  type Expression,
} from "../equations/expression";
import { vectorize } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import type { Equations, Over } from "./event-loops";

/** Loops over [what is stored, parameters, constants]: the same for all chips of a circuit. */
export interface CompiledSynapse {
  readonly readWeight: Over;
  readonly readSpread: Over | null;
  readonly readOffset: Over | null;
  /** A write that does not err, over [what is stored, dw, parameters, constants]. */
  readonly programs: Equations;
}

const known = new WeakMap<Synapse, CompiledSynapse>();

export function compiledFor(synapse: Synapse): CompiledSynapse {
  const found = known.get(synapse);
  if (found !== undefined) return found;
  const stored = Object.keys(synapse.stored);
  const others = [...Object.keys(synapse.parameters), ...Object.keys(CONSTANTS)];
  const over = (e: Expression): Over => vectorize(e, [...stored, ...others]);
  const own = new Set([...stored, ...others]);
  // A normal draw is 0 in the middle, a uniform one a half.
  const without = (e: Expression): Expression =>
    substitute(e, (name) =>
      own.has(name) || !isDraw(name) ? undefined : number(name.startsWith("xi") ? 0 : 0.5),
    );
  const compiled: CompiledSynapse = {
    readWeight: over(synapse.weight),
    readSpread: synapse.readNoise === null ? null : over(call("abs", synapse.readNoise)),
    readOffset: synapse.offset && over(synapse.offset),
    programs: Object.keys(synapse.stored).map((name) => ({
      name,
      over: vectorize(without(programOf(synapse, name, new Set(others))), [...stored, "dw", ...others]),
    })),
  };
  known.set(synapse, compiled);
  return compiled;
}

/**
 * What a closed loop makes of a request: a write, or as many pulses as it takes, which is the change of what
 * pulses move that makes the change of the weight, within the range of the pulses.
 */
function programOf(synapse: Synapse, name: string, constants: ReadonlySet<string>): Expression {
  const { program, events } = synapse.stored[name];
  if (events.write !== undefined || events.pulse === undefined) return program;
  const slope = differentiate(synapse.weight, name);
  if (slope.kind === "number" && slope.value === 0) return program;
  const asked = add(symbol(name), divide(symbol("dw"), slope));
  const { lower, upper } = clipEnds(events.pulse, (e) =>
    [...symbolsOf(e)].every((each) => constants.has(each)),
  );
  const above = lower === null ? asked : maximum(asked, lower);
  return upper === null ? above : minimum(above, upper);
}

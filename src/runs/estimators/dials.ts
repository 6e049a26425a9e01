/**
 * Imperfections that any circuit can be given, for a look at how estimators bear them: a fixed random gain on every
 * feedback synapse, and a share by which every device differs from read to read.
 */
import type { Circuit, Projection } from "../../circuit/chip-types";
import { readCircuit } from "../../circuit/circuit";
import { fabricate } from "../../circuit/fabricate";
import type { Chip } from "../../circuit/chip-types";
import { add, call, multiply, number, type Expression } from "../../equations/expression";

/** How imperfect the chip is made, beside what its design says. */
export interface Dials {
  /** Relative standard deviation of a fixed gain on each feedback synapse. */
  readonly asymmetry: number;
  /** Relative standard deviation of every weight from read to read. */
  readonly noise: number;
}

/** The chip of a circuit with more asymmetry and noise than its design has. */
export function dialled(circuit: Circuit, { asymmetry, noise }: Dials, seed: number): Chip {
  const more = asymmetry === 0 ? circuit : unequal(circuit, asymmetry);
  return fabricate(noise === 0 ? more : noisy(more, noise), seed);
}

/** Gains are independent: their variances add. */
function unequal(circuit: Circuit, asymmetry: number): Circuit {
  const { spec } = circuit;
  return readCircuit({
    ...spec,
    projections: spec.projections.map((p) =>
      p.feedback === undefined ? p : { ...p, asymmetry: Math.hypot(p.asymmetry ?? 0, asymmetry) },
    ),
  });
}

/** Every synapse reads with a relative error more. */
function noisy(circuit: Circuit, share: number): Circuit {
  const known = new Map<Projection["synapse"], Projection["synapse"]>();
  const louder = (synapse: Projection["synapse"]): Projection["synapse"] => {
    const own = multiply(number(share), synapse.weight);
    const found = known.get(synapse) ?? {
      ...synapse,
      readNoise: synapse.readNoise === null ? own : hypotenuse(synapse.readNoise, own),
    };
    known.set(synapse, found);
    return found;
  };
  const projections = circuit.projections.map((p) => ({ ...p, synapse: louder(p.synapse) }));
  const changed: Circuit = {
    ...circuit,
    projections,
    projection: (name) => projections[circuit.projections.indexOf(circuit.projection(name))],
    fabricate: (options = {}) => fabricate(changed, options.seed ?? 0),
  };
  return changed;
}

const hypotenuse = (a: Expression, b: Expression): Expression =>
  call("sqrt", add(multiply(a, a), multiply(b, b)));

/**
 * A trained feedforward net as plain data: layers in the order in which they are computed, their weights as dense
 * matrices, their output as a formula. What reads it needs nothing of Ohmlet: NumPy runs it in ten lines.
 */
import type { Chip, Circuit, Projection } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import { show } from "../../equations/show";
import { eachUse } from "../../program/connections";
import { stateOf } from "./forward-circuit";
import type { ForwardNet } from "./forward-net";
import { predicted } from "./pulled-chip";

/** One layer: `rho(sum of shown[from] @ weights + biases)`; names of arrays are those of `arrays`. */
export interface CopiedLayer {
  readonly name: string;
  readonly size: number;
  readonly sums: readonly { readonly from: string; readonly weights: string }[];
  readonly biases: string;
  /** In u, what the layer receives: as Python has it, with NumPy's functions. */
  readonly rho: string;
}

/** A feedforward net as plain data, which survives JSON but for its arrays. */
export interface DigitalCopy {
  readonly format: "ohmlet digital copy";
  readonly version: 1;
  /** The circuit that it is a copy of. */
  readonly of: string;
  readonly inputs: readonly { readonly name: string; readonly size: number }[];
  readonly layers: readonly CopiedLayer[];
  /** The layer whose largest unit is the class. */
  readonly output: string;
  /** Weights [from, layer] and biases [layer], row-major. */
  readonly arrays: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>
  >;
}

/**
 * A digital copy of what a chip has taught a net.
 * @param chip whose readout is the last layer, where it has one
 * @throws OhmletError INIT-COPY for nets that pool
 */
export function digitalCopy({ chip: net }: ForwardNet, chip: Chip): DigitalCopy {
  const { circuit } = net;
  const arrays: Record<string, DigitalCopy["arrays"][string]> = {};
  const layers = predicted(circuit).map(({ name, size, neuron }): CopiedLayer => {
    const into = circuit.projections.filter(({ to }) => to.name === name);
    const biases = new Float64Array(size);
    for (const p of into) {
      const own = net.weights(p.name);
      arrays[`${p.name}.weights`] = { shape: [p.from.size, size], values: dense(circuit, p, own.weights) };
      if (own.biases !== null) addBiases(p, own.biases, biases);
    }
    arrays[`${name}.biases`] = { shape: [size], values: biases };
    return {
      name,
      size,
      sums: into.map((p) => ({ from: p.from.name, weights: `${p.name}.weights` })),
      biases: `${name}.biases`,
      rho: python(name === circuit.output.name && readsState(chip) ? stateText(chip) : show(neuron.rho)),
    };
  });
  const { readout } = chip;
  if (readout !== null) {
    const classes = readout.biases.length;
    arrays["readout.weights"] = { shape: [circuit.output.size, classes], values: readout.weights.slice() };
    arrays["readout.biases"] = { shape: [classes], values: readout.biases.slice() };
    layers.push({
      name: "readout",
      size: classes,
      sums: [{ from: circuit.output.name, weights: "readout.weights" }],
      biases: "readout.biases",
      rho: "u",
    });
  }
  return {
    format: "ohmlet digital copy",
    version: 1,
    of: chip.circuit.name,
    inputs: circuit.inputs.map(({ name, size }) => ({ name, size })),
    layers,
    output: readout === null ? circuit.output.name : "readout",
    arrays,
  };
}

/** Whether the cost asks for a state that the output's units do not show. */
const readsState = ({ circuit }: Chip): boolean =>
  circuit.spec.cost.argument === "state" && !stateOf(circuit, circuit.output).shown;

const stateText = ({ circuit }: Chip): string => `${stateOf(circuit, circuit.output).unit}*u`;

/** Powers are the one sign that Python writes otherwise. */
const python = (text: string): string => text.replaceAll("^", "**");

/** Weights of any wiring as one matrix, [from, to]. */
function dense(
  { name }: Circuit,
  { from, to, wiring, array, name: projection }: Projection,
  weights: Float64Array,
): Float64Array {
  if (wiring === null) return weights;
  if (wiring.pool !== null)
    throw new OhmletError({
      code: "INIT-COPY",
      fact: "windows are pooled, and a matrix cannot do that",
      place: { where: `${name}, ${projection}` },
      remedy: "give the kernels a stride in place of the pool",
    });
  const out = new Float64Array(from.size * to.size);
  for (const member of wiring.members)
    eachUse(member, array.post, (pre, post, at) => (out[pre * to.size + post] += weights[at]));
  return out;
}

/** Biases of a projection at every unit that they end at. */
function addBiases({ wiring, array }: Projection, biases: Float64Array, into: Float64Array): void {
  const through = wiring?.biases ?? null;
  if (through === null) biases.forEach((b, unit) => (into[unit] += b));
  else eachUse(through, array.post, (_, unit, at) => (into[unit] += biases[at]));
}

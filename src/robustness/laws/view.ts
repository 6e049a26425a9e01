/**
 * A chip seen otherwise: with other weights, parameters or readout, or without noise. The chip itself is not
 * touched, and what a view does not change follows the chip. Views are for simulators and exact references;
 * they are not programmed.
 */
import type { Chip, Circuit, Population, Projection, Readout, WeightArrays } from "../../circuit/chip-types";
import type { Neuron } from "../../device/types";

export interface Changes {
  readonly circuit?: Circuit;
  readonly weights?: (projection: string) => WeightArrays;
  readonly readNoise?: (projection: string) => WeightArrays | null;
  readonly parametersOf?: (population: string) => Readonly<Record<string, number | Float64Array>>;
  readonly readout?: Readout | null;
}

export function viewOf(chip: Chip, changes: Changes): Chip {
  return Object.create(
    chip,
    Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, { value, enumerable: true }])),
  ) as Chip;
}

/** The chip without noise in its neurons and reads: laws about fixed points are about what is left. */
export function silenced(chip: Chip): Chip {
  const { circuit } = chip;
  const populations = circuit.populations.map((p): Population =>
    p.neuron === null ? p : { ...p, neuron: withoutNoise(p.neuron) },
  );
  const population = (name: string): Population =>
    populations[circuit.populations.indexOf(circuit.population(name))];
  const projections = circuit.projections.map((p): Projection => ({
    ...p,
    from: population(p.from.name),
    to: population(p.to.name),
    synapse: { ...p.synapse, readNoise: null },
  }));
  const quiet: Circuit = Object.create(
    circuit,
    Object.fromEntries(
      Object.entries({
        populations,
        projections,
        input: population(circuit.input.name),
        inputs: circuit.inputs.map(({ name }) => population(name)),
        output: population(circuit.output.name),
        population,
        projection: (name: string) => projections[circuit.projections.indexOf(circuit.projection(name))],
      }).map(([name, value]) => [name, { value, enumerable: true }]),
    ),
  ) as Circuit;
  return viewOf(chip, { circuit: quiet, readNoise: () => null });
}

const withoutNoise = (neuron: Neuron): Neuron => ({
  ...neuron,
  dynamics: { ...neuron.dynamics, diffusion: null },
});

/** [pre, post] to [post, pre]. */
export function transposed(values: Float64Array, pre: number, post: number): Float64Array {
  return Float64Array.from(values, (_, k) => values[(k % pre) * post + Math.floor(k / pre)]);
}

/**
 * A chip whose units are pulled towards what a feedforward net predicts (O'Connor et al. 2019, Eq. 10): from
 * each unit's prediction, which is clamped, a fixed synapse of strength g leads to the unit, and one of -g from
 * the unit to itself, so that it receives g (prediction - rho(u)). With neurons that descend an energy, theirs
 * is g/2 (prediction - rho(u))^2 larger. The chip itself is as it was: whoever pulls is not a part of it.
 */
import { readCircuit } from "../../circuit/circuit";
import { learns } from "../../circuit/owner";
import type {
  Chip,
  Circuit,
  DeviceArray,
  Population,
  Projection,
  Readout,
  WeightArrays,
} from "../../circuit/chip-types";
import type { CircuitSpec, ProjectionSpec } from "../../circuit/types";
import { nominalUnitDrive } from "../../device/unit-drive";
import type { Neuron, SynapseSpec } from "../../device/types";
import { inputNames } from "../../circuit/inputs";
import { formatQuantity } from "../../units/format";

/** Unclamped populations, whose states a forward net predicts. */
export const predicted = ({ populations }: Circuit): readonly (Population & { readonly neuron: Neuron })[] =>
  populations.filter((p): p is Population & { readonly neuron: Neuron } => !p.clamped && p.neuron !== null);

/** The circuit with a clamped population of predictions beside each population, and the synapses that pull. */
function pulledCircuit(circuit: Circuit, strength: number): Circuit {
  const { spec } = circuit;
  const pulled = predicted(circuit);
  const pull = (
    { name, neuron }: Population & { readonly neuron: Neuron },
    sign: 1 | -1,
  ): ProjectionSpec => ({
    name: sign === 1 ? `prediction.${name}` : `leak.${name}`,
    from: sign === 1 ? `prediction.${name}` : name,
    to: name,
    synapse: fixed(neuron, sign * strength),
    through: { kind: "one-to-one" },
    initial: { distribution: "zero" },
  });
  const pulledSpec: CircuitSpec = {
    ...spec,
    populations: [
      ...spec.populations,
      ...pulled.map(({ name, size }) => ({ name: `prediction.${name}`, size })),
    ],
    projections: [...spec.projections, ...pulled.flatMap((p) => [pull(p, 1), pull(p, -1)])],
    input: [...inputNames(spec.input), ...pulled.map(({ name }) => `prediction.${name}`)],
  };
  return readCircuit(pulledSpec);
}

/** A synapse that stores nothing: a resistor. */
const fixed = (neuron: Neuron, strength: number): SynapseSpec => ({
  kind: "synapse",
  name: "fixed synapse",
  equations: "I = g*rho_pre",
  parameters: {
    g: formatQuantity({ value: strength * nominalUnitDrive(neuron), dimension: neuron.dimensions.I }),
  },
});

/** The chip with its units pulled. @param strength of each synapse that pulls, in units of logical weight */
export function pulledChip(chip: Chip, strength: number): Chip {
  return new PulledChip(chip, pulledCircuit(chip.circuit, strength), strength);
}

class PulledChip implements Chip {
  constructor(
    private readonly chip: Chip,
    readonly circuit: Circuit,
    private readonly strength: number,
  ) {}

  get seed(): number {
    return this.chip.seed;
  }

  get version(): number {
    return this.chip.version;
  }

  get readout(): Readout | null {
    return this.chip.readout;
  }

  parametersOf(population: string): Readonly<Record<string, number | Float64Array>> {
    return this.isPrediction(population) ? {} : this.chip.parametersOf(population);
  }

  tune(name: string, change: Float64Array): void {
    this.chip.tune(name, change);
  }

  unitDriveOf(population: string): number {
    return this.isPrediction(population) ? 1 : this.chip.unitDriveOf(population);
  }

  weights(name: string): WeightArrays {
    const pull = this.pull(name);
    if (pull === null) return this.chip.weights(name);
    const weight = pull.from.clamped ? this.strength : -this.strength;
    return { weights: new Float64Array(pull.to.size).fill(weight), biases: null };
  }

  readNoise(name: string): WeightArrays | null {
    return this.pull(name) === null ? this.chip.readNoise(name) : null;
  }

  program(name: string, change: WeightArrays): void {
    if (this.pull(name) === null) this.chip.program(name, change);
  }

  pulse(name: string, signs: WeightArrays): void {
    if (this.pull(name) === null) this.chip.pulse(name, signs);
  }

  pulseStep(name: string): number | null {
    return this.pull(name) === null ? this.chip.pulseStep(name) : null;
  }

  findReference(name: string, pairs: number): void {
    if (this.pull(name) === null) this.chip.findReference(name, pairs);
  }

  setWeights(name: string, values: WeightArrays): void {
    if (this.pull(name) === null) this.chip.setWeights(name, values);
  }

  array(name: string): DeviceArray {
    const pull = this.pull(name);
    if (pull === null) return this.chip.array(name);
    const { synapse, to } = pull;
    const parameters = Object.fromEntries(
      Object.values(synapse.parameters).map((parameter) => [parameter.name, parameter.value.value]),
    );
    return { projection: pull, rows: 1, columns: to.size, stored: new Map(), parameters };
  }

  gains(name: string): Float64Array | null {
    return this.pull(name) === null ? this.chip.gains(name) : null;
  }

  lend(fetch: () => void): void {
    this.chip.lend(fetch);
  }

  shelve(fetch: () => void): void {
    this.chip.shelve(fetch);
  }

  programReadout(change: Readout): void {
    this.chip.programReadout(change);
  }

  age(time: number | string): void {
    this.chip.age(time);
  }

  arrays(): ReturnType<Chip["arrays"]> {
    return this.chip.arrays();
  }

  load(arrays: Parameters<Chip["load"]>[0]): void {
    this.chip.load(arrays);
  }

  /** The projection, where it is one of those that pull. */
  private pull(name: string): Projection | null {
    const projection = this.circuit.projection(name);
    return learns(projection) || this.chip.circuit.projections.some((p) => p.name === name)
      ? null
      : projection;
  }

  private isPrediction(population: string): boolean {
    return !this.chip.circuit.populations.some(({ name }) => name === population);
  }
}

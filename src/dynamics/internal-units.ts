/** A chip in the internal units of its programs: weights as they are read in a phase, drives, states. */
import type { Chip, Population } from "../circuit/chip-types";
import { normal, streamOf, uniform } from "../random";
import type { PlannedPopulation } from "./layout";
import { scalingOf, type Scaling } from "./scaling";

export class InternalUnits {
  readonly scaling: Scaling;
  /** Whether conductances differ from read to read, so that every phase and nudge point has weights of its own. */
  readonly readsAreNoisy: boolean;

  constructor(readonly chip: Chip, private readonly seed: number) {
    this.scaling = scalingOf(chip.circuit);
    this.readsAreNoisy = chip.circuit.projections.some((p) => p.synapse.readNoise !== null);
  }

  /** Key of all draws of a phase. */
  phaseSeed(phase: number): number {
    return Math.floor(uniform(this.seed, streamOf("phase"), phase, 0) * 2 ** 52);
  }

  /** One unit of logical weight, or of nudge. */
  unitDrive({ population }: PlannedPopulation): number {
    const dimension = population.neuron?.dimensions.I;
    return this.chip.unitDriveOf(population.name) / (dimension ? this.scaling.scale(dimension) : 1);
  }

  /** One unit of logical weight between two populations: W * rho is a current, and where rho has a unit, internal outputs are scaled too. */
  unitWeight(from: Population, to: PlannedPopulation): number {
    return this.unitDrive(to) * (from.neuron === null ? 1 : this.scaling.scale(from.neuron.dimensions.rho));
  }

  /** SI value of one internal unit of a population's state. */
  state({ population }: PlannedPopulation): number {
    return population.neuron === null ? 1 : this.scaling.scale(population.neuron.dimensions.u);
  }

  /** SI value of one internal unit of a population's output. */
  output({ population }: PlannedPopulation): number {
    return population.neuron === null ? 1 : this.scaling.scale(population.neuron.dimensions.rho);
  }

  /** Weights [groups, pre, post] and biases [groups, post] of a projection; with noisy reads every group is a read of its own. */
  weights(name: string, to: PlannedPopulation, groups: number, phase: number): { weights: Float64Array; biases: Float64Array } {
    const { weights, biases } = this.chip.weights(name);
    const noise = this.chip.readNoise(name);
    const { from } = this.chip.circuit.projection(name);
    const unit = this.unitDrive(to);
    const perOutput = this.unitWeight(from, to);
    const [stream, seed] = [streamOf(`read/${name}`), this.phaseSeed(phase)];
    const read = (values: Float64Array, sd: Float64Array | null | undefined, scale: number, offset: number): Float64Array => {
      const out = new Float64Array(values.length * groups);
      for (let group = 0; group < groups; group++) {
        const start = group * values.length;
        for (let k = 0; k < values.length; k++) out[start + k] = scale * (values[k] + (sd ? sd[k] * normal(seed, stream, 0, offset + start + k) : 0));
      }
      return out;
    };
    return {
      weights: read(weights, noise?.weights, perOutput, 0),
      biases: read(biases ?? new Float64Array(to.population.size), noise?.biases, unit, weights.length * groups),
    };
  }
}

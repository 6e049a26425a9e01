/** Chips in the internal units of their programs: weights as they are read in a phase, drives, states. All are of one circuit. */
import type { Chip, Circuit, Population } from "../circuit/chip-types";
import { normal, streamOf, uniform } from "../random";
import { joined } from "./arrays";
import type { PlannedPopulation } from "./layout";
import { scalingOf, type Scaling } from "./scaling";

export class InternalUnits {
  readonly scaling: Scaling;
  /** Whether conductances differ from read to read, so that every phase and nudge point has weights of its own. */
  readonly readsAreNoisy: boolean;

  /** What the chips share; only what no draw of fabrication touches may be asked of it. */
  private readonly chip: Chip;

  /** @param seeds of the noise, one for each chip */
  constructor(readonly chips: readonly Chip[], private readonly seeds: readonly number[]) {
    [this.chip] = chips;
    this.scaling = scalingOf(this.chip.circuit);
    this.readsAreNoisy = this.chip.circuit.projections.some((p) => p.synapse.readNoise !== null);
  }

  get circuit(): Circuit {
    return this.chip.circuit;
  }

  /** Grows with every change of a chip. */
  get version(): number {
    return this.chips.reduce((sum, { version }) => sum + version, 0);
  }

  /** Keys of all draws of a phase, one for each chip. */
  phaseSeeds(phase: number): number[] {
    return this.seeds.map((seed) => Math.floor(uniform(seed, streamOf("phase"), phase, 0) * 2 ** 52));
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

  /** Weights [groups, pre, post] and biases [groups, post] of a projection; groups are shared out evenly among the chips. With noisy reads every group is a read of its own. */
  weights(name: string, to: PlannedPopulation, groups: number, phase: number): { weights: Float64Array; biases: Float64Array } {
    const seeds = this.phaseSeeds(phase);
    const read = this.chips.map((chip, c) => this.weightsOf(chip, name, to, groups / this.chips.length, seeds[c]));
    return { weights: joined(read.map(({ weights }) => weights)), biases: joined(read.map(({ biases }) => biases)) };
  }

  private weightsOf(chip: Chip, name: string, to: PlannedPopulation, groups: number, seed: number): { weights: Float64Array; biases: Float64Array } {
    const { weights, biases } = chip.weights(name);
    const noise = chip.readNoise(name);
    const { from } = chip.circuit.projection(name);
    const unit = this.unitDrive(to);
    const perOutput = this.unitWeight(from, to);
    const stream = streamOf(`read/${name}`);
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

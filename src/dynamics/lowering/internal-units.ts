/**
 * Chips in the internal units of their programs: weights as they are read in a phase, drives, states. All are
 * of one circuit.
 */
import type { Chip, Circuit, Population, Projection } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { trainablesOf } from "../../circuit/trainable";
import { fillPhaseNormals, PHASE_STREAMS, type PhaseKey } from "../../random";
import { joined, tile } from "./arrays";
import type { Layout, PlannedPopulation } from "./layout";
import { loadPartOf, LOADS, loadsOf } from "./loads";
import type { Reads } from "../chip-arrays/reads";
import { scalingOf, type Scaling } from "./scaling";

export class InternalUnits {
  readonly scaling: Scaling;
  /** Whether conductances differ from read to read. */
  readonly readsAreNoisy: boolean;
  /** Whether every row has weights of its own for it. */
  readonly readsDiffer: boolean;

  /** Whether conductances load neurons. */
  readonly areLoaded: boolean;
  /** Whether anything that units have of their own changes as a chip learns: loads, or parameters. */
  readonly unitsChange: boolean;
  /** By projection; set by what sums them, where that is another. */
  readonly loadParts = new Map<string, Float64Array>();
  /** The version of the chips that the units of a layout are those of. */
  private followedAt: number;

  /** What the chips share; only what no draw of fabrication touches may be asked of it. */
  private readonly chip: Chip;

  /** @param seeds of the noise, one for each chip */
  constructor(
    readonly chips: readonly Chip[],
    private readonly seeds: readonly number[],
    reads: Reads,
  ) {
    [this.chip] = chips;
    this.scaling = scalingOf(this.chip.circuit);
    this.readsAreNoisy = this.chip.circuit.projections.some((p) => p.synapse.readNoise !== null);
    this.readsDiffer = this.readsAreNoisy && reads === "by-device";
    this.areLoaded = this.chip.circuit.projections.some(({ synapse }) => synapse.loads);
    this.unitsChange = this.areLoaded || trainablesOf(this.chip.circuit).length > 0;
    this.followedAt = this.version;
  }

  /** What an array loads each unit with that it ends at, [chips, size]: as the units of the layout are. */
  loadPart(projection: Projection): Float64Array {
    const found = this.loadParts.get(projection.name) ?? loadPartOf(this.chips, projection, this.scaling);
    this.loadParts.set(projection.name, found);
    return found;
  }

  get circuit(): Circuit {
    return this.chip.circuit;
  }

  /** Grows with every change of a chip. */
  get version(): number {
    return this.chips.reduce((sum, { version }) => sum + version, 0);
  }

  /**
   * Brings what the units of a layout have of their own to what it is now, in place: loads and trained parameters.
   * @param there what sums loads where the conductances are; default: here
   */
  async followUnits({ populations }: Layout, there: { follow(): Promise<void> } | null): Promise<void> {
    const { version } = this;
    if (!this.unitsChange || this.followedAt === version) return;
    for (const { local } of populations) local.follow?.();
    if (there !== null) await there.follow();
    else {
      this.loadParts.clear();
      for (const { population, local } of populations)
        for (const { name, terminal } of LOADS)
          local.vectors[name]?.set(
            loadsOf(this.circuit, population, this.chips.length, (p) => this.loadPart(p), terminal),
          );
    }
    this.followedAt = version;
  }

  /** Keys of all draws of a phase, one for each chip. */
  phaseKeys(phase: number): PhaseKey[] {
    return this.seeds.map((seed) => ({ seed, phase }));
  }

  /** One unit of logical weight, or of nudge. */
  unitDrive({ population, state }: Pick<PlannedPopulation, "population" | "state">): number {
    const dimension = population.neuron?.dimensions.I;
    return this.chip.unitDriveOf(state.owner.name) / (dimension ? this.scaling.scale(dimension) : 1);
  }

  /**
   * One unit of logical weight between two populations: W * rho is a current, and where rho has a unit,
   * internal outputs are scaled too. What is clamped is shown as it is, SI.
   */
  unitWeight(from: Population, to: PlannedPopulation): number {
    const shown = from.neuron === null || from.clamped ? 1 : this.scaling.scale(from.neuron.dimensions.rho);
    return this.unitDrive(to) * shown;
  }

  /** SI value of one internal unit of a population's state. */
  state({ population }: PlannedPopulation): number {
    return population.neuron === null ? 1 : this.scaling.scale(population.neuron.dimensions.u);
  }

  /** SI value of one internal unit of a population's output. */
  output({ population }: PlannedPopulation): number {
    return population.neuron === null ? 1 : this.scaling.scale(population.neuron.dimensions.rho);
  }

  /**
   * Weights [groups, pre, post] of a projection; groups are shared out evenly among the chips. Where reads
   * differ every group is a row, and a read of its own.
   */
  weights(name: string, to: PlannedPopulation, groups: number, phase: number): Float64Array {
    const scale = this.unitWeight(this.circuit.projection(name).from, to);
    return this.read(name, "weights", scale, groups, phase);
  }

  /** Its biases [groups, post]; zeros where it has none. */
  biases(name: string, to: PlannedPopulation, groups: number, phase: number): Float64Array {
    if (!this.circuit.projection(name).bias)
      return new Float64Array(groups * this.circuit.projection(name).array.post);
    return this.read(name, "biases", this.unitDrive(to), groups, phase);
  }

  /** Variances of a read of weights or biases, [groups, …]. */
  variances(name: string, part: Part, to: PlannedPopulation, groups: number): Float64Array {
    const scale =
      part === "weights" ? this.unitWeight(this.circuit.projection(name).from, to) : this.unitDrive(to);
    const each = groups / this.chips.length;
    return joined(
      this.chips.map((chip) => {
        const noise = chip.readNoise(name)?.[part];
        if (!noise) throw new Error(`reads of ${name} are noiseless`);
        return tile(
          noise.map((sd) => (scale * sd) ** 2),
          each,
        );
      }),
    );
  }

  /** The draws that a phase's reads by current hold, [rows, size] of a population. */
  heldDraws({ index, population: { size } }: PlannedPopulation, rows: number, phase: number): Float64Array {
    const out = new Float64Array(rows * size);
    const each = out.length / this.chips.length;
    this.phaseKeys(phase).forEach((key, c) =>
      fillPhaseNormals(out, key, FIRST_READ + index, 0, c * each, each),
    );
    return out;
  }

  private read(name: string, part: Part, scale: number, groups: number, phase: number): Float64Array {
    const keys = this.phaseKeys(phase);
    const each = groups / this.chips.length;
    return joined(
      this.chips.map((chip, c) => {
        const values = chip.weights(name)[part] as Float64Array;
        const sd = this.readsDiffer ? chip.readNoise(name)?.[part] : undefined;
        return sd
          ? this.draw(name, part, values, sd, scale, each, keys[c])
          : tile(
              values.map((w) => scale * w),
              each,
            );
      }),
    );
  }

  /** A read of every device for each row: both directions of a tied projection read the same draw. */
  private draw(
    name: string,
    part: Part,
    values: Float64Array,
    sd: Float64Array,
    scale: number,
    rows: number,
    key: PhaseKey,
  ): Float64Array {
    const out = new Float64Array(values.length * rows);
    const projection = this.circuit.projection(name);
    const owner = this.circuit.projection(ownerOf(projection));
    const stream = FIRST_READ + this.circuit.projections.indexOf(owner);
    const draws = new Float64Array(values.length);
    const { pre, post } = projection.array;
    for (let row = 0; row < rows; row++) {
      fillPhaseNormals(draws, key, stream, part === "weights" ? row : row + BIAS_LINE);
      const start = row * values.length;
      if (owner === projection || projection.wiring !== null)
        for (let k = 0; k < values.length; k++) out[start + k] = scale * (values[k] + sd[k] * draws[k]);
      else
        for (let i = 0, k = 0; i < pre; i++)
          for (let j = 0; j < post; j++, k++)
            out[start + k] = scale * (values[k] + sd[k] * draws[j * pre + i]);
    }
    return out;
  }
}

type Part = "weights" | "biases";

/** First stream of reads, by the number of the array's projection; those before are of neurons. */
const FIRST_READ = PHASE_STREAMS / 2;
/** Added to the row where its biases are read. */
const BIAS_LINE = 2 ** 31;

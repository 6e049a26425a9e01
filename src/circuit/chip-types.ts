/** A circuit with its devices read, and a chip: one fabricated instance of it. */
import type { Neuron, Synapse } from "../device/types";
import type { Wiring } from "./wiring/types";
import type { CostLaw } from "./cost-law";
import type { CircuitSpec, PopulationSpec, ProjectionSpec } from "./types";
import type { Wires } from "./wires/read-wires";

/** Neurons of one device within a circuit. */
export interface Population<Name extends string = string> {
  readonly name: Name;
  readonly size: number;
  /** Values of a sample that it shows, where it is clamped: as many as units, but where they are encoded. */
  readonly dataSize: number;
  /** Rows, columns, channels; absent where it has none. */
  readonly shape?: readonly [number, number, number];
  readonly spec: PopulationSpec;
  /** Null for an input population that takes its data as they are. */
  readonly neuron: Neuron | null;
  readonly clamped: boolean;
  /** Place of its first unit in the concatenation of all unclamped populations; -1 where clamped. */
  readonly offset: number;
}

/** Synapses of one device from one population to another. */
export interface Projection<Name extends string = string> {
  readonly name: Name;
  readonly from: Population;
  readonly to: Population;
  readonly synapse: Synapse;
  readonly spec: ProjectionSpec;
  readonly bias: boolean;
  /** How its array joins the populations; null: all to all. */
  readonly wiring: Wiring | null;
  /** Shape of its weights, without the line of biases: [from.size, to.size] where it is all to all. */
  readonly array: { readonly pre: number; readonly post: number };
  /** Of its own array; null where they do not resist. */
  readonly wires: Wires | null;
  /** Whose wires it is, where it is no array of devices; else null. */
  readonly couples: Couples | null;
}

/** Whose wires a projection is, and which of its ports they join. */
export interface Couples {
  /** Name of the projection whose array has the wires. */
  readonly owner: string;
  readonly side: "rows" | "columns";
}

/** What may differ from chip to chip of one design. */
export interface Fabrication extends Pick<CircuitSpec, "wires" | "temperature"> {
  /** Keys all draws. Default 0. */
  readonly seed?: number;
}

/**
 * A validated design: names resolved, devices read, units checked. Where code spells a design out, its names
 * are known as types (`P` of populations, `J` of projections); else they are texts.
 */
export interface Circuit<P extends string = string, J extends string = string> {
  readonly spec: CircuitSpec;
  readonly name: string;
  readonly populations: readonly Population<P>[];
  readonly projections: readonly Projection<J>[];
  /** The clamped population; the first, where there are several. */
  readonly input: Population<P>;
  /** All clamped populations: a sample holds their data side by side, in this order. */
  readonly inputs: readonly Population<P>[];
  /** Values of a sample. */
  readonly inputSize: number;
  readonly output: Population<P>;
  /** What it is judged by, as equations; null for the cross-entropy of a readout. */
  readonly cost: CostLaw | null;
  /** Number of unclamped units. */
  readonly units: number;
  /**
   * The population of that name.
   * @throws OhmletError CIRCUIT-PORT where there is none
   */
  population(name: P): Population<P>;
  /**
   * The projection of that name.
   * @throws OhmletError CIRCUIT-PORT where there is none
   */
  projection(name: J): Projection<J>;
  /**
   * Makes a chip: mismatch, gains and first weights are drawn, all keyed by the seed (default 0), so that the
   * same seed gives the same chip. Its wires and its temperature may be other than those of the design.
   * @throws OhmletError ENGINE-SEED for a seed that is none; CIRCUIT-SIZE for a chip too large for memory;
   *   CIRCUIT-WIRES, CIRCUIT-TEMPERATURE, PRESET-RANGE
   */
  fabricate(options?: Fabrication): Chip<P, J>;
  /** Populations, projections, cost and sizes, in lines. */
  toString(): string;
}

/**
 * Weights [pre, post] row-major and, where the projection has them, biases [post]; in multiples of the unit
 * drive ("logical"). Those of a wired projection are as its array has them, also where it is read backwards: a
 * convolution's [kernel rows, kernel columns, channels in, channels out], a list's one a pair, in the order of
 * the units that they end at.
 */
export interface WeightArrays {
  readonly weights: Float64Array;
  readonly biases: Float64Array | null;
}

/**
 * A linear readout after the output population, for the cross-entropy cost: weights [output, classes], biases
 * [classes].
 */
export interface Readout {
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/**
 * A physical array of devices, SI: what whoever runs them elsewhere needs. Its projection's synapse has the
 * equations.
 */
export interface DeviceArray {
  /** The projection that it belongs to; others may be tied to it. */
  readonly projection: Projection;
  /** [rows, columns]: inputs and, where the projection has biases, a line that is always on; outputs. */
  readonly rows: number;
  readonly columns: number;
  /** What each device stores, by name, [rows, columns]. */
  readonly stored: ReadonlyMap<string, Float64Array>;
  /** One number, or one a device where the parameter has a spread. */
  readonly parameters: Readonly<Record<string, number | Float64Array>>;
}

/** One fabricated chip. Only `program…`, `setWeights`, `age` and `load` change it. */
export interface Chip<P extends string = string, J extends string = string> {
  readonly circuit: Circuit<P, J>;
  readonly seed: number;
  /**
   * Grows with every change of the chip, so that whoever holds copies of its weights knows when they are
   * stale.
   */
  readonly version: number;
  /**
   * Values of a population's neuron parameters, SI: one number, or one a unit where the parameter has a
   * spread.
   */
  parametersOf(population: P): Readonly<Record<string, number | Float64Array>>;
  /**
   * Changes a parameter of a population's neurons that training moves: by so much a unit, in its own unit of change,
   * as far as its range allows. Exact: what trims a neuron is digital.
   * @param name "hidden/u_slope"
   * @throws OhmletError CIRCUIT-PORT where no such parameter is trainable, CIRCUIT-SHAPE
   */
  tune(name: string, change: Float64Array): void;
  /** Nominal unit drive of a population, SI: what one unit of logical weight stands for. */
  unitDriveOf(population: P): number;
  /**
   * Effective noise-free weights as the circuit sees them now: mismatch, saturation, leakage and asymmetry
   * included.
   */
  weights(projection: J): WeightArrays;
  /**
   * Standard deviation of each effective weight from read to read (logical, [pre, post] and [post]); null
   * where reads are noiseless.
   */
  readNoise(projection: J): WeightArrays | null;
  /**
   * Asks the devices of a projection to change by so much (logical). What they really do is theirs: ranges,
   * mismatch. A tied projection programs the array that it reads.
   */
  program(projection: J, change: WeightArrays): void;
  /** Sets weights as closely as the devices allow; exact for ideal ones. */
  setWeights(projection: J, values: WeightArrays): void;
  /** The array that a projection reads: its own, or the one that it is tied to. */
  array(projection: J): DeviceArray;
  /**
   * Factors on the effective weights of a projection, [pre (+ 1), post], where fabrication made its reads
   * unequal; null elsewhere.
   */
  gains(projection: J): Float64Array | null;
  /**
   * One pulse for each device of an array that is addressed: 1 up, -1 down, 0 none; for devices that say what
   * they do `at pulse`. @throws OhmletError DEVICE-EVENT
   */
  pulse(projection: J, signs: WeightArrays): void;
  /**
   * The nominal change of a weight by one pulse, the mean of up and down, logical; null where pulses do nothing
   * to its devices.
   */
  pulseStep(projection: J): number | null;
  /**
   * Subtracts from what each device shows, from now on, what it shows at its symmetric point, which is found by
   * pairs of pulses up and down; weights stay what they are.
   * @internal
   */
  findReference(projection: J, pairs: number): void;
  /**
   * Says that what the arrays store has changed elsewhere. `fetch` writes it into `array(…).stored`; it is
   * called before anything next reads or changes them, once.
   */
  lend(fetch: () => void): void;
  /** The same for arrays that have not changed: large ones are given up here until somebody asks. */
  shelve(fetch: () => void): void;
  /** Null where the cost has no readout. */
  readonly readout: Readout | null;
  /** Adds to the readout, which is digital: exact. */
  programReadout(change: Readout): void;
  /**
   * Lets stored quantities leak for so long: a number of seconds, or "3 h". @throws OhmletError CHIP-AGE;
   * CHIP-LEAK for a leak that cannot be followed
   */
  age(time: number | string): void;
  /** Everything that training changes, for saving: name -> array and shape. */
  arrays(): Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>>;
  /**
   * Puts back what `arrays` gave; the shapes must be those of this chip.
   * @throws OhmletError CHIP-LOAD
   */
  load(
    arrays: Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float64Array }>>,
  ): void;
}

/**
 * A circuit as plain data: the graph of populations and projections with its input, output and cost. A
 * design, without random draws; `fabricate` (chip.ts) makes a chip of it. Everything here survives
 * JSON.stringify.
 */
import type { NeuronLike, NeuronSpec, SynapseLike, SynapseSpec } from "../device/types";

/**
 * How a sample becomes what a clamped population shows: all its values times each factor, block after block, then
 * constants, which are biases. `{ factors: [1, -1], constants: [1] }` shows each value with either sign, and a one.
 */
export interface InputEncoding {
  readonly factors: readonly number[];
  /** Default: none. */
  readonly constants?: readonly number[];
}

/** A population as plain data. */
export interface PopulationSpec {
  readonly name: string;
  readonly size: number;
  /** Rows, columns and channels; the channels of a position are side by side. Their product is the size. */
  readonly shape?: readonly [number, number, number];
  /**
   * The neuron of each unit. Input populations are clamped: their units have no dynamics. Without a neuron
   * their outputs are the data themselves; with one they are rho(data).
   */
  readonly neuron?: NeuronSpec;
  /** Of a clamped population: how data become its units. Default: a value each, as it is. */
  readonly encoding?: InputEncoding;
}

/** How logical weights (counted in the unit drive of the postsynaptic neuron) are first drawn. */
export interface InitialWeights {
  /**
   * "fan-in": uniform +-scale/sqrt(pre) (torch's Linear); "glorot": uniform +-scale*sqrt(6/(pre+post));
   * "lecun": normal, sd scale/sqrt(pre); "zero".
   */
  readonly distribution: "fan-in" | "glorot" | "lecun" | "zero";
  readonly scale?: number;
}

/**
 * Feedback from another projection's weights. `tied`: the same physical devices, read backwards (one array,
 * its updates added). `angled`: an array of its own, first set to sin(angle) w + cos(angle) w_forward^T, w
 * drawn like any other.
 */
export type Feedback =
  | { readonly kind: "tied"; readonly to: string }
  | {
      readonly kind: "angled";
      readonly to: string;
      /** Degrees; 0 is the transpose, 90 is independent. */ readonly angle: number;
    };

/** How several positions are made one: the largest, their mean, or their mean weighed by the softmax of them. */
export interface Pooling {
  readonly kind: "max" | "softmax" | "mean";
  /** Positions that are made one: so many rows and columns. */
  readonly window: number | readonly [number, number];
}

/** Which synapses a projection has, where it is not all to all. */
export type Through =
  | {
      /** One kernel of devices, used at every position of populations that have a shape. */
      readonly kind: "convolution";
      /** Rows and columns. */
      readonly kernel: number | readonly [number, number];
      /** From position to position. Default 1. */
      readonly stride?: number | readonly [number, number];
      /** Rows and columns of zeros on each side. Default 0. */
      readonly padding?: number | readonly [number, number];
      readonly pool?: Pooling;
      /** A kernel of its own at every position. Default false. */
      readonly replicated?: boolean;
    }
  | { readonly kind: "one-to-one" }
  /** Places of units in their populations, from 0: [presynaptic, postsynaptic]. */
  | { readonly kind: "sparse"; readonly pairs: readonly (readonly [number, number])[] }
  /** Each pair with this chance, above 0 and at most 1. Default of the seed: 0. */
  | { readonly kind: "sparse"; readonly density: number; readonly seed?: number };

/**
 * Resistance of the wires of a crossbar, as plain data. Between nodes that conductances load, nodes pull at each other
 * through the wires that they share; "ladders", which hold columns at 0 V, are not for these.
 */
export interface WiresSpec {
  /** Of a row wire, from cell to cell: "1 ohm", or a number in ohms. Default 0. */
  readonly row?: number | string;
  /** Of a column wire, from cell to cell. Default 0. */
  readonly column?: number | string;
  /**
   * "exact": a solve of the whole array after each change. "ladders": exact where only rows or only columns resist,
   * and nearly where both do. "first-order": the voltages that are lost on the way, by sums, for wires that lose
   * a percent or less. Default "exact".
   */
  readonly solve?: "exact" | "ladders" | "first-order";
}

/** Synapses of one device from one population to another, all to all unless it is wired otherwise. */
export interface ProjectionSpec {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly synapse: SynapseSpec;
  /** Default: all to all. Feedback runs through the wiring of its forward projection, backwards. */
  readonly through?: Through;
  /**
   * Adds one presynaptic line that is always on (output 1): the biases, made of the same devices. Default
   * false.
   */
  readonly bias?: boolean;
  readonly initial: InitialWeights;
  readonly feedback?: Feedback;
  /**
   * Relative standard deviation of a fixed random gain on every synapse of this projection (per-synapse
   * asymmetry): on what is first written, and on every update; 0 to 2. Default 0.
   */
  readonly asymmetry?: number;
  /** Resistance of the wires of its array, which has to be a crossbar. Default: that of the circuit. */
  readonly wires?: WiresSpec;
}

/**
 * What the circuit is judged by. `argument`: whether the cost is a function of u or of rho(u) of the output
 * population.
 */
export type CostSpec =
  | {
      /**
       * C = 1/2 sum (y - argument)^2. `levels`: the targets for a wrong and for the right class. Default [0,
       * 1].
       */
      readonly kind: "squared-error";
      readonly argument: "state" | "activity";
      readonly levels?: readonly [number, number];
      /**
       * Outputs in pairs, the first half against the second: what is compared with a target is the difference of two
       * units, and both are nudged, in opposite directions. So nodes that no conductance makes negative can tell
       * either sign. Default false.
       */
      readonly doubled?: boolean;
      /**
       * Nudging force +beta dC/d(argument), the sign of Laborieux and Zenke's code. Default false: -beta
       * dC/d(argument).
       */
      readonly ascend?: boolean;
    }
  | {
      /** Cross-entropy of softmax(argument * W_readout + b_readout) with the label. */
      readonly kind: "cross-entropy";
      readonly argument: "state" | "activity";
      readonly classes: number;
      readonly ascend?: boolean;
    }
  | EquationCost;

/**
 * A cost by its equation, as devices have theirs: what each unit of the output is charged, in `rho` or `u` (what it
 * shows, or its state), `y` (what is wanted of it), parameters of the output's neuron and of its own. An expression,
 * or lines of definitions of which one says `cost = …`. A sample's cost is the sum over units, the cost of the chip
 * the mean over samples, and what its weights cost.
 */
export interface EquationCost {
  readonly kind: "equation";
  readonly equation: string;
  /** Default: what the equation names, `u` or `rho`. */
  readonly argument?: "state" | "activity";
  /** Numbers, or quantities with units. */
  readonly parameters?: Readonly<Record<string, number | string>>;
  /**
   * What each weight costs, in `w` (logical) and the parameters of the cost: of every array of devices that can be
   * programmed, or by the name of its projection. Biases are free.
   */
  readonly weights?: string | Readonly<Record<string, string>>;
  /** What labels ask for: of a wrong and of the right class. Default [0, 1]. */
  readonly levels?: readonly [number, number];
  readonly ascend?: boolean;
}

/** A cost as it may be written: its equation alone, or what it is. */
export type CostDesign = CostSpec | string;

/** A circuit as plain data, which survives JSON: its graph, its ends and its cost. */
export interface CircuitSpec {
  readonly name: string;
  readonly summary?: string;
  /** In the order in which the catalogue and reports list them; the input first. */
  readonly populations: readonly PopulationSpec[];
  readonly projections: readonly ProjectionSpec[];
  /**
   * Name of the clamped population, or of several: a sample then holds the data of all of them side by side,
   * in this order.
   */
  readonly input: string | readonly string[];
  /** Name of the population that the cost reads and the nudge drives. */
  readonly output: string;
  readonly cost: CostSpec;
  /** Resistance of the wires of all arrays. Default: none. */
  readonly wires?: WiresSpec;
  /**
   * Temperature of the chip, "350 K" or a number of kelvins, above 0: the parameter T of its devices, where it
   * is in kelvins. Default: what each device says.
   */
  readonly temperature?: number | string;
}

/** A circuit as it may be written in code: devices are specs, or what was read of them. */
export interface CircuitDesign extends Omit<CircuitSpec, "populations" | "projections" | "cost"> {
  readonly cost: CostDesign;
  readonly populations: readonly (Omit<PopulationSpec, "neuron" | "size"> & {
    /** May be left out where there is a shape. */
    readonly size?: number;
    readonly neuron?: NeuronLike;
  })[];
  readonly projections: readonly (Omit<ProjectionSpec, "synapse"> & { readonly synapse: SynapseLike })[];
}

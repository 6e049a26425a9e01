/**
 * What a circuit is lowered to: a list of operations over buffers of shape [rows, width], looped for a number
 * of steps. A program knows no neuron, no learning rule and no paper; engines run it.
 *
 * Not here: what the buffers mean (src/dynamics/lowering/plan.ts), how long a phase is
 * (src/dynamics/phases/advance.ts), what runs it (src/engines/engine.ts).
 */
import type { Expression } from "../equations/expression";
import type { Connections } from "./connections";

/**
 * Reads a value inside a `map`: which buffer, vector, row value or scalar a symbol of the expression stands
 * for.
 */
export type Source =
  /** Buffer [rows, width], at the same row and unit. */
  | { readonly from: "buffer"; readonly name: string }
  /** One value a unit, shared by all rows: [width], or [groups, width] where the program has groups. */
  | { readonly from: "vector"; readonly name: string }
  /** One value a row, shared by all units: [rows]. */
  | { readonly from: "row"; readonly name: string }
  /** One value for the whole program. */
  | { readonly from: "scalar"; readonly name: string }
  /**
   * A standard normal draw, fresh for every step, row and unit, keyed by (seed, phase, stream, step, row *
   * width + unit); rows count from the first of their seed, streams are below 2^11.
   */
  | { readonly from: "noise"; readonly stream: number };

/** out[r, j] = expression over sources at (r, j). */
export interface MapOperation {
  readonly op: "map";
  readonly out: string;
  readonly expression: Expression;
  readonly sources: Readonly<Record<string, Source>>;
}

/** What is projected through an array of weights. */
export interface Term {
  readonly from: string;
  readonly weights: string;
  /** Which weight leads from where to where. Default: all to all, the array is [width of `from`, of `out`]. */
  readonly through?: Connections;
  /** Whether connections are read from their postsynaptic to their presynaptic end. */
  readonly backwards?: true;
}

/** out[r, j] = (plus ? plus[r, j] : 0) + sum over terms and i of from[r, i] * weights[group(r), i, j]. */
export interface ProjectOperation {
  readonly op: "project";
  readonly out: string;
  /** A buffer that is added, of the width of `out`. */
  readonly plus?: string;
  readonly terms: readonly Term[];
}

/**
 * Softmax over the units of a row, real or complex: p_j = exp(z_j - m) / sum_k exp(z_k - m), with m the
 * largest real part of the row. With `im` absent the logits are real.
 */
export interface NormaliseOperation {
  readonly op: "normalise";
  readonly from: { readonly re: string; readonly im?: string };
  readonly out: { readonly re: string; readonly im?: string };
}

/** How one part of a `solve` depends on another: left * sum over i of by[i] * x[i] * weights, as a projection sums. */
export interface Coupling extends Omit<Term, "from"> {
  /** Numbers of the parts. */
  readonly from: number;
  readonly into: number;
  /** Buffers of factors, of the widths of `into` and of `from`. Default: 1. */
  readonly left?: string;
  readonly by?: string;
}

/**
 * A linear system a row: out with diagonal * out + sum of couplings = right, all parts together. Where a row's matrix is
 * singular, as far as the engine's numbers tell, out is right/diagonal or no finite number. For engines that solve
 * (`Engine.solves`). It has no derivative.
 */
export interface SolveOperation {
  readonly op: "solve";
  readonly parts: readonly { readonly out: string; readonly right: string; readonly diagonal: string }[];
  readonly couplings: readonly Coupling[];
}

/** Reads a value inside an `adjust`, of the synapse at hand. */
export type SynapseSource =
  | { readonly from: "weights"; readonly name: string }
  | { readonly from: "scalar"; readonly name: string }
  /** What the products add up to. */
  | { readonly from: "sum" }
  /** What an earlier map of the same operation computed. */
  | { readonly from: "local"; readonly name: string };

export interface SynapseMap {
  /**
   * A weight array of the operation's shape, or one of the opposite shape that is written transposed, or a
   * value for later maps.
   */
  readonly out: { readonly weights: string; readonly transposed?: boolean } | { readonly local: string };
  readonly expression: Expression;
  readonly sources: Readonly<Record<string, SynapseSource>>;
}

/** What a row shows at both ends of a synapse. */
export interface Product {
  readonly pre: string;
  readonly post: string;
  /** Which unit is at which end of which synapse. Default: all to all, the buffers are as wide as the array. */
  readonly through?: Connections;
}

/**
 * A local update of every synapse of one array: sum[i, j] = sum over products, rows r and uses of the synapse of
 * pre[r, …] * post[r, …], then the maps, in order. For programs of one group.
 */
export interface AdjustOperation {
  readonly pre: number;
  readonly post: number;
  readonly products: readonly Product[];
  readonly maps: readonly SynapseMap[];
}

export type Operation = MapOperation | ProjectOperation | NormaliseOperation | SolveOperation;

/**
 * What to run. Operations run in order; each reads what those before it wrote. State buffers keep their
 * values from step to step, all others are scratch. Names are the lowering's own identifiers, never a user's
 * text.
 */
export interface Program {
  /** Rows of every buffer: samples x nudge points x chips. */
  readonly rows: number;
  /**
   * Weight groups: row r uses the weights (and vectors) of group floor(r * groups / rows). 1 unless chips or
   * reads are stacked.
   */
  readonly groups: number;
  /** Width of each buffer. */
  readonly buffers: Readonly<Record<string, number>>;
  /** Shape of each weight array, [groups, pre, post] row-major. */
  readonly weights: Readonly<Record<string, { readonly pre: number; readonly post: number }>>;
  /** Width of each vector, [groups, width]. */
  readonly vectors: Readonly<Record<string, number>>;
  /** Names of the per-row values and of the scalars. */
  readonly rowValues: readonly string[];
  readonly scalars: readonly string[];
  /**
   * Run once by `prepare`, before the loop: the drive of the clamped input. It writes buffers that the step
   * only reads, and draws no noise.
   */
  readonly prelude: readonly Operation[];
  /** One step of the loop. */
  readonly step: readonly Operation[];
  /**
   * The step whose change tells whether a state is settled, where that is not `step` itself: see
   * `Executable.settle`.
   */
  readonly judge?: readonly Operation[];
  /** Run by `Executable.adjust`: updates of weight arrays. No operation reads what another writes. */
  readonly adjust?: readonly AdjustOperation[];
  /** Buffers that are carried from step to step (and that `write` may set). */
  readonly state: readonly string[];
  /** Buffers that can be read after a run: state, and scratch buffers of the last step. */
  readonly outputs: readonly string[];
  /** State buffers whose last change counts as the residual. */
  readonly watched: readonly string[];
  /** How many times a change of a watched buffer counts, above 0; 1 for those that are not named. */
  readonly counts?: Readonly<Record<string, number>>;
}

/**
 * The contract between the dynamics and the machines that run it: an engine compiles a `Program`
 * (src/program/program.ts) and runs its step as often as it is told.
 *
 * Not here: how long a phase is (src/dynamics/phases/advance.ts).
 */
import type { Stop } from "../errors";
import type { Connections } from "../program/connections";
import type { Program } from "../program/program";
import type { PhaseKey } from "../random";
import type { Combination } from "./mixing";

/** Most units of the set that is not eliminated, where an engine solves for two sets. */
export const MOST_KEPT = 16;

export interface RunReport {
  /**
   * Largest absolute change of any watched unit in the last step, for each row; NaN where a watched value of
   * that row is not finite. To be read before anything else is run: an engine may look for it only then.
   */
  readonly residual: Float64Array;
}

/**
 * A change in a step beyond this many times its scale is no way to a fixed point any more: the row is lost.
 */
export const RUNAWAY = 1e6;
/**
 * The least scale that counts for this. A leak that is all but nothing makes the scale as small as one likes,
 * and a node that integrates its drive, as it should, would be called lost.
 */
const LEAST_SCALE = 1e-3;

/** Whether a row is lost that a step moved by so much. Of what is no number no comparison holds. */
export const ranAway = (change: number, scale: number): boolean =>
  !(change < RUNAWAY * Math.max(scale, LEAST_SCALE));

/**
 * How a program settles: a row leaves, and stays as it is, when a step of the judge, which is not kept, would
 * move no watched unit of it by more than the tolerance; or when a step has moved it beyond all measure. No
 * row's way depends on the others.
 */
export interface SettleRequest {
  /** Most steps. */
  readonly steps: number;
  /** Largest change of a settled row in a step, as a multiple of its scale. */
  readonly tolerance: number;
  /**
   * The change in a step from which a row is judged, where that is more than its tolerance, as a multiple of its scale:
   * of steps each of which leaves much less than it changed. Default: the tolerance.
   */
  readonly judgedFrom?: number;
  /** How past steps are mixed, if they are. */
  readonly mixing: Combination | null;
  /**
   * A row is mixed once three steps in a row were longer than this share of the ones before; where they become shorter
   * faster, mixing costs more than it saves. Default 0: from the first.
   */
  readonly slow?: number;
  /** For each row, the change in a step that counts as 1. Default: 1. */
  readonly scales?: ArrayLike<number>;
  /** For each row, the steps before which it is not settled. Default: 0. */
  readonly least?: ArrayLike<number>;
  /**
   * 1 for each row whose tolerance is multiplied by its shift, the largest distance of a watched unit from
   * where settling began, at most by 1; else 0. Default: 0.
   */
  readonly relative?: ArrayLike<number>;
}

export interface SettleReport extends RunReport {
  /** Steps that each row took, [rows]. */
  readonly steps: Int32Array;
  /**
   * By how much each step of a row was shorter than the one before, as it came to its end, [rows]; NaN where
   * that cannot be told.
   */
  readonly contraction: Float64Array;
  /** Shifts of the rows at the end, [rows]; where a row's tolerance was relative. */
  readonly shifts?: Float64Array;
  /** Steps between two looks at whether a row is settled, where those are not 1. */
  readonly judgedEvery?: number;
}

/**
 * A compiled program with its buffers. All arrays given are copied; all arrays returned are fresh. Arrays of
 * a wrong length are refused with ENGINE-SHAPE, names that the program does not have with ENGINE-PROGRAM.
 */
export interface Executable {
  /**
   * Sets a state buffer, or an input: a buffer that is read and that nothing in the program computes, [rows *
   * width].
   */
  write(buffer: string, values: ArrayLike<number>): void;
  /** Sets such a buffer to zeros. */
  clear(buffer: string): void;
  setWeights(name: string, values: ArrayLike<number>): void;
  setVector(name: string, values: ArrayLike<number>): void;
  setRowValues(name: string, values: ArrayLike<number>): void;
  setScalar(name: string, value: number): void;
  /**
   * Keys of the noise draws: seeds (of phase 0), or seeds with the number of a phase, integers from 0 to 2^53
   * - 1, else ENGINE-SEED. Rows are shared out evenly among several, so that a share of them draws what a
   * program of these rows alone draws.
   */
  setSeed(...seeds: readonly (number | PhaseKey)[]): void;
  /** Runs the prelude. Call after inputs, weights or vectors have changed and before `run`. */
  prepare(): Promise<void>;
  /**
   * Runs `steps` steps, at least one; the first is number `firstStep` (it keys the noise). Calls must not
   * overlap.
   */
  run(steps: number, firstStep: number): Promise<RunReport>;
  /** Settles row by row. For programs without noise. */
  settle(request: SettleRequest): Promise<SettleReport>;
  /** Runs `Program.adjust`, where the engine can. */
  adjust?(): Promise<void>;
  /** A weight array as it is now, [groups, pre, post]; where the engine can adjust. */
  readWeights?(name: string): Float64Array;
  /**
   * Sets a buffer from one of another executable of the same engine, without the host, where the engine can:
   * from row `firstRow` on, or all rows of it over and over where it has fewer. Where both have several
   * groups, as many, each takes the rows of its own.
   */
  take?(buffer: string, from: Executable, source: string, firstRow?: number): void;
  /** Sets the rows of a buffer from one on to all rows of another executable's, likewise. */
  takeRows?(buffer: string, row: number, from: Executable, source: string): void;
  /**
   * Sets the weights of one group from an executable of one group that has an array of this name and shape;
   * where the engine can adjust.
   */
  takeWeights?(name: string, from: Executable, group: number): void;
  /**
   * The largest absolute value of a buffer that can be read, and the sum of its squares; where the engine can
   * adjust.
   */
  measure?(buffer: string): Promise<{ readonly largest: number; readonly squares: number }>;
  /**
   * Runs in as few calls as the engine can whatever `work` asks of this executable and of all that have its
   * weights; for engines to which calls are dear. Until it is over, residuals are not filled in, and what is
   * read or measured does not come: `work` must wait for runs, but not for those.
   */
  together?<T>(work: () => Promise<T>): Promise<Together<T>>;
  /** Reads one of `outputs`, state, or a buffer that the prelude wrote, [rows * width]. */
  read(buffer: string): Promise<Float64Array>;
  dispose(): void;
}

/** What ran together. */
export interface Together<T> {
  readonly result: T;
  /** How many times as much would still be one call. */
  readonly fits: number;
  /** Puts back what weights were before they were adjusted by what rows showed. */
  undo(): void;
}

/** What went over the border to where an engine computes, since it was made. */
export interface Crossings {
  readonly calls: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** What really runs, for run.json and `doctor`. */
export interface EngineInfo {
  /** What was asked for: "reference", "gpu", "gpu:webasm". */
  readonly requested: string;
  /** What runs: "reference", "gpu:webasm". */
  readonly name: string;
  readonly precision: "float64" | "float32";
  /** Why a better backend was passed over, where `gpu` chose for itself. */
  readonly fallbackReason?: string;
  /** By what `auto` chose it. */
  readonly chosen?: string;
  /** The driver that stands in for a graphics card, where it computes in software. */
  readonly software?: string;
  /** Whether products and sums are fused, so that the last bits depend on the machine. */
  readonly fused?: true;
  /** How the backend executes ("fused-threaded", "generic"), as far as it tells. */
  readonly executor?: string;
}

/** What an engine may be told when it is created. */
export interface EngineOptions {
  /**
   * Threads, at most, for engines that can be told. Default: as many as the machine runs at once. Results do
   * not depend on it.
   */
  readonly threads?: number;
  /**
   * Fuses products and sums in the simd engine: faster, but the last bits then depend on the machine. Default
   * false.
   */
  readonly fused?: boolean;
  /** Looked at between steps: once it is aborted, whatever runs throws `Stopped`. */
  readonly stop?: Stop;
  /** What is to run, by which `auto` chooses where there is a graphics card. Default: 512 units and 64 rows. */
  readonly work?: EngineWork;
}

/** What is to run, in the main. */
export interface EngineWork {
  /** Units that a unit hears, in the widest place. */
  readonly units: number;
  /** Rows that settle at a time: samples, times nudge points. */
  readonly rows: number;
}

/** What runs programs: `createEngine` gives one, a simulator uses it. Dispose of it last. */
export interface Engine {
  readonly info: EngineInfo;
  /**
   * Whether its executables can share and adjust weights (`adjust`, `readWeights`, `take` and `lender`
   * below): learning can then stay in the engine.
   * @internal
   */
  readonly adjusts?: boolean;
  /**
   * What of programs that solve (`SolveOperation`) it runs, once `ready`; "two-sets": parts in two sets that arrays join
   * all to all across and not within, one of them at most `MOST_KEPT` wide.
   * @internal
   */
  readonly solves?: { readonly shape: "any" | "two-sets"; ready(): Promise<void> };
  /** Where there is a border between the host and what computes. */
  readonly crossings?: Crossings;
  /** What it was told to look at between steps; for what works beside it. */
  readonly stop?: Stop;
  /**
   * Compiles a program. Throws ENGINE-PROGRAM where the program is inconsistent (unknown names, widths that
   * do not fit).
   * @param lender weight arrays whose name and shape it has as well are not made anew but are its own; for
   *   engines that adjust, and programs of as many groups. It must be disposed of last.
   * @internal
   */
  compile(program: Program, lender?: Executable): Executable;
  /**
   * The batch's sum of pre x post for every synapse: out[i, j] = sum over rows r of pre[r, i] * post[r, j],
   * [preWidth * postWidth]; through connections, over all uses of each synapse of an array of that shape.
   * @internal
   */
  correlate(
    pre: ArrayLike<number>,
    post: ArrayLike<number>,
    rows: number,
    preWidth: number,
    postWidth: number,
    through?: Connections,
  ): Promise<Float64Array>;
  /** Gives back threads, memory and devices. Nothing can be run afterwards. */
  dispose(): void;
}

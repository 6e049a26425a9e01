/**
 * What a study is, and what its parts hand to each other. A study asks how measures of a run depend on its
 * knobs, over many chips. Plain data only: texts of settings are read in src/config, files written in
 * src/cli, work shared out in src/executors.
 */

// ---- what is asked
//   ------------------------------------------------------------------------------------------------

/** What a knob may be set to. */
export type KnobValue = number | string | boolean;

/**
 * Knobs set to values, by dotted path into a run ("circuit.angle"). A knob that is left out stays as the run
 * has it.
 */
export type Values = Readonly<Record<string, KnobValue>>;

/** How a knob is varied: over a list, or over a range. */
export type Axis =
  | { readonly knob: string; readonly kind: "list"; readonly values: readonly KnobValue[] }
  | {
      readonly knob: string;
      readonly kind: "range";
      readonly from: number;
      readonly to: number;
      /** Equal steps, or equal factors; both ends of a log scale are above 0. */
      readonly scale: "linear" | "log";
      /** Values of a grid, both ends among them; needed there. */
      readonly points?: number;
      /** Rounds to whole numbers. */
      readonly whole?: boolean;
    };

/**
 * Which points are tried. `grid`: every combination. `random`, `sobol`: so many points over the ranges.
 * `corners`: every combination of first and last values. `one-at-a-time`: the run as it is, then each knob at
 * each value alone (a tornado). `sensitivity`: the design of Saltelli, points x (knobs + 2), for Sobol
 * indices.
 */
export type Sampling =
  | { readonly kind: "grid" | "corners" | "one-at-a-time" }
  | { readonly kind: "random" | "sobol" | "sensitivity"; readonly points: number };

/** A bound that a measure keeps. */
export interface Comparison {
  readonly measure: string;
  readonly sign: ">=" | ">" | "<=" | "<";
  readonly bound: number;
}

/**
 * A question about many chips: what is varied, how it is sampled, what is measured, and what counts as good.
 */
export interface Study {
  readonly name: string;
  readonly question?: string;
  readonly axes: readonly Axis[];
  readonly sampling: Sampling;
  /** Chips at every point. */
  readonly chips: number;
  /** Every point gets the same chips and the same noise, so that points are compared with less scatter. */
  readonly paired: boolean;
  /** What is measured; see the experiment for names. */
  readonly measures: readonly string[];
  /** What a good chip keeps, all of it: its share of the chips is the yield. */
  readonly spec: readonly Comparison[];
  readonly seed: number;
}

// ---- what is tried
//   ------------------------------------------------------------------------------------------------

/** One combination of knobs. */
export interface Point {
  /** Position in the plan, from 0. */
  readonly index: number;
  readonly values: Values;
  /** Canonical text of the values: equal values, equal key. */
  readonly key: string;
}

/** The points of a study. */
export interface Plan {
  /** Each once. */
  readonly points: readonly Point[];
  /** The design in its own order, as positions in `points`: one that it has twice is tried once. */
  readonly design: readonly number[];
}

/** One chip at one point: the unit of work. It needs nothing of any other. */
export interface Trial {
  /** Canonical text: the point's key and the chip. */
  readonly key: string;
  readonly point: number;
  readonly values: Values;
  /** From 1. */
  readonly chip: number;
  /** Derived from the key, an unsigned 32-bit number: keys fabrication, noise and shuffling. */
  readonly seed: number;
}

/** What was measured, by name; null where a chip has no such measure. */
export type Measures = Readonly<Record<string, number | null>>;

/** What came of a trial; the same wherever and whenever it ran. */
export interface TrialResult {
  readonly key: string;
  readonly measures: Measures;
  /** Code of what went wrong with this chip ("DYN-DIVERGED"): it has no measures and meets no spec. */
  readonly fault?: string;
  /**
   * Codes of what training and tests warned of ("LEARN-UNSETTLED"), each once, sorted; absent where there is
   * none.
   */
  readonly warnings?: readonly string[];
}

// ---- who does the work
//   --------------------------------------------------------------------------------------------

/** Trials of one point that a worker takes together: it may stack their chips. */
export interface Job {
  /** Unique in the study. */
  readonly id: string;
  readonly trials: readonly Trial[];
}

/** What came of a job. Seconds tell of the machine, and are kept apart from what is compared. */
export interface JobResult {
  readonly id: string;
  readonly results: readonly TrialResult[];
  readonly seconds: number;
  readonly worker: string;
}

/** What a worker needs besides its job: plain data that any machine makes an experiment of. */
export interface Task {
  /** A run config, as plain data. */
  readonly run: object;
  /** Sets of settings that its knobs turn by name, as plain data. */
  readonly choices?: object;
  readonly measures: readonly string[];
  /** Whether chips learn before they are measured. */
  readonly train: boolean;
  /** Folder of the run's data, where it does not draw them. */
  readonly data?: string;
  /**
   * What tells whether data somewhere else are the same, as plain data: a worker that has others refuses the
   * task.
   */
  readonly expected?: object;
}

/**
 * Measures the trials of a job, in their order. A fault of one chip is a result; only wrong input is thrown.
 */
export type Experiment = (trials: readonly Trial[]) => Promise<readonly TrialResult[]>;

/** Tells that work should end; an AbortSignal is one. */
export interface Stop {
  readonly aborted: boolean;
  /** Calls the listener when it is told to stop; as of an `AbortSignal`. */
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  /** Calls that listener no more. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Runs jobs somewhere. */
export interface Executor {
  readonly name: string;
  /**
   * Every job is done at least once, in any order; `done` hears of each as it comes, and is waited for before
   * more is taken in. Ends early, without a fault, once `signal` is aborted.
   * @throws OhmletError of a job that nobody could do
   */
  run(
    task: Task,
    jobs: readonly Job[],
    done: (result: JobResult) => void | Promise<void>,
    signal?: Stop,
  ): Promise<void>;
}

// ---- what is kept
//   -------------------------------------------------------------------------------------------------

/** A line of journal.jsonl, in order of arrival. */
export interface JournalRecord extends TrialResult {
  /** Position of the point, so that a line can be read without the study. */
  readonly point: number;
  readonly chip: number;
  readonly seed: number;
  readonly values: Values;
}

/** How a measure is spread over the chips of a point; chips without it are left out. */
export interface Spread {
  readonly chips: number;
  readonly mean: number;
  /** Of a sample; 0 for one chip. */
  readonly deviation: number;
  readonly least: number;
  /** Quantiles by linear interpolation (Hyndman and Fan's type 7). */
  readonly q05: number;
  readonly q25: number;
  readonly median: number;
  readonly q75: number;
  readonly q95: number;
  readonly most: number;
}

/** A share with its 95 % interval (Wilson 1927). */
export interface Share {
  readonly passed: number;
  readonly of: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** What the chips of one point came to. */
export interface PointSummary {
  readonly point: number;
  readonly values: Values;
  readonly chips: number;
  /** Chips that failed, by code. */
  readonly faults: Readonly<Record<string, number>>;
  /** Chips that were warned of, by code. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly measures: Readonly<Record<string, Spread>>;
  /** Absent without a spec. */
  readonly yield?: Share;
}

/**
 * How much of a measure's variance over the ranges a knob explains: alone, and with all that it takes part
 * in.
 */
export interface Sensitivity {
  readonly knob: string;
  readonly first: number;
  readonly total: number;
}

/** A knob moved alone: the measure at the ends of its values, against the run as it is. */
export interface Swing {
  readonly knob: string;
  readonly base: number;
  readonly low: { readonly value: KnobValue; readonly mean: number };
  readonly high: { readonly value: KnobValue; readonly mean: number };
}

/** What a study found, point by point and knob by knob. */
export interface Summary {
  readonly name: string;
  readonly question?: string;
  readonly sampling: Sampling;
  readonly chips: number;
  readonly seed: number;
  readonly trials: number;
  readonly points: readonly PointSummary[];
  /** By measure ("yield" among them where there is a spec), largest total first; for `sensitivity`. */
  readonly sensitivity?: Readonly<Record<string, readonly Sensitivity[]>>;
  /** By measure, widest first; for `one-at-a-time`. */
  readonly tornado?: Readonly<Record<string, readonly Swing[]>>;
}

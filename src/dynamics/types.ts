/** What the dynamics take and return: nudges, phases, states, outcomes. */

/** A nudge strength; `im` is 0 for a real one. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * How steps are made: "euler" (Euler-Maruyama), "exponential-euler" (exact in the leak), "heun", "rk4",
 * "dormand-prince" (adaptive), "balance" (points of rest, without time), "newton" (the same, all units together), "sdirk3" (implicit, adaptive by row), and "map" for discrete circuits.
 */
export type SolverName =
  | "euler"
  | "exponential-euler"
  | "heun"
  | "rk4"
  | "dormand-prince"
  | "balance"
  | "newton"
  | "sdirk3"
  | "map";

/** Who moves at once: all populations, or two sets in turn. */
export type UpdateOrder = "synchronous" | "alternate";

/**
 * How a phase with a tolerance gets to its fixed point: by steps alone, with Anderson mixing of past steps, with
 * Nesterov's momentum (for layers that move in turn), or with Anderson mixing for rows whose steps become shorter too
 * slowly ("auto").
 */
export type Acceleration = (typeof ACCELERATIONS)[number];
export const ACCELERATIONS = ["none", "anderson", "nesterov", "auto"] as const;

/** A nudge that turns while the circuit moves; the strengths of a phase are its amplitudes. */
export interface Oscillation {
  /** Steps a period. Step 0 of a phase is at the top: the nudge is real and positive there. */
  readonly period: number;
  /**
   * "complex": strength e^(i omega t), on two planes, idealised. "lock-in": strength cos(omega t), which a
   * chip can do.
   */
  readonly form: "complex" | "lock-in";
}

/**
 * One number a unit and row, [rows, size] row-major; `im` only where the phase ran on two planes.
 * Dimensionless or SI.
 */
export interface Plane {
  readonly re: Float64Array;
  readonly im?: Float64Array;
}

/**
 * States or activities by population (the input population included in activities). Names that the design
 * spells out are proposed, any text may be looked up.
 */
export type Planes<P extends string = string> = Readonly<Record<P, Plane>> & Readonly<Record<string, Plane>>;

/**
 * How a phase ended. `settled`: the residual fell below the tolerance. `unstable`: it did, by a shortcut
 * (alternate order or acceleration), at a point that plain steps lead away from: those of the circuit by
 * itself, or, as the advice then says, those that are too long. `timedOut`: the steps ran out first, or moved
 * nothing in the engine's numbers. `fixed`: no tolerance was given, and all steps were run. `diverged`: a
 * state is not finite or left every bound, or its output rho(u) is not finite.
 */
export type OutcomeKind = "settled" | "unstable" | "timedOut" | "diverged" | "fixed";

/**
 * Whether a chip has one fixed point at most. "contraction": what its units do to each other shrinks differences
 * by `factor`, below 1, in a weighted maximum norm over everything that they can reach. "unproven": no such norm
 * was found, by the best factor that was, if any; several fixed points are not ruled out, nor are they shown.
 */
export interface Uniqueness {
  readonly kind: "contraction" | "unproven";
  readonly factor: number | null;
}

/** How a phase ended, with what to do where it did not end well. */
export interface Outcome {
  /** That of the worst row: diverged, else unstable, else timed out. */
  readonly kind: OutcomeKind;
  /**
   * Largest change over rows and units at the end. Maps: that of one more step. Continuous circuits: units of
   * the state a time constant of the slowest neuron, or a step, where that is longer; where leaks depend on
   * the state, how far a unit is from where its drive would hold it. The state is still off by about as much,
   * and by 1 / (1 - loop gain) times as much where feedback makes the circuit slower than its neurons.
   * Infinity where a state is no finite number.
   */
  readonly residual: number;
  /**
   * How far the farthest unit of a settled phase is from its fixed point, in units of the state, as far as
   * its steps tell: the last change over 1 minus the factor by which they became shorter. Absent after
   * shortcuts, where leaks depend on the state, and where they do not become shorter.
   */
  readonly distance?: number;
  /**
   * Where a nudged phase started from states and had a tolerance: the largest residual beside the shift of
   * its row, by how much the nudge moved its farthest unit. The estimate is off by about as much.
   */
  readonly relativeResidual?: number;
  readonly steps: number;
  /** Steps that the rows took, all together: a chip runs them one after another. */
  readonly rowSteps: number;
  /** Rows that ended so; empty when all is well. `PhaseResult.ends` tells of each. */
  readonly rows: readonly number[];
  /** One sentence; present when something should be done. */
  readonly advice?: string;
  /**
   * Where conductances load nodes, the largest sum of currents into a node that is not stored there, at the end, in
   * amperes (Kirchhoff's law: 0 at rest): of phases that are looked at (`check`), as far as the engine's numbers tell.
   */
  readonly kirchhoff?: number;
  /**
   * There, by how much each step of the slowest row was shorter than the one before: the state is off by about the
   * residual over 1 - contraction.
   */
  readonly contraction?: number;
  /** Steps that an adaptive solver took and gave up, and how often it asked for the field. */
  readonly integration?: {
    readonly accepted: number;
    readonly rejected: number;
    readonly evaluations: number;
  };
  /** Standard deviation that noise leaves on the states, where there is noise. */
  readonly noiseFloor?: number;
  /** Steps between two looks at whether a row is settled, on engines that do not look after every step. */
  readonly judgedEvery?: number;
  /** Whether the circuit without a nudge has one fixed point at these inputs, where that was asked for. */
  readonly uniqueness?: Uniqueness;
  /**
   * Where chips are stacked, how the phase ended for each, in the numbers of its own rows; the outcome itself
   * is that of the worst.
   */
  readonly byChip?: readonly Outcome[];
}

/** A phase: what is clamped, how strongly the output is nudged, where states start, and how long it lasts. */
export interface PhaseRequest {
  /**
   * Samples. Rows = samples x nudges, nudge-major: row = nudge * samples + sample. Stacked chips share them
   * out evenly: the first chip has the first ones.
   */
  readonly samples: number;
  /** Clamped data, [samples, input size]. */
  readonly inputs: ArrayLike<number>;
  /**
   * Targets, [samples, output size] (squared error) or [samples, classes] one-hot (cross-entropy). Needed
   * where a nudge is not 0.
   */
  readonly targets?: ArrayLike<number>;
  /** Strengths that settle side by side, in multiples of the unit drive. Default: one free block. */
  readonly nudges?: readonly Complex[];
  /**
   * Makes the nudges oscillate: then there is no tolerance to meet, and the result has readings of the
   * lock-in.
   */
  readonly oscillation?: Oscillation;
  /** Run two state planes even where all nudges are real (states carried over from a complex phase). */
  readonly complex?: boolean;
  /** States to start from: [samples] rows (repeated for each nudge) or all rows. Default: zeros. */
  readonly from?: Planes;
  /**
   * Steps how far every state is from `from`, a state at rest, instead of the states themselves: then nothing is
   * lost of differences that are far below the states, however small the nudge and whatever the engine's numbers.
   * States that are not at rest in `from` are held as if they were. Real or complex; not with `average`,
   * `oscillation`, `hold` or noise, and not by solvers that choose their steps. Default false.
   */
  readonly differences?: boolean;
  /**
   * Populations that are held through the phase, and the states at which they are, [samples, size], whatever
   * they receive. Real, and not by solvers that choose their steps.
   */
  readonly hold?: Planes;
  /** Largest number of steps. */
  readonly steps: number;
  /**
   * A row is settled, and stays as it is, when its residual is below. Where a nudge moves it away from the
   * states in `from`: below this share of how far its farthest unit has moved, so that the difference is
   * known as well as that; noisy phases keep to the tolerance itself. Default: run all steps.
   */
  readonly tolerance?: number;
  /**
   * Whether points that shortcuts lead to are looked at: are they stable under plain steps? It takes some
   * tens of such steps, at most a few hundred. Default true; training looks now and then.
   */
  readonly check?: boolean;
  /**
   * Looks for a certificate that the circuit without a nudge has one fixed point at these inputs, which takes
   * about as long as sixty steps of one row; not of stacked chips. Default false.
   */
  readonly certify?: boolean;
  /**
   * Average states and activities over the last so many steps instead of reading the last. Default 0: the
   * last. A noiseless phase that ends at a tolerance stands still there and is not averaged.
   */
  readonly average?: number;
  /** Number of the first step, where a phase is run in parts: it keys the noise of each step. Default 0. */
  readonly firstStep?: number;
  /** Keys the noise of this phase: phases of equal number draw equal noise. Default 0. */
  readonly phase?: number;
}

/**
 * What a lock-in amplifier at every node reads over a window of an oscillating phase. `mean`: of u and
 * rho(u), two planes where the nudge is complex. `fundamental`: of u e^(-i omega t) and rho(u) e^(-i omega
 * t): in phase (re) and, where the circuit lags, in quadrature (im).
 */
export interface LockIn {
  /** Steps averaged over. */
  readonly steps: number;
  readonly mean: { readonly states: Planes; readonly activities: Planes };
  readonly fundamental: { readonly states: Planes; readonly activities: Planes };
}

/** What a phase left: states and activities of every row, [rows, size] by population, and how it ended. */
export interface PhaseResult<P extends string = string> {
  readonly outcome: Outcome;
  /** How each row ended. */
  readonly ends: readonly OutcomeKind[];
  readonly rows: number;
  /** u by population (not the input). */
  readonly states: Planes<P>;
  /** rho(u) by population, and the clamped outputs of the input population (re only). */
  readonly activities: Planes<P>;
  /** Where they were asked for: how far states and activities of every row are from where they start. */
  readonly differences?: { readonly states: Planes<P>; readonly activities: Planes<P> };
  /**
   * Readings over the last `average` steps (over all, where that is 0) of an oscillating phase; states are
   * those at its end.
   */
  readonly lockIn?: LockIn;
}

/** How one unit of one row moved. */
export interface Trace {
  readonly population: string;
  readonly unit: number;
  readonly row: number;
  /** State at each time: SI or dimensionless; `im` where the phase is complex. */
  readonly re: readonly number[];
  readonly im?: readonly number[];
  /**
   * Where the nudge oscillates: the lock-in estimate of d_beta u from the start to each time, in phase and in
   * quadrature. NaN at the start.
   */
  readonly estimate?: { readonly re: readonly number[]; readonly im: readonly number[] };
}

/** A recording of a phase: the times of its readings, what the recorded units did, and how it ended. */
export interface Transient {
  /** In the unit of dt; the first is 0. */
  readonly times: readonly number[];
  readonly traces: readonly Trace[];
  readonly states: Planes;
  readonly outcome: Outcome;
}

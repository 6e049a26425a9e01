/**
 * The chip's clock. A chip runs one sample after another, and one nudge point after another: what a simulator
 * settles side by side follows each other on the chip, each row for as many steps as it took. While it runs,
 * what its devices store leaks. Devices age by what has passed since they last did, once that is a small part
 * of their fastest time constant, and whenever somebody asks (`ageNow`): float32 would lose the leak of a
 * single batch. Programming takes the time of its pulses, where a width is given. What leaks is refreshed when that
 * comes due, also within a batch: its phases saw the devices as they were when it began.
 */
import type { Chip } from "../circuit/chip-types";
import type { Simulator } from "../dynamics/simulator";
import { timeOf } from "../dynamics/time-steps/time-step";
import type { Outcome } from "../dynamics/types";
import { fastestLeak } from "../circuit/leak";

/** Seconds: no write and no read takes longer; whoever says so means something else. */
export const A_DAY = 86_400;
/** Part of a time constant that may pass before devices age. */
const PATIENCE = 1e-4;

/** What a clock shows; for checkpoints. */
export interface ClockReading {
  /** Seconds of training, and of tests, since fabrication. */
  readonly training: number;
  readonly testing: number;
  /** Seconds that devices have not aged by yet. */
  readonly owed: number;
  /** Seconds since devices were refreshed; absent where nobody refreshes them. */
  readonly sinceRefresh?: number;
}

/** What is done while time passes. */
export interface WhilePassing {
  /** Lets the clock advance until the last of it is done. @returns seconds that are left then */
  within(kind: "training" | "testing", seconds: number): number;
}

/** Counts how long a chip has run, and ages its devices by it. */
export class ChipClock {
  private readonly patience: number;
  private reading_: ClockReading = { training: 0, testing: 0, owed: 0 };
  private passing: WhilePassing | null = null;

  private readonly chip: Chip;
  private readonly dt: number;
  private readonly keeps: boolean;

  /** Steps that keep no time do not age a chip. */
  constructor(simulator: Pick<Simulator, "chip" | "circuit" | "dt" | "solver">) {
    this.chip = simulator.chip;
    this.dt = simulator.dt;
    this.keeps = keepsSeconds(simulator);
    this.patience = PATIENCE / fastestLeak(simulator.circuit);
  }

  /** Null where steps keep no time. */
  get reading(): ClockReading | null {
    return this.keeps ? this.reading_ : null;
  }

  /** Puts back what `reading` gave. */
  set(reading: ClockReading): void {
    this.reading_ = reading;
  }

  /** Steps that rows have taken, all rows together. */
  run(kind: "training" | "testing", rowSteps: number): void {
    this.pass(kind, rowSteps * this.dt);
  }

  /** Time that passes, in phases or while devices are written. */
  pass(kind: "training" | "testing", seconds: number): void {
    if (!this.keeps) return;
    this.advance(kind, this.passing?.within(kind, seconds) ?? seconds);
    if (this.reading_.owed >= this.patience) this.ageNow();
  }

  /** What is to be done while time passes, from now on. @internal */
  during(passing: WhilePassing): void {
    this.passing = passing;
  }

  /** Moves the hands, and nothing else. @internal */
  advance(kind: "training" | "testing", seconds: number): void {
    const { owed, sinceRefresh } = this.reading_;
    this.reading_ = {
      ...this.reading_,
      [kind]: this.reading_[kind] + seconds,
      owed: owed + seconds,
      ...(sinceRefresh !== undefined && { sinceRefresh: sinceRefresh + seconds }),
    };
  }

  /** How many batches of so many steps of rows may surely pass before devices age. */
  rest(rowSteps: number): number {
    if (!this.keeps) return Infinity;
    return Math.floor((this.patience - this.reading_.owed) / (rowSteps * this.dt));
  }

  /** Lets devices age by all that has passed. */
  ageNow(): void {
    const { owed } = this.reading_;
    if (owed === 0) return;
    this.reading_ = { ...this.reading_, owed: 0 };
    this.chip.age(owed);
  }
}

/** Whether steps take seconds: time without a unit is none, and solvers of points of rest look for where time would end. */
export const keepsSeconds = ({ circuit, solver }: Pick<Simulator, "circuit" | "solver">): boolean =>
  timeOf(circuit)[2] === 1 && solver !== "balance" && solver !== "newton";

/** Seconds that phases last on a chip; null where steps keep no time. */
export function secondsOf(
  { circuit, dt, solver }: Pick<Simulator, "circuit" | "dt" | "solver">,
  outcomes: readonly Pick<Outcome, "rowSteps">[],
): number | null {
  return keepsSeconds({ circuit, solver })
    ? outcomes.reduce((sum, { rowSteps }) => sum + rowSteps, 0) * dt
    : null;
}

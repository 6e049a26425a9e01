/** The phases of a batch, as a readout gets them. */
import type { Simulator } from "../../dynamics/simulator";
import type { Planes } from "../../dynamics/types";
import type { Lasting } from "./lasting";

/** What a phase left. */
export interface Shown {
  readonly states: Planes;
  readonly activities: Planes;
}

/** The phases of a batch, to be read. */
export interface ReadPhases {
  /** That of the chip itself, whether phases ran on it or on its twin. */
  readonly simulator: Simulator;
  /** Where the free phase and where each nudge ran. */
  readonly rest: Simulator;
  readonly pushed: readonly Simulator[];
  readonly free: Shown;
  /** What each nudge left, and after how many steps. */
  readonly left: readonly Shown[];
  readonly steps: readonly number[];
  /** How long the free phase and each nudge took a sample of each chip, on average; in the circuit's time. */
  readonly durations: readonly (readonly number[])[];
  /** Samples of all chips. */
  readonly samples: number;
  /** Numbers the draws. */
  readonly phase: number;
  /** What lasts of readers from batch to batch. Default: they have been there for long when the batch begins. */
  readonly lasting?: Lasting;
}

/**
 * What a solver is: one step of the state, written as maps over expressions. A solver sees a population as
 * its drift, diffusion and bounds; it never sees synapses, which `evaluate` recomputes for any intermediate
 * state.
 */
import {
  add,
  clip,
  maximum,
  minimum,
  multiply,
  number,
  symbol,
  type Expression,
} from "../../equations/expression";

/** The symbol of another state of the same neuron, in the field of one of them: no text can say it. */
export const besideName = (state: string): string => `beside$${state}`;
/** What changes in the course of a phase: the state, its drives, the states beside it. */
export const moves = (name: string): boolean =>
  ["u", "I", "I_nudge", "I_back"].includes(name) || name.startsWith("beside$");

/**
 * The equation of one state, in the symbols u (that state), I, I_nudge, I_back, the states beside it and its local parameters,
 * internal units.
 */
export interface LocalField {
  /** du/dt (continuous) or the next state (discrete). */
  readonly kind: "continuous" | "discrete";
  readonly rate: Expression;
  /** Coefficient of xi, or null. */
  readonly diffusion: Expression | null;
  readonly lower: Expression | null;
  readonly upper: Expression | null;
  /** Whether conductances load it, so that no drive takes it beyond REACH. */
  readonly reaches?: boolean;
}

/** Symbols for how far the sources of a batch could take a unit (lowering/reach.ts); for solvers that jump. */
export const REACH = ["lowest", "highest"] as const;

/** A value of every population, by the prefix of its buffers. "u" is the state. */
export type Slot = string;

export interface StepContext {
  /** Time step, internal units; 1 for discrete circuits. Maps beside continuous neurons take one in it. */
  readonly dt: number;
  /**
   * Computes activities, drives and nudges for the values in `slot`; later maps see them as I and I_nudge.
   * @param time at which an oscillating nudge is taken, in steps from the start of this one. Default 0.
   */
  evaluate(slot: Slot, time?: number): void;
  /**
   * For every population that the solver moves: out = expression(field). Slots are symbols: u is the state at
   * the start of the step; the field's own expressions are already written for the slot that was last evaluated, and I,
   * I_nudge are of that evaluation.
   */
  assign(out: Slot, expression: (field: LocalField, population: number) => Expression): void;
}

export interface Solver {
  readonly name: string;
  /** Which kind of equation it integrates. */
  readonly kind: "continuous" | "discrete";
  /** Whether it may integrate noise. */
  readonly stochastic: boolean;
  /** When it evaluates the field, in steps from the start of the step. */
  readonly times: readonly number[];
  /**
   * Whether steps are chosen on the host, and the program is the field: u becomes du/dt. Then neurons have no
   * bounds.
   */
  readonly adaptive?: boolean;
  /**
   * Whether its step is a sweep of a stage, of which lowering makes steps in time, each row's of its own length, in the
   * program itself. A phase of n steps lasts n dt; dt is the grid.
   */
  readonly implicit?: boolean;
  /** Whether a step is a sweep that keeps no time. */
  readonly sweeps?: boolean;
  /** Whether its step solves for all units together: lowering/emit-newton.ts makes it. */
  readonly solves?: boolean;
  /** Whether maps beside the neurons that it integrates stay where they are; else they take one step. */
  readonly holdsMaps?: boolean;
  step(context: StepContext): void;
}

/** Keeps a new state within the neuron's bounds (the papers' clipping after every step). */
export function bounded(next: Expression, { lower, upper }: LocalField): Expression {
  if (lower !== null && upper !== null) return clip(next, lower, upper);
  if (lower !== null) return maximum(next, lower);
  return upper !== null ? minimum(next, upper) : next;
}

/** next + diffusion * amplitude * xi. */
export function withNoise(next: Expression, field: LocalField, amplitude: Expression): Expression {
  return field.diffusion === null
    ? next
    : add(next, multiply(multiply(field.diffusion, amplitude), symbol("xi")));
}

export const u = symbol("u");
export const scaled = (factor: number, e: Expression): Expression => multiply(number(factor), e);

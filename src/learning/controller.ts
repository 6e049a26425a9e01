/**
 * The learning controller of a chip: it runs phases, reads out, makes local updates and programs them. It sees only what
 * hardware could measure, states and activities of phases; exact references are not its business (probe.ts).
 */
import type { Chip, WeightArrays } from "../circuit/chip-types";
import type { Simulator } from "../dynamics/simulator";
import type { Outcome } from "../dynamics/types";
import { OhmletError } from "../errors";
import { costArgument, costs, predictions, readoutGradient } from "./cost";
import type { Estimator } from "./estimators";
import type { Optimizer } from "./optimizers";
import type { Rule } from "./rules";
import type { Batch, Estimate } from "./types";

export interface ControllerOptions {
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
  /** Keys random signs. */
  readonly seed: number;
}

export interface BatchReport {
  /** Mean cost in the free phase. */
  readonly cost: number;
  /** Samples that the free phase got right; null for batches without labels. */
  readonly correct: number | null;
  readonly aliasing: number | null;
  readonly outcomes: readonly Outcome[];
  /** Largest |u(beta) - u(0)| over the largest |u(0)|, an order of magnitude: below the engine's precision nothing is measured. */
  readonly nudgeShift: number;
  /** Root mean square of u(beta) - u(0) over the noise that two readings of a resting node differ by; null without noise. */
  readonly signalToNoise: number | null;
}

export class Controller {
  private round = 0;

  constructor(readonly simulator: Simulator, private readonly options: ControllerOptions) {}

  private get chip(): Chip {
    return this.simulator.chip;
  }

  /**
   * Learns from one batch: estimate, update, program, leak.
   * @param factor on the learning rates, from a schedule
   * @throws OhmletError DYN-DIVERGED where a phase diverged; the chip is then as it was
   */
  async learn(batch: Batch, factor = 1): Promise<BatchReport> {
    const { estimator, rule, optimizer, seed } = this.options;
    const estimate = await estimator.estimate(this.simulator, batch, { round: this.round, seed });
    expectFiniteStates(estimate, this.chip.circuit.name, this.round);
    const argument = costArgument(this.chip, estimate.free);
    const { engine } = this.simulator;
    const updates = await rule.update(this.chip.circuit, estimate, (...product) => engine.correlate(...product));
    const readout = this.chip.readout === null ? null : readoutGradient(this.chip, argument, batch.targets);
    for (const [name, direction] of Object.entries(updates)) this.chip.program(name, optimizer.step(name, direction, () => this.chip.weights(name), factor));
    if (readout !== null) this.trainReadout(readout, factor);
    this.leak();
    this.round++;
    return {
      cost: mean(costs(this.chip, argument, batch.targets)),
      correct: batch.labels === undefined ? null : countCorrect(predictions(this.chip, argument), batch.labels),
      aliasing: estimate.aliasing,
      outcomes: estimate.outcomes,
      nudgeShift: shiftOf(estimate),
      signalToNoise: signalToNoise(estimate),
    };
  }

  /** The readout is digital: an ordinary gradient step at the free state (Laborieux and Zenke's code). */
  private trainReadout(gradient: WeightArrays, factor: number): void {
    const { readout } = this.chip;
    if (readout === null) return;
    const negated = { weights: gradient.weights.map((g) => -g), biases: gradient.biases?.map((g) => -g) ?? null };
    const change = this.options.optimizer.step("readout", negated, () => readout, factor);
    this.chip.programReadout({ weights: change.weights, biases: change.biases ?? new Float64Array(readout.biases.length) });
  }

  /** The chip's clock runs while it settles; time without a unit does not age it. */
  private leak(): void {
    const time = this.chip.circuit.output.neuron?.dimensions.time;
    if (time?.[2] === 1) this.chip.age(this.options.estimator.stepsPerBatch * this.simulator.dt);
  }
}

export function countCorrect(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) correct++;
  return correct;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function expectFiniteStates({ outcomes }: Estimate, where: string, round: number): void {
  const diverged = outcomes.find((o) => o.kind === "diverged");
  if (diverged === undefined) return;
  throw new OhmletError({
    code: "DYN-DIVERGED",
    fact: `the circuit diverged in batch ${round + 1} after ${diverged.steps} steps, in ${diverged.rows.length} row(s)`,
    place: { where },
    remedy: diverged.advice ?? "",
    category: "run",
  });
}

/** |beta| times the largest derivative, against the largest free state. */
function shiftOf({ dState, free, nudges }: Estimate): number {
  const largest = (arrays: readonly Float64Array[]): number => arrays.reduce((m, a) => a.reduce((n, v) => Math.max(n, Math.abs(v)), m), 0);
  const state = largest(Object.keys(dState).map((population) => free.states[population].re));
  return state === 0 ? Infinity : (Math.hypot(nudges[0].re, nudges[0].im) * largest(Object.values(dState))) / state;
}

function signalToNoise({ dState, nudges, outcomes }: Estimate): number | null {
  const floor = outcomes[0].noiseFloor;
  if (floor === undefined || floor === 0) return null;
  const arrays = Object.values(dState);
  const squares = arrays.reduce((sum, a) => a.reduce((s, v) => s + v * v, sum), 0) / arrays.reduce((n, a) => n + a.length, 0);
  return (Math.hypot(nudges[0].re, nudges[0].im) * Math.sqrt(squares)) / (Math.SQRT2 * floor);
}

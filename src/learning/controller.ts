/**
 * The learning controller of a chip: it runs phases, reads out, makes local updates and programs them. It
 * sees only what hardware could measure, states and activities of phases; exact references are not its
 * business (probe.ts).
 */
import { OhmletError } from "../errors";
import type { Chip, WeightArrays } from "../circuit/chip-types";
import { learns } from "../circuit/owner";
import { describeOutcome } from "../dynamics/describe";
import { count, percent, printsItself, short, type Describe } from "../display";
import type { Simulator } from "../dynamics/simulator";
import type { Outcome } from "../dynamics/types";
import { checkSeed } from "../random";
import { ChipClock, type ClockReading } from "./clock";
import { costArgument, costs, predictions, readoutGradient } from "./cost";
import { estimateErrors, type EstimateError } from "./estimate-error";
import type { Estimator } from "./estimators";
import { homeostasisOf, type Homeostasis, type HomeostasisOptions } from "./homeostasis/options";
import { added, homeostaticUpdates } from "./homeostasis/update";
import type { Optimizer } from "./optimizers";
import { ESTIMATOR, OPTIMIZER, RULE } from "./made";
import type { FreeStart } from "./free-start";
import type { Initializer } from "./initialized/initializer";
import type { PersistentStates } from "./persistent-states";
import { firstPhase, looksAt } from "./phases";
import type { Rule, Updates } from "./rules";
import type { Correlate } from "./rules/rule";
import { expectBounded } from "./diverged";
import { expectDirect, programmingOf, type ProgrammingOptions } from "./programming/options";
import { Programmer } from "./programming/programmer";
import { estimateByChip } from "./stacked";
import { createLearner } from "./in-engine/create";
import { EngineLearner } from "./in-engine/learner";
import { readBatch, type Batch, type Estimate } from "./types";
import { check, optionsOf } from "../options";

/** What a controller learns with. */
export interface ControllerOptions {
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
  /** Keys random signs. */
  readonly seed: number;
  /**
   * Free states that persist from epoch to epoch; batches then need indices. Default: free phases start at
   * zero.
   */
  readonly persistent?: PersistentStates;
  /** Predicts where free phases end, and starts them there; in the place of `persistent`. */
  readonly initialized?: Initializer;
  /** A loss that makes the Jacobian symmetric, learned beside the cost. Default: none. */
  readonly homeostasis?: HomeostasisOptions;
  /** How changes are written. Default: directly, once a batch, in no time. */
  readonly programming?: ProgrammingOptions;
  /** Default: in the engine, where that can be done; see `Controller.place`. */
  readonly place?: "host";
  /** Batches that were learned before, in a training that is resumed: numbers the noise. Default 0. */
  readonly round?: number;
  /** What the chip's clock showed then. */
  readonly clock?: ClockReading;
}

const readOptions = optionsOf<ControllerOptions>("controller", {
  needs: { estimator: ESTIMATOR, rule: RULE, optimizer: OPTIMIZER, seed: check.anything },
  takes: {
    persistent: check.anything,
    initialized: check.anything,
    homeostasis: check.anything,
    programming: check.anything,
    place: check.oneOf("host"),
    round: check.whole(),
    clock: check.anything,
  },
});

/** Where estimates are weighed and synapses updated, and why not in the engine. */
export type LearningPlace =
  | { readonly place: "engine" }
  | { readonly place: "host"; readonly reason: string };

/** What learning from one batch showed. */
export interface BatchReport {
  /** Mean cost in the free phase. */
  readonly cost: number;
  /** Samples that the free phase got right; null for batches without labels. */
  readonly correct: number | null;
  readonly aliasing: number | null;
  /** By how much the circuit lags behind an oscillating nudge, as a tangent; absent for other estimators. */
  readonly lag?: number;
  readonly outcomes: readonly Outcome[];
  /**
   * Largest |u(beta) - u(0)| over the largest |u(0)|, an order of magnitude: below the engine's precision
   * nothing is measured.
   */
  readonly nudgeShift: number;
  /** How far the estimate may be off, by population; of the few batches that are looked at. */
  readonly estimateError?: EstimateError;
}

const describeBatch: Describe<BatchReport> = ({ cost, correct, aliasing, lag, outcomes }) => [
  `batch: cost ${short(cost)}` +
    (correct === null ? "" : `, ${correct} right`) +
    (aliasing === null ? "" : `, aliasing ${percent(aliasing)}`) +
    (lag === undefined ? "" : `, lag ${short(lag)}`),
  ...outcomes.map((outcome) => `  ${describeOutcome(outcome)[0]}`),
];
const asBatchReport = printsItself(describeBatch);

/** @throws OhmletError LEARN-LOAD: rules here know what a weight drives, not what it takes from its node */
function expectUnloaded({ circuit }: Simulator): void {
  const loading = circuit.projections.find(({ synapse }) => synapse.loads);
  if (loading === undefined) return;
  throw new OhmletError({
    code: "LEARN-LOAD",
    fact: `the conductances of "${loading.name}" load their nodes, and no rule learns those yet`,
    place: { where: circuit.name },
    remedy: "set them by setWeights, or learn with synapses that only drive: I = w*rho_pre",
  });
}

/** That something is of whole batches, where samples are programmed. */
const ofSamples = ({ circuit }: Simulator, what: string): OhmletError =>
  new OhmletError({
    code: "LEARN-PROGRAMMING",
    fact: `${what} is of whole batches, and each sample is to be programmed`,
    place: { where: circuit.name },
    remedy: "program per batch: programming: { per: batch }",
  });

/** What a batch was found to say, wherever that was. */
interface Findings {
  readonly free: Pick<Estimate["free"], "states" | "activities">;
  readonly outcomes: readonly Outcome[];
  readonly measured: Pick<BatchReport, "aliasing" | "lag" | "nudgeShift">;
  /** Programs the chip. */
  readonly update: () => Promise<void>;
}

/**
 * Trains a chip batch by batch: estimates, updates, programs. `train` drives one over epochs; use it alone
 * for a loop of your own.
 */
export class Controller {
  static {
    printsItself<Controller>(({ simulator, round, place, options: { estimator, rule, optimizer } }) => [
      `controller of ${simulator.circuit.name}: ${count(round, "batch", "batches")} learned`,
      ...[estimator, optimizer, rule].map((part) => `  ${part}`),
      `  learns ${place.place === "engine" ? "in the engine" : `on the host: ${place.reason}`}`,
    ])(Controller.prototype);
  }

  private round: number;
  private learner: EngineLearner | string | null = null;
  /** Null where there is nothing to learn of it. */
  private readonly homeostasis: Homeostasis | null;
  /** How long the chip has run, and by how much it has aged. */
  readonly clock: ChipClock;
  /**
   * The programming stage; null where changes are written directly and nobody counts.
   * @internal
   */
  readonly programmer: Programmer | null = null;

  constructor(
    readonly simulator: Simulator,
    private readonly options: ControllerOptions,
  ) {
    this.round = readOptions(options).round ?? 0;
    expectUnloaded(simulator);
    checkSeed(options.seed, "controller, seed");
    const homeostasis = options.homeostasis && homeostasisOf(simulator.circuit, options.homeostasis);
    this.homeostasis = homeostasis === undefined || homeostasis.coefficient === 0 ? null : homeostasis;
    this.clock = new ChipClock(simulator.chip, simulator.dt);
    const { programming, optimizer } = options;
    if (programming === undefined) expectDirect(simulator.chip);
    else {
      const stage = programmingOf(programming, simulator.chip, optimizer);
      if (stage.per === "sample" && this.homeostasis !== null) throw ofSamples(simulator, "homeostasis");
      this.programmer = new Programmer(simulator.chip, stage, options.seed);
    }
    if (options.clock !== undefined) this.clock.set(options.clock);
  }

  private get chip(): Chip {
    return this.simulator.chip;
  }

  private get start(): FreeStart | undefined {
    return this.options.initialized ?? this.options.persistent;
  }

  /** Where this controller learns. The numbers agree to the engine's precision. */
  get place(): LearningPlace {
    this.learner ??= this.makeLearner();
    return typeof this.learner === "string" ? { place: "host", reason: this.learner } : { place: "engine" };
  }

  /**
   * Learns from one batch: estimate, update, program; the chip's clock runs on, and devices leak.
   * @param factor on the learning rates, from a schedule
   * @param look whether to look at how far its estimate may be off, also where its number does not ask for it
   * @throws OhmletError DYN-DIVERGED where a phase diverged; the chip is then as it was
   */
  async learn(batch: Batch, factor = 1, look = false): Promise<BatchReport> {
    this.learner ??= this.makeLearner();
    if (this.round === 0) this.programmer?.begin();
    const { start } = this;
    const started = start === undefined ? readBatch(batch) : await start.begin(readBatch(batch));
    if (typeof this.learner !== "string") this.learner.prepare();
    const estimateError = look || looksAt({ round: this.round }) ? await this.look(started) : null;
    const findings =
      typeof this.learner === "string"
        ? await this.onHost(started, factor)
        : await this.inEngine(this.learner, started, factor);
    const argument = costArgument(this.chip, findings.free);
    const cost = mean(costs(this.chip, argument, batch.targets));
    const correct =
      batch.labels === undefined ? null : countCorrect(predictions(this.chip, argument), batch.labels);
    const readout = this.chip.readout === null ? null : readoutGradient(this.chip, argument, batch.targets);
    await findings.update();
    if (readout !== null) this.trainReadout(readout, factor);
    start?.end(started, findings.free, factor);
    this.round++;
    this.clock.run(
      "training",
      findings.outcomes.reduce((sum, { rowSteps }) => sum + rowSteps, 0),
    );
    return asBatchReport({
      cost,
      correct,
      ...findings.measured,
      outcomes: findings.outcomes,
      ...(estimateError !== null && { estimateError }),
    });
  }

  /**
   * Gives back what learning in the engine holds there; before the simulator and the engine are disposed of.
   */
  dispose(): void {
    if (this.learner !== null && typeof this.learner !== "string") this.learner.dispose();
    this.learner = null;
  }

  private makeLearner(): EngineLearner | string {
    const { estimator, rule, optimizer, place } = this.options;
    return place === "host"
      ? "it was asked for"
      : this.programmer !== null
        ? "changes are programmed one after another"
        : createLearner({
            simulator: this.simulator,
            estimator,
            rule,
            optimizer,
            ...(this.homeostasis !== null && { homeostasis: this.homeostasis }),
          });
  }

  /** How far the estimate of a batch may be off. The chip stays as it is, and does not age. */
  private async look(batch: Batch): Promise<EstimateError | null> {
    const {
      simulator,
      round,
      options: { estimator, rule, seed },
    } = this;
    return (await estimateErrors(simulator, estimator, rule, batch, { round, seed }))?.[0] ?? null;
  }

  private async onHost(batch: Batch, factor: number): Promise<Findings> {
    const { estimator, rule, seed } = this.options;
    const { simulator, chip, round } = this;
    const estimate = await estimator.estimate(simulator, batch, { round, seed });
    expectBounded(estimate.outcomes, chip.circuit.name, `in batch ${round + 1}`);
    return {
      free: estimate.free,
      outcomes: estimate.outcomes,
      measured: {
        aliasing: estimate.aliasing,
        ...(estimate.lag !== undefined && { lag: estimate.lag }),
        nudgeShift: shiftOf(estimate),
      },
      update: async () => {
        const correlate: Correlate = (...product) => simulator.engine.correlate(...product);
        if (this.programmer?.programming.per === "sample") {
          if (estimate.updates !== undefined) throw ofSamples(simulator, estimator.name);
          // Each sample's own change, a share of the batch's.
          for (const own of estimateByChip(estimate, batch.samples))
            this.write(await rule.update(chip.circuit, own, correlate, chip), factor / batch.samples);
          return;
        }
        const found = estimate.updates ?? (await rule.update(chip.circuit, estimate, correlate, chip));
        this.write(this.withHomeostasis(found, batch, estimate), factor);
      },
    };
  }

  /** Programs what the optimizer makes of directions. */
  private write(updates: Updates, factor: number): void {
    const { chip, programmer } = this;
    for (const [name, direction] of Object.entries(updates)) {
      if (!learns(chip.circuit.projection(name))) continue;
      const change = this.options.optimizer.step(name, direction, () => chip.weights(name), factor);
      if (programmer === null) chip.program(name, change);
      else this.clock.pass("training", programmer.write(name, change));
    }
  }

  private async inEngine(learner: EngineLearner, batch: Batch, factor: number): Promise<Findings> {
    const { round, start } = this;
    const held = await learner.estimate(batch, { round, seed: this.options.seed });
    const { outcomes } = held;
    expectBounded(outcomes, this.chip.circuit.name, `in batch ${round + 1}`);
    return {
      free: await held.free.read(start === undefined ? undefined : this.simulator.layout.populations),
      outcomes,
      measured: held.measured(),
      update: () => learner.update(held, factor, batch, { round, seed: this.options.seed }),
    };
  }

  private withHomeostasis(updates: Updates, batch: Batch, { free }: Estimate): Updates {
    const { homeostasis, chip, round } = this;
    if (homeostasis === null) return updates;
    const key = { seed: this.options.seed, phase: firstPhase({ round }) };
    return added(updates, homeostaticUpdates(chip, homeostasis, batch, free.states, key));
  }

  /** The readout is digital: an ordinary gradient step at the free state (Laborieux and Zenke's code). */
  private trainReadout(gradient: WeightArrays, factor: number): void {
    const { readout } = this.chip;
    if (readout === null) return;
    const negated = {
      weights: gradient.weights.map((g) => -g),
      biases: gradient.biases?.map((g) => -g) ?? null,
    };
    const change = this.options.optimizer.step("readout", negated, () => readout, factor);
    this.chip.programReadout({
      weights: change.weights,
      biases: change.biases ?? new Float64Array(readout.biases.length),
    });
    if (this.learner instanceof EngineLearner) this.learner.acknowledge();
  }
}

/** @param counts which samples can be right at all. Default: all */
export function countCorrect(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  counts: (sample: number) => boolean = () => true,
): number {
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i] && counts(i)) correct++;
  return correct;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** |beta| times the largest derivative, against the largest free state. */
function shiftOf({ dState, free, nudges }: Estimate): number {
  const largest = (arrays: readonly Float64Array[]): number =>
    arrays.reduce((m, a) => a.reduce((n, v) => Math.max(n, Math.abs(v)), m), 0);
  const state = largest(Object.keys(dState).map((population) => free.states[population].re));
  // What knows the equations needs no nudge.
  return state === 0 || nudges.length === 0
    ? Infinity
    : (Math.hypot(nudges[0].re, nudges[0].im) * largest(Object.values(dState))) / state;
}

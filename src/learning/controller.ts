/**
 * The learning controller of a chip: it runs phases, reads out, makes local updates and programs them. It
 * sees only what hardware could measure, states and activities of phases; exact references are not its
 * business (probe.ts).
 */
import type { Chip, WeightArrays } from "../circuit/chip-types";
import { count, printsItself } from "../display";
import type { PlannedPopulation } from "../dynamics/lowering/layout";
import type { Simulator } from "../dynamics/simulator";
import { checkSeed } from "../random";
import { asBatchReport, type BatchReport } from "./batch-report";
import { ChipClock, type ClockReading } from "./clock";
import { chargesWeights, costArgument, costOfWeights, costs, readoutGradient } from "./cost";
import { estimateErrors, type EstimateError } from "./estimate-error";
import type { Estimator } from "./estimators";
import { homeostasisOf, type Homeostasis, type HomeostasisOptions } from "./homeostasis/options";
import type { Optimizer } from "./optimizers";
import { ESTIMATOR, OPTIMIZER, RULE } from "./made";
import type { FreeStart } from "./free-start";
import type { Initializer } from "./initialized/initializer";
import { inGroups, type Learned, type LearningCrossings, type Lesson } from "./lessons";
import type { PersistentStates } from "./persistent-states";
import { expectBounded } from "./diverged";
import { expectOnceABatch } from "./stepwise";
import type { ProgrammingOptions } from "./programming/options";
import { expectDirect } from "./programming/expect";
import type { Programmer } from "./programming/programmer";
import { HostLearner, type Findings } from "./host-learner";
import { mean } from "./figures";
import { looksAt } from "./phases";
import type { Lasting } from "./readout/lasting";
import type { Remedy, RemedyOptions } from "./remedies";
import type { Rule } from "./rules";
import { scoreOf } from "./score";
import { TrainedParameters } from "./trained-parameters";
import { readBatch, type Batch } from "./types";
import { createLearner } from "./in-engine/create";
import { EngineLearner, type HeldEstimate } from "./in-engine/learner";
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
  /** What feedback learns in the place of what its own rule says. Default: nothing else. */
  readonly remedy?: RemedyOptions;
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
    remedy: check.anything,
    programming: check.anything,
    place: check.oneOf("host"),
    round: check.whole(),
    clock: check.anything,
  },
});

/**
 * Where estimates are weighed and synapses updated, and why not in the engine; of an engine behind a border, why
 * batches cross it one by one.
 */
export type LearningPlace =
  | { readonly place: "engine"; readonly reason?: string }
  | { readonly place: "host"; readonly reason: string };

/** A batch that was asked to run; what it shows comes once it has. */
interface Begun {
  readonly held: HeldEstimate;
  readonly free: Promise<Findings["free"]>;
  readonly measured: Promise<Findings["measured"]>;
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
  /** How many batches would be one call, and steps of all rows of the last. */
  private fits = 1;
  private rowSteps = 0;
  private crossed: LearningCrossings = { batches: 0, calls: 0, bytesUp: 0, bytesDown: 0 };
  private learner: EngineLearner | string | null = null;
  private readonly host: HostLearner;
  /** Null where there is nothing to learn of it. */
  private readonly homeostasis: Homeostasis | null;
  /** How long the chip has run, and by how much it has aged. */
  readonly clock: ChipClock;
  /**
   * The programming stage; null where changes are written directly and nobody counts, and until it is `ready`.
   * @internal
   */
  programmer: Programmer | null = null;
  /**
   * How feedback is mended, once `ready`; null where it is not.
   * @internal
   */
  remedy: Remedy | null = null;
  /**
   * Parameters of neurons that it moves; null where none is trainable.
   * @internal
   */
  readonly parameters: TrainedParameters | null;

  constructor(
    readonly simulator: Simulator,
    private readonly options: ControllerOptions,
  ) {
    this.round = readOptions(options).round ?? 0;
    options.estimator.reading?.expectReadable(simulator.circuit, options.rule);
    checkSeed(options.seed, "controller, seed");
    const homeostasis = options.homeostasis && homeostasisOf(simulator.circuit, options.homeostasis);
    this.homeostasis = homeostasis === undefined || homeostasis.coefficient === 0 ? null : homeostasis;
    if (this.homeostasis !== null) expectOnceABatch(options.estimator);
    if (options.programming === undefined) expectDirect(simulator.chip);
    this.clock = new ChipClock(simulator);
    if (options.clock !== undefined) this.clock.set(options.clock);
    this.parameters = TrainedParameters.of(simulator.chip, options.estimator);
    const { homeostasis: loss, clock, parameters } = this;
    this.host = new HostLearner({
      ...options,
      simulator,
      homeostasis: loss,
      clock,
      programmer: () => this.programmer,
      parameters,
      remedy: () => this.remedy,
    });
  }

  /**
   * Loads the programming stage and the remedy of feedback, where they are asked for; before the first batch, at the
   * latest.
   * @throws OhmletError OPTION-…, DEVICE-EVENT, LEARN-PROGRAMMING, LEARN-REMEDY, UNIT-…
   * @internal
   */
  async ready(): Promise<void> {
    const { programming, ...others } = this.options;
    const { remedy, seed } = others;
    if (remedy !== undefined && this.remedy === null) {
      const { Remedy, remedyOf } = await import("./remedies");
      this.remedy = new Remedy(this.chip, remedyOf(remedy), seed);
    }
    if (programming === undefined || this.programmer !== null) return;
    const { programmerOf } = await import("./programming/programmer");
    const asked = { ...others, programming };
    this.programmer = programmerOf(this.chip, asked, this.homeostasis !== null, this.clock);
  }

  /**
   * What lasts of its readers; null where nothing does.
   * @internal
   */
  get lasting(): Lasting | null {
    return this.host.lasting;
  }

  /** Whether the cost depends on weights. */
  private get charges(): boolean {
    return chargesWeights(this.chip.circuit);
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
    if (typeof this.learner === "string") return { place: "host", reason: this.learner };
    const reason = this.simulator.engine.crossings === undefined ? null : this.aloneFor(this.learner);
    return { place: "engine", ...(reason !== null && { reason }) };
  }

  /** What crossed the border to the engine while batches were learned; looks at them do not count. */
  get crossings(): LearningCrossings | null {
    return this.simulator.engine.crossings === undefined ? null : this.crossed;
  }

  /**
   * Learns from one batch: estimate, update, program; the chip's clock runs on, and devices leak.
   * @param factor on the learning rates, from a schedule
   * @param look whether to look at how far its estimate may be off, also where its number does not ask for it
   * @throws OhmletError DYN-DIVERGED where a phase diverged; the chip is then as it was
   */
  async learn(batch: Batch, factor = 1, look = false): Promise<BatchReport> {
    const [report] = (await this.learnTogether([{ batch, factor, look }])) as BatchReport[];
    return report;
  }

  /**
   * Learns from batches in turn, several at a time on engines to which calls are dear; what is learned is the
   * same.
   * @yields what `learn` returns, and of how many more batches the chip has learned already
   * @throws as `learn`; batches before the one that diverged are learned then, and were reported
   */
  learnAll(lessons: Iterable<Lesson>): AsyncGenerator<Learned<BatchReport>> {
    const most = (): number => this.most;
    const looks = (ahead: number): boolean => looksAt({ round: this.round + ahead });
    return inGroups(lessons, { most, looks, learn: (group) => this.learnTogether(group) });
  }

  /**
   * Gives back what learning in the engine holds there; before the simulator and the engine are disposed of.
   */
  dispose(): void {
    if (this.learner !== null && typeof this.learner !== "string") this.learner.dispose();
    this.learner = null;
  }

  /** How many batches may run together. */
  private get most(): number {
    const alone =
      this.learner === null || typeof this.learner === "string" || this.aloneFor(this.learner) !== null;
    return alone ? 1 : Math.min(this.fits, this.clock.rest(this.rowSteps));
  }

  /** Why no two batches run together, or null. */
  private aloneFor(learner: EngineLearner): string | null {
    if (learner.watched !== null) return learner.watched;
    if (this.chip.readout !== null) return "the digital readout learns on the host after every batch";
    return this.start === undefined ? null : "where free phases start is kept on the host";
  }

  /** Null where one of several batches diverged: the chip is as it was, and they are to run one by one. */
  private async learnTogether(lessons: readonly Lesson[]): Promise<BatchReport[] | null> {
    await this.ready();
    this.learner ??= this.makeLearner();
    if (this.round === 0) this.programmer?.begin();
    const [{ batch, look = false }] = lessons;
    const first = await (this.start?.begin(readBatch(batch)) ?? readBatch(batch));
    if (typeof this.learner !== "string") this.learner.prepare();
    const estimateError = look || looksAt({ round: this.round }) ? await this.look(first) : null;
    const before = this.simulator.engine.crossings;
    const reports = await this.learnFrom(
      this.learner,
      [{ ...lessons[0], batch: first }, ...lessons.slice(1)],
      estimateError,
    );
    const { crossings } = this.simulator.engine;
    if (before !== undefined && crossings !== undefined && reports !== null) {
      const { batches, calls, bytesUp, bytesDown } = this.crossed;
      this.crossed = {
        batches: batches + reports.length,
        calls: calls + crossings.calls - before.calls,
        bytesUp: bytesUp + crossings.bytesUp - before.bytesUp,
        bytesDown: bytesDown + crossings.bytesDown - before.bytesDown,
      };
    }
    return reports;
  }

  private async learnFrom(
    learner: EngineLearner | string,
    lessons: readonly Lesson[],
    estimateError: EstimateError | null,
  ): Promise<BatchReport[] | null> {
    const [{ batch, factor = 1 }] = lessons;
    if (typeof learner === "string")
      return [
        await this.conclude(batch, factor, await this.host.learn(batch, factor, this.round), estimateError),
      ];
    const ran = learner.watched === null ? await learner.together(() => this.begin(learner, lessons)) : null;
    if (ran === null)
      return [await this.conclude(batch, factor, await this.inEngine(learner, batch, factor), estimateError)];
    const outcomes = await Promise.all(ran.result.map(({ held }) => held.outcomes()));
    if (outcomes.flat().some(({ kind }) => kind === "diverged")) {
      ran.undo();
      if (lessons.length > 1) return null;
      expectBounded(outcomes[0], this.chip.circuit.name, `in batch ${this.round + 1}`);
    }
    this.fits = ran.fits * lessons.length;
    const reports: BatchReport[] = [];
    for (const [k, { free, measured }] of ran.result.entries()) {
      const findings = {
        free: await free,
        outcomes: outcomes[k],
        measured: await measured,
        update: async () => undefined,
      };
      const { batch: learned, factor: rate = 1 } = lessons[k];
      reports.push(await this.conclude(learned, rate, findings, k === 0 ? estimateError : null));
    }
    return reports;
  }

  /** Says what is to run for batches, one after another: nothing has run when it returns. */
  private async begin(learner: EngineLearner, lessons: readonly Lesson[]): Promise<Begun[]> {
    const begun: Begun[] = [];
    for (const [k, { batch, factor = 1 }] of lessons.entries()) {
      const context = { round: this.round + k, seed: this.options.seed };
      const held = await learner.estimate(batch, context);
      const [free, measured] = [held.free.read(this.asked), held.measured()];
      // Nobody waits for them where what they wait for fails.
      for (const awaited of [free, measured]) awaited.catch(() => undefined);
      await learner.update(held, factor, batch, context);
      begun.push({ held, free, measured });
    }
    return begun;
  }

  /** Populations whose free states are wanted on the host. Default: the output. */
  private get asked(): readonly PlannedPopulation[] | undefined {
    return this.start === undefined ? undefined : this.simulator.layout.populations;
  }

  /** Learns what a batch was found to say, and reports it. */
  private async conclude(
    batch: Batch,
    factor: number,
    findings: Findings,
    estimateError: EstimateError | null,
  ): Promise<BatchReport> {
    const argument = costArgument(this.chip, findings.free);
    const ofWeights = this.charges ? costOfWeights(this.chip) : 0;
    const cost = mean(costs(this.chip, argument, batch.targets)) + ofWeights;
    const correct = scoreOf(this.chip, argument, batch);
    const readout = this.chip.readout === null ? null : readoutGradient(this.chip, argument, batch.targets);
    await findings.update();
    if (readout !== null) this.trainReadout(readout, factor);
    this.start?.end(batch, findings.free, factor, findings.nudged);
    this.round++;
    this.rowSteps = findings.outcomes.reduce((sum, { rowSteps }) => sum + rowSteps, 0);
    this.clock.run("training", this.rowSteps);
    return asBatchReport({
      cost,
      correct,
      ...findings.measured,
      outcomes: findings.outcomes,
      ...(estimateError !== null && { estimateError }),
    });
  }

  private makeLearner(): EngineLearner | string {
    const { estimator, rule, optimizer } = this.options;
    const homeostasis = this.homeostasis !== null && { homeostasis: this.homeostasis };
    return (
      this.reasonForHost() ??
      createLearner({ simulator: this.simulator, estimator, rule, optimizer, ...homeostasis })
    );
  }

  /** What a controller does on the host whatever the engine; undefined where nothing of it is asked for. */
  private reasonForHost(): string | undefined {
    const { estimator, place, remedy } = this.options;
    if (place === "host") return "it was asked for";
    if (this.options.programming !== undefined) return "changes are programmed one after another";
    if (this.parameters !== null) return "parameters of neurons learn";
    if (this.charges) return "the cost depends on weights";
    if (estimator.reading !== undefined) return "states are read through a readout";
    if (this.options.initialized?.net.settings.target === "nudged")
      return "the feedforward net learns where the nudged phase ended";
    if (remedy !== undefined) return `feedback learns by ${remedy.kind}`;
    return undefined;
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

  private async inEngine(learner: EngineLearner, batch: Batch, factor: number): Promise<Findings> {
    const { round, options } = this;
    const held = await learner.estimate(batch, { round, seed: options.seed });
    const outcomes = await held.outcomes();
    expectBounded(outcomes, this.chip.circuit.name, `in batch ${round + 1}`);
    return {
      free: await held.free.read(this.asked),
      outcomes,
      measured: await held.measured(),
      update: () => learner.update(held, factor, batch, { round, seed: options.seed }),
    };
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

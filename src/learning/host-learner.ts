/** Learns from a batch on the host: estimates, asks the rule for updates, and has them written. */
import type { WeightArrays } from "../circuit/chip-types";
import { learns } from "../circuit/owner";
import type { Simulator } from "../dynamics/simulator";
import type { Outcome } from "../dynamics/types";
import type { BatchReport } from "./batch-report";
import type { ChipClock } from "./clock";
import { chargesWeights, lessCostOfWeights } from "./cost";
import { expectBounded } from "./diverged";
import type { Estimator } from "./estimators";
import { nudgedEnd, singleNudge } from "./estimators/single-nudge";
import { shiftOf } from "./figures";
import type { FreeEnd } from "./free-start";
import type { Homeostasis } from "./homeostasis/options";
import { added, homeostaticUpdates } from "./homeostasis/update";
import type { Optimizer } from "./optimizers";
import { firstPhase } from "./phases";
import type { TrainedParameters } from "./trained-parameters";
import { ofSamples } from "./programming/expect";
import type { Programmer } from "./programming/programmer";
import type { Lasting } from "./readout/lasting";
import type { Remedy } from "./remedies";
import type { Rule, Updates } from "./rules";
import { estimateByChip } from "./stacked";
import { learnByStep } from "./stepwise";
import type { Batch, Estimate } from "./types";

/** What a batch was found to say, wherever that was. */
export interface Findings {
  readonly free: Pick<Estimate["free"], "states" | "activities">;
  readonly outcomes: readonly Outcome[];
  readonly measured: Pick<BatchReport, "aliasing" | "lag" | "nudgeShift">;
  /** Where the nudged phase ended; null where there was not one. Absent in the engine, where that stays. */
  readonly nudged?: () => FreeEnd | null;
  /** Programs the chip. */
  readonly update: () => Promise<void>;
}

export interface HostLearnerParts {
  readonly simulator: Simulator;
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
  readonly seed: number;
  readonly homeostasis: Homeostasis | null;
  readonly parameters: TrainedParameters | null;
  readonly remedy: () => Remedy | null;
  /** Null where changes are written directly. */
  readonly programmer: () => Programmer | null;
  readonly clock: ChipClock;
}

export class HostLearner {
  /** What lasts of the readers of the chip; null where nothing does. */
  readonly lasting: Lasting | null;

  constructor(private readonly parts: HostLearnerParts) {
    this.lasting = parts.estimator.reading?.lasting.begin("training") ?? null;
  }

  /**
   * @param round number of the batch
   * @throws OhmletError DYN-DIVERGED, LEARN-… of what cannot be learned so
   */
  async learn(batch: Batch, factor: number, round: number): Promise<Findings> {
    const { estimator, seed, simulator, clock } = this.parts;
    const { chip } = simulator;
    const { stepwise } = estimator;
    const bySample = this.parts.programmer()?.programming.per === "sample";
    if (bySample && stepwise) throw ofSamples(chip, estimator.name);
    const stepped =
      stepwise &&
      (await learnByStep(
        stepwise.updates,
        stepwise.steps(simulator, batch, { round, seed }),
        (step) => this.updatesOf(step),
        (found) => this.write(found, factor),
      ));
    const { lasting } = this;
    const { training, testing } = clock.reading ?? { training: 0, testing: 0 };
    lasting?.waitUntil(training + testing);
    const context = { round, seed, ...(lasting && { lasting }) };
    const estimate = stepped?.whole ?? (await estimator.estimate(simulator, batch, context));
    expectBounded(estimate.outcomes, chip.circuit.name, `in batch ${round + 1}`);
    const { reading } = estimator;
    if (reading !== undefined)
      clock.pass("training", reading.seconds(estimate.nudges.length) * batch.samples);
    return {
      free: estimate.free,
      outcomes: estimate.outcomes,
      nudged: () => {
        const weight = singleNudge(estimator, { round, seed });
        return weight === null ? null : nudgedEnd(estimate, weight);
      },
      measured: {
        aliasing: estimate.aliasing,
        ...(estimate.lag !== undefined && { lag: estimate.lag }),
        nudgeShift: shiftOf(estimate),
      },
      update: async () => {
        const { parameters, optimizer } = this.parts;
        const remedy = this.parts.remedy();
        const directions = parameters?.directions(batch, estimate);
        if (bySample) await this.writeSamples(estimate, batch.samples, factor);
        else {
          const found =
            stepped === undefined
              ? estimate.updates === undefined
                ? await this.updatesOf(estimate)
                : this.lessWeights(estimate.updates)
              : stepped.left;
          this.write(this.withHomeostasis(found, batch, estimate, round), factor);
        }
        if (directions) parameters?.write(directions, optimizer, factor);
        if (remedy !== null) this.program(remedy.after(round, factor));
      },
    };
  }

  /** Writes each sample's own change, a share of the batch's. */
  private async writeSamples(estimate: Estimate, samples: number, factor: number): Promise<void> {
    const { simulator, estimator } = this.parts;
    if (estimate.updates !== undefined) throw ofSamples(simulator.chip, estimator.name);
    for (const own of estimateByChip(estimate, samples))
      this.write(await this.updatesOf(own), factor / samples);
  }

  private async updatesOf(estimate: Estimate): Promise<Updates> {
    const { simulator, rule } = this.parts;
    const { chip, engine } = simulator;
    const found = rule.update(chip.circuit, estimate, (...product) => engine.correlate(...product), chip);
    return this.lessWeights(await found);
  }

  /** Takes from directions what weights cost. */
  private lessWeights(found: Updates): Updates {
    const { chip } = this.parts.simulator;
    return chargesWeights(chip.circuit) ? lessCostOfWeights(chip, found) : found;
  }

  /** Programs what the optimizer makes of directions, and a remedy of that. */
  private write(updates: Updates, factor: number): void {
    const { simulator, optimizer } = this.parts;
    const remedy = this.parts.remedy();
    const { chip } = simulator;
    const changes = new Map<string, WeightArrays>();
    for (const [name, direction] of Object.entries(updates)) {
      if (!learns(chip.circuit.projection(name))) continue;
      changes.set(
        name,
        optimizer.step(name, direction, () => chip.weights(name), factor),
      );
    }
    this.program(remedy?.changes(changes, factor) ?? changes);
  }

  private program(changes: ReadonlyMap<string, WeightArrays>): void {
    const { simulator, clock } = this.parts;
    const programmer = this.parts.programmer();
    for (const [name, change] of changes)
      if (programmer === null) simulator.chip.program(name, change);
      else clock.pass("training", programmer.write(name, change));
  }

  private withHomeostasis(updates: Updates, batch: Batch, { free }: Estimate, round: number): Updates {
    const { homeostasis, simulator, seed } = this.parts;
    if (homeostasis === null) return updates;
    const key = { seed, phase: firstPhase({ round }) };
    return added(updates, homeostaticUpdates(simulator.chip, homeostasis, batch, free.states, key));
  }
}

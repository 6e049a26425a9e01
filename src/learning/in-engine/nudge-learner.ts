/**
 * Estimates by nudges, in the engine: a free phase and one of nudges side by side are held, and a program there
 * makes of them what the rule multiplies.
 */
import { clampedBuffers } from "../../dynamics/lowering/clamped";
import type { HeldPhase } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import type { difference } from "../../equations/difference";
import { changeIn } from "../../program/dataflow";
import type { Estimator, EstimateContext, PointPlan } from "../estimators";
import { countedWhole } from "../estimators/circle";
import { shareOf } from "../estimators/contrast";
import { planOn, pushOf } from "../estimators/hold-output";
import { phasesOf, together } from "../estimators/planes";
import { freeStepsOf, nudgedStepsOf } from "../lengths";
import { firstPhase, looksAt } from "../phases";
import type { Batch } from "../types";
import { pools } from "../rules/pooled";
import { EngineLearner, type HeldEstimate, type LearnerRequest, type Measured } from "./learner";
import { pooledReason } from "./pooled-products";
import { scalarsOf } from "./synapse-factors";
import { compileWeighing, measured, nudgeShiftOf, type Measure } from "./weighing";

/** What a batch left in the engine. */
interface HeldPoints {
  readonly free: HeldPhase;
  readonly plan: PointPlan;
  /** The program that made of it what the rule multiplies. */
  readonly executable: Executable;
}

/** Some of the nudges, which settled side by side. */
interface Part {
  readonly places: readonly number[];
  readonly held: HeldPhase;
}

export class NudgeLearner extends EngineLearner {
  private readonly programs = new Map<string, Executable>();

  /** Why such an estimate has to be made on the host, or null. */
  static reason({ simulator, estimator, rule }: LearnerRequest): string | null {
    if (estimator.plan === undefined) return `the ${estimator.name} estimator weighs its phases on the host`;
    const { exact } = estimator.plan({ round: 0, seed: 0 });
    return exact === true && (estimator.complex || pools(simulator.circuit))
      ? "exact differences of complex states, and of windows that are pooled, are weighed on the host"
      : pooledReason(simulator, simulator.layout, simulator.units, rule, estimator.complex);
  }

  override get watched(): string | null {
    const { free, plan } = this.request.estimator;
    if (free.tolerance !== undefined)
      return "phases with a tolerance are looked at on the host until they settle";
    return plan?.({ round: 0, seed: 0 }).held === true
      ? "where the output is held is found on the host after the free phase"
      : null;
  }

  /** Runs the phases of a batch. Nothing is learned yet. */
  override async estimate(
    { samples, inputs, targets, start }: Batch,
    context: EstimateContext,
  ): Promise<HeldEstimate> {
    const { simulator, estimator } = this.request;
    this.prepare();
    const planned = (estimator.plan as NonNullable<Estimator["plan"]>)(context);
    const plan = planOn(simulator, planned);
    const { tolerance, average } = estimator.free;
    const steps = freeStepsOf(simulator, estimator.free);
    const phase = firstPhase(context);
    const check = looksAt(context);
    const free = await simulator.hold({
      samples,
      inputs,
      from: start,
      steps,
      tolerance,
      average,
      check,
      phase,
    });
    const output = plan.held === true ? await free.read() : { states: {}, activities: {} };
    const nudgedSteps = nudgedStepsOf(simulator, estimator.nudged);
    const parts: Part[] = [];
    for (const places of phasesOf(plan.nudges, simulator, samples, nudgedSteps)) {
      const push = pushOf(plan, places, simulator, output, targets);
      const differences = plan.exact === true;
      const phased = { steps: nudgedSteps, tolerance, average, check, differences, phase: phase + 1 };
      const held = await simulator.hold({ samples, inputs, ...push, ...phased }, free);
      parts.push({ places, held });
    }
    const exact = plan.exact && (await import("../../equations/difference")).difference;
    const exe = this.program(samples, plan, parts, exact);
    this.gather(exe, samples, plan, free, parts);
    await exe.prepare();
    await exe.run(1, 0);
    const held = { free, plan, executable: exe };
    return {
      free,
      outcomes: async () => {
        const ended = await Promise.all(
          parts.map(async ({ places, held }) => ({ places, outcome: await held.ended() })),
        );
        return [await free.ended(), countedWhole(together(ended, samples), planned, plan)];
      },
      updates: [{ executable: exe, parts: this.parts }],
      measured: () => this.measure(held),
    };
  }

  /**
   * How far the nudge moved the states, against their size, and what fewer of the nudges say of the bias.
   */
  private async measure({ free, plan: { nudges, fewer }, executable }: HeldPoints): Promise<Measured> {
    const { layout, units } = this.request.simulator;
    const sizesOf = (exe: Executable, kind: string): Promise<readonly Measure[]> =>
      measured(
        exe,
        layout.populations.map((p) => `${kind}${p.index}`),
      );
    // Asked for all at once: what runs together is told together.
    const [states, derivatives, ...shares] = await Promise.all([
      sizesOf(free.executable, free.averaged ? "mu" : "u"),
      sizesOf(executable, "ds"),
      ...(fewer === null ? [] : [sizesOf(executable, "e"), sizesOf(executable, "da")]),
    ]);
    const state = Math.max(...layout.populations.map((p, k) => units.state(p) * states[k].largest));
    const nudgeShift = nudgeShiftOf(state, derivatives, nudges[0]);
    if (fewer === null) return { nudgeShift, aliasing: null };
    const [difference, derivative] = shares.map((each) =>
      each.reduce((sum, { squares }) => sum + squares, 0),
    );
    return { nudgeShift, aliasing: shareOf(difference, derivative) ** fewer.power };
  }

  override dispose(): void {
    for (const exe of this.programs.values()) exe.dispose();
    this.programs.clear();
    super.dispose();
  }

  private program(
    samples: number,
    { nudges, fewer }: PointPlan,
    parts: readonly Part[],
    exact?: typeof difference,
  ): Executable {
    const planes = nudges.map((_, k) => partOf(parts, k).held.complex);
    const [{ averaged }] = parts.map(({ held }) => held);
    const key = `${samples},${planes.join()},${averaged}`;
    const found = this.programs.get(key);
    if (found !== undefined) return found;
    const exe = compileWeighing(this.request, this.parts, this, this.holder, {
      samples,
      complex: planes,
      averaged,
      exact,
      fewer: fewer !== null,
    });
    this.programs.set(key, exe);
    return exe;
  }

  private gather(
    exe: Executable,
    samples: number,
    plan: PointPlan,
    free: HeldPhase,
    parts: readonly Part[],
  ): void {
    const { layout, clamped, circuit } = this.request.simulator;
    for (const { buffer } of clampedBuffers(circuit)) exe.take?.(buffer, clamped, buffer);
    const [{ averaged }] = parts.map(({ held }) => held);
    const states = averaged ? "mu" : "u";
    for (const { index: i } of layout.populations) {
      exe.take?.(`u${i}`, free.executable, `${states}${i}`);
      if (averaged) exe.take?.(`v${i}`, free.executable, `mr${i}`);
      plan.nudges.forEach((_, k) => {
        const { places, held } = partOf(parts, k);
        const row = places.indexOf(k) * samples;
        for (const plane of held.complex ? ["", "i"] : [""]) {
          const left = `${states}${i}${plane}`;
          exe.take?.(`n${i}_${k}${plane}`, held.executable, plan.exact ? changeIn(left) : left, row);
          if (averaged) exe.take?.(`r${i}_${k}${plane}`, held.executable, `mr${i}${plane}`, row);
        }
      });
    }
    const complex = plan.nudges.map((_, k) => partOf(parts, k).held.complex);
    for (const [name, value] of Object.entries(scalarsOf(plan, complex))) exe.setScalar(name, value);
  }
}

const partOf = (parts: readonly Part[], nudge: number): Part =>
  parts.find(({ places }) => places.includes(nudge)) ?? parts[0];

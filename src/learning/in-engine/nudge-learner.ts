/**
 * Estimates by nudges, in the engine: a free phase and one of nudges side by side are held, and a program there
 * makes of them what the rule multiplies.
 */
import type { Population } from "../../circuit/chip-types";
import { clampedBuffer, clampedBuffers } from "../../dynamics/lowering/clamped";
import { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { HeldPhase } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import { ProgramBuilder } from "../../program/builder";
import type { Estimator, EstimateContext, PointPlan } from "../estimators";
import { countedWhole, mirrored } from "../estimators/circle";
import { shareOf } from "../estimators/contrast";
import { freeStepsOf, nudgedStepsOf } from "../lengths";
import { firstPhase, looksAt } from "../phases";
import { descentSign } from "../rules/rule";
import type { Batch } from "../types";
import { EngineLearner, type HeldEstimate, type LearnerRequest, type Measured } from "./learner";
import { emitPooledProducts, pooledReason } from "./pooled-products";
import { emitEnds, endOf, scalarsOf } from "./synapse-factors";

/** What a batch left in the engine. */
interface HeldPoints {
  readonly free: HeldPhase;
  readonly plan: PointPlan;
  /** The program that made of it what the rule multiplies. */
  readonly executable: Executable;
}

export class NudgeLearner extends EngineLearner {
  private readonly programs = new Map<string, Executable>();

  /** Why such an estimate has to be made on the host, or null. */
  static reason({ simulator, estimator, rule }: LearnerRequest): string | null {
    return estimator.plan === undefined
      ? `the ${estimator.name} estimator weighs its phases on the host`
      : pooledReason(simulator, simulator.layout, simulator.units, rule, estimator.complex);
  }

  /** Runs the phases of a batch. Nothing is learned yet. */
  override async estimate(
    { samples, inputs, targets, start }: Batch,
    context: EstimateContext,
  ): Promise<HeldEstimate> {
    const { simulator, estimator } = this.request;
    this.prepare();
    const planned = (estimator.plan as NonNullable<Estimator["plan"]>)(context);
    const plan = mirrored(planned, simulator.noisy);
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
    const nudged = await simulator.hold(
      {
        samples,
        inputs,
        targets,
        nudges: plan.nudges,
        steps: nudgedStepsOf(simulator, estimator.nudged),
        tolerance,
        average,
        check,
        phase: phase + 1,
      },
      free,
    );
    const exe = this.program(samples, plan, nudged);
    this.gather(exe, samples, plan, free, nudged);
    await exe.prepare();
    await exe.run(1, 0);
    const held = { free, plan, executable: exe };
    return {
      free,
      outcomes: [free.outcome, countedWhole(nudged.outcome, planned, plan)],
      updates: [{ executable: exe, parts: this.parts }],
      measured: () => this.measure(held),
    };
  }

  /**
   * How far the nudge moved the states, against their size, and what fewer of the nudges say of the bias.
   */
  private measure({ free, plan: { nudges, fewer }, executable }: HeldPoints): Measured {
    const { layout, units } = this.request.simulator;
    const sizes = (
      exe: Executable,
      name: (p: (typeof layout.populations)[number]) => string,
    ): { largest: number; squares: number } =>
      layout.populations
        .map((p) => ({ p, of: exe.measure?.(name(p)) ?? { largest: Number.NaN, squares: Number.NaN } }))
        .reduce(
          (all, { p, of }) => ({
            largest: Math.max(all.largest, of.largest * (exe === free.executable ? units.state(p) : 1)),
            squares: all.squares + of.squares,
          }),
          { largest: 0, squares: 0 },
        );
    const state = sizes(free.executable, (p) => `${free.averaged ? "mu" : "u"}${p.index}`).largest;
    const derivatives = sizes(executable, (p) => `ds${p.index}`);
    const nudgeShift =
      state === 0 ? Infinity : (Math.hypot(nudges[0].re, nudges[0].im) * derivatives.largest) / state;
    if (fewer === null) return { nudgeShift, aliasing: null };
    const [difference, derivative] = ["e", "da"].map(
      (name) => sizes(executable, (p) => `${name}${p.index}`).squares,
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
    { complex, averaged }: HeldPhase,
  ): Executable {
    const key = `${samples},${nudges.length},${complex},${averaged}`;
    const found = this.programs.get(key);
    if (found !== undefined) return found;
    const { simulator, rule } = this.request;
    const {
      chip: { circuit },
      layout,
      units,
      engine,
    } = simulator;
    const b = new ProgramBuilder(samples, 1, circuit.name);
    const maps = new UnitMaps(b, false);
    emitEnds({
      builder: b,
      maps,
      layout,
      units,
      nudges: nudges.length,
      complex,
      averaged,
      fewer: fewer !== null,
      clamped: clampedBuffers(circuit),
    });
    const pooled = emitPooledProducts({ builder: b, circuit, layout, rule, samples, nudges: nudges.length });
    const scale = descentSign(circuit) / samples;
    const place = (p: Population): number => layout.populations.findIndex((q) => q.population === p);
    for (const part of this.parts) {
      const { owner, kind, pre, post, refresh } = part.device;
      this.declare(b, part);
      const { weights, biases } = rule.products(circuit, owner);
      const { wiring } = owner;
      const ends = (pre: (typeof weights)[number]["pre"], post: (typeof weights)[number]["post"]) => {
        const [sends, takes] = [
          owner.from.clamped ? clampedBuffer(circuit, owner.from) : endOf(pre, place(owner.from)),
          endOf(post, place(owner.to)),
        ];
        if (wiring === null) return { pre: sends, post: takes };
        const [through] = wiring.members;
        return wiring.backwards ? { pre: takes, post: sends, through } : { pre: sends, post: takes, through };
      };
      const products =
        kind === "weights"
          ? (pooled.get(owner.name) ?? weights.map((t) => ends(t.pre, t.post)))
          : [
              {
                pre: "one",
                post: endOf(biases, place(owner.to)),
                ...(wiring?.biases && { through: wiring.biases }),
              },
            ];
      b.adjust({ pre, post, products, maps: [...this.updateOf(part, scale), ...refresh] });
    }
    const program = b.build();
    const exe = engine.compile(program, this.holder);
    for (const name of Object.keys(program.vectors)) exe.setVector(name, maps.vectors[name]);
    this.programs.set(key, exe);
    return exe;
  }

  private gather(
    exe: Executable,
    samples: number,
    plan: PointPlan,
    free: HeldPhase,
    nudged: HeldPhase,
  ): void {
    const { layout, clamped, circuit } = this.request.simulator;
    for (const { buffer } of clampedBuffers(circuit)) exe.take?.(buffer, clamped, buffer);
    for (const { index: i } of layout.populations) {
      const states = nudged.averaged ? "mu" : "u";
      exe.take?.(`u${i}`, free.executable, `${states}${i}`);
      if (nudged.averaged) exe.take?.(`v${i}`, free.executable, `mr${i}`);
      plan.nudges.forEach((_, k) => {
        for (const plane of nudged.complex ? ["", "i"] : [""]) {
          exe.take?.(`n${i}_${k}${plane}`, nudged.executable, `${states}${i}${plane}`, k * samples);
          if (nudged.averaged)
            exe.take?.(`r${i}_${k}${plane}`, nudged.executable, `mr${i}${plane}`, k * samples);
        }
      });
    }
    for (const [name, value] of Object.entries(scalarsOf(plan, nudged.complex))) exe.setScalar(name, value);
  }
}

/**
 * Learning without the host: phases are held in the engine, and a program there makes of them what the rule
 * multiplies, sums the products of every synapse, and programs the devices, by the same equations as the
 * host. What crosses a batch is inputs, targets, a few numbers and the output layer's state. The chip's
 * arrays on the host are brought up to date when somebody asks for them.
 */
import type { Population } from "../../circuit/chip-types";
import { ProgramBuilder } from "../../program/builder";
import { declareArrays, fetch, push, type DeviceArrays } from "../../dynamics/chip-arrays/device-arrays";
import { clampedBuffer, clampedBuffers } from "../../dynamics/lowering/clamped";
import { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { HeldPhase, Simulator } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import type { SynapseMap } from "../../program/program";
import { multiply, number, substitute, symbol } from "../../equations/expression";
import type { Estimator, EstimateContext, PointPlan } from "../estimators";
import { shareOf } from "../estimators/contrast";
import { freeStepsOf, nudgedStepsOf } from "../lengths";
import { firstPhase, looksAt } from "../phases";
import type { Optimizer } from "../optimizers";
import { descentSign, type Rule } from "../rules/rule";
import type { Batch } from "../types";
import { emitPooledProducts, pooledReason } from "./pooled-products";
import { emitEnds, endOf, scalarsOf } from "./synapse-factors";
import { learningPartsOf, scalarOf, type LearningPart } from "./synapses";

export interface LearnerRequest {
  readonly simulator: Simulator;
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
}

/** What a batch left in the engine. */
export interface HeldEstimate {
  readonly free: HeldPhase;
  readonly nudged: HeldPhase;
  readonly plan: PointPlan;
  /** The program that made of it what the rule multiplies. */
  readonly executable: Executable;
  readonly samples: number;
}

export class EngineLearner {
  /** Holds what the optimizer remembers, and lends it on with the chip's arrays. */
  private readonly holder: Executable;
  private readonly programs = new Map<string, Executable>();

  private constructor(
    private readonly request: LearnerRequest,
    private readonly arrays: DeviceArrays,
    private readonly parts: readonly LearningPart[],
  ) {
    const { engine, chip } = request.simulator;
    const b = new ProgramBuilder(1, 1, chip.circuit.name);
    for (const part of parts) this.declare(b, part);
    this.holder = engine.compile(b.build(), arrays.executable);
  }

  /** A learner, or why learning has to be done on the host. */
  static create(request: LearnerRequest): EngineLearner | string {
    const { simulator, estimator, optimizer } = request;
    if (estimator.plan === undefined) return `the ${estimator.name} estimator weighs its phases on the host`;
    const { arrays } = simulator;
    if (typeof arrays === "string") return arrays;
    const reason = pooledReason(
      simulator,
      simulator.layout,
      simulator.units,
      request.rule,
      estimator.complex,
    );
    if (reason !== null) return reason;
    const parts = learningPartsOf(simulator.chip, arrays.parts, optimizer);
    return typeof parts === "string" ? parts : new EngineLearner(request, arrays, parts);
  }

  /**
   * Brings to the engine what the optimizer remembers, where the host knows better; before any phase brings
   * the chip's arrays.
   */
  prepare(): void {
    if (!this.arrays.current) this.pushMemory();
  }

  /** Runs the phases of a batch. Nothing is learned yet. */
  async estimate(
    { samples, inputs, targets, start }: Batch,
    context: EstimateContext,
  ): Promise<HeldEstimate> {
    const { simulator, estimator } = this.request;
    this.prepare();
    const plan = (estimator.plan as NonNullable<Estimator["plan"]>)(context);
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
    return { free, nudged, plan, executable: exe, samples };
  }

  /**
   * How far the nudge moved the states, against their size, and what fewer of the nudges say of the bias.
   */
  measure({ free, plan: { nudges, fewer }, executable }: HeldEstimate): {
    nudgeShift: number;
    aliasing: number | null;
  } {
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

  /** Programs the chip by what the last estimate found. */
  async update({ executable: exe }: HeldEstimate, factor: number): Promise<void> {
    const { optimizer } = this.request;
    const names = Object.keys(optimizer.law.scalars("", 1, 1));
    for (const {
      device: { owner, index, kind },
    } of this.parts) {
      if (kind === "biases") continue;
      const batch = Object.keys(optimizer.law.memory).length === 0 ? 1 : optimizer.memory.count(owner.name);
      const values = optimizer.law.scalars(owner.name, batch, factor);
      for (const name of names) exe.setScalar(scalarOf(index, name), values[name]);
    }
    await exe.adjust?.();
    this.arrays.changed(() => this.fetchMemory());
  }

  /** Takes note that the chip's readout was programmed: its arrays are as they were. */
  acknowledge(): void {
    this.arrays.acknowledge();
  }

  /**
   * Brings home what the optimizer remembers, and gives back what the engine holds; before the simulator is
   * disposed of.
   */
  dispose(): void {
    this.arrays.comeHome();
    for (const exe of this.programs.values()) exe.dispose();
    this.programs.clear();
    this.holder.dispose();
  }

  private declare(b: ProgramBuilder, { device, memory }: LearningPart): void {
    declareArrays(b, { mirrors: [...device.mirrors, ...memory], outputs: device.outputs });
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
      const {
        device: { owner, kind, pre, post, refresh },
        update,
      } = part;
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
      b.adjust({ pre, post, products, maps: [...update.map((m) => scaled(m, scale)), ...refresh] });
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

  private pushMemory(): void {
    for (const mirror of this.parts.flatMap(({ memory }) => memory)) push(this.holder, mirror);
  }

  private fetchMemory(): void {
    for (const mirror of this.parts.flatMap(({ memory }) => memory)) fetch(this.holder, mirror);
  }
}

/** The rule's sum is a mean over samples, and a direction of descent. */
function scaled(map: SynapseMap, scale: number): SynapseMap {
  const [direction] = Object.entries(map.sources)
    .filter(([, source]) => source.from === "sum")
    .map(([name]) => name);
  if (direction === undefined) return map;
  return {
    ...map,
    expression: substitute(map.expression, (name) =>
      name === direction ? multiply(number(scale), symbol(name)) : undefined,
    ),
  };
}

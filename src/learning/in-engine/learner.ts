/**
 * Learning without the host: phases are held in the engine, and a program there makes of them what the rule multiplies, sums
 * the products of every synapse, and programs the devices, by the same equations as the host. What crosses a batch is
 * inputs, targets, a few numbers and the output layer's state. The chip's arrays on the host are brought up to date when
 * somebody asks for them.
 */
import type { Chip } from "../../circuit/chip-types";
import { ProgramBuilder } from "../../dynamics/builder";
import { UnitMaps } from "../../dynamics/unit-maps";
import type { HeldPhase, Simulator } from "../../dynamics/simulator";
import type { Executable, Program, SynapseMap } from "../../engines/engine";
import { multiply, number, substitute, symbol } from "../../equations/expression";
import type { Estimator, EstimateContext, PointPlan } from "../estimators";
import { PHASES } from "../estimators/estimator";
import type { Optimizer } from "../optimizers";
import { descentSign, type Rule } from "../rules/rule";
import type { Batch } from "../types";
import { emitEnds, endOf, scalarsOf } from "./ends";
import { scalarOf, synapsesOf, type Mirror, type Part } from "./synapses";

export interface LearnerRequest {
  readonly simulator: Simulator;
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
  /** Seconds that a batch lasts on the chip; 0 where time does not age it. */
  readonly elapsed: number;
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
  private readonly owner: Executable;
  private readonly programs = new Map<string, Executable>();
  private version = -1;

  private constructor(private readonly request: LearnerRequest, private readonly parts: readonly Part[]) {
    const { simulator } = request;
    this.owner = simulator.engine.compile(this.holder());
    simulator.borrow(this.owner);
    this.pushConstants();
  }

  /** A learner, or why learning has to be done on the host. */
  static create(request: LearnerRequest): EngineLearner | string {
    const { simulator, estimator, optimizer, elapsed } = request;
    const { engine, chip, layout, units } = simulator;
    if (engine.adjusts !== true) return `the ${engine.info.name} engine does not adjust weights`;
    if (estimator.plan === undefined) return `the ${estimator.name} estimator weighs its phases on the host`;
    if (simulator.readsAreNoisy) return "conductances differ from read to read";
    const parts = synapsesOf({ chip, layout, units, optimizer, elapsed });
    return typeof parts === "string" ? parts : new EngineLearner(request, parts);
  }

  /** Runs the phases of a batch. Nothing is learned yet. */
  async estimate({ samples, inputs, targets, start }: Batch, context: EstimateContext): Promise<HeldEstimate> {
    const { simulator, estimator } = this.request;
    if (this.version !== simulator.chip.version) await this.pushState();
    const plan = (estimator.plan as NonNullable<Estimator["plan"]>)(context);
    const { freeSteps: steps, tolerance, average } = estimator.free;
    const phase = context.round * PHASES;
    const free = await simulator.hold({ samples, inputs, from: start, steps, tolerance, average, phase });
    const nudged = await simulator.hold({ samples, inputs, targets, nudges: plan.nudges, steps: estimator.nudgedSteps, tolerance, average, phase: phase + 1 }, free);
    const exe = this.program(samples, plan, nudged);
    this.gather(exe, samples, plan, free, nudged);
    await exe.prepare();
    await exe.run(1, 0);
    return { free, nudged, plan, executable: exe, samples };
  }

  /**
   * How far the nudge moved the states, against their size; the root mean square of the states' derivative, SI; and how far
   * the mean over nudges is from the free phase.
   */
  measure({ free, nudged, plan: { nudges }, executable, samples }: HeldEstimate): { nudgeShift: number; aliasing: number | null; derivative: number } {
    const { layout, units } = this.request.simulator;
    const sizes = (exe: Executable, name: (p: (typeof layout.populations)[number]) => string): { largest: number; squares: number } =>
      layout.populations.map((p) => ({ p, of: exe.measure?.(name(p)) ?? { largest: Number.NaN, squares: Number.NaN } })).reduce(
        (all, { p, of }) => ({ largest: Math.max(all.largest, of.largest * (exe === free.executable ? units.state(p) : 1)), squares: all.squares + of.squares }), { largest: 0, squares: 0 });
    const state = sizes(free.executable, (p) => `${free.averaged ? "mu" : "u"}${p.index}`).largest;
    const derivatives = sizes(executable, (p) => `ds${p.index}`);
    const nudgeShift = state === 0 ? Infinity : (Math.hypot(nudges[0].re, nudges[0].im) * derivatives.largest) / state;
    const derivative = Math.sqrt(derivatives.squares / (samples * layout.populations.reduce((sum, p) => sum + p.population.size, 0)));
    if (nudges.length < 2) return { nudgeShift, derivative, aliasing: null };
    const planes = nudged.complex ? ["", "i"] : [""];
    const away = planes.reduce((sum, plane) => sum + sizes(executable, (p) => `e${p.index}${plane}`).squares, 0);
    const activity = sizes(executable, (p) => `a${p.index}`).squares;
    return { nudgeShift, derivative, aliasing: activity === 0 ? 0 : Math.sqrt(away / activity) };
  }

  /** Programs the chip by what the last estimate found. */
  async update({ executable: exe }: HeldEstimate, factor: number): Promise<void> {
    const { simulator: { chip }, optimizer } = this.request;
    const names = Object.keys(optimizer.law.scalars("", 1, 1));
    for (const owner of new Set(this.parts.map((part) => part.owner))) {
      const index = chip.circuit.projections.indexOf(owner);
      const batch = Object.keys(optimizer.law.memory).length === 0 ? 1 : optimizer.memory.count(owner.name);
      const values = optimizer.law.scalars(owner.name, batch, factor);
      for (const name of names) exe.setScalar(scalarOf(index, name), values[name]);
    }
    await exe.adjust?.();
    chip.lend(() => this.fetch());
    this.version = chip.version;
  }

  /** Takes note that the chip's readout was programmed: its arrays are as they were. */
  acknowledge(): void {
    this.version = this.request.simulator.chip.version;
  }

  /** Brings the chip's arrays home, and gives back what the engine holds. */
  dispose(chip: Chip): void {
    if (this.version === chip.version) chip.arrays();
    for (const exe of this.programs.values()) exe.dispose();
    this.programs.clear();
    this.owner.dispose();
  }

  /** The program that holds all arrays, and computes what phases read from what devices store. */
  private holder(): Program {
    const b = new ProgramBuilder(1, 1, this.request.simulator.chip.circuit.name);
    for (const part of this.parts) {
      this.declare(b, part);
      if (part.refresh.length > 0) b.adjust({ pre: part.pre, post: part.post, products: [], maps: part.refresh });
    }
    return b.build();
  }

  private declare(b: ProgramBuilder, { mirrors, outputs }: Part): void {
    for (const { name, pre, post } of mirrors) b.weight(name, pre, post);
    for (const [name, { pre, post }] of Object.entries(outputs)) b.weight(name, pre, post);
  }

  private program(samples: number, { nudges }: PointPlan, { complex, averaged }: HeldPhase): Executable {
    const key = `${samples},${nudges.length},${complex},${averaged}`;
    const found = this.programs.get(key);
    if (found !== undefined) return found;
    const { simulator, rule } = this.request;
    const { chip: { circuit }, layout, units, engine } = simulator;
    const b = new ProgramBuilder(samples, 1, circuit.name);
    const maps = new UnitMaps(b, false);
    emitEnds({ builder: b, maps, layout, units, nudges: nudges.length, complex, averaged, inputSize: circuit.input.size });
    const scale = descentSign(circuit) / samples;
    const place = (p: Part["owner"]["from"]): number => layout.populations.findIndex((q) => q.population === p);
    for (const part of this.parts) {
      const { owner, kind, pre, post, update, refresh } = part;
      this.declare(b, part);
      const { weights, biases } = rule.products(circuit, owner);
      const ends = (pre: (typeof weights)[number]["pre"], post: (typeof weights)[number]["post"]) => ({ pre: endOf(pre, owner.from, place(owner.from)), post: endOf(post, owner.to, place(owner.to)) });
      const products = kind === "weights" ? weights.map((t) => ends(t.pre, t.post)) : [{ pre: "one", post: ends("free", biases).post }];
      b.adjust({ pre, post, products, maps: [...update.map((m) => scaled(m, scale)), ...refresh] });
    }
    const program = b.build();
    const exe = engine.compile(program, this.owner);
    for (const name of Object.keys(program.vectors)) exe.setVector(name, maps.vectors[name]);
    this.programs.set(key, exe);
    return exe;
  }

  private gather(exe: Executable, samples: number, plan: PointPlan, free: HeldPhase, nudged: HeldPhase): void {
    const { layout, clamped } = this.request.simulator;
    exe.take?.("x", clamped, "x");
    for (const { index: i } of layout.populations) {
      const states = nudged.averaged ? "mu" : "u";
      exe.take?.(`u${i}`, free.executable, `${states}${i}`);
      if (nudged.averaged) exe.take?.(`v${i}`, free.executable, `mr${i}`);
      plan.nudges.forEach((_, k) => {
        for (const plane of nudged.complex ? ["", "i"] : [""]) {
          exe.take?.(`n${i}_${k}${plane}`, nudged.executable, `${states}${i}${plane}`, k * samples);
          if (nudged.averaged) exe.take?.(`r${i}_${k}${plane}`, nudged.executable, `mr${i}${plane}`, k * samples);
        }
      });
    }
    for (const [name, value] of Object.entries(scalarsOf(plan, nudged.complex))) exe.setScalar(name, value);
  }

  private pushConstants(): void {
    for (const mirror of this.mirrors) if (!mirror.changes) this.push(mirror);
  }

  /** What devices store and the optimizer remembers, as the host has it, and what phases read of it. */
  private async pushState(): Promise<void> {
    const { chip } = this.request.simulator;
    for (const mirror of this.mirrors) if (mirror.changes) this.push(mirror);
    await this.owner.adjust?.();
    this.version = chip.version;
  }

  private push({ name, pre, post, host, offset, transposed = false }: Mirror): void {
    const values = host();
    this.owner.setWeights(name, transposed
      ? Float64Array.from({ length: pre * post }, (_, k) => values[offset + (k % post) * pre + Math.floor(k / post)])
      : values.subarray(offset, offset + pre * post));
  }

  private fetch(): void {
    for (const { name, host, offset, changes } of this.mirrors) if (changes) host().set(this.owner.readWeights?.(name) as Float64Array, offset);
  }

  private get mirrors(): Mirror[] {
    return this.parts.flatMap((part) => part.mirrors);
  }
}

/** The rule's sum is a mean over samples, and a direction of descent. */
function scaled(map: SynapseMap, scale: number): SynapseMap {
  const [direction] = Object.entries(map.sources).filter(([, source]) => source.from === "sum").map(([name]) => name);
  if (direction === undefined) return map;
  return { ...map, expression: substitute(map.expression, (name) => (name === direction ? multiply(number(scale), symbol(name)) : undefined)) };
}

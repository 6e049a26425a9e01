/**
 * Lowers a chip, a solver and the shape of a phase to a Program: the one place where populations and projections become
 * buffers and operations. What it does not do: run anything, or decide when to stop (simulator.ts).
 *
 * Names in the program: u0, u1, … states of the unclamped populations, r… activities, d… drives, s… the static part of a
 * drive (clamped input and biases), w0, w1, … weights of the projections between unclamped populations, m… running means.
 */
import type { Chip, Population, Projection } from "../circuit/chip-types";
import type { Program } from "../engines/engine";
import { add, multiply, number, substitute, symbol, symbolsOf, type Expression } from "../equations/expression";
import { simplify } from "../equations/simplify";
import { OhmletError } from "../errors";
import { ProgramBuilder, type Binding, type Bindings } from "./builder";
import { Hoisted } from "./hoist";
import { declareNudge, emitNudge, type NudgeTarget } from "./nudge";
import { localNeuron, type LocalNeuron, type Scaling } from "./scaling";
import type { LocalField, Slot, Solver, StepContext } from "./solvers/solver";

export interface PlanShape {
  readonly rows: number;
  readonly groups: number;
  readonly complex: boolean;
  readonly nudged: boolean;
  /** Whether running means of states and activities are kept. */
  readonly average: boolean;
}

/** A population as the plan sees it. */
export interface PlannedPopulation {
  readonly population: Population;
  readonly index: number;
  readonly local: LocalNeuron;
  readonly field: LocalField;
  readonly rho: Expression;
  /** Whether a static drive s<index> is added. */
  readonly hasStatic: boolean;
  readonly recurrent: readonly { readonly projection: Projection; readonly weights: string; readonly from: number }[];
}

export interface Layout {
  readonly populations: readonly PlannedPopulation[];
  readonly output: PlannedPopulation;
}

/** What does not depend on the shape of a phase: neurons with their parameters put in, and who projects to whom. */
export function layoutOf(chip: Chip, scaling: Scaling): Layout {
  const { circuit } = chip;
  const unclamped = circuit.populations.filter((p) => !p.clamped);
  const recurrent = circuit.projections.filter((p) => !p.from.clamped);
  const populations = unclamped.map((population, index): PlannedPopulation => {
    const neuron = population.neuron;
    if (neuron === null) throw new Error(`population ${population.name} has no neuron`);
    const local = localNeuron(chip, population, neuron, scaling);
    const { dynamics, bounds } = neuron;
    const bound = (e: Expression | null | undefined): Expression | null => (e ? local.localise(e) : null);
    return {
      population,
      index,
      local,
      field: {
        kind: dynamics.kind,
        rate: local.localise(dynamics.kind === "continuous" ? dynamics.drift : dynamics.next),
        diffusion: silent(bound(dynamics.diffusion)),
        lower: bound(bounds?.lower),
        upper: bound(bounds?.upper),
      },
      rho: local.localise(neuron.rho),
      hasStatic: circuit.projections.some((p) => p.to === population && (p.from.clamped || p.bias)),
      recurrent: recurrent.flatMap((p, j) => (p.to === population ? [{ projection: p, weights: `w${j}`, from: unclamped.indexOf(p.from) }] : [])),
    };
  });
  return { populations, output: populations[unclamped.indexOf(circuit.output)] };
}

/** A program and the values of its vectors, [width]: what a phase reads of each unit that never changes. */
export interface Plan {
  readonly program: Program;
  readonly vectors: Readonly<Record<string, Float64Array>>;
}

/** Noise of amplitude 0, as at 0 K, is no noise. */
function silent(diffusion: Expression | null): Expression | null {
  const amplitude = diffusion && simplify(diffusion);
  return amplitude?.kind === "number" && amplitude.value === 0 ? null : diffusion;
}

/** The program of a phase. */
export function planPhase(chip: Chip, layout: Layout, solver: Solver, dt: number, shape: PlanShape): Plan {
  const { circuit } = chip;
  checkSolver(layout, solver, circuit.name);
  const { complex } = shape;
  const b = new ProgramBuilder(shape.rows, shape.groups, circuit.name);
  const nudge: NudgeTarget = { builder: b, cost: circuit.spec.cost, size: layout.output.population.size, complex };
  const maps = new UnitMaps(b, complex);
  for (const p of layout.populations) declare(b, p, shape);
  if (shape.nudged) declareNudge(nudge);
  emitStep(b, maps, layout, solver, dt, shape, nudge);
  if (shape.average) emitMeans(maps, layout, complex);
  return { program: b.build(), vectors: maps.vectors };
}

function declare(b: ProgramBuilder, p: PlannedPopulation, { complex, average }: PlanShape): void {
  const { size } = p.population;
  b.stateBuffer(`u${p.index}`, size, complex, true);
  b.buffer(`r${p.index}`, size, complex);
  b.buffer(`d${p.index}`, size, complex);
  if (p.hasStatic) b.input(`s${p.index}`, size);
  for (const { projection, weights } of p.recurrent) b.weight(weights, projection.from.size, size);
  if (average) for (const mean of ["mu", "mr"]) b.stateBuffer(`${mean}${p.index}`, size, complex, false);
}

/** Maps over the units of a population, with what depends on parameters alone hoisted into vectors. */
class UnitMaps {
  private readonly hoisted = new Hoisted();

  constructor(private readonly b: ProgramBuilder, private readonly complex: boolean) {}

  get vectors(): Readonly<Record<string, Float64Array>> {
    return this.hoisted.vectors;
  }

  map(p: PlannedPopulation, out: string, expression: Expression, bindings: Bindings): void {
    const e = this.hoisted.hoist(expression, p.local.vectors, String(p.index));
    const own = [...symbolsOf(e)].filter((name) => Object.hasOwn(this.vectors, name));
    for (const name of own) this.b.vector(name, p.population.size);
    const vectors = Object.fromEntries(own.map((name): [string, Binding] => [name, { vector: name }]));
    this.b.map(out, e, { ...bindings, ...vectors }, this.complex);
  }
}

function emitStep(b: ProgramBuilder, maps: UnitMaps, layout: Layout, solver: Solver, dt: number, { complex, nudged }: PlanShape, nudge: NudgeTarget): void {
  let slot: Slot = "u";
  let force: { force: Expression; bindings: Bindings } | null = null;
  const context: StepContext = {
    dt,
    evaluate(next) {
      slot = next;
      for (const p of layout.populations) maps.map(p, `r${p.index}`, rename(p.rho, "u", "x"), { x: { buffer: `${slot}${p.index}`, complex } });
      for (const p of layout.populations) {
        const terms = p.recurrent.map(({ from, weights }) => ({ from: `r${from}`, weights }));
        if (terms.length > 0) b.project(`d${p.index}`, p.hasStatic ? `s${p.index}` : undefined, terms, complex);
      }
      if (nudged) force = emitNudge(nudge, `${nudge.cost.argument === "state" ? slot : "r"}${layout.output.index}`);
    },
    assign(out, expression) {
      for (const p of layout.populations) {
        const here = rename({ ...p.field }, "u", slot);
        const own = p === layout.output && force !== null ? force : { force: number(0), bindings: {} };
        const e = substitute(expression(here), (name) => (name === "I_nudge" ? own.force : undefined));
        const name = `${out}${p.index}`;
        b.buffer(name, p.population.size, complex);
        maps.map(p, name, e, { ...slots(p, complex), ...own.bindings, I: driveOf(p, complex), xi: { noise: p.index } });
      }
    },
  };
  solver.step(context);
}

/** Every slot that a solver may name, for one population. */
function slots(p: PlannedPopulation, complex: boolean): Bindings {
  return Object.fromEntries(["u", "v", "k1", "k2", "k3", "k4"].map((slot): [string, Binding] => [slot, { buffer: `${slot}${p.index}`, complex }]));
}

function driveOf(p: PlannedPopulation, complex: boolean): Binding {
  return p.recurrent.length > 0 ? { buffer: `d${p.index}`, complex } : { buffer: `s${p.index}` };
}

/** mean += gate * value, after the step; the host opens the gate (1/steps) for the window to average over. */
function emitMeans(maps: UnitMaps, layout: Layout, complex: boolean): void {
  const accumulate = (value: Expression): Expression => add(symbol("mean"), multiply(symbol("gate"), value));
  for (const p of layout.populations) {
    const bindings: Bindings = { gate: { scalar: "gate" }, u: { buffer: `u${p.index}`, complex } };
    maps.map(p, `mu${p.index}`, accumulate(symbol("u")), { ...bindings, mean: { buffer: `mu${p.index}`, complex } });
    maps.map(p, `mr${p.index}`, accumulate(p.rho), { ...bindings, mean: { buffer: `mr${p.index}`, complex } });
  }
}

function rename<T extends Expression | LocalField>(of: T, from: string, to: string): T {
  const replace = (e: Expression): Expression => substitute(e, (name) => (name === from ? symbol(to) : undefined));
  if ("rate" in of) return { ...of, rate: replace(of.rate), diffusion: of.diffusion && replace(of.diffusion) };
  return replace(of) as T;
}

/** The program that turns clamped data into static drives: s<index> = sum of clamped outputs * weights + biases. */
export function planDrive(chip: Chip, layout: Layout, rows: number, groups: number): Program {
  const { circuit } = chip;
  const b = new ProgramBuilder(rows, groups, circuit.name);
  b.buffer("x", circuit.input.size);
  b.before(() => {
    for (const p of layout.populations) {
      if (!p.hasStatic) continue;
      const clamped = circuit.projections.map((q, j) => ({ q, name: `c${j}` })).filter(({ q }) => q.to === p.population && q.from.clamped);
      const biased = circuit.projections.some((q) => q.to === p.population && q.bias);
      const name = b.buffer(`s${p.index}`, p.population.size);
      b.output(name);
      for (const { q, name: weight } of clamped) b.weight(weight, q.from.size, p.population.size);
      if (biased) b.vector(`b${p.index}`, p.population.size);
      if (clamped.length > 0) b.project(name, undefined, clamped.map((c) => ({ from: "x", weights: c.name })));
      if (biased) b.map(name, clamped.length > 0 ? add(symbol("s"), symbol("b")) : symbol("b"), { s: { buffer: name }, b: { vector: `b${p.index}` } });
    }
  });
  return b.build();
}

function checkSolver(layout: Layout, solver: Solver, where: string): void {
  for (const { population, field } of layout.populations) {
    if (field.kind !== solver.kind) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact: `the ${solver.name} solver integrates ${solver.kind} neurons; "${population.name}" is ${field.kind}`,
        place: { where },
        remedy: field.kind === "discrete" ? 'use the solver "map"' : 'use "euler", "exponential-euler" or "rk4"',
      });
    }
    if (field.diffusion !== null && !solver.stochastic) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact: `the ${solver.name} solver cannot integrate the noise of "${population.name}"`,
        place: { where },
        remedy: 'use "euler" (Euler-Maruyama) or "exponential-euler"',
      });
    }
  }
}

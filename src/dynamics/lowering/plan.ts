/**
 * Lowers a circuit, a solver and the shape of a phase to a Program: the one place where populations and
 * projections become buffers and operations. What it does not do: run anything, or decide when to stop
 * (simulator.ts).
 *
 * Names in the program: u0, u1, … states of the unclamped populations, r… activities, d… drives, s… the
 * static part of a drive (clamped input and biases), b… what comes back to outputs, w0, w1, … weights and b0, b1, … biases of the circuit's
 * projections, m… running means; where nudges oscillate, o… oscillators and h… running fundamentals
 * (oscillation.ts); n… next states of neurons that have several.
 */
import type { Circuit, Projection } from "../../circuit/chip-types";
import type { Program, Term } from "../../program/program";
import { multiply, number, symbol } from "../../equations/expression";
import { OhmletError } from "../../errors";
import { ProgramBuilder } from "../../program/builder";
import { clampedBuffer, clampedBuffers } from "./clamped";
import { emitSum, termOf } from "./emit-drives";
import type { Ones } from "./emit-implicit";
import { emitMeans, emitStep, type StepTarget } from "./emit-step";
import { declareNudge, type NudgeTarget } from "./nudge";
import { checkAlternate } from "./order";
import { checkPool, emitPool, isPooled } from "./pooling";
import { declareOscillation, emitReadings, emitTurn } from "./oscillation";
import type { GraphPopulation, Layout, PlannedPopulation, PlanShape } from "./layout";
import { declareReads } from "../chip-arrays/reads";
import type { Solver } from "../solvers/solver";
import { UnitMaps } from "./unit-maps";

/**
 * A program and the values of its vectors, [chips, width]: what a phase reads of each unit that never
 * changes.
 */
export interface Plan {
  readonly program: Program;
  readonly vectors: Readonly<Record<string, Float64Array>>;
  /** Makes the vectors again, in place, where conductances that load the units have changed. */
  readonly refresh: () => void;
  /** Arrays of ones that it reads, by name, and how many ones. */
  readonly ones: Ones;
}

const NO_ONES: Ones = new Map();

/** How the step of a solver that few ask for is made. */
export interface Emit {
  /** @returns arrays of ones that it reads */
  readonly step: (target: StepTarget, solver: Solver, dt: number) => Ones;
  /** What judges it. */
  readonly judge?: Solver;
}

/**
 * The program of a phase.
 * @param judge the step whose change tells whether a state is settled, where that is not the solver's
 * @param emit makes the step, for solvers that do not make their own
 * @param mapsCount how many times a change of a map counts beside that of a continuous neuron
 */
export function planPhase(
  circuit: Circuit,
  layout: Layout,
  solver: Solver,
  dt: number,
  shape: PlanShape,
  judge: Solver | null = null,
  mapsCount = 1,
  emit?: Emit,
): Plan {
  checkSolver(layout, solver, circuit.name);
  for (const { recurrent, back } of layout.populations)
    for (const { projection } of [...recurrent, ...back])
      if (projection.wiring !== null)
        checkPool(projection.wiring, shape.complex, `${circuit.name}, ${projection.name}`);
  if (shape.order === "alternate")
    checkAlternate(layout, solver, shape.oscillating !== undefined, circuit.name);
  if (solver.implicit === true && (shape.complex || shape.oscillating !== undefined || shape.average))
    throw new OhmletError({
      code: "DYN-SOLVER",
      fact: `the ${solver.name} solver follows real states under nudges that are held, and averages nothing`,
      place: { where: circuit.name },
      remedy: 'use "dormand-prince", "rk4" or "exponential-euler"',
    });
  const { complex, oscillating } = shape;
  const b = new ProgramBuilder(shape.rows, shape.groups, circuit.name);
  const nudge: NudgeTarget = {
    builder: b,
    cost: circuit.spec.cost,
    slope: layout.costSlope,
    size: layout.output.population.size,
    complex,
  };
  const maps = new UnitMaps(b, complex);
  for (const p of layout.populations) {
    declare(b, p, shape, solver.implicit !== true);
    declareReads(b, layout.populations, p);
    if (mapsCount !== 1 && p.field.kind === "discrete") b.count(`u${p.index}`, mapsCount, complex);
  }
  if (shape.nudged) declareNudge(nudge);
  if (oscillating !== undefined) declareOscillation(b, layout, shape.average);
  const target = { builder: b, maps, layout, nudge, shape };
  const ones = emit === undefined ? NO_ONES : emit.step(target, solver, dt);
  if (emit === undefined) emitStep(target, solver, dt);
  // Settled means settled in the papers' sense, whatever the order of the steps; noise never settles.
  const quiet = layout.populations.every((p) => p.field.diffusion === null);
  if (
    solver.implicit !== true &&
    (shape.order === "alternate" || judge !== null) &&
    quiet &&
    oscillating === undefined
  )
    b.judging(() =>
      emitStep(
        { ...target, shape: { ...shape, order: "synchronous" } },
        judge === null ? solver : (emit?.judge ?? judge),
        dt,
      ),
    );
  if (oscillating !== undefined) {
    emitTurn(b, layout);
    if (shape.average) emitReadings(b, maps, layout, complex);
  } else if (shape.average) {
    emitMeans(maps, layout, complex);
  }
  return { program: b.build(), vectors: maps.vectors, refresh: maps.refresh, ones };
}

/** @param watched whether its changes are residuals */
function declare(
  b: ProgramBuilder,
  p: PlannedPopulation,
  { complex, average }: PlanShape,
  watched: boolean,
): void {
  const { size } = p.population;
  b.stateBuffer(`u${p.index}`, size, complex, watched);
  b.buffer(`r${p.index}`, size, complex);
  b.buffer(`d${p.index}`, size, complex);
  if (p.hasStatic) b.input(`s${p.index}`, size);
  if (p.back.length > 0) b.buffer(`b${p.index}`, size, complex);
  for (const { projection, weights } of [...p.recurrent, ...p.back])
    b.weight(weights, projection.array.pre, projection.array.post);
  if (average) for (const mean of ["mu", "mr"]) b.stateBuffer(`${mean}${p.index}`, size, complex, false);
}

/**
 * The program that turns clamped data into static drives: s<index> = sum of clamped outputs * weights +
 * biases; and, where reads are drawn by current, t<index>, the variance of that.
 */
export function planDrive(circuit: Circuit, layout: Layout, rows: number, groups: number): Program {
  const b = new ProgramBuilder(rows, groups, circuit.name);
  const declare = (name: string, size: number): void => {
    b.buffer(name, size);
    b.output(name);
  };
  b.before(() => emitStill(b, circuit, layout.populations, declare));
  return b.build();
}

/**
 * Emits what clamped outputs and biases drive, from x, x1, …
 * @param declare declares a buffer of results
 */
export function emitStill(
  b: ProgramBuilder,
  circuit: Circuit,
  populations: readonly GraphPopulation[],
  declare: (name: string, size: number) => void,
): void {
  const clamped = clampedBuffers(circuit);
  for (const { population, buffer } of clamped) b.buffer(buffer, population.size);
  b.buffer("one", 1);
  // What drives a bias is always on.
  b.map("one", number(1), {});
  if (populations.some(({ reads }) => reads?.still))
    for (const { population, buffer } of clamped)
      b.map(b.buffer(`x${buffer}`, population.size), multiply(symbol("x"), symbol("x")), { x: { buffer } });
  for (const p of populations) {
    if (!p.hasStatic) continue;
    const pooled: string[] = [];
    const terms = circuit.projections.flatMap((q, index): Term[] => {
      if (q.to !== p.population) return [];
      const biases = q.bias ? [biasOf(b, q, `b${index}`)] : [];
      if (!q.from.clamped) return biases;
      const weights = b.weight(`w${index}`, q.array.pre, q.array.post);
      if (!isPooled(q.wiring)) return [termOf(q, clampedBuffer(circuit, q.from), weights), ...biases];
      const target = { builder: b, complex: false, wiring: q.wiring, index, weights, unit: p.unit };
      emitPool(target, clampedBuffer(circuit, q.from));
      pooled.push(`g${index}`);
      return biases;
    });
    declare(`s${p.index}`, p.population.size);
    emitSum(b, `s${p.index}`, [], pooled, terms, false);
    if (p.reads?.still !== true) continue;
    const noisy = circuit.projections.flatMap((q, j) =>
      q.to !== p.population || q.synapse.readNoise === null
        ? []
        : [
            ...(q.from.clamped
              ? [
                  termOf(
                    q,
                    `x${clampedBuffer(circuit, q.from)}`,
                    b.weight(`v${j}`, q.array.pre, q.array.post),
                  ),
                ]
              : []),
            ...(q.bias ? [biasOf(b, q, `vb${j}`)] : []),
          ],
    );
    declare(`t${p.index}`, p.population.size);
    b.project(`t${p.index}`, undefined, noisy);
  }
}

/** What an always-on line gives to every unit, or to every position of its channel. */
function biasOf(b: ProgramBuilder, { array, wiring }: Projection, name: string): Term {
  const weights = b.weight(name, 1, array.post);
  return { from: "one", weights, ...(wiring?.biases && { through: wiring.biases }) };
}

function checkSolver(layout: Layout, solver: Solver, where: string): void {
  const some = layout.populations.some(({ field }) => field.kind === solver.kind);
  for (const { population, field } of layout.populations) {
    const beside = some && field.kind === "discrete" && solver.kind === "continuous";
    if (beside && (solver.adaptive || solver.implicit)) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact:
          `the ${solver.name} solver chooses its steps, and "${population.name}" is a map, which takes one ` +
          "a step",
        place: { where },
        remedy: 'use a solver of fixed steps: "exponential-euler", "euler", "heun" or "rk4"',
      });
    }
    if (beside) continue;
    if (field.kind !== solver.kind) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact:
          `the ${solver.name} solver integrates ${solver.kind} neurons; "${population.name}" is ` +
          `${field.kind}`,
        place: { where },
        remedy:
          field.kind === "discrete"
            ? 'use the solver "map"'
            : 'use "exponential-euler", "euler", "heun" or "rk4"',
      });
    }
    if (solver.adaptive && (field.lower !== null || field.upper !== null)) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact: `the ${solver.name} solver needs a smooth motion; the state of "${population.name}" is clipped`,
        place: { where },
        remedy: 'use a solver of fixed steps, which clips after every step: "euler", "rk4"',
      });
    }
    if (field.diffusion !== null && !solver.stochastic) {
      throw new OhmletError({
        code: "DYN-SOLVER",
        fact: `the ${solver.name} solver cannot integrate the noise of "${population.name}"`,
        place: { where },
        remedy: 'use "euler" (Euler-Maruyama), "heun" or "exponential-euler"',
      });
    }
  }
}

/**
 * Lowers a circuit, a solver and the shape of a phase to a Program: the one place where populations and
 * projections become buffers and operations. What it does not do: run anything, or decide when to stop
 * (simulator.ts).
 *
 * Names in the program: u0, u1, … states of the unclamped populations, r… activities, d… drives, s… the
 * static part of a drive (clamped input and biases), w0, w1, … weights and b0, b1, … biases of the circuit's
 * projections, m… running means; where nudges oscillate, o… oscillators and h… running fundamentals
 * (oscillation.ts).
 */
import type { Circuit } from "../../circuit/chip-types";
import type { Program } from "../../program/program";
import { multiply, number, symbol } from "../../equations/expression";
import { OhmletError } from "../../errors";
import { ProgramBuilder } from "../../program/builder";
import { emitMeans, emitStep } from "./emit-step";
import { declareNudge, type NudgeTarget } from "./nudge";
import { checkAlternate } from "./order";
import { declareOscillation, emitReadings, emitTurn } from "./oscillation";
import type { Layout, PlannedPopulation, PlanShape } from "./layout";
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
}

/**
 * The program of a phase.
 * @param judge the step whose change tells whether a state is settled, where that is not the solver's
 */
export function planPhase(
  circuit: Circuit,
  layout: Layout,
  solver: Solver,
  dt: number,
  shape: PlanShape,
  judge: Solver | null = null,
): Plan {
  checkSolver(layout, solver, circuit.name);
  if (shape.order === "alternate")
    checkAlternate(layout, solver, shape.oscillating !== undefined, circuit.name);
  const { complex, oscillating } = shape;
  const b = new ProgramBuilder(shape.rows, shape.groups, circuit.name);
  const nudge: NudgeTarget = {
    builder: b,
    cost: circuit.spec.cost,
    size: layout.output.population.size,
    complex,
  };
  const maps = new UnitMaps(b, complex);
  for (const p of layout.populations) {
    declare(b, p, shape);
    declareReads(b, layout.populations, p);
  }
  if (shape.nudged) declareNudge(nudge);
  if (oscillating !== undefined) declareOscillation(b, layout, shape.average);
  const target = { builder: b, maps, layout, nudge, shape };
  emitStep(target, solver, dt);
  // Settled means settled in the papers' sense, whatever the order of the steps; noise never settles.
  const quiet = layout.populations.every((p) => p.field.diffusion === null);
  if ((shape.order === "alternate" || judge !== null) && quiet && oscillating === undefined)
    b.judging(() => emitStep({ ...target, shape: { ...shape, order: "synchronous" } }, judge ?? solver, dt));
  if (oscillating !== undefined) {
    emitTurn(b, layout);
    if (shape.average) emitReadings(b, maps, layout, complex);
  } else if (shape.average) {
    emitMeans(maps, layout, complex);
  }
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

/**
 * The program that turns clamped data into static drives: s<index> = sum of clamped outputs * weights +
 * biases; and, where reads are drawn by current, t<index>, the variance of that.
 */
export function planDrive(circuit: Circuit, layout: Layout, rows: number, groups: number): Program {
  const b = new ProgramBuilder(rows, groups, circuit.name);
  b.buffer("x", circuit.input.size);
  b.buffer("one", 1);
  b.before(() => {
    // What drives a bias is always on.
    b.map("one", number(1), {});
    if (layout.populations.some(({ reads }) => reads?.still))
      b.map(b.buffer("xx", circuit.input.size), multiply(symbol("x"), symbol("x")), { x: { buffer: "x" } });
    for (const p of layout.populations) {
      if (!p.hasStatic) continue;
      const terms = circuit.projections.flatMap((q, j) =>
        q.to !== p.population
          ? []
          : [
              ...(q.from.clamped
                ? [{ from: "x", weights: b.weight(`w${j}`, q.from.size, p.population.size) }]
                : []),
              ...(q.bias ? [{ from: "one", weights: b.weight(`b${j}`, 1, p.population.size) }] : []),
            ],
      );
      b.project(b.buffer(`s${p.index}`, p.population.size), undefined, terms);
      b.output(`s${p.index}`);
      if (p.reads?.still !== true) continue;
      const noisy = circuit.projections.flatMap((q, j) =>
        q.to !== p.population || q.synapse.readNoise === null
          ? []
          : [
              ...(q.from.clamped
                ? [{ from: "xx", weights: b.weight(`v${j}`, q.from.size, p.population.size) }]
                : []),
              ...(q.bias ? [{ from: "one", weights: b.weight(`vb${j}`, 1, p.population.size) }] : []),
            ],
      );
      b.project(b.buffer(`t${p.index}`, p.population.size), undefined, noisy);
      b.output(`t${p.index}`);
    }
  });
  return b.build();
}

function checkSolver(layout: Layout, solver: Solver, where: string): void {
  for (const { population, field } of layout.populations) {
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

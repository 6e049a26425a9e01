/**
 * Emits a step of Newton's method for all units together: what is left of the current into each unit, its slope by the
 * unit's own state, and how units drive each other, as a linear system a row. A step is cut to where sources could take
 * a node (reach.ts); after it every unit goes where its drive, held, would hold it, by one step of its own, since a
 * tangent that was far from a diode's curve lands far above it.
 *
 * What a nudge does to its own unit is in the slope; what it does to another (pairs of outputs, softmax) is held.
 */
import { beginsAtNodes, BACK } from "../../circuit/amplifiers";
import { differentiate } from "../../equations/differentiate";
import {
  add,
  clip,
  dependence,
  divide,
  multiply,
  number,
  subtract,
  symbol,
  type Expression,
} from "../../equations/expression";
import { partsOf } from "../../equations/share";
import { simplify } from "../../equations/simplify";
import { MOST_KEPT, type Engine } from "../../engines/engine";
import { OhmletError } from "../../errors";
import type { Coupling, SolveOperation } from "../../program/program";
import { bounded, moves, REACH, u, type LocalField, type Solver } from "../solvers/solver";
import { termOf } from "./emit-drives";
import { emitUpdate, type StepTarget } from "./emit-step";
import type { Layout, PlannedPopulation, PlannedProjection, PlanShape } from "./layout";
import { twoSets } from "./order";
import { isPooled } from "./pooling";

/** Most unknowns. */
const MOST_UNKNOWNS = 2000;
/** Longest step of what no source bounds, in units of the state. */
const LONGEST = 4;

/** @throws OhmletError DYN-SOLVER */
export function emitNewton(target: StepTarget, engine: Engine, dt: number, where: string): void {
  const { builder: b, maps, layout, shape } = target;
  const moving = layout.populations.filter((p) => shape.held?.includes(p.population.name) !== true);
  checkNewton(layout, moving, engine, shape, where);
  emitUpdate(target, moving, linearised(target, where), dt);
  const factors = new Map<PlannedPopulation, string | undefined>();
  const byOf = (p: PlannedPopulation): string | undefined => {
    if (!factors.has(p)) factors.set(p, factor(p, "by", simplify(differentiate(p.rho, "u"))));
    return factors.get(p);
  };
  /** A buffer of a factor of a population's units, or none where it is 1. */
  const factor = (p: PlannedPopulation, kind: string, e: Expression): string | undefined => {
    if (e.kind === "number" && e.value === 1) return undefined;
    const name = b.buffer(`${kind}${p.index}`, p.population.size);
    maps.map(p, name, e, { u: { buffer: `u${p.index}` } });
    return name;
  };
  const couplings: Coupling[] = [];
  const couple = (p: PlannedPopulation, q: PlannedProjection, left?: string): void => {
    const source = layout.populations[q.from];
    const from = moving.indexOf(source);
    if (from < 0) return;
    const { from: _, ...term } = termOf(q.projection, "", q.weights);
    const by = beginsAtNodes(q.projection) ? undefined : byOf(source);
    couplings.push({ ...term, from, into: moving.indexOf(p), ...(left && { left }), ...(by && { by }) });
  };
  for (const p of moving) {
    for (const q of p.recurrent) couple(p, q);
    if (p.back.length === 0) continue;
    const left = factor(p, "left", simplify(multiply(slopeBy(p.field, BACK), perCurrent(p.field))));
    for (const q of p.back) couple(p, q, left);
  }
  const parts = moving.map(({ index, population: { size } }): SolveOperation["parts"][number] => ({
    out: b.buffer(`v${index}`, size),
    right: `k1${index}`,
    diagonal: `k2${index}`,
  }));
  b.solve(parts, couplings);
  for (const p of moving)
    maps.map(p, `u${p.index}`, stepped(p.field, symbol("v")), {
      u: { buffer: `u${p.index}` },
      v: { buffer: `v${p.index}` },
      ...Object.fromEntries(REACH.map((name) => [name, { scalar: `${name}${p.index}` }])),
    });
  emitUpdate(target, moving, alone, dt);
}

/** A state less its way, kept where sources could take it, and within its bounds. */
function stepped(field: LocalField, way: Expression): Expression {
  if (field.reaches !== true)
    return bounded(subtract(u, clip(way, number(-LONGEST), number(LONGEST))), field);
  const [lowest, highest] = REACH.map(symbol);
  return bounded(clip(subtract(u, way), lowest, highest), field);
}

/** What is 0 where a rate is: without what it is divided by, as C du/dt is by C. */
function balanced({ rate }: LocalField): Expression {
  const divided = rate.kind === "binary" && rate.op === "divide" && !dependence(moves)(rate.right);
  return divided ? rate.left : rate;
}

const slopeBy = (field: LocalField, name: string): Expression =>
  simplify(differentiate(balanced(field), name));
const perCurrent = (field: LocalField): Expression => simplify(divide(number(1), slopeBy(field, "I")));

/** What is left of the currents, k1, and its slope by the unit's own state, k2. */
function linearised({ layout, nudge, shape }: StepTarget, where: string): Solver {
  const { output } = layout;
  /** How the nudge of an output changes with its state. */
  const ownForce = (index: number): Expression => {
    if (!shape.nudged || index !== output.index || nudge.slope === null) return number(0);
    const slope = simplify(differentiate(nudge.slope, "argument"));
    const shown = nudge.cost.argument === "state" ? u : output.rho;
    return multiply(symbol("beta"), multiply(slope, simplify(differentiate(shown, "u"))));
  };
  return {
    name: "linearised",
    kind: "continuous",
    stochastic: false,
    times: [0],
    step({ evaluate, assign }) {
      evaluate("u");
      assign("k1", (field, index) => {
        if (isZero(slopeBy(field, "I"))) throw undriven(layout.populations[index], where);
        return multiply(balanced(field), perCurrent(field));
      });
      assign("k2", (field, index) =>
        simplify(
          multiply(
            add(slopeBy(field, "u"), multiply(slopeBy(field, "I_nudge"), ownForce(index))),
            perCurrent(field),
          ),
        ),
      );
    },
  };
}

/** Every unit where its drive would hold it, by one step; that is also what judges where all are. */
export const alone: Solver = {
  name: "alone",
  kind: "continuous",
  stochastic: false,
  times: [0],
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => {
      const rate = balanced(field);
      return stepped(field, divide(rate, simplify(differentiate(rate, "u"))));
    });
  },
};

/** @throws OhmletError DYN-SOLVER */
function checkNewton(
  layout: Layout,
  moving: readonly PlannedPopulation[],
  { info, solves }: Engine,
  { complex, oscillating, average }: PlanShape,
  where: string,
): void {
  const fail = (fact: string, remedy = 'use "balance"'): never => {
    throw refused(where, `the newton solver ${fact}`, remedy);
  };
  if (complex || oscillating !== undefined || average)
    fail("finds real states under nudges that are held, and averages nothing");
  const unknowns = moving.reduce((sum, { population: { size } }) => sum + size, 0);
  if (unknowns > MOST_UNKNOWNS) fail(`solves for ${MOST_UNKNOWNS} units at most, and here are ${unknowns}`);
  for (const { population, beside, field, rho, recurrent, back } of moving) {
    const name = `"${population.name}"`;
    if (Object.keys(beside).length > 0) fail(`solves for one state a neuron, and ${name} has several`);
    if (recurrent.some(({ projection }) => isPooled(projection.wiring)))
      fail(`does not differentiate pooling, which drives ${name}`);
    const jumps = [field.rate, rho]
      .flatMap((e) => partsOf(e))
      .find((part) => isJump(part) && dependence(moves)(part));
    if (jumps?.kind === "call")
      fail(`differentiates, and what ${name} does jumps: ${jumps.fn}(…)`, 'use "exponential-euler"');
    if (solves?.shape !== "two-sets") continue;
    const other = [...recurrent, ...back].find(({ projection: { wiring, couples } }) => wiring ?? couples);
    if (other !== undefined)
      fail(
        `on ${info.name} solves for layers that are joined all to all, and "${other.projection.name}" is wired otherwise`,
        'use "reference", or "balance"',
      );
  }
  if (solves?.shape !== "two-sets") return;
  const sets = twoSets(layout)?.map((set) => set.reduce((sum, { population: { size } }) => sum + size, 0));
  if (sets === undefined || Math.min(...sets) > MOST_KEPT)
    fail(
      `on ${info.name} solves for populations in two sets that only drive each other, one of them of ${MOST_KEPT} units at most`,
      'use "reference", or "balance"',
    );
}

const isJump = (e: Expression): boolean => e.kind === "call" && (e.fn === "floor" || e.fn === "sign");

const isZero = (e: Expression): boolean => e.kind === "number" && e.value === 0;

const undriven = ({ population }: PlannedPopulation, where: string): OhmletError =>
  refused(
    where,
    `what moves "${population.name}" does not depend on its drive I`,
    "write I into its equation",
  );

const refused = (where: string, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code: "DYN-SOLVER", fact, place: { where }, remedy });

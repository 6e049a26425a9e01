/**
 * Emits one step of a plan: activities, drives and nudges of every population, then the solver's update. With
 * alternate order the populations fall into two sets that only drive each other; each set moves in turn, and
 * sees where the other has just gone. Maps beside continuous neurons take one step of theirs in each, from
 * what they see at its start.
 */
import {
  add,
  multiply,
  number,
  rewrite,
  substitute,
  symbol,
  type Expression,
} from "../../equations/expression";
import { Shared } from "../../equations/share";
import type { Binding, Bindings, ProgramBuilder } from "../../program/builder";
import { emitDrives, seenBy, type Pools } from "./emit-drives";
import { emitNudge, heldStrength, type NudgeTarget } from "./nudge";
import { turningStrength } from "./oscillation";
import { poolingFirst, twoSets } from "./order";
import type { Layout, PlannedPopulation, PlanShape } from "./layout";
import { emitReads } from "../chip-arrays/reads";
import { nextState } from "../solvers/map";
import { BASE, STIFFNESS } from "../solvers/sdirk3";
import { REACH, type LocalField, type Slot, type Solver } from "../solvers/solver";
import type { UnitMaps } from "./unit-maps";

export interface StepTarget {
  readonly builder: ProgramBuilder;
  readonly maps: UnitMaps;
  readonly layout: Layout;
  readonly nudge: NudgeTarget;
  readonly shape: PlanShape;
}

export function emitStep(target: StepTarget, solver: Solver, dt: number): void {
  const { layout, shape } = target;
  const sets = shape.order === "alternate" ? twoSets(layout) : null;
  const free = (p: PlannedPopulation): boolean => shape.held?.includes(p.population.name) !== true;
  const pools: Pools = new Map();
  for (const set of sets === null ? [layout.populations] : poolingFirst(sets)) {
    const moving = set.filter(free);
    emitUpdate(target, moving, solver, dt, pools);
    for (const [projection, source] of pools)
      if (moving.some(({ index }) => index === source)) pools.delete(projection);
  }
}

/**
 * The update of those populations that move; all others stay where they are.
 * @param pools what has been pooled of states that have not moved since
 */
export function emitUpdate(
  { builder: b, maps, layout, nudge, shape: { complex, nudged, oscillating } }: StepTarget,
  moving: readonly PlannedPopulation[],
  solver: Solver,
  dt: number,
  pools: Pools = new Map(),
): void {
  let slot: Slot = "u";
  let force: { force: Expression; bindings: Bindings } | null = null;
  const flowing = moving.filter((p) => flows(p, solver));
  const looking = solver.holdsMaps === true ? flowing : moving;
  const seen = seenIn(layout, looking, nudged);
  const slotOf = (p: PlannedPopulation): Slot => (flows(p, solver) ? slot : "u");
  // Where the output is the state itself, synapses read the state: no copy.
  const shown = (p: PlannedPopulation): string =>
    p.rho.kind === "symbol" && p.rho.name === "u" ? `${slotOf(p)}${p.index}` : `r${p.index}`;
  let first = true;
  solver.step({
    dt,
    evaluate(next, time = 0) {
      slot = next;
      // Maps have seen what they see of a step, and show the same until its end.
      const now = first ? looking : flowing;
      const shows = first ? seen : seenIn(layout, flowing, nudged).filter((p) => flows(p, solver));
      first = false;
      for (const p of shows)
        if (shown(p) === `r${p.index}`)
          maps.map(
            p,
            `r${p.index}`,
            rename(p.rho, "u", "x"),
            { x: { buffer: `${slotOf(p)}${p.index}`, complex } },
            complex,
            "rho",
          );
      emitDrives(
        { builder: b, populations: layout.populations, complex, pools },
        now,
        ({ index }) => shown(layout.populations[index]),
        ({ index }) => `${slotOf(layout.populations[index])}${index}`,
      );
      emitReads(b, layout.populations, now, shown);
      if (nudged && now.includes(layout.output)) {
        const strength =
          oscillating === undefined
            ? heldStrength(complex)
            : turningStrength(oscillating, layout.output, time);
        force = emitNudge(
          nudge,
          nudge.cost.argument === "state"
            ? `${slotOf(layout.output)}${layout.output.index}`
            : shown(layout.output),
          strength,
        );
      }
    },
    assign(out, expression) {
      /** States that others of their neuron still have to read, and where they wait meanwhile. */
      const waiting: PlannedPopulation[] = [];
      for (const p of looking) {
        const steps = flows(p, solver) ? expression : nextState;
        if (steps === nextState && out !== "u") continue;
        const here = renameField(p.field, "u", slotOf(p));
        const owner = layout.populations[p.state.of];
        const own = owner === layout.output && force !== null ? force : { force: number(0), bindings: {} };
        const full = substitute(steps(here, p.index), (name) => (name === "I_nudge" ? own.force : undefined));
        // What the neuron shows has just been computed: an update with rho or its slope in it need not do so
        // again.
        const known = seen.includes(p) && shown(p) === `r${p.index}`;
        const e = known ? replace(full, rename(p.rho, "u", slotOf(p)), symbol("rho")) : full;
        const waits = out === slotOf(p) && Object.keys(p.beside).length > 0;
        if (waits) waiting.push(p);
        const name = waits ? nextOf(p) : `${out}${p.index}`;
        b.buffer(name, p.population.size, complex);
        maps.map(p, name, e, {
          ...slots(p, complex),
          ...besides(p, slotOf(p), complex),
          ...own.bindings,
          rho: { buffer: `r${p.index}`, complex },
          I: driveOf(owner, complex),
          ...(owner.back.length > 0 && { I_back: { buffer: `b${owner.index}`, complex } }),
          xi: { noise: p.index },
          ...Object.fromEntries(REACH.map((name) => [name, { scalar: `${name}${p.index}` }])),
        });
      }
      for (const p of waiting)
        maps.map(p, `${out}${p.index}`, symbol("x"), { x: { buffer: nextOf(p), complex } });
    },
  });
}

/** Whether a solver integrates a population; else it is a map beside those that it does. */
const flows = ({ field }: PlannedPopulation, solver: Solver): boolean => field.kind === solver.kind;

/** Populations whose activities the updates of some populations read. */
function seenIn(layout: Layout, moving: readonly PlannedPopulation[], nudged: boolean): PlannedPopulation[] {
  const driving = seenBy(layout.populations, moving);
  return layout.populations.filter(
    (p) => driving.includes(p) || (nudged && p === layout.output && moving.includes(p)),
  );
}

/** Every slot that a solver may name, for one population. */
function slots(p: PlannedPopulation, complex: boolean): Bindings {
  return Object.fromEntries(
    ["u", "v", "k1", "k2", "k3", "k4", BASE, STIFFNESS].map((slot): [string, Binding] => [
      slot,
      { buffer: `${slot}${p.index}`, complex },
    ]),
  );
}

/** Where the other states of its neuron are. */
function besides(p: PlannedPopulation, slot: Slot, complex: boolean): Bindings {
  return Object.fromEntries(
    Object.entries(p.beside).map(([name, index]): [string, Binding] => [
      name,
      { buffer: `${slot}${index}`, complex },
    ]),
  );
}

/** The buffer in which the next state waits until all states of the neuron are known. */
const nextOf = ({ index }: PlannedPopulation): string => `n${index}`;

function driveOf(p: PlannedPopulation, complex: boolean): Binding {
  if (p.reads !== null) return { buffer: `j${p.index}` };
  return p.recurrent.length > 0 ? { buffer: `d${p.index}`, complex } : { buffer: `s${p.index}` };
}

/** mean += gate * value, after the step; the host opens the gate (1/steps) for the window to average over. */
export function emitMeans(maps: UnitMaps, layout: Layout, complex: boolean): void {
  const accumulate = (value: Expression): Expression => add(symbol("mean"), multiply(symbol("gate"), value));
  for (const p of layout.populations) {
    const bindings: Bindings = { gate: { scalar: "gate" }, u: { buffer: `u${p.index}`, complex } };
    maps.map(p, `mu${p.index}`, accumulate(symbol("u")), {
      ...bindings,
      mean: { buffer: `mu${p.index}`, complex },
    });
    maps.map(
      p,
      `mr${p.index}`,
      accumulate(p.rho),
      { ...bindings, mean: { buffer: `mr${p.index}`, complex } },
      complex,
      "rho",
    );
  }
}

/** Puts `by` in the place of every part that is `what`. */
function replace(e: Expression, what: Expression, by: Expression): Expression {
  const shared = new Shared();
  const found = shared.of(what);
  return rewrite(shared.of(e), (part) => (part === found ? by : part));
}

function rename(e: Expression, from: string, to: string): Expression {
  return substitute(e, (name) => (name === from ? symbol(to) : undefined));
}

function renameField(field: LocalField, from: string, to: string): LocalField {
  return {
    ...field,
    rate: rename(field.rate, from, to),
    diffusion: field.diffusion && rename(field.diffusion, from, to),
  };
}

/**
 * Emits a step in time of an implicit solver, as many of which as a row needs take it to the end of its phase. Each
 * row has a time and a step of its own, in buffers one wide: what populations are off by is summed through arrays of
 * ones, and what follows of it, keep or take back, is sent to all units through such arrays. Sweeps of a stage are not
 * iterated to the end: what the last one changed counts among the errors, so that a stage that does not settle makes
 * the step shorter. A row is done, and settled to its engine, when its step no longer turns `turn`.
 */
import {
  add,
  call,
  clip,
  divide,
  maximum,
  minimum,
  multiply,
  number,
  subtract,
  symbol,
  where,
  type Expression,
} from "../../equations/expression";
import type { Bindings } from "../../program/builder";
import { BASE, STIFFNESS, TABLEAU } from "../solvers/sdirk3";
import type { Solver } from "../solvers/solver";
import { emitUpdate, type StepTarget } from "./emit-step";
import { twoSets } from "./order";
import type { PlannedPopulation } from "./layout";

/** Sweeps of a stage. */
const SWEEPS = 2;
export const SWEEPS_OF_A_STEP = SWEEPS * TABLEAU.stages.length;
/** Of what the last of them changed, this is about what is still to come. */
const TO_COME = 0.3;
/** How much shorter, and longer, a step may become; and the share of what would just do that is tried. */
const [SHORTER, LONGER, CAREFUL] = [0.1, 8, 0.85];
/** Errors below are none: a row that rests may take any step. */
const NONE = 1e-8;
/** Of the phase, what is left once it is over; float32 tells no less. */
const OVER = 1e-6;

/** Scalars: the end of the phase, and what a step may be off by. */
export const [END, ALLOWED] = ["end", "allowed"];
/**
 * State buffers: the time of each row, the step it would take next, what turns until it is done, steps taken back, and
 * how fast it moves, all units together.
 */
export const [TIME, WANTED, TURN, BACK, SPEED] = ["time", "wanted", "turn", "back", "speed"];

/** Arrays of ones, by name; the host sets them. */
export type Ones = ReadonlyMap<string, number>;

export function emitImplicit(target: StepTarget, solver: Solver, dt: number): Ones {
  const { builder: b, layout, shape } = target;
  const { populations } = layout;
  const ones = new Map<string, number>();
  for (const name of [TIME, WANTED, BACK, SPEED]) b.stateBuffer(name, 1, false, false);
  b.stateBuffer(TURN, 1, false, true);
  for (const name of ["step", "inverse", "off", "ways", "kept"]) b.buffer(name, 1);
  const one = (out: string, e: Expression, names: readonly string[], scalars: readonly string[] = []): void =>
    b.map(out, e, {
      ...Object.fromEntries(names.map((name) => [name, { buffer: name }])),
      ...Object.fromEntries(scalars.map((name) => [name, { scalar: name }])),
    });
  const [time, wanted, end, step, off] = [TIME, WANTED, END, "step", "off"].map(symbol);
  one(
    "step",
    maximum(minimum(wanted, subtract(end, time)), multiply(number(1e-12), end)),
    [TIME, WANTED],
    [END],
  );
  one("inverse", divide(number(1), multiply(number(TABLEAU.gamma), step)), ["step"]);
  const each = (visit: (p: PlannedPopulation, name: (kind: string) => string) => void): void =>
    populations.forEach((p) => visit(p, (kind) => b.buffer(`${kind}${p.index}`, p.population.size)));
  const across = (from: string, p: PlannedPopulation, out: string): void => {
    const name = b.weight(`wide${p.population.size}`, 1, p.population.size);
    ones.set(name, p.population.size);
    b.project(out, undefined, [{ from, weights: name }]);
  };
  const sum = (
    terms: readonly (readonly [number, string])[],
    start: string | null,
  ): [Expression, Bindings] => [
    terms.reduce<Expression>(
      (e, [factor], k) => add(e, multiply(number(factor), symbol(`x${k}`))),
      start === null ? number(0) : symbol("start"),
    ),
    {
      ...Object.fromEntries(terms.map(([, buffer], k) => [`x${k}`, { buffer }])),
      ...(start !== null && { start: { buffer: start } }),
    },
  ];
  each((p, name) => {
    b.map(name("from"), symbol("x"), { x: { buffer: `u${p.index}` } });
    across("inverse", p, name(STIFFNESS));
  });
  const sets = shape.order === "alternate" ? twoSets(layout) : null;
  TABLEAU.stages.forEach((weights, stage) => {
    each((p, name) => {
      const ways = weights.map((w, k): [number, string] => [w, name(`way${k}_`)]);
      b.map(name(BASE), ...sum(ways, name("from")));
      // As fast as in the stage before.
      if (stage > 0) b.map(`u${p.index}`, ...sum([[1, name(`way${stage - 1}_`)]], name(BASE)));
    });
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      if (sweep === SWEEPS - 1)
        each((p, name) => b.map(name("last"), symbol("x"), { x: { buffer: `u${p.index}` } }));
      for (const moving of sets ?? [populations]) emitUpdate(target, moving, solver, dt);
    }
    each((p, name) => {
      const u = { buffer: `u${p.index}` };
      b.map(name(`way${stage}_`), subtract(symbol("u"), symbol("x")), { u, x: { buffer: name(BASE) } });
      const change = multiply(number(TO_COME), subtract(symbol("u"), symbol("x")));
      b.map(name(`late${stage}_`), multiply(change, change), { u, x: { buffer: name("last") } });
    });
  });
  each((_, name) => {
    const [error, bindings] = sum(
      TABLEAU.error.map((w, k): [number, string] => [w, name(`way${k}_`)]),
      null,
    );
    const late = [0, 1, 2].map((k) => symbol(`late${k}`)).reduce<Expression>(add, number(0));
    b.map(name("error"), add(multiply(error, error), late), {
      ...bindings,
      ...Object.fromEntries([0, 1, 2].map((k) => [`late${k}`, { buffer: name(`late${k}_`) }])),
    });
  });
  const together = (out: string, kind: string): void =>
    b.project(
      out,
      undefined,
      populations.map(({ index, population: { size } }) => {
        const weights = b.weight(`narrow${size}`, size, 1);
        ones.set(weights, size);
        return { from: `${kind}${index}`, weights };
      }),
    );
  together("off", "error");
  each((_, name) => {
    b.map(name("square"), multiply(symbol("x"), symbol("x")), { x: { buffer: name("way2_") } });
  });
  together("ways", "square");
  // Squares: the error of a step is of third order, so the step goes with the sixth root.
  one("off", maximum(multiply(off, symbol(ALLOWED)), number(NONE)), ["off"], [ALLOWED]);
  one("kept", where(below(off, number(1)), number(1), number(0)), ["off"]);
  const kept = below(number(0.5), symbol("kept"));
  const root = call("exp", multiply(number(-1 / (2 * TABLEAU.order)), call("log", off)));
  const factor = clip(multiply(number(CAREFUL), root), number(SHORTER), number(LONGER));
  const next = multiply(step, where(below(off, number(1e30)), factor, number(SHORTER)));
  // A step that the end cut short says nothing of the one that was wanted.
  one(WANTED, where(kept, maximum(next, where(below(step, wanted), wanted, number(0))), next), [
    WANTED,
    "step",
    "off",
    "kept",
  ]);
  one(TIME, where(kept, add(time, step), time), [TIME, "step", "kept"]);
  const speed = multiply(call("sqrt", symbol("ways")), symbol("inverse"));
  one(SPEED, where(kept, speed, symbol(SPEED)), [SPEED, "kept", "ways", "inverse"]);
  one(BACK, add(symbol(BACK), subtract(number(1), symbol("kept"))), [BACK, "kept"]);
  each((p, name) => {
    across("kept", p, name("keep"));
    const u = `u${p.index}`;
    b.map(u, where(below(number(0.5), symbol("keep")), symbol("u"), symbol("from")), {
      u: { buffer: u },
      keep: { buffer: name("keep") },
      from: { buffer: name("from") },
    });
  });
  const turn = symbol(TURN);
  const going = below(time, multiply(number(1 - OVER), end));
  one(TURN, where(going, subtract(number(1), turn), turn), [TURN, TIME], [END]);
  b.judging(() => one(TURN, turn, [TURN]));
  return ones;
}

const below = (left: Expression, right: Expression) => ({ comparison: "<" as const, left, right });

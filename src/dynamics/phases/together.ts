/**
 * Phases of a solver that solves for all units together. Near a fixed point nothing is quicker; from far away nothing
 * says that it ends: rows that are not there after some steps begin anew, with sweeps that always end.
 */
import type { Circuit } from "../../circuit/chip-types";
import type { Engine, Executable } from "../../engines/engine";
import { OhmletError } from "../../errors";
import type { PhasePrograms, Start } from "../chip-arrays/phase-programs";
import { twoSets } from "../lowering/order";
import type { PlanShape } from "../lowering/layout";
import { balance } from "../solvers/balance";
import type { Acceleration, UpdateOrder } from "../types";
import { advance, type Advance, type Advanced } from "./advance";
import { nudgesOf } from "./shape";

/** Steps after which Newton's method is given up. */
const PATIENCE = 60;
/** What is left of a row, in units of the state, that Newton's method has brought to where it was going. */
const NEAR = 1e-3;
/** Of the root of the tolerance: a step that is no longer mostly was the last. */
const SURE = 0.3;

/** @throws OhmletError DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION */
export function checkTogether(
  { name }: Circuit,
  engine: Engine,
  order: UpdateOrder,
  acceleration: Acceleration,
): void {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: name }, remedy });
  };
  if (engine.solves === undefined)
    fail(
      "DYN-SOLVER",
      `the newton solver does not run on ${engine.info.name}`,
      'use "reference", or "balance"',
    );
  if (order !== "synchronous")
    fail("DYN-ORDER", "the newton solver moves all populations at once", "leave the order out");
  if (acceleration !== "none")
    fail("DYN-ACCELERATION", "steps of the newton solver are not mixed", "leave the acceleration out");
}

interface Together extends Advance {
  readonly programs: PhasePrograms;
  readonly start: Start;
}

/** A phase, and the program that holds where it ended. */
export async function advanceTogether(
  a: Together,
): Promise<{ readonly exe: Executable; readonly shape: PlanShape; readonly advanced: Advanced }> {
  const { exe, request, shape, programs, layout, start } = a;
  const { steps, tolerance } = request;
  const first = await advance({
    ...a,
    // What a step leaves is about the square of what it changed.
    ...(tolerance !== undefined && { judgedFrom: SURE * Math.sqrt(tolerance) }),
    ...(tolerance !== undefined && { request: { ...request, steps: Math.min(steps, PATIENCE) } }),
  });
  // Rows that hardly move any more are as near as the engine's numbers tell.
  if (tolerance === undefined || steps <= PATIENCE || first.residuals.every((left) => left <= NEAR))
    return { exe, shape, advanced: first };
  const turns = {
    ...shape,
    order: twoSets(layout) === null ? ("synchronous" as const) : ("alternate" as const),
  };
  const swept = await programs.load(request, nudgesOf(request), turns, start, { solver: balance });
  const then = await advance({ ...a, exe: swept, shape: turns, acceleration: "auto" });
  const taken = (of: Int32Array | undefined): Int32Array | undefined =>
    of?.map((n, row) => n + (first.stepsOf?.[row] ?? 0));
  return {
    exe: swept,
    shape: turns,
    advanced: { ...then, steps: first.steps + then.steps, stepsOf: taken(then.stepsOf) },
  };
}

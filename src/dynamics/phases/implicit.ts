/**
 * A phase under an implicit solver: the program takes every row to the end by steps of its own length
 * (lowering/emit-implicit.ts); here is what it is told, and what is made of how it ended.
 */
import type { Executable } from "../../engines/engine";
import { ALLOWED, BACK, END, SPEED, SWEEPS_OF_A_STEP, TIME, TURN, WANTED } from "../lowering/emit-implicit";
import type { PlanShape } from "../lowering/layout";
import { most } from "./advance";
import type { AdaptiveOptions } from "./dormand-prince";
import type { Outcome } from "../types";

/** Of a phase, what the first step is. */
const FIRST = 1e-2;
/** Errors of a step that are allowed where nothing is said. */
const DEFAULT = { float64: 1e-6, float32: 1e-5 } as const;
/** Steps of a phase, rejected ones included. */
const MOST_STEPS = 100_000;

export interface Implicit {
  readonly exe: Executable;
  readonly shape: PlanShape;
  /** How long the phase lasts, internal units. */
  readonly time: number;
  readonly precision: "float64" | "float32";
  readonly options: AdaptiveOptions;
}

export interface ImplicitlyAdvanced {
  /** 1 for rows that did not reach the end. */
  readonly unfinished: Uint8Array;
  /** How fast each row moves at the end, internal units. */
  readonly speeds: Float64Array;
  readonly integration: NonNullable<Outcome["integration"]>;
}

export async function advanceImplicitly({
  exe,
  shape: { rows },
  time,
  precision,
  options: { relative, absolute, mostSteps = MOST_STEPS },
}: Implicit): Promise<ImplicitlyAdvanced> {
  const allowed = Math.max(relative ?? 0, absolute ?? 0) || DEFAULT[precision];
  exe.setScalar(END, time);
  exe.setScalar(ALLOWED, 1 / allowed ** 2);
  for (const name of [TIME, TURN, BACK, SPEED]) exe.clear(name);
  exe.write(WANTED, new Float64Array(rows).fill(FIRST * time));
  const { steps, residual } = await exe.settle({ steps: mostSteps, tolerance: 0.5, mixing: null });
  const taken = most(steps);
  const rejected = most(Int32Array.from(await exe.read(BACK)));
  return {
    speeds: await exe.read(SPEED),
    unfinished: Uint8Array.from(residual, (turned) => (turned <= 0.5 ? 0 : 1)),
    integration: { accepted: taken - rejected, rejected, evaluations: SWEEPS_OF_A_STEP * taken },
  };
}

/** How the phase ended, for rows that ran out of steps too. */
export function implicitOutcome(outcome: Outcome, { unfinished, integration }: ImplicitlyAdvanced): Outcome {
  const rows = [...unfinished.keys()].filter((row) => unfinished[row] === 1);
  if (rows.length === 0 || outcome.kind === "diverged") return { ...outcome, integration };
  return {
    ...outcome,
    integration,
    kind: "timedOut",
    rows,
    advice:
      `${integration.accepted + integration.rejected} steps did not reach the end: allow larger errors ` +
      "(adaptive: relative), or more steps (mostSteps); if that does not help, the field jumps",
  };
}

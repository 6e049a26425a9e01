/** How a linear flow is iterated until it settles: with which engine, how long, and what to do as it runs away. */
import { asOutcome } from "../../dynamics/describe";
import type { Outcome } from "../../dynamics/types";
import type { Engine } from "../../engines/engine";
import { createReference } from "../../engines/reference";
import type { Stop } from "../../errors";
import { check, optionsOf } from "../../options";
import type { ByPopulation } from "../drives";
import { LinearFlow, type Way } from "./linear-flow";
import type { Linearisation } from "./linearisation";

/** How long an error, or a push, is sent through the circuit, by which engine, and how hard each step pulls. */
export interface IterationOptions {
  /** Default: reference. The engine's precision bounds that of the answer. */
  readonly engine?: Engine;
  /** Largest number of steps. Default 2000. */
  readonly steps?: number;
  /**
   * Stop when a step changes nothing by more than this share of the largest first step. null: run all steps.
   * Default 1e-12, or 1e-6 where the engine computes in float32.
   */
  readonly tolerance?: number | null;
  /**
   * Factor on every step. Default: 1, halved and begun anew (down to 1/64) where the iteration runs away; and
   * past steps are mixed (Anderson).
   */
  readonly relaxation?: number;
  /** Looked at between steps. */
  readonly stop?: Stop;
}

export const readIteration = (name: string) =>
  optionsOf<IterationOptions>(name, {
    takes: {
      engine: check.anything,
      steps: check.whole(1),
      tolerance: check.either(check.positive, check.nothing),
      relaxation: check.positive,
      stop: check.anything,
    },
  });

/** What an iteration came to, and how it ended. */
export interface Iterated {
  /** [samples, size] by unclamped population; 0 at frozen units. */
  readonly values: ByPopulation;
  /** Steps count those of all relaxations tried; rows are the samples that did not settle. */
  readonly outcome: Outcome;
  readonly relaxation: number;
}

const SMALLEST_RELAXATION = 1 / 64;

/** The x of J x = -b, or J^T x = -b backwards, by iteration. */
export async function iterate(
  at: Linearisation,
  way: Way,
  push: ByPopulation,
  options: IterationOptions,
): Promise<Iterated> {
  const { engine = createReference(), steps = 2000, stop = engine.stop } = options;
  const precise = engine.info.precision === "float64";
  const { tolerance = precise ? 1e-12 : 1e-6 } = options;
  const mixing = options.relaxation === undefined;
  const flow = new LinearFlow(at, engine, way);
  try {
    let relaxation = options.relaxation ?? 1;
    let [spent, rowSteps] = [0, 0];
    for (;;) {
      const run = await flow.settle(push, { steps, tolerance, relaxation, mixing, stop });
      [spent, rowSteps] = [spent + run.steps, rowSteps + run.rowSteps];
      if (run.diverged && mixing && relaxation > SMALLEST_RELAXATION) {
        relaxation /= 2;
        continue;
      }
      const limit = tolerance ?? Infinity;
      const rows = [...run.residual.keys()].filter((row) => !(run.residual[row] <= limit));
      const kind = run.diverged
        ? "diverged"
        : tolerance === null
          ? "fixed"
          : rows.length > 0
            ? "timedOut"
            : "settled";
      const residual = run.residual.reduce((most, x) => Math.max(most, x), 0);
      const outcome = asOutcome({ kind, residual, steps: spent, rowSteps, rows, ...adviceFor(kind) });
      return { values: run.values, relaxation, outcome };
    }
  } finally {
    flow.dispose();
  }
}

function adviceFor(kind: Outcome["kind"]): { advice?: string } {
  if (kind === "diverged")
    return {
      advice:
        "what is sent through the circuit grows on its way: give a smaller relaxation, or check that the " +
        "free phase settled at a stable fixed point",
    };
  return kind === "timedOut" ? { advice: "what is asked for is not yet exact: allow more steps" } : {};
}

/** A run as an experiment: knobs and a seed in, measures of the trained chip out. */
import { runFrom, scheduleOf, type Run } from "../../config";
import { nodeOf } from "../../config/node";
import { OhmletError } from "../../errors";
import { train, type EpochReport } from "../../learning/train";
import type { Experiment, Measures, Point } from "../../robustness/weakest";
import { prepare } from "../training/context";
import { makeData, type TrainingData } from "../training/data";

export interface RunExperiment {
  /** Trains a chip of this seed with these knobs. The data are the same for all seeds. */
  readonly measure: Experiment;
  /** Builds the run at a point and trains nothing. @throws OhmletError of a knob or a value that the run does not take */
  check(point: Point): Promise<void>;
}

/** Most sets of data that are kept: a knob may be one of theirs. */
const KEPT = 4;

/**
 * @param folder of data that the user typed
 * @param onBatch called and waited for, so that signals come through
 */
export function experimentOf(run: Run, folder?: string, onBatch?: () => Promise<void>): RunExperiment {
  const data = new Map<string, Promise<TrainingData>>();
  const dataOf = (at: Run): Promise<TrainingData> => {
    const { data: asked } = at.config;
    // Drawn once: keyed by the run's own seed, not by the chip's.
    const key = JSON.stringify(asked);
    const found = data.get(key) ?? makeData({ ...at, config: { ...at.config, seed: run.config.seed } }, folder);
    if (data.size >= KEPT) data.clear();
    data.set(key, found);
    return found;
  };
  return {
    async check(point) {
      const at = turned(run, point, run.config.seed);
      (await prepare(at, await dataOf(at))).engine.dispose();
    },
    async measure(point, seed) {
      const at = turned(run, point, seed);
      const context = await prepare(at, await dataOf(at));
      try {
        return measuresOf(await lastEpoch(at, context, onBatch));
      } finally {
        context.engine.dispose();
      }
    },
  };
}

async function lastEpoch(run: Run, { chip, data, estimator, optimizer, rule, engine, dt, solver }: Awaited<ReturnType<typeof prepare>>, onBatch?: () => Promise<void>): Promise<EpochReport> {
  const { epochs, batch, order, acceleration, persistent, seed, probe, stop } = run.config;
  let last: EpochReport | undefined;
  for await (const report of train(chip, data, { estimator, optimizer, rule, engine, schedule: scheduleOf(run), epochs, batch, solver, dt, order, acceleration, persistent, seed, probe, ...stop, onBatch })) last = report;
  return last as EpochReport;
}

function measuresOf({ accuracy, cost, trainAccuracy, gradientCosine, aliasing, steps, residuals }: EpochReport): Measures {
  const cosines = Object.values(gradientCosine).filter((c) => c !== null);
  return {
    accuracy, trainAccuracy, cost, aliasing,
    cosine: cosines.length === 0 ? null : cosines.reduce((sum, c) => sum + c, 0) / cosines.length,
    settleSteps: steps[0] ?? null,
    residual: residuals[0] ?? null,
  };
}

/** The run with its knobs turned, read anew so that every value is checked. */
function turned({ config, context }: Run, point: Point, seed: number): Run {
  // By way of JSON: a config is plain data, and nothing of the original is touched.
  const data = JSON.parse(JSON.stringify({ ...config, seed, chip: { seed } })) as Tree;
  if (data.circuit === "nonideal") data.circuit = { topology: "nonideal" };
  for (const [knob, value] of Object.entries(point)) turn(data, knob, value);
  return runFrom(nodeOf(data), context.source, context.readBeside);
}

interface Tree {
  [key: string]: unknown;
}

function turn(data: Tree, knob: string, value: number | string): void {
  if (knob === "seed" || knob === "chip.seed") throw unreachable(knob, "seed");
  const path = knob.split(".");
  const last = path.pop() as string;
  let at = data;
  for (const key of path) {
    expectPart(at, key, knob);
    // What is not there yet is made; whether it may be there is for the schema to say.
    const next = Object.hasOwn(at, key) ? at[key] : (at[key] = {});
    if (typeof next !== "object" || next === null) throw unreachable(knob, key);
    at = next as Tree;
  }
  expectPart(at, last, knob);
  at[last] = value;
}

/** A key of a map, or a place of a list that is there: never a list's length, never a prototype. */
function expectPart(at: Tree, key: string, knob: string): void {
  const fits = Array.isArray(at) ? /^\d+$/.test(key) && Object.hasOwn(at, key) : key !== "__proto__";
  if (!fits) throw unreachable(knob, key);
}

function unreachable(knob: string, key: string): OhmletError {
  return new OhmletError({ code: "WEAKEST-KNOB", fact: key === "seed" ? "seeds vote, they are no knob" : `"${key}" is no part of this run that can be turned`, place: { where: knob }, remedy: "name a setting of the run by its keys: circuit.angle, estimator.amplitude" });
}

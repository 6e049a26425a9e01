/** Trainings of an experiment: each in a run folder of its own, begun, gone on with or opened; and how they settle. */
import { existsSync } from "node:fs";
import { estimatorOf, timeStepOf } from "../config";
import { Simulator } from "../dynamics/simulator";
import type { Engine } from "../engines/engine";
import { Stopped, type Stop } from "../errors";
import { take } from "../data/dataset";
import { labelledBatches } from "../learning/batches";
import { openRun, resumeRun, trainInto, type OpenedRun, type RunConfig } from "../runs";
import type { Telling } from "../runs/listener";
import { readRecord, runOfRecord } from "../runs/training/record";
import type { BenchData } from "./experiment";

/** Samples whose phases are looked at. */
const LOOKED = 50;
/** A phase is settled when no unit moves by more; a nudged one, than this share of how far the nudge moved it. */
const SETTLED = 1e-2;

/**
 * The training of a config in a folder, whole.
 * @param data folder of the data, where they are read from files
 * @throws Stopped; OhmletError of a training: the folder then says what it failed with, and stays
 */
export async function trainedIn(
  folder: string,
  config: RunConfig,
  data: string | undefined,
  listener: Partial<Telling>,
  signal: Stop,
): Promise<OpenedRun> {
  const options = { data, listener, signal };
  let run: OpenedRun;
  if (!existsSync(folder)) run = await trainInto(folder, config, { ...options, command: "ohmlet reproduce" });
  else {
    run = await openRun(folder);
    if (run.outcome !== "done") run = await resumeRun(folder, options);
  }
  if (run.outcome !== "done") throw new Stopped();
  return run;
}

/** Share of nudged phases of a trained chip that do not settle in their steps; null of what has none. */
export async function unsettledShare(
  path: string,
  { chip }: OpenedRun,
  data: BenchData,
  engine: Engine,
): Promise<number | null> {
  const run = await runOfRecord(readRecord(path));
  const estimator = estimatorOf(run);
  const { free, nudged, plan } = estimator;
  if (plan === undefined || free.freeSteps === undefined || nudged.nudgedSteps === undefined) return null;
  const { solver, order, acceleration } = run.config;
  const dt = timeStepOf(run, chip.circuit);
  const simulator = new Simulator(chip, engine, {
    solver,
    dt: dt === "auto" ? undefined : dt,
    order,
    acceleration,
  });
  try {
    const [batch] = [...labelledBatches(chip.circuit, take(data.train, LOOKED), { size: LOOKED })];
    const { samples, inputs, targets } = batch;
    const tolerance = Math.max(free.tolerance ?? 0, SETTLED);
    const rest = await simulator.phase({ samples, inputs, steps: free.freeSteps, tolerance });
    const { ends } = await simulator.phase({
      samples,
      inputs,
      targets,
      nudges: plan({ round: 0, seed: 0 }).nudges,
      from: rest.states,
      steps: nudged.nudgedSteps,
      tolerance,
    });
    return ends.filter((end) => end !== "settled").length / ends.length;
  } finally {
    simulator.dispose();
  }
}

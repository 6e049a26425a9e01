/** Carries a run out, from its beginning or from a checkpoint, and keeps its folder up to date on the way. */
import { setImmediate } from "node:timers/promises";
import { scheduleOf } from "../../config";
import { OhmletError } from "../../errors";
import { dropCheckpoint, keepCheckpoint } from "../../io/checkpoint-files";
import type { RunFolder } from "../../io/run-folder";
import type { RunLock } from "../../io/run-lock";
import type { Checkpoint } from "../../learning/checkpoint/checkpoint";
import { train, type EpochReport } from "../../learning/train";
import { linesWithin } from "../../printable";
import type { Io } from "../io";
import { resumeCommand } from "../shell";
import type { RunContext } from "./context";
import { curve, line, weightsOf } from "./curves";
import { mistakesOf } from "./mistakes";
import type { RunAbout } from "./about";
import { buildReport, type ReportParts } from "./report";

/** Milliseconds between looks whether the folder is still there and ours. */
const LOOK = 1000;
/** Faults after which nothing more is written: the folder is another's, is gone, or leads somewhere else. */
const NO_LONGER_OURS = ["RUN-BUSY", "RUN-LOST", "IO-GONE", "IO-LINK"];

export interface Undertaking {
  readonly context: RunContext;
  readonly folder: RunFolder;
  readonly lock: RunLock;
  /** What run.json says of the run as a whole. */
  readonly about: RunAbout;
  /** Folder of the data that this command read, for the command that goes on. */
  readonly data?: string;
  /** Where to go on, the epochs before, and what is done to the folder once the checkpoint is restored. */
  readonly from?: {
    readonly checkpoint: Checkpoint | null;
    readonly epochs: readonly EpochReport[];
    readonly begin: () => void;
  };
}

/** @returns the exit code; @throws OhmletError of a run that diverged, a disk that is full, … */
export async function carryOut(
  { context, folder, lock, about, data: place, from }: Undertaking,
  io: Io,
): Promise<number> {
  const {
    run: { config },
    chip,
    data,
    estimator,
    optimizer,
    rule,
    engine,
    dt,
    solver,
  } = context;
  const began = Date.now();
  io.print(
    `${chip.circuit.name} on ${data.train.name}: ${data.train.samples} training and ` +
      `${data.test.samples} test samples, ${estimator.name} nudges, ${engine.info.name}`,
  );
  if (engine.info.fallbackReason !== undefined)
    io.note(`${engine.info.name}, since ${engine.info.fallbackReason}`);
  const epochs: EpochReport[] = [...(from?.epochs ?? [])];
  const finish = (outcome: string, error?: unknown): object => {
    const last = epochs.at(-1);
    const run = {
      ...about,
      outcome,
      finished: new Date().toISOString(),
      seconds: (Date.now() - began) / 1000,
      ...(error === undefined ? {} : { error }),
      result:
        last === undefined
          ? null
          : {
              epochs: epochs.length,
              testAccuracy: last.accuracy,
              trainAccuracy: last.trainAccuracy,
              testCost: last.cost,
              gradientCosine: last.gradientCosine,
              ...(last.chipSeconds !== null && { chipSeconds: last.chipSeconds.training }),
              ...(last.stopped !== undefined && { stopped: last.stopped }),
            },
      warnings: last?.warnings ?? [],
    };
    folder.json("run.json", run);
    return run;
  };
  const reports = (): boolean => epochs.length > 0 && about.outputs.report;
  const writePage = async (
    parts: Pick<ReportParts, "trained" | "outcome" | "failure" | "mistakes">,
  ): Promise<string> => {
    const { reportHtml } = await import("../../plot/report");
    folder.text(
      "report.html",
      reportHtml(buildReport({ run: context.run, chip, estimator, dt, about, ...parts }, epochs)),
    );
    return `${folder.path}/report.html`;
  };
  const progress = io.progress();
  io.interruption();
  const passes = config.epochs;
  let begun = from === undefined;
  let looked = performance.now();
  try {
    progress.update(0, "first batch");
    const steps = train(chip, data, {
      estimator,
      optimizer,
      rule,
      engine,
      schedule: scheduleOf(context.run),
      epochs: passes,
      batch: config.batch,
      solver,
      dt,
      order: config.order,
      acceleration: config.acceleration,
      reads: config.reads,
      persistent: config.persistent,
      seed: config.seed,
      probe: config.probe,
      ...config.stop,
      signal: io.stop,
      checkpointEvery: config.checkpointEvery,
      resume: from?.checkpoint ?? undefined,
      onStart: () => {
        from?.begin();
        begun = true;
      },
      onCheckpoint: ({ identity, position, arrays }) =>
        keepCheckpoint(
          folder,
          { ohmlet: about.ohmlet, identity, position },
          Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, data: values }] as const),
        ),
      onBatch: async ({ epoch, batch, batches, cost }) => {
        // Of a folder that was removed or taken, a long epoch should not end in vain.
        if (performance.now() - looked > LOOK) {
          lock.check();
          looked = performance.now();
        }
        progress.update(
          (epoch - 1 + batch / batches) / passes,
          `epoch ${epoch} of ${passes}, batch ${batch} of ${batches}, cost ${cost.toPrecision(3)}`,
        );
        await setImmediate(); // lets a signal come through
      },
    });
    for await (const report of steps) {
      epochs.push(report);
      folder.event({ type: "epoch", ...report });
      folder.row("curves.csv", curve(report));
      if (about.outputs.weights) folder.bytes("weights.npz", weightsOf(chip));
      io.print(line(report, passes));
    }
    progress.end();
    const over = epochs.length === passes || epochs.at(-1)?.stopped !== undefined;
    let page: string | null = null;
    if (reports()) {
      const mistakes = over ? await mistakesOf(context) : null;
      if (mistakes !== null) folder.json("mistakes.json", mistakes);
      page = await writePage({ trained: true, outcome: over ? "done" : "interrupted", mistakes });
    }
    const run = finish(over ? "done" : "interrupted");
    if (over) dropCheckpoint(folder);
    for (const warning of epochs.at(-1)?.warnings ?? []) io.note(`${warning.code}  ${warning.text}`);
    if (epochs.at(-1)?.stopped !== undefined)
      io.note(
        `stopped after epoch ${epochs.length}: ` +
          `${epochs.at(-1)?.stopped === "target" ? "the target is reached" : "the test accuracy no longer grows"}`,
      );
    if (!over) io.note(`to go on:  ${resumeCommand(io.program, folder.path, place)}`);
    io.print(page ?? folder.path);
    io.emit({ folder: folder.path, ...run });
    return over ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!begun) throw error; // the checkpoint was refused: what is in the folder stays as it is
    const told = error instanceof OhmletError ? error.toJSON() : String(error);
    if (error instanceof OhmletError && NO_LONGER_OURS.includes(error.code)) throw error;
    finish("failed", told);
    folder.event({ type: "failed", error: told });
    if (reports()) {
      const failure = typeof told === "string" ? told : told.fact;
      const said = await writePage({ trained: false, outcome: "failed", failure, mistakes: null }).then(
        (page) => `what it came to:  ${page}`,
        (fault: unknown) =>
          `and its report was not written: ${fault instanceof Error ? fault.message : String(fault)}`,
      );
      io.note(...linesWithin(said));
    }
    throw error;
  } finally {
    lock.release();
    engine.dispose();
  }
}

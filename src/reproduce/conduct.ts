/** Carries an experiment out: parts that have not ended yet, one after another; lines and a report at the end. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../engines/engine";
import { createEngine, type AnyEngineName } from "../engines/select";
import { OhmletError, Stopped } from "../errors";
import { printableJson } from "../printable";
import { makeFolder } from "../io/make-folder";
import type { Listener, Progress } from "../runs/listener";
import { version } from "../runs/version";
import { writeReport } from "../runs/write-report";
import { dataOf, type FoundData } from "./data";
import type { Bench, BudgetName, Experiment, Part, Planned } from "./experiment";
import { openReproduction, tasksOf, type Asked, type ReproductionFolder } from "./folder";
import type { Task } from "./journal";
import { linesOf, type Ended, type QuantityLine } from "./quantities";
import { reproductionReport } from "./report";
import { textOf } from "./text";
import { trainedIn, unsettledShare } from "./training";

/** How an experiment is run. */
export interface Conducting {
  readonly budget: BudgetName;
  readonly seed: number;
  /** In place of the experiment's. */
  readonly engine?: string;
  /** Folder of its data. */
  readonly data?: string;
  /** The folder: made where it is not there, gone on with where it is. */
  readonly out: string;
  /** What was typed, for the report. */
  readonly command: string;
  /** In place of the budget's settings. */
  readonly planned?: Planned;
}

/** What it came to. */
export interface ReproductionEnd {
  readonly outcome: "done" | "interrupted";
  readonly folder: string;
  readonly lines: readonly QuantityLine[];
  /** Parts that failed. */
  readonly failed: number;
}

/** Faults after which the folder is not ours to go on with, or which are no result. */
const LOST = ["RUN-BUSY", "RUN-LOST", "IO-GONE", "IO-LINK"];

/**
 * @throws OhmletError REPRODUCE-…, those of the data, the engine and the folder. What a part fails with is kept
 *   in its folder, and told.
 */
export async function conduct(
  experiment: Experiment,
  asked: Conducting,
  listener: Listener,
): Promise<ReproductionEnd> {
  const { budget, seed } = asked;
  const planned = asked.planned ?? experiment.plan(budget);
  const data = dataOf(experiment, asked.data);
  const name = (asked.engine ?? experiment.engine) as AnyEngineName;
  const engine = await createEngine(name, { stop: listener.stop });
  const reference = await createEngine("reference", { stop: listener.stop });
  try {
    const about = { experiment: experiment.name, budget, seed };
    const record: Asked = { ...about, engine: engine.info.name, data: data.fingerprint };
    const folder = openReproduction(asked.out, record, planned, await version());
    try {
      const left = tasksOf(planned, seed).filter(
        ({ part, seed: at }) => !folder.ended.some((one) => one.part === part && one.seed === at),
      );
      if (folder.ended.length > 0)
        listener.note(
          `${folder.ended.length} of ${folder.ended.length + left.length} parts are known already`,
        );
      const whole = await runParts(left, { planned, folder, data, asked, engine, reference, name }, listener);
      const lines = linesOf(about, planned, folder.ended);
      if (!whole) {
        listener.note(`stopped; the same command goes on:  ${asked.command}`);
        return { outcome: "interrupted", folder: asked.out, lines, failed: 0 };
      }
      await finish(experiment, planned, { folder, lines, data, asked }, listener);
      const failed = folder.ended.filter(({ fault }) => fault !== undefined).length;
      return { outcome: "done", folder: asked.out, lines, failed };
    } finally {
      folder.lock.release();
    }
  } finally {
    engine.dispose();
    reference.dispose();
  }
}

interface Work {
  readonly planned: Planned;
  readonly folder: ReproductionFolder;
  readonly data: FoundData;
  readonly asked: Conducting;
  readonly engine: Engine;
  readonly reference: Engine;
  /** Of the engine, as it was asked for. */
  readonly name: AnyEngineName;
}

/** @returns whether all have ended */
async function runParts(left: readonly Task[], work: Work, listener: Listener): Promise<boolean> {
  const { planned, folder } = work;
  const weightOf = ({ part }: Task): number => partOf(planned, part).weight;
  const all = left.reduce((sum, task) => sum + weightOf(task), 0);
  const progress = listener.progress();
  listener.interruption();
  let done = 0;
  try {
    for (const task of left) {
      if (listener.stop.aborted) return false;
      const weight = weightOf(task);
      const tell = (fraction: number, text: string): void => {
        folder.lock.check();
        progress.update((done + weight * fraction) / all, `${task.part}, seed ${task.seed}: ${text}`);
      };
      tell(0, "begins");
      await setImmediate(); // lets a signal come through
      const ended = await runPart(task, work, tell, listener);
      if (ended === null) return false;
      folder.keep(ended);
      done += weight;
      if (ended.fault !== undefined)
        listener.note(`${ended.fault.code}  ${task.part}, seed ${task.seed}: ${ended.fault.fact}`);
    }
    return true;
  } finally {
    progress.end();
  }
}

const partOf = ({ parts }: Planned, name: string): Part => parts.find((part) => part.name === name) as Part;

/** One part; null where it was stopped. What it fails with is how it ended. */
async function runPart(
  { part, seed }: Task,
  { planned, folder, data, asked, engine, reference, name }: Work,
  tell: Progress["update"],
  listener: Listener,
): Promise<Ended | null> {
  const began = performance.now();
  let trained = 0;
  const bench: Bench = {
    seed,
    engine,
    reference,
    data: data.sets,
    stop: listener.stop,
    tell,
    async train(label, config) {
      const root = join(folder.path, "trainings");
      makeFolder(root);
      const path = join(root, `${label.replace(/[^A-Za-z0-9_.-]+/g, "-")}-seed${seed}`);
      const heard = {
        program: listener.program,
        progress: () => ({ update: tell, end: () => {} }),
      };
      const since = performance.now();
      const run = await trainedIn(path, { engine: name, ...config, seed }, asked.data, heard, listener.stop);
      // Of epochs that another command trained, too.
      const spent = run.epochs.reduce((sum, { seconds }) => sum + seconds.training + seconds.testing, 0);
      trained += Math.max(0, spent - (performance.now() - since) / 1000);
      const unsettled = await unsettledShare(path, run, data.sets, engine);
      return { run, unsettled, data: data.sets };
    },
  };
  const secondsNow = (): number => Number(((performance.now() - began) / 1000 + trained).toFixed(2));
  try {
    const finding = await partOf(planned, part).run(bench);
    const ran = finding.engine ?? engine.info.name;
    return { part, seed, seconds: secondsNow(), engine: ran, finding };
  } catch (error) {
    if (error instanceof Stopped || listener.stop.aborted) return null;
    if (!(error instanceof OhmletError) || error.category !== "run" || LOST.includes(error.code)) throw error;
    const fault = { code: error.code, fact: error.fact };
    return { part, seed, seconds: secondsNow(), engine: engine.info.name, fault };
  }
}

async function finish(
  experiment: Experiment,
  planned: Planned,
  {
    folder,
    lines,
    data,
    asked,
  }: Pick<Work, "folder" | "data" | "asked"> & { readonly lines: readonly QuantityLine[] },
  listener: Listener,
): Promise<void> {
  folder.files.text("quantities.jsonl", lines.map((line) => `${printableJson(line)}\n`).join(""));
  const report = reproductionReport(experiment, planned, {
    lines,
    ended: folder.ended,
    data: data.told,
    command: asked.command,
    ohmlet: await version(),
  });
  await writeReport(folder.files, report);
  listener.print(...textOf(experiment, lines), "", `report: ${join(folder.path, "report.html")}`);
  for (const sentence of planned.budget.differs) listener.note(`differs from the paper: ${sentence}`);
  listener.note(`data: ${data.told}`);
}

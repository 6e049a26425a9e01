/** Runs a training from its config: data, chip, engine, epochs, and the run folder that tells of them. */
import type { Chip } from "../../circuit/chip-types";
import { circuitOf, estimatorOf, located, nodeAt, optimizerOf, resolvedConfig, ruleOf, scheduleOf, timeStepOf, writeConfig, type Run } from "../../config";
import { OhmletError } from "../../errors";
import type { Engine } from "../../engines/engine";
import { createEngine } from "../../engines/select";
import { createRunFolder } from "../../io/run-folder";
import { writeNpz } from "../../io/npz";
import { Simulator } from "../../dynamics/simulator";
import { checkTraining, train, type EpochReport } from "../../learning/train";
import type { Io } from "../io";
import { version } from "../version";
import type { RunContext } from "./context";
import { makeData } from "./data";
import { buildReport } from "./report";

/** Where a run's data are and its folder goes, where the user says so. */
export interface Places {
  readonly data?: string;
  readonly out: string;
}

/** @returns the exit code; @throws OhmletError of the config, the data, the circuit, the engine or a run that diverged */
export async function runTraining(given: Run, places: Places, io: Io): Promise<number> {
  const data = await makeData(given, places.data);
  const { config } = given;
  const chipSeed = config.chip?.seed ?? config.seed;
  const circuit = circuitOf(given, [data.train.features, 32, data.train.classes]);
  const chip = circuit.fabricate({ seed: chipSeed });
  const [estimator, optimizer, rule, dt] = [estimatorOf(given), optimizerOf(given, circuit), ruleOf(given, circuit), timeStepOf(given, circuit)];
  const engine = await createEngine(config.engine).catch((error: unknown) => Promise.reject(located(error, nodeAt(given.context, config, "engine"))));
  const { solver, order, acceleration, epochs: passes } = config;
  const chosen = pointing(given, () => {
    checkTraining(chip, data, engine, { estimator, solver, dt, order, acceleration });
    return new Simulator(chip, engine, { solver, dt, order, acceleration }).solver;
  });
  const { outputs } = config;
  const label = (config.name ?? "train").replace(/[^A-Za-z0-9_.-]+/g, "-");
  const folder = createRunFolder(places.out, `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-${label}-seed${config.seed}`);
  const command = [io.program, ...process.argv.slice(2)].join(" ");
  const started = new Date();
  const about = {
    ohmlet: await version(), node: process.version, platform: `${process.platform} ${process.arch}`,
    command, started: started.toISOString(), seed: config.seed, circuit: chip.circuit.name, data: { train: `${data.train.name}, ${data.train.samples}`, test: `${data.test.name}, ${data.test.samples}` },
    estimator: { name: estimator.name, ...estimator.settings }, rule: rule.name,
  };
  folder.json("config.json", { ...config, design: chip.circuit.spec });
  const resolved = resolvedConfig(given, circuit, { chipSeed, dt, rule: rule.name, solver: chosen, engine: engine.info.name, train: data.train.samples, test: data.test.samples });
  folder.text("config.yaml", writeConfig(resolved, ["Everything that was decided for this run: `ohmlet train` on this file runs it again.", ...(config.data.kind === "folder" ? [`The data were ${data.train.name}; name their folder with --data.`] : [])]));
  folder.json("run.json", { ...about, outcome: "running" });
  io.print(`${chip.circuit.name} on ${data.train.name}: ${data.train.samples} training and ${data.test.samples} test samples, ${estimator.name} nudges, ${engine.info.name}`);
  const epochs: EpochReport[] = [];
  const finish = (outcome: string, error?: unknown): object => {
    const last = epochs.at(-1);
    const run = {
      ...about, engine: engine.info, outcome, finished: new Date().toISOString(), seconds: (Date.now() - started.getTime()) / 1000,
      ...(error === undefined ? {} : { error }),
      result: last === undefined ? null : { epochs: epochs.length, testAccuracy: last.accuracy, trainAccuracy: last.trainAccuracy, testCost: last.cost, gradientCosine: last.gradientCosine },
      warnings: last?.warnings ?? [],
    };
    folder.json("run.json", run);
    return run;
  };
  const progress = io.progress();
  const stop = io.interruption();
  try {
    progress.update(0, "first batch");
    const steps = train(chip, data, {
      estimator, optimizer, rule, engine, schedule: scheduleOf(given), epochs: passes, batch: config.batch, solver, dt, order, acceleration, persistent: config.persistent, seed: config.seed, probe: config.probe, signal: stop,
      onBatch: ({ epoch, batch, batches, cost }) => progress.update((epoch - 1 + batch / batches) / passes, `epoch ${epoch} of ${passes}, batch ${batch} of ${batches}, cost ${cost.toPrecision(3)}`),
    });
    for await (const report of steps) {
      epochs.push(report);
      folder.event({ type: "epoch", ...report });
      folder.row("curves.csv", curve(report));
      if (outputs?.weights !== false) folder.bytes("weights.npz", weightsOf(chip));
      io.print(line(report, passes));
    }
  } catch (error) {
    progress.end();
    finish("failed", error instanceof OhmletError ? error.toJSON() : String(error));
    folder.event({ type: "failed", error: error instanceof OhmletError ? error.toJSON() : String(error) });
    throw error;
  }
  progress.end();
  const run = finish(stop.aborted ? "interrupted" : "done");
  if (outputs?.report !== false) await writeReport({ run: given, chip, data, estimator, dt, folder, command }, epochs, engine);
  engine.dispose();
  for (const warning of epochs.at(-1)?.warnings ?? []) io.note(`${warning.code}  ${warning.text}`);
  io.print(outputs?.report === false ? folder.path : `${folder.path}/report.html`);
  io.emit({ folder: folder.path, ...run });
  return stop.aborted ? 1 : 0;
}

/** The keys of a config that the codes of what does not fit together speak of. */
const KEYS: Readonly<Record<string, keyof Run["config"]>> = { "DYN-SOLVER": "solver", "DYN-STEP": "dt", "DYN-ORDER": "order", "DYN-ACCELERATION": "acceleration", "LEARN-SHORT": "estimator", "DATA-SHAPE": "circuit", "EQ-HOLOMORPHIC": "estimator" };

function pointing<T>({ config, context }: Run, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const key = error instanceof OhmletError && Object.hasOwn(KEYS, error.code) ? KEYS[error.code] : undefined;
    throw key === undefined ? error : located(error, nodeAt(context, config, key));
  }
}

async function writeReport(context: RunContext, epochs: readonly EpochReport[], engine: Engine): Promise<void> {
  if (epochs.length === 0) return;
  const { reportHtml } = await import("../../plot");
  context.folder.text("report.html", reportHtml(await buildReport(context, epochs, engine)));
}

/** One line of curves.csv. */
function curve(r: EpochReport): Record<string, number | null> {
  return {
    epoch: r.epoch,
    test_accuracy: r.accuracy,
    train_accuracy: r.trainAccuracy,
    test_cost: r.cost,
    train_cost: r.trainCost,
    ...Object.fromEntries(Object.entries(r.gradientCosine).map(([name, cosine]) => [`cosine_${name}`, cosine])),
    aliasing: r.aliasing,
    ...Object.fromEntries(r.residuals.map((residual, k) => [`residual_phase${k + 1}`, residual])),
    training_seconds: r.seconds.training,
    testing_seconds: r.seconds.testing,
  };
}

function weightsOf(chip: Chip): Uint8Array {
  return writeNpz(Object.entries(chip.arrays()).map(([name, { shape, values }]) => [name, { shape, data: values }] as const));
}

function line({ epoch, accuracy, trainAccuracy, trainCost, gradientCosine, seconds }: EpochReport, epochs: number): string {
  const cosines = Object.entries(gradientCosine).map(([name, c]) => `${name} ${c === null ? "none" : c.toFixed(2)}`).join(", ");
  return `epoch ${epoch}/${epochs}  test ${(100 * accuracy).toFixed(1)} %  train ${(100 * trainAccuracy).toFixed(1)} %  cost ${trainCost.toFixed(4)}${cosines ? `  cosine to the true error: ${cosines}` : ""}  ${(seconds.training + seconds.testing).toFixed(1)} s`;
}

/** Runs a training from its config: data, chip, engine, epochs, and the run folder that tells of them. */
import type { Chip } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import { createEngine } from "../../engines/select";
import { createRunFolder } from "../../io/run-folder";
import { writeNpz } from "../../io/npz";
import { checkTraining, train, type EpochReport } from "../../learning/train";
import type { Io } from "../io";
import { version } from "../version";
import { makeCircuit, makeData, makeEstimator, makeOptimizer, makeSchedule, type TrainConfig } from "./config";
import type { RunContext } from "./context";
import { buildReport } from "./report";

/** @returns the exit code; @throws OhmletError of the data, the circuit, the engine or a run that diverged */
export async function runTraining(given: TrainConfig, out: string, io: Io): Promise<number> {
  const data = await makeData(given);
  const sizes = given.circuit.sizes.length > 0 ? given.circuit.sizes : [data.train.features, 32, data.train.classes];
  const config: TrainConfig = { ...given, circuit: { ...given.circuit, sizes } };
  const chip = (await makeCircuit(config, sizes)).fabricate({ seed: config.seed });
  const [estimator, optimizer, engine] = [await makeEstimator(config), await makeOptimizer(config, chip.circuit), await createEngine(config.engine)];
  checkTraining(chip, data, engine, { estimator, dt: config.dt });
  const folder = createRunFolder(out, `${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}-train-seed${config.seed}`);
  const command = [io.program, ...process.argv.slice(2)].join(" ");
  const started = new Date();
  const about = {
    ohmlet: await version(), node: process.version, platform: `${process.platform} ${process.arch}`,
    command, started: started.toISOString(), seed: config.seed, circuit: chip.circuit.name, data: { train: `${data.train.name}, ${data.train.samples}`, test: `${data.test.name}, ${data.test.samples}` },
    estimator: { name: estimator.name, ...estimator.settings },
  };
  folder.json("config.json", { ...config, design: chip.circuit.spec });
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
      estimator, optimizer, engine, schedule: await makeSchedule(config), epochs: config.epochs, batch: config.batch, dt: config.dt, seed: config.seed, probe: config.probe, signal: stop,
      onBatch: ({ epoch, batch, batches, cost }) => progress.update((epoch - 1 + batch / batches) / config.epochs, `epoch ${epoch} of ${config.epochs}, batch ${batch} of ${batches}, cost ${cost.toPrecision(3)}`),
    });
    for await (const report of steps) {
      epochs.push(report);
      folder.event({ type: "epoch", ...report });
      folder.row("curves.csv", curve(report));
      folder.bytes("weights.npz", weightsOf(chip));
      io.print(line(report, config.epochs));
    }
  } catch (error) {
    progress.end();
    finish("failed", error instanceof OhmletError ? error.toJSON() : String(error));
    folder.event({ type: "failed", error: error instanceof OhmletError ? error.toJSON() : String(error) });
    throw error;
  }
  progress.end();
  const run = finish(stop.aborted ? "interrupted" : "done");
  await writeReport({ config, chip, data, folder, command }, epochs, engine, estimator);
  engine.dispose();
  for (const warning of epochs.at(-1)?.warnings ?? []) io.note(`${warning.code}  ${warning.text}`);
  io.print(`${folder.path}/report.html`);
  io.emit({ folder: folder.path, ...run });
  return stop.aborted ? 1 : 0;
}

async function writeReport(context: RunContext, epochs: readonly EpochReport[], engine: Parameters<typeof buildReport>[2], estimator: Parameters<typeof buildReport>[3]): Promise<void> {
  if (epochs.length === 0) return;
  const { reportHtml } = await import("../../plot");
  context.folder.text("report.html", reportHtml(await buildReport(context, epochs, engine, estimator)));
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

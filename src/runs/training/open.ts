/** A run's folder, opened: its config, its chip with the weights that it kept, its epochs and its report. */
import { chipSeedOf } from "../../config/chip-seed";
import { energyIn, type RunEnergy } from "../ledger-record";
import { asEpochReport } from "../../learning/epoch-report";
import { join } from "node:path";
import type { Chip } from "../../circuit/chip-types";
import {
  circuitOf,
  estimatorOf,
  initializedOf,
  timeStepOf,
  type Run,
  type CompleteRunConfig,
} from "../../config";
import { count, percent, printsItself, type Describe } from "../../display";
import { readBounded, readBoundedJson } from "../../io/bounded";
import { largestNpz, readNpz } from "../../io/npz";
import { check, expectValue } from "../../options";
import { columns } from "../../printable";
import type { ForwardNet } from "../../learning/initialized";
import type { EpochReport } from "../../learning/train";
import { asReport } from "../../plot/print-report";
import type { Report } from "../../plot/report-types";
import type { RunAbout } from "./about";
import { curve } from "./curves";
import { bestOf } from "./compared";
import { FORWARD_WEIGHTS } from "./forward-weights";
import { readMistakes, type Mistakes } from "./mistakes";
import { expectEpochs, readEpochs, readRecord, runOfRecord, type RunOutcome, type RunRecord } from "./record";
import { buildReport } from "./report";

const LARGEST_MISTAKES = 2 ** 25;
const LARGEST_LEDGER = 2 ** 16;

/** A training run as its folder has it. Nothing is trained and no data are read. */
export interface OpenedRun {
  /** The folder, as it was named. */
  readonly path: string;
  /** "running" also of a run that was killed. */
  readonly outcome: RunOutcome;
  /**
   * What run.json says from the beginning on: versions, seed, engine, data, time step (SI, or dimensionless).
   */
  readonly about: RunAbout;
  /** Everything that was decided for the run, as in config.yaml. */
  readonly config: CompleteRunConfig;
  /**
   * The chip with the arrays of weights.npz: those of the last whole epoch. As it was fabricated where the
   * folder holds none (`trained` is false).
   */
  readonly chip: Chip;
  /** Whether the chip's arrays were in the folder. */
  readonly trained: boolean;
  /** The feedforward net that started the chip's free phases, with the weights of forward.npz; else null. */
  readonly forward: ForwardNet | null;
  /** The whole epochs, 1, 2, …, as `train` reported them. Accuracies are shares, costs means over samples. */
  readonly epochs: readonly EpochReport[];
  /**
   * The rows of curves.csv, an epoch each: columns by name, times in seconds, null where nothing was
   * measured.
   */
  readonly curves: readonly Readonly<Record<string, number | null>>[];
  /**
   * The report as plain data, which `reportHtml` makes a page of.
   * @throws OhmletError RUN-EMPTY before the first epoch has ended
   */
  report(): Report;
}

/**
 * Opens the folder of a run, wherever it came from: files are bounded, and what does not fit is refused.
 * @param path a folder that `trainInto` or `ohmlet train` wrote
 * @throws OhmletError RUN-FOLDER, RUN-FILE, RUN-RECORD, RUN-CONFIG, RUN-EVENTS, NPZ-…, and those of configs
 */
export async function openRun(path: string): Promise<OpenedRun> {
  expectValue("openRun", "path", path, check.text);
  const record = readRecord(path);
  const run = await runOfRecord(record);
  return openedRun(record, run, readEpochs(path));
}

/** The same, of what was read already. */
export function openedRun(record: RunRecord, run: Run, epochs: readonly EpochReport[]): OpenedRun {
  const { path, about, outcome } = record;
  const chip = circuitOf(run).fabricate({ seed: chipSeedOf(run.config) });
  const forward = initializedOf(run, chip) ?? null;
  const trained = loadWeights(chip, join(path, "weights.npz"));
  if (forward !== null) loadWeights(forward.chip, join(path, FORWARD_WEIGHTS));
  return asOpenedRun({
    path,
    outcome,
    about,
    config: run.config,
    chip,
    trained,
    forward,
    epochs: epochs.map(asEpochReport),
    curves: epochs.map(curve),
    report: () =>
      reportOf({ record, run, chip, trained, mistakes: keptMistakes(path) }, expectEpochs(epochs, path)),
  });
}

const describeRun: Describe<OpenedRun> = ({ path, outcome, about, config, trained, epochs }) => {
  const last = epochs.at(-1);
  const { train, test } = about.data;
  return [
    `run ${path}: ${outcome} after ${epochs.length} of ${count(config.epochs, "epoch")}`,
    ...columns([
      ["chip", `${about.circuit}: ${about.chip}${trained ? "" : ", as it was fabricated"}`],
      ["data", `${train.name}: ${train.samples} samples to train, ${test.samples} to test`],
      ["learning", `${String(about.estimator.name)}, ${about.rule}, on ${about.engine.name}`],
      ...(last === undefined
        ? []
        : [
            ["best test", `${percent(bestOf(epochs).accuracy)} at epoch ${bestOf(epochs).epoch}`],
            ["last test", `${percent(last.accuracy)}, training ${percent(last.trainAccuracy)}`],
          ]),
    ]),
  ];
};

const asOpenedRun = printsItself(describeRun);

/** The mistakes that the run kept; null where it did not come to that. */
export const keptMistakes = (path: string): Mistakes | null =>
  readMistakes(readBoundedJson(join(path, "mistakes.json"), LARGEST_MISTAKES));

/** The energy of the training that the run kept; null where it came to no end, or its chip says nothing. */
const keptEnergy = (path: string): RunEnergy | null =>
  energyIn(readBoundedJson(join(path, "ledger.json"), LARGEST_LEDGER));

/** What a folder's report is made of besides the epochs. */
interface Parts {
  readonly record: RunRecord;
  readonly run: Run;
  readonly chip: Chip;
  readonly trained: boolean;
  readonly mistakes: Mistakes | null;
}

export function reportOf(
  { record, run, chip, trained, mistakes }: Parts,
  epochs: readonly EpochReport[],
): Report {
  const { about, outcome, failure } = record;
  const dt = timeStepOf(run, chip.circuit);
  return asReport(
    buildReport(
      {
        run,
        chip,
        trained,
        estimator: estimatorOf(run),
        dt: dt === "auto" ? undefined : dt,
        about,
        outcome,
        failure,
        mistakes,
        energy: keptEnergy(record.path),
      },
      epochs,
    ),
  );
}

/**
 * The arrays that a folder keeps.
 * @returns whether there are any; the file may promise no more than the chip holds
 */
export function loadWeights(chip: Chip, file: string): boolean {
  const most = largestNpz(Object.values(chip.arrays()).map(({ values }) => values.length));
  const bytes = readBounded(file, most);
  if (bytes === null) return false;
  chip.load(
    Object.fromEntries(
      [...readNpz(bytes, file, most)].map(([name, { shape, data }]) => [
        name,
        { shape, values: Float64Array.from(data) },
      ]),
    ),
  );
  return true;
}

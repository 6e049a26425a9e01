/**
 * A run's report from its folder alone: nothing is trained, and data are read only where the user names them.
 */
import { join } from "node:path";
import type { Chip } from "../../circuit/chip-types";
import { circuitOf, estimatorOf, timeStepOf, type Run } from "../../config";
import { OhmletError } from "../../errors";
import { readBounded, readBoundedJson } from "../../io/bounded";
import { expectSameData, fingerprintOf } from "../../io/datasets/fingerprint";
import { largestNpz, readNpz } from "../../io/npz";
import { openRunFolder } from "../../io/run-folder";
import { writeReport } from "../write-report";
import type { Io } from "../../cli/io";
import { resumeCommand } from "../shell";
import { prepare } from "./context";
import { expectDataRead, makeData, readsFiles } from "./data";
import { mistakesOf, readMistakes, type Mistakes } from "./mistakes";
import { readEpochs, readRecord, runOfRecord, type RunRecord } from "./record";
import { buildReport } from "./report";

const LARGEST_MISTAKES = 2 ** 25;

/**
 * @param data folder of the data: the chip of a run that came to no mistakes.json is then tried on them
 * @throws OhmletError RUN-…, and those of configs, of .npz files and of data
 */
export async function rebuildReport(path: string, data: string | undefined, io: Io): Promise<number> {
  const record = readRecord(path);
  const run = await runOfRecord(record);
  expectDataRead(data, readsFiles(run));
  const epochs = readEpochs(path);
  if (epochs.length === 0)
    throw new OhmletError({
      code: "RUN-EMPTY",
      fact: "this run has not come to the end of an epoch",
      place: { where: path },
      remedy: `go on with it:  ${resumeCommand("ohmlet", path)}`,
    });
  const circuit = circuitOf(run);
  const chip = circuit.fabricate({ seed: run.config.chip?.seed ?? run.config.seed });
  const trained = loadWeights(chip, join(path, "weights.npz"));
  const kept = readMistakes(readBoundedJson(join(path, "mistakes.json"), LARGEST_MISTAKES));
  const mistakes =
    data === undefined ? kept : await mistakesOn(data, record, run, trained ? chip : null, kept);
  const dt = timeStepOf(run, circuit);
  const report = buildReport(
    {
      run,
      chip,
      trained,
      estimator: estimatorOf(run),
      dt: dt === "auto" ? undefined : dt,
      about: record.about,
      outcome: record.outcome,
      failure: record.failure,
      mistakes,
    },
    epochs,
  );
  writeReport(openRunFolder(path), report);
  io.print(join(path, "report.html"));
  io.emit({ folder: path, report: join(path, "report.html"), epochs: epochs.length });
  return 0;
}

/** @returns whether there are any; the file may promise no more than the chip holds */
function loadWeights(chip: Chip, file: string): boolean {
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

/**
 * The mistakes that the run kept, or those that its trained chip makes on the data. @throws OhmletError
 * DATA-CHANGED, …
 */
async function mistakesOn(
  folder: string,
  { about }: RunRecord,
  run: Run,
  chip: Chip | null,
  kept: Mistakes | null,
): Promise<Mistakes | null> {
  const sets = await makeData(run, folder);
  if (about.fingerprint !== undefined) expectSameData(about.fingerprint, fingerprintOf(sets), folder, "run");
  if (kept !== null || chip === null) return kept;
  const context = await prepare(run, sets);
  try {
    return await mistakesOf({ ...context, chip });
  } finally {
    context.engine.dispose();
  }
}

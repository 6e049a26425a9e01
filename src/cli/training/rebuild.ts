/** A run's report from its folder alone: no data, nothing trained. */
import { join } from "node:path";
import { circuitOf, estimatorOf, timeStepOf } from "../../config";
import { OhmletError } from "../../errors";
import { readBounded, readBoundedJson } from "../../io/bounded";
import { readNpz } from "../../io/npz";
import { openRunFolder } from "../../io/run-folder";
import { writeReport } from "../write-report";
import type { Io } from "../io";
import { readMistakes } from "./mistakes";
import { readEpochs, readRecord, runOfRecord } from "./record";
import { buildReport } from "./report";

const LARGEST_WEIGHTS = 2 ** 30;
const LARGEST_MISTAKES = 2 ** 25;

/** @throws OhmletError RUN-…, and those of configs and of .npz files */
export async function rebuildReport(path: string, io: Io): Promise<number> {
  const record = readRecord(path);
  const run = await runOfRecord(record);
  const epochs = readEpochs(path);
  if (epochs.length === 0) throw new OhmletError({ code: "RUN-EMPTY", fact: "this run has not come to the end of an epoch", place: { where: path }, remedy: `go on with it:  ohmlet resume ${path}` });
  const circuit = circuitOf(run);
  const chip = circuit.fabricate({ seed: run.config.chip?.seed ?? run.config.seed });
  const file = join(path, "weights.npz");
  const weights = readBounded(file, LARGEST_WEIGHTS);
  if (weights !== null) chip.load(Object.fromEntries([...readNpz(weights, file)].map(([name, { shape, data }]) => [name, { shape, values: Float64Array.from(data) }])));
  const mistakes = readMistakes(readBoundedJson(join(path, "mistakes.json"), LARGEST_MISTAKES));
  const dt = timeStepOf(run, circuit);
  const report = buildReport({ run, chip, trained: weights !== null, estimator: estimatorOf(run), dt: dt === "auto" ? undefined : dt, about: record.about, outcome: record.outcome, failure: record.failure, mistakes }, epochs);
  writeReport(openRunFolder(path), report);
  io.print(join(path, "report.html"));
  io.emit({ folder: path, report: join(path, "report.html"), epochs: epochs.length });
  return 0;
}

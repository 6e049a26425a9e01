/** The data of a run: digits drawn here, or a folder that the config or the command line names. */
import type { Run } from "../../config";
import type { Dataset } from "../../data/dataset";
import { withTargets } from "../../data/targets";
import type { Findings } from "../../data/refuse";
import { placeOf } from "../../config/node";
import { OhmletError } from "../../errors";

/** Two sets, and what there is to say of files that they were read from. */
export interface TrainingData extends Partial<Findings> {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** Whether a run reads its data from files. */
export const readsFiles = ({ config: { data } }: Run): boolean => data.kind === "folder";

/** @throws OhmletError CLI-IDLE where `--data` names files that nothing here reads */
export function expectDataRead(data: string | undefined, reads: boolean): void {
  if (data === undefined || reads) return;
  throw new OhmletError({
    code: "CLI-IDLE",
    fact: "this option has no effect here: the run draws its data itself",
    place: { where: "--data" },
    remedy: "leave it out",
  });
}

/** The same for programs. @throws OhmletError OPTION-VALUE where data are named that nothing reads */
export function refuseIdleData(reads: boolean, data: string | undefined, where: string): void {
  if (data === undefined || reads) return;
  throw new OhmletError({
    code: "OPTION-VALUE",
    fact: "the run draws its data itself, and reads no folder",
    place: { where: `${where}, data` },
    remedy: "leave it out",
  });
}

/**
 * Where a run's files of data are: what the user typed, anywhere, or what a config names within its own
 * folder.
 * @throws OhmletError CONFIG-PATH
 */
export async function dataFolderOf(
  { config: { data }, context }: Run,
  typed: string | undefined,
): Promise<string | undefined> {
  if (data.kind === "generated") return undefined;
  const { folder } = data;
  const { source } = context;
  if (typed !== undefined || folder === undefined || source === undefined) return typed;
  const [{ placeBeside }, { at, nodeAt }] = await Promise.all([
    import("../../io/config-files"),
    import("../../config"),
  ]);
  return at(nodeAt(context, data, "folder"), () => placeBeside(folder, source.where));
}

/**
 * The error of a run or a study in a folder whose data are files: what the folder says of where they are is
 * shown, so that the user may look at it, and never followed. @param command to type, whole
 */
export function dataUnnamed(where: string, what: string, command: string): OhmletError {
  return new OhmletError({
    code: "CONFIG-DATA",
    fact: `this ${what} reads its data from files, and where they are is yours to say`,
    place: { where },
    remedy: [
      "see that the folder of the data is the right one, and type",
      `  ${command}`,
      "or, in a program, give it as an option:  { data: FOLDER }",
    ],
  });
}

/**
 * @param folder typed by the user, and so anywhere; a folder that the config names lies within the config's
 *   own
 * @throws OhmletError CONFIG-DATA, CONFIG-PATH and those of the files
 */
export async function makeData(run: Run, folder: string | undefined): Promise<TrainingData> {
  const {
    config: { data, seed },
    context,
  } = run;
  if (data.kind === "generated") {
    const { strokeDigits } = await import("../../data/strokes");
    const digits = (split: "train" | "test", samples: number): Dataset =>
      strokeDigits({ size: data.size, samples, seed: data.seed ?? seed, split, noise: data.noise });
    return asked({ train: digits("train", data.train), test: digits("test", data.test) }, data.targets);
  }
  const [{ loadDataset }, { refuseLinksOut }] = await Promise.all([
    import("../../io/datasets/load"),
    import("../../io/datasets/links"),
  ]);
  const found = await dataFolderOf(run, folder);
  if (found === undefined) {
    throw new OhmletError({
      code: "CONFIG-DATA",
      fact: "this config leaves it to you where the data are",
      place: placeOf(context.origins.get(data)?.mark, "data"),
      remedy: "add  --data FOLDER  to the command  (in a program, the option  data)",
    });
  }
  if (folder === undefined) refuseLinksOut(found); // a stranger's config must not read other files
  const { kind: _, folder: __, targets, ...options } = data;
  return targets === "inputs"
    ? asked(loadDataset(found, options), targets)
    : loadDataset(found, { ...options, ...(targets !== undefined && { targets }) });
}

/** The same sets, where the output is to be what the inputs are. */
const asked = <D extends TrainingData>(data: D, targets: "inputs" | undefined): D =>
  targets === undefined
    ? data
    : { ...data, train: withTargets(data.train, targets), test: withTargets(data.test, targets) };

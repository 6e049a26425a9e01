/** The data of a run: digits drawn here, or a folder that the config or the command line names. */
import type { Run } from "../../config";
import type { Dataset } from "../../data/dataset";
import type { Findings } from "../../data/refuse";
import { placeOf } from "../../config/node";
import { OhmletError } from "../../errors";

/** Two sets, and what there is to say of files that they were read from. */
export interface TrainingData extends Partial<Findings> {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * @param folder typed by the user, and so anywhere; a folder that the config names lies within the config's own
 * @throws OhmletError CONFIG-DATA, CONFIG-PATH and those of the files
 */
export async function makeData({ config, context }: Run, folder: string | undefined): Promise<TrainingData> {
  const { data, seed } = config;
  if (data.kind === "generated") {
    const { strokeDigits } = await import("../../data/strokes");
    const digits = (split: "train" | "test", samples: number): Dataset => strokeDigits({ size: data.size, samples, seed: data.seed ?? seed, split, noise: data.noise });
    return { train: digits("train", data.train), test: digits("test", data.test) };
  }
  const [{ loadDataset }, { refuseLinksOut }, { placeBeside }, { at, nodeAt }] = await Promise.all([import("../../io/datasets/load"), import("../../io/datasets/links"), import("../../io/config-files"), import("../../config")]);
  const { source } = context;
  const beside = (path: string, file: string): string => at(nodeAt(context, data, "folder"), () => placeBeside(path, file));
  const found = folder ?? (data.folder === undefined || source === undefined ? undefined : beside(data.folder, source.where));
  if (found === undefined) {
    throw new OhmletError({ code: "CONFIG-DATA", fact: "this config leaves it to you where the data are", place: placeOf(context.origins.get(data)?.mark, "data"), remedy: "add  --data FOLDER  to the command" });
  }
  if (folder === undefined) refuseLinksOut(found); // a stranger's config must not read other files
  const { kind: _, folder: __, ...options } = data;
  return loadDataset(found, options);
}

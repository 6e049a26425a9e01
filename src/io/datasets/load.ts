/** The sets of a folder, whatever its format: the one place that knows how formats are told apart. */
import { join } from "node:path";
import { loadCifarFolder, TRAIN_BATCH } from "./cifar";
import { CSV, loadCsv } from "./csv";
import { fail, isFile, isFolder, namesIn } from "./files";
import { loadIdxFolder } from "./idx";
import { loadPngFolder } from "./png-folder";
import type { Limits, Split } from "./split";

export type Format = "idx" | "cifar" | "csv" | "png";

interface Known {
  readonly format: Format;
  /** For people: what was found. */
  readonly found: string;
  /** For people: by what it is known. */
  readonly mark: string;
  readonly matches: (folder: string, names: readonly string[]) => boolean;
  readonly load: (path: string, limits: Limits) => Split;
}

const IDX = /^(train|t10k)-(images-idx3|labels-idx1)-ubyte(\.gz)?$/;

/** In the order in which they are tried: a folder may hold a set in two formats. */
const FORMATS: readonly Known[] = [
  { format: "idx", found: "IDX files of images and labels", mark: "train-images-idx3-ubyte[.gz] and its three companions", matches: (_, names) => names.some((name) => IDX.test(name)), load: loadIdxFolder },
  { format: "cifar", found: "binary batches of CIFAR-10", mark: "data_batch_1.bin[.gz] … and test_batch.bin[.gz]", matches: (_, names) => names.some((name) => TRAIN_BATCH.test(name)), load: loadCifarFolder },
  { format: "csv", found: "CSV, a line a sample", mark: "train.csv and test.csv, or one .csv[.gz]", matches: (_, names) => names.some((name) => CSV.test(name)), load: loadCsv },
  { format: "png", found: "folders of PNG pictures", mark: "train/CLASS/*.png and test/CLASS/*.png", matches: (folder) => isFolder(join(folder, "train")) || isFolder(join(folder, "test")), load: loadPngFolder },
];

export interface Loaded extends Split {
  readonly format: Format;
  /** What was found, in words. */
  readonly found: string;
}

/**
 * The training and the test set of a folder, or of one CSV file. Values in 0…1.
 * @param limits takes only the first so many samples
 * @throws OhmletError DATA-FOLDER where there is none; DATA-FORMAT where it holds no set that is known; those of the loaders
 */
export function loadDataset(path: string, limits: Limits = {}): Loaded {
  const { format, found, load } = recognise(path);
  return { format, found, ...load(path, limits) };
}

function recognise(path: string): Known {
  const csv = FORMATS.find(({ format }) => format === "csv");
  if (csv !== undefined && CSV.test(path) && isFile(path)) return csv;
  if (!isFolder(path)) fail(path, "DATA-FOLDER", isFile(path) ? "this is a file, and no .csv" : "there is no such folder", "give a folder that holds a set of data, or a .csv file");
  const names = namesIn(path);
  const marks = FORMATS.map(({ mark }) => `  ${mark}`).join("\n");
  return FORMATS.find(({ matches }) => matches(path, names)) ?? fail(path, "DATA-FORMAT", `the folder holds no set of data that Ohmlet knows (${names.length === 0 ? "it is empty" : `${names.length} entries`})`, `looked for\n${marks}`);
}

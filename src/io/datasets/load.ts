/** The sets of a folder, whatever its format: the one place that knows how formats are told apart. */
import { join } from "node:path";
import { refuse } from "../../data/refuse";
import type { Found } from "../../data/split";
import { loadCifarFolder, TRAIN_BATCH } from "./cifar";
import { CSV, loadCsv } from "./csv";
import { isFile, isFolder, namesIn } from "./files";
import { isIdx, loadIdxFolder } from "./idx";
import { loadNpz, NPZ } from "./npz";
import { loadPngFolder } from "./png-folder";
import type { ReadOptions } from "./read";

export type Format = "idx" | "cifar" | "csv" | "npz" | "png";

interface Known {
  readonly format: Format;
  /** For people: what was found. */
  readonly found: string;
  /** For people: by what it is known. */
  readonly mark: string;
  /** A file that is a set of its own. */
  readonly file?: RegExp;
  readonly matches: (folder: string, names: readonly string[]) => boolean;
  readonly load: (path: string, options: ReadOptions) => Found;
  /** What the user may say of it. */
  readonly takes: readonly ("label" | "targets" | "scale")[];
}

/** In the order in which they are tried: a folder may hold a set in two formats. */
const FORMATS: readonly Known[] = [
  {
    format: "idx",
    found: "IDX files of images and labels",
    mark: "train-images-idx3-ubyte[.gz] and its three companions",
    matches: (_, names) => names.some(isIdx),
    load: loadIdxFolder,
    takes: ["scale"],
  },
  {
    format: "cifar",
    found: "binary batches of CIFAR-10",
    mark: "data_batch_1.bin[.gz] … and test_batch.bin[.gz]",
    matches: (_, names) => names.some((name) => TRAIN_BATCH.test(name)),
    load: loadCifarFolder,
    takes: [],
  },
  {
    format: "csv",
    found: "CSV, a line a sample",
    mark: "train.csv and test.csv, or one .csv[.gz]",
    file: CSV,
    matches: (_, names) => names.some((name) => CSV.test(name)),
    load: loadCsv,
    takes: ["label", "targets", "scale"],
  },
  {
    format: "npz",
    found: "an archive of NumPy",
    mark: "one .npz with x_train, y_train, x_test and y_test",
    file: NPZ,
    matches: (_, names) => names.some((name) => NPZ.test(name)),
    load: loadNpz,
    takes: ["scale"],
  },
  {
    format: "png",
    found: "folders of PNG pictures",
    mark: "train/CLASS/*.png and test/CLASS/*.png",
    matches: (folder) => isFolder(join(folder, "train")) || isFolder(join(folder, "test")),
    load: loadPngFolder,
    takes: [],
  },
];

export interface Loaded extends Found {
  readonly format: Format;
  /** What was found, in words. */
  readonly found: string;
}

/**
 * The training and the test set of a folder, or of one CSV or NPZ file. Values in 0…1, or as they are where
 * they have a sign.
 * @param options which column is the label, what means 1, and how many samples are taken
 * @throws OhmletError DATA-FOLDER where there is none; DATA-FORMAT where it holds no set that is known, or an
 *   option is not for it; those of the loaders
 */
export function loadDataset(path: string, options: ReadOptions = {}): Loaded {
  const { format, found, load, takes } = recognise(path);
  for (const option of ["label", "targets", "scale"] as const) {
    if (options[option] !== undefined && !takes.includes(option))
      refuse(
        path,
        "DATA-FORMAT",
        `the ${option} ${option === "targets" ? "are" : "is"} said, and these are ${found}: ` +
          `${option === "scale" ? "255 means 1 there" : "they have no columns"}`,
        option === "targets"
          ? "leave out  targets:  under data, or write  targets: inputs"
          : `leave out  --${option}  (in a config,  ${option}:  under data)`,
      );
  }
  return { format, found, ...load(path, options) };
}

function recognise(path: string): Known {
  const single = FORMATS.find(({ file }) => file?.test(path));
  if (single !== undefined && isFile(path)) return single;
  if (!isFolder(path))
    refuse(
      path,
      "DATA-FOLDER",
      isFile(path) ? "this is a file, and no .csv or .npz" : "there is no such folder",
      "give a folder that holds a set of data, a .csv or an .npz file",
    );
  const names = namesIn(path);
  const marks = FORMATS.map(({ mark }) => `  ${mark}`);
  return (
    FORMATS.find(({ matches }) => matches(path, names)) ??
    refuse(
      path,
      "DATA-FORMAT",
      "the folder holds no set of data that Ohmlet knows " +
        `(${names.length === 0 ? "it is empty" : `${names.length} entries`})`,
      ["looked for", ...marks],
    )
  );
}

/**
 * Sets from CSV: a file to train and one to test of a folder, or one file, of which every fifth sample is
 * kept for the test.
 */
import { basename, join, resolve } from "node:path";
import { fromCsv, type CsvFile } from "../../data/csv";
import { refuse } from "../../data/refuse";
import type { Found } from "../../data/split";
import { namesIn, readBytes } from "./files";
import type { ReadOptions } from "./read";

export const CSV = /\.(csv|tsv)(\.gz)?$/i;
/** Longest text, packed or not. */
const LONGEST_TEXT = 2 ** 27;
/** train.csv, mnist_train.csv, letters-test.csv.gz, … */
const PARTS = { train: /^(.*[_.-])?train(ing)?$/i, test: /^(.*[_.-])?test(ing)?$/i } as const;

/**
 * @param path a folder with a pair as train.csv and test.csv, or with one CSV file, or a CSV file; each
 *   gzipped or not
 * @throws OhmletError DATA-FILE, DATA-GZIP, DATA-SIZE and those of src/data/csv
 */
export function loadCsv(path: string, options: ReadOptions = {}): Found {
  const files = CSV.test(path)
    ? [path]
    : namesIn(path)
        .filter((name) => CSV.test(name))
        .map((name) => join(path, name));
  const name = basename(resolve(path));
  if (files.length === 1) return fromCsv(name, readOne(files[0], path), undefined, options);
  const of = (part: RegExp): string[] => files.filter((file) => part.test(basename(file).replace(CSV, "")));
  const [train, test] = [of(PARTS.train), of(PARTS.test)];
  if (train.length !== 1 || test.length !== 1)
    refuse(
      path,
      "DATA-FILE",
      `there are ${files.length} CSV files, and no pair train.csv and test.csv`,
      "give a folder with train.csv and test.csv, or name one file",
    );
  const found = fromCsv(name, readOne(train[0], path), readOne(test[0], path), options);
  const others = files.filter((file) => file !== train[0] && file !== test[0]).map((file) => basename(file));
  return others.length === 0
    ? found
    : { ...found, notes: [...found.notes, `passed over: ${others.slice(0, 5).join(", ")}`] };
}

const readOne = (file: string, named: string): CsvFile => ({
  where: file,
  named,
  bytes: readBytes(file, LONGEST_TEXT),
});

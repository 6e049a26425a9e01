/** Sets from CSV: train.csv and test.csv of a folder, or one file, of which every fifth sample is kept for the test. */
import { basename, join, resolve } from "node:path";
import { csvScale, readCsv, type CsvSamples } from "../../data/csv";
import { fromFloats } from "../../data/dataset";
import { limited, type Limits, type Split } from "./split";
import { fail, namesIn, readBytes } from "./files";

export const CSV = /\.csv(\.gz)?$/i;
/** Longest text, packed or not. */
const LONGEST_TEXT = 2 ** 27;
/** Of a single file, one sample in so many is for the test. */
const TEST_SHARE = 5;

/**
 * @param path a folder with train.csv and test.csv, or with one CSV file, or a CSV file; each gzipped or not
 * @throws OhmletError DATA-FILE, DATA-GZIP, DATA-SIZE, DATA-SHAPE, DATA-COUNT and those of src/data/csv.ts
 */
export function loadCsv(path: string, limits: Limits = {}): Split {
  const files = CSV.test(path) ? [path] : namesIn(path).filter((name) => CSV.test(name)).map((name) => join(path, name));
  const of = (split: string): string | undefined => files.find((file) => basename(file).replace(CSV, "").toLowerCase() === split);
  const [train, test] = [of("train"), of("test")];
  const name = basename(resolve(path));
  if (files.length === 1) return limited(divided(readOne(files[0]), files[0], name), limits);
  if (train === undefined || test === undefined) return fail(path, "DATA-FILE", `there are ${files.length} CSV files, and no pair train.csv and test.csv`, "give a folder with train.csv and test.csv, or name one file");
  const [trained, tested] = [readOne(train), readOne(test)];
  if (trained.features !== tested.features) fail(test, "DATA-SHAPE", `its samples have ${tested.features} values, those of ${basename(train)} ${trained.features}`, "give two files of one kind");
  return limited(named(trained, tested, name), limits);
}

const readOne = (file: string): CsvSamples => readCsv(readBytes(file, LONGEST_TEXT), file);

function divided({ features, values, labels }: CsvSamples, file: string, name: string): Split {
  if (labels.length < TEST_SHARE) fail(file, "DATA-COUNT", `the file has ${labels.length} samples; every fifth is for the test`, `give ${TEST_SHARE} samples or more`);
  const part = (isTest: boolean): CsvSamples => {
    const chosen = [...labels.keys()].filter((i) => (i % TEST_SHARE === TEST_SHARE - 1) === isTest);
    const own = new Float32Array(chosen.length * features);
    chosen.forEach((i, at) => own.set(values.subarray(i * features, (i + 1) * features), at * features));
    return { features, values: own, labels: Uint8Array.from(chosen, (i) => labels[i]) };
  };
  return named(part(false), part(true), name);
}

function named(train: CsvSamples, test: CsvSamples, name: string): Split {
  const classes = 1 + [train, test].reduce((most, { labels }) => labels.reduce((m, label) => Math.max(m, label), most), 0);
  const scale = csvScale([train, test]);
  const build = ({ features, values, labels }: CsvSamples, split: string) => fromFloats({ name: `${name} (${split})`, shape: shapeOf(features), values: values.map((value) => value / scale), labels, classes });
  return { train: build(train, "train"), test: build(test, "test") };
}

/** A square, where the values make one; one row of values otherwise. */
function shapeOf(features: number): readonly [number, number] {
  const side = Math.round(Math.sqrt(features));
  return side * side === features ? [side, side] : [1, features];
}

/** Files of data and of arrays that must be refused. */
import { join } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { readCifar } from "../../src/data/cifar";
import { fromFloats } from "../../src/data/dataset";
import { writeIdx } from "../../src/data/idx";
import { loadDataset } from "../../src/io/datasets/load";
import { readNpy, writeNpy } from "../../src/io/npy";
import { readNpz, writeNpz } from "../../src/io/npz";
import { decodePng } from "../../src/io/png/decode";
import { chunk, file, greyFile, headerChunk } from "../io/png/encode";
import { given, within, type Kind } from "./kind";

const [IMAGES, LABELS] = [writeIdx([3, 1, 2], new Uint8Array(6)), writeIdx([3], Uint8Array.of(0, 1, 2))];
const IDX = {
  "train-images-idx3-ubyte": IMAGES,
  "train-labels-idx1-ubyte": LABELS,
  "t10k-images-idx3-ubyte": IMAGES,
  "t10k-labels-idx1-ubyte": LABELS,
};
/** Says that it holds 2^31 images. */
const LYING = Uint8Array.from(IMAGES, (byte, i) => (i === 4 ? 0x80 : byte));
const PICTURES = { "train/a/1.png": greyFile(1, 1, [0]), "test/a/1.png": greyFile(1, 1, [0]) };
const set = (
  what: string,
  code: string,
  at: RegExp,
  files: Readonly<Record<string, Uint8Array | string>>,
): Kind => within(what, code, at, files, (here) => loadDataset(here));
const CSV = "a,b,label\n0,16,0\n4,8,1\n";
/** What is wrong, the code, the place, and the training file; or both files. */
const CSVS: readonly (readonly [string, string, RegExp, string, string?])[] = [
  ["a text among the numbers of a CSV", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,cat,1\n`],
  ["NaN in a CSV", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,NaN,1\n`],
  ["a CSV with a missing value", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,,1\n`],
  ["a CSV with a missing value in its first line", "DATA-CSV", /train\.csv, line 1/, "0,?,1\n1,2,0\n"],
  ["a CSV with a missing label", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,1,\n`],
  [
    "a number of 40,000 digits in a CSV",
    "DATA-CSV",
    /train\.csv, line 4/,
    `${CSV}0,${"7".repeat(40_000)},1\n`,
  ],
  ["a number in hexadecimal in a CSV", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,0x10,1\n`],
  ["a CSV with a short line", "DATA-CSV", /train\.csv, line 4/, `${CSV}0,1\n`],
  [
    "a CSV with a quote that does not close",
    "DATA-CSV",
    /train\.csv, line 4/,
    `${CSV}"0,1,1\n${"0,1,1\n".repeat(100_000)}`,
  ],
  ["a CSV with decimal points and commas", "DATA-CSV", /train\.csv, line 3/, "a;b;label\n0.5;1;0\n0,5;1;1\n"],
  ["a CSV of a million commas", "DATA-CSV", /train\.csv/, ",".repeat(1_000_001)],
  ["a CSV that is empty", "DATA-CSV", /train\.csv/, ""],
  ["a CSV with zero bytes", "DATA-TEXT", /train\.csv, line 4/, `${CSV}0,\0,1\n`],
  [
    "a CSV in which two columns look like labels",
    "DATA-COLUMN",
    /train\.csv/,
    "0,5,1\n1,6,1\n0,7,0\n1,8,0\n",
  ],
  [
    "a CSV with two columns that are called label",
    "DATA-COLUMN",
    /train\.csv/,
    "label,a,class\n0,1,1\n1,1,0\n",
  ],
  ["a CSV with half a label", "DATA-LABEL", /train\.csv, line 4/, `${CSV}0,1,0.5\n`],
  ["a CSV of one class", "DATA-LABEL", /./, "a,b,label\n0,16,1\n4,8,1\n", "a,b,label\n0,16,1\n"],
  ["a CSV of values beyond 255", "DATA-RANGE", /train\.csv/, "a,b,label\n0,65535,0\n4,8,1\n"],
  ["a test CSV without labels", "DATA-COLUMN", /test\.csv/, CSV, "a,b\n0,16\n"],
  ["a test CSV with another column", "DATA-COLUMN", /test\.csv/, CSV, "a,c,label\n0,16,1\n"],
  ["a test CSV with a class of its own", "DATA-LABEL", /test\.csv/, CSV, "a,b,label\n0,16,7\n"],
  ["a test CSV that was scaled otherwise", "DATA-RANGE", /test\.csv/, CSV, "a,b,label\n0,0.5,1\n"],
];
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));

export const DATA: readonly Kind[] = [
  set("an IDX file that ends too early", "DATA-TRUNCATED", /train-images/, {
    ...IDX,
    "train-images-idx3-ubyte": IMAGES.subarray(0, 20),
  }),
  set("an IDX file that lies about its size", "DATA-SIZE", /train-images/, {
    ...IDX,
    "train-images-idx3-ubyte": LYING,
  }),
  set("an IDX file of something else", "DATA-MAGIC", /t10k-labels/, {
    ...IDX,
    "t10k-labels-idx1-ubyte": IMAGES,
  }),
  set("labels of other images", "DATA-SHAPE", /train/, {
    ...IDX,
    "train-labels-idx1-ubyte": writeIdx([2], Uint8Array.of(0, 1)),
  }),
  set("a test label that training does not know", "DATA-LABEL", /test/, {
    ...IDX,
    "t10k-labels-idx1-ubyte": writeIdx([3], Uint8Array.of(0, 1, 9)),
  }),
  set("a packed file whose end is missing", "DATA-GZIP", /data_batch_1/, {
    "data_batch_1.bin.gz": gzipSync(new Uint8Array(3073)).subarray(0, 20),
    "test_batch.bin": new Uint8Array(3073),
  }),
  within(
    "a packed file that unpacks to a gigabyte",
    "DATA-SIZE",
    /bomb\.csv/,
    { "bomb.csv.gz": bomb() },
    (here) => loadDataset(join(here, "bomb.csv.gz")),
  ),
  set("half a record of CIFAR", "DATA-TRUNCATED", /data_batch_1/, {
    "data_batch_1.bin": new Uint8Array(3072),
    "test_batch.bin": new Uint8Array(3073),
  }),
  given("a record of CIFAR-100", "DATA-LABEL", /batch/, () =>
    readCifar([{ where: "batch", bytes: new Uint8Array(3073).fill(77) }]),
  ),
  ...CSVS.map(([what, code, at, text, test]) =>
    set(what, code, at, { "train.csv": text, "test.csv": test ?? CSV }),
  ),
  within(
    "a CSV whose label is asked for and is not there",
    "DATA-COLUMN",
    /all\.csv/,
    { "all.csv": CSV },
    (here) => loadDataset(here, { label: "kind" }),
  ),
  within("a column of IDX files", "DATA-FORMAT", /./, IDX, (here) => loadDataset(here, { label: 1 })),
  set("IDX files of one class", "DATA-LABEL", /train/, {
    ...IDX,
    "train-labels-idx1-ubyte": writeIdx([3], new Uint8Array(3)),
    "t10k-labels-idx1-ubyte": writeIdx([3], new Uint8Array(3)),
  }),
  set("IDX files of two sets in a folder", "DATA-FILE", /./, {
    ...IDX,
    "emnist-letters-train-images-idx3-ubyte": IMAGES,
  }),
  set("IDX images that are dark in training and bright in the test", "DATA-RANGE", /t10k-images/, {
    ...IDX,
    "t10k-images-idx3-ubyte": writeIdx([3, 1, 2], new Uint8Array(6).fill(200)),
  }),
  set("an NPZ that lacks labels", "DATA-FILE", /set\.npz/, {
    "set.npz": writeNpz([["x_train", { shape: [1, 1], data: Float64Array.of(1) }]]),
  }),
  set("an NPZ whose labels are no numbers of classes", "DATA-LABEL", /y_train/, {
    "set.npz": writeNpz(
      ["x_train", "y_train", "x_test", "y_test"]
        .map((name) => [name, { shape: [2], data: Float64Array.of(0, 0.5) }] as const)
        .map(([name, array]) =>
          name.startsWith("x")
            ? ([name, { shape: [2, 1], data: array.data }] as const)
            : ([name, array] as const),
        ),
    ),
  }),
  given("an array of labels with gaps", "DATA-LABEL", /mine/, () =>
    fromFloats({ name: "mine", values: Float32Array.of(0, 1), labels: Uint8Array.of(0, 255), shape: [1, 1] }),
  ),
  given("an array of values that nobody scaled", "DATA-RANGE", /mine/, () =>
    fromFloats({ name: "mine", values: Float32Array.of(0, 255), labels: Uint8Array.of(0, 1), shape: [1, 1] }),
  ),
  given("NaN in an array of data", "DATA-NAN", /mine/, () =>
    fromFloats({
      name: "mine",
      values: Float32Array.of(0, NaN),
      labels: Uint8Array.of(0),
      classes: 1,
      shape: [1, 2],
    }),
  ),
  set("a PNG whose end is missing", "PNG-TRUNCATED", /2\.png/, {
    ...PICTURES,
    "train/a/2.png": greyFile(1, 1, [0]).subarray(0, 40),
  }),
  given("a PNG that says that it is a billion pixels wide", "PNG-SIZE", /big/, () =>
    decodePng(file(headerChunk(2 ** 30, 2 ** 30, 8, 0)), "big"),
  ),
  given("a PNG with a second header", "PNG-HEADER", /big/, () =>
    decodePng(file(headerChunk(1, 1, 8, 0), headerChunk(2 ** 15, 2 ** 15, 8, 0)), "big"),
  ),
  given("an interlaced PNG that unpacks to 64 MiB", "PNG-DATA", /big/, () =>
    decodePng(file(headerChunk(2, 2, 8, 0, 1), chunk("IDAT", deflateSync(Buffer.alloc(2 ** 26)))), "big"),
  ),
  set("something else that is called PNG", "PNG-SIGNATURE", /2\.png/, {
    ...PICTURES,
    "train/a/2.png": "GIF89a",
  }),
  set("a folder that holds no data", "DATA-FORMAT", /./, { "notes.txt": "" }),
];

/** Zeros: a megabyte for each kilobyte of the file. */
function bomb(): Uint8Array {
  const piece = gzipSync(Buffer.alloc(2 ** 27, "0"));
  return Buffer.concat([piece, piece]);
}

const weights = { shape: [3], data: Float64Array.of(1, 2, 3) };
const ARCHIVE = writeNpz([["w", weights]]);
/** What the directory says of the unpacked length, 4 GB. */
const PROMISED = Uint8Array.from(ARCHIVE, (byte, i) =>
  i >= ARCHIVE.length - 22 - 5 - 46 + 24 && i < ARCHIVE.length - 22 - 5 - 46 + 28 ? 0xff : byte,
);
/** The name "w.npy" of both headers becomes one of the same length that leads out. */
const ESCAPING = Buffer.from(Buffer.from(ARCHIVE).toString("latin1").replaceAll("w.npy", "/.npy"), "latin1");
/** Python's pickle of an object, where numbers should be. */
const PICKLE = Buffer.from(
  Buffer.from(writeNpy(weights)).toString("latin1").replace("'<f8'", "'|O8'"),
  "latin1",
);

export const ARRAYS: readonly Kind[] = [
  given("an archive of arrays whose end is missing", "NPZ-FORMAT", /w\.npz/, () =>
    readNpz(ARCHIVE.subarray(0, 90), "w.npz"),
  ),
  given("an archive that would unpack to four gigabytes", "NPZ-SIZE", /w\.npz/, () =>
    readNpz(PROMISED, "w.npz"),
  ),
  given("an array whose name is a path", "NPZ-NAME", /w\.npz/, () => readNpz(ESCAPING, "w.npz")),
  given("a flipped bit in an archive", "NPZ-CHECKSUM", /w\.npz/, () =>
    readNpz(flipped(ARCHIVE, ARCHIVE.length - 22 - 51 - 1), "w.npz"),
  ),
  given("pickled objects for numbers", "NPY-TYPE", /w\.npy/, () => readNpy(PICKLE, "w.npy")),
  given("an array with values too many", "NPY-TRAILING", /w\.npy/, () =>
    readNpy(Uint8Array.of(...writeNpy(weights), 0), "w.npy"),
  ),
];

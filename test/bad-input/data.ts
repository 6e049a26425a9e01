/** Files of data and of arrays that must be refused. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readCifar } from "../../src/data/cifar";
import { fromFloats } from "../../src/data/dataset";
import { writeIdx } from "../../src/data/idx";
import { loadDataset } from "../../src/io/datasets/load";
import { readNpy, writeNpy } from "../../src/io/npy";
import { readNpz, writeNpz } from "../../src/io/npz";
import { decodePng } from "../../src/io/png/decode";
import { file, greyFile, headerChunk } from "../io/png/encode";
import { given, within, type Kind } from "./kind";

const [IMAGES, LABELS] = [writeIdx([3, 1, 2], new Uint8Array(6)), writeIdx([3], Uint8Array.of(0, 1, 2))];
const IDX = { "train-images-idx3-ubyte": IMAGES, "train-labels-idx1-ubyte": LABELS, "t10k-images-idx3-ubyte": IMAGES, "t10k-labels-idx1-ubyte": LABELS };
/** Says that it holds 2^31 images. */
const LYING = Uint8Array.from(IMAGES, (byte, i) => (i === 4 ? 0x80 : byte));
const PICTURES = { "train/a/1.png": greyFile(1, 1, [0]), "test/a/1.png": greyFile(1, 1, [0]) };
const set = (what: string, code: string, at: RegExp, files: Readonly<Record<string, Uint8Array | string>>): Kind => within(what, code, at, files, (here) => loadDataset(here));
const flipped = (bytes: Uint8Array, at: number): Uint8Array => Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));

export const DATA: readonly Kind[] = [
  set("an IDX file that ends too early", "DATA-TRUNCATED", /train-images/, { ...IDX, "train-images-idx3-ubyte": IMAGES.subarray(0, 20) }),
  set("an IDX file that lies about its size", "DATA-SIZE", /train-images/, { ...IDX, "train-images-idx3-ubyte": LYING }),
  set("an IDX file of something else", "DATA-MAGIC", /t10k-labels/, { ...IDX, "t10k-labels-idx1-ubyte": IMAGES }),
  set("labels of other images", "DATA-SHAPE", /train/, { ...IDX, "train-labels-idx1-ubyte": writeIdx([2], Uint8Array.of(0, 1)) }),
  set("a test label that training does not know", "DATA-LABEL", /test/, { ...IDX, "t10k-labels-idx1-ubyte": writeIdx([3], Uint8Array.of(0, 1, 9)) }),
  set("a packed file whose end is missing", "DATA-GZIP", /data_batch_1/, { "data_batch_1.bin.gz": gzipSync(new Uint8Array(3073)).subarray(0, 20), "test_batch.bin": new Uint8Array(3073) }),
  within("a packed file that unpacks to a gigabyte", "DATA-SIZE", /bomb\.csv/, { "bomb.csv.gz": bomb() }, (here) => loadDataset(join(here, "bomb.csv.gz"))),
  set("half a record of CIFAR", "DATA-TRUNCATED", /data_batch_1/, { "data_batch_1.bin": new Uint8Array(3072), "test_batch.bin": new Uint8Array(3073) }),
  given("a record of CIFAR-100", "DATA-LABEL", /batch/, () => readCifar([{ where: "batch", bytes: new Uint8Array(3073).fill(77) }])),
  set("a text among the numbers of a CSV", "DATA-CSV", /train\.csv/, { "train.csv": "0,1,1\n0,cat,1\n", "test.csv": "0,1,1\n" }),
  set("NaN in a CSV", "DATA-CSV", /train\.csv/, { "train.csv": "0,1,1\n0,NaN,1\n", "test.csv": "0,1,1\n" }),
  given("NaN in an array of data", "DATA-NAN", /mine/, () => fromFloats({ name: "mine", values: Float32Array.of(0, NaN), labels: Uint8Array.of(0), classes: 1, shape: [1, 2] })),
  set("a PNG whose end is missing", "PNG-TRUNCATED", /2\.png/, { ...PICTURES, "train/a/2.png": greyFile(1, 1, [0]).subarray(0, 40) }),
  given("a PNG that says that it is a billion pixels wide", "PNG-SIZE", /big/, () => decodePng(file(headerChunk(2 ** 30, 2 ** 30, 8, 0)), "big")),
  set("something else that is called PNG", "PNG-SIGNATURE", /2\.png/, { ...PICTURES, "train/a/2.png": "GIF89a" }),
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
const PROMISED = Uint8Array.from(ARCHIVE, (byte, i) => (i >= ARCHIVE.length - 22 - 5 - 46 + 24 && i < ARCHIVE.length - 22 - 5 - 46 + 28 ? 0xff : byte));
/** The name "w.npy" of both headers becomes one of the same length that leads out. */
const ESCAPING = Buffer.from(Buffer.from(ARCHIVE).toString("latin1").replaceAll("w.npy", "/.npy"), "latin1");
/** Python's pickle of an object, where numbers should be. */
const PICKLE = Buffer.from(Buffer.from(writeNpy(weights)).toString("latin1").replace("'<f8'", "'|O8'"), "latin1");

export const ARRAYS: readonly Kind[] = [
  given("an archive of arrays whose end is missing", "NPZ-FORMAT", /w\.npz/, () => readNpz(ARCHIVE.subarray(0, 90), "w.npz")),
  given("an archive that would unpack to four gigabytes", "NPZ-SIZE", /w\.npz/, () => readNpz(PROMISED, "w.npz")),
  given("an array whose name is a path", "NPZ-NAME", /w\.npz/, () => readNpz(ESCAPING, "w.npz")),
  given("a flipped bit in an archive", "NPZ-CHECKSUM", /w\.npz/, () => readNpz(flipped(ARCHIVE, ARCHIVE.length - 22 - 51 - 1), "w.npz")),
  given("pickled objects for numbers", "NPY-TYPE", /w\.npy/, () => readNpy(PICKLE, "w.npy")),
  given("an array with values too many", "NPY-TRAILING", /w\.npy/, () => readNpy(Uint8Array.of(...writeNpy(weights), 0), "w.npy")),
];

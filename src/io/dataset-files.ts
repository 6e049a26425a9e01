/**
 * Sets of images from a folder of IDX files under MNIST's names, gzipped or not. Reads and unpacks within bounds; what
 * the bytes mean is the business of src/data.
 */
import { readFileSync, type Stats, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Dataset, fullScaleOf, take } from "../data/dataset";
import { fromIdx, LARGEST_IDX, readIdxImages, readIdxLabels } from "../data/idx";
import { OhmletError } from "../errors";

/** Longest file, packed or not: the largest set with room for its header. */
const LONGEST_FILE = LARGEST_IDX + 64;

/**
 * The two sets of a folder: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
 * t10k-labels-idx1-ubyte, each as it is or with .gz. Both are scaled by what the training images show (0…16 or 0…255)
 * and have the classes of the training labels.
 * @param limits takes only the first so many samples
 * @throws OhmletError DATA-FOLDER, DATA-FILE, DATA-GZIP, DATA-SIZE, and those of src/data/idx.ts
 */
export function loadIdxFolder(folder: string, limits: { readonly train?: number; readonly test?: number } = {}): { train: Dataset; test: Dataset } {
  if (!stat(folder)?.isDirectory()) {
    fail(folder, "DATA-FOLDER", "this is not a folder", "give a folder that holds train-images-idx3-ubyte[.gz] and its three companions");
  }
  const read = (split: string) => {
    const [imagesPath, labelsPath] = [find(folder, `${split}-images-idx3-ubyte`), find(folder, `${split}-labels-idx1-ubyte`)];
    return { images: readIdxImages(readBytes(imagesPath), imagesPath), labels: readIdxLabels(readBytes(labelsPath), labelsPath) };
  };
  const [trainFiles, testFiles] = [read("train"), read("t10k")];
  const [trainShape, testShape] = [trainFiles.images.shape.join("x"), testFiles.images.shape.join("x")];
  if (trainShape !== testShape) fail(folder, "DATA-SHAPE", `training images are ${trainShape}, test images ${testShape}`, "give two sets of one kind");
  const name = basename(resolve(folder));
  const fullScale = fullScaleOf(trainFiles.images.bytes);
  const train = fromIdx(trainFiles.images, trainFiles.labels, { name: `${name} (train)`, fullScale });
  const test = fromIdx(testFiles.images, testFiles.labels, { name: `${name} (test)`, fullScale, classes: train.classes });
  return { train: take(train, limits.train ?? train.samples), test: take(test, limits.test ?? test.samples) };
}

/** The file of that name in the folder, as it is or gzipped. */
function find(folder: string, name: string): string {
  const candidates = [join(folder, name), join(folder, `${name}.gz`)];
  const found = candidates.find((path) => stat(path)?.isFile());
  return found ?? fail(folder, "DATA-FILE", `there is no ${name} and no ${name}.gz`, "put the four IDX files of the set, under MNIST's names, into one folder");
}

/** What there is at a path; nothing where the path is absent, or is no path at all. */
function stat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** The bytes of a file, unpacked if it is gzipped (whatever its name says). */
function readBytes(path: string): Uint8Array {
  if ((stat(path)?.size ?? 0) > LONGEST_FILE) tooLong(path);
  const bytes = attempt(() => readFileSync(path), path, "DATA-FILE", "the file cannot be read", "check that it may be read");
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const unpack = () => gunzipSync(bytes, { maxOutputLength: LONGEST_FILE });
  const { buffer, byteOffset, length } = packed ? attempt(unpack, path, "DATA-GZIP", "the file cannot be unpacked", "fetch or copy the file again: it is damaged or its end is missing") : bytes;
  return new Uint8Array(buffer, byteOffset, length);
}

/** Runs what the system may refuse and turns its refusal into an error with a code. */
function attempt(action: () => Buffer, path: string, code: string, fact: string, remedy: string): Buffer {
  try {
    return action();
  } catch (error) {
    if (error instanceof RangeError) return tooLong(path);
    return fail(path, code, `${fact} (${error instanceof Error ? error.message : String(error)})`, remedy);
  }
}

function tooLong(path: string): never {
  return fail(path, "DATA-SIZE", `the file holds more than ${LONGEST_FILE} bytes`, "give a smaller set");
}

function fail(where: string, code: string, fact: string, remedy: string): never {
  throw new OhmletError({ code, fact, place: { where }, remedy });
}

/** Sets from an .npz archive of NumPy: x_train, y_train, x_test and y_test, as Keras ships them. */
import { basename, join, resolve } from "node:path";
import { assembled, shapeOf, type Raw } from "../../data/assemble";
import { labelColumn } from "../../data/classes";
import type { Stored } from "../../data/range";
import { refuse } from "../../data/refuse";
import { finished, type Found } from "../../data/split";
import { readNpyNumbers, type NpyNumbers } from "../npy";
import { readNpzAs } from "../npz";
import { namesIn, readBytes } from "./files";
import { TWO_CLASSES, type ReadOptions } from "./read";

export const NPZ = /\.npz$/i;
/** Bytes of all arrays, unpacked: MNIST as float64, with room. */
const LARGEST = 2 ** 29;
/** Names of the four arrays: values and labels to train, values and labels to test. */
const NAMES = [
  ["x_train", "y_train", "x_test", "y_test"],
  ["train_images", "train_labels", "test_images", "test_labels"],
] as const;

/**
 * @param path an .npz file, or a folder with one
 * @throws OhmletError DATA-FILE, DATA-SIZE, DATA-SHAPE, DATA-LABEL, DATA-RANGE and those of src/io/npz.ts
 */
export function loadNpz(path: string, { scale, ...limits }: ReadOptions = {}): Found {
  const file = NPZ.test(path) ? path : join(path, onlyOne(path));
  const arrays = new Map(
    [...readNpzAs(readBytes(file, LARGEST), file, LARGEST, readNpyNumbers)].map(([name, array]) => [
      name.toLowerCase(),
      array,
    ]),
  );
  const names = NAMES.find((all) => all.every((name) => arrays.has(name)));
  if (names === undefined)
    return refuse(
      file,
      "DATA-FILE",
      `its arrays are ${[...arrays.keys()].slice(0, 8).join(", ") || "none"}`,
      `write them with  numpy.savez("set.npz", ${NAMES[0].map((name) => `${name}=${name}`).join(", ")})`,
    );
  const raw = (values: string, labels: string): Raw => {
    const [x, y] = [arrays.get(values), arrays.get(labels)] as [NpyNumbers, NpyNumbers];
    return {
      ...imagesOf(x, `${file}, ${values}`),
      label: labelColumn(labelsOf(y, x.shape[0], `${file}, ${labels}`), `${file}, ${labels}`),
    };
  };
  return finished(
    assembled(basename(resolve(path)), raw(names[0], names[1]), raw(names[2], names[3]), scale),
    limits,
    TWO_CLASSES,
  );
}

function onlyOne(folder: string): string {
  const files = namesIn(folder).filter((name) => NPZ.test(name));
  if (files.length > 1)
    refuse(
      folder,
      "DATA-FILE",
      `there are ${files.length} .npz files`,
      `name one:  --data ${join(folder, files[0])}`,
    );
  return files[0];
}

/**
 * [samples, values], [samples, rows, columns] or [samples, rows, columns, channels], the last of them made
 * into planes.
 */
function imagesOf({ shape, data }: NpyNumbers, where: string): Omit<Raw, "label"> {
  const [samples, ...extents] = shape;
  const channels = extents.length === 3 ? extents[2] : 1;
  if (extents.length < 1 || extents.length > 3 || (channels !== 1 && channels !== 3) || data.length === 0) {
    return refuse(
      where,
      "DATA-SHAPE",
      `an array of shape (${shape.join(", ")}) holds no images`,
      "give [samples, values], [samples, rows, columns], or [samples, rows, columns, 3] for colour",
    );
  }
  const values: Stored = data instanceof Float64Array ? Float32Array.from(data) : data;
  if (extents.length === 1) return { where, values, shape: shapeOf(extents[0]), channels };
  return {
    where,
    values: channels === 1 ? values : planes(values, samples, extents[0] * extents[1], channels),
    shape: [extents[0], extents[1]],
    channels,
  };
}

function planes(values: Stored, samples: number, pixels: number, channels: number): Stored {
  const out = values.slice();
  for (let s = 0; s < samples; s++) {
    const first = s * pixels * channels;
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++) out[first + c * pixels + p] = values[first + p * channels + c];
  }
  return out;
}

function labelsOf({ shape, data }: NpyNumbers, samples: number, where: string): NpyNumbers["data"] {
  if (data.length === shape[0] && data.length === samples) return data;
  return refuse(
    where,
    "DATA-SHAPE",
    `an array of shape (${shape.join(", ")}) does not hold a label for each of ${samples} samples`,
    "give one number a sample; of one-hot rows, numpy.argmax(y, axis=1)",
  );
}

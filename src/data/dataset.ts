/**
 * A labelled set of images: bytes or floats as they were stored, read as numbers that suit a chip one sample
 * at a time, so that sixty thousand images take as much memory as their file. What a label means to a circuit
 * is not known here.
 */
import { count, printsItself, some, type Describe } from "../display";
import { permutation, streamOf } from "../random";
import { checkFinite } from "./finite";
import { check, optionsOf, type OptionTable } from "../options";
import { rangeOf, scaleOf, spanOf, type Stored } from "./range";
import { listed, refuse } from "./refuse";

/** Images with labels. */
export interface Dataset {
  readonly name: string;
  readonly samples: number;
  /** Values a sample: channels times rows times columns. */
  readonly features: number;
  /** [rows, columns] of an image. */
  readonly shape: readonly [number, number];
  /** 1 for grey, 3 for red, green and blue: whole planes one after the other, [channels, rows, columns]. */
  readonly channels: number;
  readonly classes: number;
  /** [classes], where the source names them. */
  readonly classNames?: readonly string[];
  /** [samples], each below `classes`; zeros where only numbers are asked for. */
  readonly labels: Uint8Array;
  /** Numbers that are asked for in the place of a class: regression, reconstruction. */
  readonly targets?: Targets;
  /** Writes sample i, [features] values, in 0…1 unless they have a sign, into `out` from `offset`. */
  pixels(i: number, out: Float64Array, offset: number): void;
}

/** What is asked of a chip where that is no class: numbers, as they are. */
export interface Targets {
  /** Numbers a sample. */
  readonly width: number;
  /** [width], where the source names them. */
  readonly names?: readonly string[];
  /** Mean squared distance of the training samples' targets from their mean: what there is to explain. */
  readonly variance: number;
  /** Writes those of sample i, [width] values, into `out` from `offset`. */
  read(i: number, out: Float64Array, offset: number): void;
}

/** Values that the output of a chip is asked for: numbers of targets, or as many as classes. */
export const outputsOf = ({ targets, classes }: Dataset): number => targets?.width ?? classes;

const describeDataset: Describe<Dataset> = ({
  name,
  samples,
  shape,
  channels,
  classes,
  classNames,
  labels,
  targets,
}) => {
  const head = `${name}: ${count(samples, "sample")} of ${shape[0]} × ${shape[1]}${channels === 1 ? "" : ` × ${channels}`}`;
  if (targets !== undefined)
    return [
      `${head}, ${count(targets.width, "target")}`,
      ...(targets.names === undefined ? [] : [`  ${some(targets.names, 10)}`]),
    ];
  const each = Array.from({ length: classes }, () => 0);
  for (const label of labels) each[label]++;
  return [
    `${head}, ${count(classes, "class", "classes")}`,
    `  ${some(
      each.map((n, label) => `${classNames?.[label] ?? label}: ${n}`),
      10,
    )}`,
  ];
};

/** For every set that is made of another. */
export const asDataset = printsItself(describeDataset);

/** What sets are made of. */
export interface DatasetParts {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly labels: Uint8Array;
  /** 1 where it is not given. */
  readonly channels?: number;
  readonly classNames?: readonly string[];
  /**
   * How many classes there are; where it is not given, as many as the labels show, and then each of them must
   * be there.
   */
  readonly classes?: number;
}

const PARTS = {
  needs: { name: check.text, shape: check.numbers, labels: check.numbers },
  takes: { channels: check.whole(1), classNames: check.list(check.text), classes: check.whole(1) },
} as const satisfies OptionTable<DatasetParts>;
/** Images as bytes, [samples, features], with what they are and which byte means 1. */
export type ByteImages = DatasetParts & { readonly bytes: Uint8Array; readonly fullScale?: number };
/** Images as floats, [samples, features], with what they are and which value means 1. */
export type FloatImages = DatasetParts & { readonly values: Float32Array; readonly scale?: number };
const readBytes = optionsOf<ByteImages>("fromBytes", {
  needs: { ...PARTS.needs, bytes: check.numbers },
  takes: { ...PARTS.takes, fullScale: check.positive },
});
const readFloats = optionsOf<FloatImages>("fromFloats", {
  needs: { ...PARTS.needs, values: check.numbers },
  takes: { ...PARTS.takes, scale: check.numeric },
});

/**
 * A set over bytes [samples, features]; a value is read as byte / fullScale, 1 at most.
 * @param parts `fullScale`: the byte that means 1; found unless said
 * @throws OhmletError DATA-SHAPE, DATA-LABEL
 */
export function fromBytes(parts: ByteImages): Dataset {
  const { bytes, fullScale = fullScaleOf(bytes) } = readBytes(parts);
  return build(parts, bytes, (value) => Math.min(1, value / fullScale));
}

/**
 * A set over floats [samples, features]. Standardised values may have a sign.
 * @param parts `scale`: what means 1; without it, all values must lie within -16…16 and are taken as they are
 * @throws OhmletError DATA-SHAPE, DATA-LABEL, DATA-NAN, DATA-RANGE
 */
export function fromFloats(parts: FloatImages): Dataset {
  const { name, values, scale } = readFloats(parts);
  const dataset = build(parts, values, scale === undefined ? (value) => value : (value) => value / scale);
  checkFinite(values, dataset.features, name);
  if (scale !== undefined) {
    if (!(scale > 0 && Number.isFinite(scale)))
      refuse(name, "DATA-RANGE", `a scale of ${scale} divides nothing`, "give a number above 0");
    return dataset;
  }
  const outside = values.findIndex((value) => Math.abs(value) > MOST_UNSCALED);
  if (outside >= 0) {
    const [row, column] = [Math.floor(outside / dataset.features), outside % dataset.features];
    refuse(
      name,
      "DATA-RANGE",
      `the value at row ${row}, column ${column} is ${values[outside]}, the values are ` +
        `${spanOf(rangeOf(values))}`,
      "say what means 1, as  scale: 255",
    );
  }
  return dataset;
}

/** Largest value that is taken for one that was scaled. */
const MOST_UNSCALED = 16;

/**
 * A set over finite values as a file holds them, each divided by the scale that was found for both sets of
 * it.
 * @throws OhmletError DATA-SHAPE
 */
export const fromStored = (
  parts: DatasetParts & { readonly values: Stored; readonly scale: number },
): Dataset => build(parts, parts.values, (value) => value / parts.scale);

/**
 * The byte that means 1, from the training images: 1 where there is nothing but 0 and 1, 16 for 0…16 (optical
 * digits), 255 for all others.
 */
export const fullScaleOf = (bytes: Uint8Array): number => scaleOf(rangeOf(bytes)) ?? 255;

/** The first `count` samples (all, where there are fewer), over the same memory. */
export function take(dataset: Dataset, count: number): Dataset {
  checkCount(dataset.name, count, "samples");
  if (count >= dataset.samples) return dataset;
  return asDataset({ ...dataset, samples: count, labels: dataset.labels.subarray(0, count) });
}

/** The order of an epoch. */
export interface Shuffle {
  readonly seed: number;
  readonly epoch: number;
}

/** Size, order and part of a set that is taken in batches. */
export interface BatchSizes {
  readonly size: number;
  /** Order of the epoch; without it, the order of the set. */
  readonly shuffle?: Shuffle;
  /** Leaves out the first so many batches. */
  readonly skip?: number;
  /** Takes only the first so many samples. */
  readonly limit?: number;
}

/** What each key takes; the counts have a code of their own. */
export const BATCH_SIZES = {
  needs: { size: check.numeric },
  takes: {
    shuffle: check.part(
      optionsOf<Shuffle>("batches, shuffle", { needs: { seed: check.anything, epoch: check.whole() } }),
    ),
    skip: check.whole(),
    limit: check.numeric,
  },
} as const satisfies OptionTable<BatchSizes>;

const readSizes = optionsOf<BatchSizes>("batches", BATCH_SIZES);

/**
 * The set in batches, each sample once; the last batch is smaller where the size does not divide the set.
 * `shuffle` gives the order of one epoch, a pure function of its seed and number; `limit` takes the first so
 * many samples, `skip` leaves out the first so many batches. Inputs are [samples, features], a fresh array
 * for each batch; indices tell which samples they are.
 * @throws OhmletError DATA-COUNT
 */
export function batches(
  dataset: Dataset,
  options: BatchSizes,
): Generator<
  { samples: number; inputs: Float64Array; labels: Uint8Array; indices: Uint32Array },
  void,
  void
> {
  const { size, shuffle, skip = 0, limit } = readSizes(options);
  checkCount(dataset.name, size, "samples a batch");
  const chosen = limit === undefined ? dataset : take(dataset, limit);
  const order =
    shuffle && permutation(chosen.samples, shuffle.seed, streamOf("order of samples"), shuffle.epoch);
  return inOrder(chosen, size, order, skip);
}

function* inOrder(
  { samples: all, features, labels, pixels }: Dataset,
  size: number,
  order: Uint32Array | undefined,
  skip: number,
) {
  for (let start = skip * size; start < all; start += size) {
    const samples = Math.min(size, all - start);
    const batch = {
      samples,
      inputs: new Float64Array(samples * features),
      labels: new Uint8Array(samples),
      indices: new Uint32Array(samples),
    };
    for (let s = 0; s < samples; s++) {
      const i = order ? order[start + s] : start + s;
      pixels(i, batch.inputs, s * features);
      batch.labels[s] = labels[i];
      batch.indices[s] = i;
    }
    yield batch;
  }
}

function build(parts: DatasetParts, store: ArrayLike<number>, read: (value: number) => number): Dataset {
  const { name, shape, labels, channels = 1, classNames } = parts;
  const [samples, features] = [labels.length, channels * shape[0] * shape[1]];
  if (samples === 0 || !(features > 0))
    refuse(
      name,
      "DATA-SHAPE",
      "there are no samples, or they are empty",
      "give at least one image of at least one pixel",
    );
  if (store.length !== samples * features) {
    refuse(
      name,
      "DATA-SHAPE",
      `${store.length} values do not make ${samples} images of ` +
        `${shape[0]}x${shape[1]}${channels === 1 ? "" : `x${channels}`}`,
      "give one image for each label",
    );
  }
  if (!(labels instanceof Uint8Array))
    refuse(
      name,
      "DATA-LABEL",
      "the labels are no bytes",
      "give a Uint8Array: a class of 0…255 for each sample",
    );
  const classes = parts.classes ?? shownClasses(labels, name);
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong >= 0)
    refuse(
      name,
      "DATA-LABEL",
      `the label of sample ${wrong} is ${labels[wrong]}, the classes are 0…${classes - 1}`,
      "check that images and labels belong together",
    );
  return asDataset({
    name,
    samples,
    features,
    classes,
    labels,
    channels,
    shape: [shape[0], shape[1]],
    ...(classNames !== undefined && { classNames }),
    pixels(i, out, offset) {
      for (let j = 0; j < features; j++) out[offset + j] = read(store[i * features + j]);
    },
  });
}

/** As many classes as the largest label says, where all of them are there. */
function shownClasses(labels: Uint8Array, name: string): number {
  const shown = new Set(labels);
  const classes = 1 + [...shown].reduce((most, label) => Math.max(most, label), 0);
  if (shown.size === classes) return classes;
  const missing = Array.from({ length: classes }, (_, label) => label).filter((label) => !shown.has(label));
  return refuse(
    name,
    "DATA-LABEL",
    `the labels reach to ${classes - 1}, and no sample has ${listed(missing)}`,
    `number the classes from 0 without gaps, or give  classes: ${classes}  where those are only missing here`,
  );
}

function checkCount(where: string, count: number, what: string): void {
  if (!Number.isSafeInteger(count) || count < 1)
    refuse(where, "DATA-COUNT", `${count} is not a number of ${what}`, "give a whole number, 1 or more");
}

/**
 * Two sets of one kind, to train and to test. Whatever takes a part of a set takes it from every class alike:
 * files are often sorted by class, and their first samples then show one.
 */
import { asDataset, type Dataset, take } from "./dataset";
import { listed, refuse, type DataWarning, type Findings } from "./refuse";

export interface Split {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** What a loader gives. */
export interface Found extends Split, Findings {}

/** Takes only so many samples; all, where a number is missing. */
export interface Limits {
  readonly train?: number;
  readonly test?: number;
}

/** Of a single set, one sample in so many is for the test. */
const TEST_SHARE = 5;

/**
 * What every loader does last: takes so many samples of both, and looks whether all classes are there.
 * @param remedy where there is only one
 * @throws OhmletError DATA-LABEL for a set of one class: any chip is right on it
 */
export function finished(found: Found, limits: Limits, remedy: string): Found {
  const { train } = found;
  if (train.classes < 2 && train.targets === undefined)
    refuse(
      train.name,
      "DATA-LABEL",
      `every sample is of one class, ${listed(namesOf(train))}: there is nothing to tell apart`,
      remedy,
    );
  const split = { train: sampled(train, limits.train), test: sampled(found.test, limits.test) };
  return { ...found, ...split, warnings: [...found.warnings, ...missingClasses(split)] };
}

/**
 * So many samples in the order of the set: of each class the first ones, as many as its share. More samples
 * are these and others, so that whoever has the same larger part has the same smaller one.
 */
function sampled(set: Dataset, count = set.samples): Dataset {
  if (count >= set.samples) return take(set, count);
  const counts = countsOf(set);
  const seen = counts.map(() => 0);
  const place = Float64Array.from(set.labels, (label) => (seen[label]++ + 0.5) / counts[label]);
  const order = byClass(set).sort((a, b) => place[a] - place[b]);
  return subset(set, order.slice(0, count).sort());
}

/**
 * Every fifth sample of each class to test, the others to train.
 * @throws OhmletError DATA-COUNT
 */
export function divided(set: Dataset): Split {
  if (set.samples < TEST_SHARE)
    refuse(
      set.name,
      "DATA-COUNT",
      `there are ${set.samples} samples; every fifth is for the test`,
      `give ${TEST_SHARE} samples or more`,
    );
  const tested = new Uint8Array(set.samples);
  byClass(set).forEach((sample, i) => (tested[sample] = Number(i % TEST_SHARE === TEST_SHARE - 1)));
  const part = (isTest: number, split: string): Dataset =>
    asDataset({
      ...subset(set, Uint32Array.from([...tested.keys()].filter((i) => tested[i] === isTest))),
      name: `${set.name} (${split})`,
    });
  return { train: part(0, "train"), test: part(1, "test") };
}

/** The samples of class 0, then those of class 1, …, each in the order of the set. */
function byClass({ samples, classes, labels }: Dataset): Uint32Array {
  const starts = new Uint32Array(classes + 1);
  for (const label of labels) starts[label + 1]++;
  for (let c = 0; c < classes; c++) starts[c + 1] += starts[c];
  const order = new Uint32Array(samples);
  for (let i = 0; i < samples; i++) order[starts[labels[i]]++] = i;
  return order;
}

/** The samples of these numbers, over the same memory. */
function subset(set: Dataset, indices: Uint32Array): Dataset {
  const { pixels, targets } = set;
  return {
    ...set,
    ...(targets && {
      targets: { ...targets, read: (i, out, offset) => targets.read(indices[i], out, offset) },
    }),
    samples: indices.length,
    labels: Uint8Array.from(indices, (i) => set.labels[i]),
    pixels: (i, out, offset) => pixels(indices[i], out, offset),
  };
}

/** How many samples of each class there are. */
export function countsOf({ labels, classes }: Dataset): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of labels) counts[label]++;
  return counts;
}

/** The name of each class, by label. */
export const namesOf = ({ classes, classNames }: Dataset): readonly string[] =>
  classNames ?? Array.from({ length: classes }, (_, label) => String(label));

/** Classes that one of the two does not show. */
function missingClasses({ train, test }: Split): DataWarning[] {
  return (
    [
      [train, "training"],
      [test, "test"],
    ] as const
  ).flatMap(([set, what]) => {
    const counts = countsOf(set);
    const missing = namesOf(set).filter((_, label) => counts[label] === 0);
    if (missing.length === 0) return [];
    return [
      {
        code: "DATA-CLASS",
        text:
          `the ${set.samples} ${what} samples hold ${set.classes - missing.length} of ${set.classes} ` +
          `classes: none of ${listed(missing)}`,
      },
    ];
  });
}

/**
 * The two sets of a format that stores values and labels: classes and what means 1 are found in the training
 * part, and hold for both.
 */
import { classesOf, type LabelColumn } from "./classes";
import { type Dataset, fromStored } from "./dataset";
import { checkFinite } from "./finite";
import { rangeOf, scaling, type Stored } from "./range";
import { refuse } from "./refuse";
import { withTargets } from "./targets";
import { divided, type Found, type Split } from "./split";

/** What the reader of a format found. */
export interface Raw {
  /** Names it in errors: the file. */
  readonly where: string;
  /** [samples, channels, rows, columns], as stored. */
  readonly values: Stored;
  readonly shape: readonly [number, number];
  readonly channels: number;
  readonly label: LabelColumn;
  /** [samples, width], where numbers are asked for and no class; codes of labels are zeros then. */
  readonly targets?: { readonly values: Stored; readonly names: readonly string[] };
}

/**
 * @param test nothing where every fifth sample of the training part is to be kept for it
 * @param scale what means 1, where the user says so
 * @throws OhmletError DATA-SHAPE, DATA-LABEL, DATA-RANGE, DATA-NAN, DATA-COUNT
 */
export function assembled(name: string, train: Raw, test: Raw | undefined, scale: number | undefined): Found {
  const tested = test ?? train;
  const [a, b] = [train, tested].map(({ shape, channels }) =>
    [...shape, ...(channels === 1 ? [] : [channels])].join("x"),
  );
  if (a !== b)
    refuse(
      tested.where,
      "DATA-SHAPE",
      `test samples are ${b}, training samples ${a}`,
      "give two sets of one kind",
    );
  const where = { train: train.where, test: tested.where };
  for (const { values, label, where: file } of [train, tested])
    if (values instanceof Float32Array) checkFinite(values, values.length / label.codes.length, file);
  const {
    train: trainLabels,
    test: testLabels,
    ...classes
  } = train.targets === undefined
    ? classesOf(train.label, tested.label, where)
    : { train: train.label.codes, test: tested.label.codes, classes: 1 };
  const range = rangeOf(train.values);
  const scaled = scaling(range, test === undefined ? range : rangeOf(test.values), where, scale);
  const set = (title: string, raw: Raw, labels: Uint8Array, variance?: number): Dataset => {
    const { values, shape, channels, targets } = raw;
    const made = fromStored({
      name: title,
      values,
      shape,
      channels,
      labels,
      ...classes,
      scale: scaled.scale,
    });
    return targets === undefined
      ? made
      : withTargets(made, { ...targets, width: targets.names.length, ...(variance && { variance }) });
  };
  const trained = set(test === undefined ? name : `${name} (train)`, train, trainLabels);
  const split: Split =
    test === undefined
      ? divided(trained)
      : {
          train: trained,
          test: set(`${name} (test)`, test, testLabels, trained.targets?.variance),
        };
  return {
    ...split,
    notes: [
      scaled.note,
      ...(test === undefined
        ? [`every fifth sample${train.targets === undefined ? " of a class" : ""} is for the test`]
        : []),
    ],
    warnings: scaled.warnings,
  };
}

/** A square, where the values make one; one row of values otherwise. */
export function shapeOf(features: number): readonly [number, number] {
  const side = Math.round(Math.sqrt(features));
  return side * side === features ? [side, side] : [1, features];
}

/**
 * Labels as files have them (numbers with gaps, words, 0 and 255) made into classes 0, 1, 2, …: one class for
 * each label that the training data hold, in the order of numbers or of words, and the same for the test.
 */
import { listed, refuse } from "./refuse";

/** A label as it stands in a file; words in Unicode's form C. */
export type RawLabel = number | string;

/** Most classes of a set: a label is kept as a byte. */
export const MOST_CLASSES = 256;

/** A column of labels: which of its different labels each sample has. */
export interface LabelColumn {
  readonly codes: Uint8Array;
  /** By code, in the order in which they first came. */
  readonly labels: readonly RawLabel[];
}

export interface Classes {
  readonly train: Uint8Array;
  readonly test: Uint8Array;
  readonly classes: number;
  /** Where they are not just 0, 1, 2, …. */
  readonly classNames?: readonly string[];
}

/** Collects a column of labels, until there are more different ones than there can be classes. */
export class LabelCollector {
  readonly labels: RawLabel[] = [];
  readonly #codes = new Map<RawLabel, number>();
  #samples = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns whether there was room for it */
  add(label: RawLabel): boolean {
    let code = this.#codes.get(label);
    if (code === undefined) {
      if (this.labels.length === MOST_CLASSES) return false;
      code = this.labels.push(label) - 1;
      this.#codes.set(label, code);
    }
    if (this.#length === this.#samples.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#samples);
      this.#samples = longer;
    }
    this.#samples[this.#length++] = code;
    return true;
  }

  column(): LabelColumn {
    return { codes: this.#samples.slice(0, this.#length), labels: this.labels };
  }
}

/**
 * A column of numbers.
 * @param where names it in errors
 * @throws OhmletError DATA-LABEL for what is no whole number, and for more labels than there can be classes
 */
export function labelColumn(values: ArrayLike<number>, where: string): LabelColumn {
  const collector = new LabelCollector();
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isSafeInteger(value))
      refuse(
        where,
        "DATA-LABEL",
        `the label of sample ${i} is ${value}`,
        "give whole numbers as labels: one for each class",
      );
    if (!collector.add(value))
      refuse(
        where,
        "DATA-LABEL",
        `there are more than ${MOST_CLASSES} different labels`,
        "check that these are labels: a number for each class",
      );
  }
  return collector.column();
}

/**
 * @param where of both, for errors
 * @throws OhmletError DATA-LABEL for a label that only the test has
 */
export function classesOf(
  train: LabelColumn,
  test: LabelColumn,
  where: { readonly train: string; readonly test: string },
): Classes {
  const order = [...train.labels].sort(compareLabels);
  const classOf = new Map(order.map((label, i): [RawLabel, number] => [label, i]));
  const unknown = test.labels.filter((label) => !classOf.has(label)).sort(compareLabels);
  if (unknown.length > 0) {
    const classes = new Set(unknown);
    const samples = test.codes.reduce((sum, code) => sum + Number(classes.has(test.labels[code])), 0);
    refuse(
      where.test,
      "DATA-LABEL",
      `${samples} test samples are of ${unknown.length === 1 ? "a class" : "classes"} that the ` +
        `training data lack: ${listed(unknown)}`,
      `the training data hold ${listed(order, 12)}: give both the same classes`,
    );
  }
  const coded = ({ codes, labels }: LabelColumn): Uint8Array => {
    const own = labels.map((label) => classOf.get(label) as number);
    return codes.map((code) => own[code]);
  };
  const plain = order.every((label, i) => label === i);
  return {
    train: coded(train),
    test: coded(test),
    classes: order.length,
    ...(!plain && { classNames: order.map(String) }),
  };
}

const collator = new Intl.Collator("en", { numeric: true });

/** Numbers before words. */
function compareLabels(a: RawLabel, b: RawLabel): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === typeof b) return collator.compare(a as string, b as string) || (a < b ? -1 : 1);
  return typeof a === "number" ? -1 : 1;
}

/**
 * Reads a CSV text into values and labels in one pass over its bytes, with memory of at most four times its
 * length.
 */
import { LabelCollector, MOST_CLASSES, type LabelColumn, type RawLabel } from "../classes";
import type { Stored } from "../range";
import { refuse } from "../refuse";
import { rolesOf, shapedLabel, told, type Candidate, type Head, type LabelName, type Roles } from "./columns";
import { isMissing, namesIn, recordsOf, SEPARATOR_NAMES } from "./dialect";
import { LONGEST_NUMBER, NumberReader } from "./number";
import type { Records } from "./records";
import { ValueStore } from "./store";
import { utf8Of } from "./text";

export interface Table extends Head {
  /** [samples, features], in the order of `roles.values`. */
  readonly values: Stored;
  readonly label: LabelColumn;
  /** [samples, width] of `roles.targets`; null where there are none. */
  readonly targets: Stored | null;
  readonly roles: Roles;
  readonly separator: string;
  readonly hasComma: boolean;
}

/** A file of comma-separated values that has been read: its bytes and what it is called. */
export interface CsvFile {
  /** Names it in errors. */
  readonly where: string;
  readonly bytes: Uint8Array;
  /** What the user typed, for errors that show a command: the folder that holds the file, or `where`. */
  readonly named?: string;
}

const LONGEST_LABEL = 200;
/**
 * Columns of words that are looked at as labels, and lines after which a column that counts on is taken for
 * no accident.
 */
const [MOST_WORDS, LEAST_COUNTED] = [20, 4];
/** What float32 holds. */
const LARGEST = 3.4e38;
const NUMBERS_ONLY =
  "give finite numbers only, as 0.5 or 1e-3; words only as labels, and their column with  --label";
/** What is meant as a number and is none. */
const NUMBERLIKE = /^[+-]?(inf|infinity|0x[0-9a-f]+|\d[\d_.,]*)$/i;

/**
 * @param roles of the columns, where another file has decided them; else they are found, by what the user
 *   says of the label
 * @throws OhmletError DATA-CSV, DATA-TEXT, DATA-COLUMN, DATA-LABEL
 */
export function readTable(
  { bytes, where, named = where }: CsvFile,
  decide: { readonly label?: LabelName; readonly targets?: readonly LabelName[] } | ((head: Head) => Roles),
): Table {
  const records = recordsOf(utf8Of(bytes, where), where);
  const commas = records.delimiter !== 44;
  if (!records.next())
    records.fail(0, "DATA-CSV", "the file has no samples", "give a line a sample: its values and its label");
  const names = namesIn(records, commas);
  const head: Head = { where, named, names, columns: records.count };
  const roles = typeof decide === "function" ? decide(head) : rolesOf(head, decide.label, decide.targets);
  if (names !== null && !records.next())
    records.fail(
      0,
      "DATA-CSV",
      "the file has a line of names and no samples",
      "give a line a sample: its values and its label",
    );
  const body = new Body(records, head, roles, commas, typeof decide !== "function");
  do body.take();
  while (records.next());
  return {
    ...head,
    ...body.end(),
    separator: SEPARATOR_NAMES[String.fromCharCode(records.delimiter)],
    hasComma: body.numbers.hasComma,
  };
}

/** The samples of a table while they are read. */
class Body {
  readonly numbers: NumberReader;
  readonly #values: ValueStore;
  readonly #targets: ValueStore | null;
  readonly #label: Candidate | null;
  /**
   * While the label is not known: the columns that may be it, at the ends and of words. They are stored as
   * values, too.
   */
  readonly #candidates: readonly Candidate[];
  readonly #words: readonly number[];
  #samples = 0;
  /** The first column, as long as it counts the samples. */
  #counting: { last: number } | null;

  /** @param open whether a first column that counts the samples is still to be left out */
  constructor(
    readonly records: Records,
    readonly head: Head,
    readonly roles: Roles,
    commas: boolean,
    open: boolean,
  ) {
    const { label, values, targets } = roles;
    this.#targets = targets.length === 0 ? null : new ValueStore((records.bytes.length >> 1) + 1);
    const shaped = label === null && targets.length === 0;
    this.numbers = new NumberReader(commas);
    this.#values = new ValueStore((records.bytes.length >> 1) + 1);
    this.#label = label === null ? null : candidate(label);
    this.#counting =
      open && head.names === null && label !== 0 && !targets.includes(0) && values.length > 2
        ? { last: Number.NaN }
        : null;
    this.#words = shaped
      ? values.filter((cell) => cell < records.count && Number.isNaN(this.#number(cell))).slice(0, MOST_WORDS)
      : [];
    // Where the first column may turn out to count the samples, the second is an end, too.
    this.#candidates = shaped
      ? [
          ...new Set([
            ...values.slice(0, this.#counting === null ? 1 : 2),
            ...this.#words,
            ...values.slice(-1),
          ]),
        ].map(candidate)
      : [];
  }

  #number(cell: number): number {
    const { bytes, starts, ends } = this.records;
    return this.numbers.read(bytes, starts[cell], ends[cell]);
  }

  /** Takes the present record. @throws OhmletError DATA-CSV, DATA-LABEL */
  take(): void {
    const {
      records,
      numbers,
      roles: { values, targets },
    } = this;
    const { columns } = this.head;
    const { bytes, starts, ends, count } = records;
    if (count !== columns)
      records.fail(
        Math.min(count, columns),
        "DATA-CSV",
        `there are ${count > columns ? "more" : "fewer"} cells than the ${columns} of the first line`,
        "give every sample as many values",
      );
    for (let i = 0; i < values.length; i++) {
      const cell = values[i];
      const value = numbers.read(bytes, starts[cell], ends[cell]);
      this.#values.push(value <= LARGEST && value >= -LARGEST ? value : this.#word(cell)); // NaN is neither
    }
    for (const cell of targets) {
      const value = numbers.read(bytes, starts[cell], ends[cell]);
      this.#targets?.push(value <= LARGEST && value >= -LARGEST ? value : this.#notANumber(cell));
    }
    if (numbers.hasComma && numbers.hasPoint)
      records.fail(
        0,
        "DATA-CSV",
        "there are decimal commas and decimal points up to this line",
        "write all numbers with one mark, and none between thousands",
      );
    if (this.#label !== null) this.#collect(this.#label);
    for (const one of this.#candidates) if (one.possible) this.#consider(one);
    if (this.#counting !== null) this.#count(this.#counting);
    this.#samples++;
  }

  /** A word among values may still be a label: then something is stored in its place. */
  #word(cell: number): number {
    const { records } = this;
    const found = this.#candidates.find(({ column }) => column === cell);
    if (found === undefined || isMissing(records.text(cell))) return this.#notANumber(cell);
    found.word ??= { line: records.line, shown: records.shown(cell) };
    return 0;
  }

  #notANumber(cell: number): never {
    const { records, head } = this;
    const shown = records.shown(cell);
    const length = records.ends[cell] - records.starts[cell];
    if (isMissing(shown))
      return records.fail(
        cell,
        "DATA-CSV",
        `the value of ${told(cell, head)} is missing${shown === "" ? "" : `: "${shown}"`}`,
        "fill it in, or leave the sample out",
      );
    if (length > LONGEST_NUMBER)
      return records.fail(
        cell,
        "DATA-CSV",
        `${told(cell, head)} holds ${length} characters, no number has more than ${LONGEST_NUMBER}`,
        "write numbers with fewer digits: seven of them count",
      );
    return records.fail(
      cell,
      "DATA-CSV",
      `${told(cell, head)} holds "${shown}", which is not a number`,
      NUMBERS_ONLY,
    );
  }

  #collect({ column, collected }: Candidate): void {
    const { records, head } = this;
    const label = this.#labelIn(column);
    if (typeof label === "string" && (label.length > LONGEST_LABEL || NUMBERLIKE.test(label)))
      records.fail(
        column,
        "DATA-LABEL",
        `the label is "${records.shown(column)}"`,
        "give whole numbers or short words as labels: one for each class",
      );
    if (typeof label === "number" && !Number.isSafeInteger(label))
      records.fail(
        column,
        "DATA-LABEL",
        `the label is ${label}`,
        "give whole numbers or words as labels; name their column with  --label",
      );
    if (!collected.add(label))
      records.fail(
        column,
        "DATA-LABEL",
        `up to this line there are more than ${MOST_CLASSES} different labels in ${told(column, head)}`,
        "name the label's column with  --label",
      );
  }

  #consider(one: Candidate): void {
    const label = this.#labelIn(one.column);
    // A number among the words of an inner column: it is the words that are wrong there.
    const inner = this.#words.includes(one.column) && !this.#ends(false).includes(one.column);
    const fits =
      typeof label === "number"
        ? Number.isSafeInteger(label) && !inner
        : label.length <= LONGEST_LABEL && !NUMBERLIKE.test(label);
    one.possible = fits && one.collected.add(label);
  }

  /** The columns at the ends of the samples. @param counts whether the first only counts them */
  #ends(counts: boolean): readonly number[] {
    const { values } = this.roles;
    return [values[counts ? 1 : 0], values[values.length - 1]];
  }

  #labelIn(column: number): RawLabel {
    const { records } = this;
    const value = this.#number(column);
    if (!Number.isNaN(value)) return value;
    const text = records.text(column);
    if (isMissing(text))
      records.fail(
        column,
        "DATA-CSV",
        `the label, ${told(column, this.head)}, is missing`,
        "fill it in, or leave the sample out",
      );
    return text;
  }

  #count(counting: { last: number }): void {
    const first = this.#number(0);
    if (Number.isInteger(first) && (this.#samples === 0 || first === counting.last + 1))
      counting.last = first;
    else this.#counting = null;
  }

  #refuseWord(column: number, { line, shown }: { readonly line: number; readonly shown: string }): never {
    return refuse(
      { where: this.head.where, line },
      "DATA-CSV",
      `${told(column, this.head)} holds "${shown}", which is not a number`,
      NUMBERS_ONLY,
    );
  }

  /**
   * @throws OhmletError DATA-COLUMN where the label is not clear, DATA-CSV for words that turn out not to be
   *   labels
   */
  end(): Pick<Table, "values" | "label" | "targets" | "roles"> {
    const { roles, head } = this;
    const counts = this.#counting !== null && this.#samples >= LEAST_COUNTED;
    const open = this.#candidates.filter(
      ({ column }) => this.#ends(counts).includes(column) || this.#words.includes(column),
    );
    for (const one of this.#candidates)
      if (one.word !== undefined && !(one.possible && open.includes(one)))
        this.#refuseWord(one.column, one.word);
    const asked = this.#targets !== null;
    const label = asked ? null : (roles.label ?? shapedLabel(head, open));
    const out = new Set([...(label === null ? [] : [label]), ...(counts ? [0] : [])]);
    for (const { column, word } of this.#candidates)
      if (word !== undefined && !out.has(column)) this.#refuseWord(column, word);
    const labelled = this.#label ?? this.#candidates.find(({ column }) => column === label);
    const width = roles.targets.length;
    return {
      values: this.#values.end(
        roles.values.length,
        roles.values.flatMap((column, i) => (out.has(column) ? [] : [i])),
      ),
      label: labelled?.collected.column() ?? { codes: new Uint8Array(this.#samples), labels: [0] },
      targets:
        this.#targets?.end(
          width,
          roles.targets.map((_, i) => i),
        ) ?? null,
      roles: {
        label,
        targets: roles.targets,
        values: roles.values.filter((column) => !out.has(column)),
        notes: [...roles.notes, ...(counts ? [`${told(0, head)} counts the samples: left out`] : [])],
      },
    };
  }
}

const candidate = (column: number): Candidate => ({
  column,
  collected: new LabelCollector(),
  possible: true,
});

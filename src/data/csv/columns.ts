/**
 * Which column is the label, which are values, and which are neither: numbers of the samples, and second
 * labels. A label's column is named by the user, by its own name, or by its shape where only one column can
 * be it; never guessed.
 */
import type { LabelCollector } from "../classes";
import { listed, refuse } from "../refuse";
import { namesIndex, namesLabel } from "./dialect";

/** What the user says of a file's label: the name of a column, or its number, counted from 1. */
export type LabelName = string | number;

/** What the columns of a file are. */
export interface Roles {
  /** The column of the label; null where its shape must tell. */
  readonly label: number | null;
  /** Columns of values, in the order in which a chip takes them. */
  readonly values: readonly number[];
  /** Columns of numbers that are asked for; empty where a label is. */
  readonly targets: readonly number[];
  /** What is said of columns that are left out. */
  readonly notes: readonly string[];
}

export interface Head {
  readonly where: string;
  /** What the user named: a folder, where a file is found in it. */
  readonly named: string;
  /** Nothing where the first line is a sample. */
  readonly names: readonly string[] | null;
  readonly columns: number;
}

/** A column for people: its number, and its name where it has one. */
export const told = (column: number, { names }: Head): string =>
  "column " +
  `${column + 1}${names === null ? "" : ` (${names[column] === "" ? "without a name" : JSON.stringify(names[column].slice(0, 40))})`}`;

/** @throws OhmletError DATA-COLUMN */
export function rolesOf(head: Head, asked: LabelName | undefined, targets: readonly LabelName[] = []): Roles {
  const { names, columns } = head;
  const all = Array.from({ length: columns }, (_, i) => i);
  if (targets.length > 0) return rolesBeside(head, all, targets);
  const label = asked === undefined ? namedLabel(head) : askedLabel(head, asked);
  if (names === null) return { label, targets: [], values: all.filter((i) => i !== label), notes: [] };
  const numbering = all.filter((i) => i !== label && namesIndex(names[i]) && (names[i] !== "" || i === 0));
  const labels = label === null ? [] : all.filter((i) => i !== label && namesLabel(names[i]));
  const out = new Set([...numbering, ...labels]);
  return {
    label,
    targets: [],
    values: all.filter((i) => i !== label && !out.has(i)),
    notes: [
      ...numbering.map((i) => `${told(i, head)} names the samples: left out`),
      ...labels.map((i) => `${told(i, head)} is another label: left out`),
    ],
  };
}

/** Columns that are asked for are named; all others are values, but for those that name the samples. */
function rolesBeside(head: Head, all: readonly number[], asked: readonly LabelName[]): Roles {
  const targets = asked.map((one) => askedLabel(head, one));
  const twice = targets.find((column, i) => targets.indexOf(column) !== i);
  if (twice !== undefined)
    refuse(head.where, "DATA-COLUMN", `${told(twice, head)} is asked for twice`, "name each column once");
  const { names } = head;
  const numbering =
    names === null
      ? []
      : all.filter((i) => !targets.includes(i) && namesIndex(names[i]) && (names[i] !== "" || i === 0));
  return {
    label: null,
    targets,
    values: all.filter((i) => !targets.includes(i) && !numbering.includes(i)),
    notes: numbering.map((i) => `${told(i, head)} names the samples: left out`),
  };
}

/** The one column with a label's name. `y` is such a name, unless it is a place beside `x`. */
function namedLabel(head: Head): number | null {
  const { names } = head;
  if (names === null) return null;
  const found = names.flatMap((name, i) => (namesLabel(name) ? [i] : []));
  if (found.length > 1)
    unclear(
      head,
      `${found.length} columns have the name of a label: ${listed(found.map((i) => names[i]))}`,
      found,
    );
  if (found.length === 1) return found[0];
  const small = names.map((name) => name.toLowerCase());
  return small.includes("x") || small.indexOf("y") !== small.lastIndexOf("y")
    ? null
    : nullIfAbsent(small.indexOf("y"));
}

const nullIfAbsent = (index: number): number | null => (index < 0 ? null : index);

function askedLabel(head: Head, asked: LabelName): number {
  const { where, names, columns } = head;
  const text = String(asked).trim().normalize("NFC");
  const fail = (fact: string, remedy: string): never => refuse(where, "DATA-COLUMN", fact, remedy);
  const byName = names?.flatMap((name, i) => (name === text ? [i] : [])) ?? [];
  if (text === "")
    fail("the label's column is said to be nothing", "name it by its name, or by its number, counted from 1");
  const number = /^\d{1,7}$/.test(text) ? Number(text) - 1 : null;
  if (byName.length > 1)
    fail(
      `${byName.length} columns are called ${JSON.stringify(text.slice(0, 40))}`,
      `name the label's column by its number, counted from 1:  --label ${byName[0] + 1}`,
    );
  if (byName.length === 1 && number !== null && number < columns && number >= 0 && number !== byName[0])
    fail(
      `"${text}" is the name of column ${byName[0] + 1}, and the number of another`,
      "give the columns names that are no numbers",
    );
  if (byName.length === 1) return byName[0];
  if (number !== null && number >= 0 && number < columns) return number;
  if (number !== null)
    return fail(
      `there is no column ${text}: the file has ${columns}, counted from 1`,
      `name the label's column:  --label 1  is the first,  --label ${columns}  the last`,
    );
  return fail(
    `there is no column ${JSON.stringify(text.slice(0, 40))}`,
    names === null
      ? "the columns have no names; name one by its number, counted from 1:  --label 1  or  --label " +
          `${columns}`
      : `the columns are ${listed(names, 12)}`,
  );
}

/** What is known of a column that may be the label. */
export interface Candidate {
  readonly column: number;
  readonly collected: LabelCollector;
  /** False once it held what is no label: half a number, more kinds than there can be classes. */
  possible: boolean;
  /** Its first word: nothing for a chip, where the column turns out to hold values. */
  word?: { readonly line: number; readonly shown: string };
}

/**
 * Whether so few different whole numbers or words, each often enough, must be labels: few, or counting on
 * from one to the next.
 */
function looksLikeLabels({ collected, possible }: Candidate): boolean {
  const { labels, length } = collected;
  if (!possible || labels.length < 2 || 2 * labels.length > length) return false;
  const numbers = labels.filter((label) => typeof label === "number");
  if (numbers.length < labels.length || labels.length <= 16) return true;
  const [least, largest] = numbers.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  return largest - least + 1 === labels.length;
}

/**
 * The one of the candidates that looks like labels.
 * @throws OhmletError DATA-COLUMN where none does, or several
 */
export function shapedLabel(head: Head, candidates: readonly Candidate[]): number {
  const found = candidates.filter(looksLikeLabels);
  if (found.length === 1) return found[0].column;
  const shown = found.length > 0 ? found : candidates;
  const values = shown
    .map(({ column, collected }) => `${told(column, head)} holds ${listed(collected.labels, 4)}`)
    .join("; ");
  return unclear(
    head,
    found.length === 0
      ? `no column looks like labels: ${values}`
      : `more than one column looks like labels: ${values}`,
    shown.map(({ column }) => column),
  );
}

function unclear(head: Head, fact: string, columns: readonly number[]): never {
  const { where, named } = head;
  const path = /^[\w./-]+$/.test(named) ? named : `'${named.replaceAll("'", String.raw`'\''`)}'`;
  const choices = columns
    .slice(0, 3)
    .map((column) => `--label ${column + 1}`)
    .join("  or  ");
  return refuse(where, "DATA-COLUMN", `it is not clear which column is the label: ${fact.slice(0, 300)}`, [
    `say which, by its number or its name:  ohmlet data show ${path} ${choices}`,
    "train takes the same  --label,  a config  label:  under  data",
  ]);
}

/**
 * Labelled samples as comma-separated numbers, one line a sample: the values, then the label. A first line that is not
 * all numbers names the columns; one of them called "label", "class" or "target" is the label then, wherever it stands.
 * Works on bytes that somebody else has read. Quoted cells are for texts, and there are none here.
 */
import { OhmletError } from "../errors";

/** The lines as numbers: values [samples, features] as they stand, 0…255, labels [samples]. */
export interface CsvSamples {
  readonly features: number;
  readonly values: Float32Array;
  readonly labels: Uint8Array;
}

/** Most values of a file: a quarter of a gigabyte as they are held. */
const MOST_VALUES = 2 ** 26;
const MOST_COLUMNS = 1_000_000;
const LABEL = /^(label|class|target)$/i;

/**
 * Reads all lines.
 * @throws OhmletError DATA-CSV with line (a cell that is no number, a line of another length), DATA-LABEL, DATA-RANGE, DATA-SIZE
 */
export function readCsv(bytes: Uint8Array, where: string): CsvSamples {
  const lines = linesOf(bytes);
  const first = lines.next();
  if (first.done) return fail(where, "DATA-CSV", "the file is empty", "give a line a sample: its values, then its label");
  const head = first.value.text.split(",", MOST_COLUMNS + 1).map((cell) => cell.trim());
  const columns = head.length;
  if (columns < 2 || columns > MOST_COLUMNS) fail(where, "DATA-CSV", `the first line has ${columns === 1 ? "one cell" : `more than ${MOST_COLUMNS} cells`}`, "give a line a sample, separated by commas: its values, then its label", first.value);
  const named = head.some((cell) => !Number.isFinite(numberOf(cell)));
  const labelAt = named && head.some((cell) => LABEL.test(cell)) ? head.findIndex((cell) => LABEL.test(cell)) : columns - 1;
  const most = countLines(bytes);
  const features = columns - 1;
  if (most * features > MOST_VALUES) fail(where, "DATA-SIZE", `${most} lines of ${columns} cells are more than ${MOST_VALUES} values`, "give a smaller set");

  const [values, labels] = [new Float32Array(most * features), new Uint8Array(most)];
  let samples = 0;
  const read = (line: Line): void => {
    const cells = line.text.split(",", columns + 1);
    if (cells.length !== columns) fail(where, "DATA-CSV", `there are ${cells.length > columns ? "more" : "fewer"} cells than the ${columns} of the first line`, "give every sample as many values", line);
    let at = samples * features;
    for (let c = 0; c < columns; c++) {
      const value = numberOf(cells[c]);
      if (!Number.isFinite(value)) fail(where, "DATA-CSV", `cell ${c + 1}, "${cells[c].slice(0, 40)}", is not a number`, "give finite numbers only, labels too", line);
      if (c !== labelAt) values[at++] = value;
      else if (Number.isInteger(value) && value >= 0 && value <= 255) labels[samples] = value;
      else fail(where, "DATA-LABEL", `the label is ${value}`, "number the classes from 0, at most 256 of them", line);
    }
    samples++;
  };
  if (!named) read(first.value);
  for (const line of lines) read(line);
  if (samples === 0) fail(where, "DATA-CSV", "the file has a line of names and no samples", "give a line a sample: its values, then its label");
  return { features, values: inRange(values.subarray(0, samples * features), where), labels: labels.slice(0, samples) };
}

/** What means 1 in sets of one kind: 1, 16 (optical digits) or 255, whichever holds all their values. */
export function csvScale(sets: readonly CsvSamples[]): number {
  const largest = sets.reduce((most, { values }) => values.reduce((m, value) => Math.max(m, value), most), 0);
  return largest <= 1 ? 1 : largest <= 16 ? 16 : 255;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** The lines that are not blank, without their ends. */
function* linesOf(bytes: Uint8Array): Generator<Line, void, void> {
  const decoder = new TextDecoder();
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    const text = decoder.decode(bytes.subarray(start, end)).trim();
    if (text !== "") yield { number, text };
    start = end + 1;
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

/** Not Number(): that reads "" as 0 and "0x10" as 16. */
function numberOf(cell: string): number {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell) ? Number(cell) : Number.NaN;
}

function inRange(values: Float32Array, where: string): Float32Array {
  let [least, largest] = [0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  if (least < 0 || largest > 255) fail(where, "DATA-RANGE", `the values reach from ${least} to ${largest}`, "scale them to 0…1, 0…16 or 0…255");
  return values;
}

function fail(where: string, code: string, fact: string, remedy: string, line?: Line): never {
  throw new OhmletError({ code, fact, place: { where, ...(line && { line: line.number, excerpt: line.text.slice(0, 80) }) }, remedy });
}

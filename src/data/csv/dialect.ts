/** How a CSV text is written: what separates its cells, and whether its first line names them. */
import { refuse } from "../refuse";
import { NumberReader } from "./number";
import { Records } from "./records";

/** Separators in the order in which they are tried: a comma may be the decimal mark between others. */
const SEPARATORS = [";", "\t", "|", ","];
export const SEPARATOR_NAMES: Readonly<Record<string, string>> = {
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  ",": "commas",
};

/** What stands for a value that is not there. */
const MISSING = /^(|[?.-]|na|n\/a|#n\/a|nan|null|none)$/i;
export const isMissing = (text: string): boolean => text.length <= 4 && MISSING.test(text);

/**
 * The records of a text, from its first on.
 * @throws OhmletError DATA-CSV where there is none, or no separator
 */
export function recordsOf(text: Uint8Array, where: string): Records {
  // Excel's own line "sep=;" says it.
  const said = /^sep=([;\t|,])\r?\n/.exec(String.fromCharCode(...text.subarray(0, 8)));
  if (said !== null) {
    const records = new Records(text, said[1].charCodeAt(0), where);
    records.next();
    return records;
  }
  for (const separator of SEPARATORS)
    if (separates(text, separator.charCodeAt(0), where))
      return new Records(text, separator.charCodeAt(0), where);
  const records = new Records(text, 0, where);
  if (!records.next())
    return refuse(where, "DATA-CSV", "the file is empty", "give a line a sample: its values and its label");
  return records.fail(
    0,
    "DATA-CSV",
    "the first line has one cell",
    "separate the values by commas, semicolons or tabs, not by spaces; one of them is the label",
  );
}

/** Whether the byte stands between cells of the first two lines. */
function separates(text: Uint8Array, byte: number, where: string): boolean {
  const records = new Records(text, byte, where, false);
  for (let i = 0; i < 2 && records.next(); i++) if (records.count < 2) return false;
  return records.count > 1;
}

/** Names that columns of labels have, in small letters and without signs. */
const LABELS = new Set([
  "label",
  "labels",
  "class",
  "classes",
  "classlabel",
  "classid",
  "classname",
  "labelid",
  "labelname",
  "target",
  "targets",
  "digit",
  "category",
  "species",
  "outcome",
  "diagnosis",
]);
/** Names of columns that number or name the samples. */
const INDEX = /^(|unnamed:?\d*|index|idx|id|rowid|rowindex|rownames?|rownumber|sampleid|imageid|filename)$/;

const bare = (name: string): string => name.toLowerCase().replace(/[\s_.-]/g, "");
export const namesLabel = (name: string): boolean => LABELS.has(bare(name));
export const namesIndex = (name: string): boolean => INDEX.test(bare(name));

/**
 * The names of the columns, where the first line has names and no sample. A word among numbers may be a
 * label, and a missing value is no name: so a line that holds numbers names columns only where they count on,
 * as pandas numbers columns, or where a name of labels is among them.
 */
export function namesIn(records: Records, commas: boolean): readonly string[] | null {
  const { bytes, starts, ends } = records;
  const reader = new NumberReader(commas);
  const cells = records.texts();
  const numbers = cells.map((_, i) => reader.read(bytes, starts[i], ends[i]));
  const counting = numbers.filter((value) => !Number.isNaN(value));
  const words = cells.filter((cell, i) => Number.isNaN(numbers[i]) && !isMissing(cell));
  const names = (): string[] => cells.map((cell, i) => (i === 0 ? cell.replace(/^#\s*/, "") : cell));
  if (counting.length === 0) return words.length > 0 ? names() : null;
  if (words.some(namesLabel)) return names();
  const countsOn =
    counting.every((value, i) => value === counting[0] + i) && (counting[0] === 0 || counting[0] === 1);
  return countsOn && counting.length >= (cells[0] === "" ? 4 : 8) ? names() : null;
}

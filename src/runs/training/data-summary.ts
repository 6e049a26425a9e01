/**
 * What a set of data is, in a line or two: said before anything is learned from it, so that a misread file is
 * seen.
 */
import type { DataWarning, Findings } from "../../data/refuse";
import { countsOf, namesOf, type Split } from "../../data/split";
import type { Io } from "../../cli/io";

/** Classes that are listed one by one. */
const MOST_LISTED = 12;
const LONGEST_NAME = 20;

/** "64 inputs; 2 classes". */
export const extentsOf = ({ train }: Split): string => `${train.features} inputs; ${train.classes} classes`;

/** Says what a run learns from; warnings on stderr. */
export function sayData(data: Split & Partial<Findings>, io: Io): void {
  const [trained, tested] = [countsOf(data.train), countsOf(data.test)];
  const classes = namesOf(data.train)
    .slice(0, MOST_LISTED)
    .map((name, label) => `${name.slice(0, LONGEST_NAME)}: ${trained[label]} + ${tested[label]}`);
  io.print(
    `${extentsOf(data)}, samples to train + test: ` +
      `${classes.join(", ")}${data.train.classes > MOST_LISTED ? ", …" : ""}`,
  );
  if (data.notes !== undefined && data.notes.length > 0) io.print(data.notes.join("; "));
  warn(data.warnings ?? [], io);
}

export function warn(warnings: readonly DataWarning[], io: Io): void {
  for (const { code, text } of warnings) io.note(`${code}  ${text}`);
}

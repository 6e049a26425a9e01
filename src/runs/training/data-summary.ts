/**
 * What a set of data is, in a line or two: said before anything is learned from it, so that a misread file is
 * seen.
 */
import type { Findings } from "../../data/refuse";
import { countsOf, namesOf, type Split } from "../../data/split";
import type { Listener } from "../listener";

/** Classes that are listed one by one. */
const MOST_LISTED = 12;
const LONGEST_NAME = 20;

/** "64 inputs; 2 classes". */
export const extentsOf = ({ train }: Split): string =>
  `${train.features} inputs; ` +
  (train.targets === undefined ? `${train.classes} classes` : `${train.targets.width} targets`);

/** Says what a run learns from; warnings apart. */
export function sayData(data: Split & Partial<Findings>, listener: Listener): void {
  if (data.train.targets !== undefined) {
    listener.print(
      `${extentsOf(data)}, ${data.train.samples} samples to train, ${data.test.samples} to test`,
    );
    if (data.notes !== undefined && data.notes.length > 0) listener.print(data.notes.join("; "));
    listener.warn(...(data.warnings ?? []));
    return;
  }
  const [trained, tested] = [countsOf(data.train), countsOf(data.test)];
  const classes = namesOf(data.train)
    .slice(0, MOST_LISTED)
    .map((name, label) => `${name.slice(0, LONGEST_NAME)}: ${trained[label]} + ${tested[label]}`);
  listener.print(
    `${extentsOf(data)}, samples to train + test: ` +
      `${classes.join(", ")}${data.train.classes > MOST_LISTED ? ", …" : ""}`,
  );
  if (data.notes !== undefined && data.notes.length > 0) listener.print(data.notes.join("; "));
  listener.warn(...(data.warnings ?? []));
}

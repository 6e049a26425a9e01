/**
 * Sets of settings by name: what a knob of a study turns together, such as a cell with how it is written. The knob
 * is called as the choice, and its values are the names of the sets.
 */
import { OhmletError } from "../errors";
import { nearest } from "../equations/functions";
import type { KnobValue, Values } from "../study";
import { quantity } from "./equations-schema";
import { oneOf } from "./one-of";
import { flag, named, record, type Schema } from "./schema";

/** Settings by dotted path into the run, of each set, of each choice. */
export type Choices = Readonly<Record<string, Readonly<Record<string, Values>>>>;

export const choices: Schema<Choices, Choices> = named(
  "choices",
  record(record(record(oneOf([quantity, flag])))),
);

/** Between knobs that are turned together: "a.mismatch and b.mismatch". */
const TOGETHER = " and ";

/**
 * The settings that knobs stand for, in order: those that are turned together each by itself, of a choice those of
 * the set that is named.
 * @throws OhmletError CONFIG-CHOICE where there is no set of that name
 */
export const settingsOf = (values: Values, choices: Choices = {}): [path: string, value: KnobValue][] =>
  Object.entries(values).flatMap(([knob, value]) =>
    knob
      .split(TOGETHER)
      .flatMap((path): [string, KnobValue][] =>
        Object.hasOwn(choices, path) ? settingsOf(chosen(path, choices[path], value)) : [[path, value]],
      ),
  );

function chosen(name: string, sets: Choices[string], value: KnobValue): Values {
  const asked = String(value);
  if (Object.hasOwn(sets, asked)) return sets[asked];
  const near = nearest(asked.slice(0, 60), Object.keys(sets));
  throw new OhmletError({
    code: "CONFIG-CHOICE",
    fact: `${name} has no "${asked.slice(0, 60)}"`,
    place: { where: name },
    remedy: `${near === null ? "" : `did you mean "${near}"? `}choices: ${Object.keys(sets).join(", ")}`,
  });
}

/** A setting that more than one knob turns, or one twice, and the last that does; undefined where there is none. */
export function turnedTwice(
  knobs: readonly string[],
  choices: Choices = {},
): { readonly knob: string; readonly setting: string } | undefined {
  const turnedBy = (path: string): string[] =>
    Object.hasOwn(choices, path)
      ? [
          ...new Set(
            Object.values(choices[path]).flatMap((set) => settingsOf(set).map(([setting]) => setting)),
          ),
        ]
      : [path];
  const all = knobs.flatMap((knob) =>
    knob.split(TOGETHER).flatMap((path) => turnedBy(path).map((setting) => ({ knob, setting }))),
  );
  return all.find(({ setting }, k) => all.findIndex((one) => one.setting === setting) !== k);
}

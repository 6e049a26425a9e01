/**
 * How things print themselves. What a thing is in words is said once, as lines, and reaches whoever asks: Node's
 * inspector (`console.log`, the REPL), text (`String(chip)`, a template), and notebooks (the Jupyter kernel of
 * Deno). The three methods are no enumerable properties: JSON, spreads, structured clones and comparisons see
 * the plain data, as if nothing had been added. Not here: what is said, which stands beside each thing.
 */
import { manyLines } from "./printable";

/** A thing in words: the first line says what it is, the others tell more. Names in it may be anybody's. */
export type Describe<T> = (thing: T) => readonly string[];

/** Where Node, Bun and Deno look for a text in place of an object's properties. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");
/** Where Deno's kernel looks for what a notebook shows, by MIME type. */
const NOTEBOOK = Symbol.for("Jupyter.display");

/**
 * A function that lets things of one kind print themselves and returns them. The methods are shared: make it once
 * a kind, and call it for each thing, before that is frozen, or for the prototype of a class.
 * @param shows what a notebook shows besides the words, by MIME type: a picture of a thing that is one
 */
export function printsItself<T extends object>(
  describe: Describe<T>,
  shows: (thing: T) => Readonly<Record<string, string>> = () => ({}),
): <S extends T>(thing: S) => S {
  const text = (thing: T): string => manyLines(describe(thing));
  const methods = [
    method("toString", function (this: T) {
      return text(this);
    }),
    // Given is how much further the inspector goes: below 0 a thing is too deep to be told in full.
    method(INSPECT, function (this: T, depth: number) {
      return depth < 0 ? manyLines(describe(this).slice(0, 1)) : text(this);
    }),
    method(NOTEBOOK, function (this: T) {
      return { "text/plain": text(this), ...shows(this) };
    }),
  ];
  return (thing) => {
    // One by one: half the time of all at once, and outcomes are made by the batch.
    for (const [key, property] of methods) Object.defineProperty(thing, key, property);
    return thing;
  };
}

const method = (key: PropertyKey, value: unknown): readonly [PropertyKey, PropertyDescriptor] => [
  key,
  { value, configurable: true, writable: true },
];

/** A number as it is read: four digits, and a power of ten where zeros would have to be counted. */
export function short(value: number): string {
  const rounded = Number(value.toPrecision(4));
  const small = rounded !== 0 && Math.abs(rounded) < 1e-3;
  return small ? rounded.toExponential() : String(rounded);
}

/** A share in percent, to a tenth. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

/** "1 row", "2 rows". */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The first of a list, and how many more there are. */
export function some(list: readonly (string | number)[], most = 8): string {
  const rest = list.length - most;
  return rest > 0 ? `${list.slice(0, most).join(", ")} and ${rest} more` : list.join(", ");
}

/** "amplitude 0.5, free steps 40": what was set, by the names that code gives it. */
export const settingsInWords = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)} ${settingText(value)}`)
    .join(", ");

function settingText(value: unknown): string {
  if (typeof value === "number")
    return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
  return typeof value === "object" && value !== null
    ? `(${settingsInWords(value as Readonly<Record<string, unknown>>)})`
    : String(value);
}

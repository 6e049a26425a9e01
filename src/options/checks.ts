/**
 * What the value of an option may be. Each check knows what it wants in words, and one value that it takes.
 */
import { nearest } from "./nearest";

/** What an option may be: whether a value fits, and what to say where it does not. */
export interface Check<out T> {
  /** "a whole number, 1 or more". */
  readonly wanted: string;
  /** A value as it is typed: what an error tells to write. */
  readonly example: string;
  /** Whether the value fits. Checks of objects throw what is wrong within. */
  readonly accepts: (value: unknown) => value is T;
}

const check = <T>(wanted: string, example: string, accepts: (value: unknown) => boolean): Check<T> => ({
  wanted,
  example,
  accepts: accepts as Check<T>["accepts"],
});

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Whatever it is: those who use it say what it has to be. */
export const anything: Check<never> = check("a value", "…", () => true);

/** Any number at all, for those whose range is told where they are used. */
export const numeric: Check<number> = check("a number", "1", isNumber);
/** A number that is neither infinite nor NaN. */
export const finite: Check<number> = check("a finite number", "1", Number.isFinite);
/** A finite number above 0. */
export const positive: Check<number> = check(
  "a number above 0",
  "1",
  (value) => isNumber(value) && value > 0 && value < Infinity,
);
/** A finite number that is not below 0. */
export const notNegative: Check<number> = check(
  "a number, 0 or more",
  "1",
  (value) => isNumber(value) && value >= 0 && value < Infinity,
);
/** A part of a whole. */
export const share: Check<number> = check(
  "a number from 0 to 1",
  "0.5",
  (value) => isNumber(value) && value >= 0 && value <= 1,
);
/** A whole number; `Infinity` is none. */
export function whole(least = 0, most = Number.MAX_SAFE_INTEGER): Check<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `, ${least} or more` : ` from ${least} to ${most}`;
  return check(
    `a whole number${range}`,
    `${least}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** True or false. */
export const flag: Check<boolean> = check("true or false", "true", (value) => typeof value === "boolean");
/** A text, also an empty one. */
export const text: Check<string> = check("a text", '"text"', (value) => typeof value === "string");
/** A number, or a text with a unit, which is read where it is used. */
export const quantity: Check<number | string> = check(
  'a number, or a text with a unit such as "50 nS"',
  "1",
  (value) => isNumber(value) || typeof value === "string",
);
/**
 * What another function has made: known by a method of it, which what was not waited for lacks.
 * @param what "an estimator"; @param example how it is made
 */
export const made = (what: string, example: string, method: string): Check<never> =>
  check(
    what,
    example,
    (value) =>
      typeof value === "object" &&
      value !== null &&
      typeof (value as Readonly<Record<string, unknown>>)[method] === "function",
  );

/** What tells work to stop: an AbortSignal, or anything that says whether it was aborted. */
export const signal: Check<never> = check(
  "a signal",
  "AbortSignal.timeout(60_000)",
  (value) =>
    typeof value === "object" &&
    value !== null &&
    typeof (value as Readonly<Record<string, unknown>>).aborted === "boolean",
);

/** Called by us: a callback, a schedule. */
export const callback: Check<never> = check(
  "a function",
  "() => undefined",
  (value) => typeof value === "function",
);

/** One of some words. */
export function oneOf<const C extends string>(...choices: readonly C[]): Check<C> {
  return check(`one of ${choices.join(", ")}`, `"${choices[0]}"`, (value) => choices.includes(value as C));
}

/** Null, where it means "none". */
export const nothing: Check<null> = check("null", "null", (value) => value === null);

/** An array or a typed array. */
export function list<T>(of: Check<T>): Check<ArrayLike<T> & readonly T[]> {
  const isList = (value: unknown): value is readonly unknown[] =>
    Array.isArray(value) || ArrayBuffer.isView(value);
  return check(
    `a list, each ${of.wanted}`,
    `[${of.example}]`,
    (value) => isList(value) && (Array.isArray(value) ? value.every(of.accepts) : true),
  );
}

/** Arrays of numbers, however long: their sizes and values are checked where they are used. */
export const numbers: Check<never> = check(
  "an array of numbers",
  "[0]",
  (value) => Array.isArray(value) || ArrayBuffer.isView(value),
);

/** What one of two checks takes. */
export function either<A, B>(a: Check<A>, b: Check<B>): Check<A | B> {
  return check(`${a.wanted}, or ${b.wanted}`, a.example, (value) => a.accepts(value) || b.accepts(value));
}

/** An object with options of its own, read by its own reader. */
export function part<T>(read: (given: T) => T): Check<T> {
  return check(
    "an object",
    "{}",
    (value) => typeof value === "object" && value !== null && read(value as T) === value,
  );
}

/**
 * What should be typed for a value that does not fit: the number that a text holds, the word that is near, or
 * an example.
 */
export function corrected({ accepts, example, wanted }: Check<unknown>, value: unknown): string {
  if (typeof value !== "string") return example;
  if (value.trim() !== "" && !Number.isNaN(Number(value)) && accepts(Number(value)))
    return `${Number(value)}`;
  const near = wanted.startsWith("one of ")
    ? nearest(value.slice(0, 60), wanted.slice("one of ".length).split(", "))
    : null;
  return near === null ? example : `"${near}"`;
}

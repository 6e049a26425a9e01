/**
 * Spoils valid samples: texts, bytes and plain data, by what goes wrong by accident and by what somebody does
 * on purpose.
 */
import type { Dice } from "./random";

/** Longest text or file that comes out; the limits of the readers lie on both sides of it. */
const LONGEST = 2 ** 17;

const WORDS = [
  "",
  " ",
  "\n",
  "\t",
  ":",
  ",",
  "-",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  '"',
  "'",
  "#",
  "|",
  ">",
  "&a ",
  "*a",
  "!!js/function ",
  "<<: ",
  "---\n",
  "%YAML 1.2\n",
  "\\u0000",
  "\u0000",
  "\u2028",
  "é",
  "\ud800",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "true",
  "~",
  ".nan",
  ".inf",
  "NaN",
  "Infinity",
  "-1",
  "0",
  "0.5",
  "1e999",
  "1e-999",
  "1e308",
  "9007199254740993",
  "99999999999999999999",
  "0x10",
  "1_000",
  "1;",
  "5 nS",
  "5 mV",
  "5 bananas",
  "5 %",
  "-40 degC",
  "../",
  "/etc/passwd",
  "a.yaml",
  "u",
  "I",
  "rho",
  "rho'",
  "xi",
  "du/dt",
  "<-",
  "=",
  "==",
  "<=",
  "+",
  "-",
  "*",
  "/",
  "^",
  "**",
  "exp(",
  "clip(u, 0)",
  "where(",
  "f(x) = f(x)\n",
  "k_B",
  "W",
];
const NUMBERS = [
  "0",
  "-0",
  "-1",
  "1",
  "2.5",
  "64",
  "65",
  "1e9",
  "1e300",
  "1e999",
  "-1e999",
  "1e-320",
  "9007199254740992",
  ".nan",
  "1.",
  "1e",
];

export function mutateText(text: string, others: readonly string[], dice: Dice): string {
  let out = text;
  for (let left = dice.once(2) ? 1 : 1 + dice.below(4); left > 0; left--) out = textOnce(out, others, dice);
  return out.slice(0, LONGEST);
}

function textOnce(text: string, others: readonly string[], dice: Dice): string {
  const [from, to] = dice.piece(text.length);
  const [before, piece, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  switch (dice.below(10)) {
    case 0:
      return before + after;
    case 1:
      return before + dice.pick(WORDS) + piece + after;
    case 2:
      return before + dice.pick(WORDS) + after;
    case 3:
      return before;
    case 4:
      return before + piece + piece + after;
    case 5:
      return before + String.fromCharCode(dice.below(dice.once(3) ? 65536 : 128)) + after;
    case 6: {
      const other = dice.pick(others);
      const [start, end] = dice.piece(other.length);
      return before + other.slice(start, end) + after;
    }
    case 7:
      return oneOf(text, /-?\d+(\.\d+)?(e-?\d+)?/g, dice, () => dice.pick(NUMBERS));
    case 8:
      return oneOf(text, /[A-Za-z_]\w*/g, dice, (word) =>
        dice.once(2) ? dice.pick(WORDS) : word + word.slice(-1),
      );
    default:
      return (
        before +
        repeated(piece === "" ? dice.pick(WORDS) : dice.once(2) ? piece : dice.pick(WORDS), dice) +
        after
      );
  }
}

const repeated = (piece: string, dice: Dice): string =>
  piece.repeat(
    Math.min(dice.pick([2, 10, 100, 1000, 20_000]), Math.floor(LONGEST / Math.max(1, piece.length))),
  );

/** Replaces one of the matches. */
function oneOf(text: string, pattern: RegExp, dice: Dice, by: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const chosen = dice.pick(found);
  return text.slice(0, chosen.index) + by(chosen[0]) + text.slice(chosen.index + chosen[0].length);
}

const LENGTHS = [0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 16];

export function mutateBytes(bytes: Uint8Array, others: readonly Uint8Array[], dice: Dice): Uint8Array {
  let out = Buffer.from(bytes);
  for (let left = dice.once(2) ? 1 : 1 + dice.below(4); left > 0; left--) out = bytesOnce(out, others, dice);
  return new Uint8Array(out.subarray(0, LONGEST));
}

function bytesOnce(
  bytes: Buffer<ArrayBuffer>,
  others: readonly Uint8Array[],
  dice: Dice,
): Buffer<ArrayBuffer> {
  if (bytes.length === 0) return Buffer.from([dice.below(256)]);
  // Headers are short and at the ends, where most of what can go wrong is written.
  const near = dice.once(2)
    ? dice.below(Math.min(64, bytes.length))
    : dice.once(2)
      ? bytes.length - 1 - dice.below(Math.min(64, bytes.length))
      : dice.below(bytes.length);
  const [from, to] = dice.piece(bytes.length);
  switch (dice.below(8)) {
    case 0:
      return changed(bytes, near, [bytes[near] ^ (1 << dice.below(8))]);
    case 1:
      return changed(bytes, near, [dice.below(256)]);
    case 2: {
      const word = Buffer.alloc(4);
      if (dice.once(2)) word.writeUInt32BE(dice.pick(LENGTHS));
      else word.writeUInt32LE(dice.pick(LENGTHS));
      return changed(bytes, near, word);
    }
    case 3:
      return bytes.subarray(0, near);
    case 4:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    case 5:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
    case 6:
      return Buffer.concat([bytes, Buffer.alloc(1 + dice.below(40), dice.below(256))]);
    default: {
      const other = dice.pick(others);
      const [start, end] = dice.piece(other.length);
      return Buffer.concat([bytes.subarray(0, from), other.subarray(start, end), bytes.subarray(to)]);
    }
  }
}

function changed(bytes: Buffer<ArrayBuffer>, at: number, by: ArrayLike<number>): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes);
  for (let i = 0; i < by.length && at + i < copy.length; i++) copy[at + i] = by[i];
  return copy;
}

const JUNK: readonly unknown[] = [
  null,
  undefined,
  true,
  "",
  "x",
  "__proto__",
  "5 nS",
  "-1 V",
  "u <- I",
  0,
  -1,
  0.5,
  1e9,
  1e308,
  NaN,
  Infinity,
  [],
  [[]],
  {},
  { name: "a" },
  [1, 2, 3],
  2 ** 53,
  -0,
  Symbol.iterator,
  10n,
  () => 1,
];
const KEYS = [
  "__proto__",
  "constructor",
  "toString",
  "kind",
  "name",
  "size",
  "x",
  "",
  "equations",
  "initial",
  "0",
];

/** Plain data with some of its parts replaced, taken out, added or doubled; the sample stays as it is. */
export function mutateData(sample: unknown, dice: Dice): unknown {
  const root = { value: copy(sample) };
  // A copy: what is put in may be changed in turn.
  const junk = (): unknown => copy(dice.pick(JUNK));
  for (let left = 1 + dice.below(3); left > 0; left--) {
    const places: [holder: Record<string, unknown>, key: string][] = [];
    collect(root, places);
    if (places.length === 0) break; // the whole of it was taken out
    const [holder, key] = dice.pick(places);
    const value = holder[key];
    switch (dice.below(5)) {
      case 0:
        holder[key] = junk();
        break;
      case 1:
        delete holder[key];
        break;
      case 2:
        holder[key] = copy(dice.pick(places)[0][dice.pick(places)[1]] ?? junk());
        break;
      case 3: {
        if (isHolder(value) && !Array.isArray(value))
          Object.defineProperty(value, dice.pick(KEYS), {
            value: junk(),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        else holder[key] = typeof value === "string" ? mutateText(value, [value], dice) : [value, value];
        break;
      }
      default:
        holder[key] =
          typeof value === "number"
            ? value * dice.pick([-1, 0, 0.5, 1e6, 1e300])
            : typeof value === "string"
              ? mutateText(value, [value], dice)
              : junk();
    }
  }
  return root.value;
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function collect(holder: Record<string, unknown>, out: [Record<string, unknown>, string][]): void {
  for (const key of Object.keys(holder)) {
    out.push([holder, key]);
    if (isHolder(holder[key])) collect(holder[key], out);
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  return isHolder(value)
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copy(part)]))
    : value;
}

/**
 * JSON for run folders. Plain `JSON.stringify` turns NaN into null and a typed array into an object; here a
 * number that is not finite is spelled out ("NaN", "Infinity") so that it is seen, and a typed array is an
 * array.
 */
import { printableJson } from "../printable";

/** The JSON text of `value`; `indent` spaces a level, none for one line. */
export function toJson(value: unknown, indent = 0): string {
  return printableJson(value, spell, indent);
}

function spell(_key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return String(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<number>);
  return value;
}

/**
 * Whose fault it is when dimensions do not fit: the equation's, or that of a parameter whose value has the
 * wrong unit. A parameter is to blame where everything fits once it alone has another unit, and that unit is
 * the one which its name stands for.
 */
import { OhmletError } from "../errors";
import { describeDimension, powerDimension } from "../units/dimension";
import { formatQuantity } from "../units/format";
import type { DeviceText } from "./text";
import type { Parameter } from "./types";

/** What the names of parameters stand for, as circuits are written. */
const USUAL: readonly (readonly [name: RegExp, unit: string])[] = [
  [/^(C|c)(_|\d|$)/, "F"],
  [/^(G|g)(_|\d|$)/, "S"],
  [/^R(_|\d|$)/, "ohm"],
  [/^(V|v|u|E|U)(_|\d|$)/, "V"],
  [/^(I|i)(_|\d|$)/, "A"],
  [/^T(_|\d|$)/, "K"],
  [/^(tau|t)(_|\d|$)|^retention$/, "s"],
  [/^(k|sigma|n|a|b|gain|levels)(_|\d|$)/, "1"],
  [/^L(_|\d|$)/, "H"],
];

/**
 * The dimensions of a device, by `check`. @throws OhmletError EQ-DIMENSION, at the parameter where one is to
 * blame
 */
export function withBlame<T>(text: DeviceText, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof OhmletError) || error.code !== "EQ-DIMENSION") throw error;
    const guilty = suspects(text).filter((names) => areToBlame(text, names, check));
    throw guilty.length === 1 ? wrongUnit(text, text.parameters[guilty[0][0]]) : error;
  }
}

/**
 * Each parameter whose unit is not what its name stands for; then those together that have the same wrong
 * unit.
 */
function suspects({ parameters }: DeviceText): string[][] {
  const strange = Object.values(parameters).filter(
    ({ name, value }) => usualOf(name) !== null && usualOf(name) !== describeDimension(value.dimension),
  );
  const alike = new Map<string, string[]>();
  for (const { name, value } of strange) {
    const key = `${usualOf(name)} ${describeDimension(value.dimension)}`;
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  return [...alike.values()];
}

/** Whether everything fits with other units of these parameters, those that their names stand for. */
function areToBlame({ open }: DeviceText, names: readonly string[], check: () => unknown): boolean {
  for (const name of names) open.set(name, () => null);
  try {
    check();
    return [...open].every(([name, unit]) => {
      const needed = unit();
      return needed === null || describeDimension(needed) === usualOf(name);
    });
  } catch (error) {
    if (error instanceof OhmletError) return false;
    throw error;
  } finally {
    open.clear();
  }
}

/** A resistance where a conductance is needed, or the other way round. */
const isReciprocal = (a: string, b: string): boolean => [a, b].sort().join() === "S,ohm";

const usualOf = (name: string): string | null => USUAL.find(([pattern]) => pattern.test(name))?.[1] ?? null;

function wrongUnit({ where }: DeviceText, { name, value }: Parameter): OhmletError {
  const unit = usualOf(name) as string;
  const written = formatQuantity(value);
  const [digits, own = ""] = written.split(" ");
  const plain = describeDimension(value.dimension);
  const prefix = own.endsWith(plain) ? own.slice(0, own.length - plain.length) : "";
  return new OhmletError({
    code: "EQ-DIMENSION",
    fact:
      plain === "1"
        ? `${written} has no unit, and the equations need one in ${unit}`
        : `${written} is in ${plain}, and the equations need ` +
          `${unit === "1" ? "a number without unit" : `it in ${unit}`}`,
    place: { where: `${where}, parameter "${name}"` },
    remedy:
      `write  ${name}: ` +
      `${unit === "1" ? digits : `"${isReciprocal(plain, unit) ? formatQuantity({ value: 1 / value.value, dimension: powerDimension(value.dimension, -1) }) : `${digits} ${prefix}${unit}`}"`}`,
  });
}

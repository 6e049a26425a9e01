/**
 * Conditions that a device's text states of its parameters: `0 < retention`, `G_min < G_max`. They must hold
 * for every device that can be made: at the nominal values and at the ends of the parameters' spreads.
 */
import { OhmletError } from "../errors";
import { evaluate } from "../equations/evaluate";
import { symbolsOf, type Expression } from "../equations/expression";
import type { Ordering } from "../equations/read";
import { startOf, textOf } from "../equations/syntax";
import { refuse } from "../equations/token";
import { isDimensionless } from "../units/dimension";
import { CONSTANTS } from "../units/constants";
import { formatQuantity } from "../units/format";
import { differs, endsOf } from "./parameter";
import type { Parameter } from "./types";

type Parameters = Readonly<Record<string, Parameter>>;

/** Beyond so many parameters with a spread in one condition, their ends are taken one at a time. */
const MOST_AT_ONCE = 8;

/** Nominal values of all parameters and constants, SI. */
export function nominalValues(parameters: Parameters): Record<string, number> {
  const values = Object.create(null) as Record<string, number>;
  for (const [name, constant] of Object.entries(CONSTANTS)) values[name] = constant.value;
  for (const [name, parameter] of Object.entries(parameters)) values[name] = parameter.value.value;
  return values;
}

/**
 * Values of an expression of parameters: the nominal one, then those at the ends of the spreads of the
 * parameters in it.
 */
export function* extremesOf(
  parameters: Parameters,
  expressions: readonly Expression[],
): Generator<{ readonly values: readonly number[]; readonly spread: boolean }> {
  const names = new Set(expressions.flatMap((e) => [...symbolsOf(e)]));
  const varied = Object.values(parameters).filter((p) => names.has(p.name) && differs(p));
  const nominal = nominalValues(parameters);
  const at = (values: Record<string, number>, spread: boolean) => ({
    values: expressions.map((e) => evaluate(e, values)),
    spread,
  });
  yield at(nominal, false);
  if (varied.length > MOST_AT_ONCE) {
    for (const p of varied) for (const end of endsOf(p)) yield at({ ...nominal, [p.name]: end }, true);
    return;
  }
  if (varied.length === 0) return;
  for (let corner = 0; corner < 2 ** varied.length; corner++) {
    yield at(
      { ...nominal, ...Object.fromEntries(varied.map((p, k) => [p.name, endsOf(p)[(corner >> k) & 1]])) },
      true,
    );
  }
}

/**
 * @throws OhmletError DEVICE-VALUE where a condition does not hold. `parts`: the expressions of those of the
 *   ordering
 */
export function checkCondition(
  { line, parts, strict }: Ordering,
  expressions: readonly Expression[],
  parameters: Parameters,
): void {
  const named = new Set(expressions.flatMap((e) => [...symbolsOf(e)]));
  const free = Object.values(parameters).find(
    ({ name, trainable }) => named.has(name) && trainable !== null && !Number.isFinite(trainable.range[0]),
  );
  if (free !== undefined)
    throw refuse(
      "DEVICE-TRAINABLE",
      `"${free.name}" learns without a range, and could leave what this line asks for`,
      line,
      startOf(parts[0]),
      `give "${free.name}" a range within it:  range: [least, most]`,
    );
  for (const { values, spread } of extremesOf(parameters, expressions)) {
    const fails = strict.findIndex(
      (differ, i) => !(differ ? values[i] < values[i + 1] : values[i] <= values[i + 1]),
    );
    if (fails < 0) continue;
    const texts = parts.map(textOf);
    const said = [fails, fails + 1]
      .filter((i) => parts[i].kind !== "number")
      .map((i) => `${texts[i]} is ${shown(texts[i], values[i], parameters)}`);
    throw refuse(
      "DEVICE-VALUE",
      `${said.join(" and ")}${spread ? " at an end of its spread" : ""}, which no device can have`,
      line,
      startOf(parts[fails]),
      remedy(
        texts,
        values,
        fails,
        parameters,
        `${texts[fails]} ${strict[fails] ? "<" : "<="} ${texts[fails + 1]}`,
        spread,
      ),
    );
  }
}

function shown(text: string, value: number, parameters: Parameters): string {
  return Object.hasOwn(parameters, text) && Number.isFinite(value)
    ? formatQuantity({ value, dimension: parameters[text].value.dimension })
    : `${value}`;
}

function remedy(
  texts: readonly string[],
  values: readonly number[],
  at: number,
  parameters: Parameters,
  condition: string,
  spread: boolean,
): string {
  const general = `choose values with  ${condition}${spread ? ", or a smaller spread" : ""}`;
  const parameter = Object.hasOwn(parameters, texts[at]) ? parameters[texts[at]] : undefined;
  // A share above its limit of 1 is most often a percentage without its sign.
  const percent =
    parameter !== undefined &&
    isDimensionless(parameter.value.dimension) &&
    values[at + 1] === 1 &&
    values[at] > 1 &&
    values[at] <= 100;
  return percent
    ? `a share of ${values[at]} is ${100 * values[at]} %: write ${values[at]} % or ${values[at] / 100}`
    : general;
}

/** @throws OhmletError DEVICE-VALUE where what a device stores begins outside of its range */
export function checkInitial(
  where: string,
  name: string,
  initial: Expression,
  limits: { readonly lower: Expression | null; readonly upper: Expression | null },
  parameters: Parameters,
): void {
  for (const [limit, side] of [
    [limits.lower, 1],
    [limits.upper, -1],
  ] as const) {
    if (limit === null) continue;
    for (const {
      values: [start, end],
      spread,
    } of extremesOf(parameters, [initial, limit])) {
      if (side * start >= side * end) continue;
      throw new OhmletError({
        code: "DEVICE-VALUE",
        fact:
          `${name} starts at ${start}${spread ? ", at an end of the spreads," : ""} and is programmed ` +
          `to no ${side > 0 ? "less" : "more"} than ${end}`,
        place: { where: `${where}, initial.${name}` },
        remedy: "start within the range that programming keeps to",
      });
    }
  }
}

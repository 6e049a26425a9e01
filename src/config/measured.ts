/**
 * One column of measured values from a CSV beside a config: a number a line, perhaps with a unit, below a
 * heading that may say the unit of all: `G (nS)`.
 */
import { OhmletError } from "../errors";
import type { Source } from "./node";

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)/;
const MOST = 100_000;

/** @throws OhmletError DEVICE-VALUES */
export function readColumn({ where, text }: Source): string[] {
  const fault = (fact: string, remedy: string, line?: number): OhmletError =>
    new OhmletError({ code: "DEVICE-VALUES", fact, place: { where: where ?? "values", line }, remedy });
  const lines = text.split(/\r?\n/).map((line) => line.trim().replace(/^"(.*)"$/, "$1"));
  const heading = lines[0] !== undefined && !NUMBER.test(lines[0]);
  const unit = heading ? (/\(([^()]+)\)\s*$/.exec(lines[0])?.[1] ?? "").replace(/^1$/, "") : "";
  const values = lines.flatMap((line, k) => {
    if (line === "" || (heading && k === 0)) return [];
    if (!NUMBER.test(line) || line.includes(","))
      throw fault(
        "this line is not one value",
        "write one value a line, below a heading such as  G (nS)",
        k + 1,
      );
    return [/[A-Za-z%]$/.test(line) && !/[eE]$/.test(line) ? line : `${line} ${unit}`.trim()];
  });
  if (values.length === 0 || values.length > MOST)
    throw fault(`it holds ${values.length} values`, `give 1 to ${MOST} values, one a line`);
  return values;
}

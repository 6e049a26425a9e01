/**
 * Options that were typed with a unit ("10us", "5 %"), as numbers in the unit of the option. Texts with units
 * are read by one reader, which is loaded only where one was typed: the help stays fast.
 */
import { OhmletError } from "../errors";
import type { OptionSpecs, ParsedArgs } from "./args";
import { expectRange } from "./numbers";

/** @throws OhmletError UNIT-…, CLI-RANGE */
export async function withQuantities<O extends OptionSpecs>(
  args: ParsedArgs<O>,
  specs: O,
  verb: string,
): Promise<ParsedArgs<O>> {
  const open = Object.entries(specs).flatMap(([name, spec]) =>
    args.withUnit.has(name) && spec.type === "number" && spec.unit !== undefined
      ? [{ name, spec, unit: spec.unit }]
      : [],
  );
  if (open.length === 0) return args;
  const { parseDimension, parseIn } = await import("../units/parse");
  const numbers = open.map(({ name, spec, unit }): [string, number] => {
    const [text, where] = [
      String((args.options as Readonly<Record<string, unknown>>)[name]),
      `${verb}, --${name}`,
    ];
    if (unit === "%" && !text.includes("%"))
      throw new OhmletError({
        code: "UNIT-DIMENSION",
        fact: `${text} is no percentage`,
        place: { where },
        remedy: `write  ${Number.parseFloat(text)}%`,
      });
    const value = parseIn(text, parseDimension(unit === "%" ? "1" : unit), where);
    // Twelve digits: 7 and not 7.000000000000001.
    return [
      name,
      expectRange(unit === "%" ? Number((100 * value).toPrecision(12)) : value, text, spec, where),
    ];
  });
  return { ...args, options: { ...args.options, ...Object.fromEntries(numbers) } };
}

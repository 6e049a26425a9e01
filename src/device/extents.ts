/** What several devices share one draw of: `V_os per column`. */
import type { Sharing } from "../equations/read";
import { refuse } from "../equations/token";
import { describeDimension, equalDimensions } from "../units/dimension";
import type { Parameter } from "./types";

/** Parameters with what shares a draw of them. @throws EQ-UNKNOWN, EQ-DIMENSION, EQ-DUPLICATE */
export function withExtents(
  parameters: Readonly<Record<string, Parameter>>,
  sharings: readonly Sharing[],
): Readonly<Record<string, Parameter>> {
  if (sharings.length === 0) return parameters;
  const shared: Record<string, Parameter> = Object.assign(Object.create(null), parameters);
  for (const [k, { name, line, unit, extent }] of sharings.entries()) {
    if (!Object.hasOwn(parameters, name))
      throw refuse(
        "EQ-UNKNOWN",
        `no parameter is called "${name}"`,
        line,
        { start: 0 },
        `give it a value: parameters: { ${name}: { value: "0 V", sd: "5 mV" } }`,
      );
    if (sharings.findIndex((each) => each.name === name) !== k)
      throw refuse("EQ-DUPLICATE", `a second line says what ${name} is drawn for`, line, { start: 0 });
    const { dimension } = parameters[name].value;
    if (unit !== null && !equalDimensions(unit, dimension))
      throw refuse(
        "EQ-DIMENSION",
        `${name} is in ${describeDimension(dimension)}, but its annotation says ${describeDimension(unit)}`,
        line,
        { start: 0 },
        `write  ${name} per ${extent} : ${describeDimension(dimension)}`,
      );
    shared[name] = Object.freeze({ ...parameters[name], extent });
  }
  return Object.freeze(shared);
}

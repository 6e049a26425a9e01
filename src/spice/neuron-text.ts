/** Equations of neurons as SPICE reads them, and what it has no element for. */
import { fold, type Expression } from "../equations/expression";
import { OhmletError } from "../errors";
import { print } from "./write";

/** Powers up to this are written as products. */
const MOST_FACTORS = 8;

/** Functions that SPICE does not have by name, in those that it has. */
export function expressionOf(e: Expression, ports: Readonly<Record<string, string>>): string {
  const names = new Map(Object.entries(ports));
  return fold<string>(e, (part, of) => {
    if (part.kind === "call" && part.fn === "logistic") return `(1/(1+exp(-(${of(part.of)}))))`;
    // Of a negative number SPICE raises the magnitude.
    if (part.kind === "binary" && part.op === "power") return `(${powerOf(part.left, part.right, of)})`;
    if (part.kind === "call" && part.fn === "exprel") throw refused("a neuron", "uses exprel");
    return print(part, of, names);
  });
}

function powerOf(base: Expression, exponent: Expression, of: (e: Expression) => string): string {
  const times = exponent.kind === "number" ? Math.abs(exponent.value) : Number.NaN;
  if (!Number.isInteger(times) || times === 0 || times > MOST_FACTORS)
    return `pwr(${of(base)},${of(exponent)})`;
  const product = Array.from({ length: times }, () => of(base)).join("*");
  return exponent.kind === "number" && exponent.value < 0 ? `1/(${product})` : product;
}

export const refused = (device: string, why: string): OhmletError =>
  new OhmletError({
    code: "SPICE-DEVICE",
    fact: `"${device}" ${why}: SPICE has no element for it`,
    place: { where: "spice export" },
    remedy:
      "export circuits of continuous neurons whose drive adds to du/dt, without bounds and states beside u",
  });

/**
 * Expressions as kernel text, with tanh and the logistic function written out as rational functions. On webasm a
 * transcendental function is a call back into JavaScript for each element, about twenty times dearer than the few
 * products and one quotient here, and on the other backends its accuracy is the driver's affair.
 *
 * tanh(2y) = 2 t / (1 + t^2) with t = tanh(y) = p/q the seventh convergent of Lambert's continued fraction
 * y/(1 + y^2/(3 + y^2/(5 + …))). Off by at most 1.1e-8, that is 2e-7 once it is rounded at every operation in float32;
 * logistic(x) = (1 + tanh(x/2))/2. Both absolute: the far left tail of the logistic function is 0.
 */
import { emitJavaScript } from "../../equations/emit";
import { add, children, multiply, number, rebuild, symbol, type Expression } from "../../equations/expression";

/** Beyond this tanh is 1 to the last bit of a float32. */
const SATURATION = 9.5;
const LOCAL = "tanh ";

export interface KernelBody {
  /** Declarations that `value` refers to. */
  readonly statements: string;
  readonly value: string;
}

/** @param identifier what to write for a symbol, as in `emitJavaScript` */
export function inlineBody(e: Expression, identifier: (name: string) => string): KernelBody {
  const known = new Map<string, string>();
  let statements = "";
  // No symbol of an expression holds a space: these are ours.
  const emit = (part: Expression): string => emitJavaScript(part, (name) => (name.startsWith(LOCAL) ? name.slice(LOCAL.length) : identifier(name)));
  const tanh = (of: Expression): Expression => {
    const argument = emit(of);
    const local = known.get(argument) ?? `t${known.size}`;
    if (!known.has(argument)) statements += declareTanh(local, argument);
    known.set(argument, local);
    return symbol(LOCAL + local);
  };
  const rewrite = (part: Expression): Expression => {
    const inner = rebuild(part, children(part).map(rewrite));
    if (inner.kind !== "call") return inner;
    if (inner.fn === "tanh") return tanh(inner.of);
    return inner.fn === "logistic" ? add(number(0.5), multiply(number(0.5), tanh(multiply(number(0.5), inner.of)))) : inner;
  };
  const value = emit(rewrite(e));
  return { statements, value };
}

function declareTanh(t: string, argument: string): string {
  return [
    `const ${t}y=Math.min(Math.max(${argument},-${SATURATION}),${SATURATION})*0.5;`,
    `const ${t}s=${t}y*${t}y;`,
    `const ${t}p=${t}y*(135135+${t}s*(17325+${t}s*(378+${t}s)));`,
    `const ${t}q=135135+${t}s*(62370+${t}s*(3150+${t}s*28));`,
    // Rounding must not carry it past 1: a device may take the root of 1 - rho^2.
    `const ${t}=Math.min(Math.max(2*${t}p*${t}q/(${t}p*${t}p+${t}q*${t}q),-1),1);`,
  ].join("");
}

/**
 * Expressions to JavaScript source, the language of both the reference engine and GPU.js. Only whitelisted
 * nodes are printed and every name is the caller's own identifier, so a user's text cannot reach the
 * generated code.
 *
 * What is read twice becomes a constant, and so does what would be nested deep: no reader of the source ever
 * runs out of stack, and the source is as long as the expression has different parts.
 */
import { fold, children, type BinaryOperator, type Expression, type UnaryFunction } from "./expression";
import { Shared, usesOf } from "./share";

/** Statements that declare constants e0, e1, …, and an expression that reads them. */
export interface Source {
  readonly statements: string;
  readonly value: string;
}

/** How a function is written. @param constant declares a constant and returns its name */
export type Printer = (x: string, constant: (value: string) => string) => string;

/** How source is written for one reader or another. */
export interface Dialect {
  readonly functions: Readonly<Record<UnaryFunction, Printer>>;
  /** Parts that become constants wherever they stand. */
  readonly apart: (part: Expression) => boolean;
}

/** Operators that have an infix sign. */
const INFIX: Partial<Record<BinaryOperator, string>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
};

export const JAVASCRIPT: Dialect = {
  functions: {
    exp: (x) => `Math.exp(${x})`,
    log: (x) => `Math.log(${x})`,
    sqrt: (x) => `Math.sqrt(${x})`,
    sin: (x) => `Math.sin(${x})`,
    cos: (x) => `Math.cos(${x})`,
    tanh: (x) => `Math.tanh(${x})`,
    atan: (x) => `Math.atan(${x})`,
    logistic: (x) => `(1/(1+Math.exp(-(${x}))))`,
    abs: (x) => `Math.abs(${x})`,
    sign: (x) => `Math.sign(${x})`,
    floor: (x) => `Math.floor(${x})`,
    exprel: (x, constant) => {
      const z = constant(x);
      const bounded = constant(`Math.min(${z},1)`);
      return `(Math.abs(${z})<Infinity&&${z}!==0?Math.expm1(${bounded})/${bounded}:1)`;
    },
  },
  apart: () => false,
};

/** Levels of nesting of one statement. */
const DEEPEST = 40;

/**
 * Source text of an expression.
 * @param identifier what to write for a symbol; it must return an identifier or an indexed access of the
 *   caller's making
 */
export function emitJavaScript(
  e: Expression,
  identifier: (name: string) => string,
  dialect: Dialect = JAVASCRIPT,
): Source {
  const whole = new Shared().of(e);
  const uses = usesOf([whole]);
  const statements: string[] = [];
  const named = new Set<string>();
  const constant = (value: string): string => {
    const name = `e${statements.length}`;
    statements.push(`const ${name}=${value};`);
    named.add(name);
    return name;
  };
  const { text } = fold<{ text: string; levels: number }>(whole, (part, of) => {
    const inner = children(part);
    const printed = print(part, (child) => of(child).text, identifier, dialect, constant);
    if (inner.length === 0 || named.has(printed)) return { text: printed, levels: 0 };
    const levels = 1 + Math.max(...inner.map((child) => of(child).levels));
    const aside =
      part !== whole && (dialect.apart(part) || levels >= DEEPEST || (uses.get(part) as number) > 1);
    return aside ? { text: constant(printed), levels: 0 } : { text: printed, levels };
  });
  return { statements: statements.join(""), value: text };
}

function print(
  e: Expression,
  of: (part: Expression) => string,
  identifier: (name: string) => string,
  dialect: Dialect,
  constant: (value: string) => string,
): string {
  switch (e.kind) {
    case "number":
      return printNumber(e.value);
    case "symbol":
      return identifier(e.name);
    case "negate":
      return `(-${of(e.of)})`;
    case "call":
      return dialect.functions[e.fn](of(e.of), constant);
    case "where":
      return `((${of(e.test.left)}${e.test.comparison}${of(e.test.right)})?${of(e.then)}:${of(e.otherwise)})`;
    case "binary": {
      const [left, right] = [of(e.left), of(e.right)];
      const sign = INFIX[e.op];
      if (sign !== undefined) return `(${left}${sign}${right})`;
      return e.op === "power" ? `Math.pow(${left},${right})` : `Math.${e.op}(${left},${right})`;
    }
  }
}

/**
 * Infinity and NaN are names that JavaScript knows: what an array holds of them is seen where it is used.
 * Programs have none (dynamics/builder.ts).
 */
function printNumber(value: number): string {
  return value < 0 ? `(${value})` : `${value}`;
}

/**
 * Expressions to JavaScript source, the language of both the reference engine and GPU.js. Only whitelisted nodes are
 * printed and every name is the caller's own identifier, so a user's text cannot reach the generated code.
 */
import type { BinaryOperator, Expression, UnaryFunction } from "./expression";

/** Operators that have an infix sign. */
const INFIX: Partial<Record<BinaryOperator, string>> = { add: "+", subtract: "-", multiply: "*", divide: "/" };

const FUNCTIONS: Record<UnaryFunction, (x: string) => string> = {
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
};

/**
 * Source text of an expression.
 * @param identifier what to write for a symbol; it must return an identifier or an indexed access of the caller's making
 */
export function emitJavaScript(e: Expression, identifier: (name: string) => string): string {
  const emit = (part: Expression): string => emitJavaScript(part, identifier);
  switch (e.kind) {
    case "number":
      return emitNumber(e.value);
    case "symbol":
      return identifier(e.name);
    case "negate":
      return `(-${emit(e.of)})`;
    case "call":
      return FUNCTIONS[e.fn](emit(e.of));
    case "where":
      return `((${emit(e.test.left)}${e.test.comparison}${emit(e.test.right)})?${emit(e.then)}:${emit(e.otherwise)})`;
    case "binary": {
      const [left, right] = [emit(e.left), emit(e.right)];
      const sign = INFIX[e.op];
      if (sign !== undefined) return `(${left}${sign}${right})`;
      return e.op === "power" ? `Math.pow(${left},${right})` : `Math.${e.op}(${left},${right})`;
    }
  }
}

function emitNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`cannot emit ${value}`);
  return value < 0 ? `(${value})` : `${value}`;
}

/**
 * What Ohmlet takes of mathjs, made from mathjs's own parts: its parser, and its units over plain numbers.
 * Bundles have this in the place of "#mathjs": a fifth of the code and of the time to load of the whole, which
 * makes functions for matrices, fractions and big numbers that nobody here calls. A checkout in Node has the
 * whole, since the parts are hundreds of files that Node would read one by one.
 */
import * as mathjs from "mathjs";
import {
  absDependencies,
  addDependencies,
  create,
  divideDependencies,
  equalDependencies,
  fixDependencies,
  formatDependencies,
  isNumericDependencies,
  multiplyDependencies,
  parseDependencies,
  powDependencies,
  roundDependencies,
  subtractDependencies,
} from "mathjs/number";

export {
  isConstantNode,
  isFunctionNode,
  isOperatorNode,
  isParenthesisNode,
  isSymbolNode,
  type MathNode,
} from "mathjs/number";

const parts = /* @__PURE__ */ create({
  absDependencies,
  addDependencies,
  divideDependencies,
  equalDependencies,
  fixDependencies,
  formatDependencies,
  isNumericDependencies,
  multiplyDependencies,
  parseDependencies,
  powDependencies,
  roundDependencies,
  subtractDependencies,
});

export const parse = parts.parse as typeof mathjs.parse;

/** mathjs exports it; its types do not say so. */
interface Untyped {
  createUnitClass(needed: Readonly<Record<string, unknown>>): typeof mathjs.Unit;
}
/** What mathjs writes the five ninths of Rankine as; every quantity in it is made a number at once. */
class Ratio {
  readonly isFraction = true;
  readonly #value: number;
  constructor(over: number, under: number) {
    this.#value = over / under;
  }
  valueOf(): number {
    return this.#value;
  }
}

export const Unit = /* @__PURE__ */ (mathjs as unknown as Untyped).createUnitClass({
  config: parts.config({}),
  abs: parts.abs,
  addScalar: parts.add,
  divideScalar: parts.divide,
  equal: parts.equal,
  fix: parts.fix,
  format: parts.format,
  isNumeric: parts.isNumeric,
  multiplyScalar: parts.multiply,
  number: Number,
  pow: parts.pow,
  round: parts.round,
  subtractScalar: parts.subtract,
  // A quantity is a number, and none of these: what mathjs writes reactive power in reads as no number.
  BigNumber: null,
  Complex: { I: Number.NaN },
  Fraction: Ratio,
});

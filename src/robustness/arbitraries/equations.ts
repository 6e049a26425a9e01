/**
 * Random expressions in a state, a current and two parameters, made by the folding constructors so that they
 * are what reading a text could yield. They shrink to a single symbol or number.
 */
import type { Arbitrary } from "fast-check";
import {
  add,
  call,
  clip,
  divide,
  maximum,
  minimum,
  multiply,
  negate,
  number,
  power,
  subtract,
  symbol,
  where,
  type Expression,
  type UnaryFunction,
} from "../../equations/expression";
import { fc, lazily } from "./fast-check";

/** Functions that are smooth everywhere. */
export const SMOOTH: readonly UnaryFunction[] = ["exp", "sin", "cos", "tanh", "atan", "logistic"];
/** The names that random expressions use. */
export const SYMBOLS = ["u", "I", "a", "b"];

const constants = lazily(() => fc.integer({ min: -40, max: 40 }).map((n) => number(n / 8)));
const leaf = lazily(() => fc.oneof(constants, fc.constantFrom(...SYMBOLS).map(symbol)));

/** Expressions without kinks; denominators are of the form 2 + x^2. */
export const smoothExpressions: Arbitrary<Expression> = lazily(
  () =>
    fc.letrec<{ e: Expression }>((tie) => ({
      e: fc.oneof(
        { maxDepth: 4, depthIdentifier: "smooth" },
        leaf,
        fc.tuple(tie("e"), tie("e")).map(([a, b]) => add(a, b)),
        fc.tuple(tie("e"), tie("e")).map(([a, b]) => subtract(a, b)),
        fc.tuple(tie("e"), tie("e")).map(([a, b]) => multiply(a, b)),
        fc.tuple(tie("e"), tie("e")).map(([a, b]) => divide(a, add(number(2), multiply(b, b)))),
        tie("e").map(negate),
        fc.tuple(fc.constantFrom(...SMOOTH), tie("e")).map(([fn, of]) => call(fn, of)),
        fc.tuple(tie("e"), fc.integer({ min: 2, max: 5 })).map(([of, n]) => power(of, number(n))),
      ),
    })).e,
);

/** Any expression that a text could say. */
export const expressions: Arbitrary<Expression> = lazily(
  () =>
    fc.letrec<{ e: Expression }>((tie) => ({
      e: fc.oneof(
        { maxDepth: 5, depthIdentifier: "any" },
        fc.oneof(leaf, fc.double({ noNaN: true, noDefaultInfinity: true }).map(number)),
        ...[add, subtract, multiply, divide, power, minimum, maximum].map((build) =>
          fc.tuple(tie("e"), tie("e")).map(([a, b]) => build(a, b)),
        ),
        fc.tuple(tie("e"), tie("e"), tie("e")).map(([x, lower, upper]) => clip(x, lower, upper)),
        tie("e").map(negate),
        fc
          .tuple(fc.constantFrom<UnaryFunction>(...SMOOTH, "log", "sqrt", "abs", "sign", "floor"), tie("e"))
          .map(([fn, of]) => call(fn, of)),
        fc
          .tuple(
            fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const),
            tie("e"),
            tie("e"),
            tie("e"),
            tie("e"),
          )
          .map(([comparison, left, right, then, otherwise]) =>
            where({ comparison, left, right }, then, otherwise),
          ),
      ),
    })).e,
);

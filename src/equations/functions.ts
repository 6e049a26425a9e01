/** The functions that equations may call, and how many arguments each takes. */
import { add, call, clip, maximum, minimum, number, type Expression, type UnaryFunction } from "./expression";

export { nearest } from "../options/nearest";

const UNARY: readonly UnaryFunction[] = [
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "tanh",
  "atan",
  "logistic",
  "abs",
  "sign",
  "floor",
];

export interface KnownFunction {
  readonly arguments: { readonly least: number; readonly most: number };
  readonly build: (args: readonly Expression[]) => Expression;
}

const unary = (fn: UnaryFunction): KnownFunction => ({
  arguments: { least: 1, most: 1 },
  build: ([x]) => call(fn, x),
});
const several = (combine: (a: Expression, b: Expression) => Expression): KnownFunction => ({
  arguments: { least: 2, most: 20 },
  build: (args) => args.reduce(combine),
});

/** By name. `where(test, a, b)` is apart, since its first argument is a comparison: see resolve.ts. */
export const FUNCTIONS: ReadonlyMap<string, KnownFunction> = new Map<string, KnownFunction>([
  ...UNARY.map((fn): [string, KnownFunction] => [fn, unary(fn)]),
  ["sigmoid", unary("logistic")],
  ["round", { arguments: { least: 1, most: 1 }, build: ([x]) => call("floor", add(x, number(0.5))) }],
  ["min", several(minimum)],
  ["max", several(maximum)],
  ["clip", { arguments: { least: 3, most: 3 }, build: ([x, lower, upper]) => clip(x, lower, upper) }],
]);

export const WHERE = "where";

/** Names that a text cannot give to anything else. */
export const isFunctionName = (name: string): boolean => name === WHERE || FUNCTIONS.has(name);

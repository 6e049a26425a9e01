/** The functions that equations may call, and how many arguments each takes. */
import { add, call, clip, maximum, minimum, number, type Expression, type UnaryFunction } from "./expression";

const UNARY: readonly UnaryFunction[] = ["exp", "log", "sqrt", "sin", "cos", "tanh", "atan", "logistic", "abs", "sign", "floor"];

export interface KnownFunction {
  readonly arguments: { readonly least: number; readonly most: number };
  readonly build: (args: readonly Expression[]) => Expression;
}

const unary = (fn: UnaryFunction): KnownFunction => ({ arguments: { least: 1, most: 1 }, build: ([x]) => call(fn, x) });
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

/** The candidate that a mistyped name probably means, if any is near. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = name.length <= 2 ? 1 : Math.min(3, Math.ceil(name.length / 3));
  let best: { name: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < candidate.length && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best?.name ?? null;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}


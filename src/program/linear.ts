/** Operations that the derivatives of programs are written in: what tangent and transpose share. */
import { differentiate } from "../equations/differentiate";
import { add, multiply, negate, subtract, symbol, type Expression } from "../equations/expression";
import { simplify } from "../equations/simplify";
import type { MapOperation, Operation } from "./program";
import { failProgram } from "./validate";

/** A buffer that an operation of a derivative reads, by the symbol that stands for it. */
export type Reads = Readonly<Record<string, string>>;

/** out = expression over buffers alone. */
export const over = (out: string, expression: Expression, reads: Reads): MapOperation => ({
  op: "map",
  out,
  expression,
  sources: Object.fromEntries(
    Object.entries(reads).map(([name, of]) => [name, { from: "buffer", name: of }]),
  ),
});

export const copy = (out: string, from: string): MapOperation => over(out, symbol("x"), { x: from });
export const sum = (out: string, left: string, right: string): MapOperation =>
  over(out, add(symbol("x"), symbol("y")), { x: left, y: right });

/** A solve has no derivative: who differentiates refuses solvers that solve. */
export const failSolve = (): never => failProgram("a solve is differentiated", "solve");

/** What a map reads, with the derivative of the map by it: by all symbols that stand for it together. */
export interface Slope {
  readonly name: string;
  readonly slope: Expression;
}

/** The slopes of a map by the buffers, or the vectors, that it reads; those that are 0 everywhere are left out. */
export function slopesOf(
  { expression, sources }: MapOperation,
  by: "buffer" | "vector" = "buffer",
): readonly Slope[] {
  const slopes = new Map<string, Expression>();
  for (const [name, source] of Object.entries(sources)) {
    if (source.from !== by) continue;
    const slope = differentiate(expression, name);
    const before = slopes.get(source.name);
    slopes.set(source.name, before === undefined ? slope : add(before, slope));
  }
  return [...slopes]
    .map(([name, slope]) => ({ name, slope: simplify(slope) }))
    .filter(({ slope }) => !(slope.kind === "number" && slope.value === 0));
}

/** Names of new buffers and of the arrays of ones that sums over a row are projected by. */
export class Scratch {
  readonly buffers: Record<string, number> = {};
  /** Widths of square arrays of ones. */
  readonly ones = new Map<string, number>();
  private count = 0;

  constructor(private readonly mark: string) {}

  buffer(width: number): string {
    const name = `${this.mark}${this.count++}`;
    this.buffers[name] = width;
    return name;
  }

  /** What projects a buffer onto the sum over its row, in every unit. */
  onesOf(width: number): string {
    const name = `ones${width}`;
    this.ones.set(name, width);
    return name;
  }
}

/** Real and imaginary part of a value; real values have none. */
export interface Pair {
  readonly re: string;
  readonly im?: string;
}

/** A product of complex values, one of them conjugated or none. */
function product(out: Pair, left: Pair, right: Pair, conjugate: boolean): readonly Operation[] {
  const [a, b, c, d] = [symbol("a"), symbol("b"), symbol("c"), symbol("d")];
  if (left.im === undefined || right.im === undefined || out.im === undefined)
    return [over(out.re, multiply(a, c), { a: left.re, c: right.re })];
  const reads = { a: left.re, b: left.im, c: right.re, d: right.im };
  const imaginary = conjugate ? negate(d) : d;
  return [
    over(out.re, subtract(multiply(a, c), multiply(b, imaginary)), reads),
    over(out.im, add(multiply(a, imaginary), multiply(b, c)), reads),
  ];
}

const planes = ({ re, im }: Pair): readonly string[] => (im === undefined ? [re] : [re, im]);

/**
 * The derivative of a softmax p = softmax(z), in the direction of `change`: p (dz - sum of p dz). Its
 * transpose is the same with the conjugate of p, and p outside of the sum and inside change places.
 * @returns the operations, and where they leave the result
 */
export function softmaxSlope(
  p: Pair,
  change: Pair,
  width: number,
  scratch: Scratch,
  transposed: boolean,
): { readonly operations: readonly Operation[]; readonly out: Pair } {
  const fresh = (): Pair => ({
    re: scratch.buffer(width),
    ...(p.im !== undefined && { im: scratch.buffer(width) }),
  });
  const [weighted, total, centred, out] = [fresh(), fresh(), fresh(), fresh()];
  const operations: Operation[] = [...product(weighted, change, p, transposed)];
  planes(weighted).forEach((from, plane) => {
    operations.push({
      op: "project",
      out: planes(total)[plane],
      terms: [{ from, weights: scratch.onesOf(width) }],
    });
    operations.push(
      over(planes(centred)[plane], subtract(symbol("x"), symbol("y")), {
        x: planes(change)[plane],
        y: planes(total)[plane],
      }),
    );
  });
  operations.push(...product(out, centred, p, transposed));
  return { operations, out };
}

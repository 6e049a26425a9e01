/** Antiderivatives: what they differ by between two points is the integral, by quadrature. */
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/equations/evaluate";
import { integrate } from "../../src/equations/integrate";
import { read, SYMBOLS } from "./arbitraries";

const [u, a, b] = SYMBOLS;
const OTHERS = { [a]: 0.7, [b]: 1.9 };

/** The integral from one point to another: the midpoint rule, as it does not mind kinks. */
function quadrature(text: string, from: number, to: number): number {
  const [e, steps] = [read(text), 20_000];
  let sum = 0;
  for (let k = 0; k < steps; k++)
    sum += evaluate(e, { ...OTHERS, [u]: from + ((to - from) * (k + 0.5)) / steps });
  return (sum * (to - from)) / steps;
}

describe("an antiderivative", () => {
  const known = [
    "3",
    `${a}*${u}`,
    `(-${a}*${u} + ${b})/${a}`,
    `${u}^3 - 2*${u}`,
    `exp(-${a}*${u})`,
    `tanh(${b}*${u} + 0.2)`,
    `1/(1 + exp(-4*(${u} - 0.5)))`,
    `${a}*${u}*exp(${u})`,
    `sin(${u}) - cos(2*${u}) + atan(${u})`,
    `clip(${u}, 0, 1)`,
    `${u}*clip(${u}, 0, 1)`,
    `max(${u}, 0)`,
    `min(max(2*${u}, -1), ${a})`,
    `where(${u} < 0.3, ${u}, where(clip(${u}, 0, 1) >= 0.9, 2, 1))`,
    `abs(${u})`,
  ];
  it.each(known)("of %s", (text) => {
    const F = integrate(read(text), u);
    expect(F).not.toBeNull();
    const at = (x: number): number => evaluate(F!, { ...OTHERS, [u]: x });
    for (const [from, to] of [
      [-1.7, 0.4],
      [0, 1.3],
      [-0.5, 2.2],
    ])
      expect(at(to) - at(from)).toBeCloseTo(quadrature(text, from, to), 4);
  });
  it("overflows nowhere that its function does not", () => {
    const F = integrate(read(`tanh(${u})`), u)!;
    expect(evaluate(F, { [u]: -2000 })).toBeCloseTo(2000, 6);
  });
  it("is not told where none is known", () => {
    expect(integrate(read(`exp(${u}*${u})`), u)).toBeNull();
    expect(integrate(read(`tanh(${u})/${u}`), u)).toBeNull();
  });
});

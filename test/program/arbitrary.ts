/** Random programs: maps of smooth functions, projections, softmax, in place and onto scratch. */
import fc from "fast-check";
import { add, call, divide, multiply, number, symbol, type Expression } from "../../src/equations/expression";
import type { Operation, Program, Source } from "../../src/program/program";

/** Smooth and tame on the whole line, so that finite differences can judge. */
const tame = (depth: number): fc.Arbitrary<Expression> => {
  const leaf = fc.oneof(
    fc.constantFrom(symbol("a"), symbol("b"), symbol("v"), symbol("r")),
    fc.integer({ min: -8, max: 8 }).map((n) => number(n / 4)),
  );
  if (depth === 0) return leaf;
  const inner = tame(depth - 1);
  return fc.oneof(
    leaf,
    fc.tuple(inner, inner).map(([x, y]) => add(x, y)),
    fc.tuple(inner, inner).map(([x, y]) => multiply(call("tanh", x), y)),
    inner.map((x) => call("tanh", x)),
    inner.map((x) => divide(number(1), add(number(1), multiply(x, x)))),
  );
};

export interface Drawn {
  readonly program: Program;
  readonly seed: number;
}

/** Two states of widths 1 to 3 and scratch of both widths; 1 to 6 operations that end in writing the states. */
export const programs = (): fc.Arbitrary<Drawn> =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: 3 }),
      widths: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      draws: fc.array(
        fc.record({ kind: fc.nat(3), side: fc.nat(1), to: fc.nat(2), of: fc.nat(), e: tame(2) }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      last: fc.tuple(tame(2), tame(2)),
      seed: fc.nat(1e6),
    })
    .map(({ rows, widths, draws, last, seed }) => {
      const buffers: Record<string, number> = {};
      for (const side of [0, 1])
        for (const name of ["u", "x", "y", "in"]) buffers[`${name}${side}`] = widths[side];
      const known = [new Set(["u0", "in0"]), new Set(["u1", "in1"])];
      const step: Operation[] = [];
      const pick = (side: number, of: number): string => [...known[side]][of % known[side].size];
      const map = (out: string, side: number, of: number, expression: Expression): Operation => {
        const sources: Record<string, Source> = {
          a: { from: "buffer", name: pick(side, of) },
          b: { from: "buffer", name: pick(side, Math.floor(of / 7)) },
          v: { from: "vector", name: `v${side}` },
          r: { from: "row", name: "r" },
        };
        return { op: "map", out, expression, sources };
      };
      for (const { kind, side, to, of, e } of draws) {
        const out = [`u${side}`, `x${side}`, `y${side}`][to];
        const [same, other] = [pick(side, of), pick(1 - side, of)];
        if (kind === 0 && same !== out)
          step.push({
            op: "project",
            out,
            ...(of % 2 === 0 && { plus: pick(side, Math.floor(of / 3)) }),
            terms: [
              { from: other, weights: `w${1 - side}${side}` },
              { from: same, weights: `w${side}${side}` },
            ],
          });
        else if (kind === 1) step.push({ op: "normalise", from: { re: same }, out: { re: out } });
        else step.push(map(out, side, of, e));
        known[side].add(out);
      }
      step.push(map("u0", 0, seed, last[0]), map("u1", 1, seed, last[1]));
      const weights = Object.fromEntries(
        [0, 1].flatMap((i) => [0, 1].map((j) => [`w${i}${j}`, { pre: widths[i], post: widths[j] }])),
      );
      const program: Program = {
        rows,
        groups: 1,
        buffers,
        weights,
        vectors: { v0: widths[0], v1: widths[1] },
        rowValues: ["r"],
        scalars: [],
        prelude: [],
        step,
        state: ["u0", "u1"],
        outputs: ["u0", "u1"],
        watched: ["u0", "u1"],
      };
      return { program, seed };
    });

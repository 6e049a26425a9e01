/** Random programs: maps of smooth functions, projections, connected ones, softmax, in place and onto scratch. */
import fc from "fast-check";
import { add, call, divide, multiply, number, symbol, type Expression } from "../../src/equations/expression";
import type { MapOperation, Operation, Program, Source, Term } from "../../src/program/program";
import { anyBlocks, convolutions } from "../conformance/connections";

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

/**
 * Two states, of widths 1 to 3 or as wide as connections "c" between them want, and scratch of both widths; 1
 * to 6 operations that end in writing the states.
 */
export const programs = (): fc.Arbitrary<Drawn> =>
  fc
    .record({
      rows: fc.integer({ min: 1, max: 3 }),
      widths: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      part: fc.option(fc.oneof(convolutions([4, 2, 3]), anyBlocks)),
      draws: fc.array(
        fc.record({
          kind: fc.nat(4),
          side: fc.nat(1),
          to: fc.nat(2),
          of: fc.nat(),
          wires: fc.nat(2),
          e: tame(2),
        }),
        {
          minLength: 1,
          maxLength: 6,
        },
      ),
      last: fc.tuple(tame(2), tame(2)),
      seed: fc.nat(1e6),
    })
    .map(({ rows, widths: narrow, part, draws, last, seed }) => {
      const widths = part === null ? narrow : [part.through.pre, part.through.post];
      const buffers: Record<string, number> = {};
      for (const side of [0, 1])
        for (const name of ["u", "x", "y", "in"]) buffers[`${name}${side}`] = widths[side];
      const known = [new Set(["u0", "in0"]), new Set(["u1", "in1"])];
      const latest = ["in0", "in1"];
      const step: Operation[] = [];
      const pick = (side: number, of: number): string => [...known[side]][of % known[side].size];
      const map = (out: string, side: number, of: number, expression: Expression): MapOperation => {
        const sources: Record<string, Source> = {
          a: { from: "buffer", name: pick(side, of) },
          b: { from: "buffer", name: pick(side, Math.floor(of / 7)) },
          v: { from: "vector", name: `v${side}` },
          r: { from: "row", name: "r" },
        };
        return { op: "map", out, expression, sources };
      };
      for (const { kind, side, to, of, wires, e } of draws) {
        const out = [`u${side}`, `x${side}`, `y${side}`][to];
        const [same, other] = [pick(side, of), pick(1 - side, of)];
        const dense: Term = { from: other, weights: `w${1 - side}${side}` };
        const connected: readonly Term[] =
          part === null
            ? []
            : [
                {
                  from: other,
                  weights: "c",
                  through: part.through,
                  ...(side === 0 && { backwards: true as const }),
                },
              ];
        if (kind > 2 && same !== out)
          step.push({
            op: "project",
            out,
            ...(of % 2 === 0 && { plus: pick(side, Math.floor(of / 3)) }),
            terms: [
              ...(wires > 0 ? connected : []),
              ...(wires === 1 && part !== null ? [] : [dense]),
              { from: same, weights: `w${side}${side}` },
            ],
          });
        else if (kind === 1) step.push({ op: "normalise", from: { re: same }, out: { re: out } });
        else step.push(map(out, side, of, e));
        known[side].add(out);
        latest[side] = out;
      }
      // What was computed last on a side counts, whatever else its state becomes.
      const end = (side: number): Operation => {
        const operation = map(`u${side}`, side, seed, add(last[side], symbol("z")));
        const z: Source = { from: "buffer", name: latest[side] };
        return { ...operation, sources: { ...operation.sources, z } };
      };
      step.push(end(0), end(1));
      const weights = Object.fromEntries(
        [0, 1].flatMap((i) => [0, 1].map((j) => [`w${i}${j}`, { pre: widths[i], post: widths[j] }])),
      );
      const program: Program = {
        rows,
        groups: 1,
        buffers,
        weights: { ...weights, ...(part !== null && { c: part.array }) },
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

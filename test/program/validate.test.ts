import { describe, expect, it } from "vitest";
import type { Operation, Program } from "../../src/program/program";
import { validate } from "../../src/program/validate";
import { number, symbol } from "../../src/equations/expression";
import { OhmletError } from "../../src/errors";
import { caught } from "../engines/caught";

/** u ← v + a·r·k + noise, after d = s + r W and a softmax; s from the prelude. */
const GOOD: Program = {
  rows: 4,
  groups: 2,
  buffers: { x: 3, s: 2, u: 2, r: 2, d: 2, p: 2, q: 2, other: 5 },
  weights: { c: { pre: 3, post: 2 }, w: { pre: 2, post: 2 } },
  vectors: { e: 2 },
  rowValues: ["beta"],
  scalars: ["gate"],
  prelude: [{ op: "project", out: "s", terms: [{ from: "x", weights: "c" }] }],
  step: [
    { op: "map", out: "r", expression: symbol("u"), sources: { u: { from: "buffer", name: "u" } } },
    { op: "project", out: "d", plus: "s", terms: [{ from: "r", weights: "w" }] },
    { op: "normalise", from: { re: "d" }, out: { re: "p" } },
    {
      op: "map",
      out: "u",
      expression: symbol("e"),
      sources: {
        e: { from: "vector", name: "e" },
        b: { from: "row", name: "beta" },
        g: { from: "scalar", name: "gate" },
        xi: { from: "noise", stream: 1 },
      },
    },
  ],
  state: ["u"],
  outputs: ["u", "p", "s"],
  watched: ["u"],
};

const step = (i: number, change: object): Partial<Program> => ({
  step: GOOD.step.map((operation, k) => (k === i ? ({ ...operation, ...change } as Operation) : operation)),
});
const sources = (change: object): Partial<Program> =>
  step(3, { sources: { ...(GOOD.step[3] as { sources: object }).sources, ...change } });

const BAD: readonly [string, Partial<Program>, RegExp][] = [
  ["no rows", { rows: 0 }, /0 rows/],
  ["half a row", { rows: 2.5 }, /2.5 rows/],
  ["groups that do not divide the rows", { groups: 3 }, /4 rows do not divide into 3 groups/],
  ["a buffer without width", { buffers: { ...GOOD.buffers, u: 0 } }, /"u" is 0 wide/],
  ["a vector of no width", { vectors: { e: -1 } }, /"e" is -1 wide/],
  ["weights of no width", { weights: { ...GOOD.weights, w: { pre: 0, post: 2 } } }, /weights "w" are 0 x 2/],
  ["an unknown operation", step(0, { op: "conjure" }), /step 0, conjure: unknown operation/],
  ["an unknown target", step(0, { out: "nowhere" }), /step 0, map: unknown buffer "nowhere"/],
  [
    "an unknown buffer",
    step(0, { sources: { u: { from: "buffer", name: "constructor" } } }),
    /step 0, map: unknown buffer "constructor"/,
  ],
  [
    "a buffer of another width",
    step(0, { sources: { u: { from: "buffer", name: "x" } } }),
    /step 0, map: buffer "x" is not 2 wide/,
  ],
  [
    "a symbol without a source",
    step(0, { expression: symbol("__proto__") }),
    /step 0, map: no source for "__proto__"/,
  ],
  [
    "an unknown vector",
    sources({ e: { from: "vector", name: "toString" } }),
    /step 3, map: there is no vector "toString"/,
  ],
  [
    "an unknown row value",
    sources({ b: { from: "row", name: "gate" } }),
    /step 3, map: unknown row value "gate"/,
  ],
  [
    "an unknown scalar",
    sources({ g: { from: "scalar", name: "beta" } }),
    /step 3, map: unknown scalar "beta"/,
  ],
  ["a projection without terms", step(1, { terms: [] }), /step 1, project: a projection without terms/],
  [
    "a projection of unknown weights",
    step(1, { terms: [{ from: "r", weights: "v" }] }),
    /step 1, project: unknown weights "v"/,
  ],
  [
    "weights that do not fit",
    step(1, { terms: [{ from: "r", weights: "c" }] }),
    /step 1, project: weights "c" do not fit r → d/,
  ],
  ["a sum of another width", step(1, { plus: "x" }), /step 1, project: "x" is not 2 wide/],
  ["a projection onto itself", step(1, { out: "r" }), /step 1, project: "r" is projected onto itself/],
  [
    "a softmax of another width",
    step(2, { from: { re: "other" } }),
    /step 2, normalise: softmax over buffers of different widths/,
  ],
  [
    "a softmax that drops a plane",
    step(2, { from: { re: "d", im: "r" } }),
    /step 2, normalise: softmax from real to complex or back/,
  ],
  [
    "a softmax into one buffer",
    step(2, { from: { re: "d", im: "r" }, out: { re: "p", im: "p" } }),
    /step 2, normalise: softmax writes both planes/,
  ],
  [
    "scratch that is read before it is written",
    step(0, { sources: { u: { from: "buffer", name: "d" } } }),
    /step 0, map: reads "d", which is no state/,
  ],
  [
    "a step that overwrites the prelude",
    step(2, { out: { re: "s" } }),
    /step 2, normalise: writes "s", which the prelude has computed/,
  ],
  [
    "noise in the prelude",
    {
      prelude: [
        { op: "map", out: "s", expression: symbol("n"), sources: { n: { from: "noise", stream: 0 } } },
      ],
    },
    /prelude 0, map: noise is drawn/,
  ],
  ["unknown state", { state: ["u", "v"] }, /unknown buffer "v" in state/],
  ["an unknown output", { outputs: ["valueOf"] }, /unknown buffer "valueOf" in outputs/],
  ["an output that nothing writes", { outputs: ["q"] }, /the output "q" is never written/],
  ["counting what is not watched", { counts: { r: 2 } }, /changes of "r" count, but it is not watched/],
  ["a count that is none", { counts: { u: 0 } }, /changes of "u" cannot count 0 times/],
  ["watching what is no state", { watched: ["r"] }, /"r" is watched but no state/],
];

describe("validate", () => {
  it("accepts a consistent program", () => expect(() => validate(GOOD)).not.toThrow());

  it("accepts updates in place", () => {
    const inPlace: Operation = {
      op: "map",
      out: "u",
      expression: number(1),
      sources: { u: { from: "buffer", name: "u" } },
    };
    expect(() =>
      validate({
        ...GOOD,
        step: [
          ...GOOD.step,
          inPlace,
          { op: "project", out: "d", plus: "d", terms: [{ from: "r", weights: "w" }] },
        ],
      }),
    ).not.toThrow();
  });

  it.each(BAD)("refuses %s", (_, change, message) => {
    const error = caught(() => validate({ ...GOOD, ...change }));
    expect(error).toBeInstanceOf(OhmletError);
    expect((error as OhmletError).code).toBe("ENGINE-PROGRAM");
    expect((error as OhmletError).message).toMatch(message);
  });
});

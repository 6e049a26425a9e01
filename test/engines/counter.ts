/** The smallest program that moves. */
import type { Program } from "../../src/program/program";
import { add, number, symbol } from "../../src/equations/expression";

/** u grows by one a step. */
export const COUNTER: Program = {
  rows: 1,
  groups: 1,
  buffers: { u: 1 },
  weights: {},
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  state: ["u"],
  outputs: ["u"],
  watched: ["u"],
  step: [
    {
      op: "map",
      out: "u",
      expression: add(symbol("u"), number(1)),
      sources: { u: { from: "buffer", name: "u" } },
    },
  ],
};

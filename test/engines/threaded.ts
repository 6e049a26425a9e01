/** A program large enough for the WebAssembly backend to take threads. */
import type { Program } from "../../src/program/program";
import { add, call, multiply, number, symbol } from "../../src/equations/expression";

const [rows, width] = [130, 64];

export const threaded: Program = {
  rows,
  groups: 1,
  buffers: { u: width, d: width },
  weights: { w: { pre: width, post: width } },
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [
    { op: "project", out: "d", terms: [{ from: "u", weights: "w" }] },
    {
      op: "map",
      out: "u",
      expression: add(multiply(number(0.5), call("tanh", symbol("d"))), multiply(number(0.1), symbol("n"))),
      sources: { d: { from: "buffer", name: "d" }, n: { from: "noise", stream: 3 } },
    },
  ],
  state: ["u"],
  outputs: ["u"],
  watched: ["u"],
};

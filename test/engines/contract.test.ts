/** What the contract says of an executable, on every engine that runs here. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engines/engine";
import type { Program } from "../../src/program/program";
import { createEngine } from "../../src/engines/select";
import { add, divide, multiply, number, subtract, symbol } from "../../src/equations/expression";
import { fillPhaseNormals } from "../../src/random";
import { contestants } from "../conformance/compare";
import { caught, caughtLater } from "./caught";

const EMPTY: Program = {
  rows: 1,
  groups: 1,
  buffers: {},
  weights: {},
  vectors: {},
  rowValues: [],
  scalars: [],
  prelude: [],
  step: [],
  state: [],
  outputs: [],
  watched: [],
};
const buffer = (name: string) => ({ from: "buffer", name }) as const;
const copy = (out: string, from: string) =>
  ({ op: "map", out, expression: symbol("v"), sources: { v: buffer(from) } }) as const;
const [u, v] = [symbol("u"), symbol("v")];

describe("contract", async () => {
  describe.each(["reference", ...(await contestants())])("%s", (name) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine(name);
    });
    afterAll(() => engine.dispose());

    it("draws exactly the host's noise, by step, row and unit", async () => {
      const [rows, width] = [3, 2];
      const exe = engine.compile({
        ...EMPTY,
        rows,
        buffers: { u: width, sum: width },
        state: ["u", "sum"],
        outputs: ["u", "sum"],
        step: [
          { op: "map", out: "u", expression: symbol("n"), sources: { n: { from: "noise", stream: 77 } } },
          { op: "map", out: "sum", expression: add(u, v), sources: { u: buffer("u"), v: buffer("sum") } },
        ],
      });
      exe.setSeed({ seed: 2 ** 45 + 3, phase: 2 ** 40 + 5 });
      // More than one chunk of any engine.
      await exe.run(70, 1000);
      const draws = new Float64Array(rows * width);
      const sum = new Float64Array(rows * width);
      for (let step = 1000; step < 1070; step++) {
        fillPhaseNormals(draws, { seed: 2 ** 45 + 3, phase: 2 ** 40 + 5 }, 77, step);
        draws.forEach((d, i) => (sum[i] += d));
      }
      const exact = engine.info.precision === "float64" ? (x: number): number => x : Math.fround;
      expect(await exe.read("u")).toEqual(draws.map(exact));
      (await exe.read("sum")).forEach((s, i) => expect(s).toBeCloseTo(sum[i], 4));
    });

    it("carries state that no operation reads or returns, and swaps buffers", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { a: 1, b: 1, t: 1, idle: 1 },
        state: ["a", "b", "idle"],
        outputs: ["a", "b"],
        watched: ["a", "idle"],
        step: [copy("t", "a"), copy("a", "b"), copy("b", "t")],
      });
      exe.write("a", [1, 2]);
      exe.write("b", [10, 20]);
      exe.write("idle", [5, 6]);
      const { residual } = await exe.run(3, 0);
      expect([await exe.read("a"), await exe.read("b"), await exe.read("idle")]).toEqual([
        Float64Array.of(10, 20),
        Float64Array.of(1, 2),
        Float64Array.of(5, 6),
      ]);
      expect(residual).toEqual(Float64Array.of(9, 18));
    });

    it("keeps state that is no output from run to run", async () => {
      const exe = engine.compile({
        ...EMPTY,
        buffers: { hidden: 1, shown: 1 },
        state: ["hidden"],
        outputs: ["shown"],
        step: [
          { op: "map", out: "hidden", expression: add(u, number(1)), sources: { u: buffer("hidden") } },
          { op: "map", out: "shown", expression: multiply(number(2), u), sources: { u: buffer("hidden") } },
        ],
      });
      await exe.run(2, 0);
      await exe.run(3, 2);
      expect(await exe.read("shown")).toEqual(Float64Array.of(10));
    });

    it("reports the last step's change by row, and NaN for a row that overflows", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 3,
        buffers: { u: 2 },
        state: ["u"],
        outputs: ["u"],
        watched: ["u"],
        step: [{ op: "map", out: "u", expression: multiply(u, u), sources: { u: buffer("u") } }],
      });
      exe.write("u", [0.5, 1, 1e30, 0, Number.NaN, 1]);
      const { residual } = await exe.run(2, 0);
      expect(residual[0]).toBeCloseTo(0.25 - 0.0625, 6);
      if (engine.info.precision === "float32") expect(residual[1]).toBeNaN();
      expect(residual[2]).toBeNaN();
    });

    it("counts changes of some buffers otherwise, and settles by that", async () => {
      const halve = (name: string) =>
        ({
          op: "map",
          out: name,
          expression: multiply(number(0.5), u),
          sources: { u: buffer(name) },
        }) as const;
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { a: 5, b: 1 },
        state: ["a", "b"],
        outputs: ["a", "b"],
        watched: ["a", "b"],
        counts: { a: 0.125 },
        step: [halve("a"), halve("b")],
      });
      const begin = (): void => {
        exe.write("a", [1, 1, 1, 1, 8, 4, 0, 0, 0, 0]);
        exe.write("b", [0.25, 2]);
      };
      begin();
      expect((await exe.run(1, 0)).residual).toEqual(Float64Array.of(0.5, 1));
      begin();
      const { residual, steps } = await exe.settle({ steps: 64, tolerance: 2 ** -10, mixing: null });
      residual.forEach((change) => expect(change).toBeLessThanOrEqual(2 ** -10));
      // Without the counts the first row would need three more steps.
      if (!name.startsWith("gpu")) expect([...steps]).toEqual([10, 11]);
    });

    it("reads a dozen arrays of all kinds in one map", async () => {
      // More than a kernel of WebGPU may read.
      const [rows, width] = [4, 3];
      const letters = [..."abcdefgh"];
      const sources = {
        ...Object.fromEntries(letters.map((name) => [name, buffer(name)])),
        v: { from: "vector", name: "v" },
        r: { from: "row", name: "r" },
        s: { from: "scalar", name: "s" },
        n: { from: "noise", stream: 9 },
      } as const;
      const exe = engine.compile({
        ...EMPTY,
        rows,
        groups: 2,
        buffers: Object.fromEntries([...letters, "out"].map((name) => [name, width])),
        vectors: { v: width },
        rowValues: ["r"],
        scalars: ["s"],
        state: letters,
        outputs: ["out"],
        step: [
          {
            op: "map",
            out: "out",
            expression: Object.keys(sources).reduce(
              (sum, name, i) => add(sum, multiply(number(i + 1), symbol(name))),
              number(0),
            ),
            sources,
          },
        ],
      });
      const cells = Float64Array.from({ length: rows * width }, (_, i) => i / 8);
      letters.forEach((name, i) =>
        exe.write(
          name,
          cells.map((v) => v + i),
        ),
      );
      exe.setVector("v", [1, 2, 3, 4, 5, 6]);
      exe.setRowValues("r", [0.5, 1, 1.5, 2]);
      exe.setScalar("s", 0.25);
      await exe.run(2, 0);
      const draws = new Float64Array(rows * width);
      fillPhaseNormals(draws, { seed: 0, phase: 0 }, 9, 1);
      const wanted = cells.map((v, i) => {
        const [row, unit] = [Math.floor(i / width), i % width];
        const ofBuffers = letters.reduce((sum, _, k) => sum + (k + 1) * (v + k), 0);
        return (
          ofBuffers + 9 * (1 + unit + (row < 2 ? 0 : 3)) + 10 * (0.5 * (row + 1)) + 11 * 0.25 + 12 * draws[i]
        );
      });
      (await exe.read("out")).forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 3));
    });

    it("runs a prelude of copies and computed buffers in order", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { x: 2, s: 1, t: 1, u: 1 },
        weights: { w: { pre: 2, post: 1 } },
        state: ["u"],
        outputs: ["u"],
        prelude: [{ op: "project", out: "s", terms: [{ from: "x", weights: "w" }] }, copy("t", "s")],
        step: [{ op: "map", out: "u", expression: add(u, v), sources: { u: buffer("u"), v: buffer("t") } }],
      });
      exe.write("x", [1, 2, 3, 4]);
      exe.setWeights("w", [10, 1]);
      await exe.prepare();
      await exe.run(2, 0);
      expect([await exe.read("t"), await exe.read("u")]).toEqual([
        Float64Array.of(12, 34),
        Float64Array.of(24, 68),
      ]);
    });

    it("heeds weights, vectors, row values and scalars that change between runs, whole or not", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { u: 1 },
        vectors: { e: 1 },
        rowValues: ["b"],
        scalars: ["g"],
        state: ["u"],
        outputs: ["u"],
        step: [
          {
            op: "map",
            out: "u",
            expression: multiply(symbol("g"), divide(subtract(symbol("b"), symbol("e")), number(2))),
            sources: {
              b: { from: "row", name: "b" },
              e: { from: "vector", name: "e" },
              g: { from: "scalar", name: "g" },
            },
          },
        ],
      });
      exe.setVector("e", [1]);
      exe.setRowValues("b", [2, 4]);
      exe.setScalar("g", 1);
      await exe.run(1, 0);
      expect(await exe.read("u")).toEqual(Float64Array.of(0.5, 1.5));
      exe.setScalar("g", 0.25);
      exe.setVector("e", [2]);
      await exe.run(1, 1);
      expect(await exe.read("u")).toEqual(Float64Array.of(0, 0.25));
    });

    it("copies what it is given and hands out copies", async () => {
      const exe = engine.compile({ ...EMPTY, buffers: { u: 2 }, state: ["u"], outputs: ["u"], step: [] });
      const given = Float64Array.of(1, 2);
      exe.write("u", given);
      given.fill(9);
      (await exe.read("u")).fill(8);
      expect(await exe.read("u")).toEqual(Float64Array.of(1, 2));
    });

    it("refuses wrong names, lengths, seeds and step counts", async () => {
      const exe = engine.compile({
        ...EMPTY,
        buffers: { x: 2, r: 2, u: 2 },
        weights: { w: { pre: 2, post: 2 } },
        vectors: { e: 2 },
        rowValues: ["b"],
        scalars: ["g"],
        state: ["u"],
        outputs: ["u"],
        step: [copy("r", "x"), { op: "project", out: "u", terms: [{ from: "r", weights: "w" }] }],
      });
      const shape = { code: "ENGINE-SHAPE" };
      const program = { code: "ENGINE-PROGRAM" };
      expect(caught(() => exe.write("u", [1]))).toMatchObject(shape);
      expect(caught(() => exe.setWeights("w", [1, 2, 3]))).toMatchObject(shape);
      expect(caught(() => exe.setVector("e", []))).toMatchObject(shape);
      expect(caught(() => exe.setRowValues("b", [1, 2]))).toMatchObject(shape);
      expect(caught(() => exe.write("r", [1, 2]))).toMatchObject(program);
      expect(caught(() => exe.write("constructor", [1, 2]))).toMatchObject(program);
      expect(caught(() => exe.setWeights("toString", [1]))).toMatchObject(program);
      expect(caught(() => exe.setScalar("__proto__", 1))).toMatchObject(program);
      expect(await caughtLater(() => exe.read("r"))).toMatchObject(program);
      expect(await caughtLater(() => exe.run(0, 0))).toMatchObject(program);
      expect(await caughtLater(() => exe.run(1, -1))).toMatchObject(program);
      for (const seed of [-1, 0.5, Number.NaN, 2 ** 53])
        expect(caught(() => exe.setSeed(seed))).toMatchObject({ code: "ENGINE-SEED" });
      for (const seeds of [[], [1, 2, 3, 4, 5, 6, 7], [1, -1]])
        expect(caught(() => exe.setSeed(...seeds))).toMatchObject({ code: "ENGINE-SEED" });
      expect(caught(() => engine.compile({ ...EMPTY, rows: 0 }))).toMatchObject(program);
    });

    it("normalises real rows, however large", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { z: 3, p: 3 },
        state: ["z"],
        outputs: ["p"],
        step: [{ op: "normalise", from: { re: "z" }, out: { re: "p" } }],
      });
      exe.write("z", [1, 2, 3, 1e4, 1e4 - 1, -1e4]);
      await exe.run(1, 0);
      const [a, b, c] = [1, 2, 3].map((v) => Math.exp(v) / (Math.E + Math.exp(2) + Math.exp(3)));
      const wanted = [a, b, c, Math.E / (1 + Math.E), 1 / (1 + Math.E), 0];
      (await exe.read("p")).forEach((v, i) => expect(v).toBeCloseTo(wanted[i], 6));
    });

    it("normalises complex rows, in place too", async () => {
      const exe = engine.compile({
        ...EMPTY,
        rows: 2,
        buffers: { z: 2, zi: 2, p: 2, pi: 2 },
        state: ["z", "zi"],
        outputs: ["z", "zi", "p", "pi"],
        step: [
          { op: "normalise", from: { re: "z", im: "zi" }, out: { re: "p", im: "pi" } },
          { op: "normalise", from: { re: "z", im: "zi" }, out: { re: "z", im: "zi" } },
        ],
      });
      const [re, im] = [
        [0.5, -0.25, 500, 500.5],
        [1, -0.5, 2, 0.5],
      ];
      exe.write("z", re);
      exe.write("zi", im);
      await exe.run(1, 0);
      const found = { re: await exe.read("p"), im: await exe.read("pi") };
      for (const k of [0, 1, 2, 3]) {
        // exp(z_k) / (exp(z_k) + exp(z_o)) = 1 / (1 + w), w = exp(z_o - z_k).
        const size = Math.exp(re[k ^ 1] - re[k]);
        const [x, y] = [1 + size * Math.cos(im[k ^ 1] - im[k]), size * Math.sin(im[k ^ 1] - im[k])];
        expect(found.re[k]).toBeCloseTo(x / (x * x + y * y), 5);
        expect(found.im[k]).toBeCloseTo(-y / (x * x + y * y), 5);
      }
      expect([await exe.read("z"), await exe.read("zi")]).toEqual([found.re, found.im]);
    });

    it("correlates", async () => {
      const [rows, pre, post] = [3, 2, 2];
      expect(await engine.correlate([1, 2, 3, 4, 5, 6], [1, 0, 0, 1, 1, 1], rows, pre, post)).toEqual(
        Float64Array.of(6, 8, 8, 10),
      );
      // Six rows: a block of four, and two.
      const ones = new Float64Array(6).fill(1);
      expect(await engine.correlate([1, 2, 3, 4, 5, 6], ones, 6, 1, 1)).toEqual(Float64Array.of(21));
    });

    it("lives on through many lengths of chunks", async () => {
      const exe = engine.compile({
        ...EMPTY,
        buffers: { u: 1 },
        state: ["u"],
        outputs: ["u"],
        step: [{ op: "map", out: "u", expression: add(u, number(1)), sources: { u: buffer("u") } }],
      });
      let steps = 0;
      for (const chunk of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 130]) {
        await exe.run(chunk, steps);
        steps += chunk;
      }
      expect(await exe.read("u")).toEqual(Float64Array.of(steps));
      exe.dispose();
    });
  });
});

/**
 * Weighted sums of rows. A tile of a few rows times eight units stays in registers while all terms are summed into it, in
 * the order of the inputs, whatever the tile: each vector of weights that is read serves every row of the tile.
 */
import type { Program, ProjectOperation } from "../engine";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import { FLOAT, PANEL, panelsOf, strideOf, VECTOR, type Layout } from "./layout";

/**
 * Rows of the largest tile: four of two vectors each, eight sums, keep both adders busy. Five fit the sixteen registers of
 * x86-64 in principle; measured, they spill.
 */
const MOST_ROWS = 4;
/** Panels of a tile, by its rows from 1: few rows leave the adders idle unless more sums run side by side. */
const PANELS = [4, 2, 1, 1];

/** Heights of tiles that cover `rows`, as even as can be: those of the first height, then those of the second. */
export function tilesOf(rows: number): { rows: number; count: number }[] {
  const tiles = Math.ceil(rows / MOST_ROWS);
  const low = Math.floor(rows / tiles);
  const higher = rows % tiles;
  return [{ rows: low + 1, count: higher }, { rows: low, count: tiles - higher }].filter(({ count }) => count > 0);
}

/** Adds the functions of a projection; returns the one that runs it. */
export function addProject(module: ModuleBuilder, program: Program, layout: Layout, operation: ProjectOperation): number {
  const { rows, groups, buffers } = program;
  const tiles = tilesOf(rows / groups);
  const most = Math.min(...tiles.map((tile) => PANELS[tile.rows - 1]));
  const panels = panelsOf(buffers[operation.out]);
  const code = new Code(1);
  const [group, panel, row, tile] = Array.from({ length: 4 }, () => code.local("i32"));
  const whole = panels - (panels % most);
  // Wide tiles as far as they go, then single panels.
  const spans = [{ from: 0, to: whole, width: most }, { from: whole, to: panels, width: 1 }].filter(({ from, to }) => from < to);
  code.repeat(() => {
    code.i32(0).set(panel);
    for (const { to, width } of spans) {
      code.repeat(() => {
        code.get(group).i32(rows / groups).do("i32.mul").set(row);
        for (const { rows: height, count } of tiles) {
          const index = module.add(tileCode(program, layout, operation, height, width));
          code.i32(0).set(tile).repeat(() => {
            code.get(row).get(panel).get(group).call(index);
            code.advance(row, height).advance(tile, 1).get(tile).i32(count).do("i32.lt_u");
          });
        }
        code.advance(panel, width).get(panel).i32(to).do("i32.lt_u");
      });
    }
    code.advance(group, 1).get(group).i32(groups).do("i32.lt_u");
  });
  return module.add(code);
}

/** One tile, `height` rows from a row and `panels` panels from a panel, with the weights of a group. */
function tileCode({ buffers, weights }: Program, layout: Layout, { out, plus, terms }: ProjectOperation, height: number, panels: number): Code {
  const code = new Code(3);
  const [row, panel, group] = [0, 1, 2].map((i) => code.parameter(i));
  const target = code.local("i32");
  const outStride = strideOf(buffers[out]) * FLOAT;
  const vectors = Array.from({ length: panels * 2 }, (_, k) => k);
  const sums = Array.from({ length: height }, () => vectors.map(() => code.local("v128")));
  const product = (a: Local, b: number): Code => code.get(a).i32(b).do("i32.mul");

  product(row, outStride);
  product(panel, PANEL * FLOAT).do("i32.add").set(target);
  // Variables begin as zeros.
  if (plus !== undefined) sums.forEach((sum, r) => sum.forEach((s, v) => code.get(target).at("v128.load", layout.buffers[plus] + r * outStride + v * VECTOR).set(s)));

  for (const { from, weights: name } of terms) {
    const { pre } = weights[name];
    const stride = strideOf(pre) * FLOAT;
    const panelBytes = pre * PANEL * FLOAT;
    const [input, weight, end] = [code.local("i32"), code.local("i32"), code.local("i32")];
    const read = vectors.map(() => code.local("v128"));
    const value = code.local("v128");
    product(row, stride).i32(layout.buffers[from]).do("i32.add").tee(input).i32(pre * FLOAT).do("i32.add").set(end);
    product(group, panelBytes * panelsOf(buffers[out])).i32(layout.weights[name]).do("i32.add");
    product(panel, panelBytes).do("i32.add").set(weight);
    // One input a turn, and pointers that hold whole addresses: compilers keep a register for each different offset.
    code.repeat(() => {
      read.forEach((w, v) => code.get(weight).at("v128.load", Math.floor(v / 2) * panelBytes + (v % 2) * VECTOR).set(w));
      sums.forEach((sum, r) => {
        code.get(input).at("v128.load32_splat", r * stride).set(value);
        sum.forEach((s, v) => code.get(s).get(value).get(read[v]).do("f32x4.mul").do("f32x4.add").set(s));
      });
      code.advance(weight, PANEL * FLOAT).advance(input, FLOAT).get(input).get(end).do("i32.lt_u");
    });
  }
  sums.forEach((sum, r) => sum.forEach((s, v) => code.get(target).get(s).at("v128.store", layout.buffers[out] + r * outStride + v * VECTOR)));
  return code;
}

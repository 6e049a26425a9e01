/**
 * Source text of the GPU.js kernels of a program's operations. Sources are strings, generated from
 * whitelisted nodes and our own identifiers only. One loop a kernel where it counts: a second one makes all
 * loops of a WebAssembly kernel several times slower, so a projection with several terms is a chain of
 * kernels that add to a partial sum; through connections, the loop is over what reaches a tile (wiring.ts).
 */
import type { MapOperation, NormaliseOperation, Program, Source } from "../../program/program";
import { inlineBody } from "./inline";
import type { Tables, Wiring } from "./wiring";

/** A kernel: its source, and columns and rows of its result. */
export interface KernelText {
  readonly source: string;
  readonly output: readonly number[];
  /** What it reads as constants, uploaded once; its loop ends by then. */
  readonly tables?: Tables;
  /** Whole numbers that it counts with, its last arguments, and most turns of a loop by them. */
  readonly counters?: { readonly number: number; readonly most: number };
}

export const HERE = "[this.thread.y][this.thread.x]";

/** What kernels need to know of a program. */
export type Shape = Pick<Program, "rows" | "groups" | "buffers">;

/** The group of a row, as an expression; rows of a group are neighbours. */
const group = ({ rows, groups }: Shape, row: "x" | "y" | "z" = "y"): string =>
  `Math.floor(this.thread.${row}/${rows / groups})`;

/** The buffer that a bare copy copies: it needs no kernel. */
export function copyOf({ expression, sources }: MapOperation): string | null {
  const source = expression.kind === "symbol" ? sources[expression.name] : null;
  return source?.from === "buffer" ? source.name : null;
}

export function isNoisy({ sources }: MapOperation): boolean {
  return Object.values(sources).some((s) => s.from === "noise");
}

function access(program: Shape, source: Source, argument: string): string {
  switch (source.from) {
    case "buffer":
      return argument + HERE;
    case "vector":
      return `${argument}[${program.groups === 1 ? "0" : group(program)}][this.thread.x]`;
    case "row":
      return `${argument}[this.thread.y]`;
    case "scalar":
      return `${argument}[0]`;
    case "noise":
      // One argument holds the draws of a whole chunk; k[0] is the step within it.
      return `${argument}[k[0]*${program.rows}+this.thread.y][this.thread.x]`;
  }
}

/**
 * Arguments: one for each source in the order of `sources`, then the counter of steps where a source is
 * noise.
 */
export function mapKernel(program: Shape, operation: MapOperation): KernelText {
  const { out, expression, sources } = operation;
  const names = Object.keys(sources);
  const { statements, value } = inlineBody(expression, (name) =>
    access(program, sources[name], `a${names.indexOf(name)}`),
  );
  const parameters = [...names.map((_, i) => `a${i}`), ...(isNoisy(operation) ? ["k"] : [])];
  return {
    source: `function(${parameters.join()}){${statements}return ${value};}`,
    output: [program.buffers[out], program.rows],
  };
}

/**
 * The sources of a map in parts of at most `most` arrays, or null where the map itself reads no more. For
 * backends whose kernels read few: each part is gathered into one array, and the map reads those.
 */
export function partsOf(operation: MapOperation, most: number): MapOperation[] | null {
  const entries = Object.entries(operation.sources);
  if (entries.length + (isNoisy(operation) ? 1 : 0) <= most) return null;
  const parts: MapOperation[] = [];
  // One array less, for the counter of steps.
  for (let i = 0; i < entries.length; i += most - 1)
    parts.push({ ...operation, sources: Object.fromEntries(entries.slice(i, i + most - 1)) });
  return parts;
}

/** What several sources give, [sources, rows, width]. Arguments as for `mapKernel`. */
export function gatherKernel(program: Shape, part: MapOperation): KernelText {
  const sources = Object.values(part.sources);
  const [first, ...others] = sources.map((source, i) => access(program, source, `a${i}`));
  const choices = others.map((value, i) => `if(this.thread.z===${i + 1}){v=${value};}`).join("");
  const parameters = [...sources.map((_, i) => `a${i}`), ...(isNoisy(part) ? ["k"] : [])];
  return {
    source: `function(${parameters.join()}){let v=${first};${choices}return v;}`,
    output: [program.buffers[part.out], program.rows, sources.length],
  };
}

/** The map on its gathered parts, which are its arguments. */
export function gatheredMapKernel(
  program: Shape,
  { out, expression }: MapOperation,
  parts: readonly MapOperation[],
): KernelText {
  const places = new Map(
    parts.flatMap(({ sources }, p) =>
      Object.keys(sources).map((name, i) => [name, `g${p}[${i}]${HERE}`] as const),
    ),
  );
  const { statements, value } = inlineBody(expression, (name) => places.get(name) as string);
  return {
    source: `function(${parts.map((_, p) => `g${p}`).join()}){${statements}return ${value};}`,
    output: [program.buffers[out], program.rows],
  };
}

/**
 * The counter of steps. It is an argument of the kernels that draw, so that all steps of a chunk share one
 * compiled kernel.
 */
export const COUNT: KernelText = { source: "function(k){return k[0]+1;}", output: [1] };

/**
 * Arguments: from, weights, and the partial sum where `plus`. Sums of up to `longestUnrolled` terms are
 * written out: a loop's counter is a float to the WebAssembly backend and costs as much as the product it
 * indexes (0.7 against 1.2 GMAC/s at 64 x 10, 50 rows). Either way the terms are added one by one, in order.
 * @param first of the units that it takes, and the one after the last
 */
export function projectKernel(
  program: Shape,
  { pre, post }: { readonly pre: number; readonly post: number },
  plus: boolean,
  longestUnrolled: number,
  first = 0,
  last = pre,
): KernelText {
  const term = (i: string): string =>
    `a+=f[this.thread.y][${i}]*w[${program.groups === 1 ? i : `${group(program)}*${pre}+${i}`}][this.thread.x];`;
  const start = `let a=${plus ? `p${HERE}` : "0"};`;
  const sum =
    last - first > longestUnrolled
      ? `for(let i=${first};i<${last};i++){${term("i")}}`
      : Array.from({ length: last - first }, (_, i) => term(String(first + i))).join("");
  return {
    source: `function(f,w${plus ? ",p" : ""}){${start}${sum}return a;}`,
    output: [post, program.rows],
  };
}

/** Products written out in a turn of the loop of a `dotKernel`: what is longer leaves the cache of a processor. */
const DOT_RUN = 8;

/**
 * A projection cell by cell, [1, units, rows]: what is one cell wide is not computed four cells at once. Arguments:
 * from, weights turned over, and the partial sum where `plus`. Four sums run side by side, since each waits for itself.
 * @param plus how the partial sum is arranged: as a buffer, or by cells
 */
export function dotKernel(
  { rows }: Shape,
  { pre, post }: { readonly pre: number; readonly post: number },
  plus: "no" | "buffer" | "cells",
): KernelText {
  // Where rows may be longer than they say (`BackendTraits.lanes`), GPU.js has to look for them.
  const whole = pre % 4 === 0;
  const product = (i: number): string =>
    `a${i % 4}+=${whole ? `f[k+${i}]*w[j+${i}]` : `f[this.thread.z][k+${i}]*w[this.thread.y][k+${i}]`};`;
  const run = (n: number): string => Array.from({ length: n }, (_, i) => product(i)).join("");
  const start = {
    no: "0.5-0.5",
    buffer: "p[this.thread.z][this.thread.y]",
    cells: "p[this.thread.z][this.thread.y][0]",
  };
  return {
    // An argument that a kernel sets is a variable of its own, and the only kind that stays a whole number.
    source:
      `function(f,w${plus === "no" ? "" : ",p"},j,k,e){j=${whole ? `this.thread.y*${pre}` : 0};k=${whole ? `this.thread.z*${pre}` : 0};e=k+${pre - (pre % DOT_RUN)};` +
      `let a0=${start[plus]};let a1=0.5-0.5;let a2=0.5-0.5;let a3=0.5-0.5;` +
      `while(k<e){${run(DOT_RUN)}k+=${DOT_RUN};j+=${DOT_RUN};}${run(pre % DOT_RUN)}return (a0+a1)+(a2+a3);}`,
    output: [1, post, rows],
    counters: { number: 3, most: Math.ceil(pre / DOT_RUN) + 1 },
  };
}

/** The result of a `dotKernel`, its argument, as a buffer of so many units. */
export const fromCells = ({ rows }: Shape, units: number): KernelText => ({
  source: "function(t){return t[this.thread.y][this.thread.x][0];}",
  output: [units, rows],
});

/**
 * What the cells of a projection through connections are numbered by. Lanes run along x: units of a tile where
 * they fill four, since a lane less wide is computed alone; else rows.
 */
interface Axes {
  readonly row: "x" | "z";
  readonly unit: "x" | "z";
}

const axesOf = ({ rows }: Shape, { width }: Wiring): Axes =>
  width < Math.min(4, rows) ? { row: "x", unit: "z" } : { row: "z", unit: "x" };

/**
 * A projection through connections, by tile (y), unit and row. Arguments as for `projectKernel`. All that it
 * looks up is one for the whole tile, so that lanes read alike; the loop is as long as the tile's own list.
 * @param pre rows of the array of weights
 * @param whole what stands behind an index that is looked up
 */
export function connectedKernel(
  program: Shape,
  pre: number,
  wiring: Wiring,
  backwards: boolean,
  plus: boolean,
  whole: string,
): KernelText {
  const { width, tiles, run } = wiring;
  const axes = axesOf(program, wiring);
  const [row, unit] = [`this.thread.${axes.row}`, `this.thread.${axes.unit}`];
  const weight = backwards ? (i: number) => `[r][c+${i}]` : (i: number) => `[r+${i}][c]`;
  const products = Array.from({ length: run }, (_, i) => `a+=f[${row}][s+${i}]*w${weight(i)};`).join("");
  const table = (plane: number): string => `this.constants.table[${plane}][k]`;
  const looked = {
    s: table(0),
    r: table(1) + (program.groups === 1 ? "" : `+${group(program, axes.row)}*${pre}`),
    c: table(2),
  };
  looked[backwards ? "r" : "c"] += `+${unit}`;
  const lookUp = Object.entries(looked).map(([name, index]) => `const ${name}=(${index})${whole};`);
  return {
    source:
      `function(f,w${plus ? ",p" : ""}){let a=${plus ? `p[${row}][this.thread.y*${width}+${unit}]` : "0"};` +
      "const e=this.constants.starts[this.thread.y+1];" +
      "for(let k=this.constants.starts[this.thread.y];k<e;k+=1){" +
      `${lookUp.join("")}${products}}return a;}`,
    output: axes.row === "x" ? [program.rows, tiles, width] : [width, tiles, program.rows],
    tables: wiring.tables,
  };
}

/** The result of a `connectedKernel`, its argument, as a buffer of so many units. */
export function flatKernel(program: Shape, wiring: Wiring, units: number): KernelText {
  const { width } = wiring;
  // Half a unit more, lest a device that divides inexactly falls short of a whole number.
  const tile = width === 1 ? "this.thread.x" : `Math.floor((this.thread.x+0.5)/${width})`;
  const unit = width === 1 ? "0" : `this.thread.x-${tile}*${width}`;
  const [x, z] = axesOf(program, wiring).row === "x" ? ["this.thread.y", unit] : [unit, "this.thread.y"];
  return { source: `function(t){return t[${z}][${tile}][${x}];}`, output: [units, program.rows] };
}

/** Softmax of a row. Arguments: the logits' real part and, where complex, imaginary part. */
export function softmaxKernel(
  program: Shape,
  { from, out }: NormaliseOperation,
  plane: "re" | "im",
): KernelText {
  const width = program.buffers[out.re];
  const loop = (body: string): string => `for(let i=0;i<${width};i++){${body}}`;
  const largest = `let m=z[this.thread.y][0];${loop("m=Math.max(m,z[this.thread.y][i]);")}`;
  const output = [width, program.rows];
  if (from.im === undefined) {
    return {
      source:
        `function(z){${largest}let s=0;${loop("s+=Math.exp(z[this.thread.y][i]-m);")}return ` +
        `Math.exp(z${HERE}-m)/s;}`,
      output,
    };
  }
  const sums =
    "let c=0;let " +
    `d=0;${loop("const e=Math.exp(z[this.thread.y][i]-m);c+=e*Math.cos(q[this.thread.y][i]);d+=e*Math.sin(q[this.thread.y][i]);")}`;
  const own = `const o=Math.exp(z${HERE}-m);const a=o*Math.cos(q${HERE});const b=o*Math.sin(q${HERE});`;
  const value = plane === "re" ? "(a*c+b*d)" : "(b*c-a*d)";
  return { source: `function(z,q){${largest}${sums}${own}return ${value}/(c*c+d*d);}`, output };
}

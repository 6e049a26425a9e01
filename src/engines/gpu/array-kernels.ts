/** Kernels of whole arrays, whatever program they are of: rows that move, what changed, sums over rows. */
import type { Connections } from "../../program/connections";
import type { Size } from "./graph";
import { HERE, type KernelText } from "./kernels";
import { checkPlaces, divisor, tablesOf, type Tables } from "./wiring";

export const zeroKernel = (size: Size): KernelText => ({ source: "function(){return 0;}", output: size });

/** The array whose turn it is, of those that lie behind each other. Arguments: all of them; the turn. */
export const turnKernel = (size: Size): KernelText => ({
  source:
    size.length === 1
      ? "function(a,k){return a[k[0]][this.thread.x];}"
      : `function(a,k){return a[k[0]*${size[1]}+this.thread.y][this.thread.x];}`,
  output: size,
});

/** The array itself, where it stays: its place is one of a shape that nothing else has. Argument: the array. */
export const placeKernel = ([columns, rows]: Size): KernelText =>
  rows === undefined
    ? { source: "function(a){return a[this.thread.x];}", output: [columns, 1, 1] }
    : { source: `function(a){return a${HERE};}`, output: [columns, rows, 1] };

/** Arrays of one size behind each other, [arrays, rows, columns]; two at least, as `placeKernel` has one. Arguments: the arrays. */
export function collectKernel([columns, rows]: Size, arrays: number): KernelText {
  const here = rows === undefined ? "[this.thread.x]" : HERE;
  const names = Array.from({ length: arrays }, (_, k) => `a${k}`);
  const others = names.slice(1).map((name, k) => `if(this.thread.z===${k + 1}){v=${name}${here};}`);
  return {
    source: `function(${names.join()}){let v=a0${here};${others.join("")}return v;}`,
    output: [columns, rows ?? 1, Math.max(2, arrays)],
  };
}

/** x divided and rounded down. Half more, lest a device that divides inexactly falls short of a whole number. */
const whole = (x: string, by: number): string => (by === 1 ? x : `Math.floor((${x}+0.5)/${by})`);

/**
 * Rows of another array, over and over: each of `groups` takes `taken` rows of its own from `first` on, of
 * `given` that it has there.
 */
export function rowsKernel(
  [columns, rows]: Size,
  groups: number,
  taken: number,
  given: number,
  first: number,
): KernelText {
  const each = rows / groups;
  const group = groups === 1 ? "0" : whole("this.thread.y", each);
  return {
    source:
      `function(a){const g=${group};const r=this.thread.y-g*${each};` +
      `const k=g*${given}+${first}+r-${taken}*${taken === each ? "0" : whole("r", taken)};` +
      "return a[k][this.thread.x];}",
    output: [columns, rows],
  };
}

/** An array with some of its rows from another one. Arguments: the array, the rows. */
export const putKernel = (size: Size, row: number, count: number): KernelText => ({
  source:
    `function(a,b){let v=a${HERE};` +
    `if(this.thread.y>=${row}&&this.thread.y<${row + count}){v=b[this.thread.y-${row}][this.thread.x];}return v;}`,
  output: size,
});

/**
 * The largest change of each row, NaN where a value is not finite now. Arguments: now, before, and what was
 * found in other arrays where `plus`.
 */
export const changeKernel = ([columns, rows]: Size, times: number, plus: boolean): KernelText => ({
  source:
    `function(a,b${plus ? ",p" : ""}){let m=${plus ? "p[this.thread.x]" : "0"};` +
    `for(let i=0;i<${columns};i++){const v=a[this.thread.x][i];` +
    `m=Math.max(m,${times === 1 ? "" : `${times}*`}Math.abs(v-b[this.thread.x][i])+(v-v));}return m;}`,
  output: [rows],
});

/** Of each row the largest absolute value, or the sum of squares. */
export const measureKernel = ([columns, rows]: Size, squares: boolean): KernelText => ({
  source:
    `function(a){let m=0;for(let i=0;i<${columns};i++){const v=a[this.thread.x][i];` +
    `${squares ? "m+=v*v" : "m=Math.max(m,Math.abs(v))"};}return m;}`,
  output: [rows],
});

/** An array turned over. */
export const turnedKernel = ([columns, rows]: Size): KernelText => ({
  source: "function(a){return a[this.thread.x][this.thread.y];}",
  output: [rows, columns],
});

/**
 * What rows show at both ends of every synapse, all to all: sum over rows of f[row, i] * g[row, j]. Arguments:
 * f, g, and a partial sum where `plus`.
 */
export function sumKernel(size: Size, rows: number, plus: boolean, longestUnrolled: number): KernelText {
  const term = (r: string): string => `a+=f[${r}][this.thread.y]*g[${r}][this.thread.x];`;
  return {
    source: `function(f,g${plus ? ",p" : ""}){let a=${plus ? `p${HERE}` : "0"};${overRows(rows, longestUnrolled, term)}return a;}`,
    output: size,
  };
}

const overRows = (rows: number, longestUnrolled: number, term: (row: string) => string): string =>
  rows > longestUnrolled
    ? `for(let r=0;r<${rows};r++){${term("r")}}`
    : Array.from({ length: rows }, (_, r) => term(String(r))).join("");

/** The uses of the synapses of an array, tile by tile: a block of connections uses all of a tile or nothing. */
export interface Uses {
  readonly wide: number;
  readonly tall: number;
  readonly across: number;
  readonly tiles: number;
  readonly tables: Tables;
}

/**
 * @param columns of the array, and rows
 * @throws OhmletError ENGINE-MEMORY where there are more places than GPU.js counts to
 */
export function usesOf(engine: string, { block, pres, posts, at }: Connections, [columns, rows]: Size): Uses {
  let [wide, tall] = [block.post, block.pre];
  for (const k of at) [wide, tall] = [divisor(wide, k % columns), divisor(tall, Math.floor(k / columns))];
  const [across, down] = [Math.ceil(columns / wide), Math.ceil(rows / tall)];
  const each = (block.pre / tall) * (block.post / wide);
  const places = at.length * each;
  checkPlaces(engine, places);
  const starts = new Float32Array(across * down + 1);
  const visit = (put: (tile: number, pre: number, post: number) => void): void => {
    for (let k = 0; k < at.length; k++)
      for (let i = 0; i < block.pre; i += tall)
        for (let j = 0; j < block.post; j += wide) {
          const [row, column] = [Math.floor(at[k] / columns) + i, (at[k] % columns) + j];
          put((row / tall) * across + column / wide, pres[k] + i, posts[k] + j);
        }
  };
  visit((tile) => starts[tile + 1]++);
  for (let t = 0; t < across * down; t++) starts[t + 1] += starts[t];
  const table = new Float32Array(2 * places);
  const next = starts.slice();
  visit((tile, pre, post) => {
    const place = next[tile]++;
    [table[place], table[places + place]] = [pre, post];
  });
  return { wide, tall, across, tiles: across * down, tables: tablesOf(starts, table) };
}

/** The same through connections, by tile (z). Arguments: f, g. */
export function usedSumKernel(
  { wide, tall, tiles, tables }: Uses,
  rows: number,
  longestUnrolled: number,
  whole_: string,
): KernelText {
  const term = (r: string): string => `a+=f[${r}][p+this.thread.y]*g[${r}][q+this.thread.x];`;
  const look = (name: string, plane: number): string =>
    `const ${name}=(this.constants.table[${plane}][k])${whole_};`;
  return {
    source:
      "function(f,g){let a=0;const e=this.constants.starts[this.thread.z+1];" +
      `for(let k=this.constants.starts[this.thread.z];k<e;k+=1){${look("p", 0)}${look("q", 1)}` +
      `${overRows(rows, longestUnrolled, term)}}return a;}`,
    output: [wide, tall, tiles],
    tables,
  };
}

/** The result of it in the order of the array. Arguments: by tile, and a partial sum where `plus`. */
export function placedKernel({ wide, tall, across }: Uses, size: Size, plus: boolean): KernelText {
  const [row, column] = [whole("this.thread.y", tall), whole("this.thread.x", wide)];
  const [i, j] = [`this.thread.y-${row}*${tall}`, `this.thread.x-${column}*${wide}`];
  return {
    source: `function(t${plus ? ",p" : ""}){return t[${row}*${across}+${column}][${i}][${j}]${plus ? `+p${HERE}` : ""};}`,
    output: size,
  };
}

/**
 * Connections as a kernel takes them: it computes one cell, so it needs what reaches the cell. Units are cut
 * into tiles of one width, such that a block reaches all units of a tile or none, and every tile has its list
 * of what reaches it, in the order of the blocks: for each a run of units to read, and where its weights
 * begin.
 */
import { OhmletError } from "../../errors";
import type { Connections } from "../../program/connections";
import type { Program, Term } from "../../program/program";

/** What GPU.js counts to: its numbers are float32. */
const MOST_PLACES = 2 ** 24;

interface Tiling {
  /** Units of a tile, and number of tiles; the last may reach beyond the buffer. */
  readonly width: number;
  readonly tiles: number;
  /** Units that a place reads, a divisor of what a block does: kernels write that many products out. */
  readonly run: number;
  /** Places of all tiles. */
  readonly places: number;
}

/** Arrays that a kernel has as constants, uploaded once. */
export interface Tables {
  /** Tells them from all others. */
  readonly number: number;
  readonly constants: Readonly<
    Record<string, { readonly values: Float32Array; readonly size: readonly number[] }>
  >;
  /** Most turns of a loop over them. */
  readonly most: number;
}

let count = 0;

/**
 * Tables of places that are looked up tile by tile.
 * @param starts of each tile, the first of its places; then the number of places
 * @param table [planes, places]
 */
export function tablesOf(starts: Float32Array, table: Float32Array): Tables {
  const places = starts[starts.length - 1];
  let most = 0;
  for (let t = 1; t < starts.length; t++) most = Math.max(most, starts[t] - starts[t - 1]);
  return {
    number: count++,
    constants: {
      starts: { values: starts, size: [starts.length] },
      table: { values: table, size: [places, table.length / places] },
    },
    most,
  };
}

/** `table` is unit that is read first, row and column of its weight to the first unit of the tile. */
export interface Wiring extends Tiling {
  readonly tables: Tables;
}

/** Connections in one direction: from where what is read, to where what is written. */
interface Ends {
  readonly to: Int32Array;
  readonly width: number;
  readonly wide: number;
  readonly long: number;
}

const endsOf = ({ pre, post, block, pres, posts }: Connections, backwards: boolean): Ends =>
  backwards
    ? { to: pres, width: pre, wide: block.pre, long: block.post }
    : { to: posts, width: post, wide: block.post, long: block.pre };

/** @param longest most units that a place reads */
function tilingOf(through: Connections, backwards: boolean, longest: number): Tiling {
  const { to, width: all, wide, long } = endsOf(through, backwards);
  const width = to.reduce(divisor, wide);
  let run = Math.min(longest, long);
  while (long % run !== 0) run--;
  return {
    width,
    tiles: Math.ceil(all / width),
    run,
    places: to.length * (wide / width) * (long / run),
  };
}

/** The greatest common one. */
export function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** @param columns those of the array of weights */
function wiringOf({ through, backwards, columns }: Use, longest: number): Wiring {
  const tiling = tilingOf(through, backwards, longest);
  const { width, tiles, run, places } = tiling;
  const { to, wide, long } = endsOf(through, backwards);
  const [reads, { at }] = [backwards ? through.posts : through.pres, through];
  const each = long / run;
  const starts = new Float32Array(tiles + 1);
  for (const first of to) for (let x = 0; x < wide; x += width) starts[(first + x) / width + 1] += each;
  for (let t = 0; t < tiles; t++) starts[t + 1] += starts[t];
  const table = new Float32Array(3 * places);
  const next = starts.slice();
  for (let k = 0; k < at.length; k++) {
    const [row, column] = [Math.floor(at[k] / columns), at[k] % columns];
    for (let x = 0; x < wide; x += width)
      for (let i = 0; i < long; i += run) {
        const place = next[(to[k] + x) / width]++;
        table[place] = reads[k] + i;
        table[places + place] = row + (backwards ? x : i);
        table[2 * places + place] = column + (backwards ? i : x);
      }
  }
  return { ...tiling, tables: tablesOf(starts, table) };
}

/** What a wiring is made for: connections through an array of so many columns, in a direction. */
interface Use {
  readonly through: Connections;
  readonly backwards: boolean;
  readonly columns: number;
}

const same = (a: Use, b: Use): boolean =>
  a.through === b.through && a.backwards === b.backwards && a.columns === b.columns;

const useOf = ({ weights }: Program, { through, backwards, weights: name }: Term): Use | null =>
  through === undefined ? null : { through, backwards: backwards === true, columns: weights[name].post };

/** The wirings of a program, each made when it is first asked for. */
export class Wirings {
  private readonly made: { readonly use: Use; readonly wiring: Wiring }[] = [];

  constructor(
    private readonly program: Program,
    private readonly longest: number,
  ) {}

  /** Of a term; null where it has no connections. */
  of(term: Term): Wiring | null {
    const use = useOf(this.program, term);
    if (use === null) return null;
    const known = this.made.find((other) => same(other.use, use));
    if (known !== undefined) return known.wiring;
    const wiring = wiringOf(use, this.longest);
    this.made.push({ use, wiring });
    return wiring;
  }
}

/**
 * Numbers that the wirings of a program take, and the largest result before it is put in order.
 * @throws OhmletError ENGINE-MEMORY where there are more places than GPU.js counts to
 */
export function valuesOfWirings(engine: string, program: Program, longest: number): number {
  const uses: Use[] = [];
  let [values, largest] = [0, 0];
  for (const operation of [...program.prelude, ...program.step, ...(program.judge ?? [])])
    for (const term of operation.op === "project" ? operation.terms : []) {
      const use = useOf(program, term);
      if (use === null || uses.some((other) => same(other, use))) continue;
      uses.push(use);
      const { width, tiles, places } = tilingOf(use.through, use.backwards, longest);
      checkPlaces(engine, places);
      values += tiles + 1 + 3 * places;
      largest = Math.max(largest, program.rows * tiles * width);
    }
  return values + largest;
}

/** @throws OhmletError ENGINE-MEMORY */
export function checkPlaces(engine: string, places: number): void {
  if (places <= MOST_PLACES) return;
  throw new OhmletError({
    code: "ENGINE-MEMORY",
    fact: `connections are looked up at ${places} places, and GPU.js counts to ${MOST_PLACES}`,
    place: { where: engine },
    remedy: 'use "simd" or "reference"',
  });
}

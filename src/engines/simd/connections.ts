/**
 * Connections as tables that a module walks through. Blocks are cut where panels of the array end, pieces that
 * go on where others end are joined to longer runs, and what takes the same runs, but for where it lies, is of
 * one class: all positions of a convolution but those at its edges, or a single unit of a sparse projection. So
 * code does not grow with the connections, and tables no faster than they do.
 *
 * All numbers are int32. A run: where it begins in the buffer that is read, in bytes from where its site does;
 * its weights, in bytes from where the array begins; its length in the buffer, in bytes. A site: in bytes from
 * where its row begins, in the buffer that is read and in the one that is written. A class: addresses of its
 * runs and its sites, from one to another. Of products see adjust-through.ts.
 */
import type { Connections } from "../../program/connections";
import type { Program } from "../../program/program";
import { FLOAT, PANEL, panelsOf } from "./panels";

/** Bytes of a run, a site and a class. */
export const [RUN, SITE, CLASS] = [12, 8, 16];
/** Of a class of products, which names its synapses as well: see `sumClasses`. */
export const SUM_CLASS = 28;
const PANEL_BYTES = PANEL * FLOAT;

export type Direction = "forwards" | "backwards" | "sums";

interface Shape {
  readonly pre: number;
  readonly post: number;
}

/** Classes whose pieces are so many columns wide, one after the other: where they lie in the tables. */
export interface Kind {
  readonly units: number;
  readonly begin: number;
  readonly end: number;
  /** Of sums: where the address of the first class of each panel is kept, and of the end. */
  readonly byPanel: number;
}

/** A run and a class before they are written; places in units, lengths in rows or, backwards, panels. */
interface Run {
  readonly at: number;
  readonly weights: number;
  length: number;
}
interface Site {
  readonly from: number;
  readonly to: number;
}
interface Class {
  readonly units: number;
  readonly panel: number;
  readonly runs: readonly Run[];
  readonly sites: Site[];
}

/** Tables of a program, to be laid anywhere. */
export class Tables {
  private readonly words: number[] = [];
  /** Which of them are addresses. */
  private readonly addresses: number[] = [];
  private readonly known = new Map<Connections, Map<string, readonly Kind[]>>();

  static of({ prelude, step, judge = [], adjust = [], weights }: Program): Tables {
    const tables = new Tables();
    for (const operation of [...prelude, ...step, ...judge])
      if (operation.op === "project")
        for (const { through, backwards, weights: name } of operation.terms)
          if (through !== undefined)
            tables.add(through, weights[name], backwards === true ? "backwards" : "forwards");
    for (const { products, pre, post } of adjust)
      for (const { through } of products)
        if (through !== undefined) tables.add(through, { pre, post }, "sums");
    return tables;
  }

  get length(): number {
    return this.words.length;
  }

  /** The classes of connections through an array of a shape. */
  kinds(through: Connections, shape: Shape, direction: Direction): readonly Kind[] {
    return this.known.get(through)?.get(keyOf(shape, direction)) ?? [];
  }

  write(to: Int32Array, begin: number): void {
    to.set(this.words);
    for (const k of this.addresses) to[k] += begin;
  }

  private add(through: Connections, shape: Shape, direction: Direction): void {
    const known = this.known.get(through) ?? new Map<string, readonly Kind[]>();
    this.known.set(through, known);
    const key = keyOf(shape, direction);
    if (known.has(key)) return;
    const backwards = direction === "backwards";
    const classes = classesOf(through, shape, backwards);
    const widths = [...new Set(classes.map(({ units }) => units))];
    known.set(
      key,
      widths.map((units) => {
        const own = classes.filter((one) => one.units === units).sort((a, b) => a.panel - b.panel);
        const listed = own.map((one) =>
          direction === "sums" ? this.sumClass(one) : [...this.runs(one, backwards), ...this.sites(one)],
        );
        const begin = this.here();
        listed.forEach((list, k) => {
          this.point(...list);
          if (direction === "sums") this.words.push(rowsAtOnce(own[k]));
        });
        const end = this.here();
        const byPanel = end;
        if (direction === "sums")
          for (let panel = 0; panel <= panelsOf(shape.post); panel++)
            this.point(begin + own.filter((one) => one.panel < panel).length * SUM_CLASS);
        return { units, begin, end, byPanel };
      }),
    );
  }

  private runs({ runs }: Class, backwards: boolean): [number, number] {
    const begin = this.here();
    for (const { at, weights, length } of runs)
      this.words.push(at * FLOAT, weights, length * (backwards ? PANEL_BYTES : FLOAT));
    return [begin, this.here()];
  }

  private sites({ sites }: Class): [number, number] {
    const begin = this.here();
    for (const { from, to } of sites) this.words.push(from * FLOAT, to * FLOAT);
    return [begin, this.here()];
  }

  /**
   * A class of products: its sites; its synapses, as inputs from where a site begins and weights; first fours
   * that follow each other, of which the first is named, then fours of any, then single ones.
   */
  private sumClass(one: Class): number[] {
    const sites = this.sites(one);
    const [fours, rest]: [Run[], Run[]] = [[], []];
    const whole = !overlap(
      one.runs.flatMap(({ weights, length }) =>
        Array.from({ length }, (_, i) => weights / FLOAT + i * PANEL),
      ),
      one.units,
    );
    for (const { at, weights, length } of one.runs)
      for (let i = 0; i < length;) {
        const run = { at: at + i, weights: weights + i * PANEL_BYTES, length: 1 };
        const four = whole && i + 4 <= length;
        (four ? fours : rest).push(run);
        i += four ? 4 : 1;
      }
    const list = (runs: readonly Run[]): number => {
      const begin = this.here();
      for (const { at, weights } of runs) this.words.push(at * FLOAT, weights);
      return begin;
    };
    const mixed = whole ? rest.length - (rest.length % 4) : 0;
    return [...sites, list(fours), list(rest.slice(0, mixed)), list(rest.slice(mixed)), this.here()];
  }

  private here(): number {
    return this.words.length * FLOAT;
  }

  private point(...addresses: readonly number[]): void {
    for (const address of addresses) this.addresses.push(this.words.push(address) - 1);
  }
}

/** Steps of a tile that make up for its way from and to memory; more rows than these need not be in the cache. */
const WORTH_A_TILE = 64;
const rowsAtOnce = ({ sites }: Class): number => Math.ceil(WORTH_A_TILE / sites.length);

const keyOf = ({ pre, post }: Shape, direction: Direction): string => `${direction} ${pre} ${post}`;

/** Whether pieces that begin at these places lie on one another. */
function overlap(places: readonly number[], width: number): boolean {
  const sorted = [...places].sort((a, b) => a - b);
  return sorted.some((place, k) => k > 0 && place - sorted[k - 1] < width);
}

/** Sites with their runs, those of one piece of columns and one place put together, then into classes. */
function classesOf(through: Connections, shape: Shape, backwards: boolean): Class[] {
  const { block, pres, posts, at } = through;
  const places = new Map<string, { units: number; panel: number; to: number; runs: Run[] }>();
  for (let k = 0; k < at.length; k++) {
    const [row, first] = [Math.floor(at[k] / shape.post), at[k] % shape.post];
    for (let j = 0, units = 0; j < block.post; j += units) {
      const [panel, lane] = [Math.floor((first + j) / PANEL), (first + j) % PANEL];
      units = Math.min(PANEL - lane, block.post - j);
      const weights = ((panel * shape.pre + row) * PANEL + lane) * FLOAT;
      const [from, to] = backwards ? [posts[k] + j, pres[k]] : [pres[k], posts[k] + j];
      // Backwards, panels follow each other in a run.
      const key = backwards ? `${units} ${to}` : `${units} ${panel} ${to}`;
      let place = places.get(key);
      if (place === undefined) places.set(key, (place = { units, panel, to, runs: [] }));
      const last = place.runs.at(-1);
      const [unit, bytes, length] = backwards
        ? [PANEL, shape.pre * PANEL_BYTES, 1]
        : [1, PANEL_BYTES, block.pre];
      if (
        last !== undefined &&
        (!backwards || units === PANEL) &&
        from === last.at + unit * last.length &&
        weights === last.weights + bytes * last.length
      )
        last.length += length;
      else place.runs.push({ at: from, weights, length });
    }
  }
  const classes = new Map<string, Class>();
  for (const { units, panel, to, runs } of places.values()) {
    const from = runs[0].at;
    const moved = runs.map((run) => ({ ...run, at: run.at - from }));
    const key = `${units} ${moved.map((run) => `${run.at} ${run.weights} ${run.length}`).join(" ")}`;
    const known = classes.get(key);
    if (known !== undefined) known.sites.push({ from, to });
    else classes.set(key, { units, panel, runs: moved, sites: [{ from, to }] });
  }
  // Sites that are written at once may not lie on one another.
  return [...classes.values()].flatMap((one) =>
    overlap(
      one.sites.map(({ to }) => to),
      backwards ? block.pre : one.units,
    )
      ? one.sites.map((site) => ({ ...one, sites: [site] }))
      : [one],
  );
}

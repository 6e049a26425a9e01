/**
 * What the Jacobian of a circuit makes of small kicks, as operations of a program: J times a kick by the tangent
 * of the drives, J^T times it by their transpose, and, by the transpose of the tangent, what the ends of every
 * synapse show whose products are the derivative of y J x by its weight. Through any wiring; no matrix is formed.
 *
 * J = post W pre + own, with W the slopes of the drives by what populations show; which J it is, is said by the
 * factors. Names: e<i> the kicks and a<i> what populations show, which the caller fills; jv<i> is J e, jt<i> is
 * J^T e.
 */
import type { Circuit } from "../../circuit/chip-types";
import { add, multiply, negate, number, subtract, symbol, type Expression } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import type { ProgramBuilder } from "../../program/builder";
import { needed, writesOf } from "../../program/dataflow";
import type { Operation, Program } from "../../program/program";
import { singleAssignment } from "../../program/single-assignment";
import { tangent } from "../../program/tangent";
import { transpose, type WeightProduct } from "../../program/transpose";
import type { GraphPopulation } from "./layout";
import { planRecurrentDrives } from "./plan-drives";

/** A factor of each unit: the same for all, or a buffer. */
export type Factor = number | string;

/** J = post W pre + own, of each population by its number. */
export interface KickFactors {
  readonly pre: (index: number) => Factor;
  readonly post: (index: number) => Factor;
  readonly own: (index: number) => Factor;
}

/**
 * What is multiplied at the ends of synapses: y J x for two pairs of x and y, whose mean over kicks e is the
 * derivative of the homeostatic loss, with v = J e and w = J^T e. `hutchinson`: (e, 2v - w) and (v, -e), the
 * derivative of its value for these very kicks. `local`: (e, 2v) and (v, -2e), which needs no transpose.
 */
export type KickForm = "hutchinson" | "local";

export interface KickRequest {
  readonly builder: ProgramBuilder;
  readonly circuit: Circuit;
  readonly populations: readonly GraphPopulation[];
  readonly rows: number;
  readonly factors: KickFactors;
  /** Whether J^T e is computed; the form "hutchinson" needs it. */
  readonly transposed: boolean;
  /** Whose products are emitted; null: none. */
  readonly form: KickForm | null;
}

export interface Kicks {
  /** Sums of these products over rows are the derivatives by weights, of the sum over rows. */
  readonly products: readonly WeightProduct[];
  /** Transposed arrays that have to be set, by the array that each is of, [post, pre]. */
  readonly turned: ReadonlyMap<string, string>;
}

/** The buffer of J e of a population, and of J^T e. */
export const kicked = (index: number): string => `jv${index}`;
export const kickedBack = (index: number): string => `jt${index}`;

export function emitKicks(request: KickRequest): Kicks {
  return new Emitter(request).emit();
}

type Rename = (buffer: string) => string;
/** The buffer of each population, by its number. */
type Buffers = (index: number) => string;

class Emitter {
  /** The drives, every value written once, so that what several walks compute alike is computed once. */
  private readonly drives: Program;
  /** Of a population, its drive in that program. */
  private readonly driveOf: Buffers;
  private readonly shown: readonly string[];
  /** The changes of what populations show in each direction. */
  private readonly directions = new Map<string, Buffers>();
  private readonly written = new Set<string>();
  private readonly arrays = new Set<string>();
  private readonly turned = new Map<string, string>();
  private walks = 0;

  constructor(private readonly request: KickRequest) {
    const { circuit, populations, rows } = request;
    this.shown = populations.map(({ index }) => `a${index}`);
    const plan = planRecurrentDrives(circuit, populations, rows);
    const { operations, buffers, last } = singleAssignment(plan.step, plan.buffers);
    const state = plan.state.map(last);
    this.driveOf = (index) => last(`d${index}`);
    this.drives = { ...plan, step: operations, buffers, state, outputs: state, watched: [] };
  }

  emit(): Kicks {
    const { populations, factors, transposed, form } = this.request;
    const kicks: Buffers = (index) => `e${index}`;
    this.along("1", this.times(kicks, factors.pre, "pe"));
    for (const { index } of populations) {
      const drive = this.driveOf(index);
      const change = this.isDriven(index) ? this.name("1", `d~${drive}`) : null;
      this.total(kicked(index), change, "post", index);
    }
    if (transposed) {
      const back = this.back(this.times(kicks, factors.post, "be"));
      for (const { index } of populations) this.total(kickedBack(index), back(index), "pre", index);
    }
    const products = form === null ? [] : this.products(form);
    return { products, turned: new Map([...this.turned].filter(([, name]) => this.arrays.has(name))) };
  }

  private products(form: KickForm): readonly WeightProduct[] {
    const { factors, populations } = this.request;
    const [v, w, e] = [symbol("v"), symbol("w"), symbol("e")];
    const [whole, twice] = [form === "hutchinson", multiply(number(2), v)];
    const ends = (to: string, expression: Expression): Buffers => {
      for (const { index, population } of populations)
        this.map(`${to}${index}`, population.size, expression, {
          v: kicked(index),
          w: kickedBack(index),
          e: `e${index}`,
        });
      return this.times((index) => `${to}${index}`, factors.post, `${to}p`);
    };
    this.along("2", this.times(kicked, factors.pre, "pv"));
    return [
      ...this.productsAt("1", ends("f", whole ? subtract(twice, w) : twice)),
      ...this.productsAt("2", ends("h", whole ? negate(e) : multiply(number(-2), e))),
    ];
  }

  /** Buffers times a factor, under other names where that is not 1. */
  private times(of: Buffers, factor: KickFactors["pre"], to: string): Buffers {
    const found = new Map(
      this.request.populations.map(({ index, population: { size } }) => {
        const by = factor(index);
        if (by === 1) return [index, of(index)] as const;
        const out = `${to}${index}`;
        this.map(out, size, multiply(factored(by, "by"), symbol("x")), { x: of(index), ...read(by, "by") });
        return [index, out] as const;
      }),
    );
    return (index) => found.get(index) as string;
  }

  /** out = factor part + own e, for everybody to read. */
  private total(out: string, part: string | null, factor: "pre" | "post", index: number): void {
    const { factors, populations, builder } = this.request;
    const [by, own] = [factors[factor](index), factors.own(index)];
    const through = part === null ? number(0) : multiply(factored(by, "by"), symbol("x"));
    const expression = own === 0 ? through : add(through, multiply(factored(own, "own"), symbol("e")));
    this.map(out, populations[index].population.size, expression, {
      e: `e${index}`,
      ...(part !== null && { x: part, ...read(by, "by") }),
      ...read(own, "own"),
    });
    builder.output(out);
  }

  private isDriven(index: number): boolean {
    return this.drives.state.includes(this.driveOf(index));
  }

  /** How drives change where what populations show changes so: under the names of that direction. */
  private along(direction: string, change: Buffers): void {
    this.directions.set(direction, change);
    const { program, of } = tangent(this.drives, this.shown);
    const results = new Set(this.drives.state.map((drive) => of(drive) as string));
    this.include(needed(program.step, results), program, (name) => this.name(direction, name));
  }

  /** From what comes to the drives to what comes to the activities; null where nobody sees a population. */
  private back(bars: Buffers): (index: number) => string | null {
    const walk = transpose(this.drives, this.shown);
    const known = this.barsOf((drive) => walk.of(drive), bars);
    const rename = this.walked("1", this.drives, known);
    this.include(needed(walk.program.step, new Set(walk.inputs.values())), walk.program, rename);
    for (const [array, flipped] of walk.transposed) this.turned.set(array, flipped);
    return (index) => {
      const bar = walk.inputs.get(`a${index}`);
      return bar === undefined ? null : rename(bar);
    };
  }

  /** What the ends of synapses show whose products are the derivative of y J x, x being the direction. */
  private productsAt(direction: string, bars: Buffers): readonly WeightProduct[] {
    const { program, of } = tangent(this.drives, this.shown);
    const state = this.drives.state.map((drive) => of(drive) as string);
    const changes: Program = { ...program, state, outputs: state, watched: [] };
    const walk = transpose(changes);
    const known = this.barsOf((drive) => walk.of(of(drive) as string), bars);
    const rename = this.walked(direction, changes, known);
    const results = new Set(walk.weights.flatMap(({ pre, post }) => [pre, post]));
    this.include(needed(walk.program.step, results), walk.program, rename);
    for (const [array, flipped] of walk.transposed) this.turned.set(array, flipped);
    return walk.weights.map((product) => ({
      ...product,
      pre: rename(product.pre),
      post: rename(product.post),
    }));
  }

  /** What comes to the drives, by its name in a transposed program. */
  private barsOf(barOf: (drive: string) => string, bars: Buffers): ReadonlyMap<string, string> {
    const moving = this.request.populations.filter(({ index }) => this.isDriven(index));
    return new Map(moving.map(({ index }) => [barOf(this.driveOf(index)), bars(index)]));
  }

  /**
   * Names of a transposed program: what it computes again of the program that it walks has the name that it has
   * there (a version more in the walk), the rest names of its own.
   */
  private walked(direction: string, { step, buffers }: Program, bars: ReadonlyMap<string, string>): Rename {
    const before = new Set(step.flatMap(writesOf));
    const prefix = `q${this.walks++}`;
    return (name) => {
      const bar = bars.get(name);
      if (bar !== undefined) return bar;
      const original = name.endsWith("~1") ? name.slice(0, -2) : name;
      if (before.has(original)) return this.name(direction, original);
      return Object.hasOwn(buffers, name) ? this.name(direction, name) : `${prefix}${name}`;
    };
  }

  /** The drives themselves are the same in all directions; what populations show is the caller's. */
  private name(direction: string, buffer: string): string {
    if (/^a\d+$/.test(buffer)) return buffer;
    const shown = /^d~a(\d+)$/.exec(buffer);
    if (shown !== null) return (this.directions.get(direction) as Buffers)(Number(shown[1]));
    return `k${Object.hasOwn(this.drives.buffers, buffer) ? "" : direction}${buffer}`;
  }

  /** Includes what is not there yet. */
  private include(operations: readonly Operation[], program: Program, rename: Rename): void {
    const fresh = operations.filter((operation) =>
      writesOf(operation).some((name) => !this.written.has(rename(name))),
    );
    for (const operation of fresh) {
      for (const name of writesOf(operation)) this.written.add(rename(name));
      if (operation.op === "project") for (const { weights } of operation.terms) this.arrays.add(weights);
    }
    this.request.builder.include(fresh, program, rename);
  }

  private map(out: string, size: number, e: Expression, reads: Readonly<Record<string, string>>): void {
    const { builder } = this.request;
    builder.buffer(out, size);
    const bindings = Object.entries(reads).map(([name, buffer]) => [name, { buffer }] as const);
    builder.map(out, simplify(e), Object.fromEntries(bindings));
  }
}

const factored = (by: Factor, name: string): Expression =>
  typeof by === "number" ? number(by) : symbol(name);
const read = (by: Factor, name: string): Readonly<Record<string, string>> =>
  typeof by === "number" ? {} : { [name]: by };

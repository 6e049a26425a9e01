/**
 * Linear systems, four rows at a time, a row in each lane of a vector. Parts fall into two sets that arrays join across
 * and not within: the matrix is diagonal within each, so the larger set is eliminated unit by unit, and what is left,
 * the Schur complement of the smaller, is eliminated without pivoting. Rows that this leaves no numbers for are lost.
 */
import { MOST_KEPT } from "../engine";
import type { Coupling, Program, SolveOperation } from "../../program/program";
import { failProgram } from "../../program/validate";
import { Code, type Local, type ModuleBuilder } from "./assembler";
import type { Layout } from "./layout";
import { FLOAT, LANES, PANEL, panelsOf, strideOf, VECTOR } from "./panels";
import { scratchOf, setsOf, type PartSet, type Scratch } from "./solve-sets";
import { divide, keep, local, multiply, real, type Value } from "./values";

/** Bytes of a panel of weights for one unit that sends. */
const LINE = PANEL * FLOAT;
/** Widest small set whose complement stays in variables. */
const IN_VARIABLES = 4;

/** Four rows, their group, and where to work. */
export class Tile {
  readonly code = new Code(LANES + 2);
  private readonly rows = Array.from({ length: LANES }, (_, k) => this.code.parameter(k));
  private readonly group = this.code.parameter(LANES);
  private readonly scratch = this.code.parameter(LANES + 1);
  private readonly eliminated: PartSet;
  private readonly kept: PartSet;
  private readonly places: Scratch;
  /** First unit of each kept part. */
  private readonly first = new Map<number, number>();
  /** The complement, row by row, each with its right side behind it. */
  private readonly cells: readonly (readonly Cell[])[];

  constructor(
    private readonly module: ModuleBuilder,
    private readonly program: Program,
    private readonly layout: Layout,
    private readonly operation: SolveOperation,
  ) {
    [this.eliminated, this.kept] = setsOf(operation, program);
    const { width } = this.kept;
    if (width > MOST_KEPT) failProgram(`${width} units are too many to keep`, "solve");
    this.places = scratchOf(operation, program);
    let unit = 0;
    for (const p of this.kept.parts) {
      this.first.set(p, unit);
      unit += this.widthOf(p);
    }
    this.cells = Array.from({ length: width }, (_, i) =>
      Array.from({ length: width + 1 }, (__, j) =>
        width <= IN_VARIABLES
          ? { variable: this.code.local("v128") }
          : { offset: this.places.matrix + (i * (width + 1) + j) * VECTOR },
      ),
    );
    this.gather();
    this.begin();
    for (const p of this.eliminated.parts) this.eliminate(p);
    this.solve();
    for (const p of this.eliminated.parts) this.substitute(p);
    for (const { out } of operation.parts) this.scatter(out);
  }

  private widthOf(part: number): number {
    return this.program.buffers[this.operation.parts[part].out];
  }

  private place(buffer: string): number {
    return this.places.offsets.get(buffer) as number;
  }

  // ---- cells and vectors

  private readonly at =
    (offset: number, base: Local = this.scratch): Value =>
    (c) =>
      void c.get(base).at("v128.load", offset);

  private put(offset: number, value: Value, base: Local = this.scratch): void {
    this.code.get(base);
    value(this.code);
    this.code.at("v128.store", offset);
  }

  private read(cell: Cell): Value {
    return "variable" in cell ? local(cell.variable) : this.at(cell.offset);
  }

  private write(cell: Cell, value: Value): void {
    if ("offset" in cell) return this.put(cell.offset, value);
    value(this.code);
    this.code.set(cell.variable);
  }

  /** cell += a * b. */
  private add(cell: Cell, a: Local, b: Local): void {
    if ("variable" in cell) return void this.code.multiplyAdd(cell.variable, a, b, this.module.features);
    const sum = this.code.local("v128");
    this.read(cell)(this.code);
    this.code.set(sum).multiplyAdd(sum, a, b, this.module.features);
    this.write(cell, local(sum));
  }

  private kept_(value: Value): Local {
    const variable = this.code.local("v128");
    value(this.code);
    this.code.set(variable);
    return variable;
  }

  // ---- between rows and lanes

  /** Four vectors become those of their first lanes, their second ones and so on. */
  private turned(vectors: readonly Local[]): readonly Value[] {
    const { code } = this;
    const mixed = (a: Local, b: Local, lanes: readonly number[]): Local => {
      code
        .get(a)
        .get(b)
        .shuffle(lanes.flatMap((lane) => Array.from({ length: FLOAT }, (_, k) => lane * FLOAT + k)));
      const out = code.local("v128");
      code.set(out);
      return out;
    };
    const [a, b, c, d] = vectors;
    const [ab, cd] = [mixed(a, b, [0, 4, 1, 5]), mixed(c, d, [0, 4, 1, 5])];
    const [ab2, cd2] = [mixed(a, b, [2, 6, 3, 7]), mixed(c, d, [2, 6, 3, 7])];
    return [
      mixed(ab, cd, [0, 1, 4, 5]),
      mixed(ab, cd, [2, 3, 6, 7]),
      mixed(ab2, cd2, [0, 1, 4, 5]),
      mixed(ab2, cd2, [2, 3, 6, 7]),
    ].map(local);
  }

  /** Runs over the units of a buffer, four at a time: addresses of four rows, and of the scratch. */
  private byFours(buffer: string, body: (rows: readonly Local[], scratch: Local) => void): void {
    const { code } = this;
    const width = this.program.buffers[buffer];
    const rows = this.rows.map((row) => {
      const at = code.local("i32");
      code
        .get(row)
        .i32(strideOf(width) * FLOAT)
        .do("i32.mul")
        .set(at);
      return at;
    });
    const [at, end] = [code.local("i32"), code.local("i32")];
    code
      .get(this.scratch)
      .tee(at)
      .i32(Math.ceil(width / LANES) * LANES * VECTOR)
      .do("i32.add")
      .set(end);
    code.repeat(() => {
      code.aside(() => {
        body(rows, at);
        return [];
      });
      for (const row of rows) code.advance(row, VECTOR);
      code
        .advance(at, LANES * VECTOR)
        .get(at)
        .get(end)
        .do("i32.lt_u");
    });
  }

  private gather(): void {
    const outs = new Set(this.operation.parts.map(({ out }) => out));
    for (const [buffer, place] of this.places.offsets)
      if (!outs.has(buffer))
        this.byFours(buffer, (rows, scratch) => {
          const read = rows.map((row) => this.kept_(this.at(this.layout.buffers[buffer], row)));
          this.turned(read).forEach((value, k) => this.put(place + k * VECTOR, value, scratch));
        });
  }

  private scatter(buffer: string): void {
    this.byFours(buffer, (rows, scratch) => {
      const read = rows.map((_, k) => this.kept_(this.at(this.place(buffer) + k * VECTOR, scratch)));
      this.turned(read).forEach((value, k) => this.put(this.layout.buffers[buffer], value, rows[k]));
    });
  }

  // ---- elimination

  /** The kept set by itself: its diagonal, and its right side. */
  private begin(): void {
    const { width } = this.kept;
    for (const row of this.cells) for (const cell of row) this.write(cell, real(0));
    for (const p of this.kept.parts) {
      const { diagonal, right } = this.operation.parts[p];
      for (let k = 0; k < this.widthOf(p); k++) {
        const unit = (this.first.get(p) as number) + k;
        this.write(this.cells[unit][unit], this.at(this.place(diagonal) + k * VECTOR));
        this.write(this.cells[unit][width], this.at(this.place(right) + k * VECTOR));
      }
    }
  }

  /** Runs over the units of an eliminated part: its vectors in scratch, and its weights both ways. */
  private byUnit(
    part: number,
    body: (of: {
      /** A value of the unit. */
      readonly own: (buffer: string) => Value;
      /** What leads to the unit from unit j of a kept part, or from the unit to it. */
      readonly incoming: (coupling: Coupling, j: number) => Value;
      readonly outgoing: (coupling: Coupling, j: number) => Value;
      readonly scratch: Local;
    }) => void,
  ): void {
    const { code, program, layout } = this;
    const { couplings } = this.operation;
    const [unit, scratch] = [code.local("i32"), code.local("i32")];
    const mine = couplings.filter(({ from, into }) => from === part || into === part);
    const weights = new Map(mine.map((coupling) => [coupling, code.local("i32")]));
    /** Of each: bytes of its group, from where addresses of the unit count. */
    const bases = new Map(
      mine.map((coupling) => {
        const { pre, post } = program.weights[coupling.weights];
        const base = code.local("i32");
        code
          .get(this.group)
          .i32(pre * panelsOf(post) * LINE)
          .do("i32.mul");
        code.i32(layout.weights[coupling.weights]).do("i32.add").set(base);
        return [coupling, base];
      }),
    );
    code.i32(0).set(unit).get(this.scratch).set(scratch);
    code.repeat(() => {
      for (const coupling of mine) {
        code.get(bases.get(coupling) as Local);
        if (coupling.from === part) code.get(unit).i32(LINE).do("i32.mul");
        else {
          const { pre } = program.weights[coupling.weights];
          code
            .get(unit)
            .i32(-PANEL)
            .do("i32.and")
            .i32(pre * FLOAT)
            .do("i32.mul");
          code
            .get(unit)
            .i32(PANEL - 1)
            .do("i32.and")
            .i32(FLOAT)
            .do("i32.mul")
            .do("i32.add");
        }
        code.do("i32.add").set(weights.get(coupling) as Local);
      }
      const weight =
        (coupling: Coupling, offset: number): Value =>
        (c) =>
          void c.get(weights.get(coupling) as Local).at("v128.load32_splat", offset);
      code.aside(() => {
        body({
          own: (buffer) => this.at(this.place(buffer), scratch),
          incoming: (coupling, j) => weight(coupling, j * LINE),
          outgoing: (coupling, j) =>
            weight(
              coupling,
              Math.floor(j / PANEL) * program.weights[coupling.weights].pre * LINE + (j % PANEL) * FLOAT,
            ),
          scratch,
        });
        return [];
      });
      code.advance(scratch, VECTOR).advance(unit, 1).get(unit).i32(this.widthOf(part)).do("i32.lt_u");
    });
  }

  private eliminate(part: number): void {
    const { couplings, parts } = this.operation;
    const { width } = this.kept;
    const [into, out] = [couplings.filter((c) => c.into === part), couplings.filter((c) => c.from === part)];
    if (into.length === 0 || out.length === 0) return;
    this.byUnit(part, ({ own, incoming, outgoing }) => {
      const less = this.kept_(divide(real(-1), own(parts[part].diagonal)));
      const right = this.kept_(own(parts[part].right));
      const row = into.flatMap((coupling) =>
        Array.from({ length: this.widthOf(coupling.from) }, (_, j) => ({
          unit: (this.first.get(coupling.from) as number) + j,
          value: this.kept_(
            this.times(incoming(coupling, j), [
              coupling.left && own(coupling.left),
              coupling.by && this.at(this.place(coupling.by) + j * VECTOR),
            ]),
          ),
        })),
      );
      for (const coupling of out) {
        const sent = this.kept_(this.times(local(less), [coupling.by && own(coupling.by)]));
        for (let j = 0; j < this.widthOf(coupling.into); j++) {
          const factor = this.kept_(
            this.times(multiply(outgoing(coupling, j), local(sent)), [
              coupling.left && this.at(this.place(coupling.left) + j * VECTOR),
            ]),
          );
          const cells = this.cells[(this.first.get(coupling.into) as number) + j];
          for (const { unit, value } of row) this.add(cells[unit], factor, value);
          this.add(cells[width], factor, right);
        }
      }
    });
  }

  private times(value: Value, factors: readonly (Value | undefined | "")[]): Value {
    return factors.reduce<Value>((product, f) => (f ? multiply(product, f) : product), value);
  }

  /** Gauss without pivoting; the solution ends in the kept parts' places. */
  private solve(): void {
    const { cells, code } = this;
    const { width } = this.kept;
    const inverses: Local[] = [];
    const less = (value: Value): Value => multiply(real(-1), value);
    for (let k = 0; k < width; k++) {
      inverses.push(this.kept_(divide(real(1), this.read(cells[k][k]))));
      for (let i = k + 1; i < width; i++)
        code.aside(() => {
          const factor = this.kept_(less(multiply(this.read(cells[i][k]), local(inverses[k]))));
          for (let j = k + 1; j <= width; j++)
            this.add(cells[i][j], factor, this.kept_(this.read(cells[k][j])));
          return [];
        });
    }
    const found: Local[] = [];
    for (let k = width - 1; k >= 0; k--) {
      for (let j = k + 1; j < width; j++)
        code.aside(() => {
          this.add(cells[k][width], this.kept_(less(this.read(cells[k][j]))), found[j]);
          return [];
        });
      found[k] = this.kept_(multiply(this.read(cells[k][width]), local(inverses[k])));
    }
    for (const p of this.kept.parts)
      for (let k = 0; k < this.widthOf(p); k++)
        this.put(
          this.place(this.operation.parts[p].out) + k * VECTOR,
          local(found[(this.first.get(p) as number) + k]),
        );
  }

  /** An eliminated part, once what it hears is known. */
  private substitute(part: number): void {
    const { couplings, parts } = this.operation;
    const into = couplings.filter((c) => c.into === part);
    this.byUnit(part, ({ own, incoming, scratch }) => {
      const { code } = this;
      const sum = this.kept_(own(parts[part].right));
      for (const coupling of into) {
        const heard = this.kept_(real(0));
        for (let j = 0; j < this.widthOf(coupling.from); j++) {
          const x = this.place(parts[coupling.from].out) + j * VECTOR;
          const by = coupling.by && this.at(this.place(coupling.by) + j * VECTOR);
          const value = this.kept_(this.times(this.at(x), [by]));
          code.multiplyAdd(heard, this.kept_(incoming(coupling, j)), value, this.module.features);
        }
        const weighed = this.times(local(heard), [coupling.left && own(coupling.left)]);
        code.get(sum);
        keep(code, weighed)(code);
        code.do("f32x4.sub").set(sum);
      }
      this.put(this.place(parts[part].out), divide(local(sum), own(parts[part].diagonal)), scratch);
    });
  }
}

/** A number of each row: a variable, or a place in scratch. */
type Cell = { readonly variable: Local } | { readonly offset: number };

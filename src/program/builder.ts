/**
 * Builds a Program out of maps and projections over values that may be complex. A complex value is two
 * buffers of equal shape, `name` (real part) and `name` + "i" (imaginary part); maps are split by
 * `complexify`, projections run once a plane, since weights are real. Callers never see the difference.
 */
import { complexify } from "../equations/complexify";
import { symbolsOf, type Expression } from "../equations/expression";
import { partsOf } from "../equations/share";
import { checkSize } from "../equations/size";
import { OhmletError, type Place } from "../errors";
import { withBuffers } from "./rename";
import type { AdjustOperation, Operation, Program, SolveOperation, Source, Term } from "./program";

/** What a symbol of a map stands for. `complex` values have two planes. */
export type Binding =
  | { readonly buffer: string; readonly complex?: boolean }
  | { readonly row: string; readonly complex?: boolean }
  | { readonly vector: string }
  | { readonly scalar: string }
  | { readonly noise: number };

export type Bindings = Readonly<Record<string, Binding>>;

const imaginary = (name: string): string => `${name}i`;

export class ProgramBuilder {
  private readonly buffers: Record<string, number> = {};
  private readonly weights: Record<string, { pre: number; post: number }> = {};
  private readonly vectors: Record<string, number> = {};
  private readonly rowValues = new Set<string>();
  private readonly scalars = new Set<string>();
  private readonly state: string[] = [];
  private readonly watched: string[] = [];
  private readonly counts: Record<string, number> = {};
  private readonly outputs: string[] = [];
  private readonly prelude: Operation[] = [];
  private readonly step: Operation[] = [];
  private readonly judge: Operation[] = [];
  private readonly adjustments: AdjustOperation[] = [];
  private target = this.step;

  constructor(
    private readonly rows: number,
    private readonly groups: number,
    readonly place: string,
  ) {}

  /** Runs `emit` with its operations going to the prelude. */
  before(emit: () => void): void {
    this.target = this.prelude;
    emit();
    this.target = this.step;
  }

  /** Runs `emit` with its operations going to the judge. */
  judging(emit: () => void): void {
    this.target = this.judge;
    emit();
    this.target = this.step;
  }

  buffer(name: string, width: number, complex = false): string {
    this.buffers[name] = width;
    if (complex) this.buffers[imaginary(name)] = width;
    return name;
  }

  /** A buffer that is carried from step to step and can be read back. */
  stateBuffer(name: string, width: number, complex: boolean, watched: boolean): string {
    this.buffer(name, width, complex);
    for (const plane of planes(name, complex)) {
      this.state.push(plane);
      this.outputs.push(plane);
      if (watched) this.watched.push(plane);
    }
    return name;
  }

  /** Lets changes of a watched buffer count so many times in the residual. */
  count(name: string, times: number, complex: boolean): void {
    for (const plane of planes(name, complex)) this.counts[plane] = times;
  }

  /** A buffer that the host sets and that does not change during a run. */
  input(name: string, width: number): string {
    this.buffers[`${name}_in`] = width;
    this.buffer(name, width);
    this.prelude.push({
      op: "map",
      out: name,
      expression: { kind: "symbol", name: "x" },
      sources: { x: { from: "buffer", name: `${name}_in` } },
    });
    return name;
  }

  /** Operations of another program, with their buffers under other names. */
  include(operations: readonly Operation[], program: Program, rename: (buffer: string) => string): void {
    const named = (name: string): string => {
      this.buffers[rename(name)] = program.buffers[name];
      return rename(name);
    };
    for (const operation of operations) {
      this.target.push(withBuffers(operation, named));
      if (operation.op === "project")
        for (const { weights } of operation.terms) {
          const { pre, post } = program.weights[weights];
          this.weight(weights, pre, post);
        }
    }
  }

  /** An update of synapses; its scalars and weights are declared by whoever adds it. */
  adjust(operation: AdjustOperation): void {
    this.adjustments.push(operation);
    for (const { sources } of operation.maps)
      for (const source of Object.values(sources))
        if (source.from === "scalar") this.scalars.add(source.name);
  }

  output(name: string): void {
    this.outputs.push(name);
  }

  weight(name: string, pre: number, post: number): string {
    this.weights[name] = { pre, post };
    return name;
  }

  vector(name: string, width: number): string {
    this.vectors[name] = width;
    return name;
  }

  /**
   * out = expression. In-place use (out among the bindings) is safe.
   * @param place where the expression comes from, for one that is too large
   * @throws OhmletError EQ-SIZE, EQ-HOLOMORPHIC, DYN-DIVERGED
   */
  map(
    out: string,
    expression: Expression,
    bindings: Bindings,
    complex = false,
    place: () => Place = () => ({ where: this.place }),
  ): void {
    checkSize(expression, "as a step of the solver, the equation", place);
    expectFinite(expression, place);
    if (!complex) {
      this.pushMap(out, expression, (name) => sourceOf(bindings[name], "re"));
      return;
    }
    const isComplex = (name: string): boolean =>
      "complex" in bindings[name] && (bindings[name] as { complex?: boolean }).complex === true;
    const planesOf = new Map<string, { readonly name: string; readonly plane: "re" | "im" }>();
    const names = (name: string): { re: string; im: string } => {
      const [re, im] = [`${name}$re`, `${name}$im`];
      planesOf.set(re, { name, plane: "re" }).set(im, { name, plane: "im" });
      return { re, im };
    };
    const split = complexify(expression, isComplex, names, this.place);
    for (const part of [split.re, split.im]) expectFinite(part, place);
    checkSize(
      [split.re, split.im],
      "for complex nudges, split into real and imaginary parts, the equation",
      place,
    );
    const source = (name: string): Source => {
      const of = planesOf.get(name);
      return sourceOf(bindings[of?.name ?? name], of?.plane ?? "re");
    };
    // The imaginary part is computed aside first: writing the real part in place must not change what it
    // reads.
    const inPlace = [...symbolsOf(expression)].some(
      (name) => "buffer" in bindings[name] && (bindings[name] as { buffer: string }).buffer === out,
    );
    const aside = inPlace ? this.buffer(`${out}_t`, this.buffers[out]) : imaginary(out);
    this.pushMap(aside, split.im, source);
    this.pushMap(out, split.re, source);
    if (inPlace)
      this.pushMap(imaginary(out), { kind: "symbol", name: "t" }, () => ({ from: "buffer", name: aside }));
  }

  /** out = plus + sum of from * weights; `plus` is real and goes to the real plane. */
  project(out: string, plus: string | undefined, terms: readonly Term[], complex = false): void {
    this.target.push({ op: "project", out, ...(plus === undefined ? {} : { plus }), terms });
    if (complex)
      this.target.push({
        op: "project",
        out: imaginary(out),
        terms: terms.map((t) => ({ ...t, from: imaginary(t.from) })),
      });
  }

  normalise(out: string, from: string, complex: boolean): void {
    const pair = (name: string) => (complex ? { re: name, im: imaginary(name) } : { re: name });
    this.target.push({ op: "normalise", out: pair(out), from: pair(from) });
  }

  /** A linear system a row, real. */
  solve(parts: SolveOperation["parts"], couplings: SolveOperation["couplings"]): void {
    this.target.push({ op: "solve", parts, couplings });
  }

  build(): Program {
    const { rows, groups, buffers, weights, vectors, prelude, step, judge, state, outputs, watched } = this;
    const program = {
      rows,
      groups,
      buffers,
      weights,
      vectors,
      rowValues: [...this.rowValues],
      scalars: [...this.scalars],
      prelude,
      step,
      state,
      outputs,
      watched,
    };
    return {
      ...program,
      ...(judge.length > 0 && { judge }),
      ...(Object.keys(this.counts).length > 0 && { counts: this.counts }),
      ...(this.adjustments.length > 0 && { adjust: this.adjustments }),
    };
  }

  private pushMap(out: string, expression: Expression, source: (name: string) => Source): void {
    const sources: Record<string, Source> = {};
    for (const name of symbolsOf(expression)) {
      sources[name] = source(name);
      if (sources[name].from === "row") this.rowValues.add((sources[name] as { name: string }).name);
      if (sources[name].from === "scalar") this.scalars.add((sources[name] as { name: string }).name);
    }
    this.target.push({ op: "map", out, expression, sources });
  }
}

/**
 * What a step multiplies by may grow with e^(rate dt), beyond all numbers. @throws OhmletError DYN-DIVERGED
 */
function expectFinite(expression: Expression, place: () => Place): void {
  if (partsOf(expression).every((part) => part.kind !== "number" || Number.isFinite(part.value))) return;
  throw new OhmletError({
    code: "DYN-DIVERGED",
    fact: "one step takes the state beyond every number that a computer can hold",
    place: place(),
    remedy: "take a smaller time step, or an equation whose own growth is slower",
    category: "run",
  });
}

/** Names of the planes of a value. */
function planes(name: string, complex: boolean): string[] {
  return complex ? [name, imaginary(name)] : [name];
}

function sourceOf(binding: Binding, plane: "re" | "im"): Source {
  const named = (name: string): string => (plane === "im" ? imaginary(name) : name);
  if ("buffer" in binding) return { from: "buffer", name: named(binding.buffer) };
  if ("row" in binding) return { from: "row", name: named(binding.row) };
  if ("vector" in binding) return { from: "vector", name: binding.vector };
  if ("scalar" in binding) return { from: "scalar", name: binding.scalar };
  return { from: "noise", stream: binding.noise };
}

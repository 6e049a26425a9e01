/**
 * Reverse mode: a program that takes how something depends on the state after a step to how it depends on the
 * state before it. Each of its steps computes the original step again, from a state that stays, and walks it
 * backwards: a map becomes sums of slopes times cotangents, a projection runs through the transposed array.
 *
 * Over a tape of states that is backpropagation through time; at a fixed point, run until it settles with what
 * drives it added in every step, recurrent backpropagation.
 */
import { add, multiply, number, symbol } from "../equations/expression";
import { copy, failSolve, over, Scratch, slopesOf, softmaxSlope, sum, type Pair } from "./linear";
import type { MapOperation, NormaliseOperation, Operation, Program, ProjectOperation, Term } from "./program";
import type { Connections } from "./connections";
import { needed, writesOf } from "./dataflow";
import { singleAssignment } from "./single-assignment";

/** A sum over rows of products, which is the derivative by an array of weights. */
export interface WeightProduct {
  readonly weights: string;
  /** Buffers of the transposed program, to be read after a step. */
  readonly pre: string;
  readonly post: string;
  readonly through?: Connections;
}

export interface Transpose {
  readonly program: Program;
  /** State of the transposed program: the cotangent of a state of the original one. */
  readonly of: (state: string) => string;
  /** An input that is added to a cotangent in every step; zeros unless it is set. */
  readonly drive: (state: string) => string;
  /** Products whose sums over rows are the derivatives by weights, of one step. */
  readonly weights: readonly WeightProduct[];
  /** By vector, the buffer whose sum over rows is the derivative by it, of one step. */
  readonly vectors: ReadonlyMap<string, string>;
  /** By buffer that was asked for, the buffer that holds its cotangent, of one step. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Transposed arrays that have to be set, by the array that each is of, [post, pre]. */
  readonly transposed: ReadonlyMap<string, string>;
  /** Arrays that have to be set to ones before it runs, [width, width]. */
  readonly ones: ReadonlyMap<string, number>;
}

/**
 * The transpose of the program's step. The states of the original are inputs of it: set them by `write`. Noise
 * is held: draws of the same stream and step are those of the forward step.
 * @param inputs buffers that the step reads and does not write, whose cotangents are asked for
 */
export function transpose(program: Program, inputs: readonly string[] = []): Transpose {
  const walk = new Walk(program, inputs);
  return walk.result();
}

class Walk {
  private readonly forward;
  private readonly scratch = new Scratch("b~");
  private readonly operations: Operation[] = [];
  /** The buffer that holds what is known of the cotangent of a value; none yet: it is zero. */
  private readonly bars = new Map<string, string>();
  private readonly transposed = new Map<string, string>();
  private readonly products: WeightProduct[] = [];
  private readonly vectorBars = new Map<string, string>();

  constructor(
    private readonly program: Program,
    private readonly inputs: readonly string[],
  ) {
    this.forward = singleAssignment(program.step, program.buffers);
    for (const name of program.state) this.bars.set(this.forward.last(name), this.of(name));
    for (const operation of [...this.forward.operations].reverse()) this.back(operation);
    for (const name of program.state) {
      const bar = this.bars.get(name);
      const reads = { c: this.drive(name), ...(bar !== undefined && { x: bar }) };
      const expression = bar === undefined ? symbol("c") : add(symbol("x"), symbol("c"));
      // All are read before the first is written: what a state was passed on as may be another's.
      this.results.push({
        name,
        operation: over(this.scratch.buffer(program.buffers[name]), expression, reads),
      });
    }
    this.operations.push(...this.results.map(({ operation }) => operation));
    this.operations.push(...this.results.map(({ name, operation }) => copy(this.of(name), operation.out)));
  }

  private readonly results: { readonly name: string; readonly operation: MapOperation }[] = [];

  readonly of = (state: string): string => `b~${state}`;
  readonly drive = (state: string): string => `c~${state}`;

  result(): Transpose {
    const { program, scratch, products, vectorBars } = this;
    const square = [...scratch.ones].map(([name, width]) => [name, { pre: width, post: width }]);
    const own = (name: (state: string) => string): Record<string, number> =>
      Object.fromEntries(program.state.map((state) => [name(state), program.buffers[state]]));
    const inputs = new Map(
      this.inputs.flatMap((name) => {
        const bar = this.bars.get(name);
        return bar === undefined ? [] : [[name, bar] as const];
      }),
    );
    const shown = [
      ...inputs.values(),
      ...products.flatMap(({ pre, post }) => [pre, post]),
      ...vectorBars.values(),
    ];
    const results = new Set([...program.state.map(this.of), ...shown]);
    const step = needed([...this.forward.operations, ...this.operations], results);
    const written = new Set(step.flatMap(writesOf));
    const inUse = new Set(
      step.flatMap((o) => (o.op === "project" ? o.terms.map(({ weights }) => weights) : [])),
    );
    const turned = new Map([...this.transposed].filter(([, name]) => inUse.has(name)));
    const flipped = [...turned].map(([name, flip]) => {
      const { pre, post } = program.weights[name];
      return [flip, { pre: post, post: pre }];
    });
    const state = program.state.map(this.of);
    const { judge: _judge, adjust: _adjust, ...kept } = program;
    return {
      of: this.of,
      drive: this.drive,
      weights: products,
      vectors: vectorBars,
      inputs,
      transposed: turned,
      ones: scratch.ones,
      program: {
        ...kept,
        buffers: { ...this.forward.buffers, ...own(this.of), ...own(this.drive), ...scratch.buffers },
        weights: { ...program.weights, ...Object.fromEntries([...flipped, ...square]) },
        step,
        state,
        outputs: [...new Set([...state, ...shown.filter((name) => written.has(name))])],
        watched: program.watched.map(this.of),
      },
    };
  }

  /** Adds to the cotangent of a value what another buffer holds. */
  private receive(value: string, part: string): void {
    const before = this.bars.get(value);
    if (before === undefined) {
      this.bars.set(value, part);
      return;
    }
    const total = this.scratch.buffer(this.forward.buffers[value]);
    this.operations.push(sum(total, before, part));
    this.bars.set(value, total);
  }

  private back(operation: Operation): void {
    switch (operation.op) {
      case "map":
        return this.backMap(operation);
      case "project":
        return this.backProject(operation);
      case "normalise":
        return this.backNormalise(operation);
      case "solve":
        return failSolve();
    }
  }

  private backMap(operation: MapOperation): void {
    const bar = this.bars.get(operation.out);
    if (bar === undefined) return;
    const width = this.forward.buffers[operation.out];
    const times = (out: string, slope: MapOperation["expression"]): MapOperation => ({
      op: "map",
      out,
      expression: multiply(slope, symbol("b~")),
      sources: { ...operation.sources, "b~": { from: "buffer", name: bar } },
    });
    for (const { name, slope } of slopesOf(operation)) {
      const part = this.scratch.buffer(width);
      this.operations.push(times(part, slope));
      this.receive(name, part);
    }
    for (const { name, slope } of slopesOf(operation, "vector")) {
      const part = this.scratch.buffer(width);
      this.operations.push(times(part, slope));
      const before = this.vectorBars.get(name);
      if (before === undefined) this.vectorBars.set(name, part);
      else {
        const total = this.scratch.buffer(width);
        this.operations.push(sum(total, before, part));
        this.vectorBars.set(name, total);
      }
    }
  }

  private backProject({ out, plus, terms }: ProjectOperation): void {
    const known = this.bars.get(out);
    if (known === undefined) return;
    const bar = this.lasting(known);
    if (plus !== undefined) this.receive(plus, bar);
    for (const term of terms) {
      const { from, weights } = term;
      const part = this.scratch.buffer(this.forward.buffers[from]);
      this.operations.push({ op: "project", out: part, terms: [this.turned(term, bar)] });
      this.receive(from, part);
      const [pre, post] = term.backwards === true ? [bar, from] : [from, bar];
      this.products.push({ weights, pre, post, ...(term.through && { through: term.through }) });
    }
  }

  private backNormalise({ from, out }: NormaliseOperation): void {
    const width = this.forward.buffers[out.re];
    const bars = [out.re, ...(out.im === undefined ? [] : [out.im])].map((name) => this.bars.get(name));
    if (bars.every((bar) => bar === undefined)) return;
    const [re, im] = bars.map((bar) => bar ?? this.zeros(width));
    const slope = softmaxSlope(out, im === undefined ? { re } : { re, im }, width, this.scratch, true);
    this.operations.push(...slope.operations);
    this.receive(from.re, slope.out.re);
    if (from.im !== undefined) this.receive(from.im, (slope.out as Required<Pair>).im);
  }

  /** A value that is still there after the step: the cotangent of a state is written over at its end. */
  private lasting(bar: string): string {
    if (!this.program.state.some((name) => this.of(name) === bar)) return bar;
    const kept = this.scratch.buffer(this.program.buffers[bar.slice(this.of("").length)]);
    this.operations.push(copy(kept, bar));
    return kept;
  }

  private zeros(width: number): string {
    const name = this.scratch.buffer(width);
    this.operations.push(over(name, number(0), {}));
    return name;
  }

  /** A term in the other direction: connections are read the other way, arrays without have a transposed one. */
  private turned({ weights, through, backwards }: Term, from: string): Term {
    if (through === undefined) {
      const name = `${weights}~T`;
      this.transposed.set(weights, name);
      return { from, weights: name };
    }
    return { from, weights, through, ...(backwards !== true && { backwards: true as const }) };
  }
}

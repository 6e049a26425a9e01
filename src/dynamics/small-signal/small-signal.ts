/**
 * What a chip does with small signals about a fixed point: the field linearised there, states beside u included, by the
 * tangent of its program. Poles, and how the nudge, or an input, is followed by every node at every frequency. Noise,
 * maps and units that their bounds hold have no part in it.
 */
import { evaluate } from "../../equations/evaluate";
import { symbolsOf, type Expression } from "../../equations/expression";
import { OhmletError } from "../../errors";
import { tile } from "../lowering/arrays";
import type { InternalUnits } from "../lowering/internal-units";
import type { PlannedPopulation } from "../lowering/layout";
import { field } from "../solvers/field";
import { fieldAt, type Advised } from "../time-steps/step-advice";
import { linearAt } from "../time-steps/stiffness";
import { timeOf } from "../time-steps/time-step";
import type { Planes } from "../types";
import { Hessenberg, type Pole } from "../../numerics/hessenberg";
import type { SmallSignalRequest } from "./request";

/** What turns: the teaching amplitude (beta), or one value of the input. */
export type SmallSource = "nudge" | { readonly input: number };

/** How states follow a source of amplitude 1, SI for each unit of it: [frequencies, size] by state. */
export interface Response {
  /** Hz; per unit of time where time has no unit. */
  readonly frequencies: Float64Array;
  readonly states: Readonly<Record<string, { readonly re: Float64Array; readonly im: Float64Array }>>;
}

/** Most states: the matrix is dense. */
const MOST_STATES = 1000;
const MOST_ITERATIONS = 50;
/** Of the largest state: what Newton's method still changes once it is there. */
const STILL = 1e-12;

interface Parts {
  readonly advised: Advised;
  readonly units: InternalUnits;
}

interface Block {
  readonly p: PlannedPopulation;
  readonly name: string;
  readonly size: number;
  /** Place of its first state. */
  readonly offset: number;
  /** SI of one internal unit. */
  readonly scale: number;
}

/** A chip linearised about a fixed point. */
export class SmallSignal {
  private readonly hessenberg: Hessenberg;
  private readonly known = new Map<string, Float64Array>();

  private constructor(
    private readonly of: Parts,
    private readonly request: SmallSignalRequest,
    private readonly blocks: readonly Block[],
    private readonly moving: Int32Array,
    matrix: Float64Array,
    /** SI of one internal unit of time. */
    private readonly time: number,
    /** The fixed point, SI. */
    readonly states: Planes,
    /** Of Newton's method, to get there. */
    readonly iterations: number,
  ) {
    this.hessenberg = new Hessenberg(matrix, moving.length);
  }

  /**
   * @throws OhmletError DYN-FREQUENCY for maps, for too many states, and where there is no fixed point near; OPTION-…,
   *   DYN-SHAPE, DYN-TARGET
   */
  static async about(of: Parts, request: SmallSignalRequest): Promise<SmallSignal> {
    const { advised, units } = of;
    const { layout, circuit } = advised;
    const refuse = (fact: string, remedy: string): OhmletError =>
      new OhmletError({ code: "DYN-FREQUENCY", fact, place: { where: circuit.name }, remedy });
    const map = layout.populations.find(({ field: { kind } }) => kind === "discrete");
    if (map !== undefined)
      throw refuse(
        `"${map.population.name}" is a map, which knows no time and no frequency`,
        "use a circuit of neurons in continuous time",
      );
    if (units.readsAreNoisy)
      throw refuse(
        "its conductances differ from read to read, and small signals have no noise",
        "make its synapses without read noise: crossbar({ readNoise: 0 })",
      );
    let offset = 0;
    const blocks = layout.populations.map((p): Block => {
      const { name, size } = p.population;
      const block = { p, name, size, offset, scale: units.state(p) };
      offset += size;
      return block;
    });
    if (offset > MOST_STATES)
      throw refuse(
        `the circuit has ${offset} states, and a dense matrix is made for ${MOST_STATES} at most`,
        "use a smaller circuit",
      );
    const joinedOf = (states: Planes): Float64Array => {
      const out = new Float64Array(offset);
      for (const { name, size, scale, offset: at } of blocks) {
        const plane: Planes[string] | undefined = states[name];
        if (plane?.re.length !== size)
          throw refuse(`the states do not hold "${name}" of one sample`, "give all states that a phase left");
        plane.re.forEach((u, i) => (out[at + i] = u / scale));
      }
      return out;
    };
    const x = joinedOf(request.from);
    const moving = movingOf(blocks, x);
    let iterations = 0;
    for (;;) {
      const { rate, matrix } = await linearised(of, request, blocks, x);
      if (![...rate, ...matrix].every(Number.isFinite))
        throw refuse("the field is not finite near these states", "let the chip settle first");
      const inner = within(matrix, offset, moving);
      const step = new Hessenberg(inner, moving.length).solve({ re: 0, im: 0 }, within(rate, 1, moving));
      const most = step.re.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
      const size = x.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
      if (most <= STILL * Math.max(1, size)) {
        const states = Object.fromEntries(
          blocks.map(({ name, size: width, offset: at, scale }) => [
            name,
            { re: x.slice(at, at + width).map((u) => u * scale) },
          ]),
        );
        const time = units.scaling.scale(timeOf(circuit));
        return new SmallSignal(of, request, blocks, moving, inner, time, states, iterations);
      }
      if (!Number.isFinite(most) || ++iterations > MOST_ITERATIONS)
        throw refuse(
          `no fixed point was found near these states in ${MOST_ITERATIONS} iterations`,
          "let the chip settle first, with a smaller tolerance",
        );
      // (0 - J) step = rate: J step = -rate is Newton's.
      moving.forEach((at, k) => (x[at] += step.re[k]));
    }
  }

  /** Eigenvalues of the circuit, 1/s (or per unit of time), the slowest first. All real parts of a stable one are below 0. */
  get poles(): readonly Pole[] {
    return this.hessenberg.eigenvalues().map(({ re, im }) => ({ re: re / this.time, im: im / this.time }));
  }

  /**
   * How the states follow a source.
   * @param frequencies Hz
   * @throws OhmletError DYN-FREQUENCY, DYN-TARGET for the nudge without targets
   */
  async response(source: SmallSource, frequencies: ArrayLike<number>): Promise<Response> {
    const push = await this.push(source);
    const states = Object.fromEntries(
      this.blocks.map(({ name, size }) => [
        name,
        {
          re: new Float64Array(frequencies.length * size),
          im: new Float64Array(frequencies.length * size),
        },
      ]),
    );
    for (let f = 0; f < frequencies.length; f++) {
      const w = 2 * Math.PI * frequencies[f] * this.time;
      const found = this.hessenberg.solve({ re: 0, im: w }, push);
      this.moving.forEach((at, k) => {
        const block = this.blocks.find(({ offset, size }) => at < offset + size) as Block;
        const place = f * block.size + at - block.offset;
        states[block.name].re[place] = found.re[k] * block.scale;
        states[block.name].im[place] = found.im[k] * block.scale;
      });
    }
    return { frequencies: Float64Array.from(frequencies), states };
  }

  /**
   * Where a state first follows with 1/sqrt(2) of what it does at rest, Hz; Infinity where it always follows, NaN where it
   * does not at rest.
   */
  async bandwidth(source: SmallSource, population: string, unit: number): Promise<number> {
    const push = await this.push(source);
    const block = this.blocks.find(({ name }) => name === population);
    const row = block === undefined ? -1 : this.moving.indexOf(block.offset + unit);
    if (block === undefined || !(unit >= 0 && unit < block.size))
      throw new OhmletError({
        code: "DYN-UNIT",
        fact: `there is no unit ${unit} in "${population}"`,
        place: { where: this.of.advised.circuit.name },
        remedy: `populations: ${this.blocks.map(({ name, size }) => `${name} (0 to ${size - 1})`).join(", ")}`,
      });
    if (row < 0) return Number.NaN;
    const size = (w: number): number => {
      const { re, im } = this.hessenberg.solve({ re: 0, im: w }, push);
      return Math.hypot(re[row], im[row]);
    };
    const least = size(0) * Math.SQRT1_2;
    if (!(least > 0)) return Number.NaN;
    const rates = this.hessenberg.eigenvalues().map(({ re, im }) => Math.hypot(re, im));
    const most = 1e4 * Math.max(...rates);
    let low = 0;
    for (let w = 1e-4 * Math.min(...rates); w < most; w *= 1.1) {
      if (size(w) >= least) {
        low = w;
        continue;
      }
      let high = w;
      for (let k = 0; k < 60; k++) {
        const middle = (low + high) / 2;
        if (size(middle) >= least) low = middle;
        else high = middle;
      }
      return low / (2 * Math.PI * this.time);
    }
    return Infinity;
  }

  /** How fast each state moves for a source of 1, internal units. */
  private async push(source: SmallSource): Promise<Float64Array> {
    const key = JSON.stringify(source);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const { inputs, targets } = this.request;
    const { circuit } = this.of.advised;
    const rate = async (given: { inputs?: ArrayLike<number>; nudge?: number }): Promise<Float64Array> => {
      const { exe, read } = await fieldAt(
        this.of.advised,
        {
          samples: 1,
          inputs: given.inputs ?? inputs,
          ...(targets !== undefined && { targets }),
          from: this.states,
          nudges: [{ re: given.nudge ?? 0, im: 0 }],
        },
        { solver: field },
      );
      await exe.run(1, 0);
      return Float64Array.from((await read()).flatMap((part) => [...part]));
    };
    let change: readonly [Float64Array, Float64Array, number];
    if (source === "nudge") change = [await rate({ nudge: 1 }), await rate({ nudge: -1 }), 2];
    else {
      const { input } = source;
      if (!(Number.isInteger(input) && input >= 0 && input < circuit.inputSize))
        throw new OhmletError({
          code: "DYN-UNIT",
          fact: `there is no input ${input}`,
          place: { where: circuit.name },
          remedy: `inputs: 0 to ${circuit.inputSize - 1}`,
        });
      const by = 1e-4 * Math.max(1, Math.abs(inputs[input]));
      const moved = (way: number): Float64Array =>
        Float64Array.from(inputs, (v, i) => (i === input ? v + way * by : v));
      change = [await rate({ inputs: moved(1) }), await rate({ inputs: moved(-1) }), 2 * by];
    }
    const [up, down, apart] = change;
    const found = within(
      up.map((v, i) => (v - down[i]) / apart),
      1,
      this.moving,
    );
    this.known.set(key, found);
    return found;
  }
}

/** The field and its Jacobian at states, internal units: a row of the program for each column. */
async function linearised(
  { advised }: Parts,
  { inputs }: SmallSignalRequest,
  blocks: readonly Block[],
  x: Float64Array,
): Promise<{ readonly rate: Float64Array; readonly matrix: Float64Array }> {
  const n = x.length;
  const planes = Object.fromEntries(
    blocks.map(({ name, size, offset, scale }) => [
      name,
      {
        re: tile(
          x.slice(offset, offset + size).map((u) => u * scale),
          n,
        ),
      },
    ]),
  );
  const given = { samples: n, inputs: tile(Float64Array.from(inputs), n), from: planes };
  const plain = await fieldAt(advised, given, { solver: field });
  await plain.exe.run(1, 0);
  const rate = Float64Array.from(
    (await plain.read()).flatMap((part) => [...part.subarray(0, part.length / n)]),
  );
  const { exe, read } = await fieldAt(advised, given, { solver: field, tangent: true });
  const states = await read();
  const linear = linearAt({ exe, populations: blocks.map(({ p }) => p), samples: n }, [states]);
  const columns = await linear.product(
    Array.from({ length: n }, (_, k) => Float64Array.from({ length: n }, (__, i) => (i === k ? 1 : 0))),
  );
  const matrix = new Float64Array(n * n);
  columns.forEach((column, k) => column.forEach((v, i) => (matrix[i * n + k] = v)));
  return { rate, matrix };
}

/** Places of the states that no bound holds. */
function movingOf(blocks: readonly Block[], x: Float64Array): Int32Array {
  return Int32Array.from(
    blocks.flatMap(({ p, size, offset }) => {
      const end = (e: Expression | null, none: number, i: number): number =>
        e === null
          ? none
          : evaluate(
              e,
              Object.fromEntries([...symbolsOf(e)].map((name) => [name, p.local.vectors[name]?.[i] ?? 0])),
            );
      return Array.from({ length: size }, (_, i) => i).flatMap((i) => {
        const u = x[offset + i];
        const held = u <= end(p.field.lower, -Infinity, i) || u >= end(p.field.upper, Infinity, i);
        return held ? [] : [offset + i];
      });
    }),
  );
}

/** Rows (and of a matrix columns) of some places. */
function within(values: Float64Array, n: number, places: Int32Array): Float64Array {
  if (n === 1) return Float64Array.from(places, (at) => values[at]);
  const out = new Float64Array(places.length ** 2);
  places.forEach((row, i) =>
    places.forEach((column, j) => (out[i * places.length + j] = values[row * n + column])),
  );
  return out;
}

/** Nodes of the graph: steps of a program, rows that move, what changed. */
import { usesOf as usesOfConnections } from "../../program/connections";
import { writesOf } from "../../program/dataflow";
import type { Operation, Program, Source } from "../../program/program";
import type { PhaseKey } from "../../random";
import { drawOnHost } from "../simd/host-draws";
import {
  changeKernel,
  measureKernel,
  putKernel,
  rowsKernel,
  turnedKernel,
  zeroKernel,
} from "./array-kernels";
import { argumentKey, argumentsOf, noiseName, type Argument, type ArgumentKind } from "./arguments";
import { canDraw, drawKernel, sizeOfWords, wordsOf } from "./draws";
import { compute, Value, type Kernels, type Size } from "./graph";
import { COUNT, isNoisy } from "./kernels";
import { readsTurned, Trace, type KernelSource } from "./trace";

/** Reads an array of a program as it is now. */
export type Reading = (kind: ArgumentKind, name: string) => Value;

/** What a chunk of steps led to. */
export interface Recorded {
  /** Buffers that it wrote and that somebody may want, by name. */
  readonly results: ReadonlyMap<string, Value>;
  /** A watched buffer before the last step. */
  before(name: string): Value;
}

/** The buffer of draws of a kernel. */
const drawn = (noise: string): string => `drawn ${noise}`;

/** Of which phases and steps draws are. */
type Draws = { readonly keys: readonly PhaseKey[]; readonly firstStep: number } | null;

/** Operations of one program that are the same in every chunk of so many steps. */
interface Plan {
  readonly taken: readonly Argument[];
  /** The same, reading as buffers what kernels draw. */
  readonly drawing: readonly Operation[];
  readonly results: readonly string[];
  readonly products: number;
}

export class Steps {
  private readonly plans = new Map<readonly Operation[], Plan>();
  private readonly wanted: ReadonlySet<string>;

  /**
   * @param name of all programs that do the same
   * @param id of this one: whose draws they are
   * @param owner of its kernels, where others cannot use them
   */
  constructor(
    private readonly name: string,
    private readonly id: string,
    private readonly owner: Kernels | undefined,
    private readonly program: Program,
    private readonly source: KernelSource & { readonly draws: "host" | "kernel" },
  ) {
    const { state, outputs, adjust = [], prelude } = program;
    this.wanted = new Set([
      ...state,
      ...outputs,
      ...prelude.flatMap(writesOf),
      ...adjust.flatMap(({ products }) => products.flatMap(({ pre, post }) => [pre, post])),
    ]);
  }

  record(
    what: string,
    operations: readonly Operation[],
    steps: number,
    read: Reading,
    draws: Draws = null,
  ): Recorded {
    const { program, source } = this;
    const { rows, buffers, watched } = program;
    const { taken, drawing, results, products } = this.planFor(operations);
    const { keys, firstStep } = draws ?? { keys: [], firstStep: 0 };
    const noisy = operations.some((operation) => operation.op === "map" && isNoisy(operation));
    const inputs = taken.map(({ kind, name, draw }) => {
      if (kind === "turned") return turned(read("weights", name));
      if (draw === undefined) return read(kind, name);
      if (this.draws(draw.out))
        return Value.given(
          wordsOf(keys, draw.stream, firstStep),
          sizeOfWords(keys.length),
          `${this.id} keys ${name}`,
        );
      const size = rows * buffers[draw.out];
      const values = new Float32Array(steps * size);
      for (let k = 0; k < steps; k++) drawOnHost(values, keys, draw.stream, firstStep + k, k * size, size);
      return Value.given(values, [buffers[draw.out], rows * steps], `${this.id} draws ${name}`);
    });
    const found = compute({
      key: `${this.name}.${what}${steps}`,
      owner: this.owner,
      inputs,
      sizes: [...results, ...watched].map((name): Size => [buffers[name], rows]),
      products: steps * products,
      steps,
      record: (call, handles) => {
        const trace = new Trace(
          program,
          new Map(taken.map(({ kind, name }, i) => [argumentKey(kind, name), handles[i]])),
          source,
          call,
        );
        const kernels = taken.flatMap(({ name, draw }, i) =>
          draw !== undefined && this.draws(draw.out)
            ? [{ name, words: handles[i], text: drawKernel(buffers[draw.out], rows, keys.length) }]
            : [],
        );
        let before: unknown[] = [];
        let count = noisy ? call(zeroKernel([1]), []) : null;
        for (let k = 0; k < steps; k++) {
          if (k === steps - 1) before = watched.map((name) => trace.buffer(name));
          if (noisy && k > 0) count = call(COUNT, [count]);
          for (const { name, words, text } of kernels) trace.put(drawn(name), call(text, [words, count]));
          trace.record(drawing, count);
        }
        return [...results.map((name) => trace.buffer(name)), ...before];
      },
    });
    return {
      results: new Map(results.map((name, k) => [name, found[k]])),
      before: (name) => found[results.length + watched.indexOf(name)],
    };
  }

  /** Whether a kernel draws for a buffer. */
  private draws(out: string): boolean {
    const { rows, buffers } = this.program;
    return this.source.draws === "kernel" && canDraw(rows * buffers[out]);
  }

  /** An operation that reads draws of a kernel as it reads buffers. */
  private drawing(operation: Operation): Operation {
    if (operation.op !== "map" || !isNoisy(operation) || !this.draws(operation.out)) return operation;
    const sources = Object.entries(operation.sources).map(([symbol, source]): [string, Source] => [
      symbol,
      source.from === "noise"
        ? { from: "buffer", name: drawn(noiseName(source.stream, operation.out)) }
        : source,
    ]);
    return { ...operation, sources: Object.fromEntries(sources) };
  }

  private planFor(operations: readonly Operation[]): Plan {
    let plan = this.plans.get(operations);
    if (plan === undefined) {
      const { rows, weights, watched } = this.program;
      const written = [...new Set(operations.flatMap(writesOf))];
      const terms = operations.flatMap((operation) => (operation.op === "project" ? operation.terms : []));
      // What runs once is done before weights would be turned over.
      const once = operations === this.program.prelude;
      plan = {
        taken: argumentsOf(
          operations,
          once ? [] : watched,
          (term) => !once && readsTurned(this.program, term, this.source.traits),
        ),
        drawing: operations.map((operation) => this.drawing(operation)),
        results: written.filter((name) => this.wanted.has(name)),
        products: terms.reduce(
          (sum, { weights: name, through }) =>
            sum +
            rows *
              (through === undefined ? weights[name].pre * weights[name].post : usesOfConnections(through)),
          0,
        ),
      };
      this.plans.set(operations, plan);
    }
    return plan;
  }
}

const zeroed = new Map<string, Value>();

/** An array of zeros: one for all of its size. */
export function zeros(size: Size): Value {
  const key = size.join();
  let found = zeroed.get(key);
  if (found === undefined) {
    [found] = compute({
      key: `zeros ${key}`,
      inputs: [],
      sizes: [size],
      zero: true,
      record: (call) => [call(zeroKernel(size), [])],
    });
    zeroed.set(key, found);
  }
  return found;
}

/** Rows of an array, over and over, in the place of all rows of another of so many columns and rows. */
export function repeatRows(
  from: Value,
  size: Size,
  of: { readonly groups: number; readonly taken: number; readonly given: number; readonly first: number },
): Value {
  const { groups, taken, given, first } = of;
  if (first === 0 && taken === given && size[1] === from.size[1]) return from;
  return compute({
    key: `rows ${size.join()} ${from.size.join()} ${groups} ${taken} ${given} ${first}`,
    inputs: [from],
    sizes: [size],
    record: (call, [handle]) => [call(rowsKernel(size, groups, taken, given, first), [handle])],
  })[0];
}

/** An array with some rows of it, from one on, replaced. */
export function putRows(into: Value, rows: Value, row: number): Value {
  const { size } = into;
  if (size[1] === rows.size[1]) return rows;
  return compute({
    key: `put ${size.join()} ${rows.size.join()} ${row}`,
    inputs: [into, rows],
    sizes: [size],
    record: (call, handles) => [call(putKernel(size, row, rows.size[1]), handles)],
  })[0];
}

const turnings = new WeakMap<Value, Value>();

/** An array with rows and columns exchanged: one of each, and turned twice it is itself. */
export function turned(value: Value): Value {
  const known = turnings.get(value);
  if (known !== undefined) return known;
  const [columns, rows] = value.size;
  const [found] = compute({
    key: `turned ${columns} ${rows}`,
    inputs: [value],
    sizes: [[rows, columns]],
    plain: true,
    record: (call, [handle]) => [call(turnedKernel([columns, rows]), [handle])],
  });
  turnings.set(value, found);
  turnings.set(found, value);
  return found;
}

/** The largest change of each row, [rows], NaN where one is not finite: buffers now and before, and what counts. */
export function changeOf(
  watched: readonly (readonly [now: Value, before: Value, times: number | undefined])[],
): Value | null {
  if (watched.length === 0) return null;
  const [
    [
      {
        size: [, rows],
      },
    ],
  ] = watched;
  const sizes = watched.map(([{ size }]) => size);
  const times = watched.map(([, , counts = 1]) => counts);
  return compute({
    key: `change ${sizes.map((size) => size.join()).join(";")} ${times.join()}`,
    inputs: watched.flatMap(([now, before]) => [now, before]),
    sizes: [[rows]],
    record: (call, handles) => [
      sizes.reduce<unknown>(
        (sofar, size, k) =>
          call(changeKernel(size, times[k], k > 0), [
            handles[2 * k],
            handles[2 * k + 1],
            ...(k > 0 ? [sofar] : []),
          ]),
        undefined,
      ),
    ],
  })[0];
}

/** The largest absolute value of each row of an array, and the sum of squares, [rows] each. */
export function measureOf(value: Value): { readonly largest: Value; readonly squares: Value } {
  const { size } = value;
  const [largest, squares] = compute({
    key: `measure ${size.join()}`,
    inputs: [value],
    sizes: [[size[1]], [size[1]]],
    record: (call, [handle]) => [
      call(measureKernel(size, false), [handle]),
      call(measureKernel(size, true), [handle]),
    ],
  });
  return { largest, squares };
}

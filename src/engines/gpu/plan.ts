/**
 * A chunk of steps as one GPU.js pipeline. The pipeline is built at its first call; after that a call uploads
 * the arguments, runs all steps back to back, and reads the results.
 */
import { Input, type GPU, type IPipelineRunShortcut } from "gpu.js";
import type { PhaseKey } from "../../random";
import { writesOf } from "../../program/dataflow";
import type { Operation, Program } from "../../program/program";
import { fillDraws, type HostExecutable } from "../host-executable";
import { argumentKey, argumentsOf, type Argument } from "./arguments";
import { COUNT, isNoisy } from "./kernels";
import { Trace, type Handle, type KernelSource } from "./trace";

/** What a pipeline hands back: an array a row of each result. */
export type Found = Readonly<Record<string, readonly Float32Array[]>>;

/** Which buffers a plan reads back, and of which it also wants the value before the last step. */
export interface Wanted {
  readonly results: readonly string[];
  readonly previous: readonly string[];
}

/** Key of the value before the last step in what a plan hands back. */
export const previousKey = (name: string): string => `previous:${name}`;

/**
 * Cells of the largest buffer from which threads pay. Each plan has workers of its own, which cost 0.2 s to
 * start; on two cores they were 1.07 times as fast at 5,120 cells, 1.5 times at 12,800 and 1.65 times at
 * 50,000. Bytes do not depend on them: a cell is computed by one thread, in the same order.
 */
const THREADED_CELLS = 8192;

export class Plan {
  readonly pipeline: IPipelineRunShortcut;
  private readonly taken: readonly Argument[];
  /** Draws of a chunk, by argument name; kept, so that no chunk allocates them anew. */
  private readonly draws: ReadonlyMap<string, Float32Array>;

  constructor(
    gpu: GPU,
    program: Program,
    operations: readonly Operation[],
    private readonly steps: number,
    { results, previous }: Wanted,
    kernels: KernelSource,
  ) {
    const taken = argumentsOf(operations, previous);
    this.taken = taken;
    const size = (out: string): number => steps * program.rows * program.buffers[out];
    this.draws = new Map(
      taken.flatMap(({ name, draw }) =>
        draw === undefined ? [] : [[name, new Float32Array(size(draw.out))]],
      ),
    );
    const noisy = operations.some((operation) => operation.op === "map" && isNoisy(operation));
    const orchestrate = (count: Handle, ...values: Handle[]): Record<string, Handle> => {
      const trace = new Trace(
        program,
        new Map(taken.map(({ kind, name }, i) => [argumentKey(kind, name), values[i]])),
        kernels,
      );
      const found: Record<string, Handle> = {};
      for (let k = 0; k < steps; k++) {
        if (k === steps - 1) for (const name of previous) found[previousKey(name)] = trace.buffer(name);
        if (noisy && k > 0) count = trace.call(COUNT, [count]);
        trace.record(operations, count);
      }
      for (const name of results) found[name] = trace.buffer(name);
      return found;
    };
    // GPU.js asks the function for its number of arguments; rest parameters do not count.
    Object.defineProperty(orchestrate, "length", { value: taken.length + 1 });
    this.pipeline = gpu.createPipeline(
      orchestrate as never,
      { threads: steps > 1 && largestOutput(program, operations) >= THREADED_CELLS } as never,
    );
  }

  /** Runs the chunk on the arrays of `host`; its first step is number `firstStep`. */
  async call(
    host: HostExecutable<Float32Array>,
    keys: readonly PhaseKey[],
    firstStep: number,
  ): Promise<Found> {
    const values = this.taken.map((argument) => this.valueOf(argument, host, keys, firstStep));
    return (await (this.pipeline as unknown as (...a: unknown[]) => Promise<unknown>)(
      packed(new Float32Array(1), [1]),
      ...values,
    )) as Found;
  }

  destroy(): void {
    this.pipeline.destroy();
  }

  private valueOf(
    { kind, name, draw }: Argument,
    { program, buffers, weights, vectors, rowValues, scalars }: HostExecutable<Float32Array>,
    keys: readonly PhaseKey[],
    firstStep: number,
  ): Input {
    const { rows, groups } = program;
    if (draw !== undefined) {
      const values = this.draws.get(name) as Float32Array;
      const size = rows * program.buffers[draw.out];
      for (let k = 0; k < this.steps; k++)
        fillDraws(values, keys, draw.stream, firstStep + k, k * size, size);
      return packed(values, [program.buffers[draw.out], rows * this.steps]);
    }
    switch (kind) {
      case "buffer":
        return packed(buffers[name], [program.buffers[name], rows]);
      case "weights":
        return packed(weights[name], [program.weights[name].post, program.weights[name].pre * groups]);
      case "vector":
        return packed(vectors[name], [program.vectors[name], groups]);
      case "row":
        return packed(rowValues[name], [rows]);
      default:
        // An array of one: a bare number that happens to be whole would be compiled as an integer, and again
        // when it is not.
        return packed(scalars[name], [1]);
    }
  }
}

/** A flat array as GPU.js takes it, with its size in the order columns, rows. */
function packed(values: Float32Array, size: readonly number[]): Input {
  return new Input(values as never, size as never);
}

function largestOutput({ rows, buffers }: Program, operations: readonly Operation[]): number {
  return rows * Math.max(...operations.flatMap(writesOf).map((name) => buffers[name]));
}

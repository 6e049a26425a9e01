/**
 * A program on GPU.js. Values live in host arrays between calls; a call uploads what the plan reads, runs a whole chunk of
 * steps as one pipeline, and reads states back: one crossing a chunk. Plans are kept by their number of steps.
 */
import { input, type GPU, type IKernelRunShortcut, type IPipelineRunShortcut } from "gpu.js";
import { OhmletError } from "../../errors";
import { fillNormals } from "../../random";
import type { Executable, Operation, Program, RunReport } from "../engine";
import { expectLength, validate } from "../validate";
import { argumentKey, argumentsOf, writesOf, type Argument } from "./arguments";
import type { KernelText } from "./kernels";
import { copiedBuffer, traceOperations, type Handle, type Handles } from "./trace";

/** Longest chunk: beyond, building a plan costs more than the crossings it saves. */
const LONGEST_CHUNK = 64;
/** Plans kept for each program. */
const MOST_PLANS = 8;
const PREVIOUS = "previous:";

type Arrays = Record<string, Float32Array>;

interface Plan {
  readonly pipeline: IPipelineRunShortcut;
  readonly arguments: readonly Argument[];
  /** Draws of a chunk, by argument name; kept, so that no chunk allocates them anew. */
  readonly draws: ReadonlyMap<string, Float32Array>;
}

export class GpuExecutable implements Executable {
  private readonly buffers: Arrays;
  private readonly weights: Arrays;
  private readonly vectors: Arrays;
  private readonly rowValues: Arrays;
  private readonly scalars: Record<string, Float32Array>;
  private readonly plans = new Map<string, Plan>();
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  private seed = 0;

  constructor(private readonly gpu: GPU, private readonly backend: string, private readonly program: Program, private readonly report: (executor: string) => void) {
    validate(program);
    const { rows, groups, buffers, weights, vectors } = program;
    const allocate = (names: readonly string[], length: (name: string) => number): Arrays => Object.fromEntries(names.map((name) => [name, new Float32Array(length(name))]));
    this.buffers = allocate(Object.keys(buffers), (name) => rows * buffers[name]);
    this.weights = allocate(Object.keys(weights), (name) => groups * weights[name].pre * weights[name].post);
    this.vectors = allocate(Object.keys(vectors), (name) => groups * vectors[name]);
    this.rowValues = allocate(program.rowValues, () => rows);
    this.scalars = allocate(program.scalars, () => 1);
  }

  write(buffer: string, values: ArrayLike<number>): void {
    expectLength("buffer", this.buffers, buffer, values.length).set(values);
  }

  setWeights(name: string, values: ArrayLike<number>): void {
    expectLength("weights", this.weights, name, values.length).set(values);
  }

  setVector(name: string, values: ArrayLike<number>): void {
    expectLength("vector", this.vectors, name, values.length).set(values);
  }

  setRowValues(name: string, values: ArrayLike<number>): void {
    expectLength("row values", this.rowValues, name, values.length).set(values);
  }

  setScalar(name: string, value: number): void {
    expectLength("scalar", this.scalars, name, 1).set([value]);
  }

  setSeed(seed: number): void {
    this.seed = seed;
  }

  async prepare(): Promise<void> {
    const { prelude } = this.program;
    const copies = prelude.filter((operation) => copiedBuffer(operation) !== null);
    const rest = prelude.filter((operation) => copiedBuffer(operation) === null);
    for (const operation of copies) this.buffers[(operation as { out: string }).out].set(this.buffers[copiedBuffer(operation) as string]);
    if (rest.length === 0) return;
    const written = rest.flatMap(writesOf);
    const plan = this.plan("prelude", rest, 1, written, []);
    this.store(await this.call(plan, 0, 1));
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    const { step, watched, outputs } = this.program;
    const written = new Set(step.flatMap(writesOf));
    const results = outputs.filter((name) => written.has(name));
    let previous: Arrays = {};
    for (let done = 0; done < steps; ) {
      const chunk = Math.min(LONGEST_CHUNK, steps - done);
      const plan = this.plan(`${chunk} steps`, step, chunk, results, chunk > 1 ? watched : []);
      if (chunk === 1) previous = Object.fromEntries(watched.map((name) => [name, this.buffers[name].slice()]));
      const found = await this.call(plan, firstStep + done, chunk);
      if (chunk > 1) previous = Object.fromEntries(watched.map((name) => [name, flatten(found[PREVIOUS + name], new Float32Array(this.buffers[name].length))]));
      this.store(found);
      done += chunk;
    }
    return { residual: this.residual(previous) };
  }

  async read(buffer: string): Promise<Float64Array> {
    return Float64Array.from(expectLength("buffer", this.buffers, buffer));
  }

  dispose(): void {
    for (const { pipeline } of this.plans.values()) pipeline.destroy();
    this.plans.clear();
    for (const kernel of this.kernels.values()) kernel.destroy();
    this.kernels.clear();
  }

  private plan(key: string, operations: readonly Operation[], steps: number, results: readonly string[], watched: readonly string[]): Plan {
    const kept = this.plans.get(key);
    if (kept !== undefined) return kept;
    this.forgetOldPlans();
    const taken = argumentsOf(operations);
    // State that no operation reads is still carried: it needs no argument.
    const orchestrate = (...values: Handle[]): Record<string, Handle> => {
      const handles: Handles = new Map(taken.map(({ kind, name }, i) => [argumentKey(kind, name), values[i]]));
      const before: Record<string, Handle> = {};
      for (let k = 0; k < steps; k++) {
        if (k === steps - 1) for (const name of watched) before[PREVIOUS + name] = handles.get(argumentKey("buffer", name));
        traceOperations(this.program, operations, handles, k, (text) => this.kernel(text));
      }
      return { ...Object.fromEntries(results.map((name) => [name, handles.get(argumentKey("buffer", name))])), ...before };
    };
    // GPU.js asks the function for its number of arguments; rest parameters do not count.
    Object.defineProperty(orchestrate, "length", { value: taken.length });
    const draws = new Map(taken.filter((a) => a.kind === "noise").map((a) => [a.name, new Float32Array(steps * this.program.rows * this.program.buffers[a.out as string])]));
    const plan: Plan = { pipeline: this.gpu.createPipeline(orchestrate as never), arguments: taken, draws };
    this.plans.set(key, plan);
    return plan;
  }

  private forgetOldPlans(): void {
    if (this.plans.size < MOST_PLANS) return;
    const [[key, oldest]] = this.plans;
    oldest.pipeline.destroy();
    this.plans.delete(key);
  }

  private kernel({ source, output }: KernelText): IKernelRunShortcut {
    const key = `${output.join()} ${source}`;
    let kernel = this.kernels.get(key);
    if (kernel === undefined) {
      kernel = this.gpu.createKernel(source as never, { output: [...output], precision: "single" });
      this.kernels.set(key, kernel);
    }
    return kernel;
  }

  private async call({ pipeline, arguments: taken, draws }: Plan, firstStep: number, steps: number): Promise<Record<string, Float32Array[]>> {
    const values = taken.map((argument) => this.valueOf(argument, draws, firstStep, steps));
    const found = (await (pipeline as unknown as (...a: unknown[]) => Promise<unknown>)(...values)) as Record<string, Float32Array[]>;
    if (pipeline.backend !== this.backend) {
      throw new OhmletError({
        code: "ENGINE-BACKEND",
        fact: `GPU.js ran this on ${pipeline.backend}, not on ${this.backend}: ${pipeline.fallbackReason ?? "it gives no reason"}`,
        place: { where: `gpu:${this.backend}` },
        remedy: 'use "gpu:cpu" or "reference"',
        category: "run",
      });
    }
    this.report(pipeline.executorKind ?? "unknown");
    return found;
  }

  private valueOf({ kind, name, stream }: Argument, draws: ReadonlyMap<string, Float32Array>, firstStep: number, steps: number): unknown {
    const { rows, groups, buffers, weights, vectors } = this.program;
    switch (kind) {
      case "buffer":
        return input(this.buffers[name], [buffers[name], rows]);
      case "weights":
        return input(this.weights[name], [weights[name].post, weights[name].pre * groups]);
      case "vector":
        return input(this.vectors[name], groups === 1 ? [vectors[name]] : [vectors[name], groups]);
      case "row":
        return input(this.rowValues[name], [rows]);
      case "scalar":
        return this.scalars[name][0];
      case "noise": {
        const values = draws.get(name) as Float32Array;
        const size = values.length / steps;
        for (let k = 0; k < steps; k++) fillNormals(values, this.seed, stream as number, firstStep + k, k * size, size);
        return input(values, [size / rows, rows * steps]);
      }
    }
  }

  private store(found: Record<string, Float32Array[]>): void {
    for (const [name, rows] of Object.entries(found)) if (!name.startsWith(PREVIOUS)) flatten(rows, this.buffers[name]);
  }

  private residual(previous: Arrays): Float64Array {
    const { rows, watched, buffers } = this.program;
    const residual = new Float64Array(rows);
    for (const name of watched) {
      const [now, before, width] = [this.buffers[name], previous[name], buffers[name]];
      for (let r = 0; r < rows; r++) {
        for (let k = r * width; k < (r + 1) * width; k++) {
          const change = Math.abs(now[k] - before[k]);
          if (!Number.isFinite(now[k])) residual[r] = Number.NaN;
          else if (change > residual[r]) residual[r] = change;
        }
      }
    }
    return residual;
  }
}

/** GPU.js hands back an array a row. */
function flatten(rows: readonly Float32Array[], out: Float32Array): Float32Array {
  rows.forEach((row, r) => out.set(row, r * row.length));
  return out;
}

/**
 * The reference engine: plain float64 JavaScript, small and obvious, the judge of all others. It interprets a program as
 * the contract says and takes no short cuts; it is not meant to be fast.
 */
import type { Engine, EngineInfo, Executable, MapOperation, NormaliseOperation, Operation, Program, ProjectOperation, RunReport } from "../engine";
import { expectLength, validate } from "../validate";
import { generateMap, type MapKernel } from "./map";
import { fillNormals } from "../../random";

export function createReference(requested = "reference"): Engine {
  const info: EngineInfo = { requested, name: "reference", precision: "float64" };
  return { info, compile: (program) => new ReferenceExecutable(program), correlate, dispose: () => undefined };
}

async function correlate(pre: ArrayLike<number>, post: ArrayLike<number>, rows: number, preWidth: number, postWidth: number): Promise<Float64Array> {
  const out = new Float64Array(preWidth * postWidth);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < preWidth; i++) {
      const x = pre[r * preWidth + i];
      for (let j = 0; j < postWidth; j++) out[i * postWidth + j] += x * post[r * postWidth + j];
    }
  }
  return out;
}

type Arrays = Record<string, Float64Array>;

const allocate = (names: readonly string[], length: (name: string) => number): Arrays => Object.fromEntries(names.map((name) => [name, new Float64Array(length(name))]));

class ReferenceExecutable implements Executable {
  private readonly buffers: Arrays;
  private readonly weights: Arrays;
  private readonly vectors: Arrays;
  private readonly rowValues: Arrays;
  private readonly scalars: Arrays;
  private readonly previous: Arrays;
  private readonly prelude: readonly (() => void)[];
  private readonly step: readonly (() => void)[];
  private seed = 0;
  private stepNumber = 0;

  constructor(private readonly program: Program) {
    validate(program);
    const { rows, groups, buffers, weights, vectors } = program;
    this.buffers = allocate(Object.keys(buffers), (name) => rows * buffers[name]);
    this.weights = allocate(Object.keys(weights), (name) => groups * weights[name].pre * weights[name].post);
    this.vectors = allocate(Object.keys(vectors), (name) => groups * vectors[name]);
    this.rowValues = allocate(program.rowValues, () => rows);
    this.scalars = allocate(program.scalars, () => 1);
    this.previous = allocate(program.watched, (name) => rows * buffers[name]);
    this.prelude = program.prelude.map((operation) => this.bind(operation));
    this.step = program.step.map((operation) => this.bind(operation));
  }

  write(buffer: string, values: ArrayLike<number>): void {
    this.set("buffer", this.buffers, buffer, values);
  }

  setWeights(name: string, values: ArrayLike<number>): void {
    this.set("weights", this.weights, name, values);
  }

  setVector(name: string, values: ArrayLike<number>): void {
    this.set("vector", this.vectors, name, values);
  }

  setRowValues(name: string, values: ArrayLike<number>): void {
    this.set("row values", this.rowValues, name, values);
  }

  setScalar(name: string, value: number): void {
    this.set("scalar", this.scalars, name, [value]);
  }

  setSeed(seed: number): void {
    this.seed = seed;
  }

  async prepare(): Promise<void> {
    for (const operation of this.prelude) operation();
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    for (let k = 0; k < steps; k++) {
      this.stepNumber = firstStep + k;
      if (k === steps - 1) for (const name of this.program.watched) this.previous[name].set(this.buffers[name]);
      for (const operation of this.step) operation();
    }
    return { residual: this.residual() };
  }

  async read(buffer: string): Promise<Float64Array> {
    return expectLength("buffer", this.buffers, buffer).slice();
  }

  dispose(): void {
    // Plain arrays: nothing to give back.
  }

  private set(kind: string, arrays: Arrays, name: string, values: ArrayLike<number>): void {
    expectLength(kind, arrays, name, values.length).set(values);
  }

  private bind(operation: Operation): () => void {
    if (operation.op === "map") return this.bindMap(operation);
    return operation.op === "project" ? this.bindProject(operation) : this.bindNormalise(operation);
  }

  private bindMap({ out, expression, sources }: MapOperation): () => void {
    const { rows, groups, buffers } = this.program;
    const width = buffers[out];
    const kernel: MapKernel = generateMap(expression, sources);
    const draws: { stream: number; values: Float64Array }[] = [];
    const arrays = kernel.sources.map((source): Float64Array => {
      if (source.from === "buffer") return this.buffers[source.name];
      if (source.from === "vector") return this.vectors[source.name];
      if (source.from === "row") return this.rowValues[source.name];
      if (source.from === "scalar") return this.scalars[source.name];
      const values = new Float64Array(rows * width);
      draws.push({ stream: source.stream, values });
      return values;
    });
    const target = this.buffers[out];
    return () => {
      for (const { stream, values } of draws) fillNormals(values, this.seed, stream, this.stepNumber);
      kernel.run(target, arrays, rows, width, rows / groups);
    };
  }

  private bindProject({ out, plus, terms }: ProjectOperation): () => void {
    const { rows, groups, buffers, weights } = this.program;
    const width = buffers[out];
    const target = this.buffers[out];
    const start = plus === undefined ? null : this.buffers[plus];
    const bound = terms.map((t) => ({ from: this.buffers[t.from], w: this.weights[t.weights], pre: weights[t.weights].pre }));
    const perGroup = rows / groups;
    return () => {
      if (start === null) target.fill(0);
      else target.set(start);
      for (const { from, w, pre } of bound) {
        for (let r = 0; r < rows; r++) {
          const group = Math.floor(r / perGroup) * pre * width;
          for (let i = 0; i < pre; i++) {
            const x = from[r * pre + i];
            for (let j = 0; j < width; j++) target[r * width + j] += x * w[group + i * width + j];
          }
        }
      }
    };
  }

  private bindNormalise({ from, out }: NormaliseOperation): () => void {
    const { rows, buffers } = this.program;
    const width = buffers[out.re];
    const [re, im] = [this.buffers[from.re], from.im === undefined ? null : this.buffers[from.im]];
    const [outRe, outIm] = [this.buffers[out.re], out.im === undefined ? null : this.buffers[out.im]];
    return () => {
      for (let r = 0; r < rows; r++) {
        const at = r * width;
        let largest = -Infinity;
        for (let j = 0; j < width; j++) largest = Math.max(largest, re[at + j]);
        let [sumRe, sumIm] = [0, 0];
        for (let j = 0; j < width; j++) {
          const size = Math.exp(re[at + j] - largest);
          const angle = im === null ? 0 : im[at + j];
          sumRe += size * Math.cos(angle);
          sumIm += size * Math.sin(angle);
        }
        const norm = sumRe * sumRe + sumIm * sumIm;
        for (let j = 0; j < width; j++) {
          const size = Math.exp(re[at + j] - largest);
          const angle = im === null ? 0 : im[at + j];
          const [a, b] = [size * Math.cos(angle), size * Math.sin(angle)];
          outRe[at + j] = (a * sumRe + b * sumIm) / norm;
          if (outIm !== null) outIm[at + j] = (b * sumRe - a * sumIm) / norm;
        }
      }
    };
  }

  private residual(): Float64Array {
    const { rows, watched, buffers } = this.program;
    const residual = new Float64Array(rows);
    for (const name of watched) {
      const [now, before, width] = [this.buffers[name], this.previous[name], buffers[name]];
      for (let k = 0; k < now.length; k++) {
        const r = Math.floor(k / width);
        const change = Math.abs(now[k] - before[k]);
        // NaN where either is not finite, and a NaN stays: comparisons with it are false.
        if (!Number.isFinite(now[k])) residual[r] = Number.NaN;
        else if (change > residual[r]) residual[r] = change;
      }
    }
    return residual;
  }
}

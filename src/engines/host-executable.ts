/**
 * What every engine does alike: the arrays of a compiled program on the host, set and read by name, and the residual.
 * An engine adds how operations run.
 */
import { OhmletError } from "../errors";
import { readableBuffers, writableBuffers, writesOf } from "./dataflow";
import type { Executable, Program, RunReport } from "./engine";
import { failProgram, validate } from "./validate";

export type Arrays<T> = Readonly<Record<string, T>>;
type FloatArray = Float32Array | Float64Array;

export abstract class HostExecutable<T extends FloatArray> implements Executable {
  /** [rows, width] each. */
  readonly buffers: Arrays<T>;
  /** [groups, pre, post]. */
  readonly weights: Arrays<T>;
  /** [groups, width]. */
  readonly vectors: Arrays<T>;
  /** [rows]. */
  readonly rowValues: Arrays<T>;
  /** [1]. */
  readonly scalars: Arrays<T>;
  /** Buffers that a step changes and that outlive it. */
  protected readonly results: readonly string[];
  protected seed = 0;
  private readonly writable: ReadonlySet<string>;
  private readonly readable: ReadonlySet<string>;

  /** @throws OhmletError ENGINE-PROGRAM */
  constructor(readonly program: Program, private readonly make: (length: number) => T) {
    validate(program);
    const { rows, groups, buffers, weights, vectors, rowValues, scalars } = program;
    this.buffers = this.allocate(Object.keys(buffers), (name) => rows * buffers[name]);
    this.weights = this.allocate(Object.keys(weights), (name) => groups * weights[name].pre * weights[name].post);
    this.vectors = this.allocate(Object.keys(vectors), (name) => groups * vectors[name]);
    this.rowValues = this.allocate(rowValues, () => rows);
    this.scalars = this.allocate(scalars, () => 1);
    this.writable = writableBuffers(program);
    this.readable = readableBuffers(program);
    const written = new Set(program.step.flatMap(writesOf));
    this.results = [...new Set([...program.state, ...program.outputs])].filter((name) => written.has(name));
  }

  /** A second set of arrays for some of the buffers. */
  protected copies(names: readonly string[]): Arrays<T> {
    return this.allocate(names, (name) => this.buffers[name].length);
  }

  /** @throws OhmletError ENGINE-PROGRAM for a buffer that the program computes itself, ENGINE-SHAPE for a wrong length */
  write(buffer: string, values: ArrayLike<number>): void {
    if (!this.writable.has(buffer)) failProgram(`"${buffer}" is neither state nor an input`, "write");
    set("buffer", this.buffers, buffer, values);
  }

  setWeights(name: string, values: ArrayLike<number>): void {
    set("weights", this.weights, name, values);
  }

  setVector(name: string, values: ArrayLike<number>): void {
    set("vector", this.vectors, name, values);
  }

  setRowValues(name: string, values: ArrayLike<number>): void {
    set("row values", this.rowValues, name, values);
  }

  setScalar(name: string, value: number): void {
    set("scalar", this.scalars, name, [value]);
  }

  setSeed(seed: number): void {
    if (!Number.isSafeInteger(seed) || seed < 0) throw new OhmletError({ code: "ENGINE-SEED", fact: `${seed} is not a seed`, remedy: "give a whole number from 0 to 2^53 - 1" });
    this.seed = seed;
  }

  abstract prepare(): Promise<void>;
  abstract run(steps: number, firstStep: number): Promise<RunReport>;
  abstract dispose(): void;

  /** @throws OhmletError ENGINE-PROGRAM for a buffer that is no output */
  async read(buffer: string): Promise<Float64Array> {
    if (!this.readable.has(buffer)) failProgram(`"${buffer}" is no output`, "read");
    return Float64Array.from(this.buffers[buffer]);
  }

  /** @throws OhmletError ENGINE-PROGRAM unless `steps` is a positive integer and all step numbers fit 32 bits */
  protected checkRun(steps: number, firstStep: number): void {
    if (!Number.isInteger(steps) || steps < 1) failProgram(`${steps} steps`, "run");
    if (!Number.isInteger(firstStep) || firstStep < 0 || firstStep + steps > 2 ** 32) failProgram(`steps from ${firstStep}`, "run");
  }

  /** Largest change of a watched unit against `before`, [rows]; NaN where a watched value is not finite. */
  protected residual(before: Arrays<ArrayLike<number>>): Float64Array {
    const { rows, watched, buffers } = this.program;
    const residual = new Float64Array(rows);
    for (const name of watched) {
      const [now, old, width] = [this.buffers[name], before[name], buffers[name]];
      for (let r = 0; r < rows; r++) {
        let largest = residual[r];
        for (let k = r * width; k < (r + 1) * width; k++) {
          const change = Math.abs(now[k] - old[k]);
          // A NaN stays: no comparison with it holds.
          if (!Number.isFinite(now[k])) largest = Number.NaN;
          else if (change > largest) largest = change;
        }
        residual[r] = largest;
      }
    }
    return residual;
  }

  private allocate(names: readonly string[], length: (name: string) => number): Arrays<T> {
    return Object.fromEntries(names.map((name) => [name, this.make(length(name))]));
  }
}

function set(kind: string, arrays: Arrays<FloatArray>, name: string, values: ArrayLike<number>): void {
  if (!Object.hasOwn(arrays, name)) failProgram(`there are no ${kind} "${name}"`, "executable");
  const array = arrays[name];
  if (values.length !== array.length) {
    throw new OhmletError({ code: "ENGINE-SHAPE", fact: `${kind} "${name}" take ${array.length} values, not ${values.length}`, place: { where: "executable" }, remedy: "give one value for each row and unit" });
  }
  array.set(values);
}

/**
 * What engines do alike that keep a program's arrays on the host: the arrays, set and read by name, and the
 * residual. An engine adds how operations run.
 */
import { fillPhaseNormals, type PhaseKey } from "../random";
import { writesOf } from "../program/dataflow";
import type { Program } from "../program/program";
import { NamedExecutable, type Kind } from "./named-executable";
import type { Watched } from "./residual";
import type { Room } from "./room";

export type Arrays<T> = Readonly<Record<string, T>>;
type FloatArray = Float32Array | Float64Array;

export abstract class HostExecutable<T extends FloatArray> extends NamedExecutable {
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
  private disposed = false;

  /** @throws OhmletError ENGINE-PROGRAM, ENGINE-MEMORY */
  constructor(
    program: Program,
    private readonly room: Room,
    private readonly make: (length: number) => T,
  ) {
    super(program);
    room.take(program);
    const { rows, groups, buffers, weights, vectors, rowValues, scalars } = program;
    this.buffers = this.allocate(Object.keys(buffers), (name) => rows * buffers[name]);
    this.weights = this.allocate(
      Object.keys(weights),
      (name) => groups * weights[name].pre * weights[name].post,
    );
    this.vectors = this.allocate(Object.keys(vectors), (name) => groups * vectors[name]);
    this.rowValues = this.allocate(rowValues, () => rows);
    this.scalars = this.allocate(scalars, () => 1);
    const written = new Set(program.step.flatMap(writesOf));
    this.results = [...new Set([...program.state, ...program.outputs])].filter((name) => written.has(name));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.room.give(this.program);
  }

  /** A second set of arrays for some of the buffers. */
  protected copies(names: readonly string[]): Arrays<T> {
    return this.allocate(names, (name) => this.buffers[name].length);
  }

  protected assign(kind: Kind, name: string, values: ArrayLike<number>): void {
    this.arraysOf(kind)[name].set(values);
  }

  protected copyOf(buffer: string): Float64Array {
    return Float64Array.from(this.buffers[buffer]);
  }

  /** The watched buffers now, against what they were before. */
  protected watchedSince(
    before: Arrays<ArrayLike<number>>,
    now: Arrays<ArrayLike<number>> = this.buffers,
  ): Watched[] {
    const { watched, buffers, counts = {} } = this.program;
    return watched.map((name) => ({
      now: now[name],
      before: before[name],
      width: buffers[name],
      stride: buffers[name],
      times: counts[name] ?? 1,
    }));
  }

  private arraysOf(kind: Kind): Arrays<T> {
    switch (kind) {
      case "buffer":
        return this.buffers;
      case "weights":
        return this.weights;
      case "vector":
        return this.vectors;
      case "row values":
        return this.rowValues;
      case "scalar":
        return this.scalars;
    }
  }

  private allocate(names: readonly string[], length: (name: string) => number): Arrays<T> {
    return Object.fromEntries(names.map((name) => [name, this.make(length(name))]));
  }
}

/** A step's draws of all rows, each block of them by its key. */
export function fillDraws(
  out: FloatArray,
  keys: readonly PhaseKey[],
  stream: number,
  step: number,
  offset = 0,
  count = out.length,
): void {
  const each = count / keys.length;
  keys.forEach((key, k) => fillPhaseNormals(out, key, stream, step, offset + k * each, each));
}

/**
 * A program in a WebAssembly module of its own. All arrays live in the module's memory, and the host keeps none: it converts
 * what is set and read, draws the noise of a chunk, and makes one call a chunk; without noise, one a run.
 */
import { fillNormals } from "../../random";
import type { Program, RunReport } from "../engine";
import { NamedExecutable, type Kind } from "../named-executable";
import { residualOf } from "../residual";
import { layOut, strideOf, type Layout } from "./layout";
import { packWeights, pad, unpad } from "./pack";
import { moduleOf } from "./program-module";
import { instantiate, type Instance } from "./webassembly";

export class SimdExecutable extends NamedExecutable {
  private readonly layout: Layout;
  /** Null once it is disposed of: the memory goes with it. */
  private instance: Instance | null;

  /** @throws OhmletError ENGINE-PROGRAM, ENGINE-MEMORY */
  constructor(program: Program) {
    super(program);
    this.layout = layOut(program);
    this.instance = instantiate(moduleOf(program, this.layout), this.layout.pages);
  }

  async prepare(): Promise<void> {
    this.running.exports.prelude();
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    const { exports } = this.running;
    for (let done = 0; done < steps; ) {
      const chunk = Math.min(this.layout.chunk, steps - done);
      this.draw(chunk, firstStep + done);
      done += chunk;
      exports.run(chunk, done === steps ? 1 : 0);
    }
    return { residual: this.residual() };
  }

  dispose(): void {
    this.instance = null;
  }

  protected assign(kind: Kind, name: string, values: ArrayLike<number>): void {
    const { rows, groups, buffers, weights, vectors } = this.program;
    switch (kind) {
      case "buffer":
        return pad(this.view(this.layout.buffers[name], rows * strideOf(buffers[name])), values, buffers[name], strideOf(buffers[name]));
      case "vector":
        return pad(this.view(this.layout.vectors[name], groups * strideOf(vectors[name])), values, vectors[name], strideOf(vectors[name]));
      case "weights": {
        const { pre, post } = weights[name];
        return packWeights(this.view(this.layout.weights[name], groups * pre * strideOf(post)), values, groups, pre, post);
      }
      case "row values":
        return this.view(this.layout.rowValues[name], rows).set(values);
      case "scalar":
        return this.view(this.layout.scalars[name], 1).set(values);
    }
  }

  protected copyOf(buffer: string): Float64Array {
    const { rows, buffers } = this.program;
    const stride = strideOf(buffers[buffer]);
    return unpad(this.view(this.layout.buffers[buffer], rows * stride), rows, buffers[buffer], stride);
  }

  private get running(): Instance {
    if (this.instance === null) throw new Error("the executable has been disposed of");
    return this.instance;
  }

  private view(address: number, length: number): Float32Array {
    return new Float32Array(this.running.memory, address, length);
  }

  private draw(steps: number, firstStep: number): void {
    for (const { stream, address, count } of this.layout.noise.values()) {
      const draws = this.view(address, steps * count);
      for (let k = 0; k < steps; k++) fillNormals(draws, this.seed, stream, firstStep + k, k * count, count);
    }
  }

  private residual(): Float64Array {
    const { rows, watched, buffers } = this.program;
    return residualOf(rows, watched.map((name) => {
      const stride = strideOf(buffers[name]);
      const of = (address: number): Float32Array => this.view(address, rows * stride);
      return { now: of(this.layout.buffers[name]), before: of(this.layout.previous[name]), width: buffers[name], stride };
    }));
  }
}

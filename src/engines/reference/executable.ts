/** A program as a list of plain functions over float64 arrays. Nothing is allocated while it runs. */
import type { Operation, Program, RunReport } from "../engine";
import { HostExecutable, type Arrays } from "../host-executable";
import { bindMap, type Clock } from "./map";
import { bindNormalise } from "./normalise";
import { bindProject } from "./project";

export class ReferenceExecutable extends HostExecutable<Float64Array> {
  private readonly previous: Arrays<Float64Array>;
  private readonly clock: Clock = { keys: [], step: 0 };
  private readonly prelude: readonly (() => void)[];
  private readonly step: readonly (() => void)[];

  constructor(program: Program) {
    super(program, (length) => new Float64Array(length));
    this.previous = this.copies(program.watched);
    this.prelude = program.prelude.map((operation) => this.bind(operation));
    this.step = program.step.map((operation) => this.bind(operation));
  }

  async prepare(): Promise<void> {
    for (const operation of this.prelude) operation();
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    this.clock.keys = this.keys;
    for (let k = 0; k < steps; k++) {
      this.clock.step = firstStep + k;
      if (k === steps - 1) for (const name of this.program.watched) this.previous[name].set(this.buffers[name]);
      for (const operation of this.step) operation();
    }
    return { residual: this.residual(this.previous) };
  }

  dispose(): void {
    // Plain arrays: nothing to give back.
  }

  private bind(operation: Operation): () => void {
    switch (operation.op) {
      case "map":
        return bindMap(this, operation, this.clock);
      case "project":
        return bindProject(this, operation);
      case "normalise":
        return bindNormalise(this, operation);
    }
  }
}

/** A program as a list of plain functions over float64 arrays. Nothing is allocated while it runs. */
import { expectGoing, type Stop } from "../../errors";
import type { Operation, Program, RunReport } from "../engine";
import { HostExecutable, type Arrays } from "../host-executable";
import type { Room } from "../room";
import { bindMap, type Clock } from "./map";
import { bindNormalise } from "./normalise";
import { bindProject } from "./project";

export class ReferenceExecutable extends HostExecutable<Float64Array> {
  private readonly previous: Arrays<Float64Array>;
  private readonly clock: Clock = { seeds: [0], step: 0 };
  private readonly prelude: readonly (() => void)[];
  private readonly step: readonly (() => void)[];

  constructor(program: Program, room: Room, private readonly stop?: Stop) {
    super(program, room, (length) => new Float64Array(length));
    this.previous = this.copies(program.watched);
    this.prelude = program.prelude.map((operation) => this.bind(operation));
    this.step = program.step.map((operation) => this.bind(operation));
  }

  async prepare(): Promise<void> {
    for (const operation of this.prelude) operation();
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    this.clock.seeds = this.seeds;
    for (let k = 0; k < steps; k++) {
      expectGoing(this.stop);
      this.clock.step = firstStep + k;
      if (k === steps - 1) for (const name of this.program.watched) this.previous[name].set(this.buffers[name]);
      for (const operation of this.step) operation();
    }
    return { residual: this.residual(this.previous) };
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

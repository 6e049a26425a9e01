/** A program as a list of plain functions over float64 arrays. Nothing is allocated while it runs. */
import { expectGoing, type Stop } from "../../errors";
import { RUNAWAY, type RunReport, type SettleReport, type SettleRequest } from "../engine";
import type { Operation, Program } from "../../program/program";
import { failProgram } from "../../program/validate";
import { HostExecutable, type Arrays } from "../host-executable";
import { makeMixing, SLOTS } from "../mixing";
import { Past } from "../past";
import { fillResidual, residualOf, shiftOf, type Watched } from "../residual";
import type { Room } from "../room";
import { contractionOf, makeSettling } from "../settling";
import { bindMap, type Clock, type Rows } from "./map";
import { bindNormalise } from "./normalise";
import { bindProject } from "./project";
import type { bindSolve } from "./solve";
import { rowSwap } from "./swap";

const settleRows = makeSettling(SLOTS, RUNAWAY);

export class ReferenceExecutable extends HostExecutable<Float64Array> {
  private readonly previous: Arrays<Float64Array>;
  private readonly watched: readonly Watched[];
  private readonly clock: Clock = { keys: [], step: 0 };
  private readonly prelude: readonly Rows[];
  private readonly step: readonly Rows[];
  private readonly judge: readonly Rows[];

  constructor(
    program: Program,
    room: Room,
    private readonly stop?: Stop,
    private readonly solving?: typeof bindSolve,
  ) {
    super(program, room, (length) => new Float64Array(length));
    this.previous = this.copies(program.watched);
    this.watched = this.watchedSince(this.previous);
    this.prelude = program.prelude.map((operation) => this.bind(operation));
    this.step = program.step.map((operation) => this.bind(operation));
    this.judge = program.judge?.map((operation) => this.bind(operation)) ?? this.step;
  }

  async prepare(): Promise<void> {
    for (const operation of this.prelude) operation(0, this.program.rows);
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    const { rows } = this.program;
    this.clock.keys = this.keys;
    for (let k = 0; k < steps; k++) {
      expectGoing(this.stop);
      this.clock.step = firstStep + k;
      if (k === steps - 1) this.keep(0, rows);
      for (const operation of this.step) operation(0, rows);
    }
    return { residual: residualOf(rows, this.watched) };
  }

  /** A step at once, without noise: for who cannot wait. */
  stepOnce(): void {
    for (const operation of this.step) operation(0, this.program.rows);
  }

  async settle(request: SettleRequest): Promise<SettleReport> {
    this.checkSettle(request);
    const { rows, groups, watched, buffers } = this.program;
    const {
      steps,
      tolerance,
      judgedFrom = tolerance,
      mixing,
      slow = 0,
      scales = new Float64Array(rows).fill(1),
      least = new Int32Array(rows),
      relative = new Uint8Array(rows),
    } = request;
    const sinceStart =
      request.relative === undefined
        ? []
        : this.watchedSince(Object.fromEntries(watched.map((name) => [name, this.buffers[name].slice()])));
    const moved = new Float64Array(rows);
    const swapRows = rowSwap(this, this.previous, moved);
    const past = mixing
      ? new Past(
          rows,
          watched.map((name) => ({
            now: this.buffers[name],
            before: this.previous[name],
            width: buffers[name],
          })),
        )
      : null;
    const taken = new Int32Array(rows);
    const marks = new Float64Array(2 * rows);
    const order = Array.from({ length: rows }, (_, row) => row);
    const mixed = mixing ? makeMixing(SLOTS) : null;
    if (mixing) mixed?.reset(rows, mixing);
    const take = (operations: readonly Rows[], from: number, to: number): void => {
      this.keep(from, to);
      for (const operation of operations) operation(from, to);
      fillResidual(moved, this.watched, from, to);
    };
    const work = {
      step: (from: number, to: number) => take(this.step, from, to),
      judge: (from: number, to: number) => {
        take(this.judge, from, to);
        for (const name of watched)
          this.buffers[name].set(
            this.previous[name].subarray(from * buffers[name], to * buffers[name]),
            from * buffers[name],
          );
      },
      stopped: () => this.stop?.aborted === true,
      swap: swapRows,
      shift: (position: number, row: number) => shiftOf(sinceStart, position, row),
      remember: (position: number, row: number, slot: number) => (past as Past).remember(position, row, slot),
      mix: (position: number, row: number, _slot: number, weights: Float64Array) =>
        (past as Past).mix(position, row, weights),
    };
    // Rows of different groups never change places.
    for (let first = 0; first < rows; first += rows / groups)
      settleRows(
        work,
        {
          most: steps,
          tolerance,
          judgedFrom,
          scales,
          least,
          relative,
          moved,
          taken,
          marks,
          mixing: mixed,
          slow,
        },
        first,
        first + rows / groups,
        order,
      );
    expectGoing(this.stop);
    return {
      residual: moved,
      steps: taken,
      contraction: contractionOf(moved, taken, marks),
      ...(request.relative !== undefined && { shifts: moved.map((_, row) => shiftOf(sinceStart, row)) }),
    };
  }

  /** Keeps the watched buffers as they are before a step. */
  private keep(from: number, to: number): void {
    const { watched, buffers } = this.program;
    for (const name of watched)
      this.previous[name].set(
        this.buffers[name].subarray(from * buffers[name], to * buffers[name]),
        from * buffers[name],
      );
  }

  private bind(operation: Operation): Rows {
    switch (operation.op) {
      case "map":
        return bindMap(this, operation, this.clock);
      case "project":
        return bindProject(this, operation);
      case "normalise":
        return bindNormalise(this, operation);
      case "solve":
        return (this.solving ?? failProgram("programs that solve come unannounced", "solve"))(
          this,
          operation,
        );
    }
  }
}

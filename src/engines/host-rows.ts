/**
 * Rows that settle on an engine which always steps all of them: those that are settled are kept aside, and
 * put back at the end.
 */
import { ranAway, type SettleRequest } from "./engine";
import type { Program } from "../program/program";
import { makeMixing, SLOTS, type Combination } from "./mixing";
import { Past, type Part } from "./past";
import { contraction } from "./settling";
import { shiftOf, type Watched } from "./residual";

export class HostRows {
  /** By how much the last step that was looked at moved each row, and the steps that it took. */
  readonly residual: Float64Array;
  readonly taken: Int32Array;
  /** By how much each step of a row is shorter than the one before, from look to look. */
  readonly contraction: Float64Array;
  private readonly before: Float64Array;
  /** Rows at work. */
  active: number[];
  private waiting: number[] = [];
  private readonly kept: Readonly<Record<string, Float32Array>>;

  /**
   * @param sinceStart the watched buffers, against what they are before the first step; looked at where
   *   tolerances are relative
   */
  constructor(
    private readonly host: {
      readonly program: Program;
      /** State buffers, [rows, width] each; rows that left are put back there. */
      readonly buffers: Readonly<Record<string, Float32Array>>;
    },
    private readonly request: SettleRequest,
    private readonly sinceStart: readonly Watched[],
  ) {
    const { rows, state } = host.program;
    this.residual = new Float64Array(rows).fill(Infinity);
    this.taken = new Int32Array(rows);
    this.contraction = new Float64Array(rows).fill(Number.NaN);
    this.before = new Float64Array(rows).fill(Number.NaN);
    this.active = Array.from({ length: rows }, (_, row) => row);
    this.kept = Object.fromEntries(state.map((name) => [name, host.buffers[name].slice()]));
  }

  get moving(): boolean {
    return this.active.length > 0;
  }

  /** Takes what a step moved. True where rows seem settled, and the judge is to be asked. */
  look(residual: Float64Array, steps: number): boolean {
    for (const row of this.active) {
      this.contraction[row] = contraction(this.before[row], residual[row], steps - this.taken[row]);
      this.residual[row] = this.before[row] = residual[row];
      this.taken[row] = steps;
    }
    this.leave((row) => this.lost(row));
    this.waiting = this.active.filter((row) => this.still(row));
    return this.waiting.length > 0;
  }

  /** Takes what the judge's step would move. */
  judge(residual: Float64Array): void {
    // A row that a step has not moved at all is at its end, however the judge finds it.
    const stood = new Set(this.request.mixing ? [] : this.waiting.filter((row) => this.residual[row] === 0));
    for (const row of this.waiting) this.residual[row] = residual[row];
    this.leave((row) => this.waiting.includes(row) && (stood.has(row) || this.still(row) || this.lost(row)));
  }

  /** Puts the states of rows that left where they were then. */
  putBack(): void {
    const {
      program: { rows, state, buffers },
      buffers: arrays,
    } = this.host;
    const left = new Set(Array.from({ length: rows }, (_, row) => row));
    for (const row of this.active) left.delete(row);
    for (const name of state)
      for (const row of left) copyRow(this.kept[name], arrays[name], row, buffers[name]);
  }

  private leave(who: (row: number) => boolean): void {
    const {
      program: { state, buffers },
      buffers: arrays,
    } = this.host;
    const leaving = this.active.filter(who);
    if (leaving.length === 0) return;
    for (const name of state)
      for (const row of leaving) copyRow(arrays[name], this.kept[name], row, buffers[name]);
    this.active = this.active.filter((row) => !leaving.includes(row));
  }

  private still(row: number): boolean {
    const { tolerance, scales, least, relative } = this.request;
    const limit = tolerance * (scales?.[row] ?? 1);
    if (!(this.residual[row] <= limit) || this.taken[row] < (least?.[row] ?? 0)) return false;
    return (
      (relative?.[row] ?? 0) === 0 || this.residual[row] <= limit * Math.min(1, shiftOf(this.sinceStart, row))
    );
  }

  private lost(row: number): boolean {
    return ranAway(this.residual[row], this.request.scales?.[row] ?? 1);
  }
}

/** Mixing of rows that stay in their places. */
export class HostMixing {
  private readonly mixing = makeMixing(SLOTS);
  private readonly past: Past;

  constructor(rows: number, by: Combination, parts: readonly Part[]) {
    this.mixing.reset(rows, by);
    this.past = new Past(rows, parts);
  }

  /** The state that a row's last step, of this number, reached becomes a mix of it and those before. */
  mix(row: number, step: number): void {
    const slot = step % SLOTS;
    const weights = this.mixing.weigh(row, slot, this.past.remember(row, row, slot));
    if (weights !== null) this.past.mix(row, row, weights);
  }
}

function copyRow(from: Float32Array, to: Float32Array, row: number, width: number): void {
  to.set(from.subarray(row * width, (row + 1) * width), row * width);
}

/**
 * What each thread runs: programs over its share of the rows. It travels to threads as its own text, so `makeLane` may
 * name nothing from outside. No row reads another, so lanes never wait for each other within a job.
 */
import type { Mixing } from "../mixing";
import type { Exports, Memory, WebAssemblyHost } from "./webassembly";

/** A job as numbers: what to do, the program, the number of lanes, its rows, and what else it takes. */
export type Job = ArrayLike<number>;

/** Kinds of jobs; the numbers are written out in `makeLane`. */
export const JOBS = { load: 1, drop: 2, prelude: 3, run: 4, settle: 5, adjust: 6, columns: 7, draw: 8 } as const;

export interface Lane {
  /** @param lane which share to take, from 0 */
  perform(job: Job, lane: number): void;
}

export function makeLane(memory: Memory, wasm: WebAssemblyHost, makeMixing: (slots: number) => Mixing, slots: number): Lane {
  interface Loaded {
    readonly exports: Exports;
    readonly mixing: Mixing;
  }
  const programs = new Map<number, Loaded>();

  const instantiate = (address: number, bytes: number): Exports => {
    // Modules are not compiled from shared memory.
    const code = Uint8Array.from(new Uint8Array(memory.buffer, address, bytes));
    return new wasm.Instance(new wasm.Module(code), { host: { memory } }).exports;
  };

  /**
   * Steps rows from one to another until each is settled; settled rows change places with those behind them and leave.
   * A row is settled where a step of the judge, which is not kept, moves it by no more than the tolerance.
   */
  const settle = ({ exports: e, mixing }: Loaded, from: number, to: number, of: Job): void => {
    const [most, tolerance, residualAt, settledAt, weightsAt, productsAt] = [of[5], of[6], of[7], of[8], of[9], of[10]];
    const anderson = weightsAt !== 0;
    const residual = new Float32Array(memory.buffer, residualAt, to);
    const taken = new Int32Array(memory.buffer, settledAt, to);
    const weights = new Float32Array(memory.buffer, weightsAt, anderson ? to * slots : 0);
    const products = new Float32Array(memory.buffer, productsAt, anderson ? to * slots * 4 : 0);
    const fresh = new Float64Array(slots);
    /** The row that is at a position. */
    const order = Array.from({ length: to }, (_, row) => row);
    const swap = (a: number, b: number): void => {
      if (a === b) return;
      e.swap(a, b);
      [order[a], order[b]] = [order[b], order[a]];
    };
    // Rows that move come first, then those that wait for the judge, then those that are done. A row's way does not
    // depend on when it is judged, nor on the rows beside it.
    let [active, waiting] = [to, to];
    /** Moves rows that no longer move (or are lost) to the end of a range; returns where they begin. */
    const sift = (first: number, end: number): number => {
      let split = end;
      for (let at = end - 1; at >= first; at--) if (!(residual[at] > tolerance)) swap(at, --split);
      return split;
    };
    /** Takes rows out of a range before those that wait, if they have no step left; returns the end of the rest. */
    const retire = (first: number, end: number): number => {
      let left = end;
      for (let at = end - 1; at >= first; at--) {
        if (taken[order[at]] < most) continue;
        swap(at, --left);
        swap(left, --waiting);
      }
      return left;
    };
    const mix = (at: number): void => {
      const row = order[at];
      const slot = taken[row] % slots;
      e.remember(at, row, slot);
      for (let k = 0; k < slots; k++) {
        const p = (row * slots + k) * 4;
        fresh[k] = products[p] + products[p + 1] + (products[p + 2] + products[p + 3]);
      }
      const found = mixing.weigh(row, slot, fresh);
      if (found === null) return;
      weights.set(found, row * slots);
      e.mix(at, row, slot);
    };
    if (anderson) mixing.reset(to);
    taken.fill(0, from, to);
    while (waiting > from) {
      // Judging few rows costs nearly as much as judging four.
      if (active > from && waiting - active < 4) {
        e.run(1, 1, from, active);
        e.residual(from, active);
        for (let at = from; at < active; at++) taken[order[at]]++;
        active = retire(from, sift(from, active));
        // What is returned is what was judged: no mix after the last step.
        if (anderson) for (let at = from; at < active; at++) mix(at);
      } else {
        e.judge(active, waiting);
        e.residual(active, waiting);
        e.restore(active, waiting);
        const failed = sift(active, waiting);
        waiting = failed;
        active = retire(active, failed);
      }
    }
    for (let at = from; at < to; at++) while (order[at] !== at) swap(at, order[at]);
  };

  return {
    perform(job, lane) {
      const [kind, id, lanes, rows] = [job[0], job[1], job[2], job[3]];
      if (kind === 1) {
        const exports = instantiate(job[4], job[5]);
        const known = programs.get(id);
        programs.set(id, { exports: { ...known?.exports, ...exports }, mixing: known?.mixing ?? makeMixing(slots) });
        return;
      }
      if (kind === 2) return void programs.delete(id);
      const program = programs.get(id);
      if (program === undefined) throw new Error("no such program");
      if (kind === 6) return void program.exports.adjust(lane, lanes);
      if (kind === 7) return void program.exports.columns(lane, lanes);
      if (kind === 8) {
        // A chunk's draws, [steps, count], from the first step on; what one step draws too many the next overwrites.
        for (let k = 0; k < job[6]; k++) program.exports.normals(job[4] + 4 * k * job[5], job[5], job[7] + k, job[8], job[9], job[10]);
        return;
      }
      const [from, to] = [Math.floor((rows * lane) / lanes), Math.floor((rows * (lane + 1)) / lanes)];
      if (from === to) return;
      if (kind === 3) program.exports.prelude(from, to);
      else if (kind === 4) program.exports.run(job[4], job[5], from, to);
      // Rows of different groups never change places: they have different weights.
      else for (let first = from, next = 0; first < to; first = next) settle(program, first, (next = Math.min(to, first - (first % job[4]) + job[4])), job);
    },
  };
}

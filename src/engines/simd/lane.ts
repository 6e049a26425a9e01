/**
 * What each thread runs: programs over its share of the rows. It travels to threads as its own text, so `makeLane` may
 * name nothing from outside. No row reads another, so lanes never wait for each other within a job.
 */
import type { Mixing } from "../mixing";
import type { Exports, Memory, WebAssemblyHost } from "./webassembly";

/** A job as numbers: what to do, the program, the number of lanes, its rows, and what else it takes. */
export type Job = ArrayLike<number>;

/** Kinds of jobs; the numbers are written out in `makeLane`. */
export const JOBS = { load: 1, drop: 2, prelude: 3, run: 4, settle: 5 } as const;

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
   * The settled state of a row is one that a step of the judge moves by no more than the tolerance.
   */
  const settle = ({ exports: e, mixing }: Loaded, from: number, to: number, of: Job): void => {
    const [most, tolerance, judged, residualAt, settledAt, weightsAt, productsAt] = [of[5], of[6], of[7] !== 0, of[8], of[9], of[10], of[11]];
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
    /** Moves rows that no longer move (or are lost) to the end of a range; returns where they begin. */
    const sift = (first: number, end: number): number => {
      let split = end;
      for (let at = end - 1; at >= first; at--) if (!(residual[at] > tolerance)) swap(at, --split);
      return split;
    };
    const mix = (end: number, slot: number): void => {
      for (let at = from; at < end; at++) {
        const row = order[at];
        e.remember(at, row, slot);
        for (let k = 0; k < slots; k++) {
          const p = (row * slots + k) * 4;
          fresh[k] = products[p] + products[p + 1] + (products[p + 2] + products[p + 3]);
        }
        const found = mixing.weigh(row, slot, fresh);
        if (found === null) continue;
        weights.set(found, row * slots);
        e.mix(at, row, slot);
      }
    };
    if (anderson) mixing.reset(to);
    let active = to;
    let steps = 0;
    while (steps < most && active > from) {
      e.run(1, 1, from, active);
      e.residual(from, active);
      steps++;
      let split = sift(from, active);
      if (judged && split < active) {
        const end = active;
        e.judge(split, end);
        e.residual(split, end);
        e.restore(split, end);
        split = sift(split, end);
      }
      for (let at = split; at < active; at++) taken[order[at]] = steps;
      active = split;
      // What is returned is what was judged: no mix after the last step.
      if (anderson && steps < most) mix(active, (steps - 1) % slots);
    }
    for (let at = from; at < active; at++) taken[order[at]] = steps;
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
      const [from, to] = [Math.floor((rows * lane) / lanes), Math.floor((rows * (lane + 1)) / lanes)];
      if (from === to) return;
      if (kind === 3) program.exports.prelude(from, to);
      else if (kind === 4) program.exports.run(job[4], job[5], from, to);
      // Rows of different groups never change places: they have different weights.
      else for (let first = from, next = 0; first < to; first = next) settle(program, first, (next = Math.min(to, first - (first % job[4]) + job[4])), job);
    },
  };
}

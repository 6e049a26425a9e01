/**
 * What each thread runs: programs over its share of the rows. It travels to threads as its own text, so
 * `makeLane` may name nothing from outside. No row reads another, so lanes do not wait for each other within
 * a job; but where there are too few rows they march: all do a share of each operation for all rows, and meet
 * after it.
 */
import type { Mixing } from "../mixing";
import type { makeSettling, RowWork, Settling } from "../settling";
import type { Exports, Memory, WebAssemblyHost } from "./webassembly";

/** A job as numbers: what to do, the program, the number of lanes, its rows, and what else it takes. */
export type Job = ArrayLike<number>;

/** Kinds of jobs; the numbers are written out in `makeLane`. */
export const JOBS = {
  load: 1,
  drop: 2,
  prelude: 3,
  run: 4,
  settle: 5,
  adjust: 6,
  columns: 7,
  draw: 8,
} as const;
/** Added to the kinds of jobs in which lanes march; written out as well. */
export const MARCHING = 100;
/** Where a job that goes to threads says how many bytes the memory has; written out as well. */
export const MEMORY_BYTES = 15;

export interface Lane {
  /** @param lane which share to take, from 0 */
  perform(job: Job, lane: number): void;
}

/**
 * @param march address of what marching lanes go by: the number of the last order, and how often a lane has
 *   come to a meeting, int32; 64 bytes on, the order: what to do (0: nothing more, 1: steps, 2: the judge's
 *   step), rows from and to
 * @param spins how often to look before sleeping
 * @param stopped whether settling should end where it is
 */
export function makeLane(
  memory: Memory,
  wasm: WebAssemblyHost,
  makeMixing: (slots: number) => Mixing,
  settleRows: ReturnType<typeof makeSettling>,
  slots: number,
  march: number,
  spins: number,
  stopped: () => boolean,
): Lane {
  /** How steps are taken: alone, or by the lanes that march. */
  interface Stepping {
    readonly step: (from: number, to: number) => void;
    readonly judge: (from: number, to: number) => void;
  }
  interface Loaded {
    readonly exports: Exports;
    readonly mixing: Mixing;
    /** The operations of a step and of the judge's, where lanes march. */
    readonly steps: readonly Exports[string][];
    readonly judges: readonly Exports[string][];
  }
  const programs = new Map<number, Loaded>();

  const instantiate = (address: number, bytes: number): Exports => {
    // Modules are not compiled from shared memory.
    const code = Uint8Array.from(new Uint8Array(memory.buffer, address, bytes));
    return new wasm.Instance(new wasm.Module(code), { host: { memory } }).exports;
  };

  /** Adds a module's functions to those of a program. */
  const load = (id: number, more: Exports): void => {
    const known = programs.get(id);
    const exports = { ...known?.exports, ...more };
    const named = (name: string): Exports[string][] => {
      const functions = [];
      for (let k = 0; exports[name + k] !== undefined; k++) functions.push(exports[name + k]);
      return functions;
    };
    programs.set(id, {
      exports,
      mixing: known?.mixing ?? makeMixing(slots),
      steps: named("step"),
      judges: named("judge"),
    });
  };

  const words = new Int32Array(memory.buffer, march, 2);
  const order = new Float64Array(memory.buffer, march + 64, 3);
  /** Meetings of this job. */
  let met = 0;
  const pause = (word: number, over: (value: number) => boolean): void => {
    for (let k = 0; k < spins; k++) if (over(Atomics.load(words, word))) return;
    for (let value = Atomics.load(words, word); !over(value); value = Atomics.load(words, word))
      Atomics.wait(words, word, value);
  };
  /** Waits until all have come. */
  const meet = (lanes: number): void => {
    const all = Math.imul(++met, lanes);
    if (((Atomics.add(words, 1, 1) + 1 - all) | 0) === 0) Atomics.notify(words, 1);
    else pause(1, (come) => ((come - all) | 0) >= 0);
  };
  /** A lane's share of so many steps, or of the judge's step. */
  const advance = (
    { exports: e, steps, judges }: Loaded,
    judging: boolean,
    count: number,
    keeps: boolean,
    from: number,
    to: number,
    lane: number,
    lanes: number,
  ): void => {
    for (let step = 0; step < count; step++) {
      if (keeps && step === count - 1) {
        if (lane === 0) e.keep(from, to);
        meet(lanes);
      }
      for (const operation of judging ? judges : steps) {
        operation(step, lane, lanes, from, to);
        meet(lanes);
      }
    }
  };
  /** The first lane gives orders, the others follow them. */
  const lead = (program: Loaded, lanes: number): Stepping & { readonly end: () => void } => {
    const give = (what: number, from: number, to: number): void => {
      order.set([what, from, to]);
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0);
      if (what !== 0) advance(program, what === 2, 1, true, from, to, 0, lanes);
    };
    return {
      step: (from, to) => give(1, from, to),
      judge: (from, to) => give(2, from, to),
      end: () => give(0, 0, 0),
    };
  };
  const follow = (program: Loaded, lane: number, lanes: number): void => {
    for (let seen = 0; ;) {
      pause(0, (given) => given !== seen);
      seen = Atomics.load(words, 0);
      if (order[0] === 0) return;
      advance(program, order[0] === 2, 1, true, order[1], order[2], lane, lanes);
    }
  };

  /** The row that is at each position, which settling leaves as it was; and no row has a past. */
  const fresh = ({ mixing }: Loaded, to: number, of: Job): number[] => {
    if (of[9] !== 0) mixing.reset(to);
    return Array.from({ length: to }, (_, row) => row);
  };

  /** Settles rows from one to another, each on its own. */
  const settle = (
    { exports: e, mixing }: Loaded,
    from: number,
    to: number,
    of: Job,
    by: Stepping,
    order: number[],
  ): void => {
    const [rows, most, tolerance, residualAt, settledAt, weightsAt, productsAt, termsAt, shifting] = [
      of[3],
      of[5],
      of[6],
      of[7],
      of[8],
      of[9],
      of[10],
      of[11],
      of[12],
    ];
    const anderson = weightsAt !== 0;
    const weights = new Float32Array(memory.buffer, weightsAt, anderson ? to * slots : 0);
    const products = new Float64Array(memory.buffer, productsAt, anderson ? to * slots * 2 : 0);
    const sums = new Float64Array(slots);
    const shifts = new Float32Array(memory.buffer, termsAt + 12 * rows, rows);
    const work: RowWork = {
      step: (first, end) => {
        by.step(first, end);
        e.residual(first, end);
      },
      judge: (first, end) => {
        by.judge(first, end);
        e.residual(first, end);
        e.restore(first, end);
      },
      stopped,
      swap: e.swap,
      shift: (at, row) => {
        e.shift(at, row);
        return shifts[row];
      },
      remember: (at, row, slot) => {
        e.remember(at, row, slot);
        for (let k = 0; k < slots; k++) {
          const p = (row * slots + k) * 2;
          sums[k] = products[p] + products[p + 1];
        }
        return sums;
      },
      mix: (at, row, slot, found) => {
        weights.set(found, row * slots);
        e.mix(at, row, slot);
      },
    };
    const asked: Settling = {
      most,
      tolerance,
      scales: new Float32Array(memory.buffer, termsAt, rows),
      least: new Int32Array(memory.buffer, termsAt + 4 * rows, rows),
      relative: new Int32Array(memory.buffer, termsAt + 8 * rows, rows),
      moved: new Float32Array(memory.buffer, residualAt, to),
      taken: new Int32Array(memory.buffer, settledAt, to),
      marks: new Float32Array(memory.buffer, termsAt + 16 * rows, 2 * rows),
      mixing: anderson ? mixing : null,
    };
    if (shifting !== 0) e.begin(from, to);
    settleRows(work, asked, from, to, order);
    if (shifting !== 0) for (let row = from; row < to; row++) e.shift(row, row);
  };

  return {
    perform(job, lane) {
      // A thread that starts while the memory grows may miss it for good; growing by nothing has it look
      // again.
      if (memory.buffer.byteLength < job[15]) memory.grow(0);
      const marching = job[0] >= 100;
      const [kind, id, lanes, rows] = [job[0] - (marching ? 100 : 0), job[1], job[2], job[3]];
      if (kind === 1) return load(id, instantiate(job[4], job[5]));
      if (kind === 2) return void programs.delete(id);
      const program = programs.get(id);
      if (program === undefined) throw new Error("no such program");
      const { exports: e } = program;
      if (kind === 6) return void e.adjust(lane, lanes);
      if (kind === 7) return void e.columns(lane, lanes);
      if (kind === 8) {
        // This lane's steps of a chunk's draws, block by block of rows; what one block draws too many the
        // next overwrites.
        const [address, stride, each, first, keysAt, blocks] = [
          job[4],
          job[5],
          job[6],
          job[7],
          job[8],
          job[9],
        ];
        const keys = new Int32Array(memory.buffer, keysAt, 4 * blocks);
        const draws = new Float32Array(memory.buffer);
        for (let k = Math.floor((rows * lane) / lanes); k < Math.floor((rows * (lane + 1)) / lanes); k++) {
          for (let b = 0; b < blocks; b++) {
            const at = address / 4 + k * stride + b * each;
            // Blocks of one key are alike; they are of one phase.
            if (
              b > 0 &&
              keys[4 * b + 2] === keys[4 * b - 2] &&
              keys[4 * b + 3] === keys[4 * b - 1] &&
              keys[4 * b] === keys[4 * b - 4] &&
              keys[4 * b + 1] === keys[4 * b - 3]
            )
              draws.copyWithin(at, at - each, at);
            else
              e.normals(
                4 * at,
                each,
                first + k,
                keys[4 * b],
                keys[4 * b + 1],
                keys[4 * b + 2],
                keys[4 * b + 3],
              );
          }
        }
        return;
      }
      met = 0;
      if (marching && kind === 4) return advance(program, false, job[4], job[5] !== 0, 0, rows, lane, lanes);
      if (marching && lane > 0) return follow(program, lane, lanes);
      if (marching) {
        const leader = lead(program, lanes);
        settle(program, 0, rows, job, leader, fresh(program, rows, job));
        return leader.end();
      }
      const [from, to] = [Math.floor((rows * lane) / lanes), Math.floor((rows * (lane + 1)) / lanes)];
      if (from === to) return;
      if (kind === 3) return void e.prelude(from, to);
      const alone: Stepping = {
        step: (first, end) => e.run(1, 1, first, end),
        judge: (first, end) => e.judge(first, end),
      };
      const perGroup = kind === 4 ? job[6] : job[4];
      const order = kind === 5 ? fresh(program, to, job) : [];
      // Group by group: its weights stay in the cache, and rows of different groups never change places.
      for (let first = from, next = 0; first < to; first = next) {
        next = Math.min(to, first - (first % perGroup) + perGroup);
        if (kind === 4) e.run(job[4], job[5], first, next);
        else settle(program, first, next, job, alone, order);
      }
    },
  };
}

/**
 * What each thread runs: programs, job by job. A job is a row of numbers in shared memory (`Job`). Most are shared
 * out by rows, since no row reads another: in pieces, large ones first, which lanes take as they come, so that none
 * waits for one that shares its core with other work. Where there are too few rows, lanes march (march.ts). It travels to threads as its own text, so `makeLane` may name nothing from
 * outside: whatever it needs is given to it.
 */
import type { Mixing } from "../mixing";
import type { makeSettling, RowWork, Settling } from "../settling";
import type { makeMarch, Marched, Stepping } from "./march";
import type { Exports, Memory, WebAssemblyHost } from "./webassembly";

/**
 * A job as numbers: its kind, the program, the number of lanes, its rows, and from the fifth on what this kind
 * takes besides (the readers in `makeLane` name it).
 */
export type Job = ArrayLike<number>;

/** Kinds of jobs. */
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
/** Added to the kinds of jobs in which lanes march. */
export const MARCHING = 100;
/**
 * Where a job that goes to threads says of how many pieces it is (0: every thread has a part of its own), and how
 * many bytes the memory has.
 */
export const [PIECES, MEMORY_BYTES] = [14, 15];
/** These numbers, as lanes are told them. */
export const FORMAT = { kinds: JOBS, marching: MARCHING, memoryBytes: MEMORY_BYTES } as const;

export interface Lane {
  /** @param part which piece to take, from 0, or where lanes march, which lane it is */
  perform(job: Job, part: number): void;
  /** Of how many pieces a job is for so many lanes. */
  pieces(kind: number, rows: number, lanes: number): number;
  /** How often this lane has slept in march since it was last asked. */
  naps(): number;
}

/**
 * @param slots steps that mixing remembers
 * @param march how this lane marches with the others
 * @param stopped whether settling should end where it is
 */
export function makeLane(
  memory: Memory,
  wasm: WebAssemblyHost,
  makeMixing: (slots: number) => Mixing,
  settleRows: ReturnType<typeof makeSettling>,
  slots: number,
  march: ReturnType<typeof makeMarch>,
  { kinds, marching: MARCHES, memoryBytes }: typeof FORMAT,
  stopped: () => boolean,
): Lane {
  interface Loaded extends Marched {
    readonly exports: Exports;
    readonly mixing: Mixing;
  }
  const programs = new Map<number, Loaded>();

  // ---- what kinds of jobs take besides

  const loadJob = (job: Job) => ({ address: job[4], bytes: job[5] });
  const runJob = (job: Job) => ({ steps: job[4], keeps: job[5], perGroup: job[6] });
  const drawJob = (job: Job) => ({
    address: job[4],
    /** Floats from a step's draws to the next one's; draws of a block. */
    stride: job[5],
    each: job[6],
    firstStep: job[7],
    keysAt: job[8],
    blocks: job[9],
  });
  const settleJob = (job: Job) => ({
    rows: job[3],
    perGroup: job[4],
    most: job[5],
    tolerance: job[6],
    /** Addresses: of each row's last change and its steps, by position; 0 where there is no mixing. */
    residualAt: job[7],
    settledAt: job[8],
    weightsAt: job[9],
    productsAt: job[10],
    /** Of what each row is asked: scales, least steps, whether relative, shifts; then two marks a row. */
    termsAt: job[11],
    shifting: (job[12] & 1) !== 0,
    /** How rows are mixed. */
    by: job[12] & 2 ? ("nesterov" as const) : ("anderson" as const),
    /** From what share of the step before on rows are mixed. */
    slow: job[13],
  });
  type SettleJob = ReturnType<typeof settleJob>;

  // ---- programs

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
      keep: exports.keep,
      steps: named("step"),
      judges: named("judge"),
    });
  };

  // ---- draws

  /** This lane's steps of a chunk's draws. What one block draws too many the next overwrites. */
  const draw = ({ normals }: Exports, job: Job, [from, to]: readonly [number, number]): void => {
    const { address, stride, each, firstStep, keysAt, blocks } = drawJob(job);
    const keys = new Int32Array(memory.buffer, keysAt, 4 * blocks);
    const draws = new Float32Array(memory.buffer);
    /** Blocks of one key are alike: they are of one phase. */
    const isLikeBefore = (block: number): boolean => {
      if (block === 0) return false;
      for (let k = 4 * block; k < 4 * block + 4; k++) if (keys[k] !== keys[k - 4]) return false;
      return true;
    };
    for (let step = from; step < to; step++) {
      for (let block = 0; block < blocks; block++) {
        const at = address / 4 + step * stride + block * each;
        const key = 4 * block;
        if (isLikeBefore(block)) draws.copyWithin(at, at - each, at);
        else normals(4 * at, each, firstStep + step, keys[key], keys[key + 1], keys[key + 2], keys[key + 3]);
      }
    }
  };

  // ---- settling

  /** The row that is at each position, which settling leaves as it was; and no row has a past. */
  const fresh = ({ mixing }: Loaded, { weightsAt, by }: SettleJob, to: number): number[] => {
    if (weightsAt !== 0) mixing.reset(to, by);
    const order: number[] = [];
    for (let row = 0; row < to; row++) order.push(row);
    return order;
  };

  /** What the decisions of settling (settling.ts) need done to rows. */
  const workOf = (e: Exports, by: Stepping, job: SettleJob, to: number): RowWork => {
    const mixes = job.weightsAt !== 0;
    const weights = new Float32Array(memory.buffer, job.weightsAt, mixes ? to * slots : 0);
    const products = new Float64Array(memory.buffer, job.productsAt, mixes ? to * slots * 2 : 0);
    const shifts = new Float32Array(memory.buffer, job.termsAt + 12 * job.rows, job.rows);
    const sums = new Float64Array(slots);
    return {
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
        // A product is a vector of two, which add up to it.
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
  };

  /** What is asked of each row, and where it is told what became of it. */
  const askedOf = ({ mixing }: Loaded, job: SettleJob, to: number): Settling => {
    const { most, tolerance, rows, termsAt, residualAt, settledAt, weightsAt, slow } = job;
    return {
      most,
      tolerance,
      judgedFrom: Math.max(tolerance, new Float32Array(memory.buffer, termsAt + 24 * rows, 1)[0]),
      scales: new Float32Array(memory.buffer, termsAt, rows),
      least: new Int32Array(memory.buffer, termsAt + 4 * rows, rows),
      relative: new Int32Array(memory.buffer, termsAt + 8 * rows, rows),
      moved: new Float32Array(memory.buffer, residualAt, to),
      taken: new Int32Array(memory.buffer, settledAt, to),
      marks: new Float32Array(memory.buffer, termsAt + 16 * rows, 2 * rows),
      mixing: weightsAt !== 0 ? mixing : null,
      slow,
    };
  };

  /** Settles rows from one to another, each on its own. */
  const settle = (
    program: Loaded,
    job: SettleJob,
    by: Stepping,
    order: number[],
    from: number,
    to: number,
  ): void => {
    const { exports: e } = program;
    if (job.shifting) e.begin(from, to);
    settleRows(workOf(e, by, job, to), askedOf(program, job, to), from, to, order);
    if (job.shifting) for (let row = from; row < to; row++) e.shift(row, row);
  };

  // ---- jobs

  const alone = ({ run, judge }: Exports): Stepping => ({
    step: (first, end) => run(1, 1, first, end),
    judge: (first, end) => judge(first, end),
  });

  /** A job whose rows are too few to share out. */
  const inMarch = (program: Loaded, kind: number, job: Job, lane: number): void => {
    const [lanes, rows] = [job[2], job[3]];
    march.begin();
    if (kind === kinds.run) {
      const { steps, keeps } = runJob(job);
      return march.run(program, steps, keeps !== 0, rows, lane, lanes);
    }
    if (lane > 0) return march.follow(program, lane, lanes);
    const leader = march.lead(program, lanes, alone(program.exports));
    const asked = settleJob(job);
    settle(program, asked, leader, fresh(program, asked, rows), 0, rows);
    leader.end();
  };

  /** Group by group: its weights stay in the cache, and rows of different groups never change places. */
  const byGroups = (
    [from, to]: readonly [number, number],
    perGroup: number,
    action: (first: number, end: number) => void,
  ): void => {
    for (let first = from, next = 0; first < to; first = next) {
      next = Math.min(to, first - (first % perGroup) + perGroup);
      action(first, next);
    }
  };

  /** A piece of a job that lanes share out by rows. */
  const byRows = (program: Loaded, kind: number, job: Job, share: readonly [number, number]): void => {
    const { exports: e } = program;
    if (share[0] === share[1]) return;
    if (kind === kinds.prelude) return void e.prelude(share[0], share[1]);
    if (kind === kinds.run) {
      const { steps, keeps, perGroup } = runJob(job);
      return byGroups(share, perGroup, (first, end) => e.run(steps, keeps, first, end));
    }
    const asked = settleJob(job);
    const order = fresh(program, asked, share[1]);
    byGroups(share, asked.perGroup, (first, end) => settle(program, asked, alone(e), order, first, end));
  };

  // ---- pieces

  /** Rows of a tile, and those for each lane from which they are worth more than one piece. */
  const [TILE, FAIR] = [4, 24];

  /**
   * Where the pieces of rows end: rounds of as many as lanes, each of half of what is left, in whole tiles; few rows
   * are one round, since small pieces make little of their weights.
   */
  const endsOf = (rows: number, lanes: number): number[] => {
    if (lanes === 1) return [rows];
    const ends: number[] = [];
    let begin = 0;
    for (let fair = rows / lanes; fair >= FAIR; fair = (rows - begin) / lanes)
      for (let k = 0; k < lanes; k++) ends.push((begin += Math.floor(fair / 2 / TILE) * TILE));
    for (let k = 1; k <= lanes; k++) ends.push(begin + Math.floor(((rows - begin) * k) / lanes));
    return ends;
  };

  /** Pieces of other work than rows, for each lane. */
  const FINER = 4;
  const pieces = (kind: number, rows: number, lanes: number): number => {
    if (lanes === 1) return 1;
    if (kind === kinds.draw) return Math.min(rows, FINER * lanes);
    return kind === kinds.adjust || kind === kinds.columns ? FINER * lanes : endsOf(rows, lanes).length;
  };

  return {
    pieces,
    naps: () => march.naps(),
    perform(job, part) {
      // A thread that starts while the memory grows may miss it for good; growing by nothing has it look again.
      if (memory.buffer.byteLength < job[memoryBytes]) memory.grow(0);
      const marching = job[0] >= MARCHES;
      const [kind, id, lanes, rows] = [job[0] - (marching ? MARCHES : 0), job[1], job[2], job[3]];
      if (kind === kinds.load) {
        const { address, bytes } = loadJob(job);
        return load(id, instantiate(address, bytes));
      }
      if (kind === kinds.drop) return void programs.delete(id);
      const program = programs.get(id);
      if (program === undefined) throw new Error("no such program");
      if (marching) return inMarch(program, kind, job, part);
      const all = pieces(kind, rows, lanes);
      if (kind === kinds.adjust) return void program.exports.adjust(part, all);
      if (kind === kinds.columns) return void program.exports.columns(part, all);
      if (kind === kinds.draw)
        return draw(program.exports, job, [
          Math.floor((rows * part) / all),
          Math.floor((rows * (part + 1)) / all),
        ]);
      const ends = endsOf(rows, lanes);
      byRows(program, kind, job, [part === 0 ? 0 : ends[part - 1], ends[part]]);
    },
  };
}

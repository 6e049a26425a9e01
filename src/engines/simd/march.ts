/**
 * How lanes march: where a job has too few rows to share out, all lanes do a part of each operation for all rows,
 * and meet after it. In a run every lane knows what comes next; while rows settle, only the first lane decides,
 * and the others do what it orders. It travels to threads as its own text, so `makeMarch` may name nothing from
 * outside.
 */
import type { Exports, Memory } from "./webassembly";

/** The operations of a program, each a function over a lane's part of them. */
export interface Marched {
  /** Keeps the state before the last step, for the residual. */
  readonly keep: Exports[string];
  readonly steps: readonly Exports[string][];
  /** The operations of the judge's step, which is not kept. */
  readonly judges: readonly Exports[string][];
}

/** How a settling takes its steps over rows: alone, or as the leader of lanes that march. */
export interface Stepping {
  readonly step: (from: number, to: number) => void;
  readonly judge: (from: number, to: number) => void;
}

export interface March {
  /** Before each job: nobody has met yet. */
  begin(): void;
  /** A lane's part of so many steps. @param keeps whether the state before the last of them is kept */
  run(marched: Marched, steps: number, keeps: boolean, rows: number, lane: number, lanes: number): void;
  /**
   * The first lane: each step is an order to all, until it has slept too often for them: then it goes on alone.
   * `end` lets the others go.
   */
  lead(marched: Marched, lanes: number, alone: Stepping): Stepping & { readonly end: () => void };
  /** How often this lane has slept for others since it was last asked. */
  naps(): number;
  /** Another lane: follows the orders of the first until it ends. */
  follow(marched: Marched, lane: number, lanes: number): void;
}

/**
 * @param at address of what they share: the number of the last order and how often a lane has come to a meeting,
 *   int32; 64 bytes on, the order: what to do, rows from and to, float64
 * @param spins how often to look before sleeping
 */
export function makeMarch(memory: Memory, at: number, spins: number): March {
  const [ORDERS, ARRIVALS] = [0, 1];
  const counts = new Int32Array(memory.buffer, at, 2);
  const order = new Float64Array(memory.buffer, at + 64, 3);
  const [GO, STEP, JUDGE] = [0, 1, 2];
  /** Naps that are no sign of a crowd: lanes wake up in them. */
  const LEAST_NAPS = 3;
  let meetings = 0;
  let slept = 0;

  /** Looks for a while, then sleeps, until a count is as it should be. */
  const wait = (which: number, done: (value: number) => boolean): void => {
    for (let k = 0; k < spins; k++) if (done(Atomics.load(counts, which))) return;
    for (let value = Atomics.load(counts, which); !done(value); value = Atomics.load(counts, which)) {
      slept++;
      Atomics.wait(counts, which, value);
    }
  };

  /** Waits until all lanes have come; who comes last wakes the others. Counts may overflow: differences do not. */
  const meet = (lanes: number): void => {
    const all = Math.imul(++meetings, lanes);
    const come = Atomics.add(counts, ARRIVALS, 1) + 1;
    if (((come - all) | 0) === 0) Atomics.notify(counts, ARRIVALS);
    else wait(ARRIVALS, (value) => ((value - all) | 0) >= 0);
  };

  const advance = (
    keep: Exports[string] | null,
    operations: readonly Exports[string][],
    count: number,
    from: number,
    to: number,
    lane: number,
    lanes: number,
  ): void => {
    for (let step = 0; step < count; step++) {
      if (keep !== null && step === count - 1) {
        if (lane === 0) keep(from, to);
        meet(lanes);
      }
      for (const operation of operations) {
        operation(step, lane, lanes, from, to);
        meet(lanes);
      }
    }
  };

  /** One step of those that settle. */
  const obey = (
    { keep, steps, judges }: Marched,
    what: number,
    from: number,
    to: number,
    lane: number,
    lanes: number,
  ): void => advance(keep, what === JUDGE ? judges : steps, 1, from, to, lane, lanes);

  return {
    begin() {
      meetings = 0;
    },
    run: ({ keep, steps }, count, keeps, rows, lane, lanes) =>
      advance(keeps ? keep : null, steps, count, 0, rows, lane, lanes),
    naps() {
      const found = slept;
      slept = 0;
      return found;
    },
    lead(marched, lanes, alone) {
      let orders = 0;
      const isCrowded = (): boolean => slept > LEAST_NAPS + orders++;
      const give = (what: number, from: number, to: number): void => {
        order.set([what, from, to]);
        Atomics.add(counts, ORDERS, 1);
        Atomics.notify(counts, ORDERS);
        if (what !== GO) obey(marched, what, from, to, 0, lanes);
      };
      return {
        step: (from, to) => (isCrowded() ? alone.step(from, to) : give(STEP, from, to)),
        judge: (from, to) => (isCrowded() ? alone.judge(from, to) : give(JUDGE, from, to)),
        end: () => give(GO, 0, 0),
      };
    },
    follow(marched, lane, lanes) {
      for (let seen = 0; ;) {
        wait(ORDERS, (given) => given !== seen);
        seen = Atomics.load(counts, ORDERS);
        if (order[0] === GO) return;
        obey(marched, order[0], order[1], order[2], lane, lanes);
      }
    },
  };
}

/**
 * The lanes of an engine: the thread that calls, and workers that wait in shared memory for the number of the
 * next job. Workers start with the first job that is worth sharing and join when they are ready; what is
 * computed does not depend on how many lanes share it. Where the caller may not sleep (a browser's main
 * thread), workers do all of it.
 */
import type { Stop } from "../../errors";
import { RUNAWAY } from "../engine";
import { makeMixing, SLOTS } from "../mixing";
import { makeSettling } from "../settling";
import { FORMAT, JOBS, makeLane, MARCHING, MEMORY_BYTES, type Lane } from "./lane";
import { makeMarch } from "./march";
import type { EngineMemory } from "./memory";
import { maySleep, parallelism, startThread, type Thread } from "./threads";
import type { Memory, WebAssemblyHost } from "./webassembly";

/** Most lanes; more would share rows too thinly. */
const MOST_LANES = 16;
/**
 * The control block: the number of the last job, how many times a worker was done, failed, and is ready, and
 * whether to stop; then the job itself.
 */
const [SEQUENCE, DONE, FAILED, READY, STOP, STATES] = [0, 1, 2, 3, 4, 5];
const [JOB_AT, JOB_LENGTH] = [64, MEMORY_BYTES + 1];
/** Behind it, what lanes that march go by: see march.ts. */
const [MARCH_AT, MARCH_BYTES] = [JOB_AT + JOB_LENGTH * 8, 128];
/** Behind that, why a worker failed: characters, up to a zero. */
const [REASON_AT, REASON_BYTES] = [MARCH_AT + MARCH_BYTES, 256];
/** A worker looks so often for the next job before it sleeps: the next phase of a batch comes soon. */
const SPINS = 20_000;
/** Milliseconds between two looks of a caller that may not sleep. */
const LOOK = 1;
/** Milliseconds that a caller sleeps for others before it looks whether to stop. */
const NAP = 50;

interface ThreadData {
  readonly memory: Memory;
  readonly control: number;
  readonly lane: number;
}

/** A worker's life. It travels as its own text. */
function serve(
  make: (memory: Memory, stopped: () => boolean) => Lane,
  spins: number,
  { memory, control, lane }: ThreadData,
): void {
  const state = new Int32Array(memory.buffer, control, 5);
  const job = new Float64Array(memory.buffer, control + 64, 16);
  const reason = new Uint8Array(memory.buffer, control + 320, 256);
  const own = make(memory, () => Atomics.load(state, 4) !== 0);
  let seen = Atomics.load(state, 0);
  Atomics.add(state, 3, 1);
  for (;;) {
    for (let k = 0; k < spins && Atomics.load(state, 0) === seen; k++);
    while (Atomics.load(state, 0) === seen) Atomics.wait(state, 0, seen);
    seen = Atomics.load(state, 0);
    try {
      if (lane < job[2]) own.perform(job, lane);
    } catch (error) {
      if (Atomics.add(state, 2, 1) === 0)
        reason.set(Array.from(String(error).slice(0, 255), (letter) => letter.charCodeAt(0) & 127));
    }
    Atomics.add(state, 1, 1);
    Atomics.notify(state, 1);
  }
}

const host = globalThis as unknown as { readonly WebAssembly: WebAssemblyHost };
const textOfThread = (): string => `(data) => {
  const makeMixing = ${makeMixing};
  const makeSettling = ${makeSettling};
  const makeMarch = ${makeMarch};
  const makeLane = ${makeLane};
  const serve = ${serve};
  const make = (memory, stopped) => {
    const settling = makeSettling(${SLOTS}, ${RUNAWAY});
    const march = makeMarch(memory, data.control + ${MARCH_AT}, ${SPINS});
    return makeLane(memory, WebAssembly, makeMixing, settling, ${SLOTS}, march, ${JSON.stringify(FORMAT)}, stopped);
  };
  serve(make, ${SPINS}, data);
}`;

/** What lanes are told and tell, as it lies in memory. */
interface Views {
  readonly buffer: ArrayBufferLike;
  readonly state: Int32Array;
  readonly march: Int32Array;
  readonly job: Float64Array;
}

const viewsOf = (buffer: ArrayBufferLike, control: number): Views => ({
  buffer,
  state: new Int32Array(buffer, control, STATES),
  march: new Int32Array(buffer, control + MARCH_AT, 2),
  job: new Float64Array(buffer, control + JOB_AT, JOB_LENGTH),
});

export class Lanes {
  /** How many there are at most, the caller's own included. */
  readonly count: number;
  private readonly own: Lane;
  private readonly callerWorks = maySleep();
  private readonly control: number;
  /** Modules that workers do not know yet, by program. */
  private readonly news = new Map<number, Uint8Array[]>();
  private views: Views;
  private threads: Thread[] | null = null;
  private reason: string | undefined;
  private programs = 0;
  private jobs = 0;
  private turn: Promise<void> = Promise.resolve();

  /**
   * @param wanted lanes, at most; default: as many as the machine runs at once
   * @param stop looked at between steps
   */
  constructor(
    private readonly memory: EngineMemory,
    wanted?: number,
    private readonly stop?: Stop,
  ) {
    this.control = memory.reserve(REASON_AT + REASON_BYTES);
    this.own = makeLane(
      memory.memory,
      host.WebAssembly,
      makeMixing,
      makeSettling(SLOTS, RUNAWAY),
      SLOTS,
      makeMarch(memory.memory, this.control + MARCH_AT, SPINS),
      FORMAT,
      () => this.stopped,
    );
    this.views = viewsOf(memory.memory.buffer, this.control);
    this.count = memory.shared ? Math.max(1, Math.min(MOST_LANES, wanted ?? parallelism())) : 1;
    if (!memory.shared) this.reason = "memory cannot be shared between threads here";
  }

  /** Memory that is not shared is another buffer once it has grown, and views of the old one are gone. */
  private get now(): Views {
    const { buffer } = this.memory.memory;
    if (this.views.buffer !== buffer) this.views = viewsOf(buffer, this.control);
    return this.views;
  }

  private get state(): Int32Array {
    return this.now.state;
  }

  private get march(): Int32Array {
    return this.now.march;
  }

  private get job(): Float64Array {
    return this.now.job;
  }

  /** Why there is one lane where more were possible. */
  get fallbackReason(): string | undefined {
    return this.reason;
  }

  /** A number for a new program. */
  register(): number {
    return this.programs++;
  }

  /** Adds a module's functions to a program. */
  load(program: number, code: Uint8Array): void {
    const address = this.place(code);
    this.own.perform([JOBS.load, program, 1, 0, address, code.length], 0);
    this.memory.release(address, code.length);
    this.news.set(program, [...(this.news.get(program) ?? []), code]);
  }

  forget(program: number): void {
    this.own.perform([JOBS.drop, program], 0);
    this.news.delete(program);
    if (this.ready) void this.inTurn(() => this.everywhere([JOBS.drop, program, this.count]));
  }

  /** Whether to stop: settling then ends where it is. The other lanes hear of it from the one that asks. */
  get stopped(): boolean {
    this.passStop();
    return Atomics.load(this.state, STOP) !== 0;
  }

  private passStop(): void {
    if (this.stop?.aborted === true) Atomics.store(this.state, STOP, 1);
  }

  /**
   * Runs a job over rows.
   * @param kind of JOBS
   * @param shares how many lanes are worth waking
   * @param rest what the job takes besides
   * @param marching all lanes take part in each operation, however few the rows
   */
  async share(
    kind: number,
    program: number,
    rows: number,
    shares: number,
    rest: readonly number[],
    marching = false,
  ): Promise<void> {
    const lanes = Math.min(this.count, shares, marching ? this.count : rows);
    if (lanes > 1 || !this.callerWorks) this.start();
    while (!this.callerWorks && this.threads !== null && this.reason === undefined && !this.ready)
      await pause();
    if (!this.ready || (this.callerWorks && lanes <= 1))
      return this.own.perform([kind, program, 1, rows, ...rest], 0);
    return this.inTurn(async () => {
      const news = this.news.get(program) ?? [];
      this.news.delete(program);
      for (const code of news) {
        const address = this.place(code);
        await this.everywhere([JOBS.load, program, this.count, 0, address, code.length]);
        this.memory.release(address, code.length);
      }
      await this.everywhere([kind + (marching ? MARCHING : 0), program, lanes, rows, ...rest]);
    });
  }

  dispose(): void {
    for (const thread of this.threads ?? []) thread.terminate();
    this.threads = null;
    this.reason ??= "the engine has been disposed of";
  }

  /** Whether workers take part: from a few ms after the first job that is worth sharing. */
  get ready(): boolean {
    return (
      this.threads !== null &&
      this.reason === undefined &&
      Atomics.load(this.state, READY) === this.threads.length
    );
  }

  private start(): void {
    if (this.threads !== null || this.reason !== undefined || this.count === 1) return;
    const text = textOfThread();
    const failed = (message: string): void => {
      this.reason = `a thread failed: ${message}`;
    };
    this.threads = [];
    for (let lane = this.callerWorks ? 1 : 0; lane < this.count; lane++) {
      const thread = startThread(
        text,
        { memory: this.memory.memory, control: this.control, lane } satisfies ThreadData,
        failed,
      );
      if (thread === null) {
        this.dispose();
        this.reason = "there are no threads here";
        return;
      }
      this.threads.push(thread);
    }
  }

  /** Jobs follow each other: the control block holds one. A caller that works never leaves one unfinished. */
  private inTurn(jobs: () => Promise<void>): Promise<void> {
    if (this.callerWorks) return jobs();
    this.turn = this.turn.then(jobs, jobs);
    return this.turn;
  }

  /** Has every lane that takes part do a job, and waits for all. */
  private async everywhere(job: readonly number[]): Promise<void> {
    this.job.set(job);
    this.job[MEMORY_BYTES] = this.memory.memory.buffer.byteLength;
    this.march.fill(0);
    this.jobs++;
    Atomics.store(this.state, SEQUENCE, this.jobs | 0);
    Atomics.notify(this.state, SEQUENCE);
    const wanted = Math.imul(this.jobs, this.threads?.length ?? 0);
    if (this.callerWorks) {
      // Loads and drops were done here at once.
      if (job[0] >= JOBS.prelude) this.own.perform(job, 0);
      for (let k = 0; k < SPINS && Atomics.load(this.state, DONE) !== wanted; k++);
      for (
        let done = Atomics.load(this.state, DONE);
        done !== wanted;
        done = Atomics.load(this.state, DONE)
      ) {
        Atomics.wait(this.state, DONE, done, NAP);
        this.passStop();
      }
    } else {
      while (Atomics.load(this.state, DONE) !== wanted) {
        await pause();
        this.passStop();
      }
    }
    if (Atomics.load(this.state, FAILED) !== 0)
      throw new Error(`a thread of the simd engine failed: ${this.failure}`);
  }

  /** What the first worker that failed said. */
  private get failure(): string {
    const letters = new Uint8Array(this.memory.memory.buffer, this.control + REASON_AT, REASON_BYTES);
    return String.fromCharCode(...letters.subarray(0, letters.indexOf(0)));
  }

  /** A module's bytes where every lane can read them. */
  private place(code: Uint8Array): number {
    const address = this.memory.reserve(code.length);
    new Uint8Array(this.memory.memory.buffer, address, code.length).set(code);
    return address;
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK));

/**
 * The lanes of an engine: the thread that calls, and workers that wait in shared memory for the number of the
 * next job. Workers start with the first job that is worth sharing and join when they are ready; what is
 * computed does not depend on how many lanes share it, nor on which of them takes which piece. A job is done when its
 * pieces are: a worker that wakes too late finds none, and nobody waits for it. Where the caller may not sleep (a browser's main
 * thread), workers do all of it.
 */
import type { Stop } from "../../errors";
import { RUNAWAY } from "../engine";
import { makeMixing, SLOTS } from "../mixing";
import { makeSettling } from "../settling";
import { FORMAT, JOBS, makeLane, MARCHING, MEMORY_BYTES, PIECES, type Job, type Lane } from "./lane";
import { makeMarch } from "./march";
import type { EngineMemory } from "./memory";
import { maySleep, parallelism, startThread, type Thread } from "./threads";
import type { Memory, WebAssemblyHost } from "./webassembly";

/** Most lanes; more would share rows too thinly. */
const MOST_LANES = 16;
/**
 * The control block: twice the number of the last job, and one more while it is being written; how many workers, or
 * pieces, are done; how many failed, are ready; whether to stop; the next piece, below the number of its job; then
 * the job itself.
 */
const [SEQUENCE, DONE, FAILED, READY, STOP, CLAIM, STATES] = [0, 1, 2, 3, 4, 5, 6];
/** Pieces of a job, at most, and how the number of its job lies above that of a piece. */
const [MOST_PIECES, TAGS] = [255, 0x7fffff];
const [JOB_AT, JOB_LENGTH] = [64, MEMORY_BYTES + 1];
/** Behind it, what lanes that march go by: see march.ts. */
const [MARCH_AT, MARCH_BYTES] = [JOB_AT + JOB_LENGTH * 8, 128];
/** Behind that, why a worker failed: characters, up to a zero. */
const [REASON_AT, REASON_BYTES] = [MARCH_AT + MARCH_BYTES, 256];
/** A worker looks so often for the next job before it sleeps: the next phase of a batch comes soon. */
const SPINS = 20_000;
/** Sleeps in a march that tell that the machine is crowded, and jobs that are then done alone. */
const [MOST_NAPS, LEAST_PATIENCE, MOST_PATIENCE] = [3, 2, 256];
/** Milliseconds between two looks of a caller that may not sleep. */
const LOOK = 1;
/** Milliseconds that a caller sleeps for others before it looks whether to stop. */
const NAP = 50;

interface ThreadData {
  readonly memory: Memory;
  readonly control: number;
  readonly lane: number;
}

/**
 * Takes pieces of a job, while there are any. It travels to threads as its own text.
 * @param number of the job; once another has begun, there are none
 */
function takePieces(
  state: Int32Array,
  number: number,
  job: Job,
  pieces: number,
  own: Lane,
  failed: (error: unknown) => void,
): void {
  for (;;) {
    const claim = Atomics.load(state, 5);
    const piece = claim & 255;
    if (claim >>> 8 !== (number & 0x7fffff) || piece >= pieces) return;
    if (Atomics.compareExchange(state, 5, claim, claim + 1) !== claim) continue;
    try {
      own.perform(job, piece);
    } catch (error) {
      failed(error);
    }
    if (Atomics.add(state, 1, 1) + 1 === pieces) Atomics.notify(state, 1);
  }
}

/** A worker's life. It travels as its own text. */
function serve(
  make: (memory: Memory, stopped: () => boolean) => Lane,
  take: typeof takePieces,
  spins: number,
  { memory, control, lane }: ThreadData,
): void {
  const state = new Int32Array(memory.buffer, control, 6);
  const given = new Int32Array(memory.buffer, control + 64, 32);
  const job = new Float64Array(16);
  const words = new Int32Array(job.buffer);
  const reason = new Uint8Array(memory.buffer, control + 320, 256);
  const own = make(memory, () => Atomics.load(state, 4) !== 0);
  const failed = (error: unknown): void => {
    if (Atomics.add(state, 2, 1) === 0)
      reason.set(Array.from(String(error).slice(0, 255), (letter) => letter.charCodeAt(0) & 127));
  };
  let seen = Atomics.load(state, 0);
  Atomics.add(state, 3, 1);
  for (;;) {
    for (let k = 0; k < spins && Atomics.load(state, 0) === seen; k++);
    while (Atomics.load(state, 0) === seen) Atomics.wait(state, 0, seen);
    const now = Atomics.load(state, 0);
    // An odd number: it is being written. A job that has changed meanwhile is none.
    if (now % 2 !== 0) continue;
    for (let k = 0; k < 32; k++) words[k] = Atomics.load(given, k);
    if (Atomics.load(state, 0) !== now) continue;
    seen = now;
    if (job[14] > 0) {
      if (lane < job[2]) take(state, now >>> 1, job, job[14], own, failed);
      continue;
    }
    try {
      if (lane < job[2]) own.perform(job, lane);
    } catch (error) {
      failed(error);
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
  const takePieces = ${takePieces};
  const serve = ${serve};
  const make = (memory, stopped) => {
    const settling = makeSettling(${SLOTS}, ${RUNAWAY});
    const march = makeMarch(memory, data.control + ${MARCH_AT}, ${SPINS});
    return makeLane(memory, WebAssembly, makeMixing, settling, ${SLOTS}, march, ${JSON.stringify(FORMAT)}, stopped);
  };
  serve(make, takePieces, ${SPINS}, data);
}`;

/** What lanes are told and tell, as it lies in memory. */
interface Views {
  readonly buffer: ArrayBufferLike;
  readonly state: Int32Array;
  readonly march: Int32Array;
  /** As words: they are written one by one, so that no reader sees less than all of a number for long. */
  readonly job: Int32Array;
}

const viewsOf = (buffer: ArrayBufferLike, control: number): Views => ({
  buffer,
  state: new Int32Array(buffer, control, STATES),
  march: new Int32Array(buffer, control + MARCH_AT, 2),
  job: new Int32Array(buffer, control + JOB_AT, 2 * JOB_LENGTH),
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
  /** Jobs that are not marched, since the machine was crowded. */
  private crowded = 0;
  private patience = LEAST_PATIENCE;
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

  private get job(): Int32Array {
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
    if (marching && this.crowded > 0) {
      this.crowded--;
      return this.own.perform([kind, program, 1, rows, ...rest], 0);
    }
    return this.inTurn(async () => {
      const news = this.news.get(program) ?? [];
      this.news.delete(program);
      for (const code of news) {
        const address = this.place(code);
        await this.everywhere([JOBS.load, program, this.count, 0, address, code.length]);
        this.memory.release(address, code.length);
      }
      if (!marching)
        return this.everywhere([kind, program, lanes, rows, ...rest], this.own.pieces(kind, rows, lanes));
      await this.everywhere([kind + MARCHING, program, lanes, rows, ...rest]);
      this.lookForCrowd();
    });
  }

  /** Whoever waits for others in march may do better alone for a while, the longer the more often that is so. */
  private lookForCrowd(): void {
    this.patience = this.own.naps() > MOST_NAPS ? Math.min(2 * this.patience, MOST_PATIENCE) : LEAST_PATIENCE;
    if (this.patience > LEAST_PATIENCE) this.crowded = this.patience;
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

  /**
   * Has lanes do a job, and waits until it is done: all of them, or what of them come for its pieces.
   * @param pieces 0: each thread has a part of its own
   */
  private async everywhere(job: readonly number[], pieces = 0): Promise<void> {
    const { state, march } = this;
    const number = ++this.jobs;
    Atomics.store(state, SEQUENCE, (2 * number - 1) | 0);
    const whole = new Float64Array(JOB_LENGTH);
    whole.set(job);
    [whole[PIECES], whole[MEMORY_BYTES]] = [pieces, this.memory.memory.buffer.byteLength];
    new Int32Array(whole.buffer).forEach((word, k) => Atomics.store(this.job, k, word));
    march.fill(0);
    Atomics.store(state, DONE, 0);
    Atomics.store(state, CLAIM, ((number & TAGS) << 8) | (pieces === 0 ? MOST_PIECES : 0));
    Atomics.store(state, SEQUENCE, (2 * number) | 0);
    Atomics.notify(state, SEQUENCE);
    const wanted = pieces === 0 ? (this.threads?.length ?? 0) : pieces;
    if (this.callerWorks) {
      let thrown: unknown;
      // Loads and drops were done here at once.
      if (pieces > 0) takePieces(state, number, whole, pieces, this.own, (error) => (thrown ??= error));
      else if (job[0] >= JOBS.prelude) this.own.perform(whole, 0);
      for (let k = 0; k < SPINS && Atomics.load(state, DONE) !== wanted; k++);
      for (let done = Atomics.load(state, DONE); done !== wanted; done = Atomics.load(state, DONE)) {
        Atomics.wait(state, DONE, done, NAP);
        this.passStop();
      }
      if (thrown !== undefined) throw thrown;
    } else {
      while (Atomics.load(state, DONE) !== wanted) {
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

/**
 * A program in a WebAssembly module of its own. All arrays live in the engine's memory, and the host keeps
 * none: it converts what is set and read, and makes one call a chunk of steps with noise; without noise, one
 * a run.
 */
import { Stopped } from "../../errors";
import { phaseWords } from "../../random";
import type { Executable, RunReport, SettleReport, SettleRequest } from "../engine";
import type { Program } from "../../program/program";
import { NamedExecutable, type Kind } from "../named-executable";
import { residualOf } from "../residual";
import { contractionOf } from "../settling";
import { failProgram } from "../../program/validate";
import type { Features } from "./assembler";
import { JOBS } from "./lane";
import type { Lanes } from "./lanes";
import { KEY_WORDS, layOut, weightFloats, type Layout } from "./layout";
import { strideOf } from "./panels";
import type { EngineMemory } from "./memory";
import { packWeights, pad, unpackWeights, unpad } from "./pack";
import { moduleOf, sharesColumns } from "./program-module";
import { pastOf, settleModuleOf, shiftModuleOf, startOf, type Past, type StartStates } from "./settle-module";
import { drawShares, workOf, type Work } from "./work";
import { writeLists, type Lists } from "./zeros";

/** Steps that lanes march at once: after them they may find that they do better alone. */
const MARCH = 32;

/** Looks for what is asked once it is asked. */
class SimdReport implements RunReport {
  private found: Float64Array | undefined;
  constructor(private readonly find: () => Float64Array) {}

  get residual(): Float64Array {
    this.found ??= this.find();
    return this.found;
  }
}

export class SimdExecutable extends NamedExecutable {
  private readonly layout: Layout;
  private readonly id: number;
  private readonly work: Work;
  private readonly byColumns: boolean;
  /** Whether lanes share every operation of a step. */
  private readonly marching: boolean;
  private disposed = false;
  /** What a first settling made; with a past, where mixing was asked for. */
  private settling: { readonly past: Past | null } | null = null;
  /** Where the states are kept that settling with relative tolerances began from. */
  private starts: StartStates | null = null;

  /**
   * @param lender whose weights it uses, where names and shapes agree
   * @throws OhmletError ENGINE-PROGRAM, ENGINE-MEMORY
   */
  constructor(
    program: Program,
    private readonly memory: EngineMemory,
    private readonly lanes: Lanes,
    private readonly features: Features,
    lender?: SimdExecutable,
  ) {
    super(program);
    this.layout = layOut(program, memory, lender?.lent(program) ?? {});
    this.work = workOf(program);
    this.byColumns = sharesColumns(program);
    this.marching = this.work.step.marches(lanes.count);
    this.id = lanes.register();
    lanes.load(this.id, moduleOf(program, this.layout, features, this.marching));
  }

  override clear(buffer: string): void {
    this.expectWritable(buffer);
    this.floats(this.layout.buffers[buffer], this.program.rows * strideOf(this.program.buffers[buffer])).fill(
      0,
    );
  }

  async prepare(): Promise<void> {
    this.expectAlive();
    this.list((of) => of.height === null);
    const shares = this.work.prelude.shares(1);
    if (this.byColumns) await this.lanes.share(JOBS.columns, this.id, this.lanes.count, shares, []);
    else if (this.program.prelude.length > 0)
      await this.lanes.share(JOBS.prelude, this.id, this.program.rows, shares, []);
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    this.expectAlive();
    for (let done = 0; done < steps;) {
      this.expectGoing();
      const chunk = Math.min(
        this.layout.chunk,
        this.work.step.longest,
        this.marching ? MARCH : Infinity,
        steps - done,
      );
      await this.draw(chunk, firstStep + done);
      done += chunk;
      await this.byRows(JOBS.run, this.work.step.shares(chunk), [
        chunk,
        done === steps ? 1 : 0,
        this.program.rows / this.program.groups,
      ]);
    }
    return new SimdReport(() => this.residual());
  }

  async settle(request: SettleRequest): Promise<SettleReport> {
    this.checkSettle(request);
    this.expectAlive();
    const { steps, tolerance, judgedFrom = 0, mixing, slow = 0, scales, least, relative } = request;
    const { rows, groups } = this.program;
    const past = this.settleModule(mixing !== null);
    if (relative !== undefined) this.keepStarts();
    const { residual, settledAt, terms } = this.layout;
    const { buffer } = this.memory.memory;
    if (scales === undefined) new Float32Array(buffer, terms, rows).fill(1);
    else new Float32Array(buffer, terms, rows).set(scales);
    if (least === undefined) new Int32Array(buffer, terms + 4 * rows, rows).fill(0);
    else new Int32Array(buffer, terms + 4 * rows, rows).set(least);
    new Float32Array(buffer, terms + 24 * rows, 1)[0] = judgedFrom;
    const relatives = new Int32Array(buffer, terms + 8 * rows, rows);
    if (relative === undefined) relatives.fill(0);
    else relatives.set(relative);
    const rest = [
      rows / groups,
      steps,
      tolerance,
      residual,
      settledAt,
      ...(mixing && past !== null ? [past.weights, past.products] : [0, 0]),
      terms,
      (relative === undefined ? 0 : 1) + (mixing === "nesterov" ? 2 : 0),
      slow,
    ];
    this.expectGoing();
    await this.byRows(JOBS.settle, this.work.step.shares(steps), rest);
    this.expectGoing();
    const moved = new Float64Array(this.floats(residual, rows));
    const taken = new Int32Array(new Int32Array(this.memory.memory.buffer, settledAt, rows));
    const report = {
      residual: moved,
      steps: taken,
      contraction: contractionOf(moved, taken, this.floats(terms + 16 * rows, 2 * rows)),
      ...(relative !== undefined && { shifts: Float64Array.from(this.floats(terms + 12 * rows, rows)) }),
    };
    // What is not finite would stay in the past as NaN, even at weight 0.
    if (past !== null && report.residual.some(Number.isNaN)) this.floats(past.points, past.bytes / 4).fill(0);
    return report;
  }

  async adjust(): Promise<void> {
    this.expectAlive();
    if (this.program.adjust === undefined) return;
    this.list((of) => of.height !== null);
    await this.lanes.share(JOBS.adjust, this.id, this.lanes.count, this.work.adjust.shares(1), []);
  }

  readWeights(name: string): Float64Array {
    const { pre, post } = this.program.weights[name];
    return unpackWeights(
      this.floats(this.layout.weights[name], weightFloats(this.program, name)),
      this.program.groups,
      pre,
      post,
    );
  }

  async measure(buffer: string): Promise<{ largest: number; squares: number }> {
    const width = this.program.buffers[buffer];
    const stride = strideOf(width);
    const values = this.floats(this.layout.buffers[buffer], this.program.rows * stride);
    let [largest, squares] = [0, 0];
    for (let row = 0; row < values.length; row += stride) {
      for (let k = row; k < row + width; k++) {
        const x = values[k];
        squares += x * x;
        if (!(Math.abs(x) <= largest)) largest = Math.abs(x);
      }
    }
    return { largest, squares };
  }

  take(buffer: string, from: Executable, source: string, firstRow = 0): void {
    if (
      !(from instanceof SimdExecutable) ||
      from.memory !== this.memory ||
      from.program.buffers[source] !== this.program.buffers[buffer]
    )
      failProgram(`"${buffer}" cannot take "${source}"`, "take");
    const stride = strideOf(this.program.buffers[buffer]);
    const groups = this.program.groups === from.program.groups ? this.program.groups : 1;
    const [rows, given] = [this.program.rows / groups, from.program.rows / groups];
    const taken = Math.min(rows, given - firstRow);
    if (taken < 1 || rows % taken !== 0) failProgram(`${taken} rows do not fill ${rows}`, "take");
    const into = this.floats(this.layout.buffers[buffer], groups * rows * stride);
    for (let group = 0; group < groups; group++) {
      const read = from.floats(
        from.layout.buffers[source] + (group * given + firstRow) * stride * 4,
        taken * stride,
      );
      for (let row = group * rows; row < (group + 1) * rows; row += taken) into.set(read, row * stride);
    }
  }

  takeRows(buffer: string, row: number, from: Executable, source: string): void {
    const stride = strideOf(this.program.buffers[buffer]);
    if (
      !(from instanceof SimdExecutable) ||
      from.memory !== this.memory ||
      from.program.buffers[source] !== this.program.buffers[buffer] ||
      row + from.program.rows > this.program.rows
    )
      failProgram(`"${buffer}" cannot take "${source}" from row ${row} on`, "takeRows");
    const read = from.floats(from.layout.buffers[source], from.program.rows * stride);
    this.floats(this.layout.buffers[buffer], this.program.rows * stride).set(read, row * stride);
  }

  takeWeights(name: string, from: Executable, group: number): void {
    const [own, given] = [
      this.program.weights[name],
      from instanceof SimdExecutable ? from.program.weights[name] : undefined,
    ];
    if (
      !(from instanceof SimdExecutable) ||
      from.memory !== this.memory ||
      from.program.groups !== 1 ||
      given?.pre !== own?.pre ||
      given?.post !== own?.post
    )
      failProgram(`the weights "${name}" cannot be taken`, "takeWeights");
    const size = weightFloats(from.program, name);
    this.floats(this.layout.weights[name] + group * size * 4, size).set(
      from.floats(from.layout.weights[name], size),
    );
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.lanes.forget(this.id);
    this.memory.release(this.layout.begin, this.layout.bytes);
    const past = this.settling?.past;
    if (past) this.memory.release(past.points, past.bytes);
    if (this.starts !== null) this.memory.release(this.starts.begin, this.starts.bytes);
  }

  protected assign(kind: Kind, name: string, values: ArrayLike<number>): void {
    const { rows, groups, buffers, weights, vectors } = this.program;
    switch (kind) {
      case "buffer":
        return pad(
          this.floats(this.layout.buffers[name], rows * strideOf(buffers[name])),
          values,
          buffers[name],
          strideOf(buffers[name]),
        );
      case "vector":
        return pad(
          this.floats(this.layout.vectors[name], groups * strideOf(vectors[name])),
          values,
          vectors[name],
          strideOf(vectors[name]),
        );
      case "weights":
        return packWeights(
          this.floats(this.layout.weights[name], weightFloats(this.program, name)),
          values,
          groups,
          weights[name].pre,
          weights[name].post,
        );
      case "row values":
        return this.floats(this.layout.rowValues[name], rows).set(values);
      case "scalar":
        return this.floats(this.layout.scalars[name], 1).set(values);
    }
  }

  protected copyOf(buffer: string): Float64Array {
    const { rows, buffers } = this.program;
    const stride = strideOf(buffers[buffer]);
    return unpad(this.floats(this.layout.buffers[buffer], rows * stride), rows, buffers[buffer], stride);
  }

  /** Addresses of the weights that another program may use. */
  private lent({ groups, weights }: Program): Record<string, number> {
    const own = this.program.weights;
    const fits = (name: string): boolean =>
      groups === this.program.groups &&
      Object.hasOwn(own, name) &&
      own[name].pre === weights[name].pre &&
      own[name].post === weights[name].post;
    return Object.fromEntries(
      Object.keys(weights)
        .filter(fits)
        .map((name) => [name, this.layout.weights[name]]),
    );
  }

  /** The functions of settling, with mixing from the first time that it is asked for. */
  private settleModule(mixing: boolean): Past | null {
    if (this.settling === null || (mixing && this.settling.past === null)) {
      const past = mixing ? pastOf(this.program, this.memory.reserve(pastOf(this.program, 0).bytes)) : null;
      this.lanes.load(this.id, settleModuleOf(this.program, this.layout, past, this.features));
      this.settling = { past };
    }
    return this.settling.past;
  }

  /** The functions that measure shifts, from the first time that a tolerance is relative. */
  private keepStarts(): void {
    if (this.starts !== null) return;
    this.starts = startOf(this.program, this.memory.reserve(startOf(this.program, 0).bytes));
    this.lanes.load(this.id, shiftModuleOf(this.program, this.layout, this.starts, this.features));
  }

  /** Lists what is not zero in what the program was given. */
  private list(which: (of: Lists) => boolean): void {
    const lists = [...this.layout.zeros.values()].filter(which);
    const { buffer } = this.memory.memory;
    writeLists(lists, this.program, buffer, (name) => this.layout.buffers[name]);
  }

  private expectAlive(): void {
    if (this.disposed) throw new Error("the executable has been disposed of");
  }

  /** @throws Stopped once told to stop: what a phase would have led to is not known */
  private expectGoing(): void {
    if (this.lanes.stopped) throw new Stopped();
  }

  private floats(address: number, length: number): Float32Array {
    this.expectAlive();
    return this.memory.floats(address, length);
  }

  /** A job over all rows, by all lanes where they march, else shared out. */
  private byRows(
    kind: typeof JOBS.run | typeof JOBS.settle,
    shares: number,
    rest: readonly number[],
  ): Promise<void> {
    const { rows } = this.program;
    return this.lanes.share(kind, this.id, rows, shares, rest, this.marching);
  }

  private async draw(steps: number, firstStep: number): Promise<void> {
    const { noise, keys } = this.layout;
    if (noise.size === 0) return;
    const blocks = this.keys.length;
    for (const { stream, address, count, stride } of noise.values()) {
      const words = new Int32Array(this.memory.memory.buffer, keys, KEY_WORDS * blocks);
      this.keys.forEach((key, k) => words.set(phaseWords(key, stream), KEY_WORDS * k));
      await this.lanes.share(JOBS.draw, this.id, steps, drawShares(count * steps), [
        address,
        stride,
        count / blocks,
        firstStep,
        keys,
        blocks,
      ]);
    }
  }

  private residual(): Float64Array {
    const { rows, watched, buffers, counts = {} } = this.program;
    return residualOf(
      rows,
      watched.map((name) => {
        const stride = strideOf(buffers[name]);
        const of = (address: number): Float32Array => this.floats(address, rows * stride);
        return {
          now: of(this.layout.buffers[name]),
          before: of(this.layout.previous[name]),
          width: buffers[name],
          stride,
          times: counts[name] ?? 1,
        };
      }),
    );
  }
}

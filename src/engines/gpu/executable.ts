/**
 * A program on GPU.js. What is asked of it becomes nodes of a graph (graph.ts). By itself a run is one call a
 * chunk of steps: it uploads what the chunk reads, and reads states back. Within `together`, calls wait for
 * each other, and all is one pipeline.
 */
import type { IKernelRunShortcut } from "gpu.js";
import type { Stop } from "../../errors";
import { expectGoing } from "../../errors";
import type { Program } from "../../program/program";
import { failProgram } from "../../program/validate";
import type { Executable, RunReport, SettleReport, SettleRequest } from "../engine";
import { NamedExecutable, type Kind } from "../named-executable";
import type { Room } from "../room";
import { Update, type Synapses } from "./adjust";
import { argumentKey, type ArgumentKind } from "./arguments";
import type { Device } from "./device";
import { toldBy, Value, type Cell, type Kernels, type Size } from "./graph";
import { isNoisy, type KernelText } from "./kernels";
import { expectWithin } from "./limits";
import { changeOf, measureOf, putRows, repeatRows, Steps, zeros } from "./nodes";
import { checkParts } from "./parts";
import { Scope } from "./scope";
import { settle } from "./settle";
import { Wirings } from "./wiring";

/**
 * Longest chunk: by then the crossing, 0.05 ms, is nothing, and a pipeline of more steps only takes longer to
 * build.
 */
const LONGEST_CHUNK = 64;
/** Most values drawn at once for one map, 16 MB. */
const MOST_DRAWS = 2 ** 22;

const KINDS: Readonly<Record<Kind, ArgumentKind>> = {
  buffer: "buffer",
  weights: "weights",
  vector: "vector",
  "row values": "row",
  scalar: "scalar",
};

let count = 0;

/** What only says what is to run never waits for the machine; what does, waits for what comes only after it. */
async function endsByItself<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("what runs together waits for what it reads")), 0);
  });
  return Promise.race([work, stuck]).finally(() => clearTimeout(timer));
}

export class GpuExecutable extends NamedExecutable implements Kernels {
  private readonly id = `e${count++}`;
  private readonly cells = new Map<string, Cell>();
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  private readonly updates: readonly Update[];
  private readonly steps: Steps;
  private readonly longestChunk: number;
  /** Whose weights it has, and theirs: what waits within `together` waits for all of them. */
  private readonly root: GpuExecutable;
  private scope_: Scope | null = null;
  private disposed = false;

  /**
   * @param lender whose weights it uses, where names and shapes agree
   * @throws OhmletError ENGINE-PROGRAM, ENGINE-MEMORY, ENGINE-LIMIT, EQ-SIZE
   */
  constructor(
    private readonly device: Device,
    program: Program,
    private readonly room: Room,
    private readonly stop?: Stop,
    lender?: GpuExecutable,
  ) {
    super(program);
    checkParts(program, device.name);
    expectWithin(device.limits, device.name, program);
    room.take(program);
    device.expect();
    this.root = lender?.root ?? this;
    const { rows, groups, buffers, weights, vectors, rowValues, scalars } = program;
    const declare = (kind: ArgumentKind, name: string, size: Size): unknown =>
      this.cells.set(argumentKey(kind, name), { value: zeros(size) });
    for (const [name, width] of Object.entries(buffers)) declare("buffer", name, [width, rows]);
    for (const [name, { pre, post }] of Object.entries(weights)) {
      const lent = lender?.lent(name, program);
      if (lent === undefined) declare("weights", name, [post, pre * groups]);
      else this.cells.set(argumentKey("weights", name), lent);
    }
    for (const [name, width] of Object.entries(vectors)) declare("vector", name, [width, groups]);
    for (const name of rowValues) declare("row", name, [rows]);
    for (const name of scalars) declare("scalar", name, [1]);
    const { traits, names, draws } = device;
    const { adjust = [], ...others } = program;
    this.updates = adjust.map((operation) => new Update(operation, device));
    const wirings = new Wirings(program, traits.longestRun);
    // Tables of connections are a program's own, and so is what reads them.
    const wired = [...program.prelude, ...program.step, ...(program.judge ?? [])].some(
      (operation) => operation.op === "project" && operation.terms.some(({ through }) => through),
    );
    const results = adjust.flatMap(({ products }) => products.flatMap(({ pre, post }) => [pre, post]));
    this.steps = new Steps(
      wired ? this.id : names.ofData([others, results]),
      this.id,
      wired ? this : undefined,
      program,
      { traits, wirings, draws, texts: new Map() },
    );
    const drawn = program.step.flatMap((operation) =>
      operation.op === "map" && isNoisy(operation) ? [rows * buffers[operation.out]] : [],
    );
    this.longestChunk = Math.max(1, Math.min(LONGEST_CHUNK, Math.floor(MOST_DRAWS / Math.max(1, ...drawn))));
  }

  kernel(text: KernelText): IKernelRunShortcut {
    // Tables are a program's own; all other kernels may be anybody's.
    return text.tables === undefined ? this.device.kernel(text) : this.device.kernelIn(this.kernels, text);
  }

  override clear(buffer: string): void {
    this.expectWritable(buffer);
    const cell = this.cell("buffer", buffer);
    cell.value = zeros(cell.value.size);
  }

  async prepare(): Promise<void> {
    const { prelude } = this.program;
    if (prelude.length === 0) return;
    const { results } = this.steps.record("prelude", prelude, 1, this.reading);
    this.keep(results);
    await this.arrive([...results.values()]);
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    const residual = new Float64Array(this.program.rows);
    const { watched, counts, step } = this.program;
    for (let done = 0; done < steps;) {
      if (this.scope === null) expectGoing(this.stop);
      const chunk = Math.min(this.longestChunk, steps - done);
      const { results, before } = this.steps.record("steps", step, chunk, this.reading, {
        keys: this.keys,
        firstStep: firstStep + done,
      });
      this.keep(results);
      done += chunk;
      const change =
        done < steps
          ? null
          : changeOf(watched.map((name) => [this.cell("buffer", name).value, before(name), counts?.[name]]));
      if (this.scope === null)
        await this.device.bring(change === null ? [...results.values()] : [...results.values(), change]);
      if (change !== null) this.later(change, (host) => residual.set(host));
    }
    return { residual };
  }

  async settle(request: SettleRequest): Promise<SettleReport> {
    this.checkSettle(request);
    const { program } = this;
    const cell = (name: string): Cell => this.cell("buffer", name);
    return settle(program, request, {
      cell,
      host: (values) => this.device.bring(values),
      run: async (steps) => {
        expectGoing(this.stop);
        const { results, before } = this.steps.record("steps", program.step, steps, this.reading);
        const previous = program.watched.map(before);
        this.keep(results);
        return { results: [...results.values()], previous };
      },
      change: (previous) =>
        changeOf(program.watched.map((name, k) => [cell(name).value, previous[k], program.counts?.[name]])),
      judge: () => {
        const { results } = this.steps.record("judge", program.judge ?? program.step, 1, this.reading);
        return changeOf(
          program.watched.map((name) => [
            results.get(name) ?? cell(name).value,
            cell(name).value,
            program.counts?.[name],
          ]),
        );
      },
    });
  }

  async adjust(): Promise<void> {
    const { scope } = this;
    const weights = Object.keys(this.program.weights).map((name) => this.cell("weights", name));
    const written = new Set<Value>();
    const synapses: Synapses = {
      owner: this,
      traits: this.device.traits,
      rows: this.program.rows,
      buffer: (name) => this.cell("buffer", name).value,
      weights: (name) => this.cell("weights", name).value,
      scalar: (name) => this.cell("scalar", name).value,
      setWeights: (name, value) => {
        const cell = this.cell("weights", name);
        scope?.writes(cell, learns, weights);
        cell.value = value;
        written.add(value);
      },
    };
    let learns = false;
    for (const update of this.updates) {
      ({ learns } = update);
      update.run(synapses);
    }
    if (scope !== null) return;
    for (const value of toldBy(weights, written)) value.stay();
    await this.device.bring([...written]);
  }

  /** Once the host has it: after `adjust`, or after `together` where other arrays do not tell it. */
  readWeights(name: string): Float64Array {
    const { host } = this.cell("weights", name).value;
    return host === null
      ? failProgram(`the weights "${name}" are still where they were computed`, "readWeights")
      : Float64Array.from(host);
  }

  async measure(buffer: string): Promise<{ largest: number; squares: number }> {
    const found = measureOf(this.cell("buffer", buffer).value);
    const [largest, squares] = await Promise.all(this.hosts([found.largest, found.squares]));
    return {
      largest: largest.reduce((m, x) => (x <= m ? m : x), 0),
      squares: squares.reduce((sum, x) => sum + x, 0),
    };
  }

  take(buffer: string, from: Executable, source: string, firstRow = 0): void {
    const given = this.other(from, buffer, source, "take");
    const groups = this.program.groups === given.program.groups ? this.program.groups : 1;
    const [rows, there] = [this.program.rows / groups, given.program.rows / groups];
    const taken = Math.min(rows, there - firstRow);
    if (taken < 1 || rows % taken !== 0) failProgram(`${taken} rows do not fill ${rows}`, "take");
    const cell = this.cell("buffer", buffer);
    const read = given.cell("buffer", source).value;
    cell.value = repeatRows(read, cell.value.size, { groups, taken, given: there, first: firstRow });
  }

  takeRows(buffer: string, row: number, from: Executable, source: string): void {
    const given = this.other(from, buffer, source, "takeRows");
    if (row + given.program.rows > this.program.rows)
      failProgram(`"${buffer}" cannot take "${source}" from row ${row} on`, "takeRows");
    const cell = this.cell("buffer", buffer);
    cell.value = putRows(cell.value, given.cell("buffer", source).value, row);
  }

  takeWeights(name: string, from: Executable, group: number): void {
    const [own, given] = [
      this.program.weights[name],
      from instanceof GpuExecutable ? from.program.weights[name] : undefined,
    ];
    if (
      !(from instanceof GpuExecutable) ||
      from.device !== this.device ||
      from.program.groups !== 1 ||
      given?.pre !== own?.pre ||
      given?.post !== own?.post
    )
      failProgram(`the weights "${name}" cannot be taken`, "takeWeights");
    const cell = this.cell("weights", name);
    cell.value = putRows(cell.value, from.cell("weights", name).value, group * own.pre);
  }

  async together<T>(work: () => Promise<T>): Promise<{ result: T; fits: number; undo: () => void }> {
    const { root, device } = this;
    if (root.scope_ !== null) throw new Error("what runs together already does");
    const scope = new Scope();
    root.scope_ = scope;
    try {
      const result = await endsByItself(work());
      expectGoing(this.stop);
      const taken = await device.bring(scope.wanted);
      scope.arrived();
      return { result, fits: device.fits(taken), undo: () => scope.undo() };
    } catch (error) {
      scope.fail(error);
      throw error;
    } finally {
      root.scope_ = null;
    }
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.room.give(this.program);
    this.device.forget(this);
    for (const kernel of this.kernels.values()) kernel.destroy();
    this.kernels.clear();
  }

  protected assign(kind: Kind, name: string, values: ArrayLike<number>): void {
    const cell = this.cell(KINDS[kind], name);
    const ofBatch = kind !== "weights" && kind !== "vector";
    cell.value = Value.given(
      new Float32Array(values),
      cell.value.size,
      `${this.id} ${kind} ${name}`,
      ofBatch,
    );
  }

  protected async copyOf(buffer: string): Promise<Float64Array> {
    const [found] = this.hosts([this.cell("buffer", buffer).value]);
    return Float64Array.from(await found);
  }

  private get scope(): Scope | null {
    return this.root.scope_;
  }

  private readonly reading = (kind: ArgumentKind, name: string): Value => this.cell(kind, name).value;

  private cell(kind: ArgumentKind, name: string): Cell {
    const found = this.cells.get(argumentKey(kind, name));
    return found ?? failProgram(`there are no ${kind} "${name}"`, "executable");
  }

  private keep(results: ReadonlyMap<string, Value>): void {
    for (const [name, value] of results) this.cell("buffer", name).value = value;
  }

  /** Has arrays computed now, where nothing else is to run with them. */
  private async arrive(values: readonly Value[]): Promise<void> {
    if (this.scope !== null) return;
    await this.device.bring(values);
  }

  /** Hands over what an array holds, as soon as the host has it. */
  private later(value: Value, take: (host: Float32Array) => void): void {
    if (value.host !== null) take(value.host);
    else void this.hosts([value])[0].then(take, () => undefined);
  }

  /** What arrays hold: at once, or once what runs together has run. */
  private hosts(values: readonly Value[]): Promise<Float32Array>[] {
    const { scope } = this;
    if (scope !== null) return values.map((value) => scope.wants(value));
    const brought = this.device.bring(values);
    return values.map(async (value) => {
      await brought;
      return value.host as Float32Array;
    });
  }

  private lent(name: string, { groups, weights }: Program): Cell | undefined {
    const own = Object.hasOwn(this.program.weights, name) ? this.program.weights[name] : undefined;
    const fits =
      groups === this.program.groups && own?.pre === weights[name].pre && own?.post === weights[name].post;
    return fits ? this.cells.get(argumentKey("weights", name)) : undefined;
  }

  private other(from: Executable, buffer: string, source: string, what: string): GpuExecutable {
    if (
      !(from instanceof GpuExecutable) ||
      from.device !== this.device ||
      from.program.buffers[source] !== this.program.buffers[buffer]
    )
      return failProgram(`"${buffer}" cannot take "${source}"`, what);
    return from;
  }
}

/** What every executable checks alike, wherever its arrays are: names, lengths, seeds, steps. */
import { OhmletError } from "../errors";
import { readableBuffers, writableBuffers } from "../program/dataflow";
import { checkSeed, type PhaseKey } from "../random";
import type { Executable, RunReport, SettleReport, SettleRequest } from "./engine";
import type { Program } from "../program/program";
import { failProgram, validate } from "../program/validate";

/** The kinds of named arrays of a program, as messages call them. */
export type Kind = "buffer" | "weights" | "vector" | "row values" | "scalar";

export abstract class NamedExecutable implements Executable {
  /** Keys of the draws, each of a block of rows. */
  protected keys: readonly PhaseKey[] = [{ seed: 0, phase: 0 }];
  private readonly writable: ReadonlySet<string>;
  private readonly readable: ReadonlySet<string>;
  private readonly lengths: Record<Kind, ReadonlyMap<string, number>>;

  /** @throws OhmletError ENGINE-PROGRAM */
  constructor(readonly program: Program) {
    validate(program);
    const { rows, groups, buffers, weights, vectors, rowValues, scalars } = program;
    this.writable = writableBuffers(program);
    this.readable = readableBuffers(program);
    this.lengths = {
      buffer: new Map(Object.entries(buffers).map(([name, width]) => [name, rows * width])),
      weights: new Map(Object.entries(weights).map(([name, { pre, post }]) => [name, groups * pre * post])),
      vector: new Map(Object.entries(vectors).map(([name, width]) => [name, groups * width])),
      "row values": new Map(rowValues.map((name) => [name, rows])),
      scalar: new Map(scalars.map((name) => [name, 1])),
    };
  }

  /**
   * @throws OhmletError ENGINE-PROGRAM for a buffer that the program computes itself, ENGINE-SHAPE for a
   *   wrong length
   */
  write(buffer: string, values: ArrayLike<number>): void {
    this.expectWritable(buffer);
    this.set("buffer", buffer, values);
  }

  clear(buffer: string): void {
    this.write(buffer, new Float64Array(this.lengths.buffer.get(buffer) ?? 0));
  }

  setWeights(name: string, values: ArrayLike<number>): void {
    this.set("weights", name, values);
  }

  setVector(name: string, values: ArrayLike<number>): void {
    this.set("vector", name, values);
  }

  setRowValues(name: string, values: ArrayLike<number>): void {
    this.set("row values", name, values);
  }

  setScalar(name: string, value: number): void {
    this.set("scalar", name, [value]);
  }

  setSeed(...seeds: readonly (number | PhaseKey)[]): void {
    const keys = seeds.map((given) =>
      typeof given === "object" && given !== null
        ? { seed: checkSeed(given.seed), phase: checkSeed(given.phase, "phase") }
        : { seed: checkSeed(given), phase: 0 },
    );
    const { rows } = this.program;
    if (keys.length === 0 || rows % keys.length !== 0)
      throw new OhmletError({
        code: "ENGINE-SEED",
        fact: `${keys.length} seeds cannot share ${rows} rows`,
        remedy: "give one seed, or one for each block of as many rows",
      });
    this.keys = keys;
  }

  /** @throws OhmletError ENGINE-PROGRAM for a buffer that is no output */
  async read(buffer: string): Promise<Float64Array> {
    if (!this.readable.has(buffer)) failProgram(`"${buffer}" is no output`, "read");
    return this.copyOf(buffer);
  }

  /** @throws OhmletError ENGINE-PROGRAM for a buffer that the program computes itself */
  protected expectWritable(buffer: string): void {
    if (!this.writable.has(buffer)) failProgram(`"${buffer}" is neither state nor an input`, "write");
  }

  abstract prepare(): Promise<void>;
  abstract run(steps: number, firstStep: number): Promise<RunReport>;
  abstract settle(request: SettleRequest): Promise<SettleReport>;
  abstract dispose(): void;

  /** Takes values of a checked name and length. */
  protected abstract assign(kind: Kind, name: string, values: ArrayLike<number>): void;
  /** A buffer as a fresh array, [rows * width]. */
  protected abstract copyOf(buffer: string): Float64Array | Promise<Float64Array>;

  /**
   * @throws OhmletError ENGINE-PROGRAM unless `steps` is a positive integer and all step numbers fit 32 bits
   */
  protected checkRun(steps: number, firstStep: number): void {
    if (!Number.isInteger(steps) || steps < 1) failProgram(`${steps} steps`, "run");
    if (!Number.isInteger(firstStep) || firstStep < 0 || firstStep + steps > 2 ** 32)
      failProgram(`steps from ${firstStep}`, "run");
  }

  /** @throws OhmletError ENGINE-PROGRAM, ENGINE-SHAPE */
  protected checkSettle({ steps, scales, least, relative }: SettleRequest): void {
    this.checkRun(steps, 0);
    for (const [what, values] of [
      ["scales", scales],
      ["least steps", least],
      ["relative tolerances", relative],
    ] as const)
      if (values !== undefined) expectLength(what, values, this.program.rows);
  }

  private set(kind: Kind, name: string, values: ArrayLike<number>): void {
    const length = this.lengths[kind].get(name);
    if (length === undefined) failProgram(`there are no ${kind} "${name}"`, "executable");
    expectLength(`${kind} "${name}"`, values, length);
    this.assign(kind, name, values);
  }
}

function expectLength(what: string, values: ArrayLike<number>, length: number): void {
  if (values.length === length) return;
  throw new OhmletError({
    code: "ENGINE-SHAPE",
    fact: `${what} take ${length} values, not ${values.length}`,
    place: { where: "executable" },
    remedy: "give one value for each row and unit",
  });
}

/**
 * Reads through a readout: rows of units, one device a unit. What is held is sampled, moves for as long as it is held,
 * and is read, each read with draws of its own, keyed by (seed, what is read, number of the read, index). What lasts
 * from read to read (lasting-states.ts) is given with what is read; else each read has it as it has become in long.
 */
import type { ReadoutDevice } from "../device/types";
import { isNormal } from "../equations/draws";
import { symbol } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import { drawParameters } from "./draw";
import type { Over } from "./event-loops";
import { LastingStates, lastingPart, type LastingValues } from "./lasting-states";
import { StateArray } from "./state-array";

function tile(column: Float64Array, times: number): Float64Array {
  const out = new Float64Array(column.length * times);
  for (let k = 0; k < times; k++) out.set(column, k * column.length);
  return out;
}

/** Which read it is: of what, and its number. */
export interface ReadKey {
  readonly seed: number;
  readonly what: string;
  readonly number: number;
  /** Seconds from the sample to the read. */
  readonly held: number;
  /** What lasts, when it is sampled and when it is read: by state, [rows, units]. */
  readonly lasting?: { readonly sampled: LastingValues; readonly read: LastingValues };
}

const NUMBERS = 2 ** 32;
/** Values that are read at once, about: whole rows of them, and a multiple of the four draws of a block. */
const MOST = 2 ** 16;

/** Rows that are read together: what each value is held in. */
class Rows extends StateArray<ReadoutDevice> {
  read(x: Float64Array, over: Over, { number, held: seconds, lasting }: ReadKey): Float64Array {
    const { draws } = this.device;
    this.happened.fill(number);
    this.inBlocks((from, length) => this.begin(from, length));
    this.put(lasting?.sampled);
    this.happen("sample", (into, from) => into.set(x.subarray(from, from + into.length)));
    if (seconds > 0) this.age(seconds);
    this.put(lasting?.read);
    const out = new Float64Array(x.length);
    this.inBlocks((from, length) => {
      const drawn = draws.map((name) => this.draws(name, number, isNormal(name), from, length));
      const own: Column[] = [...this.heldAt(from, length), ...drawn, x.subarray(from, from + length)];
      over(out.subarray(from, from + length), [...own, ...this.othersAt(from, length)]);
    });
    return out;
  }

  /** Sets what lasts to what it is at a moment. */
  private put(values: LastingValues = {}): void {
    for (const [name, at] of Object.entries(values)) this.stored.get(name)?.set(at);
  }

  /** A parameter of a unit is that of all of its rows. */
  protected override othersAt(_from: number, length: number): Column[] {
    return this.others.map((column) =>
      typeof column === "number" || column.length === length ? column : tile(column, length / column.length),
    );
  }

  protected override inBlocks(block: (from: number, length: number) => void): void {
    const { columns } = this.arrangement;
    super.inBlocks(block, 4 * columns * Math.max(1, Math.floor(MOST / (4 * columns))));
  }
}

/** The devices that read a population, one a unit. */
export class Reads {
  private readonly parameters: Readonly<Record<string, number | Float64Array>>;
  private readonly over: Over;

  /**
   * @param units how many are read side by side
   * @param key what the devices are for: "readout/out"
   * @param seed of fabrication
   */
  constructor(
    readonly device: ReadoutDevice,
    readonly units: number,
    private readonly key: string,
    seed: number,
  ) {
    this.parameters = drawParameters(device.parameters, { rows: 1, columns: units, key }, seed);
    this.over = vectorize(device.read ?? symbol("x"), [
      ...Object.keys(device.stored),
      ...device.draws,
      "x",
      ...Object.keys(device.parameters),
      ...Object.keys(CONSTANTS),
    ]);
  }

  /** What is read of values [rows, units], SI. */
  read(x: Float64Array, given: ReadKey): Float64Array {
    const { seed, what, number } = given;
    const { device, key, units, parameters } = this;
    if (device.read === null) return x;
    // Draws are numbered by 32 bits.
    const called = `${key}/${what}/${Math.floor(number / NUMBERS)}`;
    const rows = new Rows(device, { rows: x.length / units, columns: units, key: called }, seed, parameters);
    return rows.read(x, this.over, { ...given, number: number % NUMBERS });
  }

  /** Whether anything of its devices lasts from read to read. */
  get lasts(): boolean {
    return this.device.read !== null && lastingPart(this.device) !== null;
  }

  /** What lasts of them, from a moment on. @param what it is for, which keys draws */
  lasting(seed: number, what: string, at: number): LastingStates {
    const part = lastingPart(this.device) ?? this.device;
    return new LastingStates(part, this.units, `${this.key}/lasting/${what}`, seed, this.parameters, at);
  }
}

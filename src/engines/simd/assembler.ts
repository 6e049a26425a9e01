/**
 * A WebAssembly assembler, as far as the engine needs one: function bodies, and a module of functions over
 * one imported memory. It checks nothing; the validation of the machine that compiles the module does.
 */
import {
  accessCode,
  isPlain,
  plainCode,
  vectorCode,
  type AccessName,
  type PlainName,
  type VectorName,
} from "./opcodes";
import { MOST_PAGES } from "./webassembly";

export type LocalType = "i32" | "v128";
const TYPES: Record<LocalType, number> = { i32: 0x7f, v128: 0x7b };
const EMPTY = 0x40;

/** A variable of a function, by its number. */
export type Local = number & { readonly local: unique symbol };

/** Unsigned LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 128;
    bytes.push((rest % 128) + (more ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128 of 32 bits. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const low = rest & 0x7f;
    const last = (rest >> 7 === 0 && (low & 0x40) === 0) || (rest >> 7 === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

const text = (name: string): number[] => [
  ...unsigned(name.length),
  ...Array.from(name, (c) => c.charCodeAt(0)),
];
const list = (items: readonly number[][]): number[] => [...unsigned(items.length), ...items.flat()];

type Bytes = ArrayLike<number>;
const lengthOf = (parts: readonly Bytes[]): number => parts.reduce((sum, part) => sum + part.length, 0);

/**
 * The body of a function, written instruction by instruction. Methods return the body itself, to be chained.
 */
export class Code {
  /** Grows as it is written: a formula with many functions is a million bytes. */
  private bytes = new Uint8Array(256);
  private length = 0;
  private readonly locals: LocalType[] = [];
  /** Vectors that may be written to. */
  private readonly free: Local[] = [];
  /** What has been taken by what runs aside. */
  private taken: Local[] | null = null;

  /** @param parameters how many i32 the function takes: its first locals */
  constructor(readonly parameters = 0) {}

  parameter(i: number): Local {
    return i as Local;
  }

  /** A fresh variable. */
  local(type: LocalType): Local {
    const local =
      (type === "v128" ? this.free.pop() : undefined) ??
      ((this.parameters + this.locals.push(type) - 1) as Local);
    this.taken?.push(local);
    return local;
  }

  /**
   * Runs `body`, which writes code that runs straight on. The vectors that it takes are free for others
   * afterwards, but for those that it returns: a function has room for 50,000 variables, and each exponential
   * in it takes ten.
   */
  aside(body: () => readonly Local[]): readonly Local[] {
    const outer = this.taken;
    const taken = (this.taken = [] as Local[]);
    const kept = body();
    this.taken = outer;
    outer?.push(...kept);
    this.free.push(...taken.filter((local) => !kept.includes(local)).reverse());
    return kept;
  }

  get(local: Local): this {
    return this.byte(0x20).unsigned(local);
  }

  set(local: Local): this {
    return this.byte(0x21).unsigned(local);
  }

  tee(local: Local): this {
    return this.byte(0x22).unsigned(local);
  }

  i32(value: number): this {
    return this.byte(0x41).all(signed(value));
  }

  do(name: PlainName | VectorName): this {
    return isPlain(name) ? this.byte(plainCode(name)) : this.byte(0xfd).unsigned(vectorCode(name));
  }

  /**
   * A load, or a store, at the address on the stack plus `offset` bytes. Alignment is a hint; 4 bytes always
   * hold.
   */
  at(name: AccessName, offset: number): this {
    return this.byte(0xfd).unsigned(accessCode(name)).byte(2).unsigned(offset);
  }

  /** Loads an i32 at the address on the stack plus `offset` bytes. */
  load(offset: number): this {
    return this.byte(0x28).byte(2).unsigned(offset);
  }

  /** Stores one float32 lane of the vector on the stack at the address below it plus `offset` bytes. */
  storeLane(lane: number, offset: number): this {
    return this.byte(0xfd).byte(0x5a).byte(2).unsigned(offset).byte(lane);
  }

  /** 16 bytes as they lie in memory. */
  vector(bytes: Uint8Array): this {
    return this.byte(0xfd).byte(0x0c).all(bytes);
  }

  /** Bytes of two vectors on the stack, picked by number. */
  shuffle(lanes: readonly number[]): this {
    return this.byte(0xfd).byte(0x0d).all(lanes);
  }

  call(index: number): this {
    return this.byte(0x10).unsigned(index);
  }

  /** Copies bytes: to, from and length are on the stack. */
  copy(): this {
    return this.byte(0xfc).byte(0x0a).byte(0).byte(0);
  }

  /** Fills bytes: from, value and length are on the stack. */
  fill(): this {
    return this.byte(0xfc).byte(0x0b).byte(0);
  }

  /** Repeats `body`, at least once, while it leaves something but zero on the stack. */
  repeat(body: () => void): this {
    this.byte(0x03).byte(EMPTY);
    body();
    return this.byte(0x0d).byte(0).byte(0x0b);
  }

  /**
   * Repeats `body` like `repeat`; what it reads after an `apart` is read when what comes before is computed. Compilers
   * otherwise begin a turn with all that it reads (V8 does), and sums that would fit into the registers leave them for
   * it. A way out of the loop that is never taken, since `never` leaves zero, is what keeps them from it.
   */
  repeatApart(never: () => void, body: (apart: () => void) => void): this {
    this.byte(0x02).byte(EMPTY);
    this.repeat(() =>
      body(() => {
        never();
        this.byte(0x0d).byte(1);
      }),
    );
    return this.byte(0x0b);
  }

  /** Runs `body` if what is on the stack is not zero. */
  when(body: () => void): this {
    this.byte(0x04).byte(EMPTY);
    body();
    return this.byte(0x0b);
  }

  /** sum += a * b, vectors of float32. */
  multiplyAdd(sum: Local, a: Local, b: Local, { fused }: Features): this {
    if (fused) return this.get(a).get(b).get(sum).do("f32x4.relaxed_madd").set(sum);
    return this.get(sum).get(a).get(b).do("f32x4.mul").do("f32x4.add").set(sum);
  }

  /** local += amount. */
  advance(local: Local, amount: number): this {
    return amount === 0 ? this : this.get(local).i32(amount).do("i32.add").set(local);
  }

  /** The body with its size and locals, as a module holds it, in parts. */
  finish(): readonly Bytes[] {
    const runs: { type: LocalType; count: number }[] = [];
    for (const type of this.locals) {
      if (runs.at(-1)?.type !== type) runs.push({ type, count: 0 });
      runs[runs.length - 1].count++;
    }
    const locals = list(runs.map(({ type, count }) => [...unsigned(count), TYPES[type]]));
    return [
      [...unsigned(locals.length + this.length + 1), ...locals],
      this.bytes.subarray(0, this.length),
      [0x0b],
    ];
  }

  private byte(value: number): this {
    if (this.length === this.bytes.length) {
      const longer = new Uint8Array(2 * this.length);
      longer.set(this.bytes);
      this.bytes = longer;
    }
    this.bytes[this.length++] = value;
    return this;
  }

  /** Unsigned LEB128. */
  private unsigned(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    return this.byte(rest);
  }

  private all(bytes: ArrayLike<number>): this {
    for (let i = 0; i < bytes.length; i++) this.byte(bytes[i]);
    return this;
  }
}

/** What a module may use. */
export interface Features {
  /** Whether its memory is shared between threads; see `makeMemory` for its size. */
  readonly shared: boolean;
  /** Whether products and sums are fused: faster, and rounded as the machine at hand does it. */
  readonly fused: boolean;
}

/** A module: functions without results that take i32 only, over one memory imported as "host" "memory". */
export class ModuleBuilder {
  private readonly functions: Code[] = [];
  private readonly exports: number[][] = [];

  constructor(readonly features: Features) {}

  /** Adds a function; returns the index to call it by. */
  add(code: Code): number {
    return this.functions.push(code) - 1;
  }

  export(name: string, index: number): void {
    this.exports.push([...text(name), 0x00, ...unsigned(index)]);
  }

  finish(): Uint8Array {
    const most = Math.max(0, ...this.functions.map(({ parameters }) => parameters));
    // Type k: k integers to nothing.
    const types = Array.from({ length: most + 1 }, (_, k) => [
      0x60,
      ...list(Array.from({ length: k }, () => [TYPES.i32])),
      0,
    ]);
    const section = (id: number, parts: readonly Bytes[]): readonly Bytes[] => [
      [id, ...unsigned(lengthOf(parts))],
      ...parts,
    ];
    const parts: readonly Bytes[] = [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [list(types)]),
      ...section(2, [
        list([
          [
            ...text("host"),
            ...text("memory"),
            0x02,
            this.features.shared ? 0x03 : 0x01,
            1,
            ...unsigned(MOST_PAGES),
          ],
        ]),
      ]),
      ...section(3, [list(this.functions.map(({ parameters }) => unsigned(parameters)))]),
      ...section(7, [list(this.exports)]),
      ...section(10, [unsigned(this.functions.length), ...this.functions.flatMap((code) => code.finish())]),
    ];
    // Bodies are long: each byte is copied once.
    const module = new Uint8Array(lengthOf(parts));
    parts.reduce((at, part) => (module.set(part, at), at + part.length), 0);
    return module;
  }
}

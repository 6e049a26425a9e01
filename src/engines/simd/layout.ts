/**
 * Where a program's arrays lie in the memory of its engine, as addresses from the program's own first byte.
 * Rows are padded to whole panels of eight, so that vectors never straddle two rows; what padding holds is
 * never read into a result. Weights lie in panels of eight output units, [group][panel][pre][8]: a projection
 * reads them front to back.
 */
import type { MapOperation, Operation, Program } from "../../program/program";
import { Tables } from "./connections";
import { aligned, type EngineMemory } from "./memory";
import { FLOAT, strideOf, VECTOR } from "./panels";
import { solveFloats } from "./solve-sets";
import { listedOf, listFloats, listsAt, type Zeros } from "./zeros";

/** Longest chunk of a program with noise, and most draws in it, 4 MB. */
const LONGEST_CHUNK = 64;
const MOST_DRAWS = 2 ** 20;

/** 32-bit words of a key: those of `phaseWords`; written out in `makeLane`. */
export const KEY_WORDS = 4;

/** Draws are made in sixteens: the last may reach beyond those that are wanted. */
const DRAWN_AT_ONCE = 16;

/**
 * Draws of one stream for one width: for each step of the chunk [rows, width], unpadded, in the order the
 * host draws them in.
 */
export interface NoiseRegion {
  readonly stream: number;
  readonly address: number;
  /** Draws a step. */
  readonly count: number;
  /** float32 values from a step to the next. */
  readonly stride: number;
}

export interface Layout {
  readonly buffers: Readonly<Record<string, number>>;
  /** The watched buffers before the last step. */
  readonly previous: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly vectors: Readonly<Record<string, number>>;
  readonly rowValues: Readonly<Record<string, number>>;
  readonly scalars: Readonly<Record<string, number>>;
  /** Keys of the draws of a stream, `KEY_WORDS` each; room for one a row where there is noise. */
  readonly keys: number;
  /** By `noiseKey`. */
  readonly noise: ReadonlyMap<string, NoiseRegion>;
  /** Steps that the noise regions hold; without noise, no limit. */
  readonly chunk: number;
  /** Two rows of the widest buffer for each row, where a softmax needs them; what systems are solved in. */
  readonly scratch: number;
  /**
   * The change of each row in the last step that was looked at, and the step in which it settled: [rows]
   * each.
   */
  readonly residual: number;
  readonly settledAt: number;
  /**
   * Of each row, how settling it is asked for and its shift: the change that is a residual of 1, the least
   * steps, whether its tolerance is relative, how far it is from where it began, what some of its steps
   * moved; float32, int32, int32, float32, [rows] each, and float32, [rows, 2]. Then from which change on all are
   * judged.
   */
  readonly terms: number;
  /** What connections are, for modules to walk through. */
  readonly tables: { readonly begin: number; readonly kinds: Tables["kinds"] };
  /** Of each operation of `adjust` with connections, the sums over its products, in panels. */
  readonly sums: readonly number[];
  /** Lists of what is not zero in what the program is given. */
  readonly zeros: Zeros;
  /** What was reserved. */
  readonly begin: number;
  readonly bytes: number;
}

/** A step's draws end in whole sixteens: what is drawn too many is never another step's. */
export const drawStride = (count: number): number =>
  Math.ceil(count / DRAWN_AT_ONCE) * DRAWN_AT_ONCE + DRAWN_AT_ONCE;
export const noiseKey = (stream: number, width: number): string => `${stream} ${width}`;
export const weightFloats = ({ groups, weights }: Program, name: string): number =>
  groups * weights[name].pre * strideOf(weights[name].post);

/**
 * Reserves memory for a program.
 * @param borrowed addresses of weights that another program holds
 * @throws OhmletError ENGINE-MEMORY
 */
export function layOut(
  program: Program,
  memory: EngineMemory,
  borrowed: Readonly<Record<string, number>>,
): Layout {
  const {
    rows,
    groups,
    buffers,
    weights,
    vectors,
    rowValues,
    scalars,
    watched,
    step,
    judge = [],
    prelude,
  } = program;
  let bytes = 0;
  const reserve = (floats: number): number => {
    const offset = bytes;
    bytes += aligned(floats * FLOAT);
    return offset;
  };
  const place = (names: readonly string[], floats: (name: string) => number): Record<string, number> =>
    Object.fromEntries(names.map((name) => [name, reserve(floats(name))]));
  const bufferSize = (name: string): number => rows * strideOf(buffers[name]);
  const streams = new Map(
    step.flatMap((operation) =>
      drawsOf(operation).map(
        (stream) =>
          [
            noiseKey(stream, buffers[(operation as MapOperation).out]),
            {
              stream,
              count: rows * buffers[(operation as MapOperation).out],
              stride: drawStride(rows * buffers[(operation as MapOperation).out]),
            },
          ] as const,
      ),
    ),
  );
  const drawn = [...streams.values()].reduce((sum, { count }) => sum + count, 0);
  const chunk = drawn === 0 ? Infinity : Math.max(1, Math.min(LONGEST_CHUNK, Math.floor(MOST_DRAWS / drawn)));
  const all = [...prelude, ...step, ...judge];
  const softmax = all.some(({ op }) => op === "normalise");
  const worked = all.map((operation) => (operation.op === "solve" ? solveFloats(operation, program) : 0));
  const tables = Tables.of(program);
  const offsets = {
    buffers: place(Object.keys(buffers), bufferSize),
    previous: place(watched, bufferSize),
    weights: place(
      Object.keys(weights).filter((name) => !Object.hasOwn(borrowed, name)),
      (name) => weightFloats(program, name),
    ),
    vectors: place(Object.keys(vectors), (name) => groups * strideOf(vectors[name])),
    rowValues: place(rowValues, () => rows),
    scalars: place(scalars, () => 1),
    noise: [...streams].map(
      ([key, region]) => [key, { ...region, address: reserve(region.stride * chunk) }] as const,
    ),
    keys: reserve(drawn === 0 ? 0 : KEY_WORDS * rows),
    scratch: reserve(
      rows * Math.max(softmax ? 2 * strideOf(Math.max(1, ...Object.values(buffers))) : 0, ...worked),
    ),
    residual: reserve(rows),
    settledAt: reserve(rows),
    terms: reserve(6 * rows + 1),
    tables: reserve(tables.length),
    sums: (program.adjust ?? []).map(({ pre, post, products }) =>
      reserve(products.some(({ through }) => through !== undefined) ? pre * strideOf(post) : 0),
    ),
    zeros: listedOf(program).map((listed) => ({ listed, offset: reserve(listFloats(listed)) })),
  };
  // The last vector of a noise region may reach beyond it.
  bytes += aligned(VECTOR);
  const begin = memory.reserve(bytes);
  const tablesAt = begin + offsets.tables;
  tables.write(new Int32Array(memory.memory.buffer, tablesAt, tables.length), tablesAt);
  const moved = (names: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(names).map(([name, offset]) => [name, begin + offset]));
  return {
    buffers: moved(offsets.buffers),
    previous: moved(offsets.previous),
    weights: { ...moved(offsets.weights), ...borrowed },
    vectors: moved(offsets.vectors),
    rowValues: moved(offsets.rowValues),
    scalars: moved(offsets.scalars),
    noise: new Map(
      offsets.noise.map(([key, region]) => [key, { ...region, address: begin + region.address }]),
    ),
    keys: begin + offsets.keys,
    chunk,
    scratch: begin + offsets.scratch,
    residual: begin + offsets.residual,
    settledAt: begin + offsets.settledAt,
    terms: begin + offsets.terms,
    tables: { begin: tablesAt, kinds: (...of) => tables.kinds(...of) },
    sums: offsets.sums.map((offset) => begin + offset),
    zeros: new Map(offsets.zeros.map(({ listed, offset }) => [listed.of, listsAt(listed, begin + offset)])),
    begin,
    bytes,
  };
}

/** Streams that an operation draws from. */
function drawsOf(operation: Operation): number[] {
  return operation.op === "map"
    ? Object.values(operation.sources).flatMap((source) => (source.from === "noise" ? [source.stream] : []))
    : [];
}

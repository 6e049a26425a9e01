/**
 * Where a program's arrays lie in the memory of its module. Rows are padded to whole panels of eight, so that vectors
 * never straddle two rows; what padding holds is never read into a result. Weights lie in panels of eight output units,
 * [group][panel][pre][8]: a projection reads them front to back.
 */
import { OhmletError } from "../../errors";
import type { MapOperation, Operation, Program } from "../engine";
import { MOST_PAGES, PAGE } from "./webassembly";

export const FLOAT = 4;
/** Units in a panel. */
export const PANEL = 8;
/** float32 values in a vector, and its bytes. */
export const LANES = 4;
export const VECTOR = LANES * FLOAT;

/** Arrays begin at cache lines. */
const ALIGNMENT = 64;
/** Longest chunk of a program with noise, and most draws in it, 4 MB. */
const LONGEST_CHUNK = 64;
const MOST_DRAWS = 2 ** 20;

/** Draws of one stream for one width: [steps of the chunk, rows, width], unpadded, in the order the host draws them in. */
export interface NoiseRegion {
  readonly stream: number;
  readonly address: number;
  /** Draws a step. */
  readonly count: number;
}

export interface Layout {
  readonly buffers: Readonly<Record<string, number>>;
  /** The watched buffers before the last step. */
  readonly previous: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  readonly vectors: Readonly<Record<string, number>>;
  readonly rowValues: Readonly<Record<string, number>>;
  readonly scalars: Readonly<Record<string, number>>;
  /** By `noiseKey`. */
  readonly noise: ReadonlyMap<string, NoiseRegion>;
  /** Steps that the noise regions hold; without noise, no limit. */
  readonly chunk: number;
  /** Room for two rows of the widest buffer. */
  readonly scratch: number;
  readonly pages: number;
}

export const panelsOf = (width: number): number => Math.ceil(width / PANEL);
/** float32 values from a row to the next. */
export const strideOf = (width: number): number => panelsOf(width) * PANEL;
export const noiseKey = (stream: number, width: number): string => `${stream} ${width}`;

/** @throws OhmletError ENGINE-MEMORY */
export function layOut(program: Program): Layout {
  const { rows, groups, buffers, weights, vectors, rowValues, scalars, watched, step } = program;
  let end = 0;
  const reserve = (floats: number): number => {
    const address = end;
    end = Math.ceil((address + floats * FLOAT) / ALIGNMENT) * ALIGNMENT;
    return address;
  };
  const place = (names: readonly string[], floats: (name: string) => number): Record<string, number> => Object.fromEntries(names.map((name) => [name, reserve(floats(name))]));
  const bufferSize = (name: string): number => rows * strideOf(buffers[name]);
  const streams = new Map(step.flatMap((operation) => drawsOf(operation).map((stream) => [noiseKey(stream, buffers[(operation as MapOperation).out]), { stream, count: rows * buffers[(operation as MapOperation).out] }] as const)));
  const drawn = [...streams.values()].reduce((sum, { count }) => sum + count, 0);
  const chunk = drawn === 0 ? Infinity : Math.max(1, Math.min(LONGEST_CHUNK, Math.floor(MOST_DRAWS / drawn)));
  const layout = {
    buffers: place(Object.keys(buffers), bufferSize),
    previous: place(watched, bufferSize),
    weights: place(Object.keys(weights), (name) => groups * weights[name].pre * strideOf(weights[name].post)),
    vectors: place(Object.keys(vectors), (name) => groups * strideOf(vectors[name])),
    rowValues: place(rowValues, () => rows),
    scalars: place(scalars, () => 1),
    noise: new Map([...streams].map(([key, region]) => [key, { ...region, address: reserve(region.count * chunk) }])),
    chunk,
    scratch: reserve(2 * strideOf(Math.max(1, ...Object.values(buffers)))),
  };
  // The last vector of a noise region may reach beyond it.
  const pages = Math.ceil((end + ALIGNMENT) / PAGE);
  if (pages > MOST_PAGES) {
    throw new OhmletError({ code: "ENGINE-MEMORY", fact: `the circuit needs ${(end / 2 ** 30).toFixed(1)} GB, and the simd engine has 4`, place: { where: "simd" }, remedy: 'use fewer rows at a time, or "reference"' });
  }
  return { ...layout, pages };
}

/** Streams that an operation draws from. */
function drawsOf(operation: Operation): number[] {
  return operation.op === "map" ? Object.values(operation.sources).flatMap((source) => (source.from === "noise" ? [source.stream] : [])) : [];
}

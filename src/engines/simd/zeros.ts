/**
 * What a program is given may be zeros for the most part (the pixels of a digit are): products with them add
 * nothing, and are left out where that pays. Which ones are not zero is written into lists beside the program's
 * arrays, before a prelude or an update runs; sums go over the lists in the same order, and come to the same bits.
 *
 * A list is pairs of 32 bits. Of a term: where the weights of an input lie, and its value; a list for each row. Of a
 * product: where a row lies in both buffers; a list for each tile of inputs. Before the lists lie where each ends,
 * and before that whether to go by them.
 */
import { nodesOf } from "../../equations/share";
import { inputsOf, writesOf } from "../../program/dataflow";
import type { AdjustOperation, Product, Program, Term } from "../../program/program";
import { FLOAT, PANEL, strideOf } from "./panels";

/** Inputs and units from which it is worth to look for zeros. */
const [LEAST_PRE, LEAST_POST] = [64, 128];
/** Lists are gone by where no more than this share is in them. */
const WORTH = 0.6;
const HEAD = 16;
const PAIR = 2 * FLOAT;

/** Synapses of a tile of an update: so many inputs, of one panel. */
const TALL = 4;
/**
 * Terms of all maps together from which a tile is one input high: code is written for each of its vectors.
 */
const LONG = 60;

export const tileHeight = ({ maps }: AdjustOperation): number =>
  maps.reduce((sum, { expression }) => sum + nodesOf(expression), 0) > LONG ? 1 : TALL;

/** A buffer of which lists are kept: of the rows of a term, or of the tiles of a product. */
export interface Listed {
  readonly buffer: string;
  readonly of: Term | Product;
  /** The terms or products that are summed together: all of them go by lists, or none. */
  readonly operation: object;
  /** Lists, and the longest that one may be. */
  readonly lists: number;
  readonly most: number;
  /** Inputs of a tile; null: of a term. */
  readonly height: number | null;
  /** For products: the other buffer. */
  readonly post: string | null;
}

/** Where its lists lie. */
export interface Lists extends Listed {
  /** Whether to go by them, as an i32. */
  readonly flag: number;
  /** Address of the end of each list, i32. */
  readonly ends: number;
  readonly pairs: number;
  /** Bytes from a list to the next. */
  readonly stride: number;
}

export type Zeros = ReadonlyMap<Term | Product, Lists>;

/** All of a program that are worth it. */
export function listedOf({
  rows,
  buffers,
  weights,
  prelude,
  step,
  judge = [],
  adjust = [],
  state,
}: Program): Listed[] {
  const operations = [...prelude, ...step, ...judge];
  const written = new Set([...operations.flatMap(writesOf), ...state]);
  const given = new Set([
    ...inputsOf(operations),
    ...adjust.flatMap(({ products }) => products.map(({ pre }) => pre)),
  ]);
  const isGiven = (name: string): boolean => given.has(name) && !written.has(name);
  return [
    ...prelude.flatMap((operation): Listed[] =>
      operation.op !== "project"
        ? []
        : operation.terms.flatMap((of): Listed[] => {
            const { pre, post } = weights[of.weights];
            return of.through !== undefined || !isGiven(of.from) || pre < LEAST_PRE || post < LEAST_POST
              ? []
              : [{ buffer: of.from, of, operation, lists: rows, most: pre, height: null, post: null }];
          }),
    ),
    ...adjust.flatMap((operation): Listed[] =>
      operation.products.flatMap((of): Listed[] => {
        const [pre, post] = [buffers[of.pre], buffers[of.post]];
        const height = tileHeight(operation);
        const lists = Math.floor(pre / height);
        return of.through !== undefined || !isGiven(of.pre) || pre < LEAST_PRE || post < LEAST_POST
          ? []
          : [{ buffer: of.pre, of, operation, lists, most: rows, height, post: of.post }];
      }),
    ),
  ];
}

const endsBytes = (lists: number): number => Math.ceil((lists * FLOAT) / HEAD) * HEAD;

/** float32 values that the lists take. */
export const listFloats = ({ lists, most }: Listed): number =>
  (HEAD + endsBytes(lists) + lists * most * PAIR) / FLOAT;

export const listsAt = (listed: Listed, begin: number): Lists => ({
  ...listed,
  flag: begin,
  ends: begin + HEAD,
  pairs: begin + HEAD + endsBytes(listed.lists),
  stride: listed.most * PAIR,
});

/**
 * Writes the lists of what operations sum, and whether to go by them.
 * @param zeros of terms, or of products, all of them
 * @param addressOf a buffer
 */
export function writeLists(
  zeros: readonly Lists[],
  { rows, buffers }: Program,
  memory: ArrayBufferLike,
  addressOf: (buffer: string) => number,
): void {
  if (zeros.length === 0) return;
  const [reals, integers] = [new Float32Array(memory), new Int32Array(memory)];
  const write = (of: Lists): boolean => {
    const stride = strideOf(buffers[of.buffer]);
    const from = addressOf(of.buffer) / FLOAT;
    if (isFull(reals, from, buffers[of.buffer])) return false;
    return of.height === null
      ? writeTerm(of, reals, integers, from, stride)
      : writeProduct(of, of.height, rows, reals, integers, from, stride, strideOf(buffers[of.post ?? ""]));
  };
  for (const operation of new Set(zeros.map((of) => of.operation))) {
    const together = zeros.filter((of) => of.operation === operation);
    const worth = together.map(write).every((paid) => paid) ? 1 : 0;
    for (const { flag } of together) integers[flag / FLOAT] = worth;
  }
}

/** Whether a row has so few zeros that it is not worth to look at the others. */
function isFull(reals: Float32Array, from: number, width: number): boolean {
  let found = 0;
  for (let i = from; i < from + width; i++) if (reals[i] !== 0) found++;
  return found > WORTH * width;
}

function writeTerm(
  { lists, most, ends, pairs, stride: bytes }: Lists,
  reals: Float32Array,
  integers: Int32Array,
  from: number,
  stride: number,
): boolean {
  let found = 0;
  for (let row = 0; row < lists; row++) {
    let at = (pairs + row * bytes) / FLOAT;
    const [begin, first] = [from + row * stride, at];
    for (let i = 0; i < most; i++) {
      const value = reals[begin + i];
      if (value === 0) continue;
      integers[at] = i * PANEL * FLOAT;
      reals[at + 1] = value;
      at += 2;
    }
    integers[ends / FLOAT + row] = at * FLOAT;
    found += (at - first) / 2;
  }
  return found <= WORTH * lists * most;
}

function writeProduct(
  { lists, ends, pairs, stride: bytes }: Lists,
  height: number,
  rows: number,
  reals: Float32Array,
  integers: Int32Array,
  from: number,
  stride: number,
  postStride: number,
): boolean {
  let found = 0;
  for (let tile = 0; tile < lists; tile++) {
    let at = (pairs + tile * bytes) / FLOAT;
    const first = at;
    for (let row = 0; row < rows; row++) {
      const begin = from + row * stride + tile * height;
      let any = false;
      for (let k = begin; k < begin + height; k++) if (reals[k] !== 0) any = true;
      if (!any) continue;
      integers[at] = row * stride * FLOAT;
      integers[at + 1] = row * postStride * FLOAT;
      at += 2;
    }
    integers[ends / FLOAT + tile] = at * FLOAT;
    found += (at - first) / 2;
  }
  return found <= WORTH * lists * rows;
}

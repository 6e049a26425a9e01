/**
 * Random numbers that are pure functions of what they are for: no state (but the last block, which the next
 * draw may be of), no global, the same whatever the order, the engine or the number of workers. Two kinds,
 * which never meet:
 *
 * - named draws (fabrication, data, studies), keyed by (seed, stream, step, index); `streamOf` makes a
 *   stream's number from a text;
 * - draws of a phase of a simulated circuit, keyed by (seed, phase, stream, step, index), streams being small
 *   numbers.
 *
 * They are laid out in Philox's key (k0, k1) and counter (c0 … c3) so that different draws always are
 * different blocks:
 *
 *     word    named draws                       draws of a phase
 *     k0      seed, low 32 bits                 seed, low 32 bits
 *     k1      seed, high 21 bits                seed, high 21 bits; bit 31 set
 *     c0      index / 4, low 32 bits            index / 4
 *     c1      index / 4, high 19 bits           phase, low 32 bits
 *     c2      step                              step
 *     c3      stream, 32 bits                   stream, low 11 bits; phase, high 21 bits
 *
 * Seeds, phases and indices of named draws are non-negative safe integers, steps unsigned 32-bit, indices
 * within a phase below 2^34, its streams below 2^11.
 */
import { normalsOf } from "./normals";
import { philox } from "./philox";

export { checkSeed } from "./seed";

const TWO_32 = 2 ** 32;
/** Streams of a phase. */
export const PHASE_STREAMS = 2 ** 11;
/** Marks the key of draws of phases. */
const OF_PHASES = 2 ** 31;

/** What keys the draws of a phase. */
export interface PhaseKey {
  readonly seed: number;
  readonly phase: number;
}

/** The block last computed, and its normal draws: four draws in a row are of one block. */
const words = new Uint32Array(4);
const normals = new Float64Array(4);
const last = { c0: -1, c1: -1, c2: -1, c3: -1, k0: -1, k1: -1, normal: false };

/** Uniform in the open interval (0, 1): 32 random bits, centred in their cells. */
const unit = (word: number): number => (word + 0.5) / TWO_32;

/** Fills `words`. */
function block(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  if (
    last.c0 === c0 &&
    last.c2 === c2 &&
    last.c3 === c3 &&
    last.c1 === c1 &&
    last.k0 === k0 &&
    last.k1 === k1
  )
    return;
  last.c0 = c0;
  last.c1 = c1;
  last.c2 = c2;
  last.c3 = c3;
  last.k0 = k0;
  last.k1 = k1;
  last.normal = false;
  philox(words, c0, c1, c2, c3, k0, k1);
}

/** Fills `words` with block `number` of a named stream. */
function named(seed: number, stream: number, step: number, number: number): void {
  block(number | 0, Math.floor(number / TWO_32), step, stream, seed | 0, Math.floor(seed / TWO_32));
}

/** A uniform draw in (0, 1). */
export function uniform(seed: number, stream: number, step: number, index: number): number {
  named(seed, stream, step, Math.floor(index / 4));
  return unit(words[index % 4]);
}

/** A standard normal draw. */
export function normal(seed: number, stream: number, step: number, index: number): number {
  named(seed, stream, step, Math.floor(index / 4));
  if (!last.normal) normalsOf(words, normals);
  last.normal = true;
  return normals[index % 4];
}

/**
 * out[offset + i] = normal(seed, stream, step, from + i) for i < count: four draws from each block, nothing
 * allocated. `from`: a multiple of four.
 */
export function fillNormals(
  out: Float64Array | Float32Array,
  seed: number,
  stream: number,
  step: number,
  offset = 0,
  count = out.length - offset,
  from = 0,
): void {
  for (let i = 0; i < count; i += 4) {
    named(seed, stream, step, (from + i) / 4);
    normalsOf(words, normals);
    last.normal = true;
    for (let k = 0; k < 4 && i + k < count; k++) out[offset + i + k] = normals[k];
  }
}

/** The words of a phase's key and stream, as above: [c1, c3, k0, k1], signed or not. */
export function phaseWords(
  { seed, phase }: PhaseKey,
  stream: number,
): readonly [number, number, number, number] {
  return [
    phase | 0,
    stream + PHASE_STREAMS * Math.floor(phase / TWO_32),
    seed | 0,
    Math.floor(seed / TWO_32) + OF_PHASES,
  ];
}

/** The normal draws 0…count-1 of a step of a phase. */
export function fillPhaseNormals(
  out: Float64Array | Float32Array,
  key: PhaseKey,
  stream: number,
  step: number,
  offset = 0,
  count = out.length - offset,
): void {
  const [c1, c3, k0, k1] = phaseWords(key, stream);
  for (let i = 0; i < count; i += 4) {
    block(i / 4, c1, step, c3, k0, k1);
    normalsOf(words, normals);
    last.normal = true;
    for (let k = 0; k < 4 && i + k < count; k++) out[offset + i + k] = normals[k];
  }
}

/** A stable 32-bit number for a text (FNV-1a over UTF-16 units). */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** A permutation of 0…n-1 (Fisher and Yates). */
export function permutation(n: number, seed: number, stream: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform(seed, stream, epoch, i) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

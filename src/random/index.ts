/**
 * Random numbers keyed by (seed, stream, step, index): no state (but the last block, which the next draw may be of), no
 * global, the same whatever the order, the engine or the number of workers. A stream says what a draw is for; `streamOf` makes its number from a text.
 *
 * `seed` and `index` are non-negative safe integers, `stream` and `step` unsigned 32-bit.
 */
import { normalsOf } from "./normals";
import { philox } from "./philox";

const TWO_32 = 2 ** 32;
/** The block last computed, and its normal draws: four draws in a row are of one block. */
const words = new Uint32Array(4);
const normals = new Float64Array(4);
const last = { seed: -1, stream: -1, step: -1, number: -1, normal: false };

/** Uniform in the open interval (0, 1): 32 random bits, centred in their cells. */
const unit = (word: number): number => (word + 0.5) / TWO_32;

/** Fills `words` with block `number`. The key is the seed's two halves, the counter (block, block's high half, step, stream). */
function block(seed: number, stream: number, step: number, number: number): void {
  if (last.number === number && last.step === step && last.stream === stream && last.seed === seed) return;
  last.seed = seed;
  last.stream = stream;
  last.step = step;
  last.number = number;
  last.normal = false;
  philox(words, number | 0, Math.floor(number / TWO_32), step, stream, seed | 0, Math.floor(seed / TWO_32));
}

/** A uniform draw in (0, 1). */
export function uniform(seed: number, stream: number, step: number, index: number): number {
  block(seed, stream, step, Math.floor(index / 4));
  return unit(words[index % 4]);
}

/** A standard normal draw. */
export function normal(seed: number, stream: number, step: number, index: number): number {
  block(seed, stream, step, Math.floor(index / 4));
  if (!last.normal) normalsOf(words, normals);
  last.normal = true;
  return normals[index % 4];
}

/** out[offset + i] = normal(seed, stream, step, i) for i < count: four draws from each block, nothing allocated. */
export function fillNormals(out: Float64Array | Float32Array, seed: number, stream: number, step: number, offset = 0, count = out.length - offset): void {
  for (let i = 0; i < count; i += 4) {
    block(seed, stream, step, i / 4);
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

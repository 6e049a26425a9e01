/**
 * Random numbers keyed by (seed, stream, step, index): no state, no global, the same whatever the order, the engine or
 * the number of workers. A stream says what a draw is for; `streamOf` makes its number from a text.
 */
import { philox } from "./philox";

const TWO_32 = 2 ** 32;
const words = new Uint32Array(4);

/** Uniform in the open interval (0, 1): 32 random bits, centred in their cells. */
const unit = (word: number): number => (word + 0.5) / TWO_32;

/** Fills `words` with the block that holds draw `index`. The key is the seed's two halves, the counter (block, block's high part, step, stream). */
function block(seed: number, stream: number, step: number, number: number): void {
  philox(words, number >>> 0, Math.floor(number / TWO_32) >>> 0, step >>> 0, stream >>> 0, seed >>> 0, Math.floor(seed / TWO_32) >>> 0);
}

/** A uniform draw in (0, 1). `seed` is a non-negative safe integer, `stream` and `step` are unsigned 32-bit. */
export function uniform(seed: number, stream: number, step: number, index: number): number {
  block(seed, stream, step, Math.floor(index / 4));
  return unit(words[index % 4]);
}

/** A standard normal draw: Box and Muller on pairs of the block's four words. */
export function normal(seed: number, stream: number, step: number, index: number): number {
  block(seed, stream, step, Math.floor(index / 4));
  const pair = index & 2;
  const radius = Math.sqrt(-2 * Math.log(unit(words[pair])));
  const angle = 2 * Math.PI * unit(words[pair + 1]);
  return radius * ((index & 1) === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** out[i] = normal(seed, stream, step, i) for i < length: four draws from each block. */
export function fillNormals(out: Float64Array | Float32Array, seed: number, stream: number, step: number, offset = 0, length = out.length - offset): void {
  for (let i = 0; i < length; i += 4) {
    block(seed, stream, step, i / 4);
    for (let pair = 0; pair < 4 && i + pair < length; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(unit(words[pair])));
      const angle = 2 * Math.PI * unit(words[pair + 1]);
      out[offset + i + pair] = radius * Math.cos(angle);
      if (i + pair + 1 < length) out[offset + i + pair + 1] = radius * Math.sin(angle);
    }
  }
}

/** A stable 32-bit number for a text (FNV-1a). */
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

/**
 * Short fingerprints that tell whether two things are the same: two lanes of a multiplicative hash over
 * 32-bit words. They find changes; they are no defence against somebody who makes two things look alike.
 */
import type { Dataset } from "../../data/dataset";

/** Sixteen hexadecimal digits for a text. */
export function textFingerprint(text: string): string {
  return wordsFingerprint(Uint32Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)));
}

/** The same for a set, whatever it is called: its shape, every pixel and every label. */
export function dataFingerprint(data: Dataset): string {
  const { samples, features, shape, classes, labels, pixels, targets } = data;
  const hash = new Hash();
  const row = new Float64Array(features);
  const words = new Uint32Array(row.buffer);
  for (let i = 0; i < samples; i++) {
    pixels(i, row, 0);
    hash.words(words);
    hash.word(labels[i]);
  }
  if (targets !== undefined) {
    const asked = new Float64Array(targets.width);
    for (let i = 0; i < samples; i++) {
      targets.read(i, asked, 0);
      hash.words(new Uint32Array(asked.buffer));
    }
  }
  return `${textFingerprint([samples, ...shape, classes].join("\n"))}${hash.digits}`;
}

function wordsFingerprint(words: Uint32Array): string {
  const hash = new Hash();
  hash.words(words);
  hash.word(words.length);
  return hash.digits;
}

class Hash {
  private a = 0x811c9dc5;
  private b = 0x9e3779b9;

  words(words: Uint32Array): void {
    let { a, b } = this;
    for (let i = 0; i < words.length; i++) {
      a = Math.imul(a ^ words[i], 0x01000193);
      a ^= a >>> 15;
      b = Math.imul((b << 13) | (b >>> 19), 5) ^ Math.imul(words[i], 0xcc9e2d51);
    }
    [this.a, this.b] = [a, b];
  }

  word(word: number): void {
    this.words(Uint32Array.of(word));
  }

  get digits(): string {
    return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

/** Short forms of experiments: run in a folder of its own, on pictures that a test draws. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strokeDigits } from "../../src/data/strokes";
import { conduct, type ReproductionEnd } from "../../src/reproduce";
import type { Experiment, Planned } from "../../src/reproduce/experiment";
import { listenerOf } from "../../src/runs/listener";

/** Digits of 28 x 28 under the names of MNIST's files. */
export function writeDigits(folder: string, train = 60, test = 20): string {
  mkdirSync(folder, { recursive: true });
  for (const [split, name, samples] of [
    ["train", "train", train],
    ["test", "t10k", test],
  ] as const) {
    const digits = strokeDigits({ size: 28, samples, seed: 5, split });
    const pixels = new Uint8Array(samples * 784);
    const row = new Float64Array(784);
    for (let i = 0; i < samples; i++) {
      digits.pixels(i, row, 0);
      row.forEach((x, k) => (pixels[i * 784 + k] = Math.round(255 * x)));
    }
    const header = (magic: number, ...sides: readonly number[]): Buffer => {
      const bytes = Buffer.alloc(4 + 4 * sides.length);
      [magic, ...sides].forEach((value, k) => bytes.writeUInt32BE(value, 4 * k));
      return bytes;
    };
    const write = (file: string, head: Buffer, body: Uint8Array): void =>
      writeFileSync(join(folder, file), Buffer.concat([head, body]));
    write(`${name}-images-idx3-ubyte`, header(0x803, samples, 28, 28), pixels);
    write(`${name}-labels-idx1-ubyte`, header(0x801, samples), digits.labels.slice(0, samples));
  }
  return folder;
}

/** An experiment with settings of its own, in a folder. */
export const inShort = (
  experiment: Experiment,
  planned: Planned,
  out: string,
  data?: string,
): Promise<ReproductionEnd> =>
  conduct(
    experiment,
    { budget: "quick", seed: 1, out, data, command: "ohmlet reproduce", planned },
    listenerOf(),
  );

/** Ours, by quantity. */
export const oursIn = ({ lines }: ReproductionEnd): Map<string, number | null> =>
  new Map(lines.map(({ quantity, ours }) => [quantity, ours]));
/** Whether it agrees, by quantity. */
export const agreesIn = ({ lines }: ReproductionEnd): Map<string, boolean | null> =>
  new Map(lines.map(({ quantity, agrees }) => [quantity, agrees]));

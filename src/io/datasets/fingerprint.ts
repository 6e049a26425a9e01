/**
 * What tells whether data are the same as before: SHA-256 over all values and labels as they are used, and
 * the shapes that say what changed. Files packed otherwise, or moved, are the same data.
 */
import { createHash } from "node:crypto";
import type { Dataset } from "../../data/dataset";
import type { Split } from "../../data/split";
import { OhmletError } from "../../errors";

/** The same of one of its two sets. */
export interface SetFingerprint {
  readonly samples: number;
  /** [channels, rows, columns] of an image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** What tells a set of data from another: digests of its samples. */
export interface DataFingerprint {
  readonly train: SetFingerprint;
  readonly test: SetFingerprint;
}

/** Values that are hashed at once. */
const BLOCK = 2 ** 18;

/** Takes some 0.6 s for the 70,000 images of MNIST. */
export const fingerprintOf = ({ train, test }: Split): DataFingerprint => ({
  train: setFingerprint(train),
  test: setFingerprint(test),
});

function setFingerprint(set: Dataset): SetFingerprint {
  const { samples, features, channels, shape, classes, labels } = set;
  const together = Math.max(1, Math.floor(BLOCK / features));
  const row = new Float64Array(features);
  // As float32, which tells all stored values apart.
  const values = new Float32Array(together * features);
  const hash = createHash("sha256");
  for (let start = 0; start < samples; start += together) {
    const count = Math.min(together, samples - start);
    for (let i = 0; i < count; i++) {
      set.pixels(start + i, row, 0);
      values.set(row, i * features);
    }
    hash.update(new Uint8Array(values.buffer, 0, 4 * count * features));
  }
  hash.update(labels.subarray(0, samples));
  return { samples, shape: [channels, ...shape], classes, sha256: hash.digest("hex") };
}

/** What is another, in words; null where both are the same. */
export function dataDifference(was: DataFingerprint, is: DataFingerprint): string | null {
  for (const [name, set] of [
    ["training", "train"],
    ["test", "test"],
  ] as const) {
    const [before, now] = [was[set], is[set]];
    for (const what of ["samples", "shape", "classes"] as const)
      if (String(before[what]) !== String(now[what]))
        return `the ${name} data had ${told(before, what)}, and have ${told(now, what)}`;
    if (before.sha256 !== now.sha256) return `the ${name} data have other values or labels, or another order`;
  }
  return null;
}

const told = (set: SetFingerprint, what: "samples" | "shape" | "classes"): string =>
  what === "shape" ? `images of ${set.shape.join("x")}` : `${set[what]} ${what}`;

/**
 * @param where the data are now
 * @param whose they were: "run", "study"
 * @throws OhmletError DATA-CHANGED
 */
export function expectSameData(
  was: DataFingerprint,
  is: DataFingerprint,
  where: string,
  whose: string,
): void {
  const difference = dataDifference(was, is);
  if (difference === null) return;
  throw new OhmletError({
    code: "DATA-CHANGED",
    fact: `these are not the data that the ${whose} began with: ${difference}`,
    place: { where },
    remedy:
      "put the data back as they were, name the folder that has them  (typed, with  --data;  in a " +
      "program, the option  data),  or begin a new " +
      `${whose}`,
  });
}

/** Whether a value from outside is a fingerprint. */
export function isDataFingerprint(value: unknown): value is DataFingerprint {
  if (typeof value !== "object" || value === null) return false;
  const { train, test } = value as Record<string, unknown>;
  return isSet(train) && isSet(test);
}

function isSet(value: unknown): value is SetFingerprint {
  if (typeof value !== "object" || value === null) return false;
  const { samples, shape, classes, sha256 } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(samples) &&
    Number.isSafeInteger(classes) &&
    Array.isArray(shape) &&
    shape.length === 3 &&
    shape.every(Number.isSafeInteger) &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

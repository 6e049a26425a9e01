/**
 * Fingerprints of data: any change of a value, a label, an order or a shape is seen; names and packing are
 * not.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes, type Dataset } from "../../../src/data/dataset";
import {
  dataDifference,
  expectSameData,
  fingerprintOf,
  isDataFingerprint,
} from "../../../src/io/datasets/fingerprint";

interface Parts {
  readonly bytes: readonly number[];
  readonly labels: readonly number[];
  readonly name?: string;
  readonly shape?: readonly [number, number];
}
const set = ({ bytes, labels, name = "set", shape = [1, bytes.length / labels.length] }: Parts): Dataset =>
  fromBytes({
    name,
    bytes: Uint8Array.from(bytes),
    labels: Uint8Array.from(labels),
    shape,
    classes: 10,
    fullScale: 255,
  });
const PLAIN: Parts = { bytes: [1, 2, 3, 4, 5, 6, 7, 8], labels: [0, 1] };
const told = (train: Parts, test: Parts = PLAIN): string | null =>
  dataDifference(
    fingerprintOf({ train: set(PLAIN), test: set(PLAIN) }),
    fingerprintOf({ train: set(train), test: set(test) }),
  );

describe("a fingerprint of data", () => {
  it("says what is another", () => {
    expect(told({ ...PLAIN, name: "moved" })).toBeNull();
    expect(told({ ...PLAIN, shape: [2, 2] })).toBe(
      "the training data had images of 1x1x4, and have images of 1x2x2",
    );
    expect(told({ bytes: [...PLAIN.bytes, 1, 2, 3, 4], labels: [0, 1, 0] })).toBe(
      "the training data had 2 samples, and have 3 samples",
    );
    expect(told(PLAIN, { ...PLAIN, labels: [1, 0] })).toBe(
      "the test data have other values or labels, or another order",
    );
    const [was, is] = [PLAIN, { ...PLAIN, labels: [1, 1] }].map((train) =>
      fingerprintOf({ train: set(train), test: set(PLAIN) }),
    );
    expect(() => expectSameData(was, is, "there", "run")).toThrow(/DATA-CHANGED.*there.*began with/);
  });

  it("is another wherever one value changes", () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(shape, fc.nat(), fc.nat(), ([samples, features], at, seed) => {
        const bytes = Array.from({ length: samples * features }, (_, i) => (i * 31 + seed) % 256);
        const parts = { bytes, labels: Array.from({ length: samples }, (_, i) => i % 10) };
        const changed = {
          ...parts,
          bytes: bytes.map((byte, i) => (i === at % bytes.length ? (byte + 1) % 256 : byte)),
        };
        const [a, b, c] = [parts, changed, { ...parts, name: "else" }].map((train) =>
          fingerprintOf({ train: set(train), test: set(PLAIN) }),
        );
        expect(isDataFingerprint(JSON.parse(JSON.stringify(a)))).toBe(true);
        expect(a.train.sha256).not.toBe(b.train.sha256);
        expect(c).toEqual(a);
      }),
      { numRuns: 40 },
    );
  });

  it("reaches to the last value of a set that is hashed in parts", () => {
    const [samples, features] = [700, 784];
    const bytes = Array.from({ length: samples * features }, (_, i) => (i * 7919) % 251);
    const labels = Array.from({ length: samples }, (_, i) => i % 10);
    const last = fingerprintOf({ train: set({ bytes, labels }), test: set(PLAIN) });
    bytes[bytes.length - 1] ^= 1;
    expect(fingerprintOf({ train: set({ bytes, labels }), test: set(PLAIN) }).train.sha256).not.toBe(
      last.train.sha256,
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readIdxImages, readIdxLabels, writeIdx } from "../../src/data/idx";
import { codeOf } from "../refusal";

const images = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([count, rows, columns]) =>
    fc.tuple(
      fc.constant([count, rows, columns]),
      fc.uint8Array({ minLength: count * rows * columns, maxLength: count * rows * columns }),
    ),
  );

/** An IDX header that says whatever it likes. */
const header = (extents: number[]) => writeIdx(extents, new Uint8Array(0));

describe("IDX", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(images, ([extents, values]) => {
        const read = readIdxImages(writeIdx(extents, values), "images");
        expect([read.count, ...read.shape]).toEqual(extents);
        expect([...read.values]).toEqual([...values]);
        expect([...readIdxLabels(writeIdx([values.length], values), "labels")]).toEqual([...values]);
      }),
    );
  });

  it("reads from the middle of a larger buffer", () => {
    const file = writeIdx([2], Uint8Array.of(7, 8));
    const larger = new Uint8Array(file.length + 5);
    larger.set(file, 3);
    expect([...readIdxLabels(larger.subarray(3, 3 + file.length), "labels")]).toEqual([7, 8]);
  });

  it("refuses every truncation and every appended byte with a code", () => {
    fc.assert(
      fc.property(images, fc.nat(), ([extents, values], at) => {
        const file = writeIdx(extents, values);
        const end = at % file.length;
        expect(codeOf(() => readIdxImages(file.subarray(0, end), "images"))).toBe("DATA-TRUNCATED");
        expect(codeOf(() => readIdxImages(Uint8Array.of(...file, 0), "images"))).toBe("DATA-TRAILING");
      }),
    );
  });

  it("never fails without a code, whatever the bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }).map((tail) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, ...tail)),
    );
    fc.assert(
      fc.property(bytes, (file) => {
        codeOf(() => readIdxImages(file, "images"));
        codeOf(() => readIdxLabels(file, "labels"));
      }),
    );
  });

  it("says how many bytes it expected and found", () => {
    expect(() => readIdxLabels(header([100]), "labels.idx")).toThrow(
      /labels.idx: the file should have 108 bytes and has 8/,
    );
  });

  it("refuses sizes beyond reason before it allocates", () => {
    expect(codeOf(() => readIdxImages(header([0xffffffff, 0xffffffff, 0xffffffff]), "x"))).toBe("DATA-SIZE");
    expect(codeOf(() => readIdxImages(header([0, 28, 28]), "x"))).toBe("DATA-SIZE");
  });

  it("refuses other kinds of file", () => {
    expect(codeOf(() => readIdxImages(writeIdx([1], Uint8Array.of(1)), "x"))).toBe("DATA-MAGIC");
    expect(codeOf(() => readIdxLabels(new TextEncoder().encode("label\n7\n"), "x"))).toBe("DATA-MAGIC");
  });

  /** A file of numbers of another type, big-endian. */
  const typed = (
    type: number,
    width: number,
    extents: readonly number[],
    values: readonly number[],
    put: (view: DataView, at: number, value: number) => void,
  ): Uint8Array => {
    const bytes = new Uint8Array(4 + 4 * extents.length + width * values.length);
    const view = new DataView(bytes.buffer);
    bytes.set([0, 0, type, extents.length]);
    extents.forEach((extent, axis) => view.setUint32(4 + 4 * axis, extent));
    values.forEach((value, i) => put(view, 4 + 4 * extents.length + width * i, value));
    return bytes;
  };

  it.each<[string, number, number, readonly number[], (view: DataView, at: number, value: number) => void]>([
    ["signed bytes", 0x09, 1, [-128, 0, 1, 127], (view, at, value) => view.setInt8(at, value)],
    ["16-bit integers", 0x0b, 2, [-300, 0, 1, 32767], (view, at, value) => view.setInt16(at, value)],
    ["32-bit integers", 0x0c, 4, [-70000, 0, 1, 70000], (view, at, value) => view.setInt32(at, value)],
    ["floats", 0x0d, 4, [-0.5, 0, 1, 0.25], (view, at, value) => view.setFloat32(at, value)],
    ["doubles", 0x0e, 8, [-0.5, 0, 1, 0.25], (view, at, value) => view.setFloat64(at, value)],
  ])("reads %s as images and as labels", (_, type, width, values, put) => {
    const images = readIdxImages(typed(type, width, [2, 1, 2], values, put), "images");
    expect([images.count, images.shape, [...images.values]]).toEqual([2, [1, 2], values]);
    expect([...readIdxLabels(typed(type, width, [4], values, put), "labels")]).toEqual(values);
    expect(codeOf(() => readIdxLabels(typed(type, width, [4], values, put).subarray(0, -1), "labels"))).toBe(
      "DATA-TRUNCATED",
    );
  });

  it("takes rows of values for square images where they can be", () => {
    expect(readIdxImages(writeIdx([2, 9], new Uint8Array(18)), "x").shape).toEqual([3, 3]);
    expect(readIdxImages(writeIdx([2, 8], new Uint8Array(16)), "x").shape).toEqual([1, 8]);
  });
});

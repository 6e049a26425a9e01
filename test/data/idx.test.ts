import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIdx, readIdxImages, readIdxLabels, writeIdx } from "../../src/data/idx";
import { codeOf } from "../io/coded";

const images = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([count, rows, columns]) => fc.tuple(fc.constant([count, rows, columns]), fc.uint8Array({ minLength: count * rows * columns, maxLength: count * rows * columns })));

/** An IDX header that says whatever it likes. */
const header = (extents: number[]) => writeIdx(extents, new Uint8Array(0));

describe("IDX", () => {
  it("reads what it wrote", () => {
    fc.assert(fc.property(images, ([extents, values]) => {
      const read = readIdxImages(writeIdx(extents, values), "images");
      expect([read.count, ...read.shape]).toEqual(extents);
      expect([...read.bytes]).toEqual([...values]);
      expect([...readIdxLabels(writeIdx([values.length], values), "labels")]).toEqual([...values]);
    }));
  });

  it("reads from the middle of a larger buffer", () => {
    const file = writeIdx([2], Uint8Array.of(7, 8));
    const larger = new Uint8Array(file.length + 5);
    larger.set(file, 3);
    expect([...readIdxLabels(larger.subarray(3, 3 + file.length), "labels")]).toEqual([7, 8]);
  });

  it("refuses every truncation and every appended byte with a code", () => {
    fc.assert(fc.property(images, fc.nat(), ([extents, values], at) => {
      const file = writeIdx(extents, values);
      const end = at % file.length;
      expect(codeOf(() => readIdxImages(file.subarray(0, end), "images"))).toBe("DATA-TRUNCATED");
      expect(codeOf(() => readIdxImages(Uint8Array.of(...file, 0), "images"))).toBe("DATA-TRAILING");
    }));
  });

  it("never fails without a code, whatever the bytes", () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }).map((tail) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, ...tail)));
    fc.assert(fc.property(bytes, (file) => {
      codeOf(() => readIdxImages(file, "images"));
      codeOf(() => readIdxLabels(file, "labels"));
    }));
  });

  it("says how many bytes it expected and found", () => {
    expect(() => readIdxLabels(header([100]), "labels.idx")).toThrow(/labels.idx: the file should have 108 bytes and has 8/);
  });

  it("refuses sizes beyond reason before it allocates", () => {
    expect(codeOf(() => readIdxImages(header([0xffffffff, 0xffffffff, 0xffffffff]), "x"))).toBe("DATA-SIZE");
    expect(codeOf(() => readIdxImages(header([0, 28, 28]), "x"))).toBe("DATA-SIZE");
  });

  it("refuses other kinds of file", () => {
    expect(codeOf(() => readIdxImages(writeIdx([1], Uint8Array.of(1)), "x"))).toBe("DATA-MAGIC");
    expect(codeOf(() => readIdxLabels(new TextEncoder().encode("label\n7\n"), "x"))).toBe("DATA-MAGIC");
  });

  it("refuses images and labels that disagree, and labels that are no class", () => {
    const two = readIdxImages(writeIdx([2, 1, 1], Uint8Array.of(0, 16)), "x");
    expect(codeOf(() => fromIdx(two, Uint8Array.of(1, 2, 3), { name: "x" }))).toBe("DATA-SHAPE");
    expect(codeOf(() => fromIdx(two, Uint8Array.of(1, 10), { name: "x", classes: 10 }))).toBe("DATA-LABEL");
    expect(fromIdx(two, Uint8Array.of(1, 9), { name: "x" })).toMatchObject({ samples: 2, features: 1, classes: 10 });
  });
});

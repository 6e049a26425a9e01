import { describe, expect, it } from "vitest";
import { decodePng } from "../../src/io/png/decode";
import { contactSheet } from "../../src/plot/contact-sheet";

/** The sheet, and a reader of its pixels: [red, green, blue], or [grey]. */
function drawn(...args: Parameters<typeof contactSheet>) {
  const { width, height, channels, bytes } = decodePng(contactSheet(...args), "sheet");
  return {
    width,
    height,
    at: (x: number, y: number) =>
      Array.from({ length: channels }, (_, c) => bytes[c * width * height + y * width + x]),
  };
}

describe("a contact sheet", () => {
  it("magnifies small images as they are stored, with a ground between them", () => {
    const { width, height, at } = drawn({
      shape: [2, 2],
      channels: 1,
      rows: [
        [[0, 1, 0.2, 0.4]],
        [
          [1, 1, 1, 1],
          [0, 0, 0, 0],
        ],
      ],
    });
    expect([width, height]).toEqual([2 * 52 + 4, 2 * 52 + 4]);
    expect([at(4, 4), at(51, 4), at(4, 51), at(51, 51)]).toEqual([[0], [255], [51], [102]]);
    expect([at(0, 0), at(80, 20), at(20, 60), at(60, 60)]).toEqual([[110], [110], [255], [0]]);
  });

  it("writes a label before each row, and does without where there is none", () => {
    const labelled = drawn({
      shape: [2, 2],
      channels: 3,
      rows: [[new Float64Array(12)], [new Float64Array(12)]],
      labels: ["I", "a label that is much too long"],
    });
    expect(labelled.width).toBe(16 * 6 + 4 + 52 + 4);
    const ink = (top: number): number[] =>
      Array.from({ length: 48 * 100 }, (_, i) => labelled.at(i % 100, top + Math.floor(i / 100)))
        .filter(([red]) => red === 255)
        .map((colour) => colour[2]);
    expect(ink(4)).toEqual(Array.from({ length: 11 }, () => 255)); // the eleven dots of an I
    expect(ink(56).length).toBeGreaterThan(100);
    expect(drawn({ shape: [1, 1], channels: 1, rows: [[[0]]], labels: ["ä"] }).width).toBe(6 + 4 + 52 + 4);
  });

  it("puts planes together to colours", () => {
    const { at } = drawn({ shape: [1, 1], channels: 3, rows: [[[1, 0.2, 0]]] });
    expect([at(10, 10), at(0, 0)]).toEqual([
      [255, 51, 0],
      [110, 110, 110],
    ]);
  });

  it("thins out what is large or narrow, and stands odd values", () => {
    const wide = drawn({
      shape: [1, 100_000],
      channels: 1,
      rows: [[new Float64Array(100_000).fill(Number.NaN)]],
    });
    expect([wide.width, wide.height, wide.at(70, 6)]).toEqual([136, 16, [0]]);
    expect(drawn({ shape: [3, 3], channels: 1, rows: [] }).height).toBeGreaterThan(0);
  });
});

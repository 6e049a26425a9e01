import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../../src/io/png/decode";
import { OhmletError } from "../../../src/errors";
import { greyPng } from "../../../src/plot/png";
import { codeOf } from "../../refusal";
import { chunk, type Drawn, encodePng, file, greyFile, headerChunk, SIGNATURE } from "./encode";

/** Bytes of a picture of that kind, any values. */
const drawn = (type: Drawn["type"], depth: Drawn["depth"], samples: number) =>
  fc
    .record({
      width: fc.integer({ min: 1, max: 9 }),
      height: fc.integer({ min: 1, max: 7 }),
      filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
    })
    .chain(({ width, height, filters }) => {
      const length = Math.ceil((width * samples * depth) / 8);
      return fc
        .array(fc.uint8Array({ minLength: length, maxLength: length }), {
          minLength: height,
          maxLength: height,
        })
        .map((rows): Drawn => ({ width, height, type, depth, rows, filters }));
    });

const bits = (row: Uint8Array): string =>
  Array.from(row, (byte) => byte.toString(2).padStart(8, "0")).join("");

describe("a PNG file", () => {
  it("gives back the bytes of colour and of grey, whatever the filters", () => {
    for (const [type, channels] of [
      [0, 1],
      [2, 3],
    ] as const) {
      fc.assert(
        fc.property(drawn(type, 8, channels), (picture) => {
          const { width, height, rows } = picture;
          const image = decodePng(encodePng(picture), "a.png");
          const expected = Array.from({ length: channels * width * height }, (_, i) => {
            const [c, at] = [Math.floor(i / (width * height)), i % (width * height)];
            return rows[Math.floor(at / width)][(at % width) * channels + c];
          });
          expect([image.width, image.height, image.channels, ...image.bytes]).toEqual([
            width,
            height,
            channels,
            ...expected,
          ]);
        }),
        { numRuns: 60 },
      );
    }
  });

  it("spreads fewer bits over 0…255", () => {
    for (const depth of [1, 2, 4] as const) {
      fc.assert(
        fc.property(drawn(0, depth, 1), (picture) => {
          const levels = picture.rows.flatMap((row) =>
            Array.from(
              { length: picture.width },
              (_, i) => (parseInt(bits(row).slice(i * depth, (i + 1) * depth), 2) * 255) / (2 ** depth - 1),
            ),
          );
          expect([...decodePng(encodePng(picture), "a.png").bytes]).toEqual(levels);
        }),
        { numRuns: 30 },
      );
    }
  });

  it("rounds sixteen bits to eight", () => {
    const image = decodePng(
      encodePng({
        width: 2,
        height: 1,
        type: 0,
        depth: 16,
        rows: [Uint8Array.of(7, 255, 200, 1)],
        filters: [1],
      }),
      "a.png",
    );
    expect([...image.bytes]).toEqual([8, 199]);
  });

  it("looks colours up, and lays what is transparent on white", () => {
    const palette = decodePng(
      encodePng({
        width: 3,
        height: 1,
        type: 3,
        depth: 8,
        rows: [Uint8Array.of(1, 0, 1)],
        palette: [9, 8, 7, 10, 20, 30],
        opacity: [0],
      }),
      "a.png",
    );
    expect([...palette.bytes]).toEqual([10, 255, 10, 20, 255, 20, 30, 255, 30]);
    const grey = decodePng(
      encodePng({ width: 3, height: 1, type: 4, depth: 8, rows: [Uint8Array.of(0, 255, 0, 0, 0, 51)] }),
      "a.png",
    );
    expect([...grey.bytes]).toEqual([0, 255, 204]);
    const colour = decodePng(
      encodePng({ width: 1, height: 1, type: 6, depth: 8, rows: [Uint8Array.of(1, 2, 3, 255)] }),
      "a.png",
    );
    expect([...colour.bytes]).toEqual([1, 2, 3]);
  });

  it("is the same picture interlaced, of every kind and size", () => {
    for (const [type, depth, samples] of [
      [0, 1, 1],
      [0, 2, 1],
      [0, 4, 1],
      [0, 8, 1],
      [0, 16, 1],
      [2, 8, 3],
      [2, 16, 3],
      [3, 4, 1],
      [4, 8, 2],
      [6, 8, 4],
      [6, 16, 4],
    ] as const) {
      fc.assert(
        fc.property(drawn(type, depth, samples), (picture) => {
          const colours =
            type === 3
              ? { palette: Array.from({ length: 48 }, (_, i) => (i * 53) % 256), opacity: [0, 100] }
              : {};
          expect(decodePng(encodePng({ ...picture, ...colours, interlaced: true }), "a.png")).toEqual(
            decodePng(encodePng({ ...picture, ...colours }), "a.png"),
          );
        }),
        { numRuns: 20 },
      );
    }
  });

  it("shows white where a colour is said to be transparent", () => {
    const keyed = (picture: Omit<Drawn, "width" | "height">): number[] => [
      ...decodePng(encodePng({ width: 2, height: 1, ...picture }), "a.png").bytes,
    ];
    expect(keyed({ type: 0, depth: 8, rows: [Uint8Array.of(7, 8)], opacity: [0, 7] })).toEqual([255, 8]);
    expect(keyed({ type: 0, depth: 4, rows: [Uint8Array.of(0x34)], opacity: [0, 3] })).toEqual([255, 68]);
    // All sixteen bits count: 0x0708 is not 0x0707.
    expect(keyed({ type: 0, depth: 16, rows: [Uint8Array.of(7, 7, 7, 8)], opacity: [7, 7] })).toEqual([
      255, 7,
    ]);
    expect(
      keyed({ type: 2, depth: 8, rows: [Uint8Array.of(1, 2, 3, 1, 2, 4)], opacity: [0, 1, 0, 2, 0, 3] }),
    ).toEqual([255, 1, 255, 2, 255, 4]);
  });

  it("reads what the reports write", () => {
    const levels = Uint8Array.of(0, 50, 100, 150, 200, 250);
    expect([...decodePng(greyPng(2, 3, levels), "a.png").bytes]).toEqual([...levels]);
  });

  const good = greyFile(3, 2, [1, 2, 3, 4, 5, 6]);
  const pixels = (bytes: number): Buffer => chunk("IDAT", deflateSync(Buffer.alloc(bytes)));
  it.each<[string, string, Buffer]>([
    ["PNG-SIGNATURE", "nothing", Buffer.alloc(0)],
    ["PNG-SIGNATURE", "a JPEG", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
    ["PNG-TRUNCATED", "no end", Buffer.from(good.subarray(0, good.length - 12))],
    ["PNG-TRUNCATED", "an end within a chunk", Buffer.from(good.subarray(0, 40))],
    [
      "PNG-TRUNCATED",
      "a chunk of four gigabytes",
      Buffer.concat([SIGNATURE, Buffer.from([255, 255, 255, 255, 73, 72, 68, 82]), Buffer.alloc(30)]),
    ],
    ["PNG-CHECKSUM", "a changed byte", Buffer.from(good.map((byte, i) => (i === 20 ? byte ^ 1 : byte)))],
    ["PNG-HEADER", "no header", file(pixels(4))],
    ["PNG-HEADER", "a kind that there is not", file(headerChunk(1, 1, 4, 2), pixels(4))],
    [
      "PNG-HEADER",
      "half a palette",
      file(headerChunk(1, 1, 8, 3), chunk("PLTE", Buffer.alloc(4)), pixels(2)),
    ],
    ["PNG-SIZE", "no width", file(headerChunk(0, 5, 8, 0), pixels(5))],
    ["PNG-SIZE", "a header of a gigapixel", file(headerChunk(32768, 32768, 8, 0), pixels(5))],
    [
      "PNG-HEADER",
      "a second header, of a gigapixel",
      file(headerChunk(1, 1, 8, 0), headerChunk(32768, 32768, 8, 0), pixels(2)),
    ],
    ["PNG-HEADER", "no palette", file(headerChunk(1, 1, 8, 3), pixels(2))],
    [
      "PNG-HEADER",
      "half a transparent colour",
      file(headerChunk(1, 1, 8, 2), chunk("tRNS", Buffer.alloc(3)), pixels(4)),
    ],
    [
      "PNG-DATA",
      "interlaced passes with 64 MiB behind them",
      file(headerChunk(2, 2, 8, 0, 1), pixels(2 ** 26)),
    ],
    ["PNG-DATA", "passes too few", file(headerChunk(9, 9, 8, 0, 1), pixels(20))],
    ["PNG-DATA", "a small header with 64 MiB behind it", file(headerChunk(2, 2, 8, 0), pixels(2 ** 26))],
    ["PNG-DATA", "too few rows", file(headerChunk(2, 2, 8, 0), pixels(4))],
    [
      "PNG-DATA",
      "rows that are no stream",
      file(headerChunk(2, 2, 8, 0), chunk("IDAT", Buffer.from("not deflated"))),
    ],
    ["PNG-DATA", "no rows", file(headerChunk(2, 2, 8, 0))],
    [
      "PNG-DATA",
      "a sixth filter",
      file(headerChunk(1, 1, 8, 0), chunk("IDAT", deflateSync(Buffer.from([5, 0])))),
    ],
    [
      "PNG-DATA",
      "a colour that the palette lacks",
      encodePng({ width: 1, height: 1, type: 3, depth: 8, rows: [Uint8Array.of(2)], palette: [1, 2, 3] }),
    ],
  ])("is refused with %s: %s", (code, _, bytes) => {
    expect(codeOf(() => decodePng(bytes, "a.png"))).toBe(code);
    expect(() => decodePng(bytes, "a.png")).toThrow("a.png: ");
  });

  it("never fails but with a code, wherever bytes are changed", () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bytes = Buffer.from(good);
        bytes[at] ^= by;
        try {
          decodePng(bytes, "a.png");
        } catch (error) {
          expect(error).toBeInstanceOf(OhmletError);
        }
      }),
    );
  });
});

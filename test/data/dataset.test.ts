import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batches, type Dataset, fromBytes, fromFloats, fullScaleOf, take } from "../../src/data/dataset";
import { codeOf } from "../refusal";

/** A set of 1x2 images whose first value tells the sample: i/255, and whose label is i mod 3. */
function numbered(samples: number): Dataset {
  const bytes = Uint8Array.from({ length: 2 * samples }, (_, i) => (i % 2 === 0 ? i / 2 : 0));
  return fromBytes({
    name: "numbered",
    shape: [1, 2],
    classes: 3,
    labels: Uint8Array.from({ length: samples }, (_, i) => i % 3),
    bytes,
    fullScale: 255,
  });
}

const indices = (dataset: Dataset, options: Parameters<typeof batches>[1]) =>
  [...batches(dataset, options)].map((b) =>
    Array.from({ length: b.samples }, (_, s) => Math.round(255 * b.inputs[2 * s])),
  );

const options = fc.record({
  samples: fc.integer({ min: 1, max: 60 }),
  size: fc.integer({ min: 1, max: 70 }),
  seed: fc.nat(),
  epoch: fc.nat(100),
});

describe("a set over bytes", () => {
  it("scales files of 0…16 and of 0…255 to [0, 1]", () => {
    const out = new Float64Array(3);
    const of = (...bytes: number[]) =>
      fromBytes({ name: "x", shape: [1, 2], labels: Uint8Array.of(0), bytes: Uint8Array.from(bytes) });
    of(16, 4).pixels(0, out, 1);
    expect([...out]).toEqual([0, 1, 0.25]);
    of(51, 255).pixels(0, out, 0);
    expect([...out]).toEqual([0.2, 1, 0.25]);
    of(1, 0).pixels(0, out, 0);
    expect([...out]).toEqual([1, 0, 0.25]);
    expect(
      [
        [0, 17],
        [0, 16],
        [0, 1],
      ].map((bytes) => fullScaleOf(Uint8Array.from(bytes))),
    ).toEqual([255, 16, 1]);
  });

  it("stays in [0, 1] where the test file exceeds the training file's scale", () => {
    const out = new Float64Array(1);
    fromBytes({
      name: "x",
      shape: [1, 1],
      labels: Uint8Array.of(0),
      bytes: Uint8Array.of(99),
      fullScale: 16,
    }).pixels(0, out, 0);
    expect(out[0]).toBe(1);
  });

  it("counts classes from its labels unless told, and does not make classes that nothing shows", () => {
    const of = (labels: readonly number[], classes?: number) =>
      fromBytes({
        name: "x",
        shape: [1, 1],
        labels: Uint8Array.from(labels),
        classes,
        bytes: new Uint8Array(labels.length),
      });
    expect([of([1, 0, 2]).classes, of([0, 4], 5).classes]).toEqual([3, 5]);
    expect(codeOf(() => of([0, 255]))).toBe("DATA-LABEL");
    expect(() => of([0, 4])).toThrow("classes: 5");
    // What JavaScript lets through: numbers that no byte holds.
    expect(
      codeOf(() =>
        fromBytes({
          name: "x",
          shape: [1, 1],
          labels: [0, 300] as unknown as Uint8Array,
          bytes: new Uint8Array(2),
        }),
      ),
    ).toBe("DATA-LABEL");
  });

  it("refuses what does not fit, by code", () => {
    const make = (labels: number[], length: number, classes?: number) => () =>
      fromBytes({
        name: "x",
        shape: [2, 2],
        labels: Uint8Array.from(labels),
        classes,
        bytes: new Uint8Array(length),
      });
    expect(codeOf(make([0, 1], 7))).toBe("DATA-SHAPE");
    expect(codeOf(make([], 0))).toBe("DATA-SHAPE");
    expect(codeOf(make([0, 3], 8, 3))).toBe("DATA-LABEL");
  });
});

describe("a set over floats", () => {
  const make = (values: number[]) =>
    fromFloats({
      name: "floats",
      shape: [1, 3],
      labels: Uint8Array.of(0, 1),
      values: Float32Array.from(values),
    });

  it("gives back its values", () => {
    const out = new Float64Array(3);
    make([0, 0, 0, 0.25, 0.5, 1]).pixels(1, out, 0);
    expect([...out]).toEqual([0.25, 0.5, 1]);
  });

  it.each([NaN, Infinity])("names row and column of a %s", (bad) => {
    expect(codeOf(() => make([0, 0, 0, 0, 0, bad]))).toBe("DATA-NAN");
    expect(() => make([0, 0, 0, 0, 0, bad])).toThrow(`floats hold ${bad} at row 1, column 2`);
  });

  it("takes standardised values as they are, and refuses what nobody scaled until a scale is said", () => {
    const out = new Float64Array(3);
    make([0, 0, 0, -2.5, 0, 3]).pixels(1, out, 0);
    expect([...out]).toEqual([-2.5, 0, 3]);
    expect(codeOf(() => make([0, 0, 0, 0, 255, 0]))).toBe("DATA-RANGE");
    const scaled = (scale: number) =>
      fromFloats({
        name: "floats",
        shape: [1, 1],
        labels: Uint8Array.of(0),
        values: Float32Array.of(51),
        scale,
      });
    scaled(255).pixels(0, out, 0);
    expect(out[0]).toBe(0.2);
    for (const scale of [0, -1, NaN, Infinity]) expect(codeOf(() => scaled(scale))).toBe("DATA-RANGE");
  });
});

describe("batches", () => {
  it("form a permutation, sizes as asked, the last one smaller; labels stay with their images", () => {
    fc.assert(
      fc.property(options, ({ samples, size, seed, epoch }) => {
        const all = [...batches(numbered(samples), { size, shuffle: { seed, epoch } })];
        expect(all.map((b) => b.samples)).toEqual(
          Array.from({ length: Math.ceil(samples / size) }, (_, k) => Math.min(size, samples - k * size)),
        );
        const seen = all.flatMap((b) =>
          Array.from(b.labels, (label, s) => [Math.round(255 * b.inputs[2 * s]), label]),
        );
        expect(seen.every(([i, label]) => label === i % 3)).toBe(true);
        expect(seen.map(([i]) => i).sort((a, b) => a - b)).toEqual(
          Array.from({ length: samples }, (_, i) => i),
        );
      }),
    );
  });

  it("depend on seed and epoch, and on nothing else", () => {
    const at = (seed: number, epoch: number, size = 40) =>
      indices(numbered(40), { size, shuffle: { seed, epoch } }).flat();
    expect(at(1, 0)).toEqual(at(1, 0, 7));
    expect(at(1, 0)).not.toEqual(at(1, 1));
    expect(at(1, 0)).not.toEqual(at(2, 0));
  });

  it("keep the order of the data without shuffle, and take only the first so many", () => {
    expect(indices(numbered(9), { size: 4, limit: 6 })).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ]);
    expect(
      indices(numbered(9), { size: 9, limit: 6, shuffle: { seed: 3, epoch: 1 } })
        .flat()
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5]);
    expect(indices(take(numbered(9), 2), { size: 5, limit: 100 })).toEqual([[0, 1]]);
  });

  it.each([0, -1, 1.5, NaN, Infinity])("refuse a size or a limit of %s", (count) => {
    expect(codeOf(() => batches(numbered(3), { size: count }))).toBe("DATA-COUNT");
    expect(codeOf(() => batches(numbered(3), { size: 1, limit: count }))).toBe("DATA-COUNT");
    expect(codeOf(() => take(numbered(3), count))).toBe("DATA-COUNT");
  });
});

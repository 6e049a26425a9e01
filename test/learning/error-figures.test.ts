/** Errors of estimates over an epoch: what is told, carried on, kept and refused. */
import { describe, expect, it } from "vitest";
import { ErrorFigures } from "../../src/learning/error-figures";

const error = (x: number) => ({
  l1: { settling: x, noise: 2 * x, nudge: 0, reach: x / 2 },
  output: { settling: 0, noise: x, nudge: Infinity, reach: 0 },
});

describe("errors of estimates over an epoch", () => {
  it("are the medians of the looks, and those of the epoch before where there is none", () => {
    const figures = new ErrorFigures(["l1", "output"]);
    expect(figures.current).toBeNull();
    for (const x of [0.1, 0.9, 0.3]) figures.add(error(x));
    expect(figures.current).toEqual(error(0.3));
    figures.nextEpoch();
    expect(figures.current).toEqual(error(0.3));
    figures.add(error(0.5));
    figures.add(error(0.7));
    expect(figures.current?.l1.settling).toBeCloseTo(0.6, 12);
  });

  it("go on where they were kept, within an epoch and between two", () => {
    const figures = new ErrorFigures(["l1", "output"]);
    const again = () => {
      const other = new ErrorFigures(["l1", "output"]);
      other.prepare(figures.save())();
      return other;
    };
    expect(again().current).toBeNull();
    figures.add(error(0.1));
    figures.nextEpoch();
    expect(again().current).toEqual(error(0.1));
    figures.add(error(0.4));
    const other = again();
    expect(other.current).toEqual(error(0.4));
    for (const one of [figures, other]) one.add(error(0.2));
    expect(other.current).toEqual(figures.current);
    expect(other.save()).toEqual(figures.save());
  });

  it("refuse what they never wrote, and stay as they are", () => {
    const figures = new ErrorFigures(["l1", "output"]);
    figures.add(error(0.1));
    const { shape, values } = figures.save();
    const altered = (k: number, value: number) => ({
      shape,
      values: values.map((v, i) => (i === k ? value : v)),
    });
    for (const saved of [
      undefined,
      { shape: [0], values: new Float64Array() },
      { shape, values: values.slice(1) },
      altered(9, -1),
      altered(9, Number.NaN),
    ]) {
      expect(() => figures.prepare(saved)).toThrow(/CHECKPOINT-ARRAYS/);
    }
    expect(figures.current).toEqual(error(0.1));
  });
});

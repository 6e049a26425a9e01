import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkSeed,
  fillNormals,
  fillPhaseNormals,
  normal,
  permutation,
  PHASE_STREAMS,
  streamOf,
  uniform,
} from "../../src/random";
import { normalsOf } from "../../src/random/normals";
import { philox } from "../../src/random/philox";

const seed = fc.maxSafeNat();
const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

describe("draws", () => {
  it("do not depend on the order in which they are made", () => {
    fc.assert(
      fc.property(seed, word, word, fc.integer({ min: 0, max: 41 }), (s, stream, step, count) => {
        const filled = fillNormalsOf(count, s, stream, step);
        for (let i = count - 1; i >= 0; i--) expect(normal(s, stream, step, i)).toBe(filled[i]);
      }),
    );
  });

  it("fill a part of an array and nothing else", () => {
    const out = new Float64Array(12).fill(7);
    fillNormals(out, 1, 2, 3, 4, 5);
    expect([...out.subarray(4, 9)]).toEqual([...fillNormalsOf(5, 1, 2, 3)]);
    expect([...out.subarray(0, 4), ...out.subarray(9)]).toEqual([7, 7, 7, 7, 7, 7, 7]);
  });

  it("change with every part of the key, to the last bit of a large seed", () => {
    fc.assert(
      fc.property(
        seed,
        word,
        word,
        fc.maxSafeNat(),
        fc.constantFrom(0, 1, 2, 3),
        (s, stream, step, index, part) => {
          const key = [s, stream, step, index] as const;
          const other = key.map((value, i) =>
            i === part ? (value === 0 ? 1 : value - 1) : value,
          ) as unknown as typeof key;
          expect(uniform(...other)).not.toBe(uniform(...key));
        },
      ),
      // Two draws of 32 bits agree by chance once in 4e9.
      { numRuns: 200 },
    );
  });

  it("are uniform: mean, variance, and counts of sixteen cells", () => {
    const n = 40_000;
    const values = Float64Array.from({ length: n }, (_, i) => uniform(5, 6, 7, i));
    const cells = new Float64Array(16);
    for (const v of values) cells[Math.floor(v * 16)]++;
    const chiSquare = cells.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(mean(values.map((v) => (v - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.002);
    // 15 degrees of freedom: 37.7 is exceeded once in a thousand seeds.
    expect(chiSquare).toBeLessThan(37.7);
  });

  it("are normal: four moments and the share within one and two standard deviations", () => {
    const n = 40_000;
    const values = fillNormalsOf(n, 11, streamOf("moments"), 0);
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(mean(values.map((v) => v ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(mean(values.map((v) => v ** 3)))).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(mean(values.map((v) => v ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
    expect(mean(values.map((v) => (Math.abs(v) < 1 ? 1 : 0)))).toBeCloseTo(0.6827, 2);
    expect(mean(values.map((v) => (Math.abs(v) < 2 ? 1 : 0)))).toBeCloseTo(0.9545, 2);
  });

  it("are uncorrelated between neighbours, streams, steps and seeds", () => {
    const n = 20_000;
    const base = fillNormalsOf(n + 1, 1, 2, 3);
    const others = [
      base.subarray(1),
      fillNormalsOf(n, 2, 2, 3),
      fillNormalsOf(n, 1, 3, 3),
      fillNormalsOf(n, 1, 2, 4),
    ];
    for (const other of others)
      expect(Math.abs(mean(base.slice(0, n).map((v, i) => v * other[i])))).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe("streamOf", () => {
  it("is FNV-1a", () => {
    expect([streamOf(""), streamOf("a"), streamOf("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });
});

describe("permutation", () => {
  it("holds every number once and repeats for the same key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), seed, word, word, (n, s, stream, epoch) => {
        const order = permutation(n, s, stream, epoch);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(permutation(n, s, stream, epoch)).toEqual(order);
      }),
    );
  });

  it("puts every number at every place about equally often", () => {
    const [n, runs] = [5, 4000];
    const counts = new Float64Array(n * n);
    for (let epoch = 0; epoch < runs; epoch++)
      permutation(n, 3, 4, epoch).forEach((value, place) => counts[place * n + value]++);
    for (const count of counts)
      expect(Math.abs(count - runs / n)).toBeLessThan(5 * Math.sqrt(runs * (1 / n) * (1 - 1 / n)));
  });
});

function fillNormalsOf(count: number, seed: number, stream: number, step: number): Float64Array {
  const out = new Float64Array(count);
  fillNormals(out, seed, stream, step);
  return out;
}

describe("draws of a phase", () => {
  const of = (seed: number, phase: number, stream: number, step: number, count = 8): string => {
    const out = new Float64Array(count);
    fillPhaseNormals(out, { seed, phase }, stream, step);
    return out.join();
  };

  it("change with every part of the key, to the last bit of a seed and of a phase", () => {
    const stream = fc.integer({ min: 0, max: PHASE_STREAMS - 1 });
    fc.assert(
      fc.property(
        seed,
        seed,
        stream,
        word,
        fc.constantFrom(0, 1, 2, 3),
        fc.integer({ min: 0, max: 52 }),
        (s, phase, t, step, part, bit) => {
          const key = [s, phase, t, step] as const;
          const flipped = (value: number, bits: number): number =>
            Number(BigInt(value) ^ (1n << BigInt(bit % bits)));
          const other = key.map((value, i) =>
            i === part ? flipped(value, [53, 53, 11, 32][i]) : value,
          ) as unknown as typeof key;
          expect(of(...other)).not.toBe(of(...key));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("of 100,000 phases never meet, nor those of the 32 bits above", () => {
    const seen = new Set<string>();
    for (let phase = 0; phase < 100_000; phase++) {
      seen.add(of(7, phase, 0, 0, 2));
      seen.add(of(7, phase + 2 ** 32, 0, 0, 2));
    }
    expect(seen.size).toBe(200_000);
  });

  it("are not those of named streams", () => {
    const named = new Float64Array(8);
    fillNormals(named, 7, 3, 5);
    expect(of(7, 0, 3, 5)).not.toBe([...named].join());
  });

  it("are what the layout says: Philox under the seed, of block, phase, step, stream and the phase's high bits", () => {
    const [s, phase, t, step] = [2 ** 45 + 3, 2 ** 40 + 5, 77, 1000];
    const [words, normals] = [new Uint32Array(4), new Float64Array(4)];
    philox(words, 1, 5, step, t + 2048 * 2 ** 8, 3, 2 ** 13 + 2 ** 31);
    normalsOf(words, normals);
    const out = new Float64Array(8);
    fillPhaseNormals(out, { seed: s, phase }, t, step);
    expect([...out.subarray(4)]).toEqual([...normals]);
  });
});

describe("a seed", () => {
  it.each([-1, 1.5, Number.NaN, 2 ** 53, 1e300, Infinity, "7", "abc", null, true, 1n, {}, undefined])(
    "is not %s",
    (given) => expect(() => checkSeed(given)).toThrow(/ENGINE-SEED/),
  );
  it.each([0, -0, 1, 2 ** 32, 2 ** 53 - 1])("may be %d", (given) => expect(checkSeed(given)).toBe(given));
  it("in quotes is to be written as a number", () =>
    expect(() => checkSeed("7")).toThrow(/write the number 7/));
});

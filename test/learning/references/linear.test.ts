import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../../../src/errors";
import {
  apply,
  factorise,
  norm,
  spectralRadius,
  splitSymmetric,
} from "../../../src/learning/references/linear";

const entry = fc.integer({ min: -1000, max: 1000 }).map((k) => k / 500);
const system = fc.integer({ min: 1, max: 9 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    // Diagonally heavy up to a permutation of rows, so that pivoting is needed and the solution well
    // determined.
    matrix: fc
      .tuple(fc.array(entry, { minLength: n * n, maxLength: n * n }), fc.nat({ max: n - 1 }))
      .map(([a, shift]) =>
        Float64Array.from(a, (x, i) => (i % n === (Math.floor(i / n) + shift) % n ? 3 * n + x : x)),
      ),
    rhs: fc.array(entry, { minLength: 2 * n, maxLength: 2 * n }).map((b) => Float64Array.from(b)),
  }),
);

describe("LU", () => {
  it("solves A x = b and A^T x = b for many right-hand sides", () => {
    fc.assert(
      fc.property(system, ({ n, matrix, rhs }) => {
        const lu = factorise(matrix, n);
        for (const transposed of [false, true]) {
          const x = transposed ? lu.solveTransposed(rhs) : lu.solve(rhs);
          for (const r of [0, 1]) {
            const back = apply(matrix, n, x.subarray(r * n, (r + 1) * n), transposed);
            back.forEach((y, i) => expect(Math.abs(y - rhs[r * n + i])).toBeLessThan(1e-11));
          }
        }
      }),
    );
  });

  it("leaves the matrix and the right-hand side as they were", () => {
    const [matrix, rhs] = [Float64Array.of(0, 2, 3, 4), Float64Array.of(2, 7)];
    expect([...factorise(matrix, 2).solve(rhs)]).toEqual([1, 1]);
    expect([[...matrix], [...rhs]]).toEqual([
      [0, 2, 3, 4],
      [2, 7],
    ]);
  });

  it("refuses what cannot be solved", () => {
    for (const matrix of [
      [1, 2, 2, 4],
      [0, 0, 0, 0],
      [1, NaN, 2, 1],
      [1 / 3, 1 / 7, 1, 3 / 7],
    ]) {
      try {
        factorise(Float64Array.from(matrix), 2);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(OhmletError);
        expect((error as OhmletError).code).toBe("LINEAR-SINGULAR");
      }
    }
  });
});

describe("spectral radius", () => {
  it.each([
    ["a diagonal", 2, [0.5, 0, 0, -3], 3],
    ["a complex pair", 2, [0, -2, 2, 0], 2],
    ["a spiral", 2, [1, -2, 0.5, 1], Math.SQRT2],
    ["a Jordan block", 2, [0.7, 1, 0, 0.7], 0.7],
    ["a pair of opposite sign", 2, [0, 4, 1, 0], 2],
    ["a nilpotent matrix", 3, [0, 1, 5, 0, 0, 1, 0, 0, 0], 0],
  ])("of %s", (_, n, matrix, expected) => {
    expect(spectralRadius(Float64Array.from(matrix), n)).toBeCloseTo(expected, 10);
  });

  it("does not change under similarity, and scales", () => {
    fc.assert(
      fc.property(system, fc.constantFrom(1e-6, 0.3, 1e6), ({ n, matrix }, scale) => {
        const radius = spectralRadius(matrix, n);
        const similar = matrix.map((x, i) => (x * 2 ** (Math.floor(i / n) % 3)) / 2 ** ((i % n) % 3));
        expect(spectralRadius(similar, n) / radius).toBeCloseTo(1, 10);
        expect(
          spectralRadius(
            matrix.map((x) => x * scale),
            n,
          ) /
            (scale * radius),
        ).toBeCloseTo(1, 10);
      }),
      { numRuns: 30 },
    );
  });
});

describe("norms, parts and products", () => {
  it("splits into a symmetric and a skew part whose squared norms add up", () => {
    fc.assert(
      fc.property(system, ({ n, matrix }) => {
        const { symmetric, skew } = splitSymmetric(matrix, n);
        matrix.forEach((x, i) => expect(symmetric[i] + skew[i]).toBeCloseTo(x, 14));
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) {
            expect(symmetric[i * n + j]).toBe(symmetric[j * n + i]);
            expect(skew[i * n + j] + skew[j * n + i]).toBe(0);
          }
        expect(norm(symmetric) ** 2 + norm(skew) ** 2).toBeCloseTo(norm(matrix) ** 2, 9);
      }),
    );
  });

  it("does not overflow", () => expect(norm(Float64Array.of(3e300, 4e300))).toBeCloseTo(5e300, -288));
});

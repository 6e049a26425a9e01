/** Bounds of voltages hold of every network, and are met by a chain. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestVoltages, type Means } from "../../src/dynamics/lowering/voltage-bounds";
import { fewer } from "../long";

/** Solves a dense system by elimination. */
function solve(a: number[][], b: number[]): number[] {
  const n = b.length;
  const rows = a.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  return rows.map((row, i) => row[n] / row[i]);
}

const conductance = fc.double({ min: 0.001, max: 10, noNaN: true });
const SIZES = [3, 4, 2];

describe("bounds of voltages", () => {
  it("hold in layers of conductances with sources, currents and nudges, however weak the way to a source", () => {
    const network = fc.record({
      first: fc.array(conductance, { minLength: 12, maxLength: 12 }),
      second: fc.array(conductance, { minLength: 8, maxLength: 8 }),
      volts: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
      currents: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 2 }),
    });
    let closest = 0;
    fc.assert(
      fc.property(network, ({ first, second, volts, currents }) => {
        const [, hidden, outputs] = SIZES;
        const n = hidden + outputs;
        const a = Array.from({ length: n }, () => Array.from({ length: n }, () => 0));
        const b = Array.from({ length: n }, () => 0);
        const [source, current] = [volts, currents].map((of) => Math.max(...of.map(Math.abs)));
        const means: Means[] = [hidden, outputs].map((size) => ({
          constant: new Float64Array(size),
          by: [new Float64Array(size), new Float64Array(size)],
          floor: 0,
        }));
        for (let j = 0; j < hidden; j++) {
          for (let i = 0; i < 3; i++) {
            a[j][j] += first[i * hidden + j];
            b[j] += first[i * hidden + j] * volts[i];
            means[0].constant[j] += first[i * hidden + j] * source;
          }
          for (let k = 0; k < outputs; k++) {
            const g = second[j * outputs + k];
            a[j][j] += g;
            a[hidden + k][hidden + k] += g;
            a[j][hidden + k] -= g;
            a[hidden + k][j] -= g;
            means[0].by[1]![j] += g;
            means[1].by[0]![k] += g;
          }
        }
        for (let k = 0; k < outputs; k++) {
          b[hidden + k] += currents[k];
          means[1].constant[k] += current;
        }
        means.forEach(({ constant, by }, p) =>
          constant.forEach((_, i) => {
            const total = a[(p === 0 ? 0 : hidden) + i][(p === 0 ? 0 : hidden) + i];
            constant[i] /= total;
            for (const share of by) share![i] /= total;
          }),
        );
        const v = solve(a, b);
        const bounds = largestVoltages(means);
        const largest = [v.slice(0, hidden), v.slice(hidden)].map((of) => Math.max(...of.map(Math.abs)));
        largest.forEach((most, p) => {
          expect(most).toBeLessThanOrEqual(bounds[p] * (1 + 1e-9) + 1e-12);
          closest = Math.max(closest, most / bounds[p]);
        });
      }),
      { numRuns: fewer(600) },
    );
    // Not just large.
    expect(closest).toBeGreaterThan(0.5);
  });

  it("are those of a chain, through amplifiers too, and none where a loop gives more than it takes", () => {
    const chain = (back: number): Means[] => [
      { constant: Float64Array.of(0.5), by: [null, Float64Array.of(back)], floor: 0.1 },
      { constant: Float64Array.of(0.2), by: [Float64Array.of(4), null], floor: 0.1 },
    ];
    // v = .5 + .1 w, w = .2 + 4 v
    const [v, w] = largestVoltages(chain(0.1));
    expect(v).toBeCloseTo(0.52 / 0.6, 12);
    expect(w).toBeCloseTo(0.2 + 4 * v, 12);
    expect([...largestVoltages(chain(0.3))]).toEqual([Infinity, Infinity]);
  });

  it("are none for what nothing bounds and what that drives, and hold for the others", () => {
    const one = Float64Array.of(1);
    const found = largestVoltages([
      { constant: new Float64Array(0), by: [], floor: Infinity },
      { constant: one, by: [Float64Array.of(0.1), null, null], floor: 0 },
      { constant: one, by: [null, null, Float64Array.of(0.5)], floor: 0 },
    ]);
    expect([...found]).toEqual([Infinity, Infinity, 2]);
  });
});

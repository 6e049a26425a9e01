import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalsOf } from "../../src/random/normals";

const LAST = 2 ** 32 - 1;
/** Words of all sizes, and both sides of every power of two. */
const word = fc.oneof(
  fc.integer({ min: 0, max: LAST }),
  fc
    .tuple(fc.integer({ min: 0, max: 32 }), fc.constantFrom(-1, 0, 1))
    .map(([k, by]) => Math.min(LAST, Math.max(0, 2 ** k + by))),
);

describe("normalsOf", () => {
  it("is the transform of Box and Muller", () => {
    const out = new Float64Array(4);
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), (words) => {
        normalsOf(Uint32Array.from(words), out);
        for (const k of [0, 2]) {
          const length = Math.sqrt(-2 * Math.log((words[k] + 0.5) / 2 ** 32));
          const angle = (2 * Math.PI * (words[k + 1] + 0.5)) / 2 ** 32;
          // The shortest lengths are 1e-5, the root of what the series leave out 1e-6 of that.
          expect(Math.abs(out[k] - length * Math.cos(angle))).toBeLessThan(1e-7);
          expect(Math.abs(out[k + 1] - length * Math.sin(angle))).toBeLessThan(1e-7);
          if (length > 0.01)
            expect(
              Math.hypot(out[k] - length * Math.cos(angle), out[k + 1] - length * Math.sin(angle)),
            ).toBeLessThan(2e-10);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("holds at the ends of the range", () => {
    const out = new Float64Array(4);
    normalsOf(Uint32Array.of(0, 0, LAST, LAST), out);
    expect(out[0]).toBeCloseTo(Math.sqrt(66 * Math.LN2), 8);
    expect(out[2]).toBeGreaterThan(0);
    expect(out[2]).toBeLessThan(2e-5);
  });
});

/**
 * Schedules run from 1 to their floor and never up again; a factor scales a step and nothing that is
 * remembered.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adam, constantRate, cosineDecay, linearDecay, sgd } from "../../../src/learning/optimizers";

describe("schedules", () => {
  it.each([
    ["cosine", cosineDecay(0.1)],
    ["linear", linearDecay(0.1)],
  ] as const)("%s falls from 1 to its floor", (_, schedule) => {
    expect(schedule(0)).toBe(1);
    expect(schedule(1)).toBeCloseTo(0.1, 12);
    expect(schedule(7)).toBeCloseTo(0.1, 12);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b) => schedule(Math.max(a, b)) <= schedule(Math.min(a, b)) + 1e-12,
      ),
    );
    expect(constantRate(0.7)).toBe(1);
  });

  it.each([
    ["adam", () => adam({ rate: 0.1 })],
    ["sgd", () => sgd({ rate: 0.1, momentum: 0.9 })],
  ] as const)("a factor scales a step of %s", (_, make) => {
    const [plain, halved] = [make(), make()];
    const [direction, current] = [
      { weights: Float64Array.of(1, -2), biases: null },
      { weights: Float64Array.of(0.5, 0.5), biases: null },
    ];
    const [a, b] = [
      plain.step("p", direction, () => current),
      halved.step("p", direction, () => current, 0.5),
    ];
    a.weights.forEach((w, i) => expect(b.weights[i]).toBeCloseTo(w / 2, 12));
  });
});

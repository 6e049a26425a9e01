/** Early stop: at the target, or when the accuracy no longer grows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEarlyStop, judge, type Best } from "../../src/learning/early-stop";

function epochsOf(accuracies: readonly number[], options: Parameters<typeof judge>[0]): number {
  let best: Best | null = null;
  for (const [k, accuracy] of accuracies.entries()) {
    const judged = judge(options, best, k + 1, accuracy);
    if (judged.stop !== null) return k + 1;
    best = judged.best;
  }
  return accuracies.length;
}

describe("early stop", () => {
  it("stops at the target, and after so many epochs without growth", () => {
    expect(epochsOf([0.2, 0.9, 0.95], { target: 0.9 })).toBe(2);
    expect(epochsOf([0.2, 0.5, 0.5, 0.4, 0.9], { patience: 2 })).toBe(4);
    expect(epochsOf([0.2, 0.5, 0.51, 0.52, 0.9], { patience: 2, minDelta: 0.05 })).toBe(4);
    expect(epochsOf([0.2, 0.1, 0, 0, 0], {})).toBe(5);
  });

  it("never stops before the patience is over, and always so many epochs after the best", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 5 }),
        (accuracies, patience) => {
          const stopped = epochsOf(accuracies, { patience });
          const seen = accuracies.slice(0, stopped);
          const best = seen.indexOf(Math.max(...seen)) + 1;
          expect(stopped === accuracies.length || stopped - best === patience).toBe(true);
        },
      ),
    );
  });

  it.each([{ patience: 0 }, { patience: 1.5 }, { minDelta: -1 }, { target: 0 }, { target: 2 }])(
    "refuses %o",
    (options) => {
      expect(() => checkEarlyStop(options)).toThrow(/LEARN-STOP/);
    },
  );
});

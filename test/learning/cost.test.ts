import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Chip } from "../../src/circuit/chip-types";
import { costGradient, costs, predictions, readoutGradient } from "../../src/learning/cost";
import { chipOf, draws, leaky } from "./handmade";

const plan = (seed: number, kind: "squared-error" | "cross-entropy"): Chip =>
  chipOf({
    populations: [
      { name: "in", size: 1 },
      { name: "out", size: 3, device: leaky },
    ],
    projections: [],
    cost:
      kind === "squared-error" ? { kind, argument: "activity" } : { kind, argument: "activity", classes: 2 },
    ...(kind === "cross-entropy" && { readout: { weights: draws(seed)(6, 2), biases: draws(seed + 1)(2) } }),
  });
const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;

describe.each(["squared-error", "cross-entropy"] as const)("%s", (kind) => {
  it("has the gradient that finite differences find, for the argument and for the readout", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e6 }), (seed) => {
        const chip = plan(seed, kind);
        const argument = draws(seed + 2)(6, 2);
        const targets = kind === "squared-error" ? draws(seed + 3)(6) : Float64Array.of(1, 0, 0, 1);
        const h = 1e-5;
        const slope = (array: Float64Array, i: number, f: () => number): number => {
          const x = array[i];
          array[i] = x + h;
          const up = f();
          array[i] = x - h;
          const down = f();
          array[i] = x;
          return (up - down) / (2 * h);
        };
        costGradient(chip, argument, targets).forEach((g, i) =>
          expect(g).toBeCloseTo(
            slope(argument, i, () => costs(chip, argument, targets)[Math.floor(i / 3)]),
            7,
          ),
        );
        if (chip.readout === null) return;
        const gradient = readoutGradient(chip, argument, targets);
        for (const part of ["weights", "biases"] as const) {
          gradient[part].forEach((g, i) =>
            expect(g).toBeCloseTo(
              slope(chip.readout![part], i, () => mean(costs(chip, argument, targets))),
              7,
            ),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses targets that do not fit", () => {
    expect(() => costs(plan(1, kind), new Float64Array(6), new Float64Array(5))).toThrowError(
      expect.objectContaining({ code: "COST-SHAPE" }) as Error,
    );
  });
});

describe("predictions and extremes", () => {
  it("take the largest score, the first of equals", () => {
    expect([...predictions(plan(1, "squared-error"), Float64Array.of(0, 2, 1, 3, 3, 1))]).toEqual([1, 0]);
    const chip = plan(1, "cross-entropy");
    chip.readout!.weights.set([0, 0, 0, 1, 0, 0]);
    chip.readout!.biases.set([0.5, 0]);
    expect([...predictions(chip, Float64Array.of(0, 0.4, 9, 9, 0.6, 0))]).toEqual([0, 1]);
  });

  it("stay finite where the logits are huge", () => {
    const chip = plan(1, "cross-entropy");
    chip.readout!.weights.set([1e4, 0, 0, 0, 0, 0]);
    chip.readout!.biases.fill(0);
    expect([...costs(chip, Float64Array.of(1, 0, 0), Float64Array.of(1, 0))]).toEqual([0]);
    expect(costs(chip, Float64Array.of(1, 0, 0), Float64Array.of(0, 1))[0]).toBe(1e4);
  });

  it("ask for a readout only where there should be one", () => {
    const chip = { ...plan(1, "cross-entropy"), readout: null } as Chip;
    expect(() => predictions(chip, new Float64Array(3))).toThrowError(
      expect.objectContaining({ code: "COST-READOUT" }) as Error,
    );
  });
});

import { describe, expect, it } from "vitest";
import type { OhmletError } from "../../../src/errors";
import { jacobian, symmetry } from "../../../src/learning/references/jacobian";
import { activitiesOf, drivesOf, linearise } from "../../../src/learning/references/linearisation";
import {
  chipOf,
  clipped,
  draws,
  energy,
  leaky,
  map,
  physical,
  transpose,
  type Design,
  type TestNeuron,
} from "../handmade";

function pair(device: (size: number) => TestNeuron, symmetric: boolean): Design {
  const draw = draws(3);
  const forward = draw(6, 0.8);
  return {
    populations: [
      { name: "in", size: 2 },
      { name: "a", size: 3, device: device(3) },
      { name: "b", size: 2, device: device(2) },
    ],
    projections: [
      { from: "in", to: "a", weights: draw(6), biases: draw(3) },
      { from: "a", to: "b", weights: forward },
      { from: "b", to: "a", weights: symmetric ? transpose(forward, 3, 2) : draw(6) },
    ],
    cost: { kind: "squared-error", argument: "activity" },
  };
}

const neurons = [
  ["leaky", () => leaky],
  ["map", () => map],
  ["energy", () => energy],
  ["physical", physical],
] as const;
const inputs = Float64Array.of(0.2, 0.9);

describe("the dense Jacobian", () => {
  it.each(neurons)(
    "of %s is what finite differences of the field say, away from any fixed point",
    (name, device) => {
      const plan = pair(device, false);
      const chip = chipOf(plan);
      const scale = name === "physical" ? 0.1 : 1;
      const u = draws(5)(5, scale);
      const states = (v: Float64Array) => ({ a: { re: v.slice(0, 3) }, b: { re: v.slice(3) } });
      const field = (v: Float64Array): number[] => {
        const drives = drivesOf(chip, 1, activitiesOf(chip, 1, inputs, states(v)));
        return [...v].map((x, k) =>
          device(k < 3 ? 3 : 2).field(x, k < 3 ? drives.a[k] : drives.b[k - 3], 0, k < 3 ? k : k - 3),
        );
      };
      const at = linearise(chip, 1, inputs, states(u));
      const { matrix, n } = jacobian(at, 0);
      const rate = Math.abs(matrix[0]);
      field(u).forEach((f, i) =>
        expect((i < 3 ? at.field.a[i] : at.field.b[i - 3]) / rate).toBeCloseTo(f / rate, 12),
      );
      for (let j = 0; j < n; j++) {
        const h = 1e-5 * scale;
        const [up, down] = [
          field(u.map((x, k) => (k === j ? x + h : x))),
          field(u.map((x, k) => (k === j ? x - h : x))),
        ];
        up.forEach((f, i) => expect(matrix[i * n + j] / rate).toBeCloseTo((f - down[i]) / (2 * h) / rate, 6));
      }
    },
  );

  it.each(neurons)("of %s, counted in activity, is symmetric where the weights are", (_, device) => {
    const u = { a: { re: draws(6)(3, 0.1) }, b: { re: draws(7)(2, 0.1) } };
    const symmetric = symmetry(jacobian(linearise(chipOf(pair(device, true)), 1, inputs, u), 0, "activity"));
    expect(symmetric.ratio).toBeCloseTo(1, 14);
    const asymmetric = symmetry(
      jacobian(linearise(chipOf(pair(device, false)), 1, inputs, u), 0, "activity"),
    );
    expect(asymmetric.ratio).toBeLessThan(0.99);
  });

  it("of the weights alone is W - 1, whatever the states", () => {
    const plan = pair(() => clipped, false);
    const { matrix, n } = jacobian(
      linearise(chipOf(plan), 1, inputs, { a: { re: new Float64Array(3) }, b: { re: new Float64Array(2) } }),
      0,
      "weights",
    );
    expect(n).toBe(5);
    expect(matrix[0]).toBe(-1);
    expect(matrix[3 * 5 + 2]).toBe(plan.projections[1].weights[2 * 2]); // from a[2] to b[0]
    expect(matrix[1 * 5 + 4]).toBe(plan.projections[2].weights[1 * 3 + 1]); // from b[1] to a[1]
  });

  it("leaves out frozen units", () => {
    const at = linearise(chipOf(pair(() => clipped, false)), 1, inputs, {
      a: { re: Float64Array.of(0, 0.5, 1) },
      b: { re: Float64Array.of(0.1, -0.2) },
    });
    expect([...jacobian(at, 0).units]).toEqual([1, 3]);
  });

  it("measures symmetry: all, none, half", () => {
    const measure = (matrix: number[]) =>
      symmetry({ n: 2, matrix: Float64Array.from(matrix), units: new Int32Array(2) });
    expect(measure([1, 2, 2, 1])).toMatchObject({ A: 0, ratio: 1 });
    expect(measure([0, 3, -3, 0])).toMatchObject({ S: 0, ratio: 0 });
    expect(measure([0, 2, 0, 0]).ratio).toBeCloseTo(0.5, 14);
  });

  it("refuses large circuits and flat outputs, with a way out", () => {
    const large = chipOf({
      ...pair(() => leaky, false),
      populations: [
        { name: "in", size: 2 },
        { name: "a", size: 1999, device: leaky },
        { name: "b", size: 2, device: leaky },
      ],
      projections: [],
    });
    const at = linearise(large, 1, inputs, {
      a: { re: new Float64Array(1999) },
      b: { re: new Float64Array(2) },
    });
    expect(() => jacobian(at, 0)).toThrowError(
      expect.objectContaining({ code: "JACOBIAN-SIZE" }) as OhmletError,
    );
    const flat = { ...clipped, neuron: { ...clipped.neuron, bounds: null } };
    const outside = linearise(chipOf(pair(() => flat, false)), 1, inputs, {
      a: { re: Float64Array.of(0.5, 0.5, 2) },
      b: { re: Float64Array.of(0.5, 0.5) },
    });
    expect(() => jacobian(outside, 0, "activity")).toThrowError(
      expect.objectContaining({ code: "JACOBIAN-SLOPE" }) as OhmletError,
    );
    expect(jacobian(outside, 0, "state").n).toBe(5);
  });
});

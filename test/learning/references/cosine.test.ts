import { expect, it } from "vitest";
import type { Circuit } from "../../../src/circuit/chip-types";
import { perLayerCosine } from "../../../src/learning/references/cosine";

const circuit = {
  populations: [
    { name: "in", size: 9, clamped: true },
    { name: "a", size: 2, clamped: false },
    { name: "b", size: 1, clamped: false },
  ],
} as unknown as Circuit;
const of = (a: number[], b: number[]) => ({ a: Float64Array.from(a), b: Float64Array.from(b) });

it("averages the samples' cosines, layer by layer and all together", () => {
  const { layers, total } = perLayerCosine(of([1, 0, 1, 1], [1, -1]), of([2, 0, 1, 0], [5, 1]), circuit);
  expect(layers.a).toBeCloseTo((1 + Math.SQRT1_2) / 2, 14);
  expect(layers.b).toBe(0);
  expect(total).toBeCloseTo((7 / Math.sqrt(2 * 29) + 0) / 2, 14);
});

it("counts a silent estimate as 0, leaves out a truth of 0, and says null where nothing is left", () => {
  const { layers } = perLayerCosine(of([0, 0, 3, 4], [1, 1]), of([1, 1, 3, 4], [0, 0]), circuit);
  expect(layers.a).toBeCloseTo(0.5, 14);
  expect(layers.b).toBeNull();
});

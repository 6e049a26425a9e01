/** Pictures with channels come to kernels position by position, however they are stored. */
import { describe, expect, it } from "vitest";
import { convolutional, layered } from "../../circuits";
import { ideal, prototypical } from "../../devices";
import { fromFloats } from "../../src/data/dataset";
import { labelledBatches } from "../../src/learning/batches";

const devices = { neuron: prototypical(), synapse: ideal() };
/** Two pictures of 2 rows, 3 columns and 3 planes: 100 sample + 10 plane + pixel. */
const values = Float32Array.from({ length: 36 }, (_, i) => {
  const [sample, plane, pixel] = [Math.floor(i / 18), Math.floor(i / 6) % 3, i % 6];
  return (100 * sample + 10 * plane + pixel) / 1000;
});
const data = fromFloats({
  name: "planes",
  values,
  labels: Uint8Array.of(0, 1),
  shape: [2, 3],
  channels: 3,
});
const kernels = (shape: readonly [number, number, number]) =>
  convolutional({ ...devices, shape, layers: [{ channels: 2, kernel: 2 }], outputs: 2 });

describe("labelled batches", () => {
  it("put the channels of a pixel side by side where the input has a shape, and nowhere else", () => {
    const [shaped] = labelledBatches(kernels([2, 3, 3]), data, { size: 2 });
    expect(shaped.inputs).toHaveLength(36);
    shaped.inputs.forEach((x, i) => {
      const [sample, pixel, plane] = [Math.floor(i / 18), Math.floor(i / 3) % 6, i % 3];
      expect(x).toBeCloseTo((100 * sample + 10 * plane + pixel) / 1000, 6);
    });
    const [flat] = labelledBatches(layered([18, 2], devices), data, { size: 2 });
    flat.inputs.forEach((x, i) => expect(x).toBeCloseTo(values[i], 6));
  });

  it("are refused where the shape is another", () => {
    expect(() => [...labelledBatches(kernels([3, 3, 2]), data, { size: 2 })]).toThrow(
      expect.objectContaining({ code: "DATA-SHAPE", remedy: expect.stringContaining("[2, 3, 3]") }),
    );
  });
});

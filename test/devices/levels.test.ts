/** Crossbars whose devices have a few conductances only. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, softNeuron } from "../../devices";
import type { Circuit } from "../../src/index";
import { codeOf } from "../io/coded";

const [smallest, largest, V] = [1e-9, 200e-9, 0.1];
const circuit = (levels: number, mismatch = 0): Circuit => layered([6, 5, 3], { neuron: softNeuron(), synapse: crossbar({ levels, mismatch }), initial: { distribution: "glorot", scale: 0.3 } });

/** Conductances of a pair of which the difference is a weight, in steps: whole numbers where the devices have levels. */
function stepsOf(chip: ReturnType<Circuit["fabricate"]>, name: string, levels: number): number[] {
  const unit = chip.unitDriveOf(chip.circuit.projection(name).to.name);
  return Array.from(chip.weights(name).weights, (w) => (w * unit) / V / ((largest - smallest) / (levels - 1)));
}

describe("levels", () => {
  it("leave differences of whole steps between two devices, the nearest to what was asked for", () => {
    fc.assert(fc.property(fc.integer({ min: 3, max: 300 }), fc.integer({ min: 0, max: 1000 }), (levels, seed) => {
      const [chip, ideal] = [circuit(levels).fabricate({ seed }), circuit(0).fabricate({ seed })];
      for (const { name } of chip.circuit.projections) {
        const wanted = stepsOf(ideal, name, levels);
        stepsOf(chip, name, levels).forEach((found, k) => {
          expect(Math.abs(found - Math.round(found))).toBeLessThan(1e-6);
          // Each device of the pair takes half of it: they move together, by two steps, or one of them alone.
          expect(Math.abs(found - wanted[k])).toBeLessThanOrEqual(1.001);
        });
      }
    }), { numRuns: 20 });
  });

  it("come near to any conductance as there are more of them", () => {
    const far = (levels: number): number => {
      const [chip, ideal] = [circuit(levels, 0.05).fabricate({ seed: 3 }), circuit(0, 0.05).fabricate({ seed: 3 })];
      const name = chip.circuit.projections[0].name;
      const wanted = ideal.weights(name).weights;
      return Math.sqrt(chip.weights(name).weights.reduce((sum, w, k) => sum + (w - wanted[k]) ** 2, 0) / wanted.length);
    };
    expect(far(257)).toBeLessThan(far(33) / 4);
    expect(far(33)).toBeLessThan(far(5) / 2);
  });

  it("let small changes add up until the next level is nearer", () => {
    const chip = circuit(17).fabricate({ seed: 1 });
    const [{ name, from, to }] = chip.circuit.projections;
    chip.setWeights(name, { weights: new Float64Array(from.size * to.size), biases: null });
    const unit = chip.unitDriveOf(to.name);
    const step = (((largest - smallest) / 16) * V) / unit;
    const change = { weights: new Float64Array(from.size * to.size).fill(0.3 * step), biases: null };
    const seen = Array.from({ length: 8 }, () => {
      chip.program(name, change);
      return Math.round(chip.weights(name).weights[0] / step);
    });
    // 0.3, 0.6, … 2.4 steps of a pair whose devices move by half of it each.
    expect(seen).toEqual([0, 0, 0, 2, 2, 2, 2, 2]);
  });

  it.each([1, -4, 2.5, Number.NaN])("refuse %d of them", (levels) => expect(codeOf(() => crossbar({ levels }))).toBe("DEVICE-LEVELS"));
});

/** Crossbars whose devices have a few conductances only. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, softNeuron } from "../../devices";
import type { Chip, Circuit } from "../../src/index";
import { codeOf } from "../refusal";
import { fewer } from "../long";

const [smallest, largest, V] = [1e-9, 200e-9, 0.1];
const circuit = (levels: number, mismatch = 0): Circuit =>
  layered([6, 5, 3], {
    neuron: softNeuron(),
    synapse: crossbar({ levels, mismatch }),
    initial: { distribution: "glorot", scale: 0.3 },
  });

/**
 * Conductances of a pair of which the difference is a weight, in steps: whole numbers where the devices have
 * levels.
 */
function stepsOf(chip: ReturnType<Circuit["fabricate"]>, name: string, levels: number): number[] {
  const unit = chip.unitDriveOf(chip.circuit.projection(name).to.name);
  return Array.from(
    chip.weights(name).weights,
    (w) => (w * unit) / V / ((largest - smallest) / (levels - 1)),
  );
}

describe("levels", () => {
  it("leave differences of whole steps between two devices, the nearest to what was asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 300 }), fc.integer({ min: 0, max: 1000 }), (levels, seed) => {
        const [chip, ideal] = [circuit(levels).fabricate({ seed }), circuit(0).fabricate({ seed })];
        for (const { name } of chip.circuit.projections) {
          const wanted = stepsOf(ideal, name, levels);
          stepsOf(chip, name, levels).forEach((found, k) => {
            expect(Math.abs(found - Math.round(found))).toBeLessThan(1e-6);
            expect(Math.abs(found - wanted[k])).toBeLessThanOrEqual(0.5001);
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("come near to any conductance as there are more of them", () => {
    const far = (levels: number): number => {
      const [chip, ideal] = [
        circuit(levels, 0.05).fabricate({ seed: 3 }),
        circuit(0, 0.05).fabricate({ seed: 3 }),
      ];
      const name = chip.circuit.projections[0].name;
      const wanted = ideal.weights(name).weights;
      return Math.sqrt(
        chip.weights(name).weights.reduce((sum, w, k) => sum + (w - wanted[k]) ** 2, 0) / wanted.length,
      );
    };
    expect(far(257)).toBeLessThan(far(33) / 4);
    expect(far(33)).toBeLessThan(far(5) / 2);
  });

  it("let small changes add up until the next level is nearer, one level at a time", () => {
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
    // 0.3, 0.6, … 2.4 steps.
    expect(seen).toEqual([0, 1, 1, 1, 2, 2, 2, 2]);
  });

  const pair = (levels: number, mismatch = 0, seed = 1) => {
    const chip: Chip = layered([400, 1], {
      neuron: softNeuron(),
      synapse: crossbar({ levels, mismatch }),
      bias: false,
      initial: { distribution: "zero" },
    }).fabricate({ seed });
    const [{ name, to }] = chip.circuit.projections;
    const step = (((largest - smallest) / (levels - 1)) * V) / chip.unitDriveOf(to.name);
    return { chip, name, step, read: () => Array.from(chip.weights(name).weights, (w) => w / step) };
  };

  it.each([2, 3, 5, 16, 17, 25, 32, 33])(
    "give a pair of devices of %d levels every difference, and the nearest",
    (levels) => {
      const { chip, name, step, read } = pair(levels);
      const wanted = Float64Array.from(
        { length: 400 },
        (_, k) => (0.00131 + (2 * k) / 400 - 1) * (levels - 1),
      );
      chip.setWeights(name, { weights: wanted.map((w) => w * step), biases: null });
      const written = read();
      written.forEach((w, k) => expect(w).toBeCloseTo(Math.floor(wanted[k] + 0.5), 6));
      expect(new Set(written.map(Math.round)).size).toBe(2 * levels - 1);
      // The same one at a time: up over the whole range, and down again.
      const climb = Array.from({ length: 2 * levels }, () => {
        chip.program(name, { weights: new Float64Array(400).fill(step), biases: null });
        return read();
      });
      for (const [k, first] of written.entries())
        climb.forEach((now, n) =>
          expect(now[k]).toBeCloseTo(Math.min(levels - 1, Math.round(first) + n + 1), 6),
        );
      for (let n = 1; n < 2 * levels; n++) {
        chip.program(name, { weights: new Float64Array(400).fill(-step), biases: null });
        for (const w of read()) expect(w).toBeCloseTo(Math.max(1 - levels, levels - 1 - n), 6);
      }
    },
  );

  it("follow what training asks for, whatever it asks for within the range", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 40 }),
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 30 }),
        (levels, changes) => {
          const { chip, name, step, read } = pair(levels);
          let asked = 0;
          for (const change of changes) {
            const kept = Math.max(-(levels - 1), Math.min(levels - 1, asked + change)) - asked;
            asked += kept;
            chip.program(name, { weights: new Float64Array(400).fill(kept * step), biases: null });
            expect(Math.abs(read()[0] - asked)).toBeLessThan(0.5 + 1e-6);
          }
        },
      ),
      { numRuns: fewer(60) },
    );
  });

  it.each<readonly [number, number, "normal" | "lognormal"]>([
    [17, 0.05, "normal"],
    [25, 0.05, "normal"],
    [16, 0.2, "normal"],
    [5, 0.5, "lognormal"],
    [16, 0.5, "lognormal"],
    [64, 0.5, "lognormal"],
  ])(
    "%d of them are written to the nearest that a pair comes to in turn, at a mismatch of %d, %s",
    (levels, mismatch, distribution) => {
      for (const [seed, size] of [
        [1, 700],
        [2, 20],
        [3, 20],
      ] as const) {
        const chip: Chip = layered([size, 1], {
          neuron: softNeuron(),
          synapse: crossbar({ levels, mismatch, distribution }),
          bias: false,
          initial: { distribution: "zero" },
        }).fabricate({ seed });
        const [{ name, to }] = chip.circuit.projections;
        const step = (((largest - smallest) / (levels - 1)) * V) / chip.unitDriveOf(to.name);
        const wanted = Float64Array.from(
          { length: size },
          (_, k) => (((k * 0.61803 + seed * 0.317) % 1) * 2 - 1) * 0.95 * (levels - 1),
        );
        chip.setWeights(name, { weights: wanted.map((w) => w * step), biases: null });
        const { k_plus, k_minus } = chip.array(name).parameters as Record<string, Float64Array>;
        const least = smallest / ((largest - smallest) / (levels - 1));
        chip.weights(name).weights.forEach((found, k) => {
          // By how many steps the pair can differ, and where its two devices then are.
          const reachable = Array.from({ length: 2 * levels - 1 }, (_, i) => {
            const difference = i - (levels - 1);
            const minus = Math.floor((levels - 1 - difference) / 2 + 0.7);
            return k_plus[k] * (least + minus + difference) - k_minus[k] * (least + minus);
          });
          expect(Math.abs(found / step - wanted[k])).toBeLessThanOrEqual(
            Math.min(...reachable.map((r) => Math.abs(r - wanted[k]))) + 1e-6,
          );
        });
      }
    },
  );

  it("never make a chip worse than unprogrammed devices are", () => {
    for (const levels of [16, 17, 33]) {
      const chip = circuit(levels, 0.05).fabricate({ seed: 2 });
      const idle: Circuit = layered([6, 5, 3], {
        neuron: softNeuron(),
        synapse: crossbar({ levels, mismatch: 0.05 }),
        initial: { distribution: "zero" },
      });
      const untouched = idle.fabricate({ seed: 2 });
      for (const { name } of chip.circuit.projections) {
        const array = untouched.array(name);
        for (const values of array.stored.values()) values.fill((smallest + largest) / 2);
        const [left, wanted, found] = [
          untouched.weights(name).weights,
          circuit(0).fabricate({ seed: 2 }).weights(name).weights,
          chip.weights(name).weights,
        ];
        wanted.forEach((w, k) =>
          expect(Math.abs(found[k] - w)).toBeLessThanOrEqual(Math.abs(left[k] - w) + 1e-9),
        );
      }
    }
  });

  it.each([1, -4, 2.5, Number.NaN])("refuse %d of them", (levels) =>
    expect(codeOf(() => crossbar({ levels }))).toBe("DEVICE-LEVELS"),
  );
});

/**
 * Chips: what fabrication draws, what devices store, how programming, saturation, leakage, tying and
 * asymmetry act.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, loop, nonideal, toy } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, softNeuron } from "../../devices";
import { spread, type Chip, type Circuit } from "../../src/index";

const neuron = leakyIntegrator({ rho: "tanh" });
const physical = (options: Parameters<typeof crossbar>[0]): Chip =>
  layered([3, 4, 2], {
    neuron: softNeuron(),
    synapse: crossbar(options),
    initial: { distribution: "zero" },
  }).fabricate({ seed: 3 });

/** Angle between w_b and the transpose of w_f, degrees. */
function angle(chip: Chip, backward: string, forward: string): number {
  const { from, to } = chip.circuit.projection(backward);
  const [b, f] = [chip.weights(backward).weights, chip.weights(forward).weights];
  let [dot, bb, ff] = [0, 0, 0];
  for (let i = 0; i < from.size; i++) {
    for (let j = 0; j < to.size; j++) {
      const [x, y] = [b[i * to.size + j], f[j * from.size + i]];
      dot += x * y;
      bb += x * x;
      ff += y * y;
    }
  }
  return (Math.acos(dot / Math.sqrt(bb * ff)) * 180) / Math.PI;
}

describe("fabrication", () => {
  it("is a function of the circuit and the seed", () => {
    const circuit = nonideal({ sizes: [6, 5, 3] });
    const [a, b, c] = [1, 1, 2].map((seed) => circuit.fabricate({ seed }));
    expect(a.arrays()).toEqual(b.arrays());
    expect(a.parametersOf("l1")).toEqual(b.parametersOf("l1"));
    expect(a.arrays()).not.toEqual(c.arrays());
  });

  it("draws parameters with their spread, and leaves those without one alone", () => {
    const chip = layered([2, 4000, 2], {
      neuron: softNeuron({ C: spread("1 pF", { mismatch: "5 %" }) }),
      synapse: crossbar(),
      initial: { distribution: "zero" },
    }).fabricate({ seed: 1 });
    const { C, g_leak } = chip.parametersOf("l1");
    const values = C as Float64Array;
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
    expect(mean / 1e-12).toBeCloseTo(1, 2);
    expect(sd / 1e-12).toBeCloseTo(0.05, 2);
    expect(g_leak).toBe(50e-9);
  });

  it("sets angled feedback at its angle, and untied feedback near 90 degrees", () => {
    for (const degrees of [0, 20, 60]) {
      const chip = layered([3, 60, 50], { neuron, synapse: ideal(), feedback: { angle: degrees } }).fabricate(
        { seed: 4 },
      );
      expect(Math.abs(angle(chip, "output-l1", "l1-output") - degrees)).toBeLessThan(3);
    }
    const untied = layered([3, 60, 50], { neuron, synapse: ideal(), feedback: "untied" }).fabricate({
      seed: 4,
    });
    expect(Math.abs(angle(untied, "output-l1", "l1-output") - 90)).toBeLessThan(5);
  });

  it("keeps other draws when one part of the design changes", () => {
    const weights = (sizes: number[]): Float64Array =>
      layered(sizes, { neuron, synapse: ideal() }).fabricate({ seed: 5 }).weights("input-l1").weights;
    expect(weights([3, 4, 2])).toEqual(weights([3, 4, 7]));
  });
});

describe("tied feedback", () => {
  it("reads the forward array backwards and programs it", () => {
    const chip = layered([3, 4, 2], { neuron, synapse: ideal() }).fabricate({ seed: 1 });
    const forward = chip.weights("l1-output").weights;
    const transposed = Float64Array.from({ length: 8 }, (_, k) => forward[(k % 4) * 2 + Math.floor(k / 4)]);
    expect(chip.weights("output-l1").weights).toEqual(transposed);
    const change = new Float64Array(8);
    change[1] = 0.25; // output 0 → l1 unit 1, that is l1 unit 1 → output 0
    chip.program("output-l1", { weights: change, biases: null });
    expect(chip.weights("l1-output").weights[2]).toBeCloseTo(forward[2] + 0.25, 15);
  });

  it("has a fixed random gain on every synapse where there is asymmetry", () => {
    const chip = layered([3, 50, 40], { neuron, synapse: ideal(), feedback: { asymmetry: 0.15 } }).fabricate({
      seed: 1,
    });
    const [back, forward] = [chip.weights("output-l1").weights, chip.weights("l1-output").weights];
    const gains = back.map((w, k) => w / forward[(k % 50) * 40 + Math.floor(k / 50)]);
    const mean = gains.reduce((s, g) => s + g, 0) / gains.length;
    const sd = Math.sqrt(gains.reduce((s, g) => s + (g - mean) ** 2, 0) / gains.length);
    expect(mean).toBeCloseTo(1, 1);
    expect(sd).toBeCloseTo(0.15, 1.5);
    expect(chip.weights("output-l1").weights).toEqual(back);
  });

  it("has the same gains on feedback of its own: writing and verifying makes up for mismatch, not for asymmetry", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 180 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 99 }),
        (angle, asymmetry, seed) => {
          const chipOf = (feedback: Parameters<typeof layered>[1]["feedback"]): Chip =>
            layered([2, 4, 3], {
              neuron: softNeuron(),
              synapse: crossbar({ mismatch: "5 %" }),
              feedback,
              initial: { distribution: "glorot", scale: 0.3 },
            }).fabricate({ seed });
          const [even, uneven] = [chipOf({ angle }), chipOf({ angle, asymmetry })];
          const gains = uneven.gains("output-l1") as Float64Array;
          const [plain, seen] = [even.weights("output-l1").weights, uneven.weights("output-l1").weights];
          seen.forEach((w, k) => expect(w).toBeCloseTo(gains[k] * plain[k], 5));
          // Who sets weights means those that the circuit sees.
          uneven.setWeights("output-l1", { weights: plain, biases: null });
          const set = uneven.weights("output-l1").weights;
          gains.forEach((gain, k) => gain > 0.8 && gain < 1.2 && expect(set[k]).toBeCloseTo(plain[k], 3));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("crossbars", () => {
  it("saturate at their range: no program moves a weight beyond it", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (change) => {
        const chip = physical({});
        chip.program("l1-output", { weights: new Float64Array(8).fill(change), biases: new Float64Array(2) });
        // (200 nS - 1 nS) * 0.1 V over 50 nS * 100 mV
        const largest = (199e-9 * 0.1) / (50e-9 * 0.1);
        const expected = Math.max(-largest, Math.min(largest, change));
        for (const w of chip.weights("l1-output").weights) expect(w).toBeCloseTo(expected, 9);
      }),
    );
  });

  it("carry a change out with their mismatch, open loop, and reach a value when written and verified", () => {
    const chip = physical({ mismatch: "5 %" });
    const before = chip.weights("input-l1").weights.slice();
    chip.program("input-l1", { weights: new Float64Array(12).fill(0.5), biases: new Float64Array(4) });
    const moved = chip.weights("input-l1").weights.map((w, i) => w - before[i]);
    expect(Math.max(...moved) - Math.min(...moved)).toBeGreaterThan(0.005);
    chip.setWeights("input-l1", { weights: new Float64Array(12).fill(0.3), biases: new Float64Array(4) });
    for (const w of chip.weights("input-l1").weights) expect(w).toBeCloseTo(0.3, 6);
  });

  it("leak towards rest with their retention, in seconds", () => {
    const chip = physical({ retention: "10 s" });
    chip.setWeights("l1-output", { weights: new Float64Array(8).fill(1), biases: new Float64Array(2) });
    chip.age(5);
    for (const w of chip.weights("l1-output").weights) expect(w).toBeCloseTo(Math.exp(-0.5), 9);
    chip.age(5);
    for (const w of chip.weights("l1-output").weights) expect(w).toBeCloseTo(Math.exp(-1), 9);
    expect(() => chip.age(-1)).toThrow(/CHIP-AGE/);
  });

  it("tell how noisy their reads are", () => {
    expect(physical({}).readNoise("l1-output")).toBeNull();
    const noisy = physical({ readNoise: 0.02 });
    // One draw a device: a weight of 0 is the difference of two conductances that each err by a share of
    // themselves.
    const [unit, V, middle] = [noisy.unitDriveOf("output"), 0.1, 100.5e-9];
    for (const w of [0, 1, -2]) {
      noisy.setWeights("l1-output", {
        weights: new Float64Array(8).fill(w),
        biases: new Float64Array(2).fill(w),
      });
      const half = (w * unit) / V / 2;
      const expected = (0.02 * Math.hypot(middle + half, middle - half) * V) / unit;
      const { weights, biases } = noisy.readNoise("l1-output")!;
      for (const sd of [...weights, ...biases!]) expect(sd / expected).toBeCloseTo(1, 9);
    }
  });
});

describe("a chip's arrays", () => {
  it("survive saving and loading, and refuse what does not fit", () => {
    const circuit: Circuit = nonideal({ sizes: [4, 3, 2] });
    const [a, b] = [circuit.fabricate({ seed: 1 }), circuit.fabricate({ seed: 1 })];
    a.program("input-l1", { weights: new Float64Array(12).fill(0.1), biases: new Float64Array(3) });
    b.load(a.arrays());
    expect(b.weights("input-l1")).toEqual(a.weights("input-l1"));
    expect(() => b.load({})).toThrow(/CHIP-LOAD/);
    const arrays = {
      ...a.arrays(),
      "input-l1.G_plus": { shape: [15], values: new Float64Array(15).fill(Number.NaN) },
    };
    expect(() => b.load(arrays)).toThrow(/CHIP-LOAD/);
    expect(b.weights("input-l1")).toEqual(a.weights("input-l1"));
  });

  it("refuse weights of another shape", () => {
    const chip = physical({});
    expect(() => chip.setWeights("l1-output", { weights: new Float64Array(3), biases: null })).toThrow(
      /CIRCUIT-SHAPE/,
    );
  });
});

describe("topologies", () => {
  it("loop feeds the output back to the first hidden layer only", () => {
    const circuit = loop([4, 3, 3, 2], { neuron, synapse: ideal() });
    expect(circuit.projections.map((p) => `${p.from.name}>${p.to.name}`)).toEqual([
      "input>l1",
      "l1>l2",
      "l2>output",
      "output>l1",
    ]);
  });

  it("toy is 10-50-5 with the input driving both", () => {
    const circuit = toy({ neuron, synapse: ideal() });
    expect(circuit.populations.map((p) => p.size)).toEqual([10, 50, 5]);
    expect(circuit.units).toBe(55);
  });

  it("print themselves", () => {
    expect(nonideal().toString()).toContain("at 20 degrees to l1-output");
    expect(JSON.parse(JSON.stringify(nonideal().spec))).toEqual(nonideal().spec);
  });
});

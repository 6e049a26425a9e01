/** Arrays of kernels and of single synapses are of devices like any other: ranges, spreads, leaks, reads. */
import { describe, expect, it } from "vitest";
import { convolutional } from "../../circuits";
import { crossbar, ideal, prototypical, softNeuron } from "../../devices";
import {
  createEngine,
  Simulator,
  train,
  type Chip,
  type NeuronSpec,
  type SynapseSpec,
} from "../../src/index";
import { strokeDigits } from "../../src/data/strokes";
import { adam } from "../../src/learning/optimizers";
import { centred } from "../../src/learning/estimators";
import { circuitOf, type WiredCircuit } from "./wired-circuits";
import { draws } from "../learning/handmade";

type Top = WiredCircuit["top"];
const tops: Readonly<Record<string, Top>> = {
  kernels: {
    through: { kind: "convolution", kernel: 3, padding: 1, pool: { kind: "max", window: 2 } },
    to: { size: 12, shape: [2, 2, 3] },
  },
  "kernels at every position": {
    through: { kind: "convolution", kernel: 3, replicated: true },
    to: { size: 8, shape: [2, 2, 2] },
  },
  "one to one": { through: { kind: "one-to-one" }, to: { size: 32, shape: [4, 4, 2] } },
  "a list of pairs": {
    through: { kind: "sparse", pairs: [...Array(20).keys()].map((k) => [(k * 13) % 32, k % 6] as const) },
    to: { size: 6 },
  },
};
const SIZES = {
  kernels: [18, 3],
  "kernels at every position": [18, 8],
  "one to one": [1, 32],
  "a list of pairs": [1, 20],
};

function recipeOf(top: Top, feedback: WiredCircuit["feedback"] = "tied"): WiredCircuit {
  const up: Top = { through: { kind: "convolution", kernel: 3 }, to: { size: 32, shape: [4, 4, 2] } };
  return { shape: [6, 6, 1], up, top, feedback, seed: 1 };
}
const soft = (top: Top, synapse: SynapseSpec, feedback?: WiredCircuit["feedback"], seed = 1): Chip =>
  circuitOf(recipeOf(top, feedback), softNeuron({ T: "0 K" }), synapse).fabricate({ seed });
const close = (found: Float64Array, wanted: Float64Array, within: number): void => {
  expect(found).toHaveLength(wanted.length);
  found.forEach((x, k) => expect(Math.abs(x - wanted[k]), `${k}`).toBeLessThan(within));
};

describe.each(Object.entries(tops))("an array of %s", (name, top) => {
  const [rows, columns] = SIZES[name as keyof typeof SIZES];
  const count = rows * columns;

  it("has a device for each weight, and a line of biases", () => {
    const array = soft(top, crossbar({ mismatch: "10 %" })).array("top");
    const bias = top.through?.kind === "sparse" ? 0 : 1;
    expect([array.rows, array.columns]).toEqual([rows + bias, columns]);
    expect(array.stored.get("G_plus")).toHaveLength((rows + bias) * columns);
  });

  it("is set within its range and levels, and programmed as its mismatch has it", () => {
    const chip = soft(top, crossbar({ mismatch: "20 %" }));
    const wanted = draws(7)(count, 0.5);
    chip.setWeights("top", { weights: wanted, biases: null });
    // Written and verified: mismatch is made up for.
    close(chip.weights("top").weights, wanted, 1e-4);
    chip.program("top", { weights: new Float64Array(count).fill(0.1), biases: null });
    const moved = chip.weights("top").weights.map((w, k) => w - wanted[k]);
    // Open loop: each device by its own gains.
    expect(moved.every((x) => x > 0.02 && x < 0.2)).toBe(true);
    expect(new Set(moved.map((x) => Math.round(x * 1e4))).size).toBeGreaterThan(count / 3);
    chip.program("down", { weights: new Float64Array(count).fill(-0.1), biases: null });
    close(chip.weights("down").weights, wanted, 1e-4);
    const coarse = soft(top, crossbar({ levels: 3 }));
    coarse.setWeights("top", { weights: wanted, biases: null });
    expect(new Set(coarse.weights("top").weights.map((w) => Math.round(w * 1e6))).size).toBeLessThanOrEqual(
      5,
    );
  });

  it("makes up for what a gain multiplies in one direction, in that direction", () => {
    const chip = soft(top, crossbar(), "gains");
    const wanted = draws(8)(count, 0.4);
    const gains = chip.gains("down") as Float64Array;
    expect(gains).toHaveLength(count);
    chip.setWeights("down", { weights: wanted, biases: null });
    close(chip.weights("down").weights, wanted, 1e-4);
    close(
      chip.weights("top").weights,
      wanted.map((w, k) => w / gains[k]),
      1e-3,
    );
  });

  it("leaks, is saved and put back", () => {
    const chip = soft(top, crossbar({ retention: "1 s", rest: "middle" }));
    chip.setWeights("top", { weights: draws(9)(count, 0.5), biases: null });
    const [before, saved] = [chip.weights("top").weights, chip.arrays()];
    chip.age("0.5 s");
    close(
      chip.weights("top").weights,
      before.map((w) => w * Math.exp(-0.5)),
      1e-9,
    );
    chip.load(saved);
    expect(chip.weights("top").weights).toEqual(before);
    const other = soft(top, crossbar({ retention: "1 s", rest: "middle" }), "tied", 2);
    other.load(saved);
    expect(other.weights("down").weights).toEqual(before);
  });
});

const sum: NeuronSpec = { kind: "neuron", name: "sum", equations: "u <- I + I_nudge\nrho = u" };
/** Its weight is noisy by as much at 0, too. */
const noisy: SynapseSpec = {
  kind: "synapse",
  name: "noisy",
  equations: "I = (w + s*xi)*rho_pre\nw <- w + dw",
  parameters: { s: 0.1 },
};

/** Three unknowns of three equations, [coefficients, value]. */
function solve(rows: readonly (readonly number[])[]): number[] {
  const det = (m: readonly (readonly number[])[]): number =>
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
    m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
    m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  return [0, 1, 2].map((k) => det(rows.map((row) => row.map((x, c) => (c === k ? row[3] : x)))) / det(rows));
}

describe("noisy reads of wired arrays", () => {
  /** One read of every device: what a and b receive from each other where all weights are 0. */
  async function read(top: Top, reads: "by-device" | "by-current", samples: number, engine = "reference") {
    const chip = circuitOf(recipeOf(top), sum, noisy).fabricate({ seed: 1 });
    for (const name of ["up", "top"]) {
      const { weights, biases } = chip.weights(name);
      chip.setWeights(name, { weights: weights.map(() => 0), biases: biases && biases.map(() => 0) });
    }
    const simulator = new Simulator(chip, await createEngine(engine), { seed: 5, reads });
    const draw = draws(3);
    const one = { a: draw(32).map((x) => x + 2), b: draw(chip.circuit.output.size).map((x) => x + 2) };
    const from = Object.fromEntries(
      Object.entries(one).map(([name, values]) => [
        name,
        { re: Float64Array.from({ length: samples * values.length }, (_, k) => values[k % values.length]) },
      ]),
    );
    const inputs = new Float64Array(36 * samples);
    const { states } = await simulator.phase({ samples, inputs, steps: 1, from });
    return { chip, one, states };
  }

  it.each([
    [
      "a kernel of one device",
      { through: { kind: "convolution", kernel: 1 }, to: { size: 16, shape: [4, 4, 1] } },
    ],
    [
      "pairs",
      {
        through: {
          kind: "sparse",
          pairs: [
            [0, 1],
            [5, 0],
            [31, 2],
          ],
        },
        to: { size: 3 },
      },
    ],
  ] as [string, Top][])(
    "by device: both directions of %s see one draw, at every position",
    async (_, top) => {
      const samples = 3;
      const { chip, one, states } = await read(top, "by-device", samples);
      const { wiring } = chip.circuit.projection("top");
      const { pres, posts } = wiring!.members[0];
      // A read of a device: what a unit of b is less its bias, or one of a less its own, which is a channel's.
      const value = (s: number, of: "a" | "b", unit: number): number =>
        states[of].re[s * one[of].length + unit];
      const firsts: number[] = [];
      for (let s = 0; s < samples; s++) {
        const known = new Map<number, number>();
        if (top.through?.kind === "convolution") {
          // u_b = d_0 a_0 + d_1 a_1 + bias at every position: three of them tell the draws, the rest must fit.
          const rows = [0, 1, 2].map((p) => [one.a[2 * p], one.a[2 * p + 1], 1, value(s, "b", p)]);
          const [d0, d1, c] = solve(rows);
          for (let p = 0; p < 16; p++)
            expect(value(s, "b", p)).toBeCloseTo(d0 * one.a[2 * p] + d1 * one.a[2 * p + 1] + c, 9);
          // u_a = d b + bias of the channel: two positions tell the bias, the draw is the same one.
          for (const [channel, d] of [d0, d1].entries()) {
            const left = Array.from({ length: 16 }, (_, p) => value(s, "a", 2 * p + channel) - d * one.b[p]);
            for (const x of left) expect(x).toBeCloseTo(left[0], 9);
          }
          known.set(0, d0);
        } else {
          pres.forEach((pre, k) => {
            // Biases of a are those of its kernels: one a channel, seen at a unit that no pair ends at.
            const free = [...one.a.keys()].find((i) => i % 2 === pre % 2 && !pres.includes(i)) as number;
            const d = (value(s, "a", pre) - value(s, "a", free)) / one.b[posts[k]];
            expect(value(s, "b", posts[k])).toBeCloseTo(d * one.a[pre], 9);
            known.set(k, d);
          });
        }
        firsts.push(known.get(0) as number);
      }
      expect(new Set(firsts).size).toBe(samples);
    },
  );

  it("by current: the variance of all devices that lead to a unit", async () => {
    const top: Top = { through: { kind: "convolution", kernel: 3 }, to: { size: 8, shape: [2, 2, 2] } };
    const samples = 4000;
    const { one, states } = await read(top, "by-current", samples, "simd");
    for (const [y, x] of [
      [0, 0],
      [1, 1],
    ]) {
      let wanted = 0.01; // of the bias
      for (let ky = 0; ky < 3; ky++)
        for (let kx = 0; kx < 3; kx++)
          for (let c = 0; c < 2; c++) wanted += 0.01 * one.a[((y + ky) * 4 + x + kx) * 2 + c] ** 2;
      const unit = (y * 2 + x) * 2;
      const values = Float64Array.from({ length: samples }, (_, s) => states.b.re[s * 8 + unit]);
      const found = values.reduce((all, v) => all + v * v, 0) / samples;
      expect(Math.abs(found / wanted - 1)).toBeLessThan(0.12);
    }
  });
});

describe("training a convolutional chip", () => {
  it.each(["max", "softmax", null] as const)(
    "is the same on simd as on reference, pooling: %s",
    async (kind) => {
      const learn = async (engine: string) => {
        const chip = convolutional({
          shape: [8, 8, 1],
          layers: [
            { channels: 3, kernel: 3, ...(kind && { pool: { kind, window: 2 } }) },
            { channels: 2, kernel: [2, 2] },
          ],
          outputs: 10,
          neuron: prototypical({ rho: "tanh" }),
          synapse: ideal(),
          cost: { kind: "squared-error", argument: "state" },
        }).fabricate({ seed: 4 });
        const data = {
          train: strokeDigits({ samples: 40, seed: 1, split: "train" }),
          test: strokeDigits({ samples: 20, seed: 1, split: "test" }),
        };
        const costs: number[] = [];
        for await (const epoch of train(chip, data, {
          estimator: centred({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 15 }),
          optimizer: adam({ rate: 0.01 }),
          epochs: 3,
          batch: 10,
          engine,
          probe: 0,
        }))
          costs.push(epoch.trainCost);
        return { chip, costs };
      };
      const [exact, fast] = [await learn("reference"), await learn("simd")];
      expect(exact.costs[2]).toBeLessThan(exact.costs[0]);
      exact.costs.forEach((cost, k) => expect(Math.abs(fast.costs[k] - cost)).toBeLessThan(2e-3 * cost));
      for (const { name, array } of exact.chip.circuit.projections) {
        const [found, wanted] = [fast.chip, exact.chip].map((chip) => chip.weights(name).weights);
        expect(found).toHaveLength(array.pre * array.post);
        close(found, wanted, 5e-3);
      }
    },
  );
});

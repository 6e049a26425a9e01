/**
 * Noisy reads: one draw a device, a row and a phase, held, and the same in both directions of a tied
 * projection; or one a current.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, softNeuron } from "../../devices";
import {
  createEngine,
  Simulator,
  stackChips,
  type Chip,
  type OhmletError,
  type NeuronSpec,
  type SynapseSpec,
} from "../../src/index";

const map: NeuronSpec = { kind: "neuron", name: "sum", equations: "u <- I + I_nudge\nrho = u" };
/** Its weight is noisy by the size of what it stores, at 0 too. */
const noisy: SynapseSpec = {
  kind: "synapse",
  name: "noisy",
  equations: "I = (w + sqrt(s^2 + w^2/100)*xi)*rho_pre\nw <- w + dw",
  parameters: { s: 0.1 },
};
const variance = (values: ArrayLike<number>): number => {
  const mean = Array.from(values).reduce((a, b) => a + b, 0) / values.length;
  return Array.from(values).reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
};
const chipOf = (sizes: readonly number[], bias = false): Chip =>
  layered(sizes, { neuron: map, synapse: noisy, bias, initial: { distribution: "zero" } }).fabricate({
    seed: 1,
  });

describe.each(["by-device", "by-current"] as const)("reads %s", (reads) => {
  it("leave on a current the variance of all devices in it, in every sample anew, at weights of 0 too", async () => {
    const chip = chipOf([3, 2], true);
    chip.setWeights("input-output", {
      weights: Float64Array.of(0, 2, 0, -1, 0, 3),
      biases: Float64Array.of(0, 1),
    });
    const simulator = new Simulator(chip, await createEngine("simd"), { seed: 5, reads });
    const [samples, x] = [20_000, [1, -2, 0.5]];
    const { states } = await simulator.phase({
      samples,
      inputs: Float64Array.from({ length: 3 * samples }, (_, k) => x[k % 3]),
      steps: 1,
    });
    for (const [unit, weights, bias] of [
      [0, [0, 0, 0], 0],
      [1, [2, -1, 3], 1],
    ] as readonly (readonly [number, readonly number[], number])[]) {
      const values = states.output.re.filter((_, k) => k % 2 === unit);
      const expected =
        weights.reduce((sum, w, i) => sum + (0.01 + (w * w) / 100) * x[i] ** 2, 0) +
        0.01 +
        (bias * bias) / 100;
      // The standard deviation of a variance of n draws is sqrt(2/n) of it: 1 %.
      expect(Math.abs(variance(values) / expected - 1)).toBeLessThan(0.05);
      const mean = values.reduce((sum, v) => sum + v, 0) / samples;
      expect(Math.abs(mean - weights.reduce((sum, w, i) => sum + w * x[i], bias))).toBeLessThan(
        4 * Math.sqrt(expected / samples),
      );
    }
  });

  it("hold a draw for a phase, and draw anew for another, for every sample and every nudge point", async () => {
    const chip = chipOf([2, 3]);
    const simulator = new Simulator(chip, await createEngine("reference"), { seed: 5, reads });
    const at = async (steps: number, phase: number, nudges = 1) =>
      (
        await simulator.phase({
          samples: 2,
          inputs: [1, 1, 1, 1],
          steps,
          phase,
          nudges: Array.from({ length: nudges }, () => ({ re: 0, im: 0 })),
        })
      ).states.output.re;
    expect(await at(1, 3)).toEqual(await at(7, 3));
    expect(await at(1, 3)).not.toEqual(await at(1, 4));
    const rows = await at(1, 3, 3);
    expect(new Set(rows).size).toBe(rows.length);
    expect([...rows.subarray(0, 6)]).toEqual([...(await at(1, 3))]);
  });

  it.each(["simd", "gpu:webasm", "gpu:cpu"])("are the same on %s as on reference", async (name) => {
    const make = (): Chip =>
      layered([5, 7, 3], {
        neuron: softNeuron({ T: "0 K" }),
        synapse: crossbar({ mismatch: "5 %", readNoise: "3 %" }),
        feedback: { asymmetry: 0.2 },
      }).fabricate({ seed: 2 });
    const request = {
      samples: 2,
      inputs: Float64Array.from({ length: 10 }, (_, k) => Math.sin(k)),
      targets: new Float64Array(6).fill(0.5),
      nudges: [
        { re: 0.3, im: 0 },
        { re: -0.3, im: 0 },
      ],
      steps: 30,
      phase: 2 ** 40 + 3,
    };
    const run = async (engine: string) => {
      const simulator = new Simulator(make(), await createEngine(engine), {
        dt: 1e-5,
        seed: 2 ** 50 + 1,
        reads,
      });
      const { states } = await simulator.phase(request);
      simulator.dispose();
      return states;
    };
    const [found, expected] = [await run(name), await run("reference")];
    for (const p of ["l1", "output"])
      found[p].re.forEach((v, k) =>
        expect(Math.abs(v - expected[p].re[k])).toBeLessThan(
          1e-5 * Math.max(...expected[p].re.map(Math.abs)),
        ),
      );
  });

  it("are for stacked chips what they are for each alone", async () => {
    const chips = [1, 2, 3].map((seed) =>
      layered([4, 5, 2], {
        neuron: softNeuron(),
        synapse: crossbar({ mismatch: "5 %", readNoise: "3 %" }),
      }).fabricate({ seed }),
    );
    const engine = await createEngine("simd");
    const inputs = Float64Array.from({ length: 8 }, (_, k) => Math.cos(k));
    const nudged = {
      targets: new Float64Array(4).fill(0.4),
      nudges: [
        { re: 0.2, im: 0 },
        { re: -0.2, im: 0 },
      ],
      steps: 25,
      phase: 9,
    };
    const alone = await Promise.all(
      chips.map(
        async (chip, k) =>
          (
            await new Simulator(chip, engine, { dt: 1e-5, seed: k, reads }).phase({
              ...nudged,
              samples: 2,
              inputs,
            })
          ).states.output.re,
      ),
    );
    const all = (
      await new Simulator(stackChips(chips), engine, { dt: 1e-5, seed: [0, 1, 2], reads }).phase({
        ...nudged,
        targets: new Float64Array(12).fill(0.4),
        samples: 6,
        inputs: Float64Array.from({ length: 24 }, (_, k) => inputs[k % 8]),
      })
    ).states.output.re;
    // [nudges, chips, samples]
    alone.forEach((states, c) =>
      [0, 1].forEach((n) =>
        expect([...all.subarray((n * 3 + c) * 4, (n * 3 + c + 1) * 4)]).toEqual([
          ...states.subarray(n * 4, n * 4 + 4),
        ]),
      ),
    );
  });
});

describe("reads", () => {
  it("by device are of the device, whichever way it is read", async () => {
    const chip = layered([3, 4, 2], {
      neuron: softNeuron(),
      synapse: crossbar({ mismatch: "5 %", readNoise: "3 %" }),
    }).fabricate({ seed: 2 });
    const {
      units,
      layout: {
        populations: [l1, output],
      },
    } = new Simulator(chip, await createEngine("reference"), { dt: 1e-5, seed: 4 });
    const rows = 5;
    const [forward, back] = [
      units.weights("l1-output", output, rows, 6),
      units.weights("output-l1", l1, rows, 6),
    ];
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 2; j++) expect(back[r * 8 + j * 4 + i]).toBe(forward[r * 8 + i * 2 + j]);
    expect(new Set(forward).size).toBe(forward.length);
    // Each differs from the noise-free weight by a draw of the standard deviation that the chip tells.
    const [w, sd] = [chip.weights("l1-output").weights, chip.readNoise("l1-output")!.weights];
    const many = units.weights("l1-output", output, 4000, 7);
    const z = many.map((v, k) => (v / units.unitDrive(output) - w[k % 8]) / sd[k % 8]);
    expect(Math.abs(z.reduce((sum, v) => sum + v, 0) / z.length)).toBeLessThan(4 / Math.sqrt(z.length));
    expect(Math.abs(variance(z) - 1)).toBeLessThan(4 * Math.sqrt(2 / z.length));
  });

  it("by current are refused where states are complex, and for what they are not", async () => {
    const engine = await createEngine("reference");
    const code = async (work: () => unknown): Promise<string> => {
      try {
        await work();
      } catch (error) {
        return (error as OhmletError).code;
      }
      return "nothing";
    };
    const current = new Simulator(chipOf([2, 2]), engine, { reads: "by-current" });
    expect(await code(() => current.phase({ samples: 1, inputs: [1, 1], steps: 1, complex: true }))).toBe(
      "DYN-READS",
    );
    expect(await code(() => new Simulator(chipOf([2, 2]), engine, { reads: "by-row" as never }))).toBe(
      "DYN-READS",
    );
  });

  it("by device that would not fit in memory name the way out", async () => {
    const chip = layered([400, 300], {
      neuron: map,
      synapse: noisy,
      initial: { distribution: "zero" },
    }).fabricate();
    const simulator = new Simulator(chip, await createEngine("reference"), {});
    const samples = 2000;
    await expect(
      simulator.phase({ samples, inputs: new Float64Array(400 * samples), steps: 1 }),
    ).rejects.toThrow(/DYN-READS[^]*by-current[^]*at most 11\d\d rows/);
  });
});

/** Nudges of a millionth in float32: what they change is stepped itself, and is found as float64 finds it. */
import { beforeAll, describe, expect, it } from "vitest";
import { layered, resistive } from "../../../circuits";
import { crossbar, energyBased, ideal, leakyIntegrator, prototypical, softNeuron } from "../../../devices";
import type { Chip } from "../../../src/circuit/chip-types";
import { Simulator, type SimulatorOptions } from "../../../src/dynamics/simulator";
import type { Engine } from "../../../src/engines/engine";
import { createEngine } from "../../../src/engines/select";
import { centred, holomorphic, oneSided, type Estimator } from "../../../src/learning/estimators";
import { readThrough } from "../../../src/learning/readout/read-through";
import type { Estimate } from "../../../src/learning/types";
import { streamOf, uniform } from "../../../src/random";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
});

const SAMPLES = 3;
const draw = (what: string, k: number): number => uniform(1, streamOf(`differences ${what}`), 0, k);
const lengths = { freeSteps: 4000, nudgedSteps: 4000 };
const EXACT = { ...lengths, differences: "exact" } as const;

async function estimate(
  engine: Engine,
  chip: Chip,
  options: SimulatorOptions,
  by: Estimator,
): Promise<Estimate> {
  const simulator = new Simulator(chip, engine, options);
  const { inputSize, output } = chip.circuit;
  const inputs = Float64Array.from({ length: SAMPLES * inputSize }, (_, k) => 2 * draw("inputs", k) - 1);
  // Targets are classes, one of each sample.
  const targets = Float64Array.from({ length: SAMPLES * output.size }, (_, k) =>
    k % output.size === Math.floor(k / output.size) ? 1 : 0,
  );
  const found = await by.estimate(simulator, { samples: SAMPLES, inputs, targets }, { seed: 1, round: 0 });
  simulator.dispose();
  return found;
}

/** How far estimates are from those of another, as a share of them. */
function apart(found: Estimate, truth: Estimate): number {
  let [difference, size] = [0, 0];
  for (const [name, values] of Object.entries(truth.dActivity))
    values.forEach((value, i) => {
      difference += (found.dActivity[name][i] - value) ** 2;
      size += value ** 2;
    });
  return Math.sqrt(difference / size);
}

const net = (): Chip => {
  const chip = resistive([6, 6, 3]).fabricate();
  for (const name of ["input-l1", "l1-output"])
    chip.setWeights(name, {
      weights: chip.weights(name).weights.map((_, k) => 10 ** (2 * draw(name, k) - 2)),
      biases: null,
    });
  return chip;
};
const flat = (neuron: Parameters<typeof layered>[1]["neuron"], more: object = {}): Chip =>
  layered([5, 6, 3], { neuron, synapse: ideal(), ...more }).fabricate({ seed: 3 });
const ENTROPY = { cost: { kind: "cross-entropy", classes: 3, argument: "activity" } };

const CHIPS: readonly (readonly [string, () => Chip, SimulatorOptions])[] = [
  ["conductances and diodes, balance", net, { solver: "balance", order: "alternate" }],
  ["tanh, euler", () => flat(leakyIntegrator({ rho: "tanh" })), { dt: 0.2 }],
  ["clipped states, euler", () => flat(energyBased({ rho: "sigmoid" })), { dt: 0.2 }],
  [
    "sigmoid, exponential-euler, alternate",
    () => flat(leakyIntegrator({ rho: "sigmoid" })),
    { dt: 1, solver: "exponential-euler", order: "alternate", acceleration: "anderson" },
  ],
  ["sigmoid, rk4", () => flat(leakyIntegrator({ rho: "sigmoid" })), { dt: 0.5, solver: "rk4" }],
  ["maps, softmax", () => flat(prototypical(), ENTROPY), {}],
];

describe("exact differences", () => {
  it.each(CHIPS)("are those of two states where these tell them: %s", async (_, chip, options) => {
    const subtracted = await estimate(
      reference,
      chip(),
      options,
      centred({ ...lengths, amplitude: 1e-3, tolerance: 1e-11 }),
    );
    const exact = await estimate(
      reference,
      chip(),
      options,
      centred({ ...EXACT, amplitude: 1e-3, tolerance: 1e-11 }),
    );
    expect(apart(exact, subtracted)).toBeLessThan(1e-7);
    for (const [name, { re }] of Object.entries(subtracted.midpoint ?? {}))
      exact.midpoint?.[name].re.forEach((x, i) => expect(x).toBeCloseTo(re[i], 9));
  });

  it.each(CHIPS)("keep their digits in float32 under nudges of a millionth: %s", async (_, chip, options) => {
    const truth = await estimate(
      reference,
      chip(),
      options,
      oneSided({ ...EXACT, amplitude: 1e-6, tolerance: 1e-11 }),
    );
    const exact = await estimate(
      simd,
      chip(),
      options,
      oneSided({ ...EXACT, amplitude: 1e-6, tolerance: 1e-6 }),
    );
    const subtracted = await estimate(
      simd,
      chip(),
      options,
      oneSided({ ...lengths, amplitude: 1e-6, tolerance: 1e-6 }),
    );
    expect(apart(exact, truth)).toBeLessThan(5e-4);
    expect(apart(exact, truth)).toBeLessThan(apart(subtracted, truth) / 30);
  });

  it("of complex nudges are exact in both planes", async () => {
    const chip = flat(leakyIntegrator({ rho: "tanh" }));
    const options = { ...EXACT, points: 4, amplitude: 1e-5 };
    const found = await Promise.all([
      estimate(simd, chip, { dt: 0.2 }, holomorphic({ ...options, tolerance: 1e-6 })),
      estimate(reference, chip, { dt: 0.2 }, holomorphic({ ...options, tolerance: 1e-11 })),
      estimate(reference, chip, { dt: 0.2 }, oneSided({ ...EXACT, amplitude: 1e-9, tolerance: 1e-11 })),
    ]);
    expect(apart(found[0], found[1])).toBeLessThan(1e-4);
    expect(apart(found[1], found[2])).toBeLessThan(1e-6);
  });

  it("are refused where there are none", async () => {
    const phase = async (chip: Chip, options: SimulatorOptions, request: object = {}) => {
      const simulator = new Simulator(chip, reference, options);
      const size = chip.circuit.output.size;
      const from = Object.fromEntries(
        chip.circuit.populations
          .filter(({ clamped }) => !clamped)
          .map(({ name, size: units }) => [name, { re: new Float64Array(units) }]),
      );
      const all = { from, nudges: [{ re: 1e-6, im: 0 }], targets: new Float64Array(size), ...request };
      const inputs = new Float64Array(chip.circuit.inputSize);
      return simulator.phase({ samples: 1, inputs, steps: 5, differences: true, ...all });
    };
    const refused = (found: Promise<unknown>): Promise<void> =>
      expect(found).rejects.toThrow("DYN-DIFFERENCES");
    const tanh = flat(leakyIntegrator({ rho: "tanh" }));
    await refused(phase(tanh, { dt: 0.2 }, { nudges: undefined }));
    await refused(phase(tanh, { dt: 0.2 }, { from: undefined }));
    await refused(phase(tanh, { dt: 0.2 }, { average: 2 }));
    await refused(phase(tanh, { dt: 0.2, solver: "dormand-prince" }));
    await refused(phase(net(), { dt: 1e-10, solver: "sdirk3" }));
    await refused(phase(flat(prototypical(), ENTROPY), {}, { nudges: [{ re: 0, im: 1e-6 }] }));
    const synapse = crossbar({ readNoise: "1 %" });
    const noisy = layered([5, 6, 3], { neuron: softNeuron(), synapse }).fabricate();
    await refused(phase(noisy, { dt: 1e-6 }));
    expect(() => readThrough(centred({ ...EXACT, amplitude: 1e-3 }), {})).toThrow("LEARN-READOUT");
  });
});

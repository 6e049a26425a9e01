/**
 * Neurons whose leak depends on where they are are judged where they are: a diode at rest says nothing of one
 * that conducts.
 */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  stackChips,
  centred,
  train,
  sgd,
  strokeDigits,
  type Chip,
  type NeuronSpec,
  type SimulatorOptions,
} from "../../src/index";

const SLOW = 60_000;
const engines = Promise.all(["reference", "simd", "gpu:cpu"].map((name) => createEngine(name)));

/** One neuron that hears its input. */
function one(equation: string, more: Partial<NeuronSpec> = {}, seed = 1): Chip {
  const neuron = { kind: "neuron", name: "own", equations: `${equation}\nrho = u`, ...more } as NeuronSpec;
  const chip = defineCircuit({
    name: "one",
    input: "input",
    output: "a",
    cost: { kind: "squared-error", argument: "state" },
    populations: [
      { name: "input", size: 1 },
      { name: "a", size: 1, neuron },
    ],
    projections: [{ name: "i", from: "input", to: "a", synapse: ideal(), initial: { distribution: "zero" } }],
  }).fabricate({ seed });
  chip.setWeights("i", { weights: Float64Array.of(1), biases: null });
  return chip;
}

const DIODE: NeuronSpec = {
  kind: "neuron",
  name: "diode",
  unitDrive: "1e6*I_s",
  equations: "C*du/dt = -I_s*(exp(u/u_T) - 1) + I + I_nudge : V\nrho = tanh(u/u0)",
  parameters: { C: "1 pF", I_s: "1 fA", u_T: "25.85 mV", u0: "0.3 V" },
};
const HELD = 0.02585 * Math.log(1 + 1e6);

describe("a diode", () => {
  const synapse = { kind: "synapse" as const, name: "s", equations: "I = g*rho_pre : A\ng <- g + dw : A" };
  const diodes = (sizes: number[], weight: number): Chip => {
    const chip = layered(sizes, {
      neuron: DIODE,
      synapse,
      cost: { kind: "squared-error", argument: "state" },
    }).fabricate({ seed: 1 });
    for (const { name } of chip.circuit.projections) {
      const { weights, biases } = chip.weights(name);
      chip.setWeights(name, { weights: weights.map(() => weight), biases: biases && biases.map(() => 0) });
    }
    return chip;
  };

  it("settles where one unit of drive holds it, in its own time", async () => {
    for (const engine of await engines) {
      for (const dt of [1e-6, 1e-5]) {
        const simulator = new Simulator(diodes([1, 1], 1), engine, { dt });
        const { outcome, states } = await simulator.phase({
          samples: 1,
          inputs: [1],
          steps: 4000,
          tolerance: 1e-5,
        });
        expect(outcome.kind).toBe("settled");
        expect(outcome.steps).toBeLessThan(3e-3 / dt);
        expect(Math.abs(states.output.re[0] - HELD)).toBeLessThan(2e-5 * HELD);
        expect(simulator.shortestPhase).toBe(Math.ceil((((25.85 * 1e-12) / 1e-9) * 1e-3) / dt));
      }
    }
  });

  it("is waited for by no other: one that is dead beside it moves nowhere", async () => {
    const chip = diodes([2, 2], 0);
    chip.setWeights("input-output", { weights: Float64Array.of(1, 0, 0, 0), biases: Float64Array.of(0, 0) });
    for (const engine of await engines) {
      const { outcome, states } = await new Simulator(chip, engine, { dt: 1e-5 }).phase({
        samples: 1,
        inputs: [1, 0],
        steps: 2000,
        tolerance: 1e-4,
      });
      expect(outcome.kind).toBe("settled");
      expect(states.output.re[1]).toBe(0);
      expect(Math.abs(states.output.re[0] - HELD)).toBeLessThan(1e-3 * HELD);
    }
  });

  it("can be trained, in phases of some of its own time constants", async () => {
    const [engine] = await engines;
    const chip = diodes([64, 10], 0.01);
    const data = {
      train: strokeDigits({ samples: 20, seed: 1, split: "train" }),
      test: strokeDigits({ samples: 10, seed: 1, split: "test" }),
    };
    const estimator = centred({ amplitude: 0.1, freeSteps: 100, nudgedSteps: 100 });
    for await (const { epoch } of train(chip, data, {
      engine,
      estimator,
      optimizer: sgd({ rate: 0.1 }),
      epochs: 1,
      probe: 0,
      dt: 1e-5,
    }))
      expect(epoch).toBe(1);
  });
});

/** [equation, drive, where that holds it] */
const LEAKS: readonly (readonly [string, number, number])[] = [
  ["du/dt = -0.5*u - 0.3*tanh(1e4*u) + I + I_nudge", 2, 3.4],
  ["du/dt = -0.5*u - 0.3*tanh(1e4*u) + I + I_nudge", 0.1, Math.atanh(1 / 3) * 1e-4],
  ["du/dt = -sign(u)*sqrt(abs(u)) + I + I_nudge", 2, 4],
  ["du/dt = -sign(u)*sqrt(abs(u)) + I + I_nudge", 0, 0],
  ["du/dt = -sign(u)*abs(u)^(1/3) + I + I_nudge", 1.5, 3.375],
  ["du/dt = -tanh(u) + I + I_nudge", 0.9, Math.atanh(0.9)],
  ["du/dt = -u^3 + I + I_nudge", 0.01, 0.01 ** (1 / 3)],
  ["du/dt = -where(abs(u) > 1, u - sign(u), 0*u) + I + I_nudge", 0.5, 1.5],
  ["du/dt = -log(1 + exp(10*(u - 1))) + I + I_nudge", 0.5, 1 + Math.log(Math.exp(0.5) - 1) / 10],
  ["du/dt = -u + 0.5*u*tanh(I) + I + I_nudge", 1, 1 / (1 - 0.5 * Math.tanh(1))],
];

const STEEP = /log| 0.1$/;

describe("a leak that depends on the state", () => {
  it.each(LEAKS)(
    "%s, driven by %d, is settled at %d and nowhere before",
    async (equation, drive, held) => {
      for (const engine of await engines) {
        for (const [options, tolerance] of [
          [{ dt: 0.1 }, 1e-4],
          [{ dt: 0.02 }, 1e-3],
          [{ dt: 0.1, acceleration: "anderson" }, 1e-4],
        ] as readonly (readonly [SimulatorOptions, number])[]) {
          if (engine.info.name === "gpu:cpu" && options.dt === 0.02) continue;
          // Mixes overshoot to where the exponential overflows, and float32's push to either side of what is
          // steep.
          if (options.acceleration !== undefined && STEEP.test(`${equation} ${drive}`)) continue;
          const { outcome, states } = await new Simulator(one(equation), engine, options).phase({
            samples: 1,
            inputs: [drive],
            steps: 30_000,
            tolerance,
          });
          expect(outcome.kind).toBe("settled");
          expect(Math.abs(states.a.re[0] - held)).toBeLessThan(1.5 * tolerance);
          expect(outcome.residual).toBeLessThanOrEqual(tolerance);
        }
      }
    },
    SLOW,
  );

  it("is judged alike for a nudged phase, beside the shift of the nudge", async () => {
    for (const engine of await engines) {
      const simulator = new Simulator(one("du/dt = -0.5*u - 0.3*tanh(1e4*u) + I + I_nudge"), engine, {
        dt: 0.05,
      });
      const free = await simulator.phase({ samples: 1, inputs: [2], steps: 10_000, tolerance: 1e-4 });
      const nudged = await simulator.phase({
        samples: 1,
        inputs: [2],
        targets: [0],
        nudges: [{ re: 0.1, im: 0 }],
        from: free.states,
        steps: 10_000,
        tolerance: 0.01,
      });
      expect(nudged.outcome.kind).toBe("settled");
      expect(nudged.states.a.re[0]).toBeCloseTo(1.7 / 0.6, 1);
      expect(Math.abs(nudged.states.a.re[0] - 1.7 / 0.6)).toBeLessThan(0.011 * (3.4 - 1.7 / 0.6));
    }
  });

  it("that saturates below a unit of drive is as slow as it is at rest", async () => {
    const [engine] = await engines;
    expect(new Simulator(one("du/dt = -tanh(u) + I + I_nudge"), engine, { dt: 0.1 }).shortestPhase).toBe(10);
    expect(
      new Simulator(one("du/dt = -0.5*u - 0.3*tanh(1e4*u) + I + I_nudge"), engine, { dt: 0.1 }).shortestPhase,
    ).toBe(20);
  });

  it("says where it stands when its steps run out", async () => {
    for (const engine of await engines) {
      const { outcome, states } = await new Simulator(
        one("du/dt = -0.5*u - 0.3*tanh(1e4*u) + I + I_nudge"),
        engine,
        { dt: 0.05 },
      ).phase({ samples: 1, inputs: [2], steps: 40, tolerance: 1e-3 });
      expect(outcome.kind).toBe("timedOut");
      expect(outcome.residual).toBeCloseTo(3.4 - states.a.re[0], 3);
    }
  });

  it("is the same for a chip in a stack, alone, and however rows stand beside each other", async () => {
    const neuron: NeuronSpec = {
      kind: "neuron",
      name: "own",
      equations: "du/dt = -g*tanh(u) - u^3 + I + I_nudge\nrho = tanh(u)",
      parameters: { g: { value: 1, mismatch: 0.1 } },
    };
    const design = layered([2, 3, 2], {
      neuron,
      synapse: ideal(),
      initial: { distribution: "glorot", scale: 0.5 },
    });
    const chips = [1, 2].map((seed) => design.fabricate({ seed }));
    const inputs = [0.3, -0.8, 0.9, 0.1];
    for (const engine of await engines) {
      const stacked = await new Simulator(stackChips(chips), engine, { dt: 0.1 }).phase({
        samples: 4,
        inputs: [...inputs, ...inputs],
        steps: 2000,
        tolerance: 1e-5,
      });
      for (const [k, chip] of chips.entries()) {
        const alone = await new Simulator(chip, engine, { dt: 0.1 }).phase({
          samples: 2,
          inputs,
          steps: 2000,
          tolerance: 1e-5,
        });
        expect(alone.outcome.kind).toBe("settled");
        expect(stacked.outcome.byChip?.[k].steps).toBe(alone.outcome.steps);
        expect(stacked.states.output.re.slice(4 * k, 4 * k + 4)).toEqual(alone.states.output.re);
      }
    }
  });
});

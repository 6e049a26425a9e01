/**
 * Phases: outcomes tell the truth, rows are independent, parts make a whole, complex nudges need holomorphic
 * circuits.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid, softNeuron, crossbar } from "../../devices";
import { createEngine, Simulator, type Chip } from "../../src/index";
import { transient } from "../../src/dynamics/transient";

const chipOf = (rho: "tanh" | "hard-sigmoid" = "tanh", seed = 1): Chip =>
  layered([3, 4, 2], {
    neuron: leakyIntegrator({ rho, ...(rho === "hard-sigmoid" ? { clip: [0, 1] as const } : {}) }),
    synapse: ideal(),
  }).fabricate({ seed });
const simulatorOf = async (chip: Chip, dt = 0.2): Promise<Simulator> =>
  new Simulator(chip, await createEngine("reference"), { dt });

describe("a phase", () => {
  it("is settled exactly when one more step moves no unit by more than the tolerance", async () => {
    const simulator = await simulatorOf(chipOf());
    const request = { samples: 1, inputs: [0.2, -0.4, 0.8], steps: 2000, tolerance: 1e-8 };
    const { outcome, states } = await simulator.phase(request);
    expect(outcome).toMatchObject({ kind: "settled", rows: [] });
    const after = await simulator.phase({ ...request, from: states, steps: 1, tolerance: undefined });
    const moved = Math.max(...[...after.states.l1.re].map((x, i) => Math.abs(x - states.l1.re[i])));
    expect(moved).toBeLessThan(1e-8);
    expect(moved).toBeGreaterThan(0);
  });

  it("says timedOut with advice when the steps run out, and fixed when no tolerance was asked", async () => {
    const simulator = await simulatorOf(chipOf());
    const inputs = [0.2, -0.4, 0.8];
    const late = await simulator.phase({ samples: 1, inputs, steps: 12, tolerance: 1e-8 });
    expect(late.outcome.kind).toBe("timedOut");
    expect(late.outcome.rows).toEqual([0]);
    expect(late.outcome.advice).toMatch(/more than 12 steps/);
    expect((await simulator.phase({ samples: 1, inputs, steps: 5 })).outcome.kind).toBe("fixed");
  });

  it("says diverged, and in which rows, when a state runs away", async () => {
    const circuit = layered([1, 1], {
      neuron: { kind: "neuron", name: "runaway", equations: "du/dt = u*u + I + I_nudge\nrho = u" },
      synapse: ideal(),
    });
    const chip = circuit.fabricate();
    chip.setWeights("input-output", { weights: Float64Array.of(1), biases: Float64Array.of(0) });
    const { outcome } = await new Simulator(chip, await createEngine("reference"), {
      solver: "euler",
      dt: 0.5,
    }).phase({ samples: 2, inputs: [0, 3], steps: 60 });
    expect(outcome).toMatchObject({ kind: "diverged", rows: [1] });
  });

  it("treats rows alone and together alike, to the bit", async () => {
    const simulator = await simulatorOf(chipOf());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        async (inputs) => {
          const both = await simulator.phase({ samples: 2, inputs, steps: 20 });
          const second = await simulator.phase({ samples: 1, inputs: inputs.slice(3), steps: 20 });
          expect(both.states.output.re.slice(2)).toEqual(second.states.output.re);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("is the same in one part and in several, noise included", async () => {
    const chip = layered([3, 4, 2], { neuron: softNeuron(), synapse: crossbar() }).fabricate({ seed: 4 });
    const simulator = new Simulator(chip, await createEngine("reference"), { dt: 4e-6, seed: 9 });
    const inputs = [0.5, 0.1, 0.9];
    const whole = await simulator.phase({ samples: 1, inputs, steps: 30, phase: 3 });
    const first = await simulator.phase({ samples: 1, inputs, steps: 10, phase: 3 });
    const rest = await simulator.phase({
      samples: 1,
      inputs,
      steps: 20,
      phase: 3,
      from: first.states,
      firstStep: 10,
    });
    whole.states.output.re.forEach((v, i) =>
      expect(Math.abs(v - rest.states.output.re[i])).toBeLessThan(1e-15),
    );
  });

  it("refuses complex nudges of circuits that are not holomorphic, by name", async () => {
    const simulator = await simulatorOf(chipOf("hard-sigmoid"));
    const request = {
      samples: 1,
      inputs: [0, 0, 0],
      targets: [0, 1],
      nudges: [{ re: 0, im: 0.1 }],
      steps: 5,
    };
    await expect(simulator.phase(request)).rejects.toMatchObject({ code: "EQ-HOLOMORPHIC" });
  });

  it("names what does not fit", async () => {
    const simulator = await simulatorOf(chipOf());
    await expect(simulator.phase({ samples: 1, inputs: [1, 2], steps: 5 })).rejects.toMatchObject({
      code: "DYN-SHAPE",
    });
    await expect(simulator.phase({ samples: 1, inputs: [1, Number.NaN, 2], steps: 5 })).rejects.toMatchObject(
      { code: "DATA-NAN" },
    );
    await expect(simulator.phase({ samples: 1, inputs: [1, 2, 3], steps: 0 })).rejects.toMatchObject({
      code: "DYN-STEPS",
    });
    await expect(
      simulator.phase({ samples: 1, inputs: [1, 2, 3], steps: 5, nudges: [{ re: 1, im: 0 }] }),
    ).rejects.toMatchObject({ code: "DYN-TARGET" });
  });
});

describe("a transient", () => {
  it("records chosen units, thinned, and ends where the phase ends", async () => {
    const simulator = await simulatorOf(chipOf());
    const inputs = [0.2, -0.4, 0.8];
    const recorded = await transient(simulator, {
      samples: 1,
      inputs,
      steps: 25,
      every: 10,
      units: { output: [1] },
    });
    expect(recorded.times.map((t) => Math.round(t * 10) / 10)).toEqual([0, 2, 4, 5]);
    expect(recorded.traces).toHaveLength(1);
    const { states } = await simulator.phase({ samples: 1, inputs, steps: 25 });
    expect(recorded.traces[0].re.at(-1)).toBe(states.output.re[1]);
  });

  it("keeps conjugate symmetry under conjugate nudges", async () => {
    const chip = layered([3, 4, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate({ seed: 3 });
    const simulator = new Simulator(chip, await createEngine("reference"));
    const nudges = [
      { re: 0.1, im: 0.3 },
      { re: 0.1, im: -0.3 },
    ];
    const { states } = await simulator.phase({
      samples: 1,
      inputs: [0.1, 0.5, 0.9],
      targets: [1, 0],
      nudges,
      steps: 40,
    });
    const im = states.l1.im as Float64Array;
    for (let i = 0; i < 4; i++) {
      expect(states.l1.re[i]).toBeCloseTo(states.l1.re[4 + i], 14);
      expect(im[i]).toBeCloseTo(-im[4 + i], 14);
    }
    expect(Math.max(...im)).toBeGreaterThan(1e-4);
  });
});

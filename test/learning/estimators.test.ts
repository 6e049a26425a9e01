/**
 * Estimators agree where they should: special cases are special cases, and signs and seeds mean what they
 * say.
 */
import { describe, expect, it, vi } from "vitest";
import { layered } from "../../circuits";
import { crossbar, ideal, shiftedSigmoid, softNeuron } from "../../devices";
import {
  centred,
  continuousBlocks,
  createEngine,
  exactAnswers,
  holomorphic,
  oneSided,
  randomSign,
  Simulator,
  type Batch,
} from "../../src/index";

import { together } from "../../src/learning/estimators/planes";

const chip = layered([3, 5, 4], {
  neuron: shiftedSigmoid(),
  synapse: ideal(),
  feedback: { angle: 30 },
  initial: { distribution: "lecun", scale: 0.7 },
  cost: { kind: "cross-entropy", argument: "activity", classes: 3, ascend: true },
}).fabricate({ seed: 2 });
const batch: Batch = {
  samples: 2,
  inputs: Float64Array.of(0.1, 0.9, 0.4, 0.7, 0.2, 0.5),
  targets: Float64Array.of(1, 0, 0, 0, 0, 1),
};
const LENGTHS = { freeSteps: 300, nudgedSteps: 300 };
const CONTEXT = { round: 0, seed: 1 };

const simulator = async (): Promise<Simulator> => new Simulator(chip, await createEngine("reference"));
const largest = (a: Float64Array, b: Float64Array): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe("estimators", () => {
  it("holomorphic with one and two points are the one-sided and the centred estimate", async () => {
    const s = await simulator();
    for (const [points, plain] of [
      [1, oneSided],
      [2, centred],
    ] as const) {
      const a = await holomorphic({ points, amplitude: 0.3, ...LENGTHS }).estimate(s, batch, CONTEXT);
      const b = await plain({ amplitude: 0.3, ...LENGTHS }).estimate(s, batch, CONTEXT);
      expect(a.dActivity).toEqual(b.dActivity);
    }
  });

  it.each([3, 4, 5, 6])("of %i points runs those of one half, and finds what all would", async (points) => {
    const s = await simulator();
    const estimate = await holomorphic({ points, amplitude: 0.4, ...LENGTHS }).estimate(s, batch, CONTEXT);
    expect(estimate.nudges).toHaveLength(Math.floor(points / 2) + 1);
    // The chip's clock counts them all.
    expect(estimate.outcomes[1].rowSteps).toBe(batch.samples * points * LENGTHS.nudgedSteps);
    const nudges = Array.from({ length: points }, (_, k) => ({
      re: 0.4 * Math.cos((2 * Math.PI * k) / points),
      im: 0.4 * Math.sin((2 * Math.PI * k) / points),
    }));
    const free = await s.phase({ ...batch, steps: 300 });
    const all = await s.phase({ ...batch, nudges, from: free.states, steps: 300 });
    const { re, im = new Float64Array(re.length) } = all.activities.l1;
    const size = re.length / points;
    estimate.dActivity.l1.forEach((found, i) => {
      // (1/N) sum of a(beta) / beta, its real part.
      const wanted = nudges.reduce(
        (sum, beta, k) => sum + (re[k * size + i] * beta.re + im[k * size + i] * beta.im) / 0.16 / points,
        0,
      );
      expect(found).toBeCloseTo(wanted, 12);
    });
  });

  it("real nudges of a circle run on one plane where that pays, and say the same", async () => {
    const wide = layered([3, 120, 4], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: "untied",
      initial: { distribution: "lecun" },
      cost: { kind: "cross-entropy", argument: "activity", classes: 3, ascend: true },
    }).fabricate({ seed: 2 });
    const engine = await createEngine("simd");
    const estimate = async (steps: number, tolerance?: number) => {
      const s = new Simulator(wide, engine, { seed: 1 });
      const phases = vi.spyOn(s, "phase");
      const lengths = { freeSteps: 100, nudgedSteps: steps, tolerance };
      const found = await holomorphic({ points: 6, amplitude: 0.5, ...lengths }).estimate(s, batch, CONTEXT);
      return { found, nudges: phases.mock.calls.flatMap(([{ nudges }]) => (nudges ? [nudges.length] : [])) };
    };
    const [once, apart] = [await estimate(100), await estimate(3000)];
    expect([once.nudges, apart.nudges]).toEqual([[4], [2, 2]]);
    const size = Math.max(...once.found.dActivity.l1.map(Math.abs));
    expect(largest(once.found.dActivity.l1, apart.found.dActivity.l1) / size).toBeLessThan(2e-4);
    expect(once.found.aliasing).toBeCloseTo(apart.found.aliasing ?? NaN, 5);
    const [, whole] = apart.found.outcomes;
    expect(whole).toMatchObject({ kind: "fixed", steps: 3000, rowSteps: 3000 * 6 * batch.samples, rows: [] });
    engine.dispose();
  });

  it("phases that stand for one end as the worst of them, rows as they were asked for", () => {
    const settled = {
      kind: "settled",
      residual: 1e-6,
      distance: 1e-5,
      steps: 30,
      rowSteps: 90,
      rows: [],
    } as const;
    const late = { kind: "timedOut", residual: 1e-2, steps: 40, rowSteps: 150, rows: [1, 2, 3] } as const;
    const real = { outcome: { ...late, advice: "more steps" }, places: [0, 3] };
    // Rows of two samples: the second of point 0, both of point 3.
    expect(together([real, { outcome: settled, places: [1, 2] }], 2)).toEqual({
      kind: "timedOut",
      residual: 1e-2,
      steps: 40,
      rowSteps: 240,
      rows: [1, 6, 7],
      advice: "more steps",
    });
    expect(together([{ outcome: settled, places: [0, 1, 2] }], 2)).toBe(settled);
  });

  it("the complex sum over points on the real axis gives the centred estimate too", async () => {
    const s = await simulator();
    const nudges = [
      { re: 0.3, im: 0 },
      { re: -0.3, im: 0 },
    ];
    const complex = await s.phase({ ...batch, nudges, complex: true, steps: 300 });
    const real = await s.phase({ ...batch, nudges, steps: 300 });
    expect(largest(complex.states.l1.re, real.states.l1.re)).toBeLessThan(1e-14);
    expect(Math.max(...(complex.states.l1.im as Float64Array).map(Math.abs))).toBe(0);
  });

  it("one-sided nudges with opposite amplitudes average to the centred estimate", async () => {
    const s = await simulator();
    const [up, down, both] = await Promise.all(
      [
        oneSided({ amplitude: 0.2, ...LENGTHS }),
        oneSided({ amplitude: -0.2, ...LENGTHS }),
        centred({ amplitude: 0.2, ...LENGTHS }),
      ].map((e) => e.estimate(s, batch, CONTEXT)),
    );
    const mean = up.dState.l1.map((x, i) => (x + down.dState.l1[i]) / 2);
    expect(largest(mean, both.dState.l1)).toBeLessThan(1e-13);
  });

  it("random signs are both, and repeat with the seed", async () => {
    const s = await simulator();
    const estimator = randomSign({ amplitude: 0.2, ...LENGTHS });
    const signs = async (seed: number): Promise<number[]> =>
      Promise.all(
        Array.from({ length: 12 }, async (_, round) =>
          Math.sign((await estimator.estimate(s, batch, { round, seed })).nudges[0].re),
        ),
      );
    const once = await signs(1);
    expect(new Set(once)).toEqual(new Set([1, -1]));
    expect(await signs(1)).toEqual(once);
    expect(await signs(2)).not.toEqual(once);
  });

  it("continuous blocks find the derivative and the free state without a free phase", async () => {
    const s = await simulator();
    const free = await s.phase({ samples: batch.samples, inputs: batch.inputs, steps: 500 });
    const exact = exactAnswers(chip, batch.samples, batch.inputs, free.states, batch.targets);
    const estimate = await continuousBlocks({ amplitude: 0.05 }).estimate(s, batch, CONTEXT);
    expect(
      largest(estimate.dActivity.l1, exact.dActivity.l1) / Math.max(...exact.dActivity.l1.map(Math.abs)),
    ).toBeLessThan(1e-4);
    expect(largest(estimate.free.states.l1.re, free.states.l1.re)).toBeLessThan(1e-5);
    expect(estimate.outcomes).toHaveLength(20);
    const rhoOfMean = await continuousBlocks({ amplitude: 0.5, presynaptic: "activity-of-mean" }).estimate(
      s,
      batch,
      CONTEXT,
    );
    const meanOfRho = await continuousBlocks({ amplitude: 0.5 }).estimate(s, batch, CONTEXT);
    expect(largest(rhoOfMean.free.activities.l1.re, meanOfRho.free.activities.l1.re)).toBeGreaterThan(0);
    expect(rhoOfMean.free.activities.input).toEqual(meanOfRho.free.activities.input);
  });

  it("continuous blocks that repeat are told of and not run again", async () => {
    const s = await simulator();
    const phases = vi.spyOn(s, "phase");
    const estimate = (stepsPerPoint: number) =>
      continuousBlocks({ amplitude: 0.3, points: 3, stepsPerPoint }).estimate(s, batch, CONTEXT);
    const settled = await estimate(400);
    expect(settled.outcomes).toHaveLength(15);
    const ran = phases.mock.calls.length;
    expect(ran).toBeLessThan(7);
    const rowSteps = settled.outcomes.map((outcome) => outcome.rowSteps);
    expect(new Set(rowSteps)).toEqual(new Set([400 * batch.samples]));
    // Blocks that end on their way each end elsewhere.
    await estimate(2);
    expect(phases.mock.calls.length - ran).toBe(15);
  });

  it.each(["reference", "gpu:cpu"])(
    "noisy reads are drawn anew for every phase and every nudge point (%s)",
    async (name) => {
      const noisy = layered([3, 4, 2], {
        neuron: softNeuron({ T: "0 K" }),
        synapse: crossbar({ readNoise: "5 %" }),
        initial: { distribution: "glorot" },
      }).fabricate({ seed: 1 });
      const engine = await createEngine(name);
      const s = new Simulator(noisy, engine, { dt: 1e-5, seed: 4 });
      const request = { samples: 1, inputs: batch.inputs.subarray(0, 3), steps: 40 };
      const [first, again, other] = [
        await s.phase({ ...request, phase: 1 }),
        await s.phase({ ...request, phase: 1 }),
        await s.phase({ ...request, phase: 2 }),
      ];
      expect(first.states).toEqual(again.states);
      expect(first.states).not.toEqual(other.states);
      const zero = { re: 0, im: 0 };
      const { states } = await s.phase({ ...request, nudges: [zero, zero], phase: 1 });
      const [a, b] = [states.output.re.slice(0, 2), states.output.re.slice(2)];
      expect(a).not.toEqual(b);
      expect(largest(a, b) / Math.max(...a.map(Math.abs))).toBeLessThan(0.5);
      engine.dispose();
    },
  );
});

describe("nudges of physical circuits", () => {
  const exactly = { freeSteps: 600, nudgedSteps: 600 };
  const costs = {
    "squared error of the state": { kind: "squared-error", argument: "state" },
    "squared error of the activity": { kind: "squared-error", argument: "activity" },
    "cross-entropy of the state": { kind: "cross-entropy", argument: "state", classes: 3 },
    "cross-entropy of the activity": {
      kind: "cross-entropy",
      argument: "activity",
      classes: 3,
      ascend: true,
    },
  } as const;

  it.each(Object.entries(costs))("measure the exact derivative, units and all: %s", async (_, cost) => {
    const circuit = layered([3, 4, 2], {
      neuron: softNeuron({ T: "0 K" }),
      synapse: crossbar({ mismatch: "5 %" }),
      feedback: { angle: 40 },
      cost,
    });
    const physical = circuit.fabricate({ seed: 6 });
    const s = new Simulator(physical, await createEngine("reference"), { dt: 1e-5 });
    const width = cost.kind === "cross-entropy" ? 3 : 2;
    const targets = Float64Array.from({ length: width }, (__, i) => (i === 1 ? 0.05 : 0));
    const one: Batch = { samples: 1, inputs: Float64Array.of(0.3, 0.8, 0.1), targets };
    const estimate = await centred({ amplitude: 1e-3, ...exactly }).estimate(s, one, CONTEXT);
    const exact = exactAnswers(physical, 1, one.inputs, estimate.free.states, targets);
    for (const name of ["l1", "output"]) {
      const size = Math.max(...exact.dState[name].map(Math.abs));
      expect(largest(estimate.dState[name], exact.dState[name]) / size).toBeLessThan(1e-5);
    }
  });
});

/** How far an estimate may be off, as far as a chip can tell, held against how far it truly is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, ideal, leakyIntegrator, shiftedSigmoid, softNeuron } from "../../devices";
import {
  centred,
  Controller,
  continuousBlocks,
  createEngine,
  defaultRule,
  estimateErrors,
  exactAnswers,
  forEveryChip,
  holomorphic,
  labelledBatches,
  oneSided,
  oscillating,
  randomSign,
  sgd,
  Simulator,
  stackChips,
  strokeDigits,
  train,
  vectorFieldRule,
  type Batch,
  type Chip,
  type Circuit,
  type Estimator,
  type SimulatorOptions,
} from "../../src/index";
import { looksAtEnd } from "../../src/learning/phases";
import { errorWarnings, warningsOf } from "../../src/learning/warnings";
import { holomorphicCircuits, prepare } from "../properties/random-circuits";
import { fewer } from "../long";

const DATA = strokeDigits({ samples: 40, seed: 1, split: "train" });
const CONTEXT = { round: 0, seed: 1 };

const apart = (a: Float64Array, b: Float64Array): number =>
  Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 0));

/** True relative error of an estimate by population: against the exact response at the fixed point. */
async function truth(
  simulator: Simulator,
  estimator: Estimator,
  { samples, inputs, targets }: Batch,
): Promise<Record<string, number>> {
  const { chip } = simulator;
  const settled = await simulator.phase({ samples, inputs, steps: 20_000, tolerance: 1e-13 });
  expect(settled.outcome.kind).toBe("settled");
  const exact = exactAnswers(chip, samples, inputs, settled.states, targets);
  const factor = vectorFieldRule.factor(chip.circuit);
  const estimate = await estimator.estimate(simulator, { samples, inputs, targets }, CONTEXT);
  return Object.fromEntries(
    Object.entries(exact[factor]).map(([name, values]) => [name, apart(estimate[factor][name], values)]),
  );
}

async function told(simulator: Simulator, estimator: Estimator, batch: Batch) {
  const [error] = (await estimateErrors(simulator, estimator, vectorFieldRule, batch, CONTEXT)) ?? [];
  return error;
}

const codes = async (simulator: Simulator, estimator: Estimator, batch: Batch): Promise<string[]> =>
  errorWarnings(await told(simulator, estimator, batch), estimator).map(({ code }) => code);

async function on(
  circuit: Circuit,
  options: SimulatorOptions = {},
  samples = 4,
  engine = "reference",
): Promise<{ simulator: Simulator; batch: Batch; chip: Chip }> {
  const chip = circuit.fabricate({ seed: 3 });
  const [batch] = [...labelledBatches(circuit, DATA, { size: samples, limit: samples })];
  return { chip, batch, simulator: new Simulator(chip, await createEngine(engine), { seed: 2, ...options }) };
}

const sigmoidsOf = (scale: number): Circuit =>
  layered([64, 16, 10], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    initial: { distribution: "lecun", scale },
  });
const sigmoids = sigmoidsOf(0.5);
/** Slower, by more feedback. */
const slow = sigmoidsOf(0.8);

describe("how far an estimate may be off", () => {
  it("is told within a factor of three, over circuits, estimators, amplitudes and lengths", async () => {
    const kinds = [
      oneSided,
      centred,
      ...[3, 4].map((points) => (o: Parameters<typeof centred>[0]) => holomorphic({ ...o, points })),
    ];
    const cases = fc.record({
      random: holomorphicCircuits(),
      kind: fc.nat(kinds.length - 1),
      amplitude: fc.integer({ min: -10, max: 2 }),
      freeSteps: fc.integer({ min: 4, max: 60 }),
      nudgedSteps: fc.integer({ min: 4, max: 60 }),
    });
    const found: { true: number; told: number }[] = [];
    for (const { random, kind, amplitude, freeSteps, nudgedSteps } of fc.sample(cases, {
      numRuns: fewer(120),
      seed: 11,
    })) {
      const { chip, simulator, batch } = await prepare(random);
      const { shortestPhase } = simulator;
      const settles =
        (
          await simulator.phase({
            samples: batch.samples,
            inputs: batch.inputs,
            steps: 20_000,
            tolerance: 1e-13,
          })
        ).outcome.kind === "settled";
      if (settles && Math.min(freeSteps, nudgedSteps) >= shortestPhase) {
        const estimator = kinds[kind]({ amplitude: 2 ** (amplitude / 2), freeSteps, nudgedSteps });
        const off = await truth(simulator, estimator, batch);
        const error = await told(simulator, estimator, batch);
        for (const { name } of chip.circuit.populations.filter(({ clamped }) => !clamped))
          found.push({ true: off[name], told: Math.hypot(error[name].settling, error[name].nudge) });
      }
      simulator.dispose();
    }
    const large = found.filter((f) => f.true > 0.05);
    const small = found.filter((f) => f.true <= 0.05);
    expect([large.length, small.length].map((n) => n > 20)).toEqual([true, true]);
    const within = large.filter((f) => f.told > f.true / 3 && f.told < 3 * f.true);
    expect(within.length / large.length).toBeGreaterThan(0.9);
    // What is off by more than half of itself is told as at least half of that limit; what is right is not
    // called wrong.
    const wrong = large.filter((f) => f.true > 0.5);
    expect(wrong.filter((f) => f.told > 0.25).length / wrong.length).toBeGreaterThan(0.97);
    expect(small.every((f) => f.told < 0.2)).toBe(true);
  });

  it("is exact for one mode, however slow: what is missing after half a time constant", async () => {
    const circuit = layered([64, 10], {
      neuron: leakyIntegrator(),
      synapse: ideal(),
      initial: { distribution: "glorot" },
    });
    const { simulator, batch } = await on(circuit, { dt: 0.01, solver: "euler" });
    for (const taus of [0.5, 1, 2]) {
      const { output } = await told(
        simulator,
        centred({ amplitude: 1e-3, freeSteps: 2000, nudgedSteps: 100 * taus }),
        batch,
      );
      expect(output.settling / Math.exp(-taus)).toBeGreaterThan(0.9);
      expect(output.settling / Math.exp(-taus)).toBeLessThan(1.1);
    }
  });

  it("warns of a small nudge after few steps, and names the layer and the cause", async () => {
    const { simulator, batch } = await on(slow);
    const early = oneSided({ amplitude: 0.01, freeSteps: 9, nudgedSteps: 20 });
    const off = await truth(simulator, early, batch);
    expect(off.l1).toBeGreaterThan(1.5);
    expect(errorWarnings(await told(simulator, early, batch), early)).toEqual([
      {
        code: "LEARN-UNSETTLED",
        text: expect.stringMatching(/% of itself in l1.*give the phases more steps/),
      },
    ]);
    expect(
      await codes(simulator, oneSided({ amplitude: 0.01, freeSteps: 60, nudgedSteps: 20 }), batch),
    ).toEqual([]);
  });

  it("does not warn of residuals beside the shift where the estimate is right all the same", async () => {
    // The difference of a centred pair is free of what the free phase left.
    const { simulator, batch } = await on(slow);
    const pair = centred({ amplitude: 1e-3, freeSteps: 9, nudgedSteps: 20 });
    const { outcomes, dActivity } = await pair.estimate(simulator, batch, CONTEXT);
    expect(outcomes[0].residual).toBeGreaterThan(1e-3 * Math.max(...dActivity.output.map(Math.abs)));
    expect(Math.max(...Object.values(await truth(simulator, pair, batch)))).toBeLessThan(0.05);
    expect(await codes(simulator, pair, batch)).toEqual([]);
  });

  it("tells the noise as it is, also where feedback amplifies it, and with averages", async () => {
    // Two populations in a loop: noise decays by the loop, not by the node.
    const circuit = layered([64, 12, 10], {
      neuron: softNeuron({ T: "300 K" }),
      synapse: crossbar(),
      initial: { distribution: "glorot" },
    });
    const { simulator, batch } = await on(circuit, { dt: 1e-5 });
    const noiseOf = async (average: number): Promise<{ told: number; true: number }> => {
      const estimator = centred({ amplitude: 0.02, freeSteps: 60, nudgedSteps: 60, average });
      const error = await told(simulator, estimator, batch);
      const repeats = 12;
      const all: Float64Array[] = [];
      for (let k = 0; k < repeats; k++)
        all.push((await estimator.estimate(simulator, batch, { round: 100 + k, seed: 1 })).dActivity.l1);
      const mean = all[0].map((_, i) => all.reduce((sum, one) => sum + one[i] / repeats, 0));
      const power =
        all.reduce((sum, one) => sum + one.reduce((s, v, i) => s + (v - mean[i]) ** 2, 0), 0) / (repeats - 1);
      const signal = mean.reduce((s, v) => s + v * v, 0) - power / repeats;
      return { told: error.l1.noise, true: Math.sqrt(power / signal) };
    };
    const [plain, averaged] = [await noiseOf(0), await noiseOf(40)];
    for (const one of [plain, averaged]) expect(one.told / one.true).toBeGreaterThan(0.6);
    for (const one of [plain, averaged]) expect(one.told / one.true).toBeLessThan(1.7);
    expect(averaged.told).toBeLessThan(0.6 * plain.told);
  });

  it("blames noise for noise, and not the phases", async () => {
    const { simulator, batch } = await on(nonideal({ sizes: [64, 10, 10], temperature: "300 K" }), {
      dt: 1e-5,
    });
    expect(
      await codes(simulator, oneSided({ amplitude: 1e-4, freeSteps: 40, nudgedSteps: 25 }), batch),
    ).toEqual(["LEARN-NOISE"]);
    expect(
      await codes(simulator, centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 }), batch),
    ).toEqual([]);
  });

  it.each([
    [1, 1],
    [1, 2],
    [3, 1],
    [10, 1],
    [10, 10],
  ])(
    "tells noise that hides an estimate of %d samples and %d units, and no noise that does not",
    async (samples, units) => {
      const neuron = {
        kind: "neuron",
        name: "noisy",
        equations: "du/dt = -u + I + I_nudge + 0.05*xi\nrho = tanh(u)",
      } as const;
      const chip = layered([3, units], { neuron, synapse: ideal() }).fabricate({ seed: 1 });
      const batch = {
        samples,
        inputs: Float64Array.from({ length: 3 * samples }, (_, i) => Math.sin(7 * i)),
        targets: new Float64Array(units * samples).fill(2),
      };
      const engine = await createEngine("reference");
      const warned = async (amplitude: number): Promise<number> => {
        let times = 0;
        for (let seed = 0; seed < 20; seed++)
          times += Number(
            (
              await codes(
                new Simulator(chip, engine, { dt: 0.2, seed }),
                oneSided({ amplitude, freeSteps: 60, nudgedSteps: 60 }),
                batch,
              )
            ).includes("LEARN-NOISE"),
          );
        return times;
      };
      expect(await warned(1e-3)).toBeGreaterThanOrEqual(18);
      expect(await warned(0.3)).toBeLessThanOrEqual(1);
    },
  );

  it("sees an attractor that the nudge tips, one-sided too", async () => {
    const bistable = {
      kind: "neuron",
      name: "two wells",
      equations: "du/dt = u - u*u*u + I + I_nudge\nrho = u",
    } as const;
    const circuit = layered([64, 10], {
      neuron: bistable,
      synapse: ideal(),
      initial: { distribution: "lecun", scale: 0.2 },
      cost: { kind: "squared-error", argument: "activity", levels: [-1, 1] },
    });
    const { simulator, batch } = await on(circuit, { dt: 0.1 });
    const estimator = oneSided({ amplitude: 0.5, freeSteps: 400, nudgedSteps: 400 });
    expect((await truth(simulator, estimator, batch)).output).toBeGreaterThan(1);
    expect(await codes(simulator, estimator, batch)).toEqual(["LEARN-NUDGE"]);
    expect(
      await codes(simulator, oneSided({ amplitude: 0.02, freeSteps: 400, nudgedSteps: 400 }), batch),
    ).toEqual([]);
  });

  it("sees points outside the circle of convergence", async () => {
    const { simulator, batch } = await on(sigmoids);
    const far = holomorphic({ points: 4, amplitude: 2, freeSteps: 200, nudgedSteps: 200 });
    expect(Math.max(...Object.values(await truth(simulator, far, batch)))).toBeGreaterThan(0.5);
    expect(await codes(simulator, far, batch)).toEqual(["LEARN-NUDGE"]);
  });

  it("lays what float32 cannot tell neither to the nudge nor to the phases", async () => {
    const { simulator, batch } = await on(sigmoids, {}, 4, "simd");
    const error = await told(
      simulator,
      oneSided({ amplitude: 2e-5, freeSteps: 100, nudgedSteps: 100 }),
      batch,
    );
    for (const shares of Object.values(error))
      for (const share of [shares.settling, shares.nudge]) expect(share).toBeLessThan(0.1);
    simulator.dispose();
  });

  it("is told of estimators in continuous time: what lags, and what a nudge of two orders leaves", async () => {
    const circuit = layered([64, 8, 10], {
      neuron: leakyIntegrator(),
      synapse: ideal(),
      initial: { distribution: "glorot" },
    });
    const { simulator, batch } = await on(circuit, { dt: 0.1, solver: "heun" }, 2);
    const [slow, fast] = await Promise.all(
      [1000, 60].map((period) =>
        told(simulator, oscillating({ amplitude: 0.05, period, form: "lock-in", periods: 2 }), batch),
      ),
    );
    expect(slow.l1.settling).toBeLessThan(0.1);
    expect(fast.l1.settling).toBeGreaterThan(0.2);
    const maps = await on(sigmoids, {}, 2);
    const held = (stepsPerPoint: number) =>
      continuousBlocks({ amplitude: 0.3, points: 4, periods: 4, stepsPerPoint });
    const [long, short] = [
      await told(maps.simulator, held(40), maps.batch),
      await told(maps.simulator, held(3), maps.batch),
    ];
    expect(short.l1.settling).toBeGreaterThan(3 * long.l1.settling);
  });

  it("takes random signs as the batch has them", async () => {
    const { simulator, batch } = await on(sigmoids);
    const randomSigns = randomSign({ amplitude: 0.3, freeSteps: 100, nudgedSteps: 100 });
    for (let round = 0; round < 6; round++) {
      const [error] =
        (await estimateErrors(simulator, randomSigns, vectorFieldRule, batch, { round, seed: 1 })) ?? [];
      expect(error.output.nudge).toBeLessThan(0.5);
      expect(error.output.settling).toBeLessThan(1e-6);
    }
  });

  it("warns where points are at odds, unless noise or a free phase that has not settled explains it; of reads, it tells what helps", () => {
    const report = {
      cost: 0,
      correct: null,
      aliasing: 1.5,
      outcomes: [{ kind: "fixed" as const, residual: 0, steps: 1, rows: [] }],
      nudgeShift: 1,
    };
    const engine = { name: "reference", requested: "reference", precision: "float64" } as const;
    const estimator = holomorphic({ points: 4, amplitude: 5, freeSteps: 20, nudgedSteps: 20 });
    const of = (shares: object, heldDraws = false) =>
      warningsOf({
        reports: [report],
        error: { l1: { settling: 0, noise: 0, nudge: 0, reach: 0, ...shares } },
        heldDraws,
        estimator,
        engine,
      });
    expect(of({})).toEqual([
      { code: "LEARN-NUDGE", text: expect.stringMatching(/at odds.*150 %.*smaller amplitude/) },
    ]);
    expect(of({ noise: 0.8 })).toEqual([]);
    expect(of({ settling: 0.6 }).map(({ code }) => code)).toEqual(["LEARN-UNSETTLED"]);
    expect(of({ noise: 2 })[0].text).toContain("average");
    expect(of({ noise: 2 }, true)[0].text).toMatch(/read more quietly.*averaging steps does not help/);
  });

  it("is null where an estimator cannot be refined", async () => {
    const { simulator, batch } = await on(sigmoids);
    const { refined: _, ...plain } = centred({ amplitude: 0.3, freeSteps: 20, nudgedSteps: 20 });
    expect(await estimateErrors(simulator, plain, vectorFieldRule, batch, CONTEXT)).toBeNull();
  });

  it("is that of each chip alone, where several are stacked", async () => {
    const chips = [1, 2, 3].map((seed) => sigmoids.fabricate({ seed }));
    const estimator = centred({ amplitude: 0.5, freeSteps: 12, nudgedSteps: 8 });
    const [batch] = [...labelledBatches(sigmoids, DATA, { size: 5, limit: 5 })];
    const stacked = await estimateErrors(
      new Simulator(stackChips(chips), await createEngine("reference")),
      estimator,
      vectorFieldRule,
      forEveryChip(batch, 3),
      CONTEXT,
    );
    for (const [c, chip] of chips.entries())
      expect(stacked?.[c]).toEqual(
        await told(new Simulator(chip, await createEngine("reference")), estimator, batch),
      );
  });
});

describe("looks at the estimates of a training", () => {
  const data = { train: DATA, test: strokeDigits({ samples: 20, seed: 1, split: "test" }) };
  const estimator = centred({ amplitude: 0.3, freeSteps: 30, nudgedSteps: 20 });

  it.each(["reference", "simd"])(
    "change neither what is learned nor how the chip ages, on %s",
    async (engine) => {
      const learn = async (by: Estimator) => {
        const chip = nonideal({ sizes: [64, 8, 10] }).fabricate({ seed: 1 });
        const reports = [];
        for await (const report of train(chip, data, {
          estimator: by,
          optimizer: sgd({ rate: 0.05 }),
          epochs: 2,
          batch: 4,
          dt: 1e-5,
          probe: 0,
          seed: 1,
          engine,
        }))
          reports.push(report);
        return { arrays: chip.arrays(), reports };
      };
      const { refined: _, ...blind } = estimator;
      const [looked, unlooked] = [await learn(estimator), await learn(blind)];
      expect(looked.arrays).toEqual(unlooked.arrays);
      expect(looked.reports.map((r) => [r.trainCost, r.accuracy, r.chipSeconds])).toEqual(
        unlooked.reports.map((r) => [r.trainCost, r.accuracy, r.chipSeconds]),
      );
      expect(unlooked.reports.map((r) => r.estimateError)).toEqual([null, null]);
      for (const { estimateError } of looked.reports)
        expect(Object.keys(estimateError ?? {})).toEqual(["l1", "output"]);
    },
  );

  it("are told of after every epoch: of one without a look, what was found before", async () => {
    const reports = [];
    const options = {
      estimator: oneSided({ amplitude: 0.01, freeSteps: 5, nudgedSteps: 20 }),
      optimizer: sgd({ rate: 1e-3 }),
      epochs: 4,
      batch: 10,
      probe: 0,
      engine: "reference",
    } as const;
    for await (const report of train(slow.fabricate({ seed: 3 }), data, options)) reports.push(report);
    // Four batches an epoch: the first and the eleventh are looked at, in epochs 1 and 3, and the last.
    expect(
      reports.map(({ warnings }) =>
        warnings.map(({ code }) => code).filter((code) => code.startsWith("LEARN-")),
      ),
    ).toEqual(Array.from({ length: 4 }, () => ["LEARN-UNSETTLED"]));
    expect(reports[1].estimateError).toEqual(reports[0].estimateError);
    expect(reports[2].estimateError).not.toEqual(reports[0].estimateError);
    expect(reports[3].estimateError).not.toEqual(reports[2].estimateError);
  });

  it("come at the end of a training, and of epochs once many batches have gone by", () => {
    const ends = (batches: number, epochs: number): number[] =>
      Array.from({ length: epochs }, (_, e) => e + 1).filter((epoch) =>
        looksAtEnd(epoch, { epochs, batches }),
      );
    expect(ends(100, 8)).toEqual([3, 5, 8]);
    expect(ends(25, 6)).toEqual([6]);
    expect(ends(3000, 2)).toEqual([1, 2]);
  });

  it("take place at the same batches however a training is cut", async () => {
    const looks = async (cuts: readonly number[]): Promise<number[]> => {
      const chip = sigmoids.fabricate({ seed: 1 });
      const seen: number[] = [];
      const simulator = new Simulator(chip, await createEngine("simd"), { seed: 1 });
      const batches = [...labelledBatches(sigmoids, DATA, { size: 2 })].slice(0, 12);
      for (const [k, from] of cuts.entries()) {
        const controller = new Controller(simulator, {
          estimator,
          rule: defaultRule(sigmoids),
          optimizer: sgd({ rate: 0.05 }),
          seed: 1,
          round: from,
        });
        for (let round = from; round < (cuts[k + 1] ?? batches.length); round++)
          if ((await controller.learn(batches[round])).estimateError !== undefined) seen.push(round);
        controller.dispose();
      }
      return seen;
    };
    expect(await looks([0])).toEqual([0, 10]);
    expect(await looks([0, 3, 10, 11])).toEqual([0, 10]);
  });
});

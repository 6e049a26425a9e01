/**
 * The shipped questions with small budgets: each comes to the answer that its example tells, and the same one
 * every time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { experimentOf } from "../../src/runs/studying/experiment";
import { parseConfig, readStudy, readWeakest, studyFrom } from "../../src/config";
import { replay, weakestPoint } from "../../src/robustness";
import { summaryOf, trialsOf, type PointSummary, type TrialResult } from "../../src/study";
import { ROOT } from "../cli/run";
import { LONG } from "../long";

const sourceOf = (file: string) => ({ where: file, text: readFileSync(join(ROOT, "configs", file), "utf8") });

/** Carries out a shipped study with fewer values and chips. */
async function carriedOut(
  file: string,
  less: { readonly chips: number; readonly vary: Readonly<Record<string, readonly (number | string)[]>> },
): Promise<readonly PointSummary[]> {
  const { config } = readStudy(sourceOf(file));
  const text = JSON.stringify({ ...config, chips: less.chips, vary: { ...config.vary, ...less.vary } });
  const { run, study, plan } = studyFrom(parseConfig({ where: "less.json", text }));
  const trials = trialsOf(study, plan);
  const results = await experimentOf(run, {
    measures: study.measures,
    train: config.train,
    threads: 1,
  }).attempt(trials);
  return summaryOf(
    study,
    plan,
    trials,
    new Map(results.map((result): [string, TrialResult] => [result.key, result])),
  ).points;
}

describe("the shipped questions", () => {
  it.runIf(LONG)(
    "precision: accuracy and yield grow with the bits, and the yield comes from nothing to nearly all",
    async () => {
      const points = await carriedOut("studies/precision.yaml", {
        chips: 4,
        vary: { "circuit.levels": [8, 32, 256] },
      });
      const accuracies = points.map(({ measures }) => measures.accuracy.mean);
      expect(accuracies).toEqual([...accuracies].sort((a, b) => a - b));
      expect(accuracies[1] - accuracies[0]).toBeGreaterThan(0.4);
      const [few, , many] = points.map((point) => point.yield?.passed);
      expect([few, many]).toEqual([0, 4]);
    },
  );

  it.runIf(LONG)("temperature: what is learned is there at 300 K, and has leaked away at 360 K", async () => {
    const [cold, warm] = await carriedOut("studies/temperature.yaml", {
      chips: 1,
      vary: { temperature: [300, 360] },
    });
    expect(cold.measures.accuracy.mean).toBeGreaterThan(0.85);
    expect(warm.measures.accuracy.mean).toBeLessThan(0.3);
  });

  it.runIf(LONG)("area and energy: mismatch takes its square, writes are shared by the batch", async () => {
    const [fine, coarse] = await carriedOut("studies/area.yaml", {
      chips: 1,
      vary: { "circuit.mismatch": [0.05, 0.2] },
    });
    expect(fine.measures.area.mean / coarse.measures.area.mean).toBeCloseTo(16, 9);
    expect(coarse.measures.accuracy.mean).toBeGreaterThan(0.6);
    const [five, fifty] = await carriedOut("studies/energy.yaml", {
      chips: 1,
      vary: { batch: [25, 50], "estimator.freeSteps": [20] },
    });
    const writes = five.measures["energy.writes"].mean / fifty.measures["energy.writes"].mean;
    expect(writes).toBeCloseTo(2, 0);
    expect(five.measures["energy.converters"].mean).toBeCloseTo((64 + 3 * 42) * 256 * 20e-15, 20);
    expect(five.measures.energy.mean).toBeGreaterThan(five.measures["energy.writes"].mean);
  });

  it.runIf(LONG)("settling-time: gain counts for more than layers", async () => {
    const points = await carriedOut("studies/settling-time.yaml", {
      chips: 4,
      vary: { "circuit.sizes": ["64-32-10", "64-32-32-32-32-32-10"], "circuit.initial.scale": [0.3, 0.6] },
    });
    const [shallow, shallowStrong, deep, deepStrong] = points.map(
      ({ measures }) => measures.settleSteps.mean,
    );
    expect(deep).toBeGreaterThan(shallow);
    expect(shallowStrong / shallow).toBeGreaterThan(deep / shallow);
    expect(deepStrong).toBeGreaterThan(deep);
  });

  it.runIf(LONG).each([
    [
      "retention: a second too short is no chip",
      "retention",
      { "circuit.retention": ["0.1 s", "10 s"] },
      0.6,
    ],
    [
      "refresh: what leaks away learns where it is rewritten",
      "refresh",
      { "programming.refresh": ["10 s", "15 ms"] },
      0.6,
    ],
    [
      "slow-readers: an offset that lasts cancels",
      "slow-readers",
      { "readout.lasting.tau": ["100 us", "1 s"] },
      0.15,
    ],
    [
      "phase-length: where nothing leaks, all lengths learn",
      "phase-length",
      { "circuit.retention": ["0.1 s", "1000 s"], "estimator.freeTime": ["200 us"] },
      0.6,
    ],
    [
      "stuck-cells: a chip learns around few, not around most",
      "stuck-cells",
      { "devices.cell.parameters.stuck.share": ["60 %", "1 %"] },
      0.3,
    ],
    [
      "smallest-step: large steps write nothing that is fine",
      "smallest-step",
      { "devices.cell.parameters.dw_min": [0.5, 0.003] },
      0.3,
    ],
    [
      "write-asymmetry: the symmetric point gives back what asymmetry takes",
      "write-asymmetry",
      {
        "devices.cell.parameters.d": [0.3],
        "programming.per": ["sample"],
        "programming.reference": ["none", "symmetric-point"],
      },
      0.2,
    ],
  ] as const)("%s", async (_, name, vary, gain) => {
    const [bad, good] = await carriedOut(`studies/${name}.yaml`, { chips: 2, vary });
    expect(good.measures.accuracy.mean - bad.measures.accuracy.mean).toBeGreaterThan(gain);
  });

  it.runIf(LONG)(
    "cells: exact conductances and capacitors learn, and write what they are asked",
    async () => {
      const [exact, capacitor] = await carriedOut("studies/cells.yaml", {
        chips: 1,
        vary: { cell: ["ideal", "capacitor"] },
      });
      for (const { measures } of [exact, capacitor]) {
        expect(measures.accuracy.mean).toBeGreaterThan(0.6);
        expect(measures.writtenCosine.mean).toBeGreaterThan(0.99);
      }
    },
  );

  it.runIf(LONG)("lock-in: updates stand out most between the corner of the noise and the pole", async () => {
    const [slow, between, fast] = await carriedOut("studies/lock-in.yaml", {
      chips: 1,
      vary: { nudge: ["at 244 Hz", "at 3.91 kHz", "at 62.5 kHz"] },
    });
    const snr = ({ measures }: PointSummary): number => measures.updateSnr.mean;
    expect(snr(between)).toBeGreaterThan(1.2 * snr(slow));
    expect(snr(between)).toBeGreaterThan(2 * snr(fast));
  });

  it.runIf(LONG)(
    "telegraph: what lasts through a sample is learned around, what a read draws is not",
    async () => {
      const [drawn, lasting] = await carriedOut("studies/telegraph.yaml", {
        chips: 1,
        vary: {
          noise: ["from read to read", "telegraph of 1 s"],
          "devices.cell.parameters.s": [0.6],
        },
      });
      expect(drawn.measures.updateSnr.mean).toBeLessThan(2);
      expect(lasting.measures.updateSnr.mean).toBeGreaterThan(20);
    },
  );

  it.runIf(LONG)("op-amp: gain costs nothing, offsets beyond what the output stage bears do", async () => {
    const [low, high, off] = await carriedOut("studies/op-amp.yaml", {
      chips: 1,
      vary: {
        "devices.amplifier.parameters.V_os.sd": ["0 mV", "100 mV"],
        "devices.amplifier.parameters.A_0": [3, 10000],
      },
    }).then(([a, b, , d]) => [a, b, d].map(({ measures }) => measures.accuracy.mean));
    expect(low).toBeGreaterThan(high - 0.05);
    expect(off).toBeLessThan(high - 0.1);
  });

  it.runIf(LONG)("ir-drop: a row of 512 devices bears 3 ohm a segment, and not 30", async () => {
    const [few, many] = await carriedOut("studies/ir-drop.yaml", {
      chips: 1,
      vary: { "wires.row": [3, 30] },
    });
    expect(few.measures.accuracy.mean).toBeGreaterThan(0.75);
    expect(many.measures.accuracy.mean).toBeLessThan(0.3);
  });

  it.runIf(LONG)("nudge: the best amplitude grows with the noise, and more points come closer", async () => {
    const points = await carriedOut("studies/nudge.yaml", {
      chips: 2,
      vary: { "circuit.readNoise": [0.0001, 0.003], "estimator.points": [1, 2, 4] },
    });
    const bestAt = (noise: number, count: number): { amplitude: number; angle: number } =>
      points
        .filter(({ values }) => values["circuit.readNoise"] === noise && values["estimator.points"] === count)
        .map(({ values, measures }) => ({
          amplitude: Number(values["estimator.amplitude"]),
          angle: measures.errorAngle.mean,
        }))
        .reduce((best, one) => (one.angle < best.angle ? one : best));
    for (const count of [1, 2, 4])
      expect(bestAt(0.003, count).amplitude).toBeGreaterThan(bestAt(0.0001, count).amplitude);
    for (const noise of [0.0001, 0.003]) {
      const angles = [1, 2, 4].map((count) => bestAt(noise, count).angle);
      expect(angles).toEqual([...angles].sort((a, b) => b - a));
    }
  });

  it.runIf(LONG)("readout-bits: few bits cost early layers, the more the smaller the nudge", async () => {
    const points = await carriedOut("studies/readout-bits.yaml", {
      chips: 2,
      vary: { "readout.bits": [5, 10] },
    });
    const cosine = (bits: number, amplitude: number): number =>
      points.find(
        ({ values }) => values["readout.bits"] === bits && values["estimator.amplitude"] === amplitude,
      )!.measures["cosine.l1"].mean;
    expect(cosine(5, 0.4)).toBeLessThan(cosine(10, 0.4) - 0.1);
    expect(cosine(5, 0.1)).toBeLessThan(cosine(5, 0.4) - 0.1);
    expect(cosine(10, 0.1)).toBeGreaterThan(0.6);
  });

  it.runIf(LONG)("twins: unlike ones learn where they change places", async () => {
    const vary = { "readout.twin.mismatch": [0.1], "readout.chop": ["none", "batch"], "readout.zero": [8] };
    const points = await carriedOut("studies/twins.yaml", { chips: 2, vary });
    const [still, turning] = points.map(({ measures }) => measures.accuracy.mean);
    expect(turning).toBeGreaterThan(still + 0.25);
  });

  // In short test/robustness/asymmetry.test.ts asks the same.
  it.runIf(LONG)(
    "asymmetry: the weakest point lies between what holds and what fails, and replays exactly",
    async () => {
      const { config, run, measures } = readWeakest(sourceOf("weakest/asymmetry.yaml"));
      const { measure } = experimentOf(run, { measures, train: true, threads: 1 });
      const ranges = { "circuit.angle": { from: 0, to: 180, steps: 6 } };
      const found = await weakestPoint(config.claim, ranges, measure, { seeds: 1 });
      expect(found).toMatchObject({
        kind: "found",
        minimal: true,
        margins: [{ knob: "circuit.angle", failsAt: 120, passesAt: 90 }],
      });
      expect(await replay(config.claim, ranges, measure, found.verdict?.point ?? {}, { seeds: 1 })).toEqual(
        found.verdict,
      );
    },
  );
});

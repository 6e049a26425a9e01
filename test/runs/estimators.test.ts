/** All estimators on one chip: they are off by what is known of them, and dials do what they say. */
import { beforeAll, describe, expect, it } from "vitest";
import { runOf, type RunConfig } from "../../src/config";
import { reportHtml } from "../../src/plot";
import { compareEstimators, type EstimatorComparison } from "../../src/runs/estimators/compare";
import { estimatorsReport } from "../../src/runs/estimators/report";
import { makeData } from "../../src/runs/training/data";
import type { EstimatorFigures } from "../../src/runs/estimators/figures";

const config = (changes: object = {}): RunConfig => ({
  circuit: {
    topology: "layered",
    sizes: [64, 6, 10],
    neuron: { device: "shifted-sigmoid" },
    synapse: "ideal",
    initial: { distribution: "lecun", scale: 0.5 },
    cost: { kind: "squared-error", argument: "activity" },
  },
  data: { kind: "generated", size: 8, train: 20, test: 20, noise: 0.05 },
  estimator: { kind: "centred", amplitude: 0.05, freeSteps: 300, nudgedSteps: 300, tolerance: 1e-8 },
  optimizer: { kind: "sgd", rate: 0.1, feedbackRate: 1, momentum: 0, weightDecay: 0 },
  epochs: 1,
  engine: "reference",
  seed: 1,
  ...changes,
});

const compare = async (changes: object, options: object): Promise<EstimatorComparison> => {
  const run = runOf(config(changes));
  return compareEstimators(run, await makeData(run, undefined), { samples: 2, repeats: 4, ...options });
};
const of = ({ settings }: EstimatorComparison, name: string, setting = 0): EstimatorFigures =>
  settings[setting].estimators.find((one) => one.name === name)!;

describe("all estimators on one chip", () => {
  let found: EstimatorComparison;
  beforeAll(async () => {
    found = await compare({}, { asymmetry: [0, 0.4], noise: [0, 0.02] });
  });

  it("are compared on the chip as it is, and what would do nothing is refused", async () => {
    await expect(compare({ chip: { teacher: { seed: 1 } } }, {})).rejects.toMatchObject({
      code: "CONFIG-UNHEARD",
      place: { path: expect.stringContaining("chip.teacher") as string },
    });
  });

  it("are read through the readout of the run: steps are bias, noise is spread over the nudge", async () => {
    const coarse = await compare({ readout: { bits: 6 } }, {});
    expect(coarse.readout).toBe("readout");
    expect(of(coarse, "centred").all!.bias).toBeGreaterThan(5 * of(found, "centred").all!.bias);
    expect(of(coarse, "centred").all!.spread).toBe(0);
    const noisy = await compare({ readout: { noise: 0.01 } }, {});
    expect(of(noisy, "centred").all!.spread).toBeGreaterThan(0.1);
    // The same offset in all phases cancels.
    const slow = await compare({ readout: { offset: { value: 0, sd: 0.01 } } }, {});
    expect(of(slow, "centred").all!.bias).toBeCloseTo(of(found, "centred").all!.bias, 6);
    expect(of(noisy, "lock-in").refused?.code).toBe("LEARN-READOUT");
  });

  it("are off by the order of their nudge where weights are tied", () => {
    const bias = (name: string): number => of(found, name).all!.bias;
    expect(bias("exact derivative")).toBeLessThan(1e-6);
    expect(bias("one-sided")).toBeGreaterThan(5 * bias("centred"));
    expect(bias("centred")).toBeGreaterThan(5 * bias("holomorphic, 4 points"));
    // Held outputs are not the derivative, whatever their share.
    expect(bias("coupled")).toBeGreaterThan(2 * bias("one-sided"));
    expect(of(found, "exact derivative").layers.l1.bias).toBeLessThan(1e-6);
    for (const name of ["one-sided", "centred"]) expect(of(found, name).all!.spread).toBe(0);
    // The sign that is drawn is what its estimates differ by; their mean is the centred pair.
    // Of few estimates that differ by as much as they are large, no bias is told: least of all that there is none.
    expect(of(found, "random-sign").all).toMatchObject({ biasTold: false, bias: expect.any(Number) });
    expect(bias("random-sign")).toBeGreaterThan(0.1 * of(found, "random-sign").all!.spread);
    expect(of(found, "random-sign").all!.spread).toBeGreaterThan(0.5 * bias("one-sided"));
    expect(found.settings.every(({ settled }) => settled)).toBe(true);
  });
  it("share what asymmetry does to the derivative itself", () => {
    const [, , uneven] = found.settings;
    expect(uneven).toMatchObject({ asymmetry: 0.4, noise: 0 });
    const exact = of(found, "exact derivative", 2).all!.bias;
    expect(exact).toBeGreaterThan(0.02);
    expect(Math.abs(of(found, "holomorphic, 6 points", 2).all!.bias - exact)).toBeLessThan(0.05 * exact);
  });
  it("spread by noise, the less the larger the circle's number of points", () => {
    const [, noisy] = found.settings;
    expect(noisy).toMatchObject({ asymmetry: 0, noise: 0.02 });
    const spread = (name: string): number => of(found, name, 1).all!.spread;
    expect(spread("one-sided")).toBeGreaterThan(spread("centred"));
    expect(spread("centred")).toBeGreaterThan(spread("holomorphic, 6 points"));
    expect(of(found, "bptt", 1).refused?.code).toBe("DYN-BACKWARDS");
  });
  it("tell their steps, and of circles the radius", () => {
    const [one, two] = ["one-sided", "centred"].map((name) => of(found, name));
    expect(one.steps).toBeGreaterThan(4);
    expect(two.steps).toBeGreaterThan(one.steps);
    expect(two.radius).toBeGreaterThan(0.05);
    expect(one.radius).toBeNull();
    expect(one.chipSeconds).toBeNull();
  });
  it("make a page", () => {
    const report = estimatorsReport(found, { command: "ohmlet estimators", ohmlet: "0", data: "digits" });
    expect(report.figures.map(({ title }) => title)).toEqual([
      "Bias, layer by layer",
      "Spread, layer by layer",
      "What asymmetry does",
      "What read noise does",
    ]);
    expect(report.tables?.map(({ rows }) => rows.length)).toEqual([13, 13, 13, 13]);
    expect(reportHtml(report)).toContain("least wrong");
  });
  it("are refused by name where they cannot run, and so are odd dials", async () => {
    const bent = await compare(
      {
        circuit: {
          topology: "layered",
          sizes: [64, 6, 10],
          neuron: { device: "leaky-integrator" },
          synapse: "ideal",
        },
        dt: 0.2,
        estimator: { kind: "centred", amplitude: 0.05, freeSteps: 40, nudgedSteps: 40 },
      },
      {},
    );
    expect(of(bent, "holomorphic, 4 points").refused?.code).toBe("EQ-HOLOMORPHIC");
    expect(of(bent, "one-sided").all).not.toBeNull();
    await expect(compare({}, { noise: [0, -1] })).rejects.toMatchObject({ code: "ESTIMATORS-DIAL" });
    await expect(compare({}, { asymmetry: [Number.NaN] })).rejects.toMatchObject({
      code: /ESTIMATORS-DIAL|OPTION/,
    });
  });
});

/** What the report of a run says of its chip and its phases, and from where its curves begin. */
import { describe, expect, it } from "vitest";
import { circuitOf, estimatorOf, runOf } from "../../src/config";
import { curve, line } from "../../src/runs/training/curves";
import { buildReport, type ReportParts } from "../../src/runs/training/report";
import { feedbackAngles } from "../../src/learning/feedback-angle";
import type { EpochReport } from "../../src/learning/train";

const LENGTHS = { amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 };

function partsOf(estimator: object = { kind: "centred", ...LENGTHS }): ReportParts {
  const run = runOf({
    circuit: {
      topology: "layered",
      sizes: [4, 3, 3, 2],
      neuron: { device: "leaky-integrator", rho: "tanh" },
      output: { device: "leaky-integrator", name: "last of all" },
      synapse: "ideal",
      feedback: { angle: 40 },
    },
    data: { kind: "generated" },
    estimator,
    optimizer: { kind: "sgd", rate: 0.1 },
    dt: 0.2,
    epochs: 2,
    seed: 4,
  });
  const chip = circuitOf(run).fabricate({ seed: 4 });
  for (const name of ["l2-l1", "output-l2"])
    chip.setWeights(name, { weights: chip.weights(name).weights.map((w, i) => w + 0.1 * i), biases: null });
  const set = { name: "digits", samples: 10 };
  const about = {
    ohmlet: "",
    node: "",
    platform: "",
    command: "",
    started: "2026-01-01T00:00:00Z",
    seed: 4,
    circuit: chip.circuit.name,
    chip: "A chip",
    data: { train: set, test: set },
    estimator: { name: "any" },
    rule: "",
    engine: { requested: "reference", name: "reference", precision: "float64" },
    outputs: { report: true, weights: true },
    config: "",
  } as const;
  return {
    run,
    chip,
    trained: true,
    estimator: estimatorOf(run),
    dt: 0.2,
    about,
    outcome: "done",
    mistakes: null,
    energy: null,
  };
}

const epochOf = (chip: ReportParts["chip"], epoch: number, phases: number): EpochReport => ({
  epoch,
  accuracy: 0.5,
  cost: 1,
  trainAccuracy: 0.5,
  trainCost: 1,
  gradientCosine: {},
  aliasing: null,
  ends: null,
  estimateError: null,
  residuals: Array.from({ length: phases }, (_, k) => 0.01 * (k + 1)),
  steps: Array.from({ length: phases }, () => 9),
  feedbackAngle: feedbackAngles(chip),
  saturated: {},
  warnings: [],
  learned: { place: "engine" },
  chipSeconds: null,
  seconds: { training: 1, testing: 1 },
});
const reportOf = (parts: ReportParts, phases = 2) =>
  buildReport(parts, [epochOf(parts.chip, 1, phases), epochOf(parts.chip, 2, phases)]);

function curvesOf(report: ReturnType<typeof reportOf>, title: string) {
  const figure = report.figures.find((one) => one.title === title);
  if (figure?.kind !== "curves") throw new Error(`there is no ${title}`);
  return figure;
}

describe("the report of a run", () => {
  it("names the devices of every layer", () => {
    const facts = new Map(reportOf(partsOf()).facts);
    expect(facts.get("neurons")).toBe("leaky integrator in l1, l2; last of all in output");
    expect(facts.get("synapses")).toBe("ideal synapse");
  });

  it("draws what was written by epoch, of arrays that were written", () => {
    const parts = partsOf();
    const told = (epoch: number): EpochReport => ({
      ...epochOf(parts.chip, epoch, 2),
      programming: {
        pulses: { "input-l1": 100 * epoch ** 2, "l2-l1": 0 },
        writtenCosine: { "input-l1": 0.9 / epoch, "l2-l1": null },
        saturated: { "input-l1": 0.1 * epoch, "l2-l1": 0 },
      },
    });
    const report = buildReport(parts, [told(1), told(2)]);
    for (const [title, y] of [
      ["Pulses", [100, 300]],
      ["Was what was asked for written?", [0.9, 0.45]],
      ["Devices that give no more", [0.1, 0.2]],
    ] as const)
      expect(curvesOf(report, title).series).toEqual([{ name: "input-l1", x: [1, 2], y }]);
    expect(reportOf(parts).figures.map(({ title }) => title)).not.toContain("Pulses");
  });

  it("adds up what learning cost, and says what that takes for granted", () => {
    const energy = {
      energyJoules: 4e-9,
      energy: { devices: 1e-9, nodes: 0, charging: 0, converters: 3e-9, writes: 0, refreshes: 0 },
      areaSquareMetres: 2e-10,
      assumptions: ["writes: no pulse is named: 0 J"],
    };
    const table = reportOf({ ...partsOf(), energy }).tables?.find(
      ({ title }) => title === "What did learning cost?",
    );
    expect(table?.caption).toContain("Writes: no pulse is named: 0 J.");
    expect(table?.rows).toContainEqual(["converters", "3 nJ", "75.0 %"]);
    expect(table?.rows).toContainEqual(["together", "4 nJ", ""]);
    expect(table?.rows).toContainEqual(["area", "200 um^2", ""]);
  });

  it("calls phases by what they are", () => {
    const names = (phases: number, title: string) =>
      curvesOf(reportOf(partsOf(), phases), title).series.map(({ name }) => name);
    expect(names(2, "Did the phases settle?")).toEqual(["free phase", "nudged phases"]);
    expect(names(2, "Steps to settle")).toEqual(["free phase", "nudged phases"]);
    expect(names(1, "Did the phases settle?")).toEqual(["oscillating phase"]);
    expect(names(20, "Did the phases settle?")).toEqual(["nudge 1 of 20", "nudge 20 of 20"]);
    const { chip } = partsOf();
    expect(Object.keys(curve(epochOf(chip, 1, 2))).filter((name) => name.startsWith("residual"))).toEqual([
      "residual_free",
      "residual_nudged",
    ]);
    expect(curve(epochOf(chip, 1, 2))).toMatchObject({ residual_free: 0.01, residual_nudged: 0.02 });
  });

  it("draws the bound that phases were to keep", () => {
    const level = (tolerance?: number) =>
      curvesOf(
        reportOf(partsOf({ kind: "centred", ...LENGTHS, ...(tolerance !== undefined && { tolerance }) })),
        "Did the phases settle?",
      ).level;
    expect(level(0.002)).toEqual({ y: 0.002, name: "the tolerance" });
    expect(level()).toBeUndefined();
  });

  it("says how far estimates may be off, by layer and cause, where it is known", () => {
    const parts = partsOf();
    expect(reportOf(parts).tables).toEqual([]);
    const epoch = {
      ...epochOf(parts.chip, 1, 2),
      estimateError: {
        l1: { settling: 0.0312, noise: 0, nudge: 0.25, reach: 0 },
        output: { settling: Infinity, noise: 1.5, nudge: 0, reach: 0.4 },
      },
    };
    expect(buildReport(parts, [epoch]).tables).toMatchObject([
      {
        columns: ["layer", "not settled", "noise", "size of the nudge", "of the radius of convergence"],
        rows: [
          ["l1", "3.1 %", "0 %", "25 %", ""],
          ["output", "more than 1000 %", "150 %", "0 %", "40 %"],
        ],
      },
    ]);
    expect(curve(epoch)).toMatchObject({
      error_settling_l1: 0.0312,
      error_nudge_l1: 0.25,
      error_noise_output: 1.5,
    });
  });

  it("tells on the line of an epoch what went wrong in its test, and only that", () => {
    const ends = { settled: 7, fixed: 0, timedOut: 0, unstable: 0, diverged: 0, residual: 0 };
    const shown = (some: object): string =>
      line({ ...epochOf(partsOf().chip, 1, 2), ends: { ...ends, ...some } }, 3);
    expect(shown({})).toMatch(/^epoch 1\/3  test 50.0 %  train/);
    expect(shown({ diverged: 2, timedOut: 3, unstable: 1 })).toMatch(
      /^epoch 1\/3  test 50.0 %  2 ran away  4 did not settle  train/,
    );
  });

  it("begins the angles with the chip as it was fabricated", () => {
    const parts = partsOf();
    const fresh = feedbackAngles(circuitOf(parts.run).fabricate({ seed: 4 }));
    for (const { name, x, y } of curvesOf(reportOf(parts), "Does the feedback align?").series) {
      expect(x).toEqual([0, 1, 2]);
      expect(y[0]).toBe(fresh[name]);
      expect(y[1]).not.toBeCloseTo(Number(fresh[name]), 3);
    }
  });
});

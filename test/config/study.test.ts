/** Study files: read, checked against the run, refused at the line. */
import { describe, expect, it } from "vitest";
import { readStudy, withKnobs } from "../../src/config";
import { workOf, WHOLE } from "../../src/runs/studying/folder";
import { faultIn } from "./read";

const TEXT = `name: s
run:
  circuit: { topology: nonideal, sizes: [64, 32, 10] }
  data: { kind: generated }
  estimator: { kind: centred, amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 }
  optimizer: { kind: adam, rate: 0.01 }
  dt: 10 us
  epochs: 1
vary:
  circuit.mismatch: [0, "5 %"]
  estimator.amplitude: { from: 0.1, to: 1, points: 3 }
chips: 2
measure: [accuracy]
spec: { accuracy: ">= 90 %" }
`;
const read = (text: string) => readStudy({ where: "s.yaml", text });

describe("a study file", () => {
  it("becomes points, a spec and a run", () => {
    const { study, plan, run } = read(TEXT);
    expect(plan.points.map(({ values }) => values)).toHaveLength(6);
    expect(study.spec).toEqual([{ measure: "accuracy", sign: ">=", bound: 0.9 }]);
    expect(withKnobs(run, plan.points[5].values, 9).config).toMatchObject({
      circuit: { topology: "nonideal", mismatch: "5 %" },
      estimator: { amplitude: 1 },
      seed: 9,
      chip: { seed: 9 },
      data: { seed: 1 },
    });
    expect(run.config.circuit).not.toHaveProperty("mismatch");
  });

  const CELLS = `choices:
  cell:
    exact: { circuit.mismatch: 0, dt: 5 us }
    real: { circuit.mismatch: 5 %, circuit.levels: 16 }
vary:
  cell: [exact, real]
`;
  const cells = (from = "", to = "") =>
    TEXT.replace('vary:\n  circuit.mismatch: [0, "5 %"]\n', CELLS).replace(from, to);

  it("turns sets of settings by name, alone or beside others", () => {
    const { plan, run } = read(cells());
    expect(plan.points).toHaveLength(6);
    expect(plan.points[0].values).toEqual({ cell: "exact", "estimator.amplitude": 0.1 });
    const [exact, real] = [plan.points[0], plan.points[5]].map(({ values }) => withKnobs(run, values).config);
    expect(exact).toMatchObject({ dt: "5 us", circuit: { mismatch: 0 }, estimator: { amplitude: 0.1 } });
    expect(real).toMatchObject({ dt: "10 us", circuit: { mismatch: "5 %", levels: 16 } });
    expect(real).not.toHaveProperty("cell");
  });

  it.each([
    ["a set that is not there", ["[exact, real]", "[exact, reel]"], "CONFIG-CHOICE", 14],
    [
      "a setting that the run does not take, at the set",
      ["circuit.levels", "circuit.level"],
      "CONFIG-KEY",
      12,
    ],
    ["a value that a setting does not take", ["levels: 16", "levels: -1"], "CONFIG-RANGE", 12],
    ["a choice that no knob makes", ["  cell: [exact, real]\n", ""], "CONFIG-KNOB", 11],
    ["a choice that is called as a setting", [/cell:/g, "epochs:"], "CONFIG-KNOB", 11],
    ["a setting that a knob turns, too", ["dt: 5 us", "estimator.amplitude: 1"], "CONFIG-KNOB", 15],
  ] as const)("refuses of sets %s", (_, [from, to], code, line) => {
    expect(faultIn(() => read(cells().replace(from, to)))).toMatchObject({ code, place: { line } });
  });

  it("reads files in the place of digits only where it says so", () => {
    const dataOf = (text: string, files: boolean) =>
      workOf(read(text), WHOLE, { files }).asked.run.config.data;
    const asked = TEXT.replace("kind: generated", "kind: generated, train: 30, test: 20, orFolder: true");
    expect(dataOf(asked, true)).toEqual({ kind: "folder", train: 30, test: 20 });
    expect(dataOf(asked, false)).toMatchObject({ kind: "generated", train: 30 });
    expect(dataOf(TEXT, true)).toMatchObject({ kind: "generated" });
  });

  it("takes the ends of a range in units", () => {
    const { plan } = read(
      TEXT.replace(
        "estimator.amplitude: { from: 0.1, to: 1, points: 3 }",
        "dt: { from: 5 us, to: 20 us, points: 3, scale: log }",
      ),
    );
    expect([...new Set(plan.points.map(({ values }) => values.dt))]).toEqual([5e-6, 1e-5, 2e-5]);
  });

  it.each([
    ["a knob that the run does not have", ["circuit.mismatch:", "circuit.mismatsch:"], "CONFIG-KEY", 10],
    ["a value out of range", ["to: 1,", "to: 1e9,"], "CONFIG-RANGE", 11],
    ["a seed as a knob", ['circuit.mismatch: [0, "5 %"]', "seed: [1, 2]"], "CONFIG-KNOB", 10],
    ["a way that leads nowhere", ["circuit.mismatch:", "dt.constructor.x:"], "CONFIG-KNOB", 10],
    [
      "a setting that two knobs turn",
      ["estimator.amplitude: {", "circuit.mismatch and estimator.amplitude: {"],
      "CONFIG-KNOB",
      11,
    ],
    ["a path below a number", ["circuit.mismatch:", "epochs.more:"], "CONFIG-KNOB", 10],
    [
      "a list's length, which would make it that long",
      ['circuit.mismatch: [0, "5 %"]', "circuit.sizes.length: [2, 4000000000]"],
      "CONFIG-KNOB",
      10,
    ],
    [
      "an entry that the list has not",
      ['circuit.mismatch: [0, "5 %"]', "circuit.sizes.7: [2, 4]"],
      "CONFIG-KNOB",
      10,
    ],
    ["an empty range", ["from: 0.1", "from: 2"], "STUDY-AXIS", 11],
    ["a grid of a range without points", [", points: 3", ""], "STUDY-AXIS", 11],
    ["a log scale from 0", ["from: 0.1, to: 1,", "from: 0, to: 1, scale: log,"], "STUDY-AXIS", 11],
    [
      "a range in two units",
      ["estimator.amplitude: { from: 0.1, to: 1, points: 3 }", "dt: { from: 10 us, to: 20 mV, points: 3 }"],
      "STUDY-AXIS",
      11,
    ],
    ["a value twice", ['[0, "5 %"]', "[0, 0]"], "STUDY-AXIS", 10],
    ["a spec that is no comparison", [">= 90 %", "good"], "STUDY-SPEC", 14],
    ["a spec of what is not measured", ["spec: { accuracy", "spec: { loss"], "STUDY-SPEC", 14],
    ["a measure that is not known", ["[accuracy]", "[acuracy]"], "CONFIG-CHOICE", 13],
    ["a study without a run", ["run:", "devices:"], "CONFIG-KEY", 2],
    ["too many trials", ["chips: 2", "chips: 100000"], "STUDY-SIZE", 1],
    [
      "no knob",
      [
        'vary:\n  circuit.mismatch: [0, "5 %"]\n  estimator.amplitude: { from: 0.1, to: 1, points: 3 }',
        "vary: {}",
      ],
      "STUDY-AXIS",
      9,
    ],
  ] as const)("with %s is refused at its line", (_, [old, changed], code, line) => {
    const text = TEXT.replace(old, changed);
    expect(text).not.toBe(TEXT);
    const { code: found, place } = faultIn(() => read(text));
    expect([found, place?.line]).toEqual([code, line]);
  });
});

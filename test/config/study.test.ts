/** Study files: read, checked against the run, refused at the line. */
import { describe, expect, it } from "vitest";
import { readStudy, withKnobs } from "../../src/config";
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

/**
 * The report of a study, whatever was varied and however: the question, the answer, the right pictures,
 * nothing from the network.
 */
import { describe, expect, it } from "vitest";
import { describePath } from "../../src/config";
import { studyReport, type StudyAbout } from "../../src/runs/studying/report";
import { figureFiles } from "../../src/plot/figure";
import { reportHtml } from "../../src/plot/report";
import type { Report } from "../../src/plot/report-types";
import {
  planOf,
  summaryOf,
  trialsOf,
  type Axis,
  type Sampling,
  type Study,
  type TrialResult,
} from "../../src/study";
import { readXml } from "../plot/well-formed";

const angle: Axis = { knob: "circuit.angle", kind: "list", values: [0, 30, 60, 90] };
const mismatch: Axis = { knob: "circuit.mismatch", kind: "list", values: [0, 0.1, 0.2] };
const dt: Axis = { knob: "dt", kind: "list", values: ["10 us", "20 us"] };
const range = (knob: string): Axis => ({ knob, kind: "range", from: 0, to: 1, scale: "linear" });

interface Asked extends Partial<Study> {
  readonly sampling?: Sampling;
  /** Chips whose number this divides fail. */
  readonly failing?: number;
}

/** A study whose chips lose accuracy with the angle, and a little with everything else. */
function report({ failing = Infinity, ...asked }: Asked): Report {
  const study: Study = {
    name: "toy",
    axes: [angle],
    sampling: { kind: "grid" },
    chips: 9,
    paired: false,
    measures: ["accuracy", "cosine"],
    spec: [{ measure: "accuracy", sign: ">=", bound: 0.6 }],
    seed: 1,
    ...asked,
  };
  const plan = planOf(study);
  const trials = trialsOf(study, plan);
  const results = new Map(
    trials.map(({ key, chip, values, seed }): [string, TrialResult] => {
      if (chip % failing === 0) return [key, { key, measures: {}, fault: "DYN-DIVERGED" }];
      const loss = Object.entries(values).reduce(
        (sum, [knob, value]) =>
          sum + (knob.endsWith("angle") ? Number(value) / 150 : Number.parseFloat(String(value)) / 1000),
        0,
      );
      const accuracy = Math.max(0, 0.95 - loss - (seed % 100) / 1000);
      return [
        key,
        { key, measures: { accuracy, cosine: accuracy, "cosine.l1": accuracy / 2, "cosine.output": 1 } },
      ];
    }),
  );
  const about: StudyAbout = {
    study,
    trials,
    results,
    engine: "auto",
    circuit: "toy, 3 neurons",
    ohmlet: "1.2.3",
    train: true,
    data: false,
    about: () => "what it is",
  };
  return studyReport(about, summaryOf(study, plan, trials, results));
}

const kinds = ({ figures }: Report): string[] => [...new Set(figures.map(({ kind }) => kind))].sort();
const titles = ({ figures }: Report): string[] => figures.map(({ title }) => title);
const plain = (text: string): string => text.replaceAll("\u00a0", " ");

const CASES: Readonly<Record<string, Asked>> = {
  "one knob": {},
  "a knob with units": { axes: [dt] },
  "two knobs": { axes: [angle, mismatch] },
  "three knobs": { axes: [angle, mismatch, dt] },
  "four knobs": { axes: [angle, mismatch, dt, { ...dt, knob: "epochs" }], sampling: { kind: "corners" } },
  "one at a time": { axes: [angle, mismatch], sampling: { kind: "one-at-a-time" } },
  sensitivity: {
    axes: [range("circuit.angle"), range("circuit.mismatch")],
    sampling: { kind: "sensitivity", points: 8 },
  },
  random: {
    axes: [range("circuit.angle"), range("circuit.mismatch")],
    sampling: { kind: "random", points: 20 },
  },
  "one chip": { chips: 1 },
  "no spec": { spec: [] },
  "failed chips": { failing: 2 },
  "nothing but failed chips": { failing: 1 },
};

describe("the report of a study", () => {
  it.each(Object.entries(CASES))("of %s is sound, and fetches nothing", (_, asked) => {
    const page = report(asked);
    const html = reportHtml(page);
    expect(html).not.toMatch(/https?:|url\(|@import|<script|<link|<iframe/i);
    expect(html).not.toMatch(/NaN|Infinity|undefined|null/);
    readXml(html);
    for (const { svg } of figureFiles(page.figures)) {
      readXml(svg);
      expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script/);
    }
    expect(page.summary).toMatch(/\.$/);
    expect(page.headline.length).toBeGreaterThan(0);
  });

  it("puts the question on top and answers it in words and figures", () => {
    const html = plain(reportHtml(report({ question: "How much asymmetry?" })));
    expect(html.indexOf("<h1>How much asymmetry?</h1>")).toBeGreaterThan(0);
    const { summary, headline } = report({ question: "How much asymmetry?" });
    expect(plain(summary)).toBe(
      "100 % of chips keep accuracy ≥ 60 % at 2 of 4 points (95 % interval 70 to 100 %), with the " +
        "best mean, 90.1 %, at angle 0; fewest, 0 %, at angle 90. Half of the chips or more do up to " +
        "angle 30.",
    );
    expect(headline.map(({ label }) => plain(label))).toEqual([
      "chips trained and measured",
      "highest yield: accuracy ≥ 60 %",
      "mean test accuracy there",
    ]);
  });

  it("says which knob matters, first of all where that was the question", () => {
    for (const name of ["one at a time", "sensitivity"])
      expect(report(CASES[name]).summary).toMatch(/^Of the knobs, angle (moves|matters)/);
    expect(report(CASES["two knobs"]).summary).toMatch(
      /Of the knobs, angle moves the test accuracy most.*mismatch least/,
    );
  });

  it("draws what the sampling calls for", () => {
    expect(kinds(report({}))).toEqual(["curves", "histogram"]);
    expect(titles(report({}))).toEqual(
      expect.arrayContaining(["Yield by angle", "Test accuracy by angle", "Alignment by layer over angle"]),
    );
    expect(kinds(report(CASES["two knobs"]))).toEqual(["curves", "heat map", "histogram"]);
    expect(kinds(report(CASES["one at a time"]))).toContain("tornado");
    expect(kinds(report(CASES.sensitivity))).toContain("ranking");
    expect(titles(report(CASES.random))).toContain("Yield by mismatch");
    const [first] = report({ axes: [dt] }).figures;
    expect(first).toMatchObject({ kind: "curves", xNames: ["10 us", "20 us"] });
  });

  it("draws maps of a third knob on one scale of colours", () => {
    const ranges = report(CASES["three knobs"]).figures.flatMap((figure) =>
      figure.kind === "heat map" && figure.title.startsWith("Test") ? [figure.range] : [],
    );
    expect(ranges).toHaveLength(2);
    expect(ranges[0]).toEqual(ranges[1]);
  });

  it("names chips worth another look, with the command that shows each", () => {
    const [table] = report({ failing: 2 }).tables ?? [];
    expect(table.rows.map(([which]) => which)).toEqual([
      "the best chip",
      "the worst chip at the best point",
      "the worst chip",
      "a chip that failed",
    ]);
    for (const row of table.rows)
      expect(row[row.length - 1]).toMatch(/^ohmlet study study.yaml --trial \d+\/\d+$/);
    expect(report({ failing: 2 }).notes[0].text).toContain("16 of 36 chips failed (16 with DYN-DIVERGED)");
  });

  it("shows hostile names and runs none", () => {
    const hostile = `<script>alert(1)</script>"'&</style>`;
    const page = report({
      name: hostile,
      question: hostile,
      axes: [{ ...angle, knob: `circuit.${hostile}` }],
    });
    expect(reportHtml(page)).not.toMatch(/<script|<\/style>"/);
    for (const { name } of figureFiles(page.figures)) expect(name).toMatch(/^[a-z0-9-]+\.svg$/);
  });
});

describe("what a setting is", () => {
  it("comes from the schema, of the alternative that the run has", () => {
    const run = { circuit: { topology: "nonideal" }, estimator: { kind: "centred" } };
    expect(describePath("run", "circuit.angle", run)).toContain("degrees");
    expect(describePath("run", "estimator.amplitude", run)).toContain("unit drive");
    expect(describePath("run", "dt", run)).toContain("time step");
    for (const nowhere of ["", "circuit.nothing", "__proto__.x", "dt.x"])
      expect(describePath("run", nowhere, run)).toBeUndefined();
  });
});

/** What is written once for all experiments: parts that are kept, resumed and refused; lines, rules, a report. */
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { OhmletError } from "../../src/errors";
import { conduct, type Conducting, type ReproductionEnd } from "../../src/reproduce";
import { defineExperiment, type Bench } from "../../src/reproduce/experiment";
import { errorCurves } from "../../src/reproduce/experiments/trainings";
import { atMost, between, notJudged, withinSpreads } from "../../src/reproduce/rules";
import { listenerOf } from "../../src/runs/listener";
import { ohmlet } from "../cli/run";
import { writeDigits } from "./short";

const root = mkdtempSync(join(tmpdir(), "ohmlet-conduct-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const fresh = (): string => join(root, `folder-${++folders}`);

const ran: string[] = [];
let meet: (what: string, bench: Bench) => void = () => {};
afterEach(() => {
  ran.length = 0;
  meet = () => {};
});

interface Settings {
  readonly scale: number;
}

const made = defineExperiment<Settings>({
  name: "made-up",
  title: "Is a number what it is?",
  paper: "Nobody 1900",
  figure: "Table 9",
  data: { set: "mnist", generated: true, shape: [28, 28, 1] },
  engine: "reference",
  budgets: {
    quick: { settings: { scale: 1 }, seeds: 2, differs: ["it is shorter"] },
    paper: { settings: { scale: 2 }, seeds: 3, differs: [] },
  },
  parts: ({ scale }) =>
    ["one", "two"].map((name) => ({
      name,
      weight: 1,
      async run(bench) {
        meet(`${name} ${bench.seed}`, bench);
        ran.push(`${name} ${bench.seed}`);
        return {
          values: { x: scale * bench.seed + (name === "two" ? 0.5 : 0) },
          curves: { y: [1, Number.NaN] },
          unsettled: bench.seed / 10,
        };
      },
    })),
  quantities: () => [
    {
      name: "x",
      paper: 1.4,
      paperSpread: 0.1,
      source: "Table 9",
      from: ["one"],
      of: ({ values }) => values.x,
      rule: withinSpreads(2),
    },
    {
      name: "gap",
      unit: "%",
      paper: null,
      source: "figure image",
      from: ["one", "two"],
      of: (a, b) => b.values.x! - a.values.x!,
      rule: between(0.4, 0.6),
    },
    {
      name: "told",
      paper: null,
      source: "figure image",
      from: ["two"],
      of: ({ values }) => values.x,
      rule: notJudged("no reason"),
    },
  ],
  figures: (found) => [
    {
      kind: "curves",
      title: "y",
      caption: "",
      xLabel: "k",
      yLabel: "y",
      series: [{ name: "y", x: [0, 1], y: found("one")[0].curves!.y }],
    },
  ],
});

const asked = (out: string, more: Partial<Conducting> = {}): Conducting => ({
  budget: "quick",
  seed: 1,
  out,
  command: "ohmlet reproduce made-up",
  ...more,
});

describe("conducting an experiment", () => {
  it("gives a line a quantity, with the paper's number, the rule and what to be wary of", async () => {
    const out = fresh();
    const { lines, outcome, failed } = await conduct(made, asked(out), listenerOf());
    expect([outcome, failed, ran]).toEqual(["done", 0, ["one 1", "two 1", "one 2", "two 2"]]);
    expect(lines[0]).toEqual({
      experiment: "made-up",
      quantity: "x",
      unit: null,
      paper: 1.4,
      paper_spread: 0.1,
      source: "Table 9",
      ours: 1.5,
      ours_spread: Math.SQRT1_2,
      agrees: true,
      rule: "within 2 of the paper's standard deviations of its mean",
      seconds: expect.any(Number) as number,
      seed: 1,
      seeds: 2,
      engine: "reference",
      budget: "quick",
      unsettled: 0.2,
      aliasing: null,
      cautions: [],
    });
    expect(lines.map(({ ours, agrees }) => [ours, agrees])).toEqual([
      [1.5, true],
      [0.5, true],
      [2, null],
    ]);
    const kept = readFileSync(join(out, "quantities.jsonl"), "utf8").trim().split("\n");
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual(lines);
    const page = readFileSync(join(out, "report.html"), "utf8");
    for (const text of [
      "Is a number what it is?",
      "it is shorter",
      "20 % of nudged phases unsettled",
      "figure image",
    ])
      expect(page).toContain(text);
  });

  it("goes on where it was stopped or killed, and runs nothing twice", async () => {
    const out = fresh();
    const stop = { aborted: false };
    meet = (what) => void (stop.aborted = what === "two 1");
    const first = await conduct(made, asked(out), listenerOf({}, stop));
    expect([first.outcome, first.lines[0].agrees]).toEqual(["interrupted", null]);
    expect(existsSync(join(out, "quantities.jsonl"))).toBe(false);
    meet = () => {};
    // A kill amid a write leaves half a line.
    appendFileSync(join(out, "journal.jsonl"), '{"part":"one","seed":2,"sec');
    const before = [...ran];
    const { lines, outcome } = await conduct(made, asked(out), listenerOf());
    expect([outcome, before, ran.slice(before.length)]).toEqual([
      "done",
      ["one 1", "two 1"],
      ["one 2", "two 2"],
    ]);
    const whole = await conduct(made, asked(fresh()), listenerOf());
    const timeless = (all: typeof lines) => all.map((line) => ({ ...line, seconds: 0 }));
    expect(timeless(lines)).toEqual(timeless(whole.lines));
  });

  it("says what ran away, keeps it, and does not say that it agrees", async () => {
    const out = fresh();
    meet = (what) => {
      if (what === "one 2")
        throw new OhmletError({ code: "DYN-DIVERGED", fact: "a state ran away", category: "run" });
    };
    const { lines, failed } = await conduct(made, asked(out), listenerOf());
    expect(failed).toBe(1);
    expect(lines[0]).toMatchObject({
      ours: 1,
      seeds: 1,
      agrees: false,
      cautions: ["DYN-DIVERGED  one, seed 2: a state ran away"],
    });
    expect(lines[2]).toMatchObject({ agrees: null, cautions: [] });
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("a state ran away");
    meet = () => {};
    const again = await conduct(made, asked(out), listenerOf());
    expect([again.failed, again.lines]).toEqual([1, lines]);
  });

  it("throws what is wrong with the input, or a bug, and keeps nothing of it", async () => {
    const out = fresh();
    meet = () => {
      throw new TypeError("a bug");
    };
    await expect(conduct(made, asked(out), listenerOf())).rejects.toThrow("a bug");
    meet = () => {};
    expect((await conduct(made, asked(out), listenerOf())).failed).toBe(0);
  });

  it("refuses a folder of something else, of other settings, and a journal that does not fit", async () => {
    const out = fresh();
    await conduct(made, asked(out), listenerOf());
    const refused = (code: string, more: Partial<Conducting>, fact: RegExp) =>
      expect(conduct(made, asked(out, more), listenerOf())).rejects.toMatchObject({
        code,
        fact: expect.stringMatching(fact) as string,
        remedy: expect.stringContaining("--out") as string,
      });
    await refused("REPRODUCE-CHANGED", { seed: 2 }, /seed 1, not 2/);
    await refused("REPRODUCE-CHANGED", { budget: "paper" }, /budget quick, not paper/);
    await refused("REPRODUCE-CHANGED", { engine: "simd" }, /engine reference, not simd/);
    await refused("REPRODUCE-CHANGED", { data: writeDigits(fresh()) }, /data/);
    await refused(
      "REPRODUCE-CHANGED",
      { planned: made.planWith({ settings: { scale: 3 }, seeds: 2, differs: [] }) },
      /other settings/,
    );
    await refused("REPRODUCE-FOLDER", { out: root }, /no reproduction.json/);
    writeFileSync(
      join(out, "journal.jsonl"),
      '{"part":"three","seed":1,"seconds":1,"engine":"x","finding":{"values":{}}}\n',
    );
    await expect(conduct(made, asked(out), listenerOf())).rejects.toMatchObject({
      code: "REPRODUCE-JOURNAL",
    });
    writeFileSync(join(out, "journal.jsonl"), "nonsense\n");
    await expect(conduct(made, asked(out), listenerOf())).rejects.toMatchObject({
      code: "REPRODUCE-JOURNAL",
    });
  });

  it("has rules that say what they ask", () => {
    const judged = { ours: 3, spread: null, paper: 2, paperSpread: 0.4 };
    expect(withinSpreads(2).agrees(judged)).toBe(false);
    expect(withinSpreads(3).agrees(judged)).toBe(true);
    expect(withinSpreads(3).agrees({ ...judged, paper: null })).toBeNull();
    expect([atMost(3).agrees(judged), atMost(2.9).agrees(judged)]).toEqual([true, false]);
    expect(between(1, 2, "why").says).toBe("between 1 and 2 (why)");
  });
});

/** One training; `field` says whether its states stay. */
const trainingOf = (field: string) =>
  defineExperiment<null>({
    name: "made-up-training",
    title: "Does it train?",
    paper: "Nobody 1900",
    figure: "Table 9",
    data: { set: "mnist", generated: true, shape: [28, 28, 1] },
    engine: "simd",
    budgets: {
      quick: { settings: null, seeds: 1, differs: [] },
      paper: { settings: null, seeds: 1, differs: [] },
    },
    parts: () => [
      {
        name: "a cell",
        weight: 1,
        run: async (bench) =>
          errorCurves(
            await bench.train("a cell", {
              circuit: {
                topology: "layered",
                sizes: [784, 10],
                neuron: { name: "n", equations: `du/dt = ${field} + I + I_nudge\nrho = u` },
                synapse: "ideal",
              },
              data: { kind: "generated", size: 28, train: 40, test: 20 },
              estimator: { kind: "one-sided", amplitude: 0.1, freeSteps: 60, nudgedSteps: 6 },
              dt: 0.2,
              optimizer: { kind: "sgd", rate: 0.01 },
              epochs: 3,
              probe: 0,
            }),
          ),
      },
    ],
    quantities: () => [
      {
        name: "error",
        paper: 50,
        source: "Table 9",
        from: ["a cell"],
        of: ({ values }) => values.error,
        rule: atMost(100),
      },
    ],
  });

describe("trainings of an experiment", () => {
  const linesWithout = ({ lines }: ReproductionEnd) => lines.map((line) => ({ ...line, seconds: 0 }));

  it("go on from a checkpoint to the numbers of one that was never stopped; what is unsettled is told", async () => {
    const experiment = trainingOf("-u");
    const out = fresh();
    const stop = { aborted: false };
    const told: string[] = [];
    const progress = () => ({
      update: (_: number, text: string) => {
        told.push(text);
        if (text.includes("epoch 2 of 3, batch 1")) stop.aborted = true;
      },
      end: () => {},
    });
    const first = await conduct(experiment, asked(out), listenerOf({ progress }, stop));
    expect([first.outcome, told.some((text) => text.startsWith("a cell, seed 1: epoch 2 of 3"))]).toEqual([
      "interrupted",
      true,
    ]);
    const second = await conduct(experiment, asked(out), listenerOf());
    const whole = await conduct(experiment, asked(fresh()), listenerOf());
    expect([second.outcome, linesWithout(second)]).toEqual(["done", linesWithout(whole)]);
    // Six steps of a fifth of a time constant: no nudge has settled by then.
    expect(second.lines[0].unsettled).toBe(1);
    expect(readdirSync(join(out, "trainings"))).toEqual(["a-cell-seed1"]);
  });

  it("that diverge say so, are kept, and are not run again", async () => {
    const out = fresh();
    const end = await conduct(trainingOf("u^2 + 1"), asked(out), listenerOf());
    expect([end.failed, end.lines[0].ours, end.lines[0].agrees]).toEqual([1, null, false]);
    expect(end.lines[0].cautions).toEqual([expect.stringMatching(/^DYN-DIVERGED {2}a cell, seed 1: /)]);
    const record = readFileSync(join(out, "trainings", "a-cell-seed1", "run.json"), "utf8");
    expect(JSON.parse(record)).toMatchObject({ outcome: "failed", error: { code: "DYN-DIVERGED" } });
    expect((await conduct(trainingOf("u^2 + 1"), asked(out), listenerOf())).lines).toEqual(end.lines);
  });
});

describe("ohmlet reproduce", () => {
  it("lists what runs", async () => {
    const { code, out } = await ohmlet("reproduce", "list");
    expect(code).toBe(0);
    expect(out).toMatch(/ernoult-theorem +Ernoult et al. 2019, Table 3/);
    const lines = (await ohmlet("reproduce", "list", "--json")).out.trim().split("\n");
    expect(JSON.parse(lines[0])).toMatchObject({ name: "ernoult-theorem", data: "mnist", generated: true });
  });

  it("refuses names, budgets, data and options that do nothing", async () => {
    const code = async (...words: string[]): Promise<string> =>
      (await ohmlet("reproduce", ...words)).err.split(" ")[0];
    expect(await code("ernoult-theorm")).toBe("CLI-NAME");
    expect(await code("laborieux-bias", "--budget", "large")).toBe("CLI-CHOICE");
    expect(await code("list", "--seed", "2")).toBe("CLI-IDLE");
    expect(await code("scellier-mnist")).toBe("REPRODUCE-DATA");
    expect(await code("scellier-mnist", "--data", join(root, "nowhere"))).toBe("DATA-FOLDER");
    writeFileSync(join(root, "train.csv"), "0,1,0,1,0\n1,0,1,0,1\n");
    writeFileSync(join(root, "test.csv"), "0,1,0,1,0\n1,0,1,0,1\n");
    expect(await code("laborieux-bias", "--data", root, "--out", fresh())).not.toBe("");
  });
});

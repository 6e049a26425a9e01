/** What `ohmlet/runs` returns prints itself; wrong arguments are refused by name, and remedies speak to programs. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OhmletError } from "../../src";
import * as runs from "../../src/runs";

const root = mkdtempSync(join(tmpdir(), "ohmlet-printed-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [first, second, study] = ["first", "second", "study"].map((name) => join(root, name));

const RUN = {
  circuit: { topology: "nonideal", sizes: [64, 6, 10] },
  data: { kind: "generated", train: 20, test: 20 },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 },
  optimizer: { kind: "adam", rate: 0.01 },
  dt: "10 us",
  epochs: 1,
  engine: "reference",
} as const;
const STUDY = { name: "angles", run: RUN, vary: { "circuit.angle": [0, 90] } };

beforeAll(async () => {
  await runs.trainInto(first, RUN);
  await runs.trainInto(second, { ...RUN, seed: 2 });
  await runs.studyInto(study, STUDY, { workers: 1 });
});

const NOTEBOOK = Symbol.for("Jupyter.display");
function printed(thing: object): string {
  const text = String(thing);
  expect(inspect(thing)).toBe(text);
  expect((thing as Record<symbol, () => unknown>)[NOTEBOOK]()).toEqual({ "text/plain": text });
  expect(text).not.toMatch(/\[object|undefined|NaN/);
  return text;
}

describe("what a person reads", () => {
  it("of a run: where it is, how it ended, what learned what, and how well", async () => {
    const run = await runs.openRun(first);
    const text = printed(run);
    expect(text).toContain(`run ${first}: done after 1 of 1 epoch\n`);
    expect(text).toMatch(/chip +nonideal-64-6-10[^]*20 samples to train, 20 to test[^]*on reference/);
    expect(text).toMatch(/best test +[\d.]+ % at epoch 1/);
    expect(printed(run.report())).toMatch(/^report "[^]*reportHtml makes a page of it\n[^]*test accuracy/);
  });

  it("of a comparison, and of each of its runs", async () => {
    const comparison = await runs.compareRuns([first, second]);
    expect(printed(comparison)).toMatch(
      /^comparison of 2 runs\n[^]*first +done[^]*they differ in\n[^]* seed +1 +2/,
    );
    expect(printed(comparison.runs[0])).toMatch(/^run .*first, compared as first\n[^]*outcome +done/);
    expect(printed(comparison.report("x"))).toContain("What sets 2 runs apart?");
  });

  it("of a study, and of its summary", async () => {
    const opened = await runs.openStudy(study);
    expect(printed(opened)).toMatch(
      /^study .*: angles, complete, 2 trials\ncircuit.angle +chips +accuracy\n0 /,
    );
    expect(printed(opened.summary())).toMatch(/^summary of angles: 2 points, 2 trials\n/);
    expect(printed(opened.report())).toContain("report ");
  });
});

describe("a wrong argument", () => {
  const odd = (value: unknown): never => value as never;
  it.each(
    [undefined, null, 3, {}].flatMap((value) =>
      (
        [
          ["openRun", () => runs.openRun(odd(value))],
          ["resumeRun", () => runs.resumeRun(odd(value))],
          ["openStudy", () => runs.openStudy(odd(value))],
          ["rebuildReport", () => runs.rebuildReport(odd(value))],
          ["trainInto", () => runs.trainInto(odd(value), RUN)],
          ["studyInto", () => runs.studyInto(odd(value), STUDY)],
          ["compareRuns", () => runs.compareRuns(odd(value))],
          ["compareRuns", () => runs.compareRuns([first, odd(value)])],
        ] as const
      ).map(([name, call]) => [name, value, call] as const),
    ),
  )("of %s, %j, is refused by name", async (name, _, call) => {
    const error = await refused(call());
    expect(error).toMatchObject({ code: "OPTION-VALUE", place: { where: name } });
    expect(error.remedy).toMatch(/^write {2}/);
  });

  it.each([undefined, null, 3, []])("in the place of a config, %j, is refused, too", async (value) => {
    for (const call of [runs.trainInto, runs.studyInto]) {
      const error = await refused(call(join(root, "none"), odd(value)));
      expect(error).toMatchObject({ code: "OPTION-VALUE", place: { where: call.name } });
      expect(error.remedy).toContain(
        "the path of a .yaml or .json file, its text, or the same as plain data",
      );
    }
  });
});

describe("a remedy", () => {
  it("says what a program calls", async () => {
    mkdirSync(join(root, "empty"));
    const said = async (work: Promise<unknown>): Promise<string> => String((await refused(work)).remedy);
    expect(await said(runs.openRun(join(root, "empty")))).toContain("trainInto");
    expect(await said(runs.openStudy(join(root, "empty")))).toContain("studyInto");
    expect(await said(runs.resumeRun(first))).toContain("trainInto");
    expect(await said(runs.studyInto(study, { ...STUDY, chips: 2 }))).toContain("studyInto");
    const begun = join(root, "begun");
    const signal = { aborted: false };
    await runs
      .trainInto(begun, RUN, { signal, listener: { print: () => (signal.aborted = true) } })
      .catch(() => null);
    const empty = await refused((async () => (await runs.openRun(begun)).report())());
    expect(empty.remedy).toContain(`resumeRun(${JSON.stringify(begun)})`);
  });

  it("of data that nothing reads is that of a program", async () => {
    const error = await refused(runs.studyInto(join(root, "none"), STUDY, { data: "x" }));
    expect(error).toMatchObject({ code: "OPTION-VALUE", place: { where: "studyInto, data" } });
    const again = await refused(runs.rebuildReport(first, { data: "x" }));
    expect(again).toMatchObject({ code: "OPTION-VALUE", place: { where: "rebuildReport, data" } });
  });
});

async function refused(work: Promise<unknown>): Promise<OhmletError> {
  const error: unknown = await work.then(
    () => expect.fail("nothing was refused"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OhmletError);
  return error as OhmletError;
}

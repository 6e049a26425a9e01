/** Studies in folders from a program. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStudy, rebuildReport, studyInto } from "../../src/runs";
import { experimentOfTask } from "../../src/runs/studying/experiment-of-task";
import type { Executor } from "../../src/study";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-studies-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => join(root, name);

const STUDY = {
  name: "tiny",
  run: {
    circuit: { topology: "nonideal", sizes: [64, 4, 10] },
    data: { kind: "generated", train: 20, test: 20 },
    estimator: { kind: "centred", amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 },
    optimizer: { kind: "adam", rate: 0.01 },
    dt: "10 us",
    epochs: 1,
    engine: "reference",
  },
  vary: { "circuit.mismatch": [0, 0.1] },
  chips: 5,
} as const;

/** Does the jobs in this process, and stops when it is told to. */
const inThisProcess: Executor = {
  name: "here",
  async run(task, jobs, done, signal) {
    const experiment = experimentOfTask(task);
    for (const { id, trials } of jobs) {
      if (signal?.aborted === true) return;
      await done({ id, results: await experiment(trials), seconds: 0, worker: "here" });
    }
  },
};

describe("studyInto", () => {
  it("stops when the signal says so, and goes on in the folder to the same bytes as in one piece", async () => {
    const whole = await studyInto(at("whole"), STUDY, { executor: inThisProcess });
    expect(whole).toMatchObject({ path: at("whole"), complete: true, config: { name: "tiny", chips: 5 } });
    expect(whole.trials).toHaveLength(10);
    expect(whole.trials[0]).toMatchObject({ point: 0, chip: 1, values: { "circuit.mismatch": 0 } });
    expect(whole.summary().points).toHaveLength(2);

    const stop = new AbortController();
    const stopping: Executor = {
      name: "here",
      run: (task, jobs, done, signal) =>
        inThisProcess.run(
          task,
          jobs,
          async (result) => {
            await done(result);
            stop.abort();
          },
          signal,
        ),
    };
    const half = await studyInto(at("half"), STUDY, { executor: stopping, signal: stop.signal });
    expect(half.complete).toBe(false);
    expect(half.trials.length).toBeGreaterThan(0);
    const heard: string[] = [];
    await studyInto(at("half"), STUDY, {
      executor: inThisProcess,
      listener: { note: (...lines) => void heard.push(...lines) },
    });
    expect(heard[0]).toBe(`${half.trials.length} of 10 trials are known already`);
    for (const file of ["results.csv", "summary.json", "study.json", "report.html"])
      expect(readFileSync(join(at("half"), file))).toEqual(readFileSync(join(at("whole"), file)));
  });

  it("is told of by its folder alone", async () => {
    const { trials, summary, report } = await openStudy(at("whole"));
    expect(trials.map(({ key }) => key)).toHaveLength(new Set(trials.map(({ key }) => key)).size);
    expect(summary().trials).toBe(10);
    expect(report().title).toContain("tiny");
    expect(await rebuildReport(at("whole"))).toBe(join(at("whole"), "report.html"));
  });

  it.runIf(LONG)("works in processes of this machine, to the same results", async () => {
    const processes = await studyInto(at("processes"), STUDY, { workers: 1 });
    expect(processes.trials).toEqual((await openStudy(at("whole"))).trials);
  });

  it("before anything is known has nothing to tell", async () => {
    const study = await studyInto(at("none"), STUDY, {
      executor: { name: "idle", run: () => Promise.resolve() },
    });
    expect(study).toMatchObject({ trials: [], complete: false });
    expect(() => study.summary()).toThrow("RUN-EMPTY");
    expect(() => study.report()).toThrow("RUN-EMPTY");
  });
});

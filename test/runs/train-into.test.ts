/** Trainings in folders from a program: the same files as the command line's, without a terminal. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ErrorDetails, OhmletError } from "../../src/errors";
import { reportHtml } from "../../src/plot";
import {
  compareRuns,
  openRun,
  rebuildReport,
  resumeRun,
  studyInto,
  trainInto,
  type RunConfig,
} from "../../src/runs";
import { ohmlet } from "../cli/run";

const root = mkdtempSync(join(tmpdir(), "ohmlet-runs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => join(root, name);

const RUN = {
  circuit: { topology: "nonideal", sizes: [64, 6, 10] },
  data: { kind: "generated", train: 60, test: 20 },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 },
  optimizer: { kind: "adam", rate: 0.01 },
  dt: "10 us",
  epochs: 2,
  engine: "reference",
} as const;

const faultOf = (work: Promise<unknown>): Promise<ErrorDetails> =>
  work.then(
    () => expect.fail("nothing was refused"),
    (error: unknown) => (error as OhmletError).toJSON(),
  );
const bytes = (folder: string, file: string): string => readFileSync(join(folder, file), "latin1");
const configOf = (folder: string): string => bytes(folder, "config.yaml");

describe("trainInto", () => {
  it("trains into the folder that is named, and gives the run with its chip and its curves", async () => {
    const epochs: number[] = [];
    const run = await trainInto(at("first"), RUN, { onEpoch: ({ epoch }) => void epochs.push(epoch) });
    expect(epochs).toEqual([1, 2]);
    expect(run).toMatchObject({ path: at("first"), outcome: "done", trained: true });
    expect(run.curves.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(run.curves.map((row) => row.test_accuracy)).toEqual(run.epochs.map(({ accuracy }) => accuracy));
    expect(run.config.optimizer).toMatchObject({ kind: "adam", rate: 0.01 });
    expect(run.about.command).toMatch(/^node /);
    expect(readFileSync(join(at("first"), "report.html"), "utf8")).toContain(run.report().summary);
    const fresh = await openRun(at("first"));
    expect(fresh.chip.weights("input-l1").weights).toEqual(run.chip.weights("input-l1").weights);
    const made = run.chip.circuit.fabricate({ seed: run.chip.seed });
    expect(run.chip.weights("input-l1").weights).not.toEqual(made.weights("input-l1").weights);
  });

  it("reports the chip that it keeps: an opened run draws the same page, of a leaking chip too", async () => {
    const circuit = { ...RUN.circuit, retention: "10 ms" } as const;
    const run = await trainInto(at("leaking"), { ...RUN, circuit });
    const page = reportHtml(run.report());
    expect(page).toContain("<svg");
    expect(bytes(at("leaking"), "report.html")).toBe(Buffer.from(page).toString("latin1"));
  });

  it("writes what `ohmlet train` writes of the same config, whether it is a file, a text or data", async () => {
    const text = JSON.stringify(RUN);
    writeFileSync(at("run.json"), text);
    await ohmlet("train", at("run.json"), "--out", at("typed"));
    const typed = join(at("typed"), readdirSync(at("typed"))[0]);
    await trainInto(at("by-path"), at("run.json"));
    await trainInto(at("deep/by-text"), text);
    for (const folder of [at("by-path"), at("deep/by-text"), at("first")]) {
      expect(configOf(folder)).toBe(configOf(typed));
      expect(bytes(folder, "weights.npz")).toBe(bytes(typed, "weights.npz"));
      expect(readdirSync(folder).sort()).toEqual(readdirSync(typed).sort());
    }
  });

  it("tells a listener what the command line prints, and nobody else anything", async () => {
    const heard: string[] = [];
    let [shown, ends] = [0, 0];
    await trainInto(at("heard"), RUN, {
      listener: {
        print: (...lines) => void heard.push(...lines),
        warn: (...cautions) => void heard.push(...cautions.map(({ code }) => code)),
        progress: () => ({ update: (done) => void (shown = Math.max(shown, done)), end: () => void ends++ }),
      },
    });
    expect(heard[1]).toMatch(/^nonideal.* 60 training and 20 test samples, centred nudges, reference$/);
    expect(heard.filter((line) => /^epoch [12]\/2 {2}test/.test(line))).toHaveLength(2);
    expect(heard).toContain(join(at("heard"), "report.html"));
    const { warnings } = (await openRun(at("heard"))).epochs[1];
    expect(heard.filter((line) => /^[A-Z]+-[A-Z]+$/.test(line))).toEqual(warnings.map(({ code }) => code));
    expect([shown, ends]).toEqual([1, 1]);
  });

  it("stops when the signal says so, and goes on to the same numbers", async () => {
    const stop = new AbortController();
    const notes: string[] = [];
    const half = await trainInto(at("stopped"), RUN, {
      signal: stop.signal,
      onEpoch: () => stop.abort(),
      listener: { note: (...lines) => void notes.push(...lines) },
    });
    expect(half).toMatchObject({ outcome: "interrupted", epochs: [{ epoch: 1 }] });
    expect(notes).toEqual([`to go on:  ohmlet resume ${at("stopped")}`]);
    const epochs: number[] = [];
    const whole = await resumeRun(at("stopped"), { onEpoch: ({ epoch }) => void epochs.push(epoch) });
    expect(whole.outcome).toBe("done");
    expect(epochs).toEqual([2]);
    expect(bytes(at("stopped"), "weights.npz")).toBe(bytes(at("first"), "weights.npz"));
    expect((await faultOf(resumeRun(at("stopped")))).code).toBe("RUN-COMPLETE");
  });

  it("stops at a word of whoever is no AbortSignal, before the first epoch too", async () => {
    const signal = { aborted: false };
    const listener = { print: () => void (signal.aborted = true) }; // the data, before the first batch
    const run = await trainInto(at("never"), RUN, { signal, listener });
    expect(run).toMatchObject({ outcome: "interrupted", epochs: [], curves: [], trained: false });
    expect(() => run.report()).toThrow("RUN-EMPTY");
    expect((await faultOf(rebuildReport(at("never")))).code).toBe("RUN-EMPTY");
  });

  it("makes no folder where the signal has aborted before", async () => {
    const signal = AbortSignal.abort();
    const study = { name: "s", run: RUN, vary: { "circuit.angle": [0, 20] } };
    for (const work of [trainInto(at("late"), RUN, { signal }), studyInto(at("late"), study, { signal })]) {
      expect(await faultOf(work)).toMatchObject({ code: "RUN-STOPPED", category: "run" });
      expect(existsSync(at("late"))).toBe(false);
    }
  });

  it("lets a fault of onEpoch end the run, which says so and can be resumed", async () => {
    const broken = trainInto(at("broken"), RUN, {
      onEpoch: () => {
        throw new Error("enough");
      },
    });
    await expect(broken).rejects.toThrow("enough");
    expect((await openRun(at("broken"))).outcome).toBe("failed");
    expect((await resumeRun(at("broken"))).outcome).toBe("done");
    expect(bytes(at("broken"), "weights.npz")).toBe(bytes(at("first"), "weights.npz"));
  });

  it("never writes over what is there", async () => {
    mkdirSync(at("empty"));
    for (const name of ["first", "empty", "run.json"]) {
      const before = readdirSync(root).sort();
      expect(await faultOf(trainInto(at(name), RUN))).toMatchObject({
        code: "RUN-EXISTS",
        place: { where: at(name) },
      });
      expect(readdirSync(root).sort()).toEqual(before);
    }
  });

  it("refuses data that nothing reads, and asks for those that nobody named, before anything is made", async () => {
    expect(await faultOf(trainInto(at("none"), RUN, { data: root }))).toMatchObject({ code: "OPTION-VALUE" });
    const onFiles: RunConfig = { ...RUN, data: { kind: "folder" } };
    expect(await faultOf(trainInto(at("none"), onFiles))).toMatchObject({
      code: "CONFIG-DATA",
      remedy: 'give their folder as an option:  { data: "FOLDER" }',
    });
    expect((await faultOf(trainInto(at("none"), "epochs: [")))?.code).toMatch(/^CONFIG-/);
    expect(existsSync(at("none"))).toBe(false);
  });
});

describe("a run's folder", () => {
  it("without weights gives the chip as it was fabricated", async () => {
    const run = await trainInto(at("weightless"), { ...RUN, outputs: { weights: false, report: false } });
    const made = run.chip.circuit.fabricate({ seed: run.chip.seed });
    expect(run.trained).toBe(false);
    expect(run.chip.weights("input-l1").weights).toEqual(made.weights("input-l1").weights);
    const page = await rebuildReport(at("weightless"));
    expect(bytes(at("weightless"), "report.html")).toBe(readFileSync(page, "latin1"));
  });

  it("stands beside others", async () => {
    await trainInto(at("other"), { ...RUN, seed: 2 });
    const { runs, differences, report } = await compareRuns([at("first"), at("other")]);
    expect(runs.map(({ label }) => label)).toEqual(["first", "other"]);
    expect(differences.map(({ path }) => path)).toEqual(expect.arrayContaining(["seed"]));
    expect(report("").question).toBe("What sets 2 runs apart?");
  });
});

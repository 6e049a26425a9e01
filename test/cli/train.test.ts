/** `ohmlet train` and `ohmlet settle` as a user runs them: what they print, what they write, how they end. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readNpz } from "../../src/io/npz";
import { ohmlet, ohmletProcess } from "./run";
import { LONG } from "../long";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-train-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SMALL = [
  "--train",
  "100",
  "--test",
  "60",
  "--sizes",
  "64",
  "12",
  "10",
  "--epochs",
  "2",
  "--probe",
  "4",
];

describe("ohmlet train", () => {
  it("trains by default on the simd engine, and writes a run folder that tells all", async () => {
    const { code, out, err } = await ohmletProcess("train", ...SMALL, "--seed", "5", "--out", folder);
    expect(err).toMatch(/^reading data and fabricating the chip …\n/);
    expect(code).toBe(0);
    expect(out).toMatch(/epoch 2\/2 {2}test [\d.]+ %/);
    const [name] = readdirSync(folder);
    const read = (file: string): string => readFileSync(join(folder, name, file), "utf8");
    const run = JSON.parse(read("run.json"));
    expect(run).toMatchObject({
      ohmlet: "0.1.0",
      seed: 5,
      outcome: "done",
      engine: { requested: "auto", precision: "float32" },
      circuit: "nonideal-64-12-10",
    });
    expect(run.engine.name).toBe("simd");
    expect(run.result.testAccuracy).toBeGreaterThanOrEqual(0);
    expect(run.result.testAccuracy).toBeLessThanOrEqual(1);
    expect(Object.keys(run.result.gradientCosine)).toEqual(["l1", "output"]);
    expect(JSON.parse(read("config.json"))).toMatchObject({
      circuit: { sizes: [64, 12, 10], angle: 20, mismatch: 0.05 },
      epochs: 2,
    });
    expect(read("curves.csv").trim().split(/\r?\n/)).toHaveLength(3);
    expect(
      read("events.jsonl")
        .trim()
        .split("\n")
        .map((l) => JSON.parse(l).epoch),
    ).toEqual([1, 2]);
    const weights = readNpz(readFileSync(join(folder, name, "weights.npz")), "weights.npz");
    expect(weights.get("input-l1.G_plus")?.shape).toEqual([65, 12]);
    const report = read("report.html");
    expect(report).toContain("<svg");
    expect(report).not.toMatch(/(src|href)="https?:/);
  });

  it("gives one object with --json, and the same result for the same seed", async () => {
    const once = async (): Promise<{ result: unknown }> =>
      JSON.parse(
        (await ohmlet("train", ...SMALL, "--json", "--engine", "reference", "--epochs", "1", "--out", folder))
          .out,
      );
    expect((await once()).result).toEqual((await once()).result);
  });

  it.each([
    ["a phase too short", ["--nudged-steps", "1"], "LEARN-SHORT"],
    ["a folder that is not there", ["--data", "no-such-folder"], "DATA-FOLDER"],
    ["layers that do not fit the data", ["--sizes", "60", "10"], "DATA-SHAPE"],
    ["an engine that does not exist", ["--engine", "abacus"], "ENGINE-NAME"],
    ["an engine that cannot run yet", ["--engine", "gpu:webgl2"], "ENGINE-BACKEND"],
    ["an option without effect: momentum with adam", ["--momentum", "0.9"], "CLI-IDLE"],
    ["an option without effect: points of a centred pair", ["--points", "6"], "CLI-IDLE"],
    ["a mismatch that could flip a sign", ["--mismatch", "60"], "CLI-RANGE"],
  ])("refuses %s and leaves no run folder behind", async (_, options, expected) => {
    const before = readdirSync(folder);
    const { code, err } = await ohmlet("train", ...SMALL, ...options, "--out", folder);
    expect(code).toBe(2);
    expect(err).toContain(expected);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("refuses a truncated data file by name, with what was expected", async () => {
    const data = mkdtempSync(join(tmpdir(), "ohmlet-idx-"));
    writeFileSync(
      join(data, "train-images-idx3-ubyte"),
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 8, 1, 2, 3),
    );
    for (const name of ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
      writeFileSync(join(data, name), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0));
    const { code, err } = await ohmlet("train", "--data", data, "--out", folder);
    rmSync(data, { recursive: true });
    expect(code).toBe(2);
    expect(err).toMatch(/DATA-TRUNCATED.*train-images/);
  });
});

describe("ohmlet train --estimator lock-in", () => {
  it("trains without phases, and refuses what phases have", async () => {
    const { code, out } = await ohmlet(
      "train",
      "--estimator",
      "lock-in",
      "--amplitude",
      "0.5",
      "--epochs",
      "1",
      "--train",
      "60",
      "--test",
      "20",
      "--sizes",
      "64",
      "8",
      "10",
      "--engine",
      "simd",
      "--out",
      folder,
    );
    expect(code).toBe(0);
    expect(out).toContain("oscillating nudges");
    for (const [option, estimator] of [
      ["--nudged-steps", "lock-in"],
      ["--period", "centred"],
    ]) {
      const refused = await ohmlet("train", "--estimator", estimator, option, "30", "--out", folder);
      expect([refused.code, refused.err.includes("CLI-IDLE")]).toEqual([2, true]);
    }
  });
});

describe("ohmlet settle", () => {
  it("settles the default chip, and says how", async () => {
    const { code, out } = await ohmlet("settle", "--engine", "reference");
    expect(code).toBe(0);
    expect(out).toMatch(/settled after \d+ steps.*noise floor 64\.\d+ uV/);
  });

  it.runIf(LONG)("tells the fixed points that many starts lead to", async () => {
    const file = join(folder, "strong.yaml");
    writeFileSync(
      file,
      "topology: layered\nsizes: [4, 3, 2]\nneuron: { device: leaky-integrator, rho: tanh }\nsynapse: " +
        "ideal\ninitial: { distribution: glorot, scale: 5 }\n",
    );
    const starts = ["--engine", "reference", "--starts", "12"];
    const { code, out } = await ohmlet("settle", file, ...starts, "--tolerance", "1e-8", "--steps", "5000");
    expect(code).toBe(0);
    expect(out).toContain("12 starts settled, at 4 fixed points");
    expect((await ohmlet("settle", "prototypical", ...starts, "--tolerance", "1e-9")).out).toContain(
      "all 12 starts that settled lead to one fixed point",
    );
    const none = await ohmlet("settle", "holomorphic", ...starts, "--steps", "2");
    expect([none.code, none.err]).toEqual([
      1,
      expect.stringContaining("12 starts did not settle (timedOut)"),
    ]);
  });

  it("ends with 1 and advice where the steps run out", async () => {
    const { code, err } = await ohmlet("settle", "toy", "--engine", "reference", "--steps", "3");
    expect(code).toBe(1);
    expect(err).toContain("DYN-TIMEOUT");
  });

  it("tells a stiff circuit, and what step it could take", async () => {
    const { code, err } = await ohmlet(
      "settle",
      "nonideal",
      "--engine",
      "reference",
      "--solver",
      "euler",
      "--dt",
      "5e-5",
      "--steps",
      "100",
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /DYN-DIVERGED .*too stiff.*euler is stable up to dt = \d\d us, not at 50 us.*exponential-euler/,
    );
  });

  it("that diverges after some epochs leaves a report that says so", async () => {
    const file = join(folder, "runaway.yaml");
    // Linear units on weights that grow: in the end a step is too long for their loops.
    writeFileSync(
      file,
      `circuit: { topology: layered, sizes: [64, 16, 10], neuron: { device: leaky-integrator, rho: linear }, synapse: ideal, feedback: tied, initial: { distribution: glorot, scale: 0.1 } }
data: { kind: generated, train: 200, test: 50 }
estimator: { kind: centred, amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 }
solver: euler
dt: 0.2
optimizer: { kind: sgd, rate: 0.6 }
epochs: 50
`,
    );
    const { code, err } = await ohmlet("train", file, "--out", join(folder, "runaway"));
    expect(code).toBe(1);
    const [, page] = /what it came to: {2}(.*report\.html)/.exec(err) as RegExpExecArray;
    expect(err).toContain("DYN-DIVERGED");
    const said = /The run failed after epoch \d+: the circuit diverged in batch \d+/;
    expect(readFileSync(page, "utf8")).toMatch(said);
    expect((await ohmlet("report", dirname(page))).code).toBe(0);
    expect(readFileSync(page, "utf8")).toMatch(said);
  });
});

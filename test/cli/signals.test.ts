/**
 * Signals and closed pipes, as a shell sends them: work ends at once, what can be saved is saved, and the
 * shell is told.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { execute, ohmlet, ROOT } from "./run";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-signals-"));
const at = (name: string): string => join(root, name);
const COMMAND = ["build/main.js"] as const;
/** Milliseconds that an end may take where others take the processor, and far fewer than what is ended would. */
const SOON = 15_000;

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((later) => setTimeout(later, 20));
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly milliseconds: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command until it is busy, sends signals one after the other, and waits for its end. */
async function interrupted(
  args: readonly string[],
  busy: (out: string) => boolean,
  ...signals: readonly NodeJS.Signals[]
): Promise<Ended> {
  const child: ChildProcess = spawn(process.execPath, [...COMMAND, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const text = { out: "", err: "" };
  child.stdout?.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
  const gone = new Promise<[number | null, NodeJS.Signals | null]>((done) =>
    child.on("close", (code, signal) => done([code, signal])),
  );
  await until(() => busy(text.out) || child.exitCode !== null);
  await new Promise((later) => setTimeout(later, 300));
  const began = performance.now();
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((later) => setTimeout(later, 100));
  }
  const [code, signal] = await gone;
  return { code, signal, milliseconds: performance.now() - began, ...text };
}

const one = (folder: string): string => join(at(folder), readdirSync(at(folder))[0]);
const stateOf = (path: string): { outcome: string } =>
  JSON.parse(readFileSync(join(path, "run.json"), "utf8")) as { outcome: string };
/** A run whose every phase takes far longer than a test. */
const endless = (folder: string, ...more: readonly string[]): string[] => [
  "train",
  "--epochs",
  "2",
  "--train",
  "100",
  "--test",
  "50",
  "--free-steps",
  "1000000",
  "--out",
  at(folder),
  ...more,
];

describe("a signal", () => {
  const engines = [
    ["simd", "SIGTERM"],
    ["gpu:webasm", "SIGINT"],
    ["reference", "SIGINT"],
    ["gpu:cpu", "SIGTERM"],
  ] as const;
  it.each(LONG ? engines : engines.slice(0, 2))(
    "ends training amid a long phase on %s, with a checkpoint",
    async (engine, signal) => {
      const folder = engine.replace(":", "-");
      const end = await interrupted(
        endless(folder, "--engine", engine),
        (out) => out.includes("nudges"),
        signal,
      );
      expect(end).toMatchObject({ code: null, signal });
      expect(end.milliseconds).toBeLessThan(SOON);
      expect(end.err).toContain("to go on:");
      expect(existsSync(join(one(folder), "checkpoint.json"))).toBe(true);
      expect(existsSync(join(one(folder), "lock.json"))).toBe(false);
      expect(stateOf(one(folder)).outcome).toBe("interrupted");
    },
  );

  it("ends a phase with a tolerance that is never met, on threads", async () => {
    const config = at("settles.yaml");
    writeFileSync(
      config,
      "data: { kind: generated, train: 100, test: 50 }\ncircuit: { topology: nonideal, sizes: [64, " +
        `512, 10], temperature: "0 K" }\nestimator: { kind: centred, amplitude: 0.3, freeSteps: ` +
        "1000000, nudgedSteps: 1000000, tolerance: 1.0e-30 }\noptimizer: { kind: sgd, rate: 0.01 }\n" +
        "epochs: 1\nbatch: 50\ndt: 1.0e-5\nengine: simd\n",
    );
    const end = await interrupted(
      ["train", config, "--out", at("settles")],
      (out) => out.includes("nudges"),
      "SIGINT",
    );
    expect(end).toMatchObject({ code: null, signal: "SIGINT" });
    expect(end.milliseconds).toBeLessThan(SOON);
    expect(existsSync(join(one("settles"), "checkpoint.json"))).toBe(true);
  });

  it("that comes twice ends the process at once", async () => {
    const end = await interrupted(endless("twice"), (out) => out.includes("nudges"), "SIGINT", "SIGINT");
    expect(end).toMatchObject({ code: null, signal: "SIGINT" });
  });

  it.each([
    ["SIGINT", "reference"],
    ["SIGTERM", "simd"],
  ] as const)("%s ends what has nothing to save as it ends any program", async (signal, engine) => {
    const end = await interrupted(
      ["settle", "--steps", "10000000", "--tolerance", "1e-300", "--engine", engine],
      (out) => out.includes("exponential-euler"),
      signal,
    );
    expect(end).toMatchObject({ code: null, signal });
    expect(end.milliseconds).toBeLessThan(SOON);
  });

  it("ends a search amid a training, which tells what it has found", async () => {
    const file = at("question.yaml");
    writeFileSync(
      file,
      "name: endless\nrun:\n  data: { kind: generated, train: 100, test: 50 }\n  circuit: { topology: " +
        "nonideal, sizes: [64, 16, 10] }\n  estimator: { kind: centred, amplitude: 0.3, freeSteps: " +
        "1000000, nudgedSteps: 25 }\n  optimizer: { kind: sgd, rate: 0.01 }\n  dt: 10 us\n  epochs: 1\n" +
        "  engine: reference\nranges:\n  circuit.angle: { from: 0, to: 90, steps: 3 }\nclaim: { " +
        `accuracy: ">= 0.5" }\nseeds: 1\n`,
    );
    // Nothing tells from outside that it has begun; before that there is nothing to save.
    let end = await interrupted(["weakest", file], () => true, "SIGTERM");
    expect(end).toMatchObject({ code: null, signal: "SIGTERM", out: "" });
    for (let wait = 2000; !end.out.includes("interrupted") && wait < 40_000; wait *= 2)
      end = await interrupted(["weakest", file], waited(wait), "SIGTERM");
    expect(end).toMatchObject({ code: null, signal: "SIGTERM" });
    expect(end.milliseconds).toBeLessThan(SOON);
  });

  it("ends a study, which goes on where it was", async () => {
    const file = at("study.yaml");
    writeFileSync(
      file,
      "name: endless\nrun:\n  data: { kind: generated, train: 100, test: 50 }\n  circuit: { topology: " +
        "nonideal, sizes: [64, 16, 10] }\n  estimator: { kind: centred, amplitude: 0.3, freeSteps: " +
        "1000000, nudgedSteps: 25 }\n  optimizer: { kind: sgd, rate: 0.01 }\n  dt: 10 us\n  epochs: 1\n" +
        "vary:\n  circuit.angle: [0, 90]\nmeasure: [accuracy]\nchips: 2\n",
    );
    const end = await interrupted(
      ["study", file, "--out", at("study"), "--workers", "2"],
      () => existsSync(join(at("study"), "about.json")),
      "SIGINT",
    );
    expect(end).toMatchObject({ code: null, signal: "SIGINT" });
    expect(end.milliseconds).toBeLessThan(SOON);
    expect(end.err).toMatch(/stopped after 0 of 4 trials; go on with:/);
    expect(existsSync(join(at("study"), "lock.json"))).toBe(false);
  });

  it("stops a loop of a shell", async () => {
    const script = at("loop.sh");
    // bash goes on after a program that ends by itself, however it was told to, and stops after one that died
    // of the signal.
    writeFileSync(
      script,
      `for k in 1 2 3; do echo turn $k; ${process.execPath} ${COMMAND.join(" ")} ` +
        `${endless("loop").join(" ")}; done\necho went on\n`,
    );
    const child = spawn("bash", [script], { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    const gone = new Promise((done) => child.on("close", done));
    await until(() => out.includes("nudges"));
    process.kill(-(child.pid as number), "SIGINT");
    await gone;
    expect(out.match(/turn/g)).toHaveLength(1);
    expect(out).not.toContain("went on");
  });
});

describe("a training that was stopped amid a phase", () => {
  it("comes to the numbers of one that was not", async () => {
    const words = [
      "--epochs",
      "1",
      "--train",
      "20",
      "--test",
      "10",
      "--sizes",
      "64",
      "8",
      "10",
      "--free-steps",
      "2500",
      "--engine",
      "reference",
      "--probe",
      "2",
    ] as const;
    const end = await interrupted(
      ["train", ...words, "--out", at("cut")],
      (out) => out.includes("nudges"),
      "SIGINT",
    );
    expect(end.signal).toBe("SIGINT");
    expect((await ohmlet("resume", one("cut"))).code).toBe(0);
    expect((await ohmlet("train", ...words, "--out", at("whole"))).code).toBe(0);
    const told = (folder: string): unknown => {
      const { seconds: _, ...epoch } = JSON.parse(
        readFileSync(join(one(folder), "events.jsonl"), "utf8").split("\n")[0],
      ) as Record<string, unknown>;
      return epoch;
    };
    expect(told("cut")).toEqual(told("whole"));
  });
});

describe("a reader that leaves", () => {
  const piped = (command: string): ReturnType<typeof execute> =>
    execute("bash", ["-c", `${command}; echo "\${PIPESTATUS[0]}"`]);
  const program = `${process.execPath} ${COMMAND.join(" ")}`;

  it("ends a training, which keeps what it has, and is told", async () => {
    const { out } = await piped(
      `${program} train --epochs 1000 --train 100 --test 50 --sizes 64 8 10 --out ${at("head")} | head -3`,
    );
    expect(out.trim().split("\n").at(-1)).toBe("141");
    expect(existsSync(join(one("head"), "checkpoint.json"))).toBe(true);
    expect(existsSync(join(one("head"), "lock.json"))).toBe(false);
  });

  it("of notes alone is no reason to stop", async () => {
    const { out } = await piped(
      `${program} train --epochs 1 --train 40 --test 20 --sizes 64 8 10 --out ${at("mute")} 2> >(exec 0<&-)`,
    );
    expect(out.trim().split("\n").at(-1)).toBe("0");
    expect(stateOf(one("mute")).outcome).toBe("done");
  });

  it.skipIf(!existsSync("/dev/full"))("is another thing than a disk that is full", async () => {
    const { code, err } = await execute("bash", ["-c", `${program} devices > /dev/full`]);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining("FILE-ENOSPC  standard output: the disk is full"),
    ]);
  });
});

function waited(milliseconds: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began > milliseconds;
}

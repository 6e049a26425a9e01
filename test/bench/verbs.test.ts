/** What each benchmark prints, at sizes that take no time. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { linesOf, type Line } from "../../bench/processes";
import { execute } from "../cli/run";
import { LONG } from "../long";
import { bench, line } from "./run";

const folder = mkdtempSync(join(tmpdir(), "bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const engine = { engine: "reference", precision: "float64", threads_followed: false };

const expectPositive = (found: Line, ...names: readonly string[]): void =>
  names.forEach((name) => expect(Number(found[name]), name).toBeGreaterThan(0));

describe("relax", () => {
  it.each([
    ["prototypical", 3 * 2 * (5 * 4 + 4 * 3)],
    ["energy", 3 * 2 * (5 * 4 + 4 * 3)],
    ["holomorphic", 2 * 3 * 2 * (5 * 4 + 4 * 3)],
    ["rate", 3 * 2 * (5 * 4 + 4 * 3)],
  ])("%s: one line with its counts", async (dynamics, macs) => {
    const found = await line(
      "relax",
      "--dynamics",
      dynamics,
      "--sizes",
      "7",
      "5",
      "4",
      "3",
      "--batch",
      "3",
      "--steps",
      "4",
      "--repeats",
      "2",
      "--threads",
      "2",
    );
    expect(found).toMatchObject({
      bench: "relax",
      dynamics,
      sizes: [7, 5, 4, 3],
      batch: 3,
      steps: 4,
      repeats: 2,
      ...engine,
      threads: 2,
      macs_per_step: macs,
    });
    expectPositive(found, "us_per_step", "us_phase_of_one_step");
    const { us_per_step: us, gmac_per_s: gmac, min_us: least } = found as Record<string, number>;
    expect(least).toBeLessThanOrEqual(us);
    expect(gmac).toBeCloseTo(macs / us / 1e3, 2);
  });

  it.each(["op", "tran"])("resistive, %s: time and error of networks", async (what) => {
    const found = await line(
      ..."resistive --sizes 4 3 2 --batch 3 --repeats 1 --accuracy 1e-4 --threads 1 --what".split(" "),
      what,
    );
    expect(found).toMatchObject({ bench: "resistive", sizes: [4, 3, 2], batch: 3, what, accuracy: 1e-4 });
    expectPositive(found, "us_per_sample", "largest_error_v", "steps");
    expect(found.largest_error_v).toBeLessThan(1e-4);
  });

  it("convolve: a line for each direction with its counts", async () => {
    const size = ["--size", "6", "--channels", "2", "--kernel", "3", "--filters", "3", "--batch", "2"];
    const { lines } = await bench(
      "convolve",
      ...size,
      "--steps",
      "2",
      "--repeats",
      "2",
      "--engine",
      "simd",
      "--json",
    );
    expect(lines.map(({ direction }) => direction)).toEqual(["forwards", "backwards", "adjust"]);
    for (const one of lines) {
      // Two rows of 4 x 4 positions, 3 x 3 x 2 to 3.
      expect(one).toMatchObject({ bench: "convolve", engine: "simd", pooled: false, macs_per_step: 32 * 54 });
      expectPositive(one, "us_per_step", "gmac_per_s");
    }
  });

  it.runIf(LONG)("runs as the script that users type", async () => {
    const { code, out, err } = await execute(process.execPath, [
      "-r",
      "ts-node/register",
      "bench/main.ts",
      "relax",
      "--sizes",
      "4,3,2",
      "--steps",
      "2",
      "--repeats",
      "1",
      "--engine",
      "reference",
      "--json",
    ]);
    expect([code, err]).toEqual([0, ""]);
    expect(linesOf(out)).toEqual([expect.objectContaining({ bench: "relax", macs_per_step: 20 * 2 * 6 })]);
  });
});

it.each([
  ["ep", ["--points", "6"], 6, [150, 20]],
  ["continuous", [], 4, Array.from({ length: 20 }, () => 60)],
] as const)("train: holomorphic by %s, with the times of a batch", async (method, more, points, steps) => {
  const sizes = ["--train", "1", "--test", "1", "--batch", "1", "--timed", "1", "--threads", "1"];
  const found = await bench(
    "train",
    "--model",
    "holomorphic",
    "--method",
    method,
    ...more,
    ...sizes,
    "--engine",
    "simd",
    "--json",
  );
  expect(found.lines).toEqual([
    expect.objectContaining({ model: "holomorphic", method, points, batch: 1, timed: 1, steps }),
  ]);
  const [one] = found.lines as [Record<string, number>];
  expectPositive(one, "ms_per_batch", "ms_nudged", "cpu_ms_per_batch", "cpu_ms_nudged");
  expect(one.ms_nudged).toBeLessThan(one.ms_per_batch);
});

it("train: what a model does not have is refused", async () => {
  for (const [method, more, code] of [
    ["continuous", [], "CLI-CHOICE"],
    ["ep", ["--points", "6"], "CLI-IDLE"],
  ] as const)
    expect((await bench("train", "--model", "p-1h", "--method", method, ...more)).err).toContain(code);
});

it.runIf(LONG)("train: a line an epoch", async () => {
  const { code, lines } = await bench(
    "train",
    "--train",
    "40",
    "--test",
    "20",
    "--epochs",
    "2",
    "--engine",
    "reference",
    "--json",
  );
  expect(code).toBe(0);
  expect(lines.map((l) => l.epoch)).toEqual([1, 2]);
  for (const l of lines) {
    expect(l).toMatchObject({
      bench: "train",
      model: "p-1h",
      train: 40,
      test: 20,
      batch: 20,
      order: "synchronous",
      acceleration: "none",
      tolerance: null,
      steps: [30, 10],
      ...engine,
    });
    expectPositive(l, "seconds");
    for (const name of ["train_error", "test_error"])
      expect(Number(l[name]) >= 0 && Number(l[name]) <= 100).toBe(true);
  }
});

it.runIf(LONG)("settle: every path ends at a fixed point that float64 confirms", async () => {
  const small = [
    "settle",
    "--model",
    "p-1h",
    "--warmup",
    "40",
    "--epochs",
    "1",
    "--batch",
    "4",
    "--batches",
    "2",
    "--weights",
    join(folder, "w.npz"),
  ];
  const sweeps: number[] = [];
  for (const path of [
    ["synchronous", "none"],
    ["alternate", "anderson"],
  ]) {
    const found = await line(...small, "--order", path[0], "--acceleration", path[1]);
    expect(found).toMatchObject({
      bench: "settle",
      model: "p-1h",
      batch: 4,
      batches: 2,
      tolerance: 1e-4,
      order: path[0],
      acceleration: path[1],
      settled: true,
      ...engine,
    });
    expectPositive(found, "sweeps", "us_per_batch", "us_per_sweep");
    expect(found.moved).toBeLessThanOrEqual(1e-4);
    sweeps.push(Number(found.sweeps));
  }
  expect(sweeps[1]).toBeLessThan(sweeps[0]);
});

it("settle: says so where it does not get there", async () => {
  const { code, lines } = await bench(
    "settle",
    "--model",
    "p-1h",
    "--warmup",
    "20",
    "--epochs",
    "1",
    "--batch",
    "2",
    "--batches",
    "1",
    "--most-sweeps",
    "1",
    "--weights",
    join(folder, "w.npz"),
    "--engine",
    "reference",
    "--json",
  );
  expect([code, lines[0].settled]).toEqual([1, false]);
});

it.runIf(LONG)("scale: a line a size, each from a process of its own, and a picture", async () => {
  const picture = join(folder, "scale.svg");
  const { code, lines } = await bench(
    "scale",
    "--synapses",
    "1000",
    "4000",
    "--batch",
    "2",
    "--steps",
    "2",
    "--repeats",
    "1",
    "--engine",
    "reference",
    "--picture",
    picture,
    "--json",
  );
  expect([code, lines.length]).toEqual([0, 2]);
  for (const l of lines) {
    expect(l).toMatchObject({
      bench: "scale",
      steps: 2,
      ...engine,
      memory_ratio: expect.any(Number) as number,
      engine_ratio: expect.any(Number) as number,
    });
    expectPositive(l, "us_per_step", "weights_and_states_mb");
  }
  expect(Number(lines[1].synapses) / Number(lines[0].synapses)).toBeCloseTo(4, 0);
  expect(readFileSync(picture, "utf8")).toContain("<svg");
});

it.runIf(LONG)("stack: three ways to count, the same numbers", async () => {
  const found = await line(
    "stack",
    "--sizes",
    "5",
    "4",
    "3",
    "--chips",
    "4",
    "--batch",
    "2",
    "--steps",
    "3",
    "--repeats",
    "1",
    "--workers",
    "2",
  );
  expect(found).toMatchObject({
    bench: "stack",
    engine: "reference",
    sizes: [5, 4, 3],
    chips: 4,
    batch: 2,
    workers: 2,
    threads: 1,
    one_noise: false,
    same: true,
  });
  expectPositive(
    found,
    ...["again", "anew", "whole"].flatMap((kind) => [
      `${kind}_ratio`,
      `${kind}_ms_stacked`,
      `${kind}_ms_single`,
      `${kind}_busy_single`,
    ]),
  );
});

describe("faults", () => {
  it("come as from the command line", async () => {
    expect((await bench("relaxx")).err).toContain("CLI-VERB");
    expect((await bench("relax", "--dynamic", "x")).err).toContain("did you mean  --dynamics");
    expect((await bench("peers", "stepp")).err).toContain('did you mean "step"');
    expect((await bench("relax", "--engine", "nope")).err).toContain("ENGINE-NAME");
    expect((await bench("--help")).out).toContain("peers");
    expect((await bench("settle", "--help")).out).toContain("--tolerance");
  });
});

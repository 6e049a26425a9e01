/** `ohmlet schedule`: the time of a sample, held against the clock of a chip that trains. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ohmlet } from "./run";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-schedule-"));
afterAll(() => rmSync(folder, { recursive: true }));

const config = (name: string, lines: readonly string[]): string => {
  const path = join(folder, `${name}.yaml`);
  const common = [
    "name: scheduled",
    "data: { kind: generated, size: 8, train: 20, test: 10 }",
    "estimator: { kind: centred, amplitude: 0.3, freeSteps: 20, nudgedTime: 100 us }",
    "optimizer: { kind: sgd, rate: 0.01 }",
    "dt: 10 us\nepochs: 2\nbatch: 10\nprobe: 0\noutputs: { report: false }",
  ];
  writeFileSync(path, [...common, ...lines].join("\n"));
  return path;
};
const CIRCUIT = "circuit: { topology: nonideal, sizes: [64, 4, 10], temperature: 0 K, angle: 0 }";
const scheduleOf = async (path: string) => {
  const { out } = await ohmlet("schedule", path, "--json");
  return JSON.parse(out);
};

describe("schedule", () => {
  it("is what training takes of the chip's clock, with writes and without", async () => {
    for (const [name, lines, write] of [
      ["plain", [CIRCUIT], 0],
      ["wide", [CIRCUIT, "programming: { kind: direct, width: 1 ms }"], 1e-4],
      [
        "read",
        [
          CIRCUIT,
          "readout: { bits: 8, hold: { tau: 1 s }, times: { load: 2 us, sample: 1 us, read: 3 us } }",
        ],
        0,
      ],
      [
        "refreshed",
        [
          CIRCUIT.replace("angle: 0", "angle: 0, retention: 1 s"),
          "programming: { kind: direct, width: 10 us, refresh: 500 us }",
        ],
        1e-6,
      ],
    ] as const) {
      const read = name === "read" ? 2e-6 + 3 * 4e-6 : 0;
      const path = config(name, lines);
      const { sample, seconds, energy } = await scheduleOf(path);
      expect(sample.map((item: { seconds: number }) => item.seconds)[1]).toBeCloseTo(2e-4, 12);
      const wrote = sample.find((item: { what: string }) => item.what.startsWith("write"));
      const arrays = Number(/write: (\d+) arrays/.exec(wrote.what)?.[1]);
      expect(wrote.seconds).toBeCloseTo(arrays * write, 12);
      // Three arrays take 30 us of each 500 us, their own time included.
      const busy = name === "refreshed" ? 1 - 30 / 500 : 1;
      expect(seconds).toBeCloseTo((4e-4 + arrays * write + read) / busy, 12);
      const out = join(folder, name);
      await ohmlet("train", path, "--out", out, "--engine", "reference");
      const [run] = readdirSync(out);
      const { result } = JSON.parse(readFileSync(join(out, run, "run.json"), "utf8"));
      expect(result.chipSeconds).toBeCloseTo(2 * 20 * seconds, busy < 1 ? 4 : 9);
      if (busy < 1) expect(energy.sample.refreshes.what).toMatch(/^refreshes: .* weights a sample$/);
      const trained = await scheduleOf(join(out, run));
      expect(trained).toMatchObject({ seconds });
      // Digits that differ, and weights that learned a little.
      for (const { joules } of [energy, trained.energy])
        expect(result.energyJoules / (40 * joules)).toBeCloseTo(1, 0);
      expect(energy.assumptions).toContain("converters: none is named: 0 J");
    }
  });

  it("knows no time of sweeps, which look for where time would end, with amplifiers or without", async () => {
    for (const amplifier of ["", ", neuron: { device: diode-node, A: 3, k: 1 }"]) {
      const path = join(folder, "sweeps.yaml");
      writeFileSync(
        path,
        `circuit: { topology: resistive, sizes: [64, 4, 10], volts: 10${amplifier} }
data: { kind: generated, train: 20, test: 10 }
estimator: { kind: centred, amplitude: 0.1, freeSteps: 20, nudgedSteps: 10 }
optimizer: { kind: sgd, rate: 0.01 }
solver: balance
order: alternate
epochs: 1
`,
      );
      const { seconds, energy } = await scheduleOf(path);
      expect([seconds, energy ?? null]).toEqual([null, null]);
    }
  });

  it("tells phases that are too short, leaks that are too fast, and steps that nobody knows", async () => {
    const short = config("short", [CIRCUIT]).replace(/$/, "");
    writeFileSync(short, readFileSync(short, "utf8").replace("freeSteps: 20", "freeSteps: 2"));
    expect((await scheduleOf(short)).notes).toMatchObject([{ code: "SCHEDULE-SHORT" }]);
    const droops = config("droops", [CIRCUIT, "readout: { hold: { droop: 200 1/s } }"]);
    expect((await scheduleOf(droops)).notes).toMatchObject([
      { code: "SCHEDULE-DROOP", text: expect.stringContaining("loses 0.04 of 1") },
    ]);
    const fast = config("fast", [CIRCUIT.replace("angle: 0", "angle: 0, mismatch: 0")]);
    const turning = "estimator: { kind: lock-in, amplitude: 0.3, period: 10, periods: 2 }";
    writeFileSync(fast, readFileSync(fast, "utf8").replace(/estimator: .*/, turning));
    // 100 us of a neuron of 20 us.
    expect((await scheduleOf(fast)).notes).toMatchObject([
      { code: "SCHEDULE-POLE", text: expect.stringMatching(/1\.257 times.* 0\.6227 .* 51\.49/) },
    ]);
    const leaky = config("leaky", [CIRCUIT.replace("angle: 0", "angle: 0, retention: 10 ms")]);
    expect((await scheduleOf(leaky)).notes).toMatchObject([{ code: "SCHEDULE-LEAK" }]);
    writeFileSync(short, readFileSync(short, "utf8").replace("dt: 10 us", "dt: auto"));
    expect((await ohmlet("schedule", short)).err).toContain("SCHEDULE-STEP");
  });
});

/**
 * A circuit that diverges, under every verb that settles one: DYN-DIVERGED and exit code 1, whatever the
 * engine.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ohmlet } from "./run";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-diverging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const SLOW = 30_000;

const put = (name: string, content: object): string => {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
/** Its states grow beyond all bounds; its states settle, where its outputs are none. */
const circuitOf = (field: string, rho: string) => ({
  topology: "layered",
  sizes: [64, 10],
  neuron: { name: "n", equations: `du/dt = ${field} + I + I_nudge\nrho = ${rho}` },
  synapse: { device: "ideal" },
});
const CIRCUITS = [
  ["its states", circuitOf("u^2 + 1", "u")],
  ["its outputs", circuitOf("-u", "sqrt(u - 1)")],
] as const;
const PHASES = { amplitude: 0.1, freeSteps: 60, nudgedSteps: 20 };
const runOf = (circuit: object, estimator: object) => ({
  circuit,
  data: { kind: "generated", train: 20, test: 20 },
  estimator,
  dt: 0.2,
  optimizer: { kind: "sgd", rate: 0.1 },
  epochs: 1,
});

describe.each(CIRCUITS)("%s", (_, circuit) => {
  it(
    "settle",
    async () => {
      const file = put("circuit.json", circuit);
      for (const engine of ["reference", "simd", "gpu:webasm", "gpu:cpu"]) {
        const { code, out, err } = await ohmlet("settle", file, "--engine", engine);
        expect([code, out, err]).toEqual([
          1,
          expect.stringContaining("diverged after"),
          expect.stringContaining("DYN-DIVERGED"),
        ]);
      }
      const data = await ohmlet("settle", file, "--json");
      expect([data.code, JSON.parse(data.out)]).toEqual([
        1,
        expect.objectContaining({
          code: "DYN-DIVERGED",
          outcome: expect.objectContaining({ kind: "diverged" }),
        }),
      ]);
      expect(JSON.parse(data.out).engine).not.toHaveProperty("fallbackReason");
      const survey = await ohmlet("settle", file, "--starts", "3");
      expect([survey.code, survey.err]).toEqual([1, expect.stringContaining("DYN-DIVERGED")]);
    },
    SLOW,
  );

  it.each([
    ["centred", { kind: "centred", ...PHASES }],
    ["holomorphic", { kind: "holomorphic", points: 2, ...PHASES }],
    ["continuous", { kind: "continuous", amplitude: 0.1, points: 4, periods: 3, stepsPerPoint: 20 }],
    ["lock-in", { kind: "lock-in", amplitude: 0.1, period: 60, periods: 2 }],
  ])(
    "train, study and weakest, %s",
    async (_kind, estimator) => {
      const run = runOf(circuit, estimator);
      for (const engine of ["reference", "simd"]) {
        const trained = await ohmlet(
          "train",
          put("run.json", run),
          "--engine",
          engine,
          "--out",
          join(folder, "runs"),
        );
        expect([trained.code, trained.err]).toEqual([1, expect.stringContaining("DYN-DIVERGED")]);
      }
      const weakest = await ohmlet(
        "weakest",
        put("weakest.json", {
          run,
          ranges: { "estimator.amplitude": [0.1, 0.2] },
          claim: { accuracy: ">= 0.9" },
          seeds: 1,
        }),
      );
      expect([weakest.code, weakest.out]).toEqual([1, expect.stringContaining("DYN-DIVERGED")]);
    },
    SLOW,
  );

  it(
    "study: no chip could be measured, and the table says why",
    async () => {
      const study = put("study.json", {
        name: "s",
        run: runOf(circuit, { kind: "centred", ...PHASES }),
        vary: { "estimator.amplitude": [0.1] },
        chips: 2,
        measure: ["accuracy"],
        train: false,
      });
      const { code, out } = await ohmlet(
        "study",
        study,
        "--workers",
        "1",
        "--out",
        join(folder, `study-${circuit.neuron.equations.length}`),
      );
      expect([code, out]).toEqual([1, expect.stringContaining("2 DYN-DIVERGED")]);
    },
    SLOW,
  );
});

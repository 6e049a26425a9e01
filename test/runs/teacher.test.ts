/** A chip that begins with what another has learned: in a study, at once and after an epoch of its own, and in a run. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runOf, withKnobs } from "../../src/config";
import { trainInto } from "../../src/runs";
import { experimentOf } from "../../src/runs/studying/experiment";
import { LONG } from "../long";

const CONFIG = {
  devices: {
    passing: {
      kind: "synapse",
      equations: "I = k*w*rho_pre\nw <- w + dw : 1",
      parameters: { k: { value: 1, mismatch: 0 } },
    },
  },
  circuit: {
    topology: "layered",
    sizes: [64, 12, 10],
    neuron: { device: "leaky-integrator", rho: "tanh" },
    synapse: "passing",
  },
  chip: { teacher: { seed: 1, epochs: 3 } },
  data: { kind: "generated", train: 200, test: 60 },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 20, nudgedSteps: 12 },
  optimizer: { kind: "adam", rate: 0.015 },
  dt: 0.5,
  batch: 10,
  epochs: 0,
  probe: 0,
  engine: "simd",
} as const;
const K = "devices.passing.parameters.k.mismatch";
const TAUGHT = "chip.teacher.programmed";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-teacher-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a teacher", () => {
  it("is worth to another chip what its devices make of its values, more after an epoch or once they are written", async () => {
    const run = runOf(CONFIG);
    const { measure } = experimentOf(run, { measures: ["accuracy", "taught"], train: true });
    const alike = await measure({}, 7);
    expect(alike.taught).toBeGreaterThan(0.3);
    expect(alike.accuracy).toBe(alike.taught);
    const unlike = await measure({ [K]: 0.24 }, 7);
    expect(unlike.taught).not.toBe(unlike.accuracy);
    const written = await measure({ [K]: 0.24, [TAUGHT]: "written" }, 7);
    expect(Math.abs((written.accuracy ?? 0) - (written.taught ?? 1))).toBeLessThan(0.02);
    expect(written.taught).toBe(unlike.taught);
    const learned = await measure({ [K]: 0.24, epochs: 1 }, 7);
    expect(learned.taught).toBe(unlike.taught);
    expect(learned.accuracy ?? 0).toBeGreaterThan(unlike.accuracy ?? 1);
  });

  it.runIf(LONG)("comes before a run's own epochs, and a run has some", async () => {
    const path = join(folder, "run");
    const few = { ...CONFIG, data: { ...CONFIG.data, train: 30, test: 20 }, initialized: { rate: 0.01 } };
    // The same teacher, whoever is taught first, and wherever.
    const [beside, elsewhere] = [3, 4].map(async (seed) =>
      experimentOf(runOf(few), { measures: ["copy", "taught"], train: true }).measure({}, seed),
    );
    expect((await beside).copy).toBeGreaterThan(0);
    expect(await elsewhere).toEqual(await beside);
    await trainInto(path, { ...few, epochs: 1, outputs: { report: false } });
    expect(readFileSync(join(path, "config.yaml"), "utf8")).toContain("teacher:");
    await expect(trainInto(join(folder, "none"), CONFIG)).rejects.toMatchObject({ code: "CONFIG-RANGE" });
  });

  it("may be asked for with knobs that are turned together", () => {
    const { config } = withKnobs(runOf(CONFIG), { [`${K} and optimizer.rate`]: 0.2 }, 3);
    expect(config.optimizer.rate).toBe(0.2);
    expect(JSON.stringify(config.devices)).toContain('"mismatch":0.2');
    expect(config.chip).toMatchObject({ seed: 3, teacher: { seed: 1 } });
  });
});

/** A run with a feedforward net: its folder, stopped and resumed, and its digital copy in NumPy. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createEngine,
  labelledBatches,
  type ForwardNet,
  OhmletError,
  predictions,
  strokeDigits,
} from "../../src/index";
import {
  exportDigitalCopy,
  openRun,
  resumeRun,
  trainInto,
  type OpenedRun,
  type RunConfig,
} from "../../src/runs";

const CONFIG: RunConfig = {
  circuit: {
    topology: "layered",
    sizes: [64, 16, 10],
    neuron: "energy-based",
    synapse: "ideal",
    feedback: { asymmetry: 0.2 },
    cost: { kind: "squared-error", argument: "state" },
  },
  data: { kind: "generated", train: 200, test: 100 },
  estimator: { kind: "random-sign", amplitude: 0.5, freeSteps: 6, nudgedSteps: 6 },
  initialized: { lambda: 0.05, rate: { "input-l1": 0.3, "l1-output": 0.2 } },
  optimizer: { kind: "sgd", rate: 0.3, momentum: 0.5 },
  epochs: 3,
  solver: "euler",
  dt: 0.5,
  engine: "simd",
  probe: 0,
  outputs: { report: false },
};

let folder: string;
let whole: OpenedRun;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-initialized-"));
  whole = await trainInto(join(folder, "whole"), CONFIG);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a run with a feedforward net", () => {
  it("keeps the net beside the chip, and tells of it", () => {
    const { forward, epochs, curves, chip } = whole;
    expect(forward?.settings).toMatchObject({ lambda: 0.05, factor: "paper", leak: 0.01, loss: "local" });
    expect(forward?.chip.weights("input-l1").weights).not.toEqual(chip.weights("input-l1").weights);
    expect(Object.keys(epochs[2].forward ?? {})).toEqual(["accuracy", "alignment", "missed"]);
    expect(curves[2]).toHaveProperty("forward_accuracy", epochs[2].forward?.accuracy);
    expect(curves[2]).toHaveProperty("alignment_l1");
    expect(JSON.stringify(whole.report())).toContain("forward net, test");
  });

  it("goes on to the same bytes where it was stopped", async () => {
    const stopped = join(folder, "stopped");
    const signal = { aborted: false };
    const onEpoch = (): void => void (signal.aborted = true);
    expect((await trainInto(stopped, CONFIG, { signal, onEpoch })).outcome).toBe("interrupted");
    expect((await resumeRun(stopped)).outcome).toBe("done");
    for (const file of ["weights.npz", "forward.npz"])
      expect(readFileSync(join(stopped, file)).equals(readFileSync(join(whole.path, file))), file).toBe(true);
    const told = (path: string): string[] =>
      readFileSync(join(path, "curves.csv"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(",").slice(0, -2).join());
    expect(told(stopped)).toEqual(told(whole.path));
  });

  it("has a digital copy that NumPy runs in ten lines", async ({ skip }) => {
    const { npz, json, accuracy } = await exportDigitalCopy(whole.path, join(folder, "copy"));
    expect(accuracy).toEqual({ chip: whole.epochs[2].accuracy, copy: whole.epochs[2].forward?.accuracy });
    expect([npz, json].every(existsSync)).toBe(true);
    const python = "/usr/bin/python3";
    if (spawnSync(python, ["-c", "import numpy"]).status !== 0)
      skip(`NOT CHECKED: ${python} has no NumPy, and nothing has run the digital copy`);
    const [, lines] = /```python\n([^]*?)```/.exec(readFileSync("docs/learning.md", "utf8")) ?? [];
    expect(
      lines.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("import")).length,
    ).toBeLessThanOrEqual(10);
    const test = strokeDigits({ samples: 100, seed: 1, split: "test", size: 8, noise: 0.05 });
    const [batch] = labelledBatches(whole.chip.circuit, test, { size: 100 });
    writeFileSync(join(folder, "copy/x.json"), JSON.stringify([...batch.inputs]));
    const script = `${lines}\nx = np.array(json.load(open("x.json"))).reshape(-1, 64)\nprint(json.dumps(answer(x).tolist()))\n`;
    const ran = spawnSync(python, ["-c", script], { cwd: join(folder, "copy"), encoding: "utf8" });
    expect(ran.stderr).toBe("");
    const engine = await createEngine("reference");
    const pass = (whole.forward as ForwardNet).on(engine);
    const { activities } = await pass.predict(100, batch.inputs);
    pass.dispose();
    engine.dispose();
    expect(JSON.parse(ran.stdout)).toEqual([...predictions(whole.chip, activities.output)]);
  });

  it.each<[string, object, RegExp]>([
    ["a rate of feedback", { initialized: { rate: { "output-l1": 1 } } }, /CONFIG-NAME.*output-l1/],
    ["no rate for a layer", { initialized: { rate: { "input-l1": 1 } } }, /OPTIMIZER-RATE.*l1-output/],
    ["a negative lambda", { initialized: { lambda: -1 } }, /CONFIG-RANGE/],
    ["an unknown loss", { initialized: { loss: "globl" } }, /CONFIG-/],
    ["states that persist", { persistent: true }, /INIT-OPTION/],
  ])("refuses %s", async (_, odd, told) => {
    const run = trainInto(join(folder, "odd"), { ...CONFIG, ...odd } as RunConfig);
    await expect(run).rejects.toThrow(told);
    expect(existsSync(join(folder, "odd"))).toBe(false);
  });

  it("has nothing to export where there is no net", async () => {
    const { initialized: _, ...plain } = CONFIG;
    const { path, forward } = await trainInto(join(folder, "plain"), { ...plain, epochs: 1 });
    expect(forward).toBeNull();
    await expect(exportDigitalCopy(path)).rejects.toThrow(OhmletError);
    expect((await openRun(path)).epochs[0].forward).toBeUndefined();
  });
});

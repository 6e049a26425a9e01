/** Samples that ask for numbers: columns of a CSV, or their own values; a chip learns them, and tells what it explains. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { ideal, leakyIntegrator } from "../../devices";
import {
  fromCsv,
  labelledBatches,
  OhmletError,
  strokeDigits,
  withTargets,
  type CsvOptions,
} from "../../src/index";
import { dataFingerprint } from "../../src/learning/checkpoint/fingerprint";
import { trainInto } from "../../src/runs";
import { refusal } from "../refusal";

/** Rows of x1, x2, x3 and two numbers that follow from them. */
const rows = (samples: number, from = 0): string[] =>
  Array.from({ length: samples }, (_, i) => {
    const [a, b, c] = [7, 11, 13].map((step) => ((step * (i + from) + 3) % 17) / 17);
    return [i, a, b, c, 0.8 * a - 0.5 * b, 0.3 * c + 0.4 * b - 0.2].map((x) => x.toFixed(4)).join(",");
  });
const HEAD = "id,x1,x2,x3,torque,angle";
const csv = (text: string) => ({ where: "sets.csv", bytes: new TextEncoder().encode(text) });
const read = (options: CsvOptions, test?: string) =>
  fromCsv("sets", csv([HEAD, ...rows(50)].join("\n")), test === undefined ? undefined : csv(test), options);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-targets-"));
  writeFileSync(join(folder, "train.csv"), [HEAD, ...rows(120)].join("\n"));
  writeFileSync(join(folder, "test.csv"), [HEAD, ...rows(40, 500)].join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("columns that are asked for", () => {
  it("are taken as they are, by name or number, whatever the order of a test's columns", () => {
    const { train, test, notes } = read({ targets: ["torque", 6] });
    expect([train.samples, test.samples, train.features, train.targets?.width]).toEqual([40, 10, 3, 2]);
    expect(train.targets?.names).toEqual(["torque", "angle"]);
    expect(notes.join()).toContain('asked for are column 5 ("torque")');
    expect(String(train)).toContain("2 targets");
    const circuit = layered([3, 2], { neuron: leakyIntegrator(), synapse: ideal() });
    const [batch] = labelledBatches(circuit, test, { size: 10 });
    // Every fifth sample is for the test.
    const [, a, b, , torque] = rows(50)[4].split(",").map(Number);
    expect(batch.targets[0]).toBeCloseTo(torque, 6);
    expect(torque).toBeCloseTo(0.8 * a - 0.5 * b, 3);
    expect(batch.labels).toBeUndefined();
    const turned = [
      "angle,torque,x3,x2,x1",
      ...rows(10).map((row) => row.split(",").slice(1).reverse().join()),
    ];
    const own = read({ targets: ["torque", "angle"] }, turned.join("\n"));
    const [straight] = labelledBatches(circuit, own.train, { size: 10 });
    const [matched] = labelledBatches(circuit, own.test, { size: 10 });
    expect([...matched.targets]).toEqual([...straight.targets]);
    expect([...matched.inputs]).toEqual([...straight.inputs]);
    expect(matched.variance).toBe(straight.variance);
    // What is asked belongs to what a set is.
    expect(dataFingerprint(train)).not.toBe(dataFingerprint(read({ targets: ["angle", "torque"] }).train));
  });

  it("vary by as much as they do, far from 0 too", () => {
    const set = strokeDigits({ samples: 1000, seed: 1, split: "train" });
    const values = Float64Array.from({ length: 1000 }, (_, i) => 1013.25 + 0.02 * Math.sin(7 * i));
    const near = values.map((v) => v - 1013.25);
    const [far, about] = [values, near].map(
      (of) => withTargets(set, { width: 1, values: of }).targets!.variance,
    );
    expect(far / about).toBeCloseTo(1, 8);
    expect(about).toBeCloseTo(0.0002, 5);
    const constant = withTargets(set, { width: 1, values: new Float64Array(1000).fill(1013.25) });
    expect(constant.targets!.variance).toBe(1);
  });

  it("are refused where there are none, or a label is asked for as well", () => {
    const code = (options: CsvOptions, test?: string) => refusal(() => read(options, test)).code;
    expect(code({ targets: ["speed"] })).toBe("DATA-COLUMN");
    expect(code({ targets: ["torque", "torque"] })).toBe("DATA-COLUMN");
    expect(code({ targets: ["torque"], label: "angle" })).toBe("DATA-COLUMN");
    expect(code({ targets: ["torque"] }, "x1,x2,x3\n1,2,3")).toBe("DATA-COLUMN");
    const words = csv(`x,y\n${"1,a\n".repeat(6)}`);
    expect(refusal(() => fromCsv("w", words, undefined, { targets: ["y"] })).code).toBe("DATA-CSV");
    const wide = layered([3, 4], { neuron: leakyIntegrator(), synapse: ideal() });
    const { train } = read({ targets: ["torque", "angle"] });
    expect(() => [...labelledBatches(wide, train, { size: 1 })]).toThrow(OhmletError);
  });
});

const RUN = {
  circuit: {
    topology: "layered",
    sizes: [3, 8, 2],
    neuron: { device: "leaky-integrator", rho: "tanh" },
    synapse: "ideal",
    cost: "(u - y)^2/2",
  },
  data: { kind: "folder", targets: ["torque", "angle"] },
  estimator: { kind: "centred", amplitude: 0.1, freeSteps: 40, nudgedSteps: 30 },
  optimizer: { kind: "adam", rate: 0.02 },
  dt: 0.5,
  batch: 10,
  epochs: 6,
  engine: "simd",
} as const;

describe("a run that learns numbers", () => {
  it("explains most of their variance after a few epochs, and keeps a report", async () => {
    const out = join(folder, "run");
    await trainInto(out, RUN, { data: folder });
    const { result } = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as {
      result: { testAccuracy: number; testCost: number };
    };
    expect(result.testAccuracy).toBeGreaterThan(0.8);
    expect(result.testAccuracy).toBeLessThanOrEqual(1);
    // 1 - 2 cost / variance.
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("<html");
  });

  it("reconstructs its inputs", async () => {
    const out = join(folder, "mirror");
    await trainInto(out, {
      ...RUN,
      circuit: { ...RUN.circuit, sizes: [64, 12, 64] },
      data: { kind: "generated", train: 150, test: 30, targets: "inputs" },
      epochs: 6,
      outputs: { report: false },
    });
    const { result } = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as {
      result: { testAccuracy: number };
    };
    expect(result.testAccuracy).toBeGreaterThan(0.1);
    const digits = strokeDigits({ samples: 5, seed: 1, split: "train" });
    expect(withTargets(digits, "inputs").targets?.width).toBe(64);
    expect(refusal(() => withTargets(digits, { width: 2, values: [1] })).code).toBe("DATA-SHAPE");
  });
});

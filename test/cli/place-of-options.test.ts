/** Faults of what was typed are at the option, whoever found them; those of a study's values at the value. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { studyInto } from "../../src/runs";
import { ohmlet } from "./run";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-places-"));
const placeIn = async (...args: readonly string[]): Promise<string> => {
  const { code, out } = await ohmlet(...args, "--json");
  expect(code).toBe(2);
  const { error } = JSON.parse(out.trim().split("\n").at(-1)!) as { error: { place: { where: string } } };
  return error.place.where.split(": ")[0];
};

describe("a fault of a typed option", () => {
  it.each<readonly [string, readonly string[]]>([
    ["train, --free-steps", ["train", "--free-steps", "2"]],
    ["train, --free-steps", ["train", "configs/default.yaml", "--free-steps", "2"]],
    ["train, --sizes", ["train", "--sizes", "10", "5", "2"]],
    ["train, --sizes, --angle", ["train", "configs/default.yaml", "--sizes", "10", "5", "2", "--angle", "3"]],
    ["train, --seed, --sizes", ["train", "--seed", "2", "--sizes", "64,8,8,8,8,8,8,8,8,8,8,8,10"]],
    ["train, --engine", ["train", "--engine", "fast"]],
    [
      "study, --engine",
      ["study", "configs/studies/precision.yaml", "--engine", "fast", "--out", join(folder, "s")],
    ],
    ["weakest, --engine", ["weakest", "configs/weakest/asymmetry.yaml", "--engine", "fast"]],
    ["weakest, --replay", ["weakest", "configs/weakest/asymmetry.yaml", "--replay", "angle"]],
    ["settle, --engine", ["settle", "toy", "--engine", "fast"]],
    ["settle, --dt", ["settle", "toy", "--dt", "1us"]],
  ])("is at %s", async (where, args) => {
    const out = args[0] === "train" ? ["--out", folder] : [];
    expect(await placeIn(...args, ...out)).toBe(where);
  });

  it("stays where a file has it", async () => {
    const file = join(folder, "run.yaml");
    writeFileSync(file, `${RUN}engine: fast\n`);
    const { err } = await ohmlet("train", file, "--epochs", "2", "--out", folder);
    expect(err).toContain(`ENGINE-NAME  ${file}:7:9, engine`);
  });
});

const RUN = `circuit: { topology: nonideal, sizes: [64, 8, 10] }
data: { kind: generated, train: 20, test: 20 }
estimator: { kind: centred, amplitude: 0.3, freeSteps: 20, nudgedSteps: 20 }
optimizer: { kind: adam, rate: 0.02 }
epochs: 1
dt: 10 us
`;
const studyOf = (vary: string): string =>
  `name: s\nrun:\n${RUN.replace(/^/gm, "  ").trimEnd()}\nvary:\n  circuit.angle: [0, 20]\n  ${vary}\n`;

describe("a fault of a value that a study varies", () => {
  it.each([
    ['estimator.amplitude: [0.1, "x"]', '"x"', "vary.estimator.amplitude[1]"],
    ["estimator.freeSteps: [20, 1, 30]", "1,", "vary.estimator.freeSteps[1]"],
    ["circuit.sizes.0: [64, 32]", "32", "vary.circuit.sizes.0[1]"],
    ["engine: [fast, reference]", "fast", "vary.engine[0]"],
    ['circuit.temperature: { from: "1 V", to: "9 V", points: 2 }', '"1 V"', "vary.circuit.temperature.from"],
    ["optimizer.rate: { from: 0.1, to: 1e9, points: 2 }", "1e9", "vary.optimizer.rate.to"],
    ["circuit.angel: [1, 2]", "[", "vary.circuit.angel"],
  ])("%s is at %s, before a folder is made", async (vary, at, path) => {
    const file = join(folder, "study.yaml");
    writeFileSync(file, studyOf(vary));
    const { code, err } = await ohmlet("study", file, "--out", join(folder, "study"));
    expect(code).toBe(2);
    const column = `  ${vary}`.indexOf(at) + 1;
    expect(err.split("\n")[0]).toContain(`${file}:11:${column}, ${path}: `);
  });

  it("is named where there is no file", async () => {
    const study = studyInto(join(folder, "in-code"), studyOf("estimator.freeSteps: [20, 1, 30]"));
    await expect(study).rejects.toMatchObject({
      code: "LEARN-SHORT",
      place: { path: "vary.estimator.freeSteps[1]" },
    });
  });

  it("takes ends without a unit as numbers, also in percent", async () => {
    const vary = 'estimator.amplitude: { from: "10 %", to: "30 %", points: 2 }';
    const { summary } = await studyInto(join(folder, "percent"), studyOf(vary), { workers: 1 });
    expect(summary().points.map(({ values }) => values["estimator.amplitude"])).toEqual([0.1, 0.3, 0.1, 0.3]);
  });
});

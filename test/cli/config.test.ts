/**
 * Config files on the command line: trained, settled, shown, overruled by options, and run again from a run's
 * folder.
 */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { TINY } from "../config/read";
import { ohmlet, ohmletProcess } from "./run";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const tiny = file("tiny.yaml", TINY);
let outs = 0;
const fresh = (): string => join(folder, `out-${outs++}`);
const only = (out: string): string => join(out, readdirSync(out)[0]);
const json = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;

describe("ohmlet train CONFIG", () => {
  it("trains a circuit of one's own devices, and its folder runs again to the same bytes", async () => {
    const [out, again] = [fresh(), fresh()];
    const first = await ohmletProcess("train", tiny, "--out", out);
    expect([first.code, first.err]).toEqual([0, "reading data and fabricating the chip …\n"]);
    expect(first.out).toContain(
      "pair on stroke digits 8x8 (train): 60 training and 30 test samples, centred nudges, reference",
    );
    const run = only(out);
    expect(run).toContain("-tiny-seed1");
    expect(json(join(run, "run.json"))).toMatchObject({
      circuit: "pair",
      rule: "vector-field",
      outcome: "done",
      engine: { name: "reference" },
    });
    const second = await ohmlet("train", join(run, "config.yaml"), "--out", again);
    expect(second.code, second.err).toBe(0);
    for (const name of ["weights.npz", "config.yaml"])
      expect(readFileSync(join(only(again), name)).equals(readFileSync(join(run, name))), name).toBe(true);
    expect((json(join(only(again), "run.json")).result as { testAccuracy: number }).testAccuracy).toBe(
      (json(join(run, "run.json")).result as { testAccuracy: number }).testAccuracy,
    );
  });

  it("runs a nonideal, noisy chip again to the same bytes too", async () => {
    const [out, again] = [fresh(), fresh()];
    expect(
      (
        await ohmlet(
          "train",
          "--train",
          "60",
          "--test",
          "30",
          "--epochs",
          "1",
          "--read-noise",
          "1",
          "--probe",
          "0",
          "--seed",
          "9",
          "--out",
          out,
        )
      ).code,
    ).toBe(0);
    expect(readFileSync(join(only(out), "config.yaml"), "utf8")).toContain(
      `engine: ${(json(join(only(out), "run.json")).engine as { name: string }).name}\n`,
    );
    expect((await ohmlet("train", join(only(out), "config.yaml"), "--out", again)).code).toBe(0);
    expect(
      readFileSync(join(only(again), "weights.npz")).equals(readFileSync(join(only(out), "weights.npz"))),
    ).toBe(true);
  });

  it("lets options win over the file, and keeps what they do not name", async () => {
    const out = fresh();
    const { code, err } = await ohmlet(
      "train",
      tiny,
      "--epochs",
      "1",
      "--estimator",
      "holomorphic",
      "--points",
      "3",
      "--rate",
      "0.05",
      "--seed",
      "4",
      "--out",
      out,
    );
    expect(code, err).toBe(0);
    expect(json(join(only(out), "config.json"))).toMatchObject({
      epochs: 1,
      estimator: { kind: "holomorphic", points: 3, amplitude: 0.2, freeSteps: 60 },
      optimizer: { kind: "sgd", rate: 0.05 },
      seed: 4,
      dt: 0.2,
    });
  });

  it("writes where the config says, below the folder that it runs in, and only what it asks for", async () => {
    const out = fresh();
    const { code } = await ohmlet(
      "train",
      file("plain.yaml", `${TINY}outputs: { folder: runs/of-a-test, report: false, weights: false }\n`),
      "--out",
      out,
    );
    expect(code).toBe(0);
    expect(readdirSync(only(out)).sort()).toEqual([
      "config.json",
      "config.yaml",
      "curves.csv",
      "events.jsonl",
      "run.json",
    ]);
    expect(
      (await ohmlet("train", file("away.yaml", `${TINY}outputs: { folder: ../elsewhere }\n`))).err,
    ).toContain("CONFIG-PATH");
  });

  it("chooses the time step once, and runs and resumes with that number to the same bytes", async () => {
    const [out, again] = [fresh(), fresh()];
    const auto = file("auto.yaml", TINY.replace("dt: 0.2", "dt: auto\ncheckpointEvery: 1"));
    const first = await ohmlet("train", auto, "--out", out);
    expect(first.code, first.err).toBe(0);
    const run = only(out);
    const said = /^dt: (.*)$/m.exec(readFileSync(join(run, "config.yaml"), "utf8"))?.[1];
    expect(Number(said)).toBe(0.5); // half of the leak's time constant
    expect(json(join(run, "run.json"))).toMatchObject({ dt: 0.5 });
    expect(readFileSync(join(run, "report.html"), "utf8")).toMatch(/time step<[^]{0,40}0\.5/);
    const weights = readFileSync(join(run, "weights.npz"));
    // As a kill in the first batch leaves it, with the step in its record alone.
    const { result: _result, ...about } = json(join(run, "run.json"));
    writeFileSync(join(run, "run.json"), JSON.stringify({ ...about, outcome: "interrupted" }));
    const resumed = await ohmlet("resume", run);
    expect(resumed.code, resumed.err).toBe(0);
    expect(readFileSync(join(run, "weights.npz")).equals(weights)).toBe(true);
    expect(json(join(run, "run.json"))).toMatchObject({ dt: 0.5, outcome: "done" });
    const report = readFileSync(join(run, "report.html"), "utf8");
    expect((await ohmlet("report", run)).code).toBe(0);
    expect(readFileSync(join(run, "report.html"), "utf8")).toBe(report);
    expect((await ohmlet("train", tiny, "--dt", "auto", "--out", again)).code).toBe(0);
    expect(readFileSync(join(only(again), "weights.npz")).equals(weights)).toBe(true);
    expect((await ohmlet("train", tiny, "--dt", "auto?")).err).toMatch(/CLI-NUMBER.*\n?.*or auto/);
    expect((await ohmlet("settle", tiny, "--dt", "auto")).out).toContain("settled after");
  });

  it.each([
    ["--mismatch", "3"],
    ["--sizes", "64", "10"],
    ["--angle", "10"],
    ["--points", "3"],
  ])("refuses options that the config has no use for: %s", async (...words) => {
    const { code, err } = await ohmlet("train", tiny, ...words, "--out", fresh());
    expect([code, err.split("  ")[0]]).toEqual([2, "CLI-IDLE"]);
  });

  it("tells the line of a fault, as text and as an object", async () => {
    const wrong = file("wrong.yaml", TINY.replace("amplitude", "amplitued"));
    const { code, err } = await ohmlet("train", wrong);
    expect(code).toBe(2);
    expect(err).toContain(
      `CONFIG-KEY  ${wrong}:23:3, estimator.amplitued: there is no key "amplitued" here\n    ` +
        "amplitued: 0.2\n    ^\n",
    );
    const { error } = JSON.parse((await ohmlet("train", wrong, "--json")).out) as { error: object };
    expect(error).toMatchObject({
      code: "CONFIG-KEY",
      place: { where: wrong, line: 23, column: 3, path: "estimator.amplitued" },
    });
  });

  it.each([
    ["a phase too short", ["  nudgedSteps: 40", "  nudgedSteps: 1"], "LEARN-SHORT", ":22:3, estimator"],
    ["an engine that is not there", ["engine: reference", "engine: abacus"], "ENGINE-NAME", ":29:9, engine"],
    ["a solver for other circuits", ["dt: 0.2", "dt: 0.2\nsolver: map"], "DYN-SOLVER", ":28:9, solver"],
    [
      "complex nudges of a device that knows none",
      ["kind: centred", "kind: holomorphic"],
      "EQ-HOLOMORPHIC",
      ":22:3, estimator",
    ],
    [
      "a time step chosen for a solver that chooses its own",
      ["dt: 0.2", "dt: auto\nsolver: dormand-prince"],
      "DYN-SOLVER",
      ":27:5, dt",
    ],
    ["a time step chosen for a map", ["dt: 0.2", "dt: auto\nsolver: map"], "DYN-SOLVER", ":27:5, dt"],
    ["a time step that nobody chooses", ["dt: 0.2", "dt: automatic"], "UNIT-", ":27:5, dt"],
    ["data of another size", ["train: 60", "size: 9, train: 60"], "DATA-SHAPE", ":10:3, circuit"],
  ] as const)(
    "tells the line of what shows only when all is together: %s",
    async (_, [from, to], code, at) => {
      const out = fresh();
      const { err } = await ohmlet(
        "train",
        file(
          "together.yaml",
          TINY.replace(from, to).replace(
            "rho = tanh(u)",
            code === "EQ-HOLOMORPHIC" ? "rho = clip(u, 0, 1)" : "rho = tanh(u)",
          ),
        ),
        "--out",
        out,
      );
      expect(err).toContain(code);
      expect(err).toContain(at);
      expect(() => readdirSync(out)).toThrow("ENOENT");
    },
  );

  it("does not blame the file for what was typed", async () => {
    expect((await ohmlet("train", tiny, "--engine", "abacus")).err).toMatch(
      /^ENGINE-NAME {2}abacus: |^ENGINE-NAME {2}(?!.*tiny\.yaml)/m,
    );
  });

  it("leaves it to the user where data are that lie elsewhere", async () => {
    const data = (folderText: string) =>
      file(
        "data.yaml",
        TINY.replace("{ kind: generated, train: 60, test: 30 }", `{ kind: folder${folderText} }`),
      );
    expect((await ohmlet("train", data(""))).err).toContain("CONFIG-DATA");
    expect((await ohmlet("train", data(", folder: ../mnist"))).err).toContain("CONFIG-PATH");
    mkdirSync(join(folder, "images"));
    expect((await ohmlet("train", data(", folder: images"))).err).toContain("DATA-FORMAT");
    symlinkSync("/etc/hostname", join(folder, "images", "train.csv"));
    expect((await ohmlet("train", data(", folder: images"))).err).toContain("DATA-LINK");
    symlinkSync(tmpdir(), join(folder, "away"));
    expect((await ohmlet("train", data(", folder: away"))).err).toContain("CONFIG-PATH");
  });
});

describe("files beside a config", () => {
  it("hold circuits and devices, and their faults are told at their own lines", async () => {
    mkdirSync(join(folder, "parts"));
    file("parts/mine.yaml", "equations: |\n  du/dt = -u + I + I_nudge\n  rho = tanh(u)\n");
    const pair = file(
      "parts/pair.yaml",
      "topology: layered\nname: pair\nsizes: [64, 10]\nneuron: mine.yaml\nsynapse: ideal\n",
    );
    const run = file("files.yaml", TINY.replace(/circuit:\n(.*\n)*?data/, "circuit: parts/pair.yaml\ndata"));
    expect((await ohmlet("circuits", run)).out).toContain("mine");
    expect((await ohmlet("circuits", pair, "--json")).out).toContain('"neurons":10');
    expect((await ohmlet("devices", join(folder, "parts/mine.yaml"))).out).toContain(
      "du/dt = -u + I + I_nudge",
    );
    expect((await ohmlet("settle", run, "--steps", "200")).out).toContain("settled after");
    file("parts/mine.yaml", "equations: |\n  du/dt = -u + I + I_nudge\n  rho = tanh(v)\n");
    const { err } = await ohmlet("circuits", run);
    expect(err).toContain(`EQ-UNKNOWN  ${join(folder, "parts/mine.yaml")}:3:14, equations`);
  });
});

describe("ohmlet schema", () => {
  it("prints the JSON Schema of each kind", async () => {
    for (const kind of ["run", "circuit", "device"]) {
      const { code, out } = await ohmlet("schema", kind);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $defs: { [kind]: expect.anything() as object },
      });
    }
    expect((await ohmlet("schema")).out).toBe((await ohmlet("schema", "run")).out);
    expect((await ohmlet("schema", "chip")).err).toContain("CLI-NAME");
  });
});

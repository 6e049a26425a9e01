/**
 * Names, questions, folders and files of a stranger, through every verb: nothing that a terminal obeys is
 * printed, and no name passes for a line of ours.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERBS } from "../../src/cli/verbs";
import { OBEYED } from "../obeyed";
import { ohmlet, ohmletProcess } from "./run";
import { tinyRun } from "./tiny-run";

/**
 * A title for the window, a cleared screen in two ways, letters turned around, an overwritten line, a line
 * that looks like ours.
 */
const EVIL = "x\u001b]0;owned\u0007\u001b[2J\u009b2J\u202eyz\rover\nFORGED  line\u2028\u007f";
const inYaml = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u202e]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
const Q = inYaml(EVIL);
/** As far as a device's name may be of that kind. */
const NAME = inYaml(EVIL.replace(/\p{Cc}/gu, ""));

let root: string;
let at: (name: string) => string;

const DEVICE = `kind: neuron
name: ${NAME}
summary: ${Q}
source: ${Q}
equations: "tau*du/dt = -u + I + I_nudge # ${inYaml(EVIL.replace(/[\r\n\u2028]/g, "")).slice(1, -1)}\\nrho = tanh(u)"
parameters: { tau: 1 }
`;

const circuit = (population: string): string => `name: c
summary: ${Q}
populations:
  - { name: input, size: 64 }
  - name: ${population}
    size: 10
    neuron:
${DEVICE.replace(/^/gm, "      ").trimEnd()}
projections:
  - { name: ${population}, from: input, to: ${population}, synapse: { device: ideal }, bias: true, initial: glorot }
input: input
output: ${population}
cost: { kind: squared-error, argument: activity }
`;

const run = (data = "{ kind: generated, train: 40, test: 20 }"): string => `name: ${Q}
circuit:
${circuit("o").replace(/^/gm, "  ").trimEnd()}
data: ${data}
estimator: { kind: centred, amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 }
optimizer: { kind: adam, rate: 0.01 }
dt: 0.2
epochs: 1
engine: reference
`;

const study = `name: ${NAME}
question: ${Q}
${tinyRun()}vary: { circuit.mismatch: ["1 %", "2 %"] }
chips: 1
measure: [accuracy]
`;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ohmlet-hostile-"));
  mkdirSync(join(root, EVIL));
  at = (name) => join(root, EVIL, name);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

/** Runs it for people and for machines; `codes` are those that may come. */
async function expectHarmless(...words: readonly string[]): Promise<string> {
  const [text, json] = [await ohmlet(...words), await ohmlet(...words, "--json")];
  for (const { out, err } of [text, json]) {
    for (const line of `${out}${err}`.split("\n")) {
      expect(line).not.toMatch(OBEYED);
      expect(line).not.toMatch(/^\s*(FORGED|over)/);
    }
  }
  expect(json.err).toBe("");
  for (const line of json.out.trim().split("\n")) if (line !== "") JSON.parse(line);
  return `${text.out}${text.err}`;
}

/** What each verb is given. A verb that is missing here fails a test. */
const CASES: Readonly<Record<string, () => Promise<void>>> = {
  async devices() {
    expect(await expectHarmless("devices", put("device.yaml", DEVICE))).toContain("\\u001b]0;owned");
    await expectHarmless("devices", EVIL);
    await expectHarmless("devices", put("bad.yaml", DEVICE.replace("tanh(u)", "tanh(W)")));
  },
  async circuits() {
    expect(await expectHarmless("circuits", put("circuit.yaml", circuit("o")))).toMatch(
      /^c: x\\u001b\]0;owned/m,
    );
    await expectHarmless("circuits", at("circuit.yaml"), "--seed", "1");
    await expectHarmless("circuits", EVIL);
  },
  async settle() {
    await expectHarmless("settle", put("settle.yaml", circuit("o")), "--engine", "reference");
    await expectHarmless("settle", put("settle-run.yaml", run()));
    await expectHarmless("settle", EVIL);
  },
  async frequency() {
    await expectHarmless("frequency", put("frequency.yaml", circuit("o")));
    await expectHarmless("frequency", put("frequency-run.yaml", run()), "--out", at("gain.svg"));
    await expectHarmless("frequency", EVIL);
  },
  async train() {
    expect(await expectHarmless("train", put("run.yaml", run()), "--out", at("runs"))).toContain("epoch 1/1");
    await expectHarmless("train", put("broken.yaml", `${run()}\n${Q}: 1\n`));
    await expectHarmless("train", put("syntax.yaml", `a: [${EVIL}\n`));
    await expectHarmless("train", "--data", at("nowhere"));
    await expectHarmless("train", `--${EVIL}`);
    await expectHarmless("train", "--engine", EVIL);
    await expectHarmless("train", "--rule", EVIL);
    await expectHarmless("train", "--epochs", EVIL);
  },
  async resume() {
    for (const folder of readdirSync(at("runs"))) await expectHarmless("resume", join(at("runs"), folder));
    await expectHarmless("resume", at("nowhere"));
    await expectHarmless(
      "resume",
      doctored("version", (about) => ({ ...about, outcome: "interrupted", ohmlet: EVIL })),
    );
  },
  async report() {
    for (const folder of readdirSync(at("runs"))) await expectHarmless("report", join(at("runs"), folder));
    await expectHarmless("report", at("nowhere"));
    await expectHarmless(
      "report",
      doctored("outcome", (about) => ({ ...about, outcome: EVIL })),
    );
    await expectHarmless("report", at("study"));
  },
  async compare() {
    const folders = readdirSync(at("runs")).map((folder) => join(at("runs"), folder));
    await expectHarmless("compare", ...folders, "--out", at("page.html"));
    await expectHarmless(
      "compare",
      folders[0],
      doctored("other", (about) => ({ ...about, circuit: EVIL, rule: EVIL, chip: EVIL })),
      "--out",
      at("page.html"),
    );
  },
  async study() {
    const file = put("study.yaml", study);
    expect(await expectHarmless("study", file, "--out", at("study"), "--workers", "1")).toMatch(
      /^x\\u001b\]0;owned/m,
    );
    await expectHarmless("study", file, "--trial", "0/1");
    await expectHarmless("study", file, "--trial", EVIL);
    await expectHarmless("study", file, "--dry-run");
    await expectHarmless("study", file, "--shard", EVIL);
    await expectHarmless("study", put("knob.yaml", study.replace("circuit.mismatch", Q)));
    await expectHarmless("study", file, "--executor", "bullmq", "--redis", `redis://${EVIL}`);
  },
  async merge() {
    await expectHarmless("merge", at("study"), "--out", at("merged"));
    await expectHarmless("merge", at("nowhere"), "--out", at("merged2"));
  },
  async weakest() {
    const file = put(
      "weakest.yaml",
      `name: ${Q}\nquestion: ${Q}\n${tinyRun()}ranges: { circuit.angle: [0, 80] }\nclaim: { accuracy: ` +
        `">= 0.99" }\nseeds: 1\nbudget: { evaluations: 2 }\n`,
    );
    expect(await expectHarmless("weakest", file, "--report", at("weakest.html"))).toMatch(
      /^question       x\\u001b\]0;owned/m,
    );
    await expectHarmless("weakest", file, "--replay", EVIL);
    await expectHarmless(
      "weakest",
      put("claim.yaml", `${tinyRun()}ranges: { circuit.angle: [0, 80] }\nclaim: { ${Q}: ">= 0.99" }\n`),
    );
  },
  async data() {
    mkdirSync(at("set"));
    for (const part of ["train", "test"]) {
      for (const name of ["a", EVIL]) {
        mkdirSync(join(at("set"), part, name), { recursive: true });
        writeFileSync(join(at("set"), part, name, "1.png"), PNG);
      }
    }
    expect(await expectHarmless("data", "show", at("set"), "--out", at("sheet.svg"))).toContain(
      "\\u001b]0;owned",
    );
    await expectHarmless("data", "show", at("set"), "--out", at("sheet.png"));
    await expectHarmless("data", "show", put(`${EVIL}.csv`, `${EVIL},b\n1,2\n`));
    await expectHarmless("data", "fetch", EVIL);
    await expectHarmless("data", EVIL);
    await expectHarmless("train", "--data", at("set"), "--epochs", "1", "--out", at("pictures"));
  },
  async spice() {
    // A line of the file may be shown as what it is.
    const evil = EVIL.replace(/[\r\n\u2028\s]/g, "");
    const file = put("netlist.cir", `${evil}\nR1 a${evil} 0 1k\nV1 a${evil} 0 1\n.op\n.tran 1n 1u\n`);
    for (const action of ["op", "tran", "compare"]) {
      await expectHarmless(
        "spice",
        action,
        file,
        ...(action === "compare" ? ["--ngspice", at("nowhere")] : []),
      );
      await expectHarmless("spice", action, at("nowhere"));
    }
    await expectHarmless("spice", "op", put("element.cir", `t\n${evil} a 0 1\n`));
    await expectHarmless("spice", "op", put("model.cir", `t\nd1 a 0 ${evil}\n.model ${evil} d(${evil}=1)\n`));
    await expectHarmless("spice", EVIL);
  },
  async verify() {
    const { good } = {
      good: JSON.parse(
        readFileSync(
          join(
            __dirname,
            "../golden/cases",
            readdirSync(join(__dirname, "../golden/cases")).filter((file) => file.endsWith(".json"))[0],
          ),
          "utf8",
        ),
      ) as object,
    };
    await expectHarmless(
      "verify",
      put(`${EVIL}.json`, JSON.stringify({ ...good, [EVIL]: 1 })),
      put("kind.json", JSON.stringify({ kind: EVIL })),
      put("syntax.json", `{"${EVIL}`),
      at("nowhere"),
    );
  },
  async export() {
    for (const folder of readdirSync(at("runs")))
      await expectHarmless("export", join(at("runs"), folder), "--digital-copy");
    await expectHarmless("export", EVIL);
    await expectHarmless("export", at("nowhere"), "--digital-copy", "--out", EVIL);
  },
  async reproduce() {
    await expectHarmless("reproduce", "list");
    await expectHarmless("reproduce", EVIL);
    await expectHarmless("reproduce", "laborieux-bias", "--data", at("nowhere"), "--out", at("reproduced"));
    await expectHarmless("reproduce", "laborieux-bias", "--engine", EVIL, "--out", at("reproduced"));
  },
  async schedule() {
    await expectHarmless("schedule", put("schedule.yaml", run()));
    await expectHarmless("schedule", EVIL);
    await expectHarmless("schedule", at("nowhere"));
  },
  async fit() {
    await expectHarmless("fit", put("curve.csv", `${Q},b\n0,0\n1,${EVIL}\n`));
    await expectHarmless("fit", put("up.csv", `${EVIL}\n0\n1\n2\n1\n0\n`));
    await expectHarmless("fit", EVIL);
    await expectHarmless("fit", at("up.csv"), "--model", EVIL);
  },
  async estimators() {
    await expectHarmless("estimators", put("estimators.yaml", run()), "--samples", "1", "--repeats", "2");
    await expectHarmless("estimators", EVIL);
    await expectHarmless("estimators", at("estimators.yaml"), "--noise", EVIL);
  },
  async schema() {
    await expectHarmless("schema", EVIL);
  },
  async doctor() {
    await expectHarmless("doctor", "--engine", EVIL);
  },
  async worker() {
    await expectHarmless("worker", "--redis", `redis://user:${EVIL}@127.0.0.1:1`);
    await expectHarmless("worker", "--redis", EVIL);
  },
};

/** A picture of one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
  "base64",
);

/** A run that is there, with another record. */
function doctored(name: string, change: (about: object) => object): string {
  const from = join(at("runs"), readdirSync(at("runs"))[0]);
  mkdirSync(at(name));
  for (const file of ["config.yaml", "events.jsonl"])
    writeFileSync(join(at(name), file), readFileSync(join(from, file)));
  writeFileSync(
    join(at(name), "run.json"),
    JSON.stringify(change(JSON.parse(readFileSync(join(from, "run.json"), "utf8")) as object)),
  );
  return at(name);
}

describe("what a stranger writes", () => {
  it("meets every verb", () => {
    expect(Object.keys(CASES).sort()).toEqual([...VERBS.keys()].sort());
  });

  for (const name of [
    "devices",
    "circuits",
    "settle",
    "frequency",
    "train",
    "study",
    "resume",
    "report",
    "compare",
    "merge",
    "weakest",
    "data",
    "spice",
    "verify",
    "export",
    "reproduce",
    "schedule",
    "fit",
    "estimators",
    "schema",
    "doctor",
    "worker",
  ]) {
    it(`is shown and not obeyed by ${name}`, async () => CASES[name](), 60_000);
  }

  it("is told by a process, line by line, as it is told here", async () => {
    const words = ["study", at("study.yaml"), "--trial", "0/1"];
    expect(await ohmletProcess(...words)).toEqual(await ohmlet(...words));
    const { err } = await ohmletProcess("circuits", EVIL);
    expect(err).toContain("\\u001b]0;owned");
    expect(err.replaceAll("\n", "")).not.toMatch(OBEYED);
  }, 60_000);

  it("is as harmless in what was written, for whoever prints a file", () => {
    const written = ["runs", "pictures", "study", "merged", "weakest.html", "page.html", "sheet.svg"]
      .map(at)
      .flatMap((path) =>
        statSync(path).isFile()
          ? [path]
          : readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file)),
      );
    const texts = written.filter((path) => /\.(html|svg|json|jsonl|yaml|csv)$/.test(path));
    expect(texts.length).toBeGreaterThan(30);
    for (const path of texts) {
      const text = readFileSync(path, "utf8");
      expect(text.replace(/[\r\n\u2028]/g, ""), basename(path)).not.toMatch(OBEYED);
      expect(text).not.toMatch(/<script|<iframe|\bon\w+="/i);
    }
  });

  it("is no verb", async () => {
    await expectHarmless(EVIL);
    await expectHarmless("help", EVIL);
  });
});

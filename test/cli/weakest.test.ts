/**
 * `ohmlet weakest`: found, replayed to the last digit, stopped at its budget; bad questions at their lines.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readXml } from "../plot/well-formed";
import { ohmlet } from "./run";
import { stopwatch } from "../stopwatch";
import { LONG } from "../long";

const folder = mkdtempSync(join(tmpdir(), "ohmlet-weakest-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RUN = `run:
  circuit: { topology: nonideal, sizes: [64, 8, 10], temperature: 0 K, mismatch: 0 }
  data: { kind: generated, train: 400, test: 100 }
  estimator: { kind: centred, amplitude: 0.3, freeSteps: 20, nudgedSteps: 15 }
  dt: 10 us
  optimizer: { kind: adam, rate: 0.01, feedbackRate: 0 }
  epochs: 2
  probe: 0
  engine: simd
`;
const RANGES = "ranges:\n  circuit.angle: { from: 0, to: 180, steps: 3 }\n";
const REST = 'claim: { accuracy: ">= 0.3" }\nseeds: 1\n';
function file(text: string): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.yaml`);
  writeFileSync(path, text);
  return path;
}

interface Told {
  readonly kind: string;
  readonly evaluations: number;
  readonly limit: string | null;
  readonly verdict: { readonly point: Readonly<Record<string, number>>; readonly votes: readonly object[] };
}

describe("ohmlet weakest", () => {
  it("writes a page that says what was found, who voted, and how to see it again", async () => {
    const page = join(folder, "page.html");
    const { out } = await ohmlet(
      "weakest",
      file(`question: "How much <asymmetry>?"\n${RUN}${RANGES}${REST}`),
      "--report",
      page,
    );
    expect(out).toContain(page);
    const html = readFileSync(page, "utf8");
    expect(html).toContain("<h1>How much &lt;asymmetry&gt;?</h1>");
    for (const part of [
      "The claim accuracy &gt;= 0.3 breaks at circuit.angle",
      "accuracy over circuit.angle",
      "The way of the search",
      "Who voted",
      "--replay circuit.angle=",
    ])
      expect(html).toContain(part);
    expect(html).not.toMatch(/https?:|<script/);
    readXml(html);
    expect(
      (await ohmlet("weakest", file(RUN + RANGES + REST), "--replay", "circuit.angle=0", "--report", page))
        .err,
    ).toContain("CLI-IDLE");
  });

  it.runIf(LONG)("asks with several remedies, and tells the margins side by side", async () => {
    const text = `${RUN}ranges:\n  circuit.angle: [0, 180]\nclaim: { accuracy: ">= 0.3" }\nseeds: 1\n`;
    const asked = file(`${text}remedies: [none, weight-mirror]\n`);
    const { out, code } = await ohmlet("weakest", asked);
    expect(code).toBe(0);
    expect(out).toMatch(/none +circuit\.angle: holds at 0 degrees, fails at 180 degrees +2 trainings/);
    expect(out).toMatch(/weight-mirror +\S/);
    expect((await ohmlet("weakest", asked, "--replay", "circuit.angle=0")).err).toContain("CLI-IDLE");
    const one = await ohmlet("weakest", asked, "--remedy", "none", "--replay", "circuit.angle=180");
    expect(one.out).toContain("the claim fails");
    const tied = file(
      `${text.replace("topology: nonideal", "topology: layered, neuron: leaky-integrator, synapse: ideal")}`,
    );
    expect((await ohmlet("weakest", tied, "--remedy", "weight-mirror")).err).toMatch(/LEARN-REMEDY|CONFIG-/);
  });

  it("says what to type in words that a shell takes as they are", async () => {
    const odd = join(folder, "a b'$(x);.yaml");
    writeFileSync(
      odd,
      `${RUN}ranges:\n  circuit.mismatch: [0, "5 %"]\nclaim: { accuracy: ">= 1" }\nseeds: 1\n`,
    );
    const { out } = await ohmlet("weakest", odd, "--engine", "reference");
    const command = /^replay +(.*)$/m.exec(out)?.[1] ?? "";
    expect(
      spawnSync("sh", ["-c", `ohmlet() { printf '%s\\n' "$@"; }\n${command}`], { encoding: "utf8" })
        .stdout.trim()
        .split("\n"),
    ).toEqual(["weakest", odd, "--engine", "reference", "--replay", "circuit.mismatch=0"]);
  });

  it("finds a point between what holds and what fails, and replays it exactly", async () => {
    const question = file(RUN + RANGES + REST);
    const { code, out, err } = await ohmlet("weakest", question, "--json");
    expect([code, err]).toEqual([0, ""]);
    const told = JSON.parse(out) as Told;
    expect(told.kind).toBe("found");
    const angle = told.verdict.point["circuit.angle"];
    expect(angle).toBeGreaterThanOrEqual(60);
    const again = await ohmlet("weakest", question, "--json", "--replay", `circuit.angle=${angle}`);
    expect((JSON.parse(again.out) as Told["verdict"]).votes).toEqual(told.verdict.votes);
  });

  it("asks chips as they are fabricated, about whatever studies measure", async () => {
    const { code, out } = await ohmlet(
      "weakest",
      file(
        `${RUN}${RANGES.replace("steps: 3", "steps: 12")}claim: { errorAngle: "<= 30", cosine.output: ` +
          `">= 0.5" }\nseeds: 1\ntrain: false\n`,
      ),
      "--json",
    );
    const { kind, verdict } = JSON.parse(out) as Told;
    expect([code, kind]).toEqual([0, "found"]);
    expect(verdict.votes).toMatchObject([
      { measures: { errorAngle: expect.any(Number), cosine: expect.any(Number) } },
    ]);
  });

  it("stops at its budget, says so, and keeps what it has", async () => {
    const { code, out } = await ohmlet("weakest", file(RUN + RANGES + REST), "--evaluations", "2");
    expect(code).toBe(0);
    expect(out).toContain("minimal        not shown: the search ended before");
    expect(out).toMatch(/weakest point {2}circuit.angle = 180/);
    expect(out).toContain("--replay circuit.angle=180");
    expect(out).toContain("stopped at the budget of evaluations");
  });

  it.each([
    [
      "CONFIG-KEY",
      RUN + RANGES.replace("angle", "angel") + REST,
      /yaml:11:18, ranges.circuit.angel: there is no key/,
    ],
    ["CONFIG-RANGE", RUN + RANGES.replace("180", "181") + REST, /ranges.circuit.angle.to: 181/],
    ["CONFIG-MISSING", RANGES + REST, /there is no run/],
    ["CONFIG-MISSING", `${RUN}config: default.yaml\n${RANGES}${REST}`, /two runs/],
    ["CONFIG-PATH", `config: ../default.yaml\n${RANGES}${REST}`, /config/],
    ["WEAKEST-RANGE", `${RUN}ranges: {}\n${REST}`, /no range/],
    ["WEAKEST-RANGE", RUN + RANGES.replace("180", "0") + REST, /empty/],
    ["CONFIG-KNOB", `${RUN}ranges: { chip.seed: [1, 2] }\n${REST}`, /seeds are drawn/],
    ["CONFIG-KNOB", `${RUN}ranges: { dt.angle: [1, 2] }\n${REST}`, /no parts to turn/],
    ["CONFIG-KNOB", `${RUN}ranges: { circuit.sizes.length: [2, 4000000000] }\n${REST}`, /"length"/],
    ["CONFIG-KNOB", `${RUN}ranges: { circuit.sizes.7: [2, 3] }\n${REST}`, /"7"/],
    ["CONFIG-KNOB", `${RUN}ranges: { circuit.__proto__.angle: [2, 3] }\n${REST}`, /"__proto__"/],
    ["CONFIG-KNOB", `${RUN}ranges: { circuit.constructor.name: [2, 3] }\n${REST}`, /"constructor"/],
    [
      "WEAKEST-MEASURE",
      RUN + RANGES + REST.replace("accuracy", "speed"),
      /yaml:12:.*"speed" is not measured/,
    ],
    ["WEAKEST-CLAIM", RUN + RANGES + REST.replace(">= 0.3", "fine"), /claim/],
    ["WEAKEST-BUDGET", `${RUN + RANGES + REST.replace("1", "9")}budget: { evaluations: 3 }\n`, /budget/],
  ])("refuses with %s, at its line, within a second", async (code, text, message) => {
    const elapsed = stopwatch();
    const { code: exit, err } = await ohmlet("weakest", file(text));
    expect(err).toContain(code);
    expect(err).toMatch(message);
    expect(exit).toBe(2);
    expect(elapsed()).toBeLessThan(1000);
  });

  it("refuses to replay what is not on the grid", async () => {
    const { code, err } = await ohmlet("weakest", file(RUN + RANGES + REST), "--replay", "circuit.angle=31");
    expect([code, err.includes("the nearest values: 60, 0")]).toEqual([2, true]);
    expect((await ohmlet("weakest", file(RUN + RANGES + REST), "--replay", "angle")).err).toContain(
      "WEAKEST-POINT",
    );
  });
});

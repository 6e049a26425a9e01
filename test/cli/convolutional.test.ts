/** Convolutional circuits from the command line: trained, killed and resumed, studied, settled. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { killWork } from "../../bench/kills/kill";
import { runSubject } from "../../bench/kills/runs";
import { changed, CONVOLUTIONAL, WIRED } from "../config/wired";
import { ohmlet } from "./run";
import { LONG } from "../long";

const root = mkdtempSync(join(tmpdir(), "ohmlet-kernels-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}
const LONGER = changed(
  changed(
    changed(CONVOLUTIONAL, "train: 60, test: 30", "train: 160, test: 20"),
    "engine: reference",
    "engine: simd",
  ),
  "epochs: 2",
  "epochs: 3",
);

describe("a convolutional circuit", () => {
  it.runIf(LONG)("comes to the same bytes after kills at random moments", async () => {
    const count = await killWork({
      subject: runSubject([file("run.yaml", LONGER), "--checkpoint-every", "3"]),
      kills: 1,
      folder: mkdtempSync(join(root, "kills-")),
      seed: 3,
    });
    expect(count.faults).toEqual([]);
    expect(count.kills).toBe(1);
  });

  it.each([
    ["kernels in a row", changed(CONVOLUTIONAL, "epochs: 2", "epochs: 1")],
    ["a graph of every wiring", changed(WIRED, "epochs: 2", "epochs: 1")],
  ])("is trained, and its folder opens again: %s", async (name, text) => {
    const out = join(root, name.replaceAll(" ", "-"));
    expect((await ohmlet("train", file("again.yaml", text), "--out", out)).code).toBe(0);
    const folder = join(out, readdirSync(out)[0]);
    expect((await ohmlet("report", folder)).code).toBe(0);
    // The config of the folder is the run: trained from it, the same weights.
    const second = join(out, "second");
    expect((await ohmlet("train", join(folder, "config.yaml"), "--out", second)).code).toBe(0);
    const weights = (path: string): Buffer => readFileSync(join(path, "weights.npz"));
    expect(weights(join(second, readdirSync(second)[0])).equals(weights(folder))).toBe(true);
  });

  it.runIf(LONG)("is studied: chips of several kernels", async () => {
    const indented = CONVOLUTIONAL.replace(/^name: .*\n/, "")
      .replace(/(engine|probe): .*\n/g, "")
      .replaceAll(/^(?=.)/gm, "  ");
    const study = `name: kernels\nrun:\n${indented}vary:\n  circuit.outputs: [10, 12]\nchips: 2\nmeasure: [accuracy, cosine]\n`;
    const out = join(root, "study");
    const { code, err } = await ohmlet("study", file("study.yaml", study), "--out", out, "--workers", "1");
    expect(code).toBe(0);
    // Twelve outputs are more than there are classes.
    expect(err).toMatch(/^LEARN-WIDTH in 2 of 4 chips, at 1 of 2 points/);
    const lines = readFileSync(join(out, "results.csv"), "utf8").trim().split("\r\n");
    expect(lines).toHaveLength(5);
    for (const line of lines.slice(1)) expect(Number(line.split(",")[4])).toBeGreaterThanOrEqual(0);
  });
});

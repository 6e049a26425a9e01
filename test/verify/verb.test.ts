/** `ohmlet verify` on files and folders: lines, exit codes, JSON. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ohmlet } from "../cli/run";

const CASES = join(__dirname, "../golden/cases");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-verify-"));
  cpSync(CASES, join(folder, "good"), { recursive: true });
  mkdirSync(join(folder, "empty"));
  mkdirSync(join(folder, "mixed"));
  const field = readFileSync(join(CASES, "vector-field-tiny.json"), "utf8");
  writeFileSync(join(folder, "mixed/a.json"), field);
  writeFileSync(
    join(folder, "mixed/b.json"),
    field.replace(/"cos_total":([-\d.e]+)/, (_, cos) => `"cos_total":${Number(cos) * 0.999}`),
  );
  writeFileSync(join(folder, "mixed/c.json"), '{"kind":"not-yet-known"}');
  writeFileSync(join(folder, "mixed/d.json"), "{");
  writeFileSync(join(folder, "mixed/notes.txt"), "not a case");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("ohmlet verify", () => {
  it("passes a folder of good cases, a line each", async () => {
    const { code, out, err } = await ohmlet("verify", join(folder, "good"));
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => line.split(" ").slice(0, 3).join(" ")),
    ).toEqual([
      "PASS ep-train-step ep-train-step-tiny",
      "PASS holomorphic-mlp holomorphic-mlp-tiny",
      "PASS homeostasis homeostasis-tiny",
      "PASS initialized-ep initialized-ep-tiny",
      "PASS vector-field vector-field-tiny",
    ]);
    expect(err).toContain("5 passed, 0 failed, 0 skipped on reference (float64)");
  });

  it("tells good, altered, unsupported and unreadable cases apart", async () => {
    const { code, out } = await ohmlet("verify", join(folder, "mixed"));
    expect(code).toBe(1);
    const lines = out.trim().split("\n");
    expect(lines.map((line) => line.slice(0, 4))).toEqual(["PASS", "FAIL", "SKIP", "FAIL"]);
    expect(lines[1]).toMatch(/quantity=cos_total$/);
    expect(lines[3]).toMatch(/reason=.*not JSON/);
  });

  it("fails where a kind is not supported only if it is asked to be strict", async () => {
    const file = join(folder, "mixed/c.json");
    expect((await ohmlet("verify", file)).code).toBe(0);
    expect((await ohmlet("verify", file, "--strict")).code).toBe(1);
  });

  it("gives the same to machines", async () => {
    const { code, out } = await ohmlet("verify", join(folder, "mixed"), "--json");
    const { engine, passed, failed, skipped, cases } = JSON.parse(out) as {
      engine: { name: string };
      passed: number;
      failed: number;
      skipped: number;
      cases: { status: string; failed: string[] }[];
    };
    expect([code, engine.name, passed, failed, skipped]).toEqual([1, "reference", 1, 2, 1]);
    expect(cases[1].failed).toEqual(["cos_total"]);
  });

  it("refuses a path that is not there, and a folder without cases", async () => {
    const missing = await ohmlet("verify", join(folder, "nowhere.json"));
    expect([missing.code, missing.out]).toEqual([2, ""]);
    expect(missing.err).toContain(
      `VERIFY-PATH  ${join(folder, "nowhere.json")}: there is no such file or folder`,
    );
    const empty = await ohmlet("verify", join(folder, "empty"));
    expect([empty.code, empty.err]).toEqual([2, expect.stringContaining("VERIFY-EMPTY")]);
  });

  it("says which engine ran, and refuses one that there is not", async () => {
    const { code, err } = await ohmlet(
      "verify",
      join(folder, "good/vector-field-tiny.json"),
      "--engine",
      "gpu:cpu",
    );
    expect([code, err]).toEqual([0, expect.stringContaining("on gpu:cpu (float32)")]);
    expect((await ohmlet("verify", join(folder, "good"), "--engine", "abacus")).code).toBe(2);
  });
});

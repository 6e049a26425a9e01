/** The script for a machine with a card, on WebAssembly: what it measures, checks and writes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { tableOf, writeTable } from "../../bench/card-table";
import { LONG } from "../long";
import { bench } from "./run";

const folder = mkdtempSync(join(tmpdir(), "bench-gpu-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MARKS = ["<!-- bench gpu: written by the command above -->", "<!-- bench gpu ends -->"];
const small = ["--width", "8", "--batches", "2", "--steps", "3", "--chips", "3", "--repeats", "1"];

describe("bench gpu", () => {
  it("checks every figure against the reference, and writes the table where it is told to", async () => {
    const document = join(folder, "page.md");
    writeFileSync(document, ["before", MARKS[0], "old", MARKS[1], "after"].join("\n"));
    const asked = ["--train", LONG ? "20" : "0", "--python", "no-such-python", "--document", document];
    const { code, lines } = await bench("gpu", "--engine", "gpu:webasm", ...small, ...asked, "--json");
    expect(code).toBe(0);
    expect(lines).toHaveLength(LONG ? 6 : 5);
    for (const line of lines) {
      expect(line).toMatchObject({ bench: "gpu", engine: "gpu:webasm", agrees: true, torch_ms: null });
      expect(line.ms).toBeGreaterThan(0);
      expect(line.worst).toBeGreaterThan(0);
      expect(line.worst).toBeLessThan(1e-4);
    }
    expect(lines[0].crossings).toMatchObject({ bytesUp: expect.any(Number) });
    const text = readFileSync(document, "utf8");
    expect(text).toMatch(/^before\n/);
    expect(text).toMatch(/\nafter$/);
    expect(text).not.toContain("old");
    expect(text).toContain("| 3 complex steps, 784-8-8-10, batch 2 |");
    expect(text).toContain("no torch here");
  });

  it("tells PyTorch's time over ours, and what crossed the border", () => {
    const row = {
      row: "steps",
      ms: 2,
      worst: 1e-6,
      peer: null,
      crossings: { calls: 2, bytesUp: 1500, bytesDown: 20_000 },
    };
    const table = tableOf({ engine: "gpu:webgpu", on: "A Card", torch: "torch 2" }, [
      { row, beside: { ms: 3 } },
    ]);
    expect(table).toContain("gpu:webgpu on A Card; torch 2.");
    expect(table).toContain("| steps | 2 ms | 3 ms, 1.50 | 1.0e-6 | 2.00, 1.5, 20 |");
  });

  it("needs a place in the document; docs/performance.md has one", () => {
    const empty = join(folder, "empty.md");
    writeFileSync(empty, "nothing");
    expect(() => writeTable(empty, "table")).toThrow("has no place for the table");
    const text = readFileSync("docs/performance.md", "utf8");
    for (const mark of MARKS) expect(text.split(mark)).toHaveLength(2);
  });
});

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OhmletError } from "../../src/errors";
import { writeAtomically } from "../../src/io/atomic";
import { csvLine } from "../../src/io/csv";
import { createNamedFolder, createRunFolder } from "../../src/io/run-folder";

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "run-folder-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = (...parts: string[]): string => readFileSync(join(...parts), "utf8");

function coded(action: () => unknown): OhmletError {
  try {
    action();
  } catch (error) {
    if (error instanceof OhmletError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The cells of CSV text, by RFC 4180. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    lines[lines.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

describe("a run folder", () => {
  it("gets the name that is asked for or is not made, and then nothing is left of it", () => {
    const made = createNamedFolder(root, "digits", (folder) => folder.text("a.txt", "one"));
    expect(made?.path).toBe(join(root, "digits"));
    mkdirSync(join(root, "empty"));
    for (const name of ["digits", "empty"]) {
      expect(createNamedFolder(root, name, (folder) => folder.text("a.txt", "two"))).toBeNull();
      expect(createNamedFolder(root, name)).toBeNull();
    }
    expect(readdirSync(root).sort()).toEqual(["digits", "empty"]);
    expect(readdirSync(join(root, "empty"))).toEqual([]);
    expect(read(root, "digits", "a.txt")).toBe("one");
  });

  it("is never written over: a name that is taken gets a suffix", () => {
    const first = createRunFolder(join(root, "runs"), "digits");
    first.text("a.txt", "one");
    const second = createRunFolder(join(root, "runs"), "digits");
    const third = createRunFolder(join(root, "runs"), "digits");
    expect([first.path, second.path, third.path]).toEqual(
      ["digits", "digits-2", "digits-3"].map((name) => join(root, "runs", name)),
    );
    expect(read(first.path, "a.txt")).toBe("one");
    expect(readdirSync(second.path)).toEqual([]);
  });

  it("does not take a file's name either", () => {
    writeFileSync(join(root, "digits"), "mine");
    expect(createRunFolder(root, "digits").path).toBe(join(root, "digits-2"));
    expect(read(root, "digits")).toBe("mine");
  });

  it("says what to do when it cannot be made", () => {
    writeFileSync(join(root, "file"), "");
    const error = coded(() => createRunFolder(join(root, "file"), "digits"));
    expect(error).toMatchObject({
      code: "IO-FOLDER",
      category: "input",
      place: { where: join(root, "file", "digits") },
    });
    expect(error.fact).toMatch(/EEXIST|ENOTDIR/);
    expect(error.remedy).toBeTruthy();
  });

  it.each(["", ".", "..", "a/b", "../up", "a\\b", "a\0b", "x".repeat(121)])("refuses the name %j", (name) => {
    expect(coded(() => createRunFolder(join(root, "inner"), name))).toMatchObject({ code: "IO-FOLDER" });
  });

  it("holds JSON, text and bytes, in folders of their own where asked", () => {
    const folder = createRunFolder(root, "run");
    folder.json("run.json", {
      accuracy: 0.964,
      loss: NaN,
      peak: Infinity,
      weights: Float32Array.of(1, 0.5),
      nothing: null,
    });
    folder.text("report.html", "é");
    folder.bytes("weights/W1.npy", Uint8Array.of(0, 255, 10));
    expect(JSON.parse(read(folder.path, "run.json"))).toEqual({
      accuracy: 0.964,
      loss: "NaN",
      peak: "Infinity",
      weights: [1, 0.5],
      nothing: null,
    });
    expect(read(folder.path, "report.html")).toBe("é");
    expect([...readFileSync(join(folder.path, "weights", "W1.npy"))]).toEqual([0, 255, 10]);
    expect(readdirSync(folder.path).sort()).toEqual(["report.html", "run.json", "weights"]);
  });

  it("replaces a file whole, or not at all", () => {
    const folder = createRunFolder(root, "run");
    folder.json("run.json", { epoch: 1 });
    folder.json("run.json", { epoch: 2 });
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    expect(() => folder.json("run.json", cyclic)).toThrow("circular");
    expect(JSON.parse(read(folder.path, "run.json"))).toEqual({ epoch: 2 });
    expect(readdirSync(folder.path)).toEqual(["run.json"]);
  });

  it("reports a write that fails, and leaves no half behind", () => {
    const folder = createRunFolder(root, "run");
    mkdirSync(join(folder.path, "taken", "full"), { recursive: true });
    expect(coded(() => folder.text("taken", "x"))).toMatchObject({
      code: "IO-WRITE",
      category: "run",
      place: { where: join(folder.path, "taken") },
    });
    expect(readdirSync(folder.path)).toEqual(["taken"]);
  });

  it("writes nothing outside itself", () => {
    const folder = createRunFolder(root, "run");
    for (const file of ["../up", "/tmp/absolute", "a/../../up", "", "."])
      expect(() => folder.text(file, "")).toThrow("not a file of the run folder");
    expect(readdirSync(root)).toEqual(["run"]);
  });

  it("appends an event a line", () => {
    const folder = createRunFolder(root, "run");
    folder.event({ kind: "start", text: "two\nlines" });
    folder.event({ kind: "epoch", loss: -Infinity });
    const lines = read(folder.path, "events.jsonl").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: "start", text: "two\nlines" },
      { kind: "epoch", loss: "-Infinity" },
    ]);
  });
});

describe("a run's CSV", () => {
  it("has the first record's columns, and empty cells for what is missing", () => {
    const folder = createRunFolder(root, "run");
    folder.row("curves.csv", { epoch: 1, "test accuracy": 0.5 });
    folder.row("curves.csv", { "test accuracy": 0.75 });
    folder.row("other.csv", { a: true });
    expect(read(folder.path, "curves.csv")).toBe("epoch,test accuracy\r\n1,0.5\r\n,0.75\r\n");
    expect(() => folder.row("curves.csv", { late: 1 })).toThrow('no column "late"');
    expect(read(folder.path, "other.csv")).toBe("a\r\ntrue\r\n");
  });

  it("reads back as it was written", () => {
    const text = fc.string({
      unit: fc.constantFrom('"', ",", "\n", "\r", "a", " ", "é", "'"),
      maxLength: 12,
    });
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 5 }),
      );
    fc.assert(
      fc.property(table, (lines) => void expect(parseCsv(lines.map(csvLine).join(""))).toEqual(lines)),
    );
  });

  it("keeps every number exactly", () => {
    fc.assert(
      fc.property(fc.double(), (value) =>
        Object.is(Number(parseCsv(csvLine([value]))[0][0]), value === 0 ? 0 : value),
      ),
    );
  });
});

describe("an atomic write", () => {
  it("leaves the old content where the new cannot be put", () => {
    mkdirSync(join(root, "target", "full"), { recursive: true });
    expect(() => writeAtomically(join(root, "target"), "new")).toThrow();
    expect(readdirSync(root)).toEqual(["target"]);
  });
});

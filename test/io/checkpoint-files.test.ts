/** Checkpoints in a folder: at every moment there is a whole one; what is damaged or hostile is refused. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropCheckpoint, keepCheckpoint, readCheckpoint } from "../../src/io/checkpoint-files";
import { createRunFolder, openRunFolder, takeOverRunFolder } from "../../src/io/run-folder";
import { heldLock, lockRun } from "../../src/io/run-lock";
import { temporaryName } from "../../src/io/within";

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "checkpoints-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const keep = (path: string, value: number): void =>
  keepCheckpoint(openRunFolder(path), { step: value }, [
    ["a/b", { shape: [3], data: Float64Array.of(value, 2, 3) }],
    ["s", { shape: [1, 1], data: Float32Array.of(0.1) }],
  ]);

describe("checkpoints in a folder", () => {
  it("are read back to the bit, doubles and floats, the last one kept", () => {
    expect(readCheckpoint(root)).toBeNull();
    for (const value of [1, 0.1, Number.MIN_VALUE]) {
      keep(root, value);
      const { about, arrays } = readCheckpoint(root) ?? {};
      expect(about).toEqual({ step: value });
      expect(arrays?.get("a/b")?.data).toEqual(Float64Array.of(value, 2, 3));
      expect(arrays?.get("s")?.data).toEqual(Float32Array.of(0.1));
    }
    dropCheckpoint(openRunFolder(root));
    expect(readdirSync(root)).toEqual([]);
  });

  it("stay whole wherever the next one is cut off", () => {
    keep(root, 1);
    const next = join(root, "next");
    mkdirSync(next);
    for (const file of readdirSync(root).filter((name) => name.startsWith("checkpoint")))
      cpSync(join(root, file), join(next, file));
    keep(next, 2);
    const [archive] = readdirSync(next).filter((file) => !readdirSync(root).includes(file));
    const bytes = readFileSync(join(next, archive));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        // Half an archive under its final name is worse than what can happen: it is written aside and
        // renamed.
        writeFileSync(join(root, archive), bytes.subarray(0, length));
        writeFileSync(join(root, temporaryName()), "{");
        expect(readCheckpoint(root)?.about).toEqual({ step: 1 });
      }),
    );
    mkdirSync(join(root, "figures"));
    writeFileSync(join(root, "figures", temporaryName()), "<sv");
    const mine = [".notes.tmp", ".1.svg.77.tmp", "ohmlet-000000000000000000000000.tmp"];
    for (const file of mine) writeFileSync(join(root, "figures", file), "mine");
    const left = (): string[] =>
      readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".tmp"));
    openRunFolder(root); // somebody may be at work there
    expect(left()).not.toEqual([]);
    takeOverRunFolder(root);
    expect(left().sort()).toEqual(mine.map((file) => join("figures", file)).sort());
  });

  it("are refused where any byte of the arrays is another, or the end is missing", () => {
    keep(root, 1);
    const path = join(root, "checkpoint-a.npz");
    const bytes = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        writeFileSync(
          path,
          bytes.map((byte, i) => (i === at ? byte ^ flip : byte)),
        );
        expect(() => readCheckpoint(root)).toThrow(/CHECKPOINT-DAMAGED/);
      }),
    );
    truncateSync(path, 10);
    expect(() => readCheckpoint(root)).toThrow(/CHECKPOINT-DAMAGED/);
  });

  it("never follow a link, nor read what is too large", () => {
    keep(root, 1);
    writeFileSync(join(root, "secret"), "x");
    rmSync(join(root, "checkpoint-a.npz"));
    symlinkSync(join(root, "secret"), join(root, "checkpoint-a.npz"));
    expect(() => readCheckpoint(root)).toThrow(/RUN-FILE.*link/);
    writeFileSync(join(root, "checkpoint.json"), "");
    truncateSync(join(root, "checkpoint.json"), 2 ** 21);
    expect(() => readCheckpoint(root)).toThrow(/RUN-FILE.*at most/);
  });
});

describe("a run folder that is filled before it appears", () => {
  it("appears whole, takes no other's place, and leaves nothing where filling fails", () => {
    mkdirSync(join(root, "a"));
    const made = createRunFolder(root, "a", (folder) => folder.text("x", "1"));
    expect([made.path, readdirSync(made.path)]).toEqual([join(root, "a-2"), ["x"]]);
    expect(() =>
      createRunFolder(root, "b", () => {
        throw Object.assign(new Error("full"), { code: "ENOSPC" });
      }),
    ).toThrow(/IO-FOLDER/);
    expect(readdirSync(root).sort()).toEqual(["a", "a-2"]);
  });

  it("writes a table anew and goes on with it", () => {
    const folder = createRunFolder(root, "a");
    folder.rows("t.csv", [{ x: 1, y: null }]);
    folder.row("t.csv", { x: 2, y: 3 });
    expect(readFileSync(join(folder.path, "t.csv"), "utf8")).toBe("x,y\r\n1,\r\n2,3\r\n");
    folder.rows("t.csv", []);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe("a lock", () => {
  it("keeps others out until it is given back, and notices who took it", () => {
    const lock = lockRun(root);
    expect(() => lockRun(root)).toThrow(/RUN-BUSY/);
    lock.check();
    writeFileSync(join(root, "lock.json"), JSON.stringify({ pid: 1, host: "elsewhere" }));
    expect(() => heldLock(root).check()).toThrow(/RUN-BUSY.*elsewhere/);
    lock.release();
    expect(readdirSync(root)).toEqual(["lock.json"]);
    rmSync(join(root, "lock.json"));
    lockRun(root).release();
    expect(readdirSync(root)).toEqual([]);
  });
});

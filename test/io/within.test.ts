/**
 * Below a folder that the user named no link is followed: with folders held open, and where a system cannot.
 */
import { execFileSync } from "node:child_process";
import fs, {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Within } from "../../src/io/within";

const platform = process.platform;
const WRITES: Readonly<Record<string, (folder: Within, file: string) => void>> = {
  replace: (folder, file) => folder.replace(file, "new"),
  append: (folder, file) => folder.append(file, "more"),
  "open anew": (folder, file) => fs.closeSync(folder.openToWrite(file, "anew")),
  truncate: (folder, file) => folder.truncate(file, 1),
  remove: (folder, file) => folder.remove(file),
  rename: (folder, file) => folder.rename(file, "other"),
  "rename over": (folder, file) => {
    folder.replace(join(file, "../source"), "x");
    folder.rename(join(file, "../source"), "file");
  },
};

// What is not Linux has no handles by which names could be looked up.
describe.each(["linux", "darwin"])("writing below a folder, as on %s", (system) => {
  let open: (path: string) => Within;
  let [root, named, outside] = ["", "", ""];
  beforeAll(async () => {
    Object.defineProperty(process, "platform", { value: system });
    vi.resetModules();
    const loaded = await import("../../src/io/within");
    Object.defineProperty(process, "platform", { value: platform });
    open = (path) => loaded.Within.open(path);
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ohmlet-within-"));
    [named, outside] = [join(root, "named"), join(root, "outside")];
    for (const folder of [named, outside, join(named, "in")]) mkdirSync(folder);
    writeFileSync(join(outside, "file"), "secret");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const untouched = (): void => {
    expect(readdirSync(outside)).toEqual(["file"]);
    expect(readFileSync(join(outside, "file"), "utf8")).toBe("secret");
  };

  it.each(Object.keys(WRITES))("%s: no link in place of the file or of a folder on the way", (what) => {
    for (const target of [
      join(outside, "file"),
      join(outside, "none"),
      outside,
      "file",
      join(named, "in/file"),
    ]) {
      for (const file of ["file", "in/file"]) {
        symlinkSync(target, join(named, file));
        expect(() => WRITES[what](open(named), file), `${file} to ${target}`).toThrow(/IO-LINK/);
        rmSync(join(named, file));
        rmSync(join(named, "source"), { force: true });
        rmSync(join(named, "in/source"), { force: true });
      }
    }
    rmSync(join(named, "in"), { recursive: true });
    symlinkSync(outside, join(named, "in"));
    expect(() => WRITES[what](open(named), "in/file")).toThrow(/IO-LINK/);
    untouched();
  });

  it("the named folder may be a link, and those above it", () => {
    symlinkSync(named, join(root, "link"));
    open(join(root, "link")).replace("in/deep/file", "1");
    open(join(root, "link", "in")).append("deep/file", "2");
    expect(readFileSync(join(named, "in/deep/file"), "utf8")).toBe("12");
  });

  it("a file that has a name elsewhere is replaced, and never added to", () => {
    linkSync(join(outside, "file"), join(named, "file"));
    for (const what of ["append", "open anew", "truncate"])
      expect(() => WRITES[what](open(named), "file")).toThrow(/IO-LINK.*hard link/);
    open(named).replace("file", "new");
    untouched();
    open(named).append("file", "er");
    expect(readFileSync(join(named, "file"), "utf8")).toBe("newer");
  });

  it.skipIf(platform === "win32")("what is no file neither holds it up nor is written", () => {
    execFileSync("mkfifo", [join(named, "file")]);
    for (const [what, write] of Object.entries(WRITES))
      expect(() => write(open(named), "file"), what).toThrow(/IO-LINK.*not a plain file/);
    expect(() => open(named).read("file", 10)).toThrow(/RUN-FILE/);
  });

  it("reads no link, and nothing that is too large", () => {
    symlinkSync(join(outside, "file"), join(named, "file"));
    expect(() => open(named).read("file", 100)).toThrow(/RUN-FILE.*link/);
    symlinkSync(outside, join(named, "folder"));
    expect(() => open(named).read("folder/file", 100)).toThrow(/link/);
    expect(open(named).read("none", 100)).toBeNull();
    expect(open(named).read("none/none", 100)).toBeNull();
    writeFileSync(join(named, "large"), "0123456789");
    expect(() => open(named).read("large", 9)).toThrow(/RUN-FILE.*at most 9/);
    expect(open(named).read("large", 10)).toHaveLength(10);
  });

  it("a folder that was removed or replaced is not made anew", () => {
    const folder = open(named);
    rmSync(named, { recursive: true });
    for (const write of Object.values(WRITES)) expect(() => write(folder, "in/file")).toThrow(/IO-GONE/);
    expect(existsSync(named)).toBe(false);
    mkdirSync(named);
    const first = open(named);
    renameSync(named, join(root, "moved"));
    mkdirSync(named);
    expect(() => first.replace("file", "x")).toThrow(/IO-GONE/);
    expect(readdirSync(named)).toEqual([]);
  });

  it("temporary files are new, unlike each other, and gone where something fails", () => {
    const made: string[] = [];
    const { openSync } = fs;
    const watch = (path: fs.PathLike, flags: number, mode?: number): number => {
      if ((flags & fs.constants.O_CREAT) !== 0) made.push(String(path).replace(/.*\//, ""));
      if ((flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0)
        expect(flags & fs.constants.O_NOFOLLOW, String(path)).toBeGreaterThan(0);
      if ((flags & fs.constants.O_CREAT) !== 0)
        expect(flags & fs.constants.O_EXCL, String(path)).toBeGreaterThan(0);
      return openSync(path, flags, mode);
    };
    Object.assign(fs, { openSync: watch });
    syncBuiltinESMExports();
    try {
      for (let i = 0; i < 3; i++) open(named).replace("file", String(i));
      open(named).append("log", "1");
      mkdirSync(join(named, "taken"));
      expect(() => open(named).replace("taken", "x")).toThrow(/EISDIR|ENOTEMPTY|EPERM|EEXIST/);
    } finally {
      Object.assign(fs, { openSync });
      syncBuiltinESMExports();
    }
    expect(made.filter((name) => /^\.ohmlet-[0-9a-f]{24}\.tmp$/.test(name))).toHaveLength(4);
    expect(new Set(made).size).toBe(made.length);
    expect(readdirSync(named).sort()).toEqual(["file", "in", "log", "taken"]);
  });

  it("names what the user knows in faults of the file system", () => {
    if (process.getuid?.() === 0) return; // may write everywhere
    chmodSync(join(named, "in"), 0o500);
    expect(() => open(named).replace("in/file", "x")).toThrow(join(named, "in"));
  });

  it("sweeps what killed processes left, itself and in folders within, and nothing that links lead to", () => {
    const left = `.ohmlet-${"a".repeat(24)}.tmp`;
    for (const folder of [named, join(named, "in"), outside]) writeFileSync(join(folder, left), "");
    symlinkSync(outside, join(named, "link"));
    symlinkSync(join(outside, "file"), join(named, `.ohmlet-${"b".repeat(24)}.tmp`));
    for (const mine of [".mine.tmp", ".ohmlet-12.tmp", ".file.77.tmp"]) writeFileSync(join(named, mine), "");
    open(named).sweep();
    expect(readdirSync(named).sort()).toEqual([
      ".file.77.tmp",
      ".mine.tmp",
      ".ohmlet-12.tmp",
      `.ohmlet-${"b".repeat(24)}.tmp`,
      "in",
      "link",
    ]);
    expect([readdirSync(join(named, "in")), readdirSync(outside).sort()]).toEqual([[], [left, "file"]]);
  });
});

it.skipIf(platform !== "linux")("a link that appears between a look and a write leads nowhere", async () => {
  vi.resetModules(); // the one for Linux
  const { Within: Loaded } = await import("../../src/io/within");
  const root = mkdtempSync(join(tmpdir(), "ohmlet-race-"));
  const [named, outside] = [join(root, "named"), join(root, "outside")];
  const { openSync } = fs;
  try {
    for (const call of [1, 2, 3, 4]) {
      rmSync(named, { recursive: true, force: true });
      rmSync(outside, { recursive: true, force: true });
      for (const folder of [named, join(named, "in"), outside]) mkdirSync(folder);
      writeFileSync(join(outside, "file"), "secret");
      const { mtimeMs } = statSync(outside);
      let calls = 0;
      const swap = (path: fs.PathLike, flags: number, mode?: number): number => {
        // Whoever races swaps the folder for a link just before one of the openings.
        if (++calls === call) {
          renameSync(join(named, "in"), join(root, `moved-${call}`));
          symlinkSync(outside, join(named, "in"));
        }
        return openSync(path, flags, mode);
      };
      const folder = Loaded.open(named);
      Object.assign(fs, { openSync: swap });
      syncBuiltinESMExports();
      try {
        folder.replace("in/file", "mine");
      } catch (error) {
        expect(String(error)).toMatch(/IO-LINK|ENOENT/);
      }
      Object.assign(fs, { openSync });
      syncBuiltinESMExports();
      expect([
        readFileSync(join(outside, "file"), "utf8"),
        readdirSync(outside),
        statSync(outside).mtimeMs,
      ]).toEqual(["secret", ["file"], mtimeMs]);
      appendFileSync(join(outside, "file"), "");
    }
  } finally {
    Object.assign(fs, { openSync });
    syncBuiltinESMExports();
    rmSync(root, { recursive: true, force: true });
  }
});

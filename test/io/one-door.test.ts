/** Files are written in one place: whatever else in the product wants one goes through it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../cli/run";

/** What looks and reads, and changes nothing. */
const READS = new Set([
  "existsSync",
  "statSync",
  "lstatSync",
  "fstatSync",
  "realpathSync",
  "readdirSync",
  "readFileSync",
  "createReadStream",
  "readFile",
  "readdir",
  "stat",
  "closeSync",
  "fsyncSync",
  "Stats",
  "Dirent",
  "BigIntStats",
]);
/**
 * The door, and what only writes to a handle that came through it, or makes the folder that the user named.
 */
const DOOR: Readonly<Record<string, readonly string[]>> = {
  "src/io/place.ts": ["constants", "mkdirSync", "openSync"],
  "src/io/within.ts": [
    "constants",
    "ftruncateSync",
    "mkdirSync",
    "renameSync",
    "rmSync",
    "unlinkSync",
    "writeFileSync",
  ],
  "src/io/make-folder.ts": ["mkdirSync"],
  "src/io/fetch/write.ts": ["writeSync"],
  // In a folder that the system makes for it, and that nobody else may enter.
  "src/io/ngspice.ts": ["mkdtemp", "rm", "writeFile"],
};

/** What each file takes from the file system of Node. */
function imports(text: string): string[] {
  const names = [
    ...text.matchAll(/import\s+(?:type\s+)?\{([^}]*)\}\s+from\s+"(?:node:)?fs(?:\/promises)?"/g),
  ].flatMap(([, list]) =>
    list
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter((name) => name !== ""),
  );
  const other = [
    ...text.matchAll(
      /(?:import\s+(?:\*\s+as\s+)?\w+\s+from\s+|require\(|import\()"(?:node:)?fs(?:\/promises)?"/g,
    ),
  ].map(([all]) => all);
  return [...names, ...other];
}

describe("files are written", () => {
  const files = ["src", "devices", "circuits"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );

  it("through one door", () => {
    const writers = files
      .map(
        (file) =>
          [
            file,
            imports(readFileSync(join(ROOT, file), "utf8"))
              .filter((name) => !READS.has(name))
              .sort(),
          ] as const,
      )
      .filter(([, names]) => names.length > 0);
    expect(Object.fromEntries(writers)).toEqual(DOOR);
  });

  it("and another would be seen", () => {
    expect(
      imports(
        'import { appendFileSync, type Stats } from "node:fs";\nimport * as fs from "fs";\nconst { rm ' +
          '} = await import("node:fs/promises");',
      ),
    ).toEqual(["appendFileSync", "Stats", 'import * as fs from "fs"', 'import("node:fs/promises"']);
  });
});

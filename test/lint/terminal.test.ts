/** Only one file writes to the terminal: what it lets through is all that can reach one. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");
/** The one that writes; and the one that hands it the streams, and waits for their end with an empty text. */
const [GATE, PROCESS] = [
  ["src", "cli", "io.ts"],
  ["src", "cli", "main.ts"],
].map((parts) => join(...parts));

/**
 * Ways to a terminal: by console, by the streams, by their descriptors, by a child that inherits them, by the
 * process's title.
 */
const WAYS =
  /\bconsole\b|\bprocess\.(?:stdout|stderr)\b|\bstd(?:out|err)\b(?=[!?]?\.|\s*[}\]])|\bwriteSync\(\s*[12]\b|"inherit"|process\.title|_rawDebug|\/dev\/tty|node:(?:tty|console)/g;

const files = ["src", "devices", "circuits"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file)),
);
const code = (file: string): string =>
  readFileSync(join(ROOT, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");

/** What a child says is read, and what is said of it goes the common way. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  [join("src", "executors", "processes.ts")]: ["stderr"],
  [join("src", "io", "ngspice.ts")]: ["stderr"],
};

describe("the terminal", () => {
  it("is written to in one place", () => {
    const found = files
      .filter((file) => file !== GATE && file !== PROCESS)
      .flatMap((file) => [...code(file).matchAll(WAYS)].map(([way]) => `${file}: ${way}`));
    const allowed = Object.entries(ALLOWED).flatMap(([file, ways]) => ways.map((way) => `${file}: ${way}`));
    expect(found.filter((one) => !allowed.includes(one))).toEqual([]);
    expect(files).toContain(GATE);
  });

  it("gets no text from the process around it", () => {
    const writes = [...code(PROCESS).matchAll(/\b(?:stdout|stderr)\.write\(\s*([^,)]*)/g)].map(([, text]) =>
      text.trim(),
    );
    expect(writes.filter((text) => text !== '""')).toEqual([]);
    expect(code(PROCESS)).not.toMatch(/\bconsole\b|\bwriteSync\b/);
    expect(code(PROCESS)).toMatch(/^adoptConsole\(/m);
  });
});

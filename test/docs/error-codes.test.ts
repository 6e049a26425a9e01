/** docs/errors.md lists every code that the sources can show, and none that they cannot. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, textOf } from "./markdown";

const sources = ["src", "devices", "circuits"]
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  )
  .map((file) => readFileSync(join(ROOT, file), "utf8"))
  .join("\n");

/**
 * Codes that are written out, and those that are put together: FILE-… from the table of fault.ts, the
 * outcomes of settle.
 */
const thrown = new Set([
  ...[...sources.matchAll(/"([A-Z]{2,}(?:-[A-Z]+)+)"/g)].map(([, code]) => code),
  ...[...sources.matchAll(/^ {2}(E[A-Z]+): "/gm)].map(([, fault]) => `FILE-${fault}`),
  "DYN-TIMEOUT",
  "INTERNAL",
]);

const rows = [...textOf("docs/errors.md").matchAll(/^\| `([A-Z-]+)` \|([^|]*)\|([^|]*)\|$/gm)];

describe("docs/errors.md", () => {
  it("lists the codes of the sources", () => {
    expect(rows.map(([, code]) => code).sort()).toEqual([...thrown].sort());
  });

  it("gives each a meaning and a remedy", () => {
    for (const [row, , meaning, remedy] of rows)
      expect([meaning.trim().length > 10, remedy.trim().length > 3], row).toEqual([true, true]);
  });

  it("would notice: there are codes to find", () => {
    expect(thrown.size).toBeGreaterThan(100);
    expect(thrown).toContain("EQ-DIMENSION");
    expect(thrown).toContain("FILE-ENOENT");
  });
});

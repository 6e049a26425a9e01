/** Other runtimes are tried where they can be had; where they cannot, that is said and nothing fails. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { LONG } from "../long";

const ROOT = resolve(__dirname, "../..");
const tried = (...names: readonly string[]) => {
  // Without a network and with nothing kept, no package can be had.
  const cache = mkdtempSync(join(tmpdir(), "ohmlet-runtimes-"));
  const env = { ...process.env, npm_config_offline: "true", npm_config_cache: cache };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["-r", "ts-node/register", "tools/runtimes.ts", ...names],
    { cwd: ROOT, env, encoding: "utf8" },
  );
  rmSync(cache, { recursive: true, force: true });
  return { status, stdout, stderr };
};

describe("npm run test:runtimes", () => {
  it.runIf(LONG)("passes over what cannot be had", () => {
    expect(tried("node@22", "node@24")).toMatchObject({
      status: 0,
      stdout: "node@22: skipped, it cannot be had here\nnode@24: skipped, it cannot be had here\n",
    });
  });

  it("refuses a runtime that it does not know", () => {
    expect(tried("rhino")).toMatchObject({ status: 2, stderr: expect.stringContaining("node@22, node@24") });
  });
});

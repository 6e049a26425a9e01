/**
 * `npm run test:runtimes`: the installed package on other runtimes, one after another. What cannot be had here (no
 * network, no build for this machine) is passed over, and said.
 *
 *     npm run test:runtimes                      # Node 22, Node 24, Bun, Deno
 *     npm run test:runtimes -- node@22 deno
 */
import { spawnSync } from "node:child_process";

/** Packages of the registry that bring a runtime, and what it is called on the path. */
const RUNTIMES: Readonly<Record<string, string>> = {
  "node@22": "node",
  "node@24": "node",
  bun: "bun",
  deno: "deno",
};

function within(runtime: string, command: string, stdio: "ignore" | "inherit"): number {
  const { npm_lifecycle_event: _, ...env } = process.env;
  return spawnSync("npx", ["--yes", "-p", runtime, "-c", command], { env, stdio }).status ?? 1;
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(RUNTIMES, name));
if (unknown.length > 0) {
  console.error(`there is no runtime ${unknown.join(", ")}: ${Object.keys(RUNTIMES).join(", ")}`);
  process.exit(2);
}
let failed = 0;
for (const runtime of asked.length > 0 ? asked : Object.keys(RUNTIMES)) {
  if (within(runtime, `${RUNTIMES[runtime]} --version`, "ignore") !== 0) {
    console.log(`${runtime}: skipped, it cannot be had here`);
    continue;
  }
  const status = within(runtime, "vitest run test/package", "inherit");
  console.log(`${runtime}: ${status === 0 ? "passed" : "failed"}`);
  failed += status === 0 ? 0 : 1;
}
process.exit(failed > 0 ? 1 : 0);

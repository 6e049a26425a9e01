/** The lint rule on import directions, held against a small tree in which each direction is broken once. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = resolve(__dirname, "../..");
const CONFIG = ".dependency-cruiser.cjs";

/**
 * [importer, imported]: an edge each. Every importer is a file of its own, so that a violation names its
 * edge.
 */
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ["src/errors/up.ts", "src/units/unit.ts"],
  ["src/random/up.ts", "src/equations/tree.ts"],
  ["src/units/up.ts", "src/equations/tree.ts"],
  ["src/equations/up.ts", "src/device/device.ts"],
  ["src/device/up.ts", "src/circuit/circuit.ts"],
  ["src/circuit/up.ts", "src/dynamics/settle.ts"],
  ["src/dynamics/up.ts", "src/learning/train.ts"],
  ["src/dynamics/picks.ts", "src/engines/select.ts"],
  ["src/dynamics/concrete.ts", "src/engines/reference/index.ts"],
  ["src/learning/up.ts", "src/study/yield.ts"],
  ["src/learning/draws.ts", "src/plot/curve.ts"],
  ["src/learning/counts.ts", "src/ledger/ledger.ts"],
  ["src/ledger/up.ts", "src/study/yield.ts"],
  ["src/study/up.ts", "src/cli/main.ts"],
  ["src/study/above.ts", "src/robustness/index.ts"],
  ["src/robustness/up.ts", "src/config/run.ts"],
  ["src/robustness/weakest/random.ts", "fast-check"],
  ["src/robustness/inside-devices.ts", "devices/neuron.ts"],
  ["src/study/config.ts", "src/config/read.ts"],
  ["src/study/node.ts", "node:fs"],
  ["src/executors/up.ts", "src/cli/main.ts"],
  ["src/executors/runs.ts", "src/runs/train-into.ts"],
  ["src/runs/up.ts", "src/cli/main.ts"],
  ["src/runs/catalogue.ts", "devices/index.ts"],
  ["src/config/runs.ts", "src/runs/train-into.ts"],
  ["examples/inside-runs.ts", "src/runs/train-into.ts"],
  ["src/executors/queue.ts", "bullmq"],
  ["src/cli/redis.ts", "ioredis"],
  ["src/engines/up.ts", "src/dynamics/settle.ts"],
  ["src/engines/units.ts", "src/units/unit.ts"],
  ["src/data/up.ts", "src/learning/train.ts"],
  ["src/io/up.ts", "src/dynamics/settle.ts"],
  ["src/plot/up.ts", "src/learning/train.ts"],
  ["src/cli/draws.ts", "@observablehq/plot"],
  ["src/learning/catalogue.ts", "devices/index.ts"],
  ["devices/inside.ts", "src/device/device.ts"],
  ["devices/up.ts", "circuits/index.ts"],
  ["circuits/inside.ts", "src/circuit/circuit.ts"],
  ["circuits/inside-devices.ts", "devices/neuron.ts"],
  ["examples/inside.ts", "src/units/unit.ts"],
  ["examples/inside-devices.ts", "devices/neuron.ts"],
  ["src/index.ts", "src/cli/main.ts"],
  ["src/verify/up.ts", "src/cli/main.ts"],
  ["src/learning/verifies.ts", "src/verify/case.ts"],
  ["src/verify/inside-devices.ts", "devices/neuron.ts"],
  ["src/newcomer/file.ts", "src/units/unit.ts"],
  ["src/learning/node.ts", "node:fs"],
  ["devices/node.ts", "node:path"],
  ["src/learning/mathjs.ts", "mathjs"],
  ["src/dynamics/gpu.ts", "gpu.js"],
  ["src/io/dev.ts", "fast-check"],
  ["src/units/circle-a.ts", "src/units/circle-b.ts"],
];

/** Closes the circle above; a circle is reported once. */
const CLOSING: readonly (readonly [string, string])[] = [["src/units/circle-b.ts", "src/units/circle-a.ts"]];

const ALLOWED: readonly (readonly [string, string])[] = [
  ["src/units/down.ts", "src/errors/error.ts"],
  ["src/units/mathjs.ts", "mathjs"],
  ["src/equations/down.ts", "src/units/unit.ts"],
  ["src/device/down.ts", "src/equations/tree.ts"],
  ["src/dynamics/down.ts", "src/engines/engine.ts"],
  ["src/learning/down.ts", "src/dynamics/settle.ts"],
  ["src/learning/engines.ts", "src/engines/select.ts"],
  ["src/learning/data.ts", "src/data/digits.ts"],
  ["src/engines/gpu/index.ts", "gpu.js"],
  ["src/executors/bullmq/queue.ts", "bullmq"],
  ["src/engines/simd/threads.ts", "node:worker_threads"],
  ["src/engines/down.ts", "src/equations/tree.ts"],
  ["src/io/file.ts", "node:fs"],
  ["src/plot/draws.ts", "@observablehq/plot"],
  ["src/cli/down.ts", "src/learning/train.ts"],
  ["src/cli/runs.ts", "src/runs/train-into.ts"],
  ["src/runs/down.ts", "src/config/run.ts"],
  ["src/runs/executors.ts", "src/executors/bullmq/queue.ts"],
  ["src/runs/node.ts", "node:fs"],
  ["examples/runs.ts", "src/runs/index.ts"],
  ["src/cli/catalogue.ts", "devices/index.ts"],
  ["src/verify/down.ts", "src/learning/train.ts"],
  ["src/verify/catalogue.ts", "circuits/index.ts"],
  ["src/cli/verifies.ts", "src/verify/case.ts"],
  ["devices/down.ts", "src/index.ts"],
  ["circuits/devices.ts", "devices/index.ts"],
  ["examples/story.ts", "circuits/index.ts"],
  ["examples/robust.ts", "src/robustness/index.ts"],
  ["examples/picture.ts", "src/plot/index.ts"],
  ["src/robustness/down.ts", "src/study/yield.ts"],
  ["src/robustness/catalogue.ts", "devices/index.ts"],
  ["src/robustness/arbitraries/random.ts", "fast-check"],
];

let folder: string;
let output: string;
let status: number | null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ohmlet-imports-"));
  for (const file of [CONFIG, "tsconfig.json", "package.json"])
    copyFileSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const edges = [...FORBIDDEN, ...CLOSING, ...ALLOWED];
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const [, to] of edges)
    if (to.endsWith(".ts")) write(to, "export interface Thing { readonly name: string }\n");
  for (const [from, to] of edges) {
    const path = relative(dirname(from), to).replace(/\.ts$/, "");
    write(
      from,
      to.endsWith(".ts")
        ? `export type { Thing } from "${path.startsWith(".") ? path : `./${path}`}";\n`
        : `import * as it from "${to}";\nexport const thing = it;\n`,
    );
  }
  const depcruise = join(ROOT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const run = spawnSync(
    process.execPath,
    [depcruise, "--config", CONFIG, "{src,devices,circuits,examples}/**/*.ts"],
    { cwd: folder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" } },
  );
  status = run.status;
  output = run.stdout;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names of the rules that the file breaks, as the linter's lines "error RULE: FILE → FILE" tell. */
const rulesBrokenBy = (file: string): string[] =>
  output.split("\n").flatMap((line) => {
    const [, rule, from] = /error ([^ ]+): (\S+)/.exec(line) ?? [];
    return from === file ? [rule] : [];
  });

describe("the lint rule on imports", () => {
  it.each(FORBIDDEN)("refuses %s → %s", (from) => {
    expect(rulesBrokenBy(from)).not.toEqual([]);
  });

  it.each(ALLOWED)("permits %s → %s", (from) => {
    expect(rulesBrokenBy(from)).toEqual([]);
  });

  it("makes the command fail", () => {
    expect(status).not.toBe(0);
  });
});

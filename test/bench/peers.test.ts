/** Comparisons with programs that stand in for the peers: a shell script as the interpreter. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bench } from "./run";
import { LONG } from "../long";

const folder = mkdtempSync(join(tmpdir(), "peers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Knows torch and not brian2; every script takes 1000 s a step. */
const python = join(folder, "python");
writeFileSync(
  python,
  '#!/bin/sh\ncase "$*" in\n*brian2*) echo "No module named brian2" >&2; exit 1;;\n*.py*) echo "a ' +
    'word"; echo \'{"peer": "torch 0", "us_per_step": 1000000000}\';;\nesac\n',
);
chmodSync(python, 0o755);
writeFileSync(join(folder, "torch_relax.py"), "");

const row = (...args: string[]) =>
  bench(
    "peers",
    "--python",
    python,
    "--peers",
    folder,
    "--rounds",
    "1",
    "--steps",
    "1",
    "--repeats",
    "1",
    "--engine",
    "reference",
    "--json",
    ...args,
  );

it.runIf(LONG)("makes a ratio of both times, and runs ours once where it takes no threads", async () => {
  const { code, lines } = await row("step");
  expect(code).toBe(0);
  const [tools, found] = lines;
  expect(tools.missing).toMatchObject({
    brian2: "No module named brian2",
    "torch_train.py": expect.stringContaining("not in") as string,
  });
  expect(found).toMatchObject({
    row: "step",
    peer: "torch 0",
    theirs: 1e9,
    engine: "reference",
    wanted: 1.25,
    reached: true,
  });
  expect(Number(found.ratio)).toBeCloseTo(
    1e9 / Number(found.ours),
    -Math.floor(Math.log10(Number(found.ratio))) + 2,
  );
  expect((found.variants as { side: string }[]).map((v) => v.side)).toEqual(["theirs", "theirs", "ours"]);
});

it("says what is missing and fails only where nothing was compared", async () => {
  const { code, lines } = await row("rate", "settle");
  expect(code).toBe(1);
  expect(lines.slice(1)).toEqual([
    { bench: "peers", row: "rate", what: expect.any(String) as string, missing: "No module named brian2" },
    expect.objectContaining({ row: "settle", missing: expect.stringContaining("--data") as string }),
  ]);
});

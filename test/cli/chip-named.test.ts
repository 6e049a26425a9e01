/** Which chip a word of the command line means: a seed that is typed wins, then the chip's own, then the run's. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chipNamed } from "../../src/cli/chip-named";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "ohmlet-chip-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = `circuit: { topology: nonideal, sizes: [64, 3, 10] }
data: { kind: generated, train: 20, test: 10 }
estimator: { kind: centred, amplitude: 0.2, freeSteps: 10, nudgedSteps: 10 }
optimizer: { kind: sgd, rate: 0.1 }
epochs: 1
`;
const named = (text: string, typed?: number) => {
  const file = join(folder, "run.yaml");
  writeFileSync(file, text);
  return chipNamed(file, typed);
};

it.each([
  ["seed: 3\n", undefined, 3, 3],
  ["seed: 3\nchip: { seed: 5 }\n", undefined, 5, 3],
  ["seed: 3\nchip: { seed: 5 }\n", 7, 7, 7],
  ["", undefined, 1, 1],
])("%j and --seed %s: chip %i", async (lines, typed, chip, seed) => {
  const found = await named(CONFIG + lines, typed);
  expect([found.chip.seed, found.seed]).toEqual([chip, seed]);
});

it("takes circuits of the catalogue with the seed that is typed, or 1", async () => {
  expect((await chipNamed("toy", undefined)).chip.seed).toBe(1);
  expect((await chipNamed("toy", 4)).chip.seed).toBe(4);
});

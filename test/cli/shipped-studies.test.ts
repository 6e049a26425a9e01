/** The shipped studies with small budgets: what they are to show, shows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { experimentOf } from "../../src/cli/studying/experiment";
import { readStudy } from "../../src/config";
import type { Values } from "../../src/study";
import { ROOT } from "./run";

const asked = (file: string) => readStudy({ where: file, text: readFileSync(join(ROOT, "configs/studies", file), "utf8") });

/** Mean of a measure over chips 1 and 2. */
function meanOf({ run, study, config }: ReturnType<typeof asked>, measure: string): (values: Values) => Promise<number> {
  const { measure: one } = experimentOf(run, { measures: study.measures, train: config.train });
  return async (values) => {
    const [a, b] = [await one(values, 1), await one(values, 2)];
    return ((a[measure] ?? NaN) + (b[measure] ?? NaN)) / 2;
  };
}

describe("the shipped studies", { timeout: 60_000 }, () => {
  it("nudge: noise drowns a small nudge and leaves a larger one, more points help", async () => {
    const cosine = meanOf(asked("nudge.yaml"), "cosine");
    const at = (readNoise: number, amplitude: number, points = 1) => cosine({ "circuit.readNoise": readNoise, "estimator.amplitude": amplitude, "estimator.points": points });
    expect(await at(0, 0.03)).toBeGreaterThan(0.999);
    const drowned = await at(0.1, 0.03);
    expect(drowned).toBeLessThan(0.8);
    expect(await at(0.1, 1)).toBeGreaterThan(0.97);
    expect(await at(0.1, 0.03, 4)).toBeGreaterThan(drowned + 0.1);
  });

  it("precision: chips of 16 levels do not learn what those of 1,024 do", async () => {
    const accuracy = meanOf(asked("precision.yaml"), "accuracy");
    expect(await accuracy({ "circuit.levels": 16 })).toBeLessThan(0.4);
    expect(await accuracy({ "circuit.levels": 1024 })).toBeGreaterThan(0.75);
  });
});

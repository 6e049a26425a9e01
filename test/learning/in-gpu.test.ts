/** Learning on GPU.js, many batches in one call: the same as in the simd engine, to what float32 tells. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LONG } from "../long";
import { createGpuEngine } from "../../src/engines/gpu";
import type { Engine } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import {
  Controller,
  labelledBatches,
  Simulator,
  type BatchReport,
  type Chip,
  type Lesson,
} from "../../src/index";
import { contestants } from "../conformance/compare";
import { apart, CASES, DATA, type Case } from "./in-engine-cases";

/** Batches of five; a rate that changes; enough of them for groups of sixteen. */
function* lessons({ circuit }: Case, epochs: number): Generator<Lesson> {
  for (let epoch = 1; epoch <= epochs; epoch++)
    for (const batch of labelledBatches(circuit, DATA, { size: 5, shuffle: { seed: 1, epoch } }))
      yield { batch, factor: 1 / epoch };
}

interface Learnt {
  readonly chip: Chip;
  readonly reports: readonly BatchReport[];
  readonly controller: Controller;
}

async function learn(plan: Case, engine: Engine, epochs: number, alone = false): Promise<Learnt> {
  const chip = plan.circuit.fabricate({ seed: 5 });
  const controller = new Controller(new Simulator(chip, engine, { ...plan.options, seed: 2 }), {
    estimator: plan.estimator,
    rule: plan.rule,
    optimizer: plan.optimizer(),
    seed: 4,
    // Not the rounds that are looked at.
    round: 31,
  });
  const reports: BatchReport[] = [];
  if (alone)
    for (const { batch, factor } of lessons(plan, epochs))
      reports.push(await controller.learn(batch, factor));
  else for await (const { report } of controller.learnAll(lessons(plan, epochs))) reports.push(report);
  return { chip, reports, controller };
}

describe("the engines of GPU.js", async () => {
  const backends = (await contestants()).filter((name) => name.startsWith("gpu:"));

  describe.each(backends)("learning on %s", (name) => {
    let [engine, simd]: Engine[] = [];
    beforeAll(async () => {
      engine = await createGpuEngine(name, name.slice("gpu:".length) as "cpu", {}, { patience: Infinity });
      simd = await createEngine("simd", { threads: 1 });
    });
    afterAll(() => {
      engine.dispose();
      simd.dispose();
    });

    /** What divides by the root of a square, or draws by one, carries roundings on. */
    const boundOf = (of: string): number => (/Adam|reads|noisy/.test(of) ? 1e-4 : 1e-5);

    const whole = name === "gpu:webasm";
    const cases = Object.entries(CASES).filter((_, k) =>
      LONG ? whole || k < 3 : whole ? k % 12 === 1 : k === 0,
    );
    it.each(cases)("agrees with simd: %s", async (of, plan) => {
      const epochs = whole ? (LONG ? 4 : 2) : 1;
      const [a, b] = [await learn(plan, simd, epochs), await learn(plan, engine, epochs)];
      expect(b.controller.place.place).toBe("engine");
      const [one, other] = [a.chip.arrays(), b.chip.arrays()];
      for (const key of Object.keys(one))
        expect(apart(other[key].values, one[key].values), key).toBeLessThan(boundOf(of));
      expect(b.reports.map(({ correct }) => correct)).toEqual(a.reports.map(({ correct }) => correct));
      b.reports.forEach((report, k) => {
        expect(Math.abs(report.cost / a.reports[k].cost - 1)).toBeLessThan(boundOf(of));
        expect(report.outcomes.map(({ kind }) => kind)).toEqual(
          a.reports[k].outcomes.map(({ kind }) => kind),
        );
      });
    });
  });
});

describe("groups of batches", () => {
  const plan = CASES["tied, vector field, random sign, momentum and decay"];

  it("are the same as one after another, to the bit, and one call", async () => {
    const engine = await createGpuEngine("gpu:webasm", "webasm", {}, { patience: Infinity });
    const apart = await learn(plan, engine, 4, true);
    const before = engine.crossings?.calls ?? 0;
    const together = await learn(plan, engine, 4);
    expect(together.chip.arrays()).toEqual(apart.chip.arrays());
    expect(together.reports.map(({ cost }) => cost)).toEqual(apart.reports.map(({ cost }) => cost));
    const crossed = (engine.crossings?.calls ?? 0) - before;
    // 24 batches: a call for what devices store, one that tells how many are one call, then all but what is no power of four.
    expect(crossed).toBeLessThan(8);
    const [few, many] = [apart, together].map(({ controller }) => controller.crossings);
    expect(few).toMatchObject({ batches: 24, calls: 25 });
    expect(many?.bytesUp).toBeLessThan((few?.bytesUp ?? 0) / 2);
    engine.dispose();
  });

  it("end where a batch diverges: those before are learned, and reported", async () => {
    const plan = CASES["untied at an angle, a rate a projection"];
    const run = async (patience: number) => {
      const engine = await createGpuEngine("gpu:webasm", "webasm", {}, { patience });
      const chip = plan.circuit.fabricate({ seed: 5 });
      const controller = new Controller(new Simulator(chip, engine, { ...plan.options, seed: 2 }), {
        estimator: plan.estimator,
        rule: plan.rule,
        optimizer: plan.optimizer(),
        seed: 4,
        round: 31,
      });
      // After the fifth no weight is a number any more.
      const all = [...lessons(plan, 2)].map((lesson, k) => (k === 4 ? { ...lesson, factor: 1e39 } : lesson));
      const reports: BatchReport[] = [];
      let message = "";
      try {
        for await (const { report } of controller.learnAll(all)) reports.push(report);
      } catch (error) {
        message = (error as Error).message;
      }
      const found = { message, reports: reports.length, arrays: chip.arrays() };
      engine.dispose();
      return found;
    };
    const [together, alone] = [await run(Infinity), await run(0)];
    expect(together.message).toContain("in batch 37");
    expect(together.reports).toBe(5);
    expect(together).toEqual(alone);
  });
});

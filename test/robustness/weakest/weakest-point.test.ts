/** The search: it ends on a minimum, within its budget, and says so. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../../../src/index";
import { describeWeakest, replay, weakestPoint, type Experiment, type Ranges } from "../../../src/robustness";

const ANGLE: Ranges = { angle: { from: 0, to: 90, steps: 90 } };
const falling: Experiment = ({ angle }, seed) => ({ accuracy: 1 - Number(angle) / 200 - (seed % 3) / 1000 });

describe("the weakest point", () => {
  it("is where a monotone claim begins to fail, with its margin, its neighbours and its votes", async () => {
    const found = await weakestPoint({ accuracy: ">= 0.75" }, ANGLE, falling, { seeds: 5 });
    expect(found).toMatchObject({ kind: "found", minimal: true, limit: null, claim: "accuracy >= 0.75" });
    expect(found.margins).toEqual([{ knob: "angle", failsAt: 50, passesAt: 49 }]);
    expect(found.neighbours.map(({ value, verdict }) => [value, verdict?.holds])).toEqual([
      [49, true],
      [51, false],
    ]);
    // Seeds 1, 2, 4 say no: three of five end the vote.
    expect(found.verdict?.votes.map((v) => v.seed)).toEqual([1, 2, 3, 4]);
    expect(describeWeakest(found)).toContain("angle: fails at 50, passes at 49");
    expect(describeWeakest(found)).toContain("local minimum");
  });

  it("is replayed exactly", async () => {
    const found = await weakestPoint({ accuracy: ">= 0.75" }, ANGLE, falling, { seeds: 5, seed: 7 });
    expect(
      await replay({ accuracy: ">= 0.75" }, ANGLE, falling, found.verdict?.point ?? {}, {
        seeds: 5,
        seed: 7,
      }),
    ).toEqual(found.verdict);
  });

  it("has no single step towards the ideal that breaks the claim, whatever the claim", async () => {
    const shape = fc.record({
      steps: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      salt: fc.nat(),
      share: fc.integer({ min: 1, max: 9 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ steps, salt, share }) => {
        const ranges = Object.fromEntries(steps.map((n, a) => [`k${a}`, { from: 0, to: n, steps: n }]));
        // Any set of failing points whatever, but for the ideal.
        const fails = (values: number[]): boolean =>
          values.some((v) => v > 0) &&
          values.reduce((h, v) => (Math.imul(h, 31) + v * 7919) >>> 0, salt) % 10 < share;
        const experiment: Experiment = (point) => ({ bad: fails(Object.values(point).map(Number)) ? 1 : 0 });
        const { kind, verdict, minimal } = await weakestPoint({ bad: "< 1" }, ranges, experiment, {
          seeds: 1,
          evaluations: 10_000,
        });
        if (kind !== "found") {
          expect(kind).toBe("never");
          return;
        }
        const values = Object.values(verdict?.point ?? {}).map(Number);
        expect(fails(values)).toBe(true);
        expect(minimal).toBe(true);
        values.forEach(
          (v, a) => v > 0 && expect(fails(values.map((w, b) => (a === b ? w - 1 : w)))).toBe(false),
        );
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it("needs two knobs where neither alone breaks the claim", async () => {
    const ranges: Ranges = {
      a: { from: 0, to: 8, steps: 8 },
      b: { from: 0, to: 8, steps: 8 },
      c: ["none", "some"],
    };
    const found = await weakestPoint(
      { sum: "<= 10" },
      ranges,
      ({ a, b }) => ({ sum: Number(a) + Number(b) }),
      { seeds: 1 },
    );
    expect(found.verdict?.point.c).toBe("none");
    expect(found.alone).toEqual([
      { knob: "a", failsAt: null, passesAt: 8 },
      { knob: "b", failsAt: null, passesAt: 8 },
      { knob: "c", failsAt: null, passesAt: "some" },
    ]);
    expect(describeWeakest(found)).toContain("alone          a: holds at 8");
    expect(Number(found.verdict?.point.a) + Number(found.verdict?.point.b)).toBe(11);
  });

  it("never costs more than its budget, and says what it had by then", async () => {
    for (let evaluations = 3; evaluations < 40; evaluations++) {
      let runs = 0;
      const found = await weakestPoint(
        { accuracy: ">= 0.75" },
        ANGLE,
        (point, seed) => (runs++, falling(point, seed)),
        { seeds: 3, evaluations },
      );
      expect(runs).toBe(found.evaluations);
      expect(runs).toBeLessThanOrEqual(evaluations);
      if (found.limit === null) expect(found).toMatchObject({ kind: "found", minimal: true });
      expect(describeWeakest(found)).toContain(
        found.limit === null ? "passes at 49" : "stopped at the budget of evaluations",
      );
    }
  });

  it("stops at its time", async () => {
    const slow: Experiment = async (point, seed) => (
      await new Promise((resolve) => setTimeout(resolve, 20)),
      falling(point, seed)
    );
    const found = await weakestPoint({ accuracy: ">= 0.75" }, ANGLE, slow, { seconds: 0.1 });
    expect(found.limit).toBe("seconds");
    expect(found.seconds).toBeLessThan(0.3);
  });

  it("stops when it is told to, after the experiment in progress, and keeps what it has", async () => {
    const signal = { aborted: false };
    let runs = 0;
    const found = await weakestPoint(
      { accuracy: ">= 0.75" },
      ANGLE,
      (point, seed) => ((signal.aborted = ++runs === 9), falling(point, seed)),
      { signal },
    );
    expect([found.kind, found.limit, found.evaluations, found.minimal]).toEqual([
      "found",
      "interruption",
      9,
      false,
    ]);
    expect(describeWeakest(found)).toContain("; interrupted");
  });

  it("says that a claim never fails, or always does", async () => {
    const never = await weakestPoint({ accuracy: ">= 0" }, ANGLE, falling);
    expect(never).toMatchObject({ kind: "never", verdict: null });
    expect(describeWeakest(never)).toContain("none: the claim holds");
    const always = await weakestPoint({ accuracy: "> 1" }, ANGLE, falling);
    expect(always).toMatchObject({ kind: "always", verdict: { point: { angle: 0 } } });
    expect(describeWeakest(always)).toContain("fails without any imperfection");
  });

  it("takes a run that fails as a broken claim, and wrong input as wrong", async () => {
    const failing =
      (category: "run" | "input"): Experiment =>
      ({ angle }) => {
        if (Number(angle) >= 30)
          throw new OhmletError({ code: "DYN-DIVERGED", fact: "a state is not finite", category });
        return { accuracy: 1 };
      };
    const found = await weakestPoint({ accuracy: ">= 0.5" }, ANGLE, failing("run"), { seeds: 1 });
    expect(found.margins).toEqual([{ knob: "angle", failsAt: 30, passesAt: 29 }]);
    expect(describeWeakest(found)).toContain("DYN-DIVERGED");
    await expect(weakestPoint({ accuracy: ">= 0.5" }, ANGLE, failing("input"), { seeds: 1 })).rejects.toThrow(
      "DYN-DIVERGED",
    );
  });

  it.each([
    ["WEAKEST-RANGE", { accuracy: "> 0" }, {}, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: [] }, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: [1, 1] }, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: { from: 1, to: 1, steps: 3 } }, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: { from: 0, to: 1, steps: 0 } }, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: { from: 0, to: 1, steps: 4, scale: "log" } }, {}],
    ["WEAKEST-RANGE", { accuracy: "> 0" }, { a: { from: 0, to: Number.NaN, steps: 4 } }, {}],
    ["WEAKEST-CLAIM", {}, ANGLE, {}],
    ["WEAKEST-CLAIM", { accuracy: "good" }, ANGLE, {}],
    ["WEAKEST-MEASURE", { speed: "> 1" }, ANGLE, {}],
    ["WEAKEST-BUDGET", { accuracy: "> 0" }, ANGLE, { seeds: 5, evaluations: 4 }],
    ["WEAKEST-BUDGET", { accuracy: "> 0" }, ANGLE, { seconds: 0 }],
    ["WEAKEST-SEEDS", { accuracy: "> 0" }, ANGLE, { seeds: 0 }],
    ["WEAKEST-SEEDS", { accuracy: "> 0" }, ANGLE, { seed: Number.MAX_SAFE_INTEGER }],
    ["ENGINE-SEED", { accuracy: "> 0" }, ANGLE, { seed: -1 }],
  ] as const)("refuses with %s the claim %j about %j with %j", async (code, claim, ranges, options) => {
    await expect(weakestPoint(claim as never, ranges as Ranges, falling, options)).rejects.toMatchObject({
      code,
    });
  });

  it("refuses to replay a point off its grid, and names its neighbours", async () => {
    await expect(replay({ accuracy: "> 0" }, ANGLE, falling, { angle: 30.5 })).rejects.toThrow(
      "the nearest values: 30, 31",
    );
    await expect(replay({ accuracy: "> 0" }, ANGLE, falling, { tilt: 30 })).rejects.toMatchObject({
      code: "WEAKEST-POINT",
    });
  });
});

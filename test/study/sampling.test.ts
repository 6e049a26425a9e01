/** Points: Sobol's sequence against published values, axes, plans, keys and seeds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  jobsOf,
  MOST_DIMENSIONS,
  planOf,
  shardOf,
  sobolPoints,
  trialsOf,
  valueAt,
  valuesOf,
  type Axis,
  type Study,
} from "../../src/study";

const range = (knob: string, more: Partial<Extract<Axis, { kind: "range" }>> = {}): Axis => ({
  knob,
  kind: "range",
  from: 0,
  to: 1,
  scale: "linear",
  ...more,
});
const studyOf = (more: Partial<Study>): Study => ({
  name: "s",
  axes: [range("a"), range("b")],
  sampling: { kind: "sobol", points: 8 },
  chips: 3,
  paired: false,
  measures: ["accuracy"],
  spec: [],
  seed: 1,
  ...more,
});

describe("Sobol's sequence", () => {
  it("begins as published, in its first and its last dimensions", () => {
    // What scipy 1.17 prints: qmc.Sobol(20, scramble=False).random(64); all 64 rows agree exactly.
    const points = sobolPoints(64, MOST_DIMENSIONS);
    expect([...points[37]]).toEqual([
      0.921875, 0.640625, 0.578125, 0.921875, 0.765625, 0.296875, 0.171875, 0.796875, 0.609375, 0.171875,
      0.015625, 0.078125, 0.578125, 0.859375, 0.109375, 0.484375, 0.796875, 0.421875, 0.046875, 0.140625,
    ]);
    expect(points.slice(0, 8).map((p) => p[0])).toEqual([0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125]);
    expect(points.slice(0, 8).map((p) => p[1])).toEqual([0, 0.5, 0.25, 0.75, 0.375, 0.875, 0.125, 0.625]);
    expect(points.slice(0, 8).map((p) => p[2])).toEqual([0, 0.5, 0.25, 0.75, 0.625, 0.125, 0.875, 0.375]);
  });

  it("puts one point into each of 2^m equal parts of every dimension, shifted or not", () => {
    for (const seed of [undefined, 1, 99]) {
      const points = sobolPoints(64, MOST_DIMENSIONS, seed);
      for (let d = 0; d < MOST_DIMENSIONS; d++)
        expect(new Set(points.map((p) => Math.floor(p[d] * 64))).size).toBe(64);
    }
  });

  it("refuses more dimensions than it knows", () => {
    expect(() => sobolPoints(1, MOST_DIMENSIONS + 1)).toThrow("STUDY-DIMENSIONS");
  });
});

describe("axes", () => {
  it("are spaced in equal steps or equal factors, without digits that nobody asked for", () => {
    expect(valuesOf(range("a", { points: 11 }))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(valuesOf(range("a", { from: 0.01, to: 100, scale: "log", points: 5 }))).toEqual([
      0.01, 0.1, 1, 10, 100,
    ]);
    expect(valuesOf(range("a", { from: 1, to: 4, points: 9, whole: true }))).toEqual([1, 2, 3, 4]);
  });

  it("keep every share within their ends", () => {
    const axis = fc.oneof(
      fc
        .record({
          from: fc.double({ min: 1e-6, max: 10, noNaN: true }),
          width: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
          scale: fc.constantFrom("linear" as const, "log" as const),
          whole: fc.boolean(),
        })
        .map(({ from, width, scale, whole }) =>
          range(
            "a",
            whole
              ? { from: Math.ceil(from), to: Math.ceil(from) + Math.ceil(width), scale, whole }
              : { from, to: from + width, scale },
          ),
        ),
      fc
        .uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 })
        .map((values): Axis => ({ knob: "a", kind: "list", values })),
    );
    fc.assert(
      fc.property(axis, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (of, share) => {
        const value = valueAt(of, share);
        if (of.kind === "list") return of.values.includes(value);
        const [from, to] = [of.from * (1 - 1e-11), of.to * (1 + 1e-11)];
        return (
          typeof value === "number" &&
          value >= from &&
          value <= to &&
          (of.whole !== true || Number.isInteger(value))
        );
      }),
      { examples: [[range("a", { from: 1, to: 2, scale: "linear", whole: true }), 1 - 2 ** -53]] },
    );
  });
});

describe("a plan", () => {
  it("has every combination of a grid, and every corner", () => {
    const axes: Axis[] = [{ knob: "a", kind: "list", values: [1, 2, 3] }, range("b", { points: 4 })];
    expect(planOf(studyOf({ axes, sampling: { kind: "grid" } })).points).toHaveLength(12);
    expect(planOf(studyOf({ axes, sampling: { kind: "corners" } })).points.map((p) => p.values)).toEqual([
      { a: 1, b: 0 },
      { a: 1, b: 1 },
      { a: 3, b: 0 },
      { a: 3, b: 1 },
    ]);
    expect(planOf(studyOf({ axes, sampling: { kind: "one-at-a-time" } })).points[0].values).toEqual({});
  });

  it("tries a point once that a design has twice", () => {
    const { points, design } = planOf(
      studyOf({
        axes: [
          { knob: "a", kind: "list", values: [1, 2] },
          { knob: "b", kind: "list", values: [1, 2] },
        ],
        sampling: { kind: "sensitivity", points: 16 },
      }),
    );
    expect(design).toHaveLength(64);
    expect(points).toHaveLength(4);
    expect(new Set(points.map((p) => p.key)).size).toBe(4);
  });

  it("gives a trial the same key and seed whatever else is tried", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (values, chips) => {
          const trials = (of: readonly number[], count: number) => {
            const study = studyOf({
              axes: [{ knob: "a", kind: "list", values: of }],
              sampling: { kind: "grid" },
              chips: count,
            });
            return new Map(trialsOf(study, planOf(study)).map((trial) => [trial.key, trial.seed]));
          };
          const some = trials([...values].reverse(), chips);
          const more = trials([...values, 31], chips + 1);
          return [...some].every(([key, seed]) => more.get(key) === seed);
        },
      ),
    );
    const study = studyOf({ chips: 5, paired: true });
    const seeds = trialsOf(study, planOf(study)).map((trial) => trial.seed);
    expect(new Set(seeds).size).toBe(5);
  });

  it("is shared out to shards and jobs without loss", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (shards, most) => {
        const study = studyOf({ chips: 7 });
        const trials = trialsOf(study, planOf(study));
        const all = Array.from({ length: shards }, (_, i) => shardOf(trials, i + 1, shards))
          .flatMap((shard) => jobsOf(shard, most))
          .flatMap((job) => {
            expect(new Set(job.trials.map((t) => t.point)).size).toBe(1);
            return job.trials;
          });
        expect(all.map((t) => t.key).sort()).toEqual(trials.map((t) => t.key).sort());
      }),
    );
  });

  it.each([
    ["STUDY-AXIS", { axes: [range("a", { from: 1, to: 0, points: 3 })], sampling: { kind: "grid" } }],
    ["STUDY-AXIS", { axes: [range("a", { scale: "log", points: 3 })], sampling: { kind: "grid" } }],
    ["STUDY-AXIS", { axes: [range("a")], sampling: { kind: "grid" } }],
    ["STUDY-AXIS", { axes: [{ knob: "a", kind: "list", values: [1, 1] }], sampling: { kind: "grid" } }],
    [
      "STUDY-SIZE",
      {
        axes: Array.from({ length: 12 }, (_, i) => range(`k${i}`, { points: 100 })),
        sampling: { kind: "grid" },
      },
    ],
    ["STUDY-SIZE", { chips: 100_000 }],
    [
      "STUDY-DIMENSIONS",
      {
        axes: Array.from({ length: 11 }, (_, i) => range(`k${i}`)),
        sampling: { kind: "sensitivity", points: 4 },
      },
    ],
  ] as const)("is refused: %s", (code, more) => {
    expect(() => planOf(studyOf(more as Partial<Study>))).toThrow(code);
  });
});

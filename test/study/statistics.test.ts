/** Statistics against published values and laws; the summary and the journal. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  journalLine,
  planOf,
  quantile,
  readJournal,
  sobolIndices,
  spreadOf,
  summaryOf,
  tableOf,
  trialsOf,
  wilson,
  type Study,
  type TrialResult,
} from "../../src/study";

const studyOf = (more: Partial<Study> = {}): Study => ({
  name: "s",
  axes: [{ knob: "a", kind: "list", values: [1, 2, 3] }],
  sampling: { kind: "grid" },
  chips: 4,
  paired: false,
  measures: ["y"],
  spec: [{ measure: "y", sign: ">=", bound: 2 }],
  seed: 1,
  ...more,
});

describe("Wilson's interval", () => {
  it("has the published values", () => {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", Table I, method 3.
    for (const [passed, of, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ]) {
      const found = wilson(passed, of);
      expect(found.low).toBeCloseTo(low, 4);
      expect(found.high).toBeCloseTo(high, 4);
    }
  });

  it("holds the share, mirrors, and narrows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (of, part) => {
          const passed = Math.round(part * of);
          const [found, mirrored, more] = [
            wilson(passed, of),
            wilson(of - passed, of),
            wilson(passed * 4, of * 4),
          ];
          expect(found.low).toBeGreaterThanOrEqual(0);
          expect(found.high).toBeLessThanOrEqual(1);
          expect(found.low).toBeLessThanOrEqual(found.share);
          expect(found.high).toBeGreaterThanOrEqual(found.share);
          expect(found.low).toBeCloseTo(1 - mirrored.high, 12);
          expect(more.high - more.low).toBeLessThan(found.high - found.low);
        },
      ),
    );
  });
});

describe("spread", () => {
  it("is the same whatever came first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 30 }),
        (values) => {
          expect(spreadOf([...values].reverse())).toEqual(spreadOf(values));
        },
      ),
    );
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(spreadOf([1, 2, 3, 4]).deviation).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });
});

describe("Sobol indices", () => {
  it("of the Ishigami function are its analytic ones", () => {
    // Ishigami and Homma 1990 with a = 7, b = 0.1: V = a^2/8 + b pi^4/5 + b^2 pi^8/18 + 1/2.
    const [a, b, pi] = [7, 0.1, Math.PI];
    const V = a ** 2 / 8 + (b * pi ** 4) / 5 + (b ** 2 * pi ** 8) / 18 + 0.5;
    const V1 = 0.5 * (1 + (b * pi ** 4) / 5) ** 2;
    const V13 = b ** 2 * pi ** 8 * (1 / 18 - 1 / 50);
    const study = studyOf({
      axes: ["x1", "x2", "x3"].map((knob) => ({ knob, kind: "range", from: -pi, to: pi, scale: "linear" })),
      sampling: { kind: "sensitivity", points: 4096 },
      chips: 1,
      spec: [],
    });
    const plan = planOf(study);
    const y = plan.points.map(
      ({ values: { x1, x2, x3 } }) =>
        Math.sin(x1 as number) +
        a * Math.sin(x2 as number) ** 2 +
        b * (x3 as number) ** 4 * Math.sin(x1 as number),
    );
    const trials = trialsOf(study, plan);
    const summary = summaryOf(
      study,
      plan,
      trials,
      new Map(trials.map(({ key, point }) => [key, { key, measures: { y: y[point] } }])),
    );
    const indices = new Map(summary.sensitivity!.y.map((each) => [each.knob, each]));
    for (const [knob, first, total] of [
      ["x1", V1 / V, (V1 + V13) / V],
      ["x2", a ** 2 / 8 / V, a ** 2 / 8 / V],
      ["x3", 0, V13 / V],
    ] as const) {
      expect(Math.abs(indices.get(knob)!.first - first)).toBeLessThan(0.01);
      expect(Math.abs(indices.get(knob)!.total - total)).toBeLessThan(0.01);
    }
    expect(summary.sensitivity!.y.map((each) => each.knob)).toEqual(["x1", "x2", "x3"]);
  });

  it("are absent where nothing varies", () => {
    expect(
      sobolIndices(
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        1,
      ),
    ).toBeNull();
  });
});

describe("a summary", () => {
  const study = studyOf();
  const plan = planOf(study);
  const trials = trialsOf(study, plan);
  const results = trials.map(({ key, point, chip }): TrialResult =>
    point === 2 && chip === 1
      ? { key, measures: {}, fault: "DYN-DIVERGED" }
      : {
          key,
          measures: { y: point + chip / 2, z: point === 0 ? null : 1 },
          ...(point === 1 && { warnings: chip === 2 ? ["LEARN-NOISE", "TEST-DIVERGED"] : ["LEARN-NOISE"] }),
        },
  );

  it("counts what meets the spec, and chips that failed as not meeting it", () => {
    const summary = summaryOf(study, plan, trials, new Map(results.map((each) => [each.key, each])));
    expect(summary.points.map((point) => point.yield?.passed)).toEqual([1, 3, 3]);
    expect(summary.points[2].faults).toEqual({ "DYN-DIVERGED": 1 });
    expect(summary.points[2].measures.y.chips).toBe(3);
    expect(summary.points[0].measures.z).toBeUndefined();
    expect(summary.points.map(({ warnings }) => warnings)).toEqual([
      {},
      { "LEARN-NOISE": study.chips, "TEST-DIVERGED": 1 },
      {},
    ]);
    expect(tableOf(study, trials, new Map(results.map((each) => [each.key, each]))).at(-1)?.values).toContain(
      "LEARN-NOISE TEST-DIVERGED",
    );
  });

  it("ranks knobs that move alone", () => {
    const alone = studyOf({
      axes: [
        { knob: "weak", kind: "list", values: [1, 2] },
        { knob: "strong", kind: "range", from: 0, to: 10, scale: "linear" },
      ],
      sampling: { kind: "one-at-a-time" },
      chips: 1,
    });
    const points = planOf(alone);
    const own = trialsOf(alone, points);
    const summary = summaryOf(
      alone,
      points,
      own,
      new Map(
        own.map(({ key, values: { weak = 1.5, strong = 5 } }) => [
          key,
          { key, measures: { y: Number(weak) + Number(strong) } },
        ]),
      ),
    );
    expect(summary.tornado!.y).toEqual([
      { knob: "strong", base: 6.5, low: { value: 0, mean: 1.5 }, high: { value: 10, mean: 11.5 } },
      { knob: "weak", base: 6.5, low: { value: 1, mean: 6 }, high: { value: 2, mean: 7 } },
    ]);
  });

  it("and the table do not depend on the order of arrival; a journal cut anywhere loses only what follows", () => {
    const lines = results.map((result, i) => journalLine(trials[i], result));
    const shown = (found: ReadonlyMap<string, TrialResult>) =>
      JSON.stringify([summaryOf(study, plan, trials, found), tableOf(study, trials, found)]);
    const whole = shown(readJournal(lines.join(""), trials, "j").results);
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), fc.nat(), (mixed, cut) => {
        const text = mixed.join("");
        expect(shown(readJournal(text, trials, "j").results)).toBe(whole);
        const at = cut % text.length;
        const { results: kept, whole: length } = readJournal(text.slice(0, at), trials, "j");
        const rest = mixed.filter(
          (line) => ![...kept.keys()].some((key) => line.startsWith(`{"key":${JSON.stringify(key)}`)),
        );
        expect(length).toBeLessThanOrEqual(at);
        expect(shown(readJournal(text.slice(0, length) + rest.join(""), trials, "j").results)).toBe(whole);
      }),
    );
  });

  it.each([
    "nonsense",
    '{"key":"x","seed":1,"measures":{}}',
    '{"key":"{\\"a\\":1} chip 1","seed":1,"measures":{}}',
    '{"key":"{\\"a\\":1} chip 1","seed":1,"measures":[]}',
    '{"key":"{\\"a\\":1} chip 1","seed":1,"measures":{},"warnings":["<b>"]}',
  ])("refuses a journal of another study: %s", (line) => {
    expect(() => readJournal(`${line}\n`, trials, "j")).toThrow("STUDY-JOURNAL");
  });
});

/**
 * The experiment of a study: what it finds of a chip does not depend on which chips are measured beside it.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { experimentOf } from "../../src/runs/studying/experiment";
import { MEASURES, parseConfig, runFrom } from "../../src/config";
import type { Trial, Values } from "../../src/study";
import { fewer } from "../long";

const BASE = {
  circuit: { topology: "nonideal", sizes: [64, 5, 10], mismatch: "10 %" },
  data: { kind: "generated", train: 30, test: 25 },
  optimizer: { kind: "adam", rate: 0.02 },
  dt: "10 us",
  epochs: 1,
  engine: "simd",
};
const PHASES = { amplitude: 0.4, freeSteps: 12, nudgedSteps: 10 };

const runOf = (more: object) =>
  runFrom(
    parseConfig({
      where: "run.json",
      text: JSON.stringify({ ...BASE, estimator: { kind: "centred", ...PHASES }, ...more }),
    }),
  );
const trialsAt = (values: Values, point: number, seeds: readonly number[]): Trial[] =>
  seeds.map((seed, c) => ({ key: `${point} chip ${c + 1}`, point, values, chip: c + 1, seed }));

const estimators = fc
  .record({
    kind: fc.constantFrom("one-sided", "centred", "random-sign", "holomorphic"),
    average: fc.constantFrom(0, 4),
    tolerance: fc.constantFrom(undefined, 1e-2),
  })
  .map(({ tolerance, ...rest }) => ({ ...PHASES, ...rest, ...(tolerance !== undefined && { tolerance }) }));
const circuits = fc.record({
  angle: fc.constantFrom(0, 40),
  temperature: fc.constantFrom("0 K", "300 K"),
  readNoise: fc.constantFrom(0, 0.05),
  levels: fc.constantFrom(0, 16),
});

describe("the experiment of a study", () => {
  it("finds the same of chips side by side as of each alone, to the last bit", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          estimator: estimators,
          circuit: circuits,
          learns: fc.boolean(),
          seeds: fc.uniqueArray(fc.nat(1e6), { minLength: 2, maxLength: 4 }),
        }),
        async ({ estimator, circuit, learns, seeds }) => {
          const { attempt } = experimentOf(runOf({ estimator, circuit: { ...BASE.circuit, ...circuit } }), {
            measures: MEASURES,
            train: learns,
            threads: 1,
          });
          const trials = trialsAt({}, 0, seeds);
          const together = await attempt(trials);
          const alone = [];
          for (const trial of trials) alone.push(...(await attempt([trial])));
          expect(together).toEqual(alone);
        },
      ),
      { numRuns: fewer(8), seed: 3 },
    );
  });

  it("keeps trials of several points apart, in their order", async () => {
    const { attempt, measure } = experimentOf(runOf({}), { measures: ["cosine"], train: false, threads: 1 });
    const trials = [
      ...trialsAt({ "circuit.angle": 0 }, 0, [1, 2]),
      ...trialsAt({ "circuit.angle": 60 }, 1, [1, 2]),
    ];
    const found = await attempt(trials);
    expect(found.map(({ key }) => key)).toEqual(trials.map(({ key }) => key));
    for (const [k, { values, seed }] of trials.entries())
      expect(found[k].measures).toEqual(await measure(values, seed));
  });

  it("keeps what training and tests warned of, so that an effect of the time step is seen to be one of phases that end too early", async () => {
    const { attempt } = experimentOf(
      runOf({
        estimator: { kind: "one-sided", amplitude: 0.02, freeSteps: 60, nudgedSteps: 55 },
        circuit: { ...BASE.circuit, temperature: "0 K" },
      }),
      { measures: ["accuracy", "unsettled"], train: true, threads: 1 },
    );
    const [short, long] = [
      ...(await attempt(trialsAt({ dt: "1 us" }, 0, [1]))),
      ...(await attempt(trialsAt({ dt: "10 us" }, 1, [1]))),
    ];
    expect(short.warnings).toContain("LEARN-UNSETTLED");
    expect(long.warnings).toBeUndefined();
    const { attempt: test } = experimentOf(
      runOf({
        estimator: { kind: "centred", ...PHASES, tolerance: 1e-6 },
        circuit: { ...BASE.circuit, temperature: "0 K" },
      }),
      { measures: ["unsettled", "diverged"], train: false, threads: 1 },
    );
    expect(await test(trialsAt({}, 0, [1]))).toMatchObject([
      { measures: { unsettled: 1, diverged: 0 }, warnings: ["TEST-UNSETTLED"] },
    ]);
  });

  it("tells which of the chips failed, and what the others gave", async () => {
    // A step near twice the time constant: chips whose fastest unit is much faster diverge.
    const run = runOf({
      solver: "euler",
      dt: "32 us",
      estimator: { kind: "centred", ...PHASES, freeSteps: 400 },
      data: { kind: "generated", train: 4, test: 4 },
    });
    const { attempt, measure } = experimentOf(run, {
      measures: ["accuracy", "residual"],
      train: true,
      threads: 1,
    });
    const found = await attempt(trialsAt({}, 0, [1, 2, 3, 4, 5, 6]));
    expect(new Set(found.map(({ fault }) => fault))).toEqual(new Set([undefined, "DYN-DIVERGED"]));
    for (const [k, { measures, fault }] of found.entries()) {
      if (fault === undefined) expect(await measure({}, k + 1)).toEqual(measures);
      else await expect(measure({}, k + 1)).rejects.toThrow(fault);
    }
  });
});

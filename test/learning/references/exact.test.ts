/** Exact references against brute force: settle on the host, change beta or one weight, settle again. */
import type { ByPopulation } from "../../../src/learning/drives";
import { describe, expect, it } from "vitest";
import type { Factor } from "../../../src/learning/references/exact";
import { exactAnswers, gradientOf, predictFromAsymmetry } from "../../../src/learning/references/exact";
import { fieldResidual } from "../../../src/learning/references/linearisation";
import { norm } from "../../../src/learning/references/linear";
import { recurrentBackpropagation } from "../../../src/learning/references/recurrent-backpropagation";
import { perLayerCosine } from "../../../src/learning/references/cosine";
import { foldTied } from "../fold-tied";
import type { CostSpec } from "../../../src/circuit/types";
import {
  bruteCost,
  chipOf,
  clipped,
  draws,
  energy,
  leaky,
  map,
  physical,
  settle,
  type Design,
  type TestNeuron,
} from "../handmade";

const SAMPLES = 2;
const squared = (argument: "state" | "activity"): CostSpec => ({ kind: "squared-error", argument });

/**
 * input 3 -> a 4 <-> b 3, with everything that a graph may have: a self-connection and a shortcut, where not
 * tied.
 */
function design(
  seed: number,
  device: (size: number) => TestNeuron,
  cost: CostSpec,
  options: { tied?: boolean; scale?: number } = {},
): Design {
  const draw = draws(seed);
  const scale = options.scale ?? 0.35;
  return {
    populations: [
      { name: "in", size: 3 },
      { name: "a", size: 4, device: device(4) },
      { name: "b", size: 3, device: device(3) },
    ],
    projections: [
      { from: "in", to: "a", weights: draw(12, scale), biases: draw(4, 0.2).map((x) => x + 0.3) },
      { from: "a", to: "b", weights: draw(12, scale), biases: draw(3, 0.2).map((x) => x + 0.3) },
      { from: "b", to: "a", weights: draw(12, scale), ...(options.tied && { tied: "a-b" }) },
      ...(options.tied
        ? []
        : [
            { from: "b", to: "b", weights: draw(9, scale) },
            { from: "in", to: "b", weights: draw(9, scale) },
          ]),
    ],
    cost,
    ...(cost.kind === "cross-entropy" && { readout: { weights: draw(6), biases: draw(2) } }),
  };
}

function data(seed: number, targets: number): { inputs: Float64Array; targets: Float64Array } {
  const draw = draws(seed + 1000);
  const oneHot = Float64Array.from({ length: SAMPLES * targets }, (_, i) =>
    i % targets === (Math.floor(i / targets) + seed) % targets ? 1 : 0,
  );
  return { inputs: draw(SAMPLES * 3).map((x) => (x + 1) / 2), targets: oneHot };
}

const crossEntropy: CostSpec = { kind: "cross-entropy", argument: "activity", classes: 2, ascend: true };
const cases: readonly (readonly [string, Design])[] = [
  ["leaky, state", design(1, () => leaky, squared("state"))],
  ["leaky, activity, up", design(2, () => leaky, { ...squared("activity"), ascend: true })],
  ["map, cross-entropy", design(3, () => map, crossEntropy)],
  ["energy, state, tied", design(4, () => energy, squared("state"), { tied: true })],
  ["clipped, state", design(5, () => clipped, squared("state"), { scale: 0.8 })],
  ["physical, activity", design(6, physical, squared("activity"))],
  ["physical, activity, tied", design(7, physical, squared("activity"), { tied: true })],
];

describe.each(cases)("%s", (_, plan) => {
  const classes = plan.cost.kind === "cross-entropy" ? 2 : 3;
  const { inputs, targets } = data(5, classes);
  const states = settle(plan, SAMPLES, inputs, targets);
  const chip = chipOf(plan);
  const answers = exactAnswers(chip, SAMPLES, inputs, states, targets);
  const largest = (values: Float64Array): number => values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);

  it("is asked at a fixed point, and knows its cost", () => {
    expect(fieldResidual(answers.linearisation) * plan.populations[1].device!.tau).toBeLessThan(1e-14);
    expect(answers.cost).toBeCloseTo(bruteCost(plan, SAMPLES, inputs, targets), 13);
  });

  it("has the derivative of the fixed point with respect to beta", () => {
    const h = 1e-4;
    const [up, down] = [
      settle(plan, SAMPLES, inputs, targets, h),
      settle(plan, SAMPLES, inputs, targets, -h),
    ];
    for (const { name, device } of plan.populations.slice(1)) {
      const scale = largest(answers.dState.b);
      const rho = device!.rho;
      answers.dState[name].forEach((d, k) =>
        expect(d / scale).toBeCloseTo((up[name].re[k] - down[name].re[k]) / (2 * h) / scale, 6),
      );
      const activityScale = largest(answers.dActivity.b);
      answers.dActivity[name].forEach((d, k) =>
        expect(d / activityScale).toBeCloseTo(
          (rho(up[name].re[k]) - rho(down[name].re[k])) / (2 * h) / activityScale,
          6,
        ),
      );
    }
  });

  it("has the true gradient of the cost in every weight and bias", () => {
    const gradient = foldTied(chip.circuit, gradientOf(answers.linearisation, answers.delta));
    for (const wire of plan.projections.filter((w) => w.tied === undefined)) {
      const expected = gradient[`${wire.from}-${wire.to}`];
      for (const [array, wanted] of [
        [wire.weights, expected.weights],
        [wire.biases, expected.biases],
      ] as const) {
        array?.forEach((w, i) => {
          const h = 1e-4;
          array[i] = w + h;
          const up = bruteCost(plan, SAMPLES, inputs, targets);
          array[i] = w - h;
          const down = bruteCost(plan, SAMPLES, inputs, targets);
          array[i] = w;
          expect(wanted![i]).toBeCloseTo((up - down) / (2 * h), 7);
        });
      }
    }
  });

  it("is found by recurrent backpropagation too", async () => {
    const { delta, outcome, relaxation } = await recurrentBackpropagation(
      chip,
      SAMPLES,
      inputs,
      states,
      targets,
    );
    expect(outcome.kind).toBe("settled");
    expect(relaxation).toBe(1);
    const scale = largest(answers.delta.b);
    for (const name of ["a", "b"])
      answers.delta[name].forEach((d, k) => expect(delta[name][k] / scale).toBeCloseTo(d / scale, 10));
  });

  it("obeys Eq. 10 of Laborieux and Zenke", () => {
    // A clipped unit's output is flat outside its bounds, where it is frozen and left out.
    const factor: Factor =
      plan.cost.argument === "state" && plan.projections[2].tied === undefined ? "dState" : "dActivity";
    for (let s = 0; s < SAMPLES; s++) {
      const { units, exact } = predictFromAsymmetry(answers, s, factor);
      const scale = largest(exact);
      exact.forEach((x, i) => {
        const [name, size, j] =
          units[i] < 4 ? (["a", 4, units[i]] as const) : (["b", 3, units[i] - 4] as const);
        expect(x / scale).toBeCloseTo(answers[factor][name][s * size + j] / scale, 11);
      });
    }
  });
});

describe("asymmetry", () => {
  it("is all that separates the measured from the true error vector", () => {
    for (const [name, plan] of cases.filter(([n]) => n.includes("tied"))) {
      const { inputs, targets } = data(5, 3);
      const { dActivity, delta, linearisation } = exactAnswers(
        chipOf(plan),
        SAMPLES,
        inputs,
        settle(plan, SAMPLES, inputs, targets),
        targets,
      );
      for (const p of ["a", "b"])
        delta[p].forEach((d, k) =>
          expect(dActivity[p][k] / norm(delta[p]), name).toBeCloseTo(d / norm(delta[p]), 11),
        );
      const cosines = perLayerCosine(dActivity, delta, linearisation.chip.circuit);
      expect(cosines.layers.a).toBeCloseTo(1, 12);
      expect(cosines.total).toBeCloseTo(1, 12);
    }
  });

  it("is foretold by Eq. 11 to first order: the error falls with its square", () => {
    const errors = [1e-2, 1e-3].map((epsilon) => {
      const plan = design(8, () => map, squared("activity"));
      const perturbation = draws(9)(12, epsilon);
      plan.projections[2].weights.set(
        Float64Array.from(
          { length: 12 },
          (_, i) => plan.projections[1].weights[(i % 4) * 3 + Math.floor(i / 4)] + perturbation[i],
        ),
      );
      plan.projections[3].weights.set([0.1, 0.2, 0.3, 0.2, -0.1, 0.1, 0.3, 0.1, 0.2]);
      const { inputs, targets } = data(8, 3);
      const answers = exactAnswers(
        chipOf(plan),
        SAMPLES,
        inputs,
        settle(plan, SAMPLES, inputs, targets),
        targets,
      );
      const { exact, firstOrder, delta } = predictFromAsymmetry(answers, 0, "dActivity");
      const away = norm(exact.map((x, i) => x - delta[i]));
      return { away, left: norm(exact.map((x, i) => x - firstOrder[i])) };
    });
    expect(Math.log10(errors[0].away / errors[1].away)).toBeCloseTo(1, 0);
    expect(Math.log10(errors[0].left / errors[1].left)).toBeGreaterThan(1.8);
  });
});

describe("frozen units", () => {
  it("have neither derivative nor error", () => {
    const plan = design(5, () => clipped, squared("state"), { scale: 0.8 });
    plan.projections[0].biases![1] = -9;
    const { inputs, targets } = data(5, 3);
    const answers = exactAnswers(
      chipOf(plan),
      SAMPLES,
      inputs,
      settle(plan, SAMPLES, inputs, targets),
      targets,
    );
    expect(answers.linearisation.active.a[1]).toBe(0);
    for (const values of [answers.dState, answers.dActivity, answers.delta] as ByPopulation[])
      expect(values.a[1]).toBe(0);
    expect(answers.linearisation.active.a[0]).toBe(1);
  });
});

describe("recurrent backpropagation", () => {
  const plan = design(11, () => leaky, squared("state"));
  const { inputs, targets } = data(11, 3);

  it("lowers its relaxation where the plain iteration runs away", async () => {
    // strong inhibition of itself: stable, but |W| > 1
    plan.projections[3].weights.set([-40, 0, 0, 0, -40, 0, 0, 0, -40]);
    const states = Object.fromEntries(
      ["a", "b"].map((name) => [name, { re: new Float64Array(SAMPLES * (name === "a" ? 4 : 3)) }]),
    );
    const { delta, outcome, relaxation } = await recurrentBackpropagation(
      chipOf(plan),
      SAMPLES,
      inputs,
      states,
      targets,
    );
    expect(outcome.kind).toBe("settled");
    expect(relaxation).toBeLessThan(1);
    const exact = exactAnswers(chipOf(plan), SAMPLES, inputs, states, targets).delta;
    exact.a.forEach((d, k) => expect(delta.a[k]).toBeCloseTo(d, 9));
    expect(
      (await recurrentBackpropagation(chipOf(plan), SAMPLES, inputs, states, targets, { relaxation: 1 }))
        .outcome.kind,
    ).toBe("diverged");
  });

  it("says so when steps run out, and runs a stated number of them", async () => {
    const states = settle(
      design(1, () => leaky, squared("state")),
      SAMPLES,
      inputs,
      targets,
    );
    const chip = chipOf(design(1, () => leaky, squared("state")));
    const short = (await recurrentBackpropagation(chip, SAMPLES, inputs, states, targets, { steps: 3 }))
      .outcome;
    expect([short.kind, short.steps, short.rows]).toEqual(["timedOut", 3, [0, 1]]);
    expect(short.advice).toContain("more steps");
    const fixed = (
      await recurrentBackpropagation(chip, SAMPLES, inputs, states, targets, { steps: 5, tolerance: null })
    ).outcome;
    expect([fixed.kind, fixed.steps]).toEqual(["fixed", 5]);
  });

  it("calls what is not finite diverged", async () => {
    const states = { a: { re: new Float64Array(8) }, b: { re: new Float64Array(6).fill(NaN) } };
    expect(
      (await recurrentBackpropagation(chipOf(plan), SAMPLES, inputs, states, targets)).outcome.kind,
    ).toBe("diverged");
  });
});

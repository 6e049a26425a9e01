/**
 * Methods of training that know the circuit's equations, in the place of an estimator: what equilibrium
 * propagation is held against, from the same start, on the same chip. No hardware could do them.
 */
import { byOwner, type ByPopulation, type ByProjection } from "../drives";
import type { WeightArrays } from "../../circuit/chip-types";
import { trainablesOf } from "../../circuit/trainable";
import type { Simulator } from "../../dynamics/simulator";
import type { Planes } from "../../dynamics/types";
import { check, optionsOf } from "../../options";
import { expectBounded } from "../diverged";
import type { EstimateContext, Estimator, FreeLengths } from "../estimators/estimator";
import { checkLengths, FREE_LENGTH, freeStepsOf } from "../lengths";
import { firstPhase, looksAt } from "../phases";
import { readBatch, type Batch, type Estimate } from "../types";
import { backpropagationThroughTime, type BpttOptions } from "./backpropagation-through-time";
import { exactAnswers, gradientOf } from "./exact";
import { LARGEST_DENSE } from "./jacobian";
import { linearise, type Linearisation } from "./linearisation";
import { nudgeResponse } from "./nudge-response";
import { parameterGradientsFrom } from "./parameter-gradients";
import { recurrentBackpropagation } from "./recurrent-backpropagation";

const readBptt = optionsOf<BpttOptions>("bptt", {
  needs: { freeSteps: check.whole(1), steps: check.whole(1) },
});

/**
 * Backpropagation through the last steps of the free phase (Ernoult et al. 2019). On the host.
 * @throws OhmletError OPTION-…; when it trains those of backpropagationThroughTime
 */
export function bptt(options: BpttOptions): Estimator {
  const { freeSteps, steps } = readBptt(options);
  return {
    name: "bptt",
    settings: { freeSteps, steps },
    complex: false,
    nudgeless: true,
    walked: steps,
    free: { freeSteps },
    nudged: { nudgedSteps: steps },
    async estimate(simulator, batch) {
      const { samples, inputs } = readBatch(batch);
      const found = await backpropagationThroughTime(simulator, batch, { freeSteps, steps });
      const at = linearise(simulator.chip, samples, inputs, found.states);
      return {
        ...common(at, found.states),
        ...derivatives(at, stateChange(simulator, at, found.byState)),
        updates: falling(found.byWeights.reduce(sumOf)),
        outcomes: [found.outcome],
      };
    },
  };
}

const readMethod = (name: string) =>
  optionsOf<FreeLengths>(name, {
    takes: { ...FREE_LENGTH, tolerance: check.positive, average: check.whole() },
  });
const readRecurrent = readMethod("recurrentBackprop");
const readExact = readMethod("exactNudge");

/**
 * Recurrent backpropagation: the true error vector at the free fixed point, by iteration, at any size
 * (Laborieux and Zenke 2023, Eq. 4).
 * @throws OhmletError OPTION-…, LEARN-LENGTH
 */
export function recurrentBackprop(options: FreeLengths): Estimator {
  const lengths = readRecurrent(options);
  return atFixedPoint("recurrent-backpropagation", lengths, async ({ chip, engine }, at, batch, states) => {
    const { samples, inputs, targets } = batch;
    const { delta, outcome } = await recurrentBackpropagation(chip, samples, inputs, states, targets, {
      engine,
    });
    expectBounded([outcome], chip.circuit.name, "in recurrent backpropagation");
    const updates = falling(byOwner(chip.circuit, gradientOf(at, delta)));
    const parameters =
      trainablesOf(chip.circuit).length > 0 ? parameterGradientsFrom(at, states, targets, delta) : undefined;
    return {
      dState: delta,
      dActivity: delta,
      updates,
      ...(parameters && { parameters }),
      outcomes: [outcome],
    };
  });
}

/**
 * The exact derivative of the free fixed point by the nudge, which estimators measure: what is left then of
 * the error is that of the rule (Laborieux and Zenke 2023, Table 1, "true").
 * By direct solves, or by iteration where the circuit is too large for those.
 * @throws OhmletError OPTION-…, LEARN-LENGTH; when it trains LINEAR-SINGULAR, DYN-DIVERGED
 */
export function exactNudge(options: FreeLengths): Estimator {
  const lengths = readExact(options);
  return atFixedPoint("exact", lengths, async ({ chip, engine }, _, batch, states) => {
    const { samples, inputs, targets } = batch;
    if (chip.circuit.units <= LARGEST_DENSE) {
      const { dState, dActivity } = exactAnswers(chip, samples, inputs, states, targets, engine.stop);
      return { dState, dActivity, outcomes: [] };
    }
    const response = await nudgeResponse(chip, samples, inputs, states, targets, { engine });
    expectBounded([response.outcome], chip.circuit.name, "in the response to the nudge");
    return { dState: response.dState, dActivity: response.dActivity, outcomes: [response.outcome] };
  });
}

type Found = Pick<Estimate, "dState" | "dActivity" | "updates" | "parameters" | "outcomes">;

function atFixedPoint(
  name: string,
  lengths: FreeLengths,
  find: (simulator: Simulator, at: Linearisation, batch: Batch, states: Planes) => Promise<Found>,
): Estimator {
  checkLengths(name, lengths, ["free"]);
  const { freeSteps, freeTime, tolerance, average } = lengths;
  return {
    name,
    settings: { freeSteps, freeTime, tolerance, average },
    complex: false,
    nudgeless: true,
    free: { freeSteps, freeTime, tolerance, average },
    nudged: { nudgedSteps: freeSteps, nudgedTime: freeTime },
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, inputs, start } = readBatch(batch);
      const free = await simulator.phase({
        samples,
        inputs,
        from: start,
        steps: freeStepsOf(simulator, lengths),
        tolerance,
        average,
        check: looksAt(context),
        phase: firstPhase(context),
      });
      expectBounded([free.outcome], simulator.circuit.name, `in batch ${context.round + 1}`);
      const at = linearise(simulator.chip, samples, inputs, free.states);
      const { outcomes, ...found } = await find(simulator, at, batch, free.states);
      return { ...common(at, free.states), ...found, outcomes: [free.outcome, ...outcomes] };
    },
  };
}

function common(at: Linearisation, states: Planes): Omit<Estimate, keyof Found> {
  const activities = Object.fromEntries(Object.entries(at.activities).map(([name, re]) => [name, { re }]));
  return { free: { states, activities }, aliasing: null, nudges: [] };
}

function derivatives({ rhoPrime }: Linearisation, dState: ByPopulation): Pick<Found, "dState" | "dActivity"> {
  const through = Object.entries(dState).map(([name, values]) => [
    name,
    values.map((x, i) => x * rhoPrime[name][i]),
  ]);
  return { dState, dActivity: Object.fromEntries(through) };
}

/** How far the nudge would have moved the states: the sum over steps, counted like d_beta u (Theorem 1). */
function stateChange(
  simulator: Simulator,
  at: Linearisation,
  byState: readonly ByPopulation[],
): ByPopulation {
  const { solver, dt } = simulator;
  /** How far a rate of 1, held for a step, moves a unit: what it leaks meanwhile is taken away. */
  const stepOf = (population: string, unit: number): number => {
    if (simulator.circuit.population(population).neuron?.dynamics.kind === "discrete") return 1;
    const leak = dt * at.slope[population][unit];
    return solver === "exponential-euler" && leak !== 0 ? (dt * Math.expm1(leak)) / leak : dt;
  };
  const summed = Object.entries(at.nudgeGain).map(([name, gain]) => [
    name,
    gain.map(
      (n, i) => -stepOf(name, i) * at.samples * n * byState.reduce((sum, bar) => sum + bar[name][i], 0),
    ),
  ]);
  return Object.fromEntries(summed);
}

const sumOf = (a: ByProjection, b: ByProjection): ByProjection =>
  Object.fromEntries(
    Object.entries(a).map(([name, { weights, biases }]) => [
      name,
      {
        weights: weights.map((x, i) => x + b[name].weights[i]),
        biases: biases && biases.map((x, i) => x + (b[name].biases as Float64Array)[i]),
      },
    ]),
  );

const falling = (rising: ByProjection): Readonly<Record<string, WeightArrays>> =>
  Object.fromEntries(
    Object.entries(rising).map(([name, { weights, biases }]) => [
      name,
      { weights: weights.map((x) => -x), biases: biases && biases.map((x) => -x) },
    ]),
  );

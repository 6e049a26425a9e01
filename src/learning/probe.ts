/**
 * The yardstick beside training: the cosine, layer by layer, between what the estimator measures on the chip
 * and the true error vector, computed exactly (or, beyond 2,000 units, by recurrent backpropagation) from the
 * chip's weights. It settles on an engine of its own choice and never touches the chip.
 */
import type { Chip } from "../circuit/chip-types";
import type { Simulator } from "../dynamics/simulator";
import type { Engine } from "../engines/engine";
import { expectBounded } from "./diverged";
import type { Estimator } from "./estimators";
import { exactAnswers } from "./references/exact";
import { perLayerCosine, type LayerCosines } from "./references/cosine";
import { LARGEST_DENSE } from "./references/jacobian";
import { recurrentBackpropagation } from "./references/recurrent-backpropagation";
import type { Rule } from "./rules";
import { estimateByChip, forEveryChip } from "./stacked";
import type { Batch, Estimate } from "./types";

/**
 * The cosine, layer by layer, between what an estimator measures on a chip and the true error vector of its
 * circuit.
 * @param round keys the noise of the probe's phases
 * @throws OhmletError CHIP-STACK for a stack of chips, DYN-DIVERGED, and those of the exact references
 */
export async function gradientCosine(
  simulator: Simulator,
  estimator: Estimator,
  rule: Rule,
  batch: Batch,
  round: number,
  seed: number,
): Promise<LayerCosines> {
  void simulator.chip; // of a stack there is no one cosine
  return (await gradientCosines(simulator, estimator, rule, batch, round, seed))[0];
}

/**
 * The same for every chip of a stack: the estimator's phases settle all of them in one launch each.
 * @param batch of one chip: every chip gets it
 */
export async function gradientCosines(
  simulator: Simulator,
  estimator: Estimator,
  rule: Rule,
  batch: Batch,
  round: number,
  seed: number,
): Promise<LayerCosines[]> {
  const { chips } = simulator;
  const estimate = await estimator.estimate(simulator, forEveryChip(batch, chips.length), { round, seed });
  expectBounded(estimate.outcomes, simulator.circuit.name, "in a probe of the gradient");
  const cosines: LayerCosines[] = [];
  for (const [c, own] of estimateByChip(estimate, chips.length).entries())
    cosines.push(await cosineOf(chips[c], own, rule, batch, simulator.engine));
  return cosines;
}

/** The cosine of an estimate that was made on a chip. */
async function cosineOf(
  chip: Chip,
  estimate: Estimate,
  rule: Rule,
  { samples, inputs, targets }: Batch,
  engine: Engine,
): Promise<LayerCosines> {
  const states = estimate.unread ?? estimate.free.states;
  const delta =
    chip.circuit.units <= LARGEST_DENSE
      ? exactAnswers(chip, samples, inputs, states, targets, engine.stop).delta
      : (await recurrentBackpropagation(chip, samples, inputs, states, targets, { engine })).delta;
  return perLayerCosine(estimate[rule.factor(chip.circuit)], delta, chip.circuit);
}

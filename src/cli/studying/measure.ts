/** What is measured on a chip, by name. Each is a mean over samples; null where a chip has no such measure. */
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { evaluateChip } from "../../learning/evaluate";
import { gradientCosine } from "../../learning/probe";
import type { Batch } from "../../learning/types";
import type { Measures } from "../../study";
import type { RunContext } from "../training/context";

/** Samples of the batch on which estimates are held against the truth, and on which updates are repeated. */
const PROBE = 20;
/** Repeated updates of the same batch, from which their noise is told. */
const REPEATS = 8;
/** Settled means that no state moves by more than this in a step (see Outcome), where the run names no tolerance. */
const TOLERANCE = 1e-3;
/** Room for settling, in free phases of the run. */
const PATIENCE = 20;
/** Numbers the noise of what is measured here: no training has so many rounds. */
const ROUND = 1_000_000;

/** @param wanted names of src/config/study.ts */
export async function measureChip({ run: { config }, chip, data, estimator, rule, engine, dt, solver }: RunContext, wanted: readonly string[]): Promise<Measures> {
  const { seed, order, acceleration } = config;
  const simulator = new Simulator(chip, engine, { seed, solver, dt, order, acceleration });
  const out: Record<string, number | null> = {};
  const wants = (...names: readonly string[]): boolean => names.some((name) => wanted.includes(name));
  try {
    if (wants("accuracy", "loss")) {
      const { accuracy, cost } = await evaluateChip(simulator, labelledBatches(chip.circuit, data.test, { size: 200 }), estimator.free);
      Object.assign(out, wants("accuracy") && { accuracy }, wants("loss") && { loss: cost });
    }
    const [probe] = [...labelledBatches(chip.circuit, data.test, { size: PROBE, limit: PROBE })];
    if (wants("settleSteps", "residual")) {
      const { freeSteps, tolerance = TOLERANCE, average } = estimator.free;
      const { outcome } = await simulator.phase({ samples: probe.samples, inputs: probe.inputs, steps: freeSteps * PATIENCE, tolerance, average, phase: ROUND });
      if (wants("settleSteps")) out.settleSteps = outcome.kind === "settled" ? outcome.steps : null;
      if (wants("residual")) out.residual = (await simulator.phase({ samples: probe.samples, inputs: probe.inputs, steps: freeSteps, average, phase: ROUND })).outcome.residual;
    }
    if (wants("cosine")) {
      const { layers, total } = await gradientCosine(simulator, estimator, rule, probe, ROUND, seed);
      out.cosine = total;
      for (const [layer, cosine] of Object.entries(layers)) out[`cosine.${layer}`] = cosine;
    }
    if (wants("aliasing", "updateSnr")) {
      const first = await estimator.estimate(simulator, probe, { round: ROUND, seed });
      if (wants("aliasing")) out.aliasing = first.aliasing;
      if (wants("updateSnr")) out.updateSnr = await updateSignalToNoise(simulator, { estimator, rule }, probe, seed);
    }
    return out;
  } finally {
    simulator.dispose();
  }
}

/**
 * How far updates stand out of their noise: root mean square over synapses of the mean update, over that of its standard
 * deviation, across repeated reads of one batch. The share of the noise in the mean's square is taken off; null where
 * nothing varies.
 */
async function updateSignalToNoise(simulator: Simulator, { estimator, rule }: Pick<RunContext, "estimator" | "rule">, batch: Batch, seed: number): Promise<number | null> {
  const sums = new Map<string, { readonly sum: Float64Array; readonly squares: Float64Array }>();
  for (let k = 0; k < REPEATS; k++) {
    const estimate = await estimator.estimate(simulator, batch, { round: ROUND + k, seed });
    const updates = await rule.update(simulator.chip.circuit, estimate, (...product) => simulator.engine.correlate(...product));
    for (const [name, { weights }] of Object.entries(updates)) {
      const found = sums.get(name) ?? { sum: new Float64Array(weights.length), squares: new Float64Array(weights.length) };
      sums.set(name, found);
      weights.forEach((w, i) => {
        found.sum[i] += w;
        found.squares[i] += w * w;
      });
    }
  }
  let [signal, noise, scale] = [0, 0, 0];
  for (const { sum, squares } of sums.values()) {
    for (let i = 0; i < sum.length; i++) {
      const mean = sum[i] / REPEATS;
      const variance = Math.max(0, (squares[i] - REPEATS * mean * mean) / (REPEATS - 1));
      signal += mean * mean - variance / REPEATS;
      noise += variance;
      scale += mean * mean;
    }
  }
  // Below the rounding of float32 there is no noise to speak of.
  return noise <= 1e-12 * scale || noise === 0 ? null : Math.sqrt(Math.max(0, signal) / noise);
}

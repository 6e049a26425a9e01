/** What is measured on chips, by name. Each is a mean over samples; null where a chip has no such measure. */
import { optimizerOf } from "../../config";
import type { Chip } from "../../circuit/chip-types";
import { stackChips } from "../../circuit/stack";
import { phaseByChip } from "../../dynamics/phases/by-chip";
import { Simulator } from "../../dynamics/simulator";
import type { PhaseRequest, PhaseResult } from "../../dynamics/types";
import { labelledBatches } from "../../learning/batches";
import { expectBounded } from "../../learning/diverged";
import { estimateErrors, type ErrorShares } from "../../learning/estimate-error";
import { evaluateChips } from "../../learning/evaluate";
import { freeStepsOf } from "../../learning/lengths";
import { gradientCosines } from "../../learning/probe";
import { estimateByChip, forEveryChip } from "../../learning/stacked";
import type { Batch, Estimate } from "../../learning/types";
import { errorWarnings, testWarnings } from "../../learning/warnings";
import type { Measures } from "../../study";
import type { Counted } from "../../ledger/ledger";
import { ledgerOfRun } from "../ledger";
import type { RunContext } from "../training/context";
import { smallNudges } from "./small-nudges";
import { updateSnr } from "./update-snr";

/** Test samples that settle together. */
const TEST = 200;
/** Samples of the batch on which estimates are held against the truth, and on which updates are repeated. */
const PROBE = 20;
/** Repeated updates of the same batch, from which their noise is told. */
const REPEATS = 8;
/**
 * Settled means that no state moves by more than this in a step (see Outcome), where the run names no
 * tolerance.
 */
const TOLERANCE = 1e-3;
/** What is linearised has to stand still. */
const SETTLED = 1e-6;
/** Room for settling, in free phases of the run. */
const PATIENCE = 20;
/** Numbers the noise of what is measured here: no training has so many rounds. */
const ROUND = 1_000_000;

/** Chips of one design side by side, and the seeds that key their noise. */
export interface Measured extends Pick<
  RunContext,
  "run" | "data" | "estimator" | "rule" | "engine" | "dt" | "solver"
> {
  readonly chips: readonly Chip[];
  readonly seeds: readonly number[];
  /** Writes or pulses a training sample, of each chip whose training counted them. */
  readonly counted?: readonly (Counted | undefined)[];
}

/** What was measured on a chip, and the codes of what there is to be warned of. */
export interface Finding {
  readonly measures: Measures;
  readonly warnings: readonly string[];
}

/**
 * Measures of every chip. All settle in one launch, each as it would alone, where `mostStacked` allows it.
 * @param wanted names of src/config/measures.ts
 */
export async function measureChips(measured: Measured, wanted: readonly string[]): Promise<Finding[]> {
  const {
    run: {
      config: { order, acceleration, reads },
    },
    chips,
    seeds,
    data,
    estimator,
    rule,
    engine,
    dt,
    solver,
  } = measured;
  const simulator = new Simulator(stackChips(chips), engine, {
    seed: seeds,
    solver,
    dt,
    order,
    acceleration,
    reads,
  });
  const out = chips.map((): Record<string, number | null> => ({}));
  const warnings = chips.map((): string[] => []);
  const wants = (...names: readonly string[]): boolean => names.some((name) => wanted.includes(name));
  const { circuit } = simulator;
  const phases = async (
    batch: Batch,
    request: Omit<PhaseRequest, "samples" | "inputs">,
  ): Promise<PhaseResult[]> => {
    const { samples, inputs } = forEveryChip(batch, chips.length);
    const found = phaseByChip(await simulator.phase({ ...request, samples, inputs, phase: ROUND }));
    expectBounded(
      found.map(({ outcome }) => outcome),
      circuit.name,
      "in a measure",
    );
    return found;
  };
  const estimates = async (batch: Batch, round: number): Promise<Estimate[]> => {
    const estimate = await estimator.estimate(simulator, forEveryChip(batch, chips.length), {
      round,
      seed: seeds[0],
    });
    expectBounded(estimate.outcomes, circuit.name, "in a measure");
    return estimateByChip(estimate, chips.length);
  };
  try {
    if (wants("accuracy", "loss", "diverged", "unsettled")) {
      const found = await evaluateChips(
        simulator,
        labelledBatches(circuit, data.test, { size: TEST }),
        estimator.free,
      );
      found.forEach((own, c) => {
        const { accuracy, cost, samples, ends } = own;
        Object.assign(
          out[c],
          wants("accuracy") && { accuracy },
          wants("loss") && { loss: cost },
          wants("diverged") && { diverged: ends.diverged / samples },
          wants("unsettled") && { unsettled: (ends.timedOut + ends.unstable) / samples },
        );
        warnings[c].push(...testWarnings(own, simulator.noisy).map(({ code }) => code));
      });
    }
    const [probe] = [...labelledBatches(circuit, data.test, { size: PROBE, limit: PROBE })];
    const { tolerance = TOLERANCE, average } = estimator.free;
    const freeSteps = freeStepsOf(simulator, estimator.free);
    if (wants("settleSteps")) {
      const found = await phases(probe, { steps: freeSteps * PATIENCE, tolerance, average });
      found.forEach(
        ({ outcome }, c) => (out[c].settleSteps = outcome.kind === "settled" ? outcome.steps : null),
      );
    }
    if (wants("good", "costRises")) {
      const found = await phases(probe, { steps: freeSteps * PATIENCE, tolerance: SETTLED });
      found.forEach((phase, c) => {
        const { good, costRises } = smallNudges(chips[c], probe, phase);
        Object.assign(out[c], wants("good") && { good }, wants("costRises") && { costRises });
      });
    }
    if (wants("residual"))
      (await phases(probe, { steps: freeSteps, average })).forEach(
        ({ outcome }, c) => (out[c].residual = outcome.residual),
      );
    if (wants("cosine", "errorAngle")) {
      const found = await gradientCosines(simulator, estimator, rule, probe, ROUND, seeds[0]);
      found.forEach(({ layers, total }, c) => {
        if (wants("errorAngle"))
          out[c].errorAngle =
            total === null ? null : (180 / Math.PI) * Math.acos(Math.max(-1, Math.min(1, total)));
        if (!wants("cosine")) return;
        out[c].cosine = total;
        for (const [layer, cosine] of Object.entries(layers)) out[c][`cosine.${layer}`] = cosine;
      });
    }
    if (wants("estimateError")) {
      const found = await estimateErrors(simulator, estimator, rule, forEveryChip(probe, chips.length), {
        round: ROUND,
        seed: seeds[0],
      });
      for (const c of chips.keys()) {
        const error = found?.[c] ?? null;
        const most = (of: keyof ErrorShares): number | null =>
          error === null ? null : Math.max(...Object.values(error).map((shares) => shares[of]));
        const [settling, noise, nudge] = [most("settling"), most("noise"), most("nudge")];
        Object.assign(out[c], {
          estimateError: error === null ? null : Math.max(...[settling, noise, nudge].map(Number)),
          "estimateError.settling": settling,
          "estimateError.noise": noise,
          "estimateError.nudge": nudge,
        });
        warnings[c].push(...errorWarnings(error, estimator).map(({ code }) => code));
      }
    }
    if (wants("aliasing", "updateSnr")) {
      const first = await estimates(probe, ROUND);
      if (wants("aliasing")) first.forEach(({ aliasing }, c) => (out[c].aliasing = aliasing));
      if (wants("updateSnr")) {
        const rounds = [first];
        for (let k = 1; k < REPEATS; k++) rounds.push(await estimates(probe, ROUND + k));
        for (const c of chips.keys())
          Object.assign(
            out[c],
            await updateSnr(
              rounds.map((round) => round[c]),
              rule,
              chips[c],
              engine,
            ),
          );
      }
    }
    if (wants("energy", "latency", "area"))
      for (const [c, chip] of chips.entries()) {
        const optimizer = optimizerOf(measured.run, circuit);
        const ledger = await ledgerOfRun(
          { ...measured, optimizer, seed: seeds[c] },
          chip,
          measured.counted?.[c],
        );
        const parts = Object.entries(ledger?.sample ?? {}).map(([part, { joules }]) => [
          `energy.${part}`,
          joules,
        ]);
        Object.assign(
          out[c],
          wants("energy") && { energy: ledger?.joules ?? null, ...Object.fromEntries(parts) },
          wants("latency") && { latency: ledger?.seconds ?? null },
          wants("area") && { area: ledger?.area ?? null },
        );
      }
    return out.map((measures, c) => ({ measures, warnings: warnings[c] }));
  } finally {
    simulator.dispose();
  }
}

/** Values of a buffer beyond which a stack grows no further. */
const MOST_VALUES = 2 ** 20;

/**
 * How many chips of a design may be measured together: one, unless each then gives the numbers that it gives
 * alone. So the engine has to settle row by row, all have to take the same time step, none may flip a coin
 * for its nudge, and none be estimated again for as long as another took to settle.
 */
export function mostStacked(
  {
    run: { config },
    chip: { circuit },
    engine,
    solver,
  }: Pick<RunContext, "run" | "chip" | "engine" | "solver">,
  wanted: readonly string[],
): number {
  const { estimator, dt } = config;
  if (
    engine.adjusts !== true ||
    dt === "auto" ||
    solver === "dormand-prince" ||
    estimator.kind === "random-sign"
  )
    return 1;
  if (wanted.includes("estimateError") && "tolerance" in estimator && estimator.tolerance !== undefined)
    return 1;
  const synapses = circuit.projections.reduce((sum, { array }) => sum + array.pre * array.post, 0);
  const rows = Math.max(TEST, PROBE * ("points" in estimator ? estimator.points : 2));
  return Math.max(1, Math.floor(MOST_VALUES / Math.max(synapses, rows * circuit.units)));
}

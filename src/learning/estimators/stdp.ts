/**
 * Updates while the circuit moves (Scellier et al. 2018, Eq. 2 and 5): at every nudged step a synapse changes by
 * what its presynaptic end shows times how its postsynaptic end has just moved, which is what spike-timing dependent
 * plasticity comes to in rates. Added up over a phase that is the update of the one-sided estimate, but for what
 * the presynaptic end does on the way. Either it is programmed at the end, or at every step as it comes (the
 * continual form): the weights then change while the circuit still moves.
 */
import type { Simulator } from "../../dynamics/simulator";
import type { PhaseResult } from "../../dynamics/types";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { checkLengths, freeStepsOf, nudgedStepsOf } from "../lengths";
import { firstPhase, looksAt } from "../phases";
import { asEstimate, readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { combine, realPlanes } from "./contrast";
import { asEstimator, type EstimateContext, type Estimator, type PhaseLengths } from "./estimator";
import { AMPLITUDE, type AmplitudeOptions } from "./points";

/** A nudged phase of fixed steps, at each of which there is an update. */
export interface StdpOptions extends Omit<AmplitudeOptions, "average"> {
  /**
   * When updates are programmed: added up, at the end of the nudged phase; or at every step. Default "at-end".
   */
  readonly updates?: "at-end" | "every-step";
}

const { average: _, ...lengths } = AMPLITUDE.takes;
const readOptions = optionsOf<StdpOptions>("stdp", {
  needs: AMPLITUDE.needs,
  takes: { ...lengths, updates: check.oneOf("at-end", "every-step") },
});

/**
 * STDP-compatible updates at every nudged step (Scellier et al. 2018, Eq. 2 and 5): presynaptic activity times the
 * change of the postsynaptic end. A tolerance ends the free phase; the nudged one runs all its steps. Learns on the
 * host.
 * @throws OhmletError LEARN-AMPLITUDE, LEARN-LENGTH, OPTION-…
 */
export function stdp(options: StdpOptions): Estimator {
  const { amplitude, updates = "at-end", tolerance, ...given } = readOptions(options);
  const { freeSteps, freeTime, nudgedSteps, nudgedTime } = given;
  const phases: PhaseLengths = { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance };
  checkAmplitude("stdp", amplitude);
  checkLengths("stdp", phases);
  const steps = (
    simulator: Simulator,
    batch: Batch,
    context: EstimateContext,
  ): AsyncGenerator<Estimate, Estimate> => walk(simulator, batch, context, { amplitude, phases });
  return asEstimator({
    name: "stdp",
    settings: { amplitude, updates, ...phases },
    complex: false,
    free: { freeSteps, freeTime, tolerance },
    nudged: { nudgedSteps, nudgedTime },
    stepwise: { updates, steps },
    refined: {
      longer: ([free, nudged]) =>
        stdp({ amplitude, updates, freeSteps: 2 * free.steps, nudgedSteps: 2 * nudged.steps, tolerance }),
      gentler: () => stdp({ ...options, amplitude: amplitude / 2 }),
      order: 1,
      remedies: {
        settling: "give the phases more steps; where these do not help, use a smaller amplitude",
        nudge: "use a smaller amplitude",
      },
    },
    async estimate(simulator, batch, context) {
      const walked = steps(simulator, batch, context);
      for (;;) {
        const next = await walked.next();
        if (next.done === true) return next.value;
      }
    },
  });
}

/** One estimate a nudged step: where it began, and by how much it moved over beta; at last that of the whole phase. */
async function* walk(
  simulator: Simulator,
  batch: Batch,
  context: EstimateContext,
  { amplitude, phases }: { readonly amplitude: number; readonly phases: PhaseLengths },
): AsyncGenerator<Estimate, Estimate> {
  const { samples, inputs, targets, start } = readBatch(batch);
  const phase = firstPhase(context);
  const free = await simulator.phase({
    samples,
    inputs,
    from: start,
    steps: freeStepsOf(simulator, phases),
    tolerance: phases.tolerance,
    check: looksAt(context),
    phase,
  });
  const nudges = [{ re: amplitude, im: 0 }];
  const names = Object.keys(free.states);
  const between = (before: PhaseResult, after: PhaseResult, outcomes: Estimate["outcomes"]): Estimate => {
    const over = (of: "states" | "activities") =>
      combine(
        [
          { coefficient: { re: 1 / amplitude, im: 0 }, planes: after[of] },
          { coefficient: { re: -1 / amplitude, im: 0 }, planes: before[of] },
        ],
        names,
      );
    const middle = combine(
      [before, after].map(({ activities }) => ({ coefficient: { re: 0.5, im: 0 }, planes: activities })),
      names,
    );
    return asEstimate({
      free: { states: before.states, activities: before.activities },
      dState: over("states"),
      dActivity: over("activities"),
      midpoint: { ...before.activities, ...realPlanes(middle) },
      aliasing: null,
      outcomes,
      nudges,
    });
  };
  let [at, largest] = [free, 0];
  const most = nudgedStepsOf(simulator, phases);
  for (let step = 0; step < most; step++) {
    const next = await simulator.phase({
      samples,
      inputs,
      targets,
      nudges,
      from: at.states,
      steps: 1,
      firstStep: step,
      phase: phase + 1,
    });
    if (next.outcome.kind === "diverged")
      throw new OhmletError({
        code: "DYN-DIVERGED",
        fact: `the circuit ran away in nudged step ${step + 1}`,
        place: { where: "stdp" },
        remedy: next.outcome.advice ?? "use a smaller amplitude",
        category: "run",
      });
    yield between(at, next, [next.outcome]);
    at = next;
    largest = next.outcome.residual;
  }
  const nudged = { ...at.outcome, steps: most, rowSteps: most * samples, residual: largest };
  return between(free, at, [free.outcome, nudged]);
}

/** What nudging measures is the true error vector, wherever the Jacobian is symmetric. */
import { centred } from "../../learning/estimators";
import { exactAnswers, linkingJacobian } from "../../learning/references/exact";
import { symmetry } from "../../learning/references/jacobian";
import { check, optionsOf } from "../../options";
import {
  broken,
  callOf,
  chipText,
  doesNotApply,
  holds,
  short,
  type Judged,
  type Subject,
  type Trial,
  TRIAL,
} from "./law";
import { chipFrom, staged } from "./law-setup";
import { silenced } from "./view";

const LAW = "d_beta rho(u) equals delta where the Jacobian is symmetric";

export interface ErrorVectorTrial extends Trial {
  /** Teaching amplitude of the two nudged phases; the bias is of its order squared. Default 1e-3. */
  readonly amplitude?: number;
}

/** Skew parts below this share of the symmetric one count as rounding. */
const SYMMETRIC = 1e-9;

const readTrial = optionsOf<ErrorVectorTrial>("laws.errorVector", {
  takes: { ...TRIAL.takes, amplitude: check.numeric },
});

/**
 * Estimates d_beta rho(u) (d_beta u for a cost on the state) by a centred pair of nudges and holds it against
 * delta, by a direct solve with the transposed Jacobian. Says nothing about chips whose Jacobian is not
 * symmetric at the fixed point, which is measured, or that do not settle. Laborieux and Zenke 2023, Eq. 5 and
 * 10.
 * @throws OhmletError LAW-ERROR
 */
export async function errorVector(subject: Subject, trial: ErrorVectorTrial = {}): Promise<Judged> {
  const { steps = 4000, allowed = 1e-4, amplitude = 1e-3, seed = 1 } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  const factor = chip.circuit.spec.cost.argument === "state" ? "dState" : "dActivity";
  return staged(chip, trial, async ({ simulator, samples, inputs, targets }) => {
    const estimator = centred({ amplitude, freeSteps: steps, nudgedSteps: steps, tolerance: 1e-13 });
    const batch = { samples, inputs: Float64Array.from(inputs), targets };
    const estimate = await estimator.estimate(simulator, batch, { round: 0, seed });
    const unsettled = estimate.outcomes.find(({ kind }) => kind !== "settled");
    if (unsettled !== undefined)
      return doesNotApply(LAW, `the chip does not settle: ${unsettled.kind} after ${unsettled.steps} steps`);
    const exact = exactAnswers(chip, samples, batch.inputs, estimate.free.states, targets);
    for (let s = 0; s < samples; s++) {
      const { S, A } = symmetry(linkingJacobian(exact.linearisation, s, factor));
      if (A > SYMMETRIC * S)
        return doesNotApply(
          LAW,
          `the Jacobian is not symmetric: its skew part is ${short(A / S)} of its symmetric part`,
        );
    }
    let found = 0;
    for (const [name, delta] of Object.entries(exact.delta)) {
      const size = Math.sqrt(delta.reduce((sum, d) => sum + d * d, 0));
      const apart = Math.sqrt(delta.reduce((sum, d, k) => sum + (d - estimate[factor][name][k]) ** 2, 0));
      // Far from the output the error may vanish; what is left of it is compared with a thousandth of a unit.
      const relative = apart / Math.max(size, 1e-3);
      found = Math.max(found, relative);
      if (!(relative <= allowed)) {
        throw broken(
          "LAW-ERROR",
          chip.circuit.name,
          `the Jacobian is symmetric, yet what nudging measures in "${name}" is ${short(relative)} ` +
            "off the true error vector",
          "an output or a bound whose slope jumps near the fixed point, a nudge that acts elsewhere " +
            "than the cost says, or too large an amplitude",
          callOf("errorVector", chipText(chip), trial),
        );
      }
    }
    return holds(LAW, found, allowed);
  });
}

/** A reciprocal circuit answers alike both ways: what a current here moves there, a current there moves here. */
import { jacobian, symmetry } from "../../learning/references/jacobian";
import { linearise } from "../../learning/references/linearisation";
import { optionsOf } from "../../options";
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

const LAW = "a reciprocal circuit answers alike both ways";

const readTrial = optionsOf<Trial>("laws.reciprocal", TRIAL);

/**
 * For circuits that are declared reciprocal: conductances, diodes, amplifiers that give back what they take. Settles,
 * and looks at the Jacobian there, counted in drive for each unit of activity: it is symmetric where reciprocity holds
 * (Tellegen 1952), its inverse with it. `allowed` is the largest share of its skew part.
 * @throws OhmletError LAW-RECIPROCAL
 */
export async function reciprocal(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { steps = 4000, allowed = 1e-9 } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  return staged(chip, trial, async ({ simulator, samples, inputs }) => {
    const { outcome, states } = await simulator.phase({ samples, inputs, steps, tolerance: 1e-6 });
    if (outcome.kind !== "settled")
      return doesNotApply(LAW, `the chip does not settle: ${outcome.kind} after ${outcome.steps} steps`);
    const at = linearise(chip, samples, inputs, states);
    let largest = 0;
    for (let sample = 0; sample < samples; sample++) {
      const { S, A } = symmetry(jacobian(at, sample, "activity"));
      largest = Math.max(largest, A / (S + A));
      if (!(largest <= allowed))
        throw broken(
          "LAW-RECIPROCAL",
          chip.circuit.name,
          `the skew part of its Jacobian is ${short(100 * largest)} % of all in sample ${sample}`,
          "feedback that is not tied or has an asymmetry, a device that drives one way only, gains that differ",
          callOf("reciprocal", chipText(chip), trial),
        );
    }
    return holds(LAW, largest, allowed);
  });
}

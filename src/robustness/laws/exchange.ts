/**
 * Tied arrays can be exchanged: the feedback array is the transpose of the forward one, so each may stand for
 * the other.
 */
import type { Chip, Projection, WeightArrays } from "../../circuit/chip-types";
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
import { chipFrom, freeAndNudged, gapBetween, staged } from "./law-setup";
import { silenced, transposed, viewOf } from "./view";

const LAW = "exchanging the forward and feedback arrays of a tied circuit, each transposed, changes nothing";

export interface ExchangeTrial extends Trial {
  /**
   * Which projections are meant to be tied, [forward, feedback]. Default: those that the circuit ties, and
   * those set at an angle of 0.
   */
  readonly pairs?: readonly (readonly [forward: string, feedback: string])[];
}

const readTrial = optionsOf<ExchangeTrial>("laws.exchange", {
  takes: { ...TRIAL.takes, pairs: check.anything },
});

/**
 * Puts the feedback array, transposed, in the place of the forward one, and the forward one, transposed, in
 * its: the states, free and nudged, must not move. A matrix that was not transposed, a gain on one direction
 * only, devices that were programmed apart: all show here.
 * @throws OhmletError LAW-EXCHANGE
 */
export async function exchange(subject: Subject, trial: ExchangeTrial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-9 } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  const pairs = trial.pairs ?? tiedPairs(chip.circuit.projections);
  if (pairs.length === 0) return doesNotApply(LAW, "nothing in this circuit is tied");
  const weights = new Map(chip.circuit.projections.map(({ name }) => [name, chip.weights(name)]));
  for (const [forward, feedback] of pairs) {
    const [f, b] = [chip.weights(forward), chip.weights(feedback)];
    const { from, to, wiring } = chip.circuit.projection(forward);
    // The array of a wiring is read backwards as it is.
    const turned = (values: Float64Array, pre: number, post: number): Float64Array =>
      wiring === null ? transposed(values, pre, post) : values;
    weights.set(forward, { weights: turned(b.weights, to.size, from.size), biases: f.biases });
    weights.set(feedback, { weights: turned(f.weights, from.size, to.size), biases: b.biases });
  }
  const exchanged = viewOf(chip, { weights: (name) => weights.get(name) as WeightArrays });
  return staged(chip, trial, (stage) =>
    staged(exchanged, trial, async (other) => {
      const [a, b] = [await freeAndNudged(stage, steps), await freeAndNudged(other, steps)];
      const gaps = a.map((phase, k) => gapBetween(stage, phase.states, b[k].states));
      const gap = gaps[0].largest > allowed ? gaps[0] : gaps[1];
      if (gap.largest > allowed) {
        throw broken(
          "LAW-EXCHANGE",
          chip.circuit.name,
          `exchanged and transposed, the tied arrays leave unit ${gap.unit} of "${gap.population}" at ` +
            `${short(gap.b)} instead of ${short(gap.a)}${worst(chip, pairs)}`,
          "transpose the feedback weights ([pre, post] becomes [post, pre]), or declare the feedback untied",
          callOf("exchange", chipText(chip), trial),
        );
      }
      return holds(LAW, Math.max(...gaps.map((g) => g.largest)), allowed);
    }),
  );
}

function tiedPairs(projections: readonly Projection[]): [string, string][] {
  return projections.flatMap(({ name, spec: { feedback } }): [string, string][] =>
    feedback?.kind === "tied" || feedback?.angle === 0 ? [[feedback.to, name]] : [],
  );
}

/** The synapses that are farthest from being each other's. */
function worst(chip: Chip, pairs: readonly (readonly [string, string])[]): string {
  let found = { apart: 0, text: "" };
  for (const [forward, feedback] of pairs) {
    const [f, b] = [chip.weights(forward).weights, chip.weights(feedback).weights];
    const { from, to, wiring } = chip.circuit.projection(forward);
    if (wiring !== null) {
      f.forEach((there, k) => {
        if (Math.abs(there - b[k]) <= found.apart) return;
        const text = `; device ${k} of "${forward}" is ${short(there)} forwards and ${short(b[k])} backwards`;
        found = { apart: Math.abs(there - b[k]), text };
      });
      continue;
    }
    for (let i = 0; i < from.size; i++) {
      for (let j = 0; j < to.size; j++) {
        const [there, back] = [f[i * to.size + j], b[j * from.size + i]];
        if (Math.abs(there - back) > found.apart)
          found = {
            apart: Math.abs(there - back),
            text:
              `; between unit ${i} of "${from.name}" and unit ${j} of "${to.name}" the forward weight ` +
              `is ${short(there)}, the feedback weight ${short(back)}`,
          };
      }
    }
  }
  return found.text;
}

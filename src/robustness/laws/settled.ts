/** A state that is reported as settled stays where it is, also after a small push. */
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
import { chipFrom, draws, gapBetween, staged, unitOf } from "./law-setup";
import { silenced } from "./view";

const LAW = "settled means settled";

export interface SettledTrial extends Trial {
  /** The residual below which the chip calls itself settled. Default 1e-6. */
  readonly tolerance?: number;
  /** States to start from, [samples, size] by population. Default: zeros. */
  readonly from?: Readonly<Record<string, { readonly re: Float64Array }>>;
}

const readTrial = optionsOf<SettledTrial>("laws.settled", {
  takes: { ...TRIAL.takes, tolerance: check.positive, from: check.anything },
});

/**
 * Settles, pushes every unit at random by up to ten tolerances, and goes on for as many steps as settling
 * took (at least 100): the states must come back to within the push. A state that is left again was a saddle,
 * or merely slow.
 * @throws OhmletError LAW-SETTLED
 */
export async function settled(subject: Subject, trial: SettledTrial = {}): Promise<Judged> {
  const { steps = 4000, tolerance = 1e-6, seed = 1, from } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  return staged(chip, trial, async (stage) => {
    const { simulator, samples, inputs } = stage;
    const { outcome, states } = await simulator.phase({ samples, inputs, steps, tolerance, from });
    if (outcome.kind !== "settled")
      return doesNotApply(LAW, `the chip does not settle: ${outcome.kind} after ${outcome.steps} steps`);
    const push = 10 * tolerance;
    const pushed = Object.fromEntries(
      Object.entries(states).map(([name, { re }]) => {
        const by = draws(seed, `law/push/${name}`, re.length);
        return [name, { re: re.map((u, k) => u + (2 * by[k] - 1) * push * unitOf(stage, name)) }];
      }),
    );
    const further = Math.max(100, outcome.steps);
    const later = await simulator.phase({ samples, inputs, steps: further, from: pushed });
    const { largest, population, unit } = gapBetween(stage, states, later.states);
    // A step moves a settled unit by no more than the tolerance, and less with each.
    const allowed = trial.allowed ?? push * Math.max(1, Math.sqrt(chip.circuit.units));
    if (!(largest <= allowed)) {
      throw broken(
        "LAW-SETTLED",
        chip.circuit.name,
        `the chip calls itself settled after ${outcome.steps} steps, yet pushed by ${short(push)} it ` +
          `drifts by ${short(largest)} within ${further} steps, most at unit ${unit} of "${population}"`,
        "the state is a saddle or merely slow: a smaller tolerance, another start, weaker feedback",
        callOf("settled", chipText(chip), trial),
      );
    }
    return holds(LAW, largest, allowed);
  });
}

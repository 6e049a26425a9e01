/** States stay within bounds, wherever they start and whatever the input. */
import { check, optionsOf } from "../../options";
import { broken, callOf, chipText, holds, short, type Judged, type Subject, type Trial, TRIAL } from "./law";
import { chipFrom, draws, staged, unitOf } from "./law-setup";

const LAW = "states stay bounded";

export interface BoundedTrial extends Trial {
  /**
   * Largest state that is allowed, in the unit of the state (V, or dimensionless). Default: 1000 times the
   * circuit's own unit.
   */
  readonly bound?: number;
  /** How far from 0 the states begin, in the circuit's own unit. Default 10. */
  readonly radius?: number;
}

const readTrial = optionsOf<BoundedTrial>("laws.bounded", {
  takes: { ...TRIAL.takes, bound: check.positive, radius: check.positive },
});

/**
 * Starts far out, at random, with random inputs, and looks for a state that diverges or ends beyond the
 * bound.
 * @throws OhmletError LAW-BOUNDED
 */
export async function bounded(subject: Subject, trial: BoundedTrial = {}): Promise<Judged> {
  const { steps = 400, seed = 1, radius = 10, samples = 8 } = readTrial(trial);
  const chip = chipFrom(subject, trial);
  return staged(chip, { ...trial, samples }, async (stage) => {
    const { simulator, inputs } = stage;
    const from = Object.fromEntries(
      simulator.layout.populations.map(({ population: { name, size } }) => [
        name,
        {
          re: draws(seed, `law/states/${name}`, samples * size).map(
            (x) => (2 * x - 1) * radius * unitOf(stage, name),
          ),
        },
      ]),
    );
    const { states, outcome } = await simulator.phase({ samples, inputs, steps, from });
    let [found, allowed] = [0, 0];
    for (const [name, { re }] of Object.entries(states)) {
      const bound = trial.bound ?? 1000 * unitOf(stage, name);
      const largest = re.reduce((most, u) => (Math.abs(u) <= most ? most : Math.abs(u)), 0);
      if (outcome.kind === "diverged" || !(largest <= bound)) {
        throw broken(
          "LAW-BOUNDED",
          chip.circuit.name,
          outcome.kind === "diverged"
            ? `states diverge within ${outcome.steps} steps from a random start`
            : `a state of "${name}" is at ${short(largest)} after ${steps} steps, beyond ${short(bound)}`,
          "an output that saturates, bounds on the state, weaker feedback, or a shorter time step",
          callOf("bounded", chipText(chip), trial),
        );
      }
      if (largest / bound >= found / (allowed || 1)) [found, allowed] = [largest, bound];
    }
    return holds(LAW, found, allowed);
  });
}

/** A circuit that has an energy descends it, whatever its state. */
import type { Planes } from "../../dynamics/types";
import { energyOf } from "../../learning/energy/energy";
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
import { chipFrom, draws, staged, unitOf } from "./law-setup";
import { silenced } from "./view";

const LAW = "an energy falls along trajectories";

const readTrial = optionsOf<Trial>("laws.energy", TRIAL);

/** Steps are that much shorter than half of the shortest time constant: those of the flow, not of a solver. */
const FINE = 0.02;

/**
 * Finds the chip's energy from its equations, starts from random states and watches it step by step. Says
 * nothing of chips that have none, and of maps. O'Connor et al. 2019, Eq. 1; Hopfield 1984.
 * @throws OhmletError LAW-ENERGY
 */
export async function energy(subject: Subject, trial: Trial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-9, seed = 1 } = readTrial(trial);
  const chip = silenced(chipFrom(subject, trial));
  const found = energyOf(chip);
  if (found.kind === "none") return doesNotApply(LAW, found.why);
  if (!found.falls)
    return doesNotApply(
      LAW,
      found.kind === "primitive" ? "maps have a primitive function" : "its metric is not positive",
    );
  const rate = await staged(chip, trial, ({ simulator }) => Promise.resolve(simulator.dt));
  const dt = trial.dt ?? FINE * rate;
  return staged(chip, { solver: "euler", ...trial, dt }, async (stage) => {
    const { simulator, samples, inputs } = stage;
    let states: Planes = Object.fromEntries(
      simulator.layout.populations.map(({ population: { name, size } }) => [
        name,
        {
          re: draws(seed, `law/states/${name}`, samples * size).map((x) => (3 * x - 1) * unitOf(stage, name)),
        },
      ]),
    );
    // One step first: whoever starts beyond a bound is put there by it.
    let before = new Float64Array(samples).fill(Infinity);
    let largest = 0;
    for (let step = 0; step <= steps; step++) {
      ({ states } = await simulator.phase({ samples, inputs, steps: 1, from: states }));
      const now = found.of(chip, samples, inputs, states);
      for (let s = 0; s < samples; s++) {
        const growth = step === 0 ? 0 : (now[s] - before[s]) / Math.max(1, Math.abs(before[s]));
        largest = Math.max(largest, growth);
        if (!(growth <= allowed))
          throw broken(
            "LAW-ENERGY",
            chip.circuit.name,
            `the energy grows from ${short(before[s])} to ${short(now[s])} in step ${step}`,
            "a time step that is too long for the flow, or weights that change while it settles",
            callOf("energy", chipText(chip), trial),
          );
      }
      before = Float64Array.from(now);
    }
    return holds(LAW, largest, allowed);
  });
}

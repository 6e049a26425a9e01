/** A passive circuit stores no more than it was given: left alone, its stored energy never grows. */
import type { Chip, WeightArrays } from "../../circuit/chip-types";
import { hasInternalStates } from "../../circuit/states";
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
import { chipFrom, draws, staged, unitOf, type Stage } from "./law-setup";
import { silenced, viewOf } from "./view";

const LAW = "a passive circuit that nothing drives loses stored energy";

export interface PassiveTrial extends Trial {
  /**
   * Energy that given states store, [samples, size] by population, for each sample. Default: the sum of C
   * u^2/2, with the parameter C of each neuron, or 1 where it has none.
   */
  readonly storage?: (states: Readonly<Record<string, Float64Array>>) => ArrayLike<number>;
}

const readTrial = optionsOf<PassiveTrial>("laws.passive", {
  takes: { ...TRIAL.takes, storage: check.callback },
});

/**
 * For circuits that are declared passive. Takes the sources away (inputs, biases, noise), starts from random
 * states and watches the stored energy step by step. Willems 1972, with supply rate 0.
 * @throws OhmletError LAW-PASSIVE
 */
export async function passive(subject: Subject, trial: PassiveTrial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-9, seed = 1 } = readTrial(trial);
  const chip = withoutSources(chipFrom(subject, trial));
  return staged(chip, trial, async (stage) => {
    const { simulator, samples } = stage;
    if (trial.storage === undefined && hasInternalStates(chip.circuit))
      return doesNotApply(LAW, "neurons have several states: give  storage,  the energy that they hold");
    const storage = trial.storage ?? ((states) => quadratic(stage, states));
    const inputs = new Float64Array(samples * chip.circuit.inputSize);
    let states = randomStates(stage, seed);
    const energyOf = (planes: typeof states): Float64Array =>
      Float64Array.from(
        storage(Object.fromEntries(Object.entries(planes).map(([name, { re }]) => [name, re]))),
      );
    let before = energyOf(states);
    const start = before;
    let found = 0;
    for (let step = 0; step < steps; step++) {
      ({ states } = (await simulator.phase({ samples, inputs, steps: 1, from: states, firstStep: step })) as {
        states: typeof states;
      });
      const after = energyOf(states);
      for (let s = 0; s < samples; s++) {
        const growth = (after[s] - before[s]) / start[s];
        found = Math.max(found, growth);
        if (!(growth <= allowed)) {
          throw broken(
            "LAW-PASSIVE",
            chip.circuit.name,
            `with no input, no bias and no noise, the stored energy grows from ${short(before[s])} to ` +
              `${short(after[s])} in step ${step + 1}, ${short(100 * growth)} % of what it began with`,
            "something feeds the circuit: an output that is not 0 at rest, a loop with a gain above " +
              "1, weights beyond what a passive network can have; or the time step is too long",
            callOf("passive", chipText(chip), trial),
          );
        }
      }
      before = after;
    }
    return holds(LAW, found, allowed);
  });
}

function withoutSources(chip: Chip): Chip {
  return viewOf(silenced(chip), {
    weights: (name): WeightArrays => {
      const { weights, biases } = chip.weights(name);
      return { weights, biases: biases === null ? null : new Float64Array(biases.length) };
    },
  });
}

/** Within one unit of the state around 0. */
function randomStates(stage: Stage, seed: number): Record<string, { re: Float64Array }> {
  return Object.fromEntries(
    stage.simulator.layout.populations.map(({ population: { name, size } }) => [
      name,
      {
        re: draws(seed, `law/states/${name}`, stage.samples * size).map(
          (x) => (2 * x - 1) * unitOf(stage, name),
        ),
      },
    ]),
  );
}

function quadratic({ chip, samples }: Stage, states: Readonly<Record<string, Float64Array>>): Float64Array {
  const out = new Float64Array(samples);
  for (const [name, u] of Object.entries(states)) {
    const C = chip.parametersOf(name).C ?? 1;
    const width = u.length / samples;
    for (let k = 0; k < u.length; k++)
      out[Math.floor(k / width)] += ((typeof C === "number" ? C : C[k % width]) * u[k] ** 2) / 2;
  }
  return out;
}

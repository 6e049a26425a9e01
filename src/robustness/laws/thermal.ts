/** The voltage of an isolated leaky node in thermal equilibrium has the variance kT/C. */
import { ideal } from "../../../devices";
import type { Circuit } from "../../circuit/chip-types";
import { readCircuit } from "../../circuit/circuit";
import { CONSTANTS } from "../../units/constants";
import { describeDimension } from "../../units/dimension";
import { defineNeuron } from "../../device/neuron";
import { specOf } from "../../device/spec";
import type { NeuronLike, NeuronSpec } from "../../device/types";
import { check, optionsOf } from "../../options";
import { broken, callOf, doesNotApply, holds, short, type Judged } from "./law";
import { staged } from "./law-setup";

const LAW = "an isolated leaky node has the variance kT/C";

/** How many isolated nodes the thermal variance is taken over, and what it is held against. */
export interface ThermalTrial {
  readonly seed?: number;
  /** Names of the capacitance and the temperature. Default "C" and "T". */
  readonly capacitance?: string;
  readonly temperature?: string;
  /**
   * The variance that is expected instead, in the square of the state's unit: for neurons that are not of
   * kT/C.
   */
  readonly variance?: number;
  /** Isolated nodes to take it over. Default 10,000, where it is known to 1.4 %. */
  readonly nodes?: number;
  /** Standard errors that are allowed. Default 5: one trial in two million fails by chance. */
  readonly errors?: number;
}

/** Units side by side in one row. */
const UNITS = 4;

const readTrial = optionsOf<ThermalTrial>("laws.thermal", {
  takes: {
    seed: check.anything,
    capacitance: check.text,
    temperature: check.text,
    variance: check.positive,
    nodes: check.whole(1),
    errors: check.positive,
  },
});

/**
 * Leaves nodes alone with their noise for ten time constants, from 0, and takes the variance over them. The
 * exponential Euler step is exact for a linear leak, so that only chance is left.
 * @throws OhmletError LAW-THERMAL
 */
export async function thermal(given: NeuronLike, trial: ThermalTrial = {}): Promise<Judged> {
  const { seed = 1, nodes = 10_000, errors = 5, capacitance = "C", temperature = "T" } = readTrial(trial);
  const spec = specOf(given);
  const neuron = defineNeuron(spec);
  if (neuron.dynamics.kind !== "continuous" || neuron.dynamics.diffusion === null)
    return doesNotApply(LAW, "the neuron has no noise in continuous time");
  if (Object.keys(neuron.internal).length > 0)
    return doesNotApply(LAW, "the neuron has several states: no single leak makes its noise");
  const [C, T] = [neuron.parameters[capacitance]?.value.value, neuron.parameters[temperature]?.value.value];
  if (trial.variance === undefined && (C === undefined || T === undefined))
    return doesNotApply(
      LAW,
      `the neuron has no parameters "${capacitance}" and "${temperature}": name them, or give the variance`,
    );
  const expected = trial.variance ?? (CONSTANTS.k_B.value * (T as number)) / (C as number);
  const chip = isolated(spec, describeDimension(neuron.dimensions.I)).fabricate({ seed });
  const samples = Math.ceil(nodes / UNITS);
  return staged(chip, { seed, samples, inputs: new Float64Array(samples) }, async ({ simulator, inputs }) => {
    const { states } = await simulator.phase({ samples, inputs, steps: 10 * simulator.shortestPhase });
    const u = states.output.re;
    const mean = u.reduce((sum, x) => sum + x, 0) / u.length;
    const measured = u.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (u.length - 1);
    const allowed = errors * Math.sqrt(2 / u.length);
    const found = Math.abs(measured / expected - 1);
    if (!(found <= allowed)) {
      throw broken(
        "LAW-THERMAL",
        spec.name,
        `the variance of an isolated node is ${short(measured)}, ${short(measured / expected)} times ` +
          `the expected ${short(expected)}, give or take ${short(allowed)}`,
        "the current noise of a conductance g is sqrt(2*k_B*T*g)*xi (two-sided); check g, T and C, " +
          "and that nothing else is noisy",
        callOf("thermal", "neuron", trial),
      );
    }
    return holds(LAW, found, allowed);
  });
}

function isolated(neuron: NeuronSpec, unit: string): Circuit {
  const synapse = ideal({ unit });
  return readCircuit({
    name: "isolated",
    populations: [
      { name: "input", size: 1 },
      { name: "output", size: UNITS, neuron },
    ],
    projections: [
      { name: "input-output", from: "input", to: "output", synapse, initial: { distribution: "zero" } },
    ],
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  });
}

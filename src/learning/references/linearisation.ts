/**
 * The vector field of a chip and its derivatives at given states, on the host in float64: what every exact
 * reference starts from. One unit i of the field is F_i(u_i, I_i, I_nudge_i) with I = unit drive * (rho W +
 * b), so its whole Jacobian is three numbers a unit and the weights. A unit of several states counts as it looks
 * once the others have followed u.
 *
 * A discrete map u <- next counts as F = next - u. Units at or outside their bounds are frozen: they do not
 * move, and all derivatives there are 0.
 */
import { drivesThrough, type ByPopulation } from "../drives";
import { amplifierOf, BACK } from "../../circuit/amplifiers";
import type { Chip, Circuit, Population } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import { partsOfInputs } from "../../circuit/inputs";
import type { Planes } from "../../dynamics/types";
import type { Neuron } from "../../device/types";
import { evaluator, followed, insideBounds, unitsAt } from "./units";

/** The field and its derivatives at given states. Arrays by unclamped population, [samples, size]. */
export interface Linearisation {
  readonly chip: Chip;
  readonly samples: number;
  /** u of every unclamped population. */
  readonly states: ByPopulation;
  /** rho(u) of every population, the input included. */
  readonly activities: ByPopulation;
  /** F: 0 at a fixed point (where no unit is held by a bound). */
  readonly field: ByPopulation;
  /** dF/du at constant I: the leak, -1 for the papers' neurons. */
  readonly slope: ByPopulation;
  /** dF/dI times the unit drive: the effect of one unit of logical drive. */
  readonly gain: ByPopulation;
  /** dF/dI_back times the unit drive: of what comes back to the output of an amplifier; 0 elsewhere. */
  readonly gainBack: ByPopulation;
  /** dF/dI_nudge times the unit drive: the effect of one unit of nudge. */
  readonly nudgeGain: ByPopulation;
  /** rho'(u). */
  readonly rhoPrime: ByPopulation;
  /** 1 where the unit is strictly inside its bounds. */
  readonly active: Readonly<Record<string, Uint8Array>>;
}

/** Populations that have dynamics, in the order of their offsets. */
export function unclamped(chip: Chip): readonly (Population & { readonly neuron: Neuron })[] {
  return chip.circuit.populations.filter(
    (p): p is Population & { readonly neuron: Neuron } => !p.clamped && p.neuron !== null,
  );
}

/**
 * Linearises a chip at given states.
 * @param inputs clamped data, [samples, input size]
 * @param states u by population, [samples, size], real
 */
export function linearise(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): Linearisation {
  expectFollowed(chip.circuit);
  return slopesAt(chip, samples, inputs, states);
}

/** The same of units by themselves: where wires join amplifiers their drives are not known, and nothing else is wrong. */
export function slopesAt(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): Linearisation {
  const activities = activitiesOf(chip, samples, inputs, states);
  const drives = drivesOf(chip, samples, activities);
  const at: Record<string, Record<string, Float64Array>> = {
    field: {},
    slope: {},
    gain: {},
    gainBack: {},
    nudgeGain: {},
    rhoPrime: {},
  };
  const active: Record<string, Uint8Array> = {};
  for (const population of unclamped(chip)) {
    const { name, neuron } = population;
    const units = unitsAt(chip, population, samples, states, drives[name]);
    const { evaluate } = units;
    const drive = chip.unitDriveOf(name);
    const [field, slope, gain, gainBack, nudgeGain] = followed(units, ["u", "I", BACK, "I_nudge"]);
    at.field[name] = field;
    at.slope[name] = slope;
    at.gain[name] = gain.map((x) => x * drive);
    at.gainBack[name] = gainBack.map((x) => x * drive);
    at.nudgeGain[name] = nudgeGain.map((x) => x * drive);
    at.rhoPrime[name] = evaluate(neuron.rhoPrime);
    active[name] = insideBounds(neuron, states[name].re, evaluate);
  }
  return {
    chip,
    samples,
    states: Object.fromEntries(unclamped(chip).map(({ name }) => [name, states[name].re])),
    activities,
    active,
    field: at.field,
    slope: at.slope,
    gain: at.gain,
    gainBack: at.gainBack,
    nudgeGain: at.nudgeGain,
    rhoPrime: at.rhoPrime,
  };
}

/** rho(u) of every population; a clamped one's is its data, or rho(data) where it has a neuron. */
export function activitiesOf(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
): ByPopulation {
  const out: Record<string, Float64Array> = {};
  const clamped = partsOfInputs(chip.circuit, Float64Array.from(inputs));
  for (const population of chip.circuit.populations) {
    const u = clamped.get(population.name) ?? states[population.name].re;
    out[population.name] =
      population.neuron === null
        ? u
        : evaluator(chip, population)(population.neuron.rho, { u }, samples * population.size);
  }
  return out;
}

/** Between nodes of amplifiers wires join what is not shown, which drives do not know of. @throws OhmletError LEARN-AMPLIFIER */
function expectFollowed({ name, projections }: Circuit): void {
  const found = projections.find(({ couples, to }) => couples !== null && amplifierOf(to) !== null);
  if (found === undefined) return;
  throw new OhmletError({
    code: "LEARN-AMPLIFIER",
    fact: `"${found.name}" joins nodes and outputs of amplifiers, which exact answers do not follow`,
    place: { where: name },
    remedy: "ask without wires, or without amplifiers; estimates do not need the answer:  probe: 0",
  });
}

/** The current I into every unclamped population, SI: unit drive * (sum of rho W + biases). */
export function drivesOf(chip: Chip, samples: number, activities: ByPopulation): ByPopulation {
  const logical = drivesThrough(chip, samples).of(activities);
  return Object.fromEntries(
    Object.entries(logical).map(([name, drive]) => {
      const unit = chip.unitDriveOf(name);
      return [name, drive.map((x) => unit * x)];
    }),
  );
}

/** Largest |F| of each population's active units: how far the states are from a fixed point. */
export function fieldResidual({ field, active }: Linearisation): number {
  let largest = 0;
  for (const [name, values] of Object.entries(field)) {
    values.forEach((x, i) => {
      if (active[name][i]) largest = Math.max(largest, Math.abs(x));
    });
  }
  return largest;
}

/**
 * How the cost at the fixed point depends on the parameters of neurons (Scellier et al. 2018, appendix A, Eq. 24 to
 * 33): d mu / d theta times what an error vector says of each unit's field, by symbolic derivatives of the device's
 * own equations. A parameter acts in its unit's field, with whatever states that has and the conductances that load it,
 * in what the unit shows to others, and, where the cost is of that, in the cost itself (the term that Eq. 26 adds).
 */
import { compensation, readsBack } from "../../circuit/amplifiers";
import type { Chip } from "../../circuit/chip-types";
import type { Planes } from "../../dynamics/types";
import { differentiate } from "../../equations/differentiate";
import { symbolsOf } from "../../equations/expression";
import { costArgument, costByParameter, costGradient } from "../cost";
import { drivesThrough, type ByPopulation } from "../drives";
import type { Estimate, ParameterGradients } from "../types";
import { costForces, nudgeSign } from "./exact";
import { concatenate, jacobian } from "./jacobian";
import { factorise } from "./linear";
import { drivesOf, linearise, unclamped, type Linearisation } from "./linearisation";
import { followed, moves, unitsAt } from "./units";

/**
 * The true gradient of the mean cost by every parameter of every neuron, each unit's as its own (Eq. 32); unit
 * drives are held.
 * @param inputs [samples, input size]
 * @param states free fixed point, u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 * @throws OhmletError JACOBIAN-SIZE, LINEAR-SINGULAR, COST-SHAPE
 */
export function parameterGradients(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
): ParameterGradients {
  const at = linearise(chip, samples, inputs, states);
  const { slope } = costForces(at, states, targets);
  const adjoint = Object.fromEntries(
    unclamped(chip).map(({ name, size }) => [name, new Float64Array(samples * size)]),
  );
  for (let s = 0; s < samples; s++) {
    const { matrix, n, units } = jacobian(at, s, "state");
    const force = concatenate(chip, slope, s);
    const solved = factorise(matrix, n).solveTransposed(Float64Array.from(units, (i) => force[i]));
    for (const { name, size, offset } of unclamped(chip))
      units.forEach((unit, i) => {
        if (unit >= offset && unit < offset + size) adjoint[name][s * size + unit - offset] = solved[i];
      });
  }
  return fromAdjoint(at, states, targets, adjoint);
}

/**
 * The same from the true error vector, as recurrent backpropagation finds it at any size.
 * @param delta sign times dC/d(logical drive), [samples, size]
 */
export function parameterGradientsFrom(
  at: Linearisation,
  states: Planes,
  targets: ArrayLike<number>,
  delta: ByPopulation,
): ParameterGradients {
  const sign = nudgeSign(at.chip.circuit);
  const adjoint = Object.entries(delta).map(([name, values]) => [
    name,
    values.map((x, i) => (x === 0 ? 0 : (-sign * x) / at.gain[name][i])),
  ]);
  return fromAdjoint(at, states, targets, Object.fromEntries(adjoint));
}

/**
 * What nudging finds of the same (Eq. 26 and 33): the estimate in the place of the true error. Equal to the true
 * gradient, but for the bias of the nudge, where the Jacobian that links the two is symmetric, or is so once it is
 * multiplied by the gains of amplifiers.
 * @throws OhmletError COST-SHAPE, LEARN-AMPLIFIER
 */
export function parameterUpdates(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  targets: ArrayLike<number>,
  { free, dState, dActivity }: Pick<Estimate, "free" | "dState" | "dActivity">,
): ParameterGradients {
  const at = linearise(chip, samples, inputs, free.states);
  const ofState = chip.circuit.spec.cost.argument === "state";
  const sign = nudgeSign(chip.circuit);
  const { name: output } = chip.circuit.output;
  // How much a nudge counts beside a current, where it acts: it scales all that it moves.
  const strength = mean(at.nudgeGain[output]) / mean(at.gain[output]);
  const amplified = chip.circuit.populations.some(({ neuron }) => readsBack(neuron));
  const [moved, gain, counted] = amplified
    ? [dState, at.gain, (ofState ? 1 : mean(at.rhoPrime[output])) / strength]
    : ofState
      ? [dState, at.nudgeGain, 1]
      : [dActivity, at.gain, 1 / strength];
  const stages = amplified ? stagesOf(at) : {};
  const adjoint = Object.fromEntries(
    unclamped(chip).map(({ name }) => [
      name,
      moved[name].map((x, i) =>
        x === 0 ? 0 : ((-sign * counted * x) / gain[name][i]) * (stages[name]?.[i] ?? 1),
      ),
    ]),
  );
  return fromAdjoint(at, free.states, targets, adjoint);
}

/**
 * By how much more the cost depends on a unit than what nudging moves it by: A/k of each amplifier from the unit on to
 * the output, its own included (Kendall et al. 2020), [samples, size]. Behind it, the mean over units.
 */
function stagesOf({
  chip: { circuit },
  rhoPrime,
  gain,
  gainBack,
}: Linearisation): Record<string, Float64Array> {
  compensation(circuit);
  const found: Record<string, Float64Array> = {
    [circuit.output.name]: rhoPrime[circuit.output.name].map(() => 1),
  };
  // From the output backwards; no way has more populations than there are.
  for (let turn = 0; turn < circuit.populations.length; turn++)
    for (const { from, to, synapse, spec, couples } of circuit.projections) {
      if (
        !synapse.loads ||
        couples !== null ||
        spec.feedback !== undefined ||
        from.clamped ||
        !(to.name in found)
      )
        continue;
      const { name } = from;
      const behind = mean(found[to.name]);
      found[name] = rhoPrime[name].map((forward, i) =>
        readsBack(from.neuron) ? (behind * forward * gain[name][i]) / gainBack[name][i] : behind,
      );
    }
  return found;
}

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** @param adjoint by how much the cost would fall for each unit of field that is added, [samples, size] */
function fromAdjoint(
  at: Linearisation,
  states: Planes,
  targets: ArrayLike<number>,
  adjoint: ByPopulation,
): ParameterGradients {
  const { chip, samples, activities } = at;
  const { output, spec } = chip.circuit;
  const drives = drivesOf(chip, samples, activities);
  const byDrive = Object.fromEntries(
    Object.entries(adjoint).map(([name, values]) => [name, values.map((x, i) => x * at.gain[name][i])]),
  );
  const byShown = drivesThrough(chip, samples).byActivity(activities, byDrive);
  const argument = costArgument(chip, {
    states,
    activities: { [output.name]: { re: activities[output.name] } },
  });
  const shownByCost = spec.cost.argument === "state" ? null : costGradient(chip, argument, targets);
  return Object.fromEntries(
    unclamped(chip).map((population) => {
      const { name, size, neuron } = population;
      const units = unitsAt(chip, population, samples, states, drives[name]);
      const costs = (parameter: string): Float64Array | null =>
        name === output.name ? costByParameter(chip, parameter, argument, targets) : null;
      const acting = Object.keys(neuron.parameters).flatMap((parameter) => {
        const said = costs(parameter);
        const acts = said !== null || moves(units, parameter) || symbolsOf(neuron.rho).has(parameter);
        return acts ? [{ parameter, said }] : [];
      });
      const [, ...fields] = followed(
        units,
        acting.map(({ parameter }) => parameter),
      );
      const gradients = acting.map(({ parameter, said }, place): [string, Float64Array] => {
        const own = fields[place];
        const shown = units.evaluate(differentiate(neuron.rho, parameter));
        const out = new Float64Array(size);
        for (let k = 0; k < samples * size; k++) {
          const explicit =
            (shownByCost !== null && name === output.name ? shownByCost[k] * shown[k] : 0) + (said?.[k] ?? 0);
          out[k % size] += (explicit - adjoint[name][k] * own[k] - byShown[name][k] * shown[k]) / samples;
        }
        return [parameter, out];
      });
      return [name, Object.fromEntries(gradients)];
    }),
  );
}

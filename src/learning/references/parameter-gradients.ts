/**
 * How the cost at the fixed point depends on the parameters of neurons (Scellier et al. 2018, appendix A, Eq. 24 to
 * 33): d mu / d theta times what an error vector says of each unit's field, by symbolic derivatives of the device's
 * own equations. A parameter acts in its unit's field, in what the unit shows to others, and, where the cost is of
 * that, in the cost itself (the term that Eq. 26 adds).
 */
import type { Chip } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import type { Planes } from "../../dynamics/types";
import { differentiate } from "../../equations/differentiate";
import { symbolsOf } from "../../equations/expression";
import { OhmletError } from "../../errors";
import { costArgument, costByParameter, costGradient } from "../cost";
import { drivesThrough, type ByPopulation } from "../drives";
import type { Estimate, ParameterGradients } from "../types";
import { costForces, nudgeSign } from "./exact";
import { concatenate, jacobian } from "./jacobian";
import { factorise } from "./linear";
import {
  drivesOf,
  evaluator,
  fieldExpression,
  linearise,
  unclamped,
  type Linearisation,
} from "./linearisation";

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
  expectPlain(chip);
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
 * gradient, but for the bias of the nudge, where the Jacobian that links the two is symmetric.
 * @throws OhmletError COST-SHAPE
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
  const strength = ofState ? 1 : mean(at.nudgeGain[output]) / mean(at.gain[output]);
  const adjoint = Object.fromEntries(
    Object.entries(ofState ? dState : dActivity).map(([name, moved]) => {
      const gain = (ofState ? at.nudgeGain : at.gain)[name];
      return [name, moved.map((x, i) => (x === 0 ? 0 : (-sign * x) / (strength * gain[i])))];
    }),
  );
  return fromAdjoint(at, free.states, targets, adjoint);
}

const mean = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;

function expectPlain({ circuit }: Chip): void {
  const odd =
    circuit.projections.find(({ synapse }) => synapse.loads)?.name ??
    circuit.populations.find(({ neuron }) => neuron !== null && internalStates(neuron).length > 0)?.name;
  if (odd === undefined) return;
  throw new OhmletError({
    code: "PARAMETER-STATES",
    fact: `gradients by parameters are of neurons of one state that nothing loads, and "${odd}" is not such`,
    place: { where: circuit.name },
    remedy: "use neurons whose only state is u, and synapses that only drive: I = w*rho_pre",
  });
}

/** @param adjoint by how much the cost would fall for each unit of field that is added, [samples, size] */
function fromAdjoint(
  at: Linearisation,
  states: Planes,
  targets: ArrayLike<number>,
  adjoint: ByPopulation,
): ParameterGradients {
  const { chip, samples, activities } = at;
  expectPlain(chip);
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
      const evaluate = evaluator(chip, population);
      const values = { u: states[name].re, I: drives[name], I_nudge: 0 };
      const field = fieldExpression(neuron, "u");
      const gradients = Object.keys(neuron.parameters).flatMap((parameter): [string, Float64Array][] => {
        const said = name === output.name ? costByParameter(chip, parameter, argument, targets) : null;
        if (said === null && !symbolsOf(field).has(parameter) && !symbolsOf(neuron.rho).has(parameter))
          return [];
        const own = evaluate(differentiate(field, parameter), values, samples * size);
        const shown = evaluate(differentiate(neuron.rho, parameter), values, samples * size);
        const out = new Float64Array(size);
        for (let k = 0; k < samples * size; k++) {
          const explicit =
            (shownByCost !== null && name === output.name ? shownByCost[k] * shown[k] : 0) + (said?.[k] ?? 0);
          out[k % size] += (explicit - adjoint[name][k] * own[k] - byShown[name][k] * shown[k]) / samples;
        }
        return [[parameter, out]];
      });
      return [name, Object.fromEntries(gradients)];
    }),
  );
}

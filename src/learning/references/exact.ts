/**
 * What an estimator ought to find: the exact derivative of the free fixed point with respect to beta, the
 * true error vector, the true gradient of the cost. By direct solves with the dense Jacobian J, a sample at a
 * time.
 *
 * Notation: g = dC/d(argument), sign = -1 (or +1 where the cost ascends), K and N the gains of drive and
 * nudge, D = rho'.
 *
 *     d_beta u   = -J^-1 (sign N g)                       forward: what nudging measures
 *     delta      = sign K (-J^-T dC/du)                   adjoint: sign times dC/d(logical drive)
 *     dC/dW      = sign rho_pre delta                     Scellier 2018, Theorem 1; Laborieux and Zenke 2023, Eq. 4
 *
 * delta is counted like the postsynaptic factor of the vector-field rule, with which it coincides where the
 * Jacobian of that factor's kind is symmetric: d_beta rho for a cost on the activity (L&Z Eq. 5), d_beta u
 * for one on the state.
 */
import { terminalOf } from "../../circuit/amplifiers";
import { drivesThrough, type ByPopulation, type ByProjection } from "../drives";
import type { Chip, Circuit } from "../../circuit/chip-types";
import { eachLoad } from "../../dynamics/lowering/loads";
import type { Planes } from "../../dynamics/types";
import type { Stop } from "../../errors";
import { costArgument, costGradient, costs } from "../cost";
import { apply, factorise, splitSymmetric } from "./linear";
import { concatenate, dependsOnStates, jacobian, recurrentWeights, type DenseJacobian } from "./jacobian";
import { linearise, unclamped, type Linearisation } from "./linearisation";
import { eachBack } from "./units";

/** Which derivative a rule multiplies with the presynaptic activity. */
export type Factor = "dState" | "dActivity";

/** Exact answers at a free fixed point. Arrays [samples, size] by unclamped population; 0 at frozen units. */
export interface ExactAnswers {
  /** Mean cost of the batch. */
  readonly cost: number;
  readonly dState: ByPopulation;
  readonly dActivity: ByPopulation;
  /** The true error vector, in the sign and the quantity of the rule's postsynaptic factor. */
  readonly delta: ByPopulation;
  readonly linearisation: Linearisation;
}

/** +1 where the nudge pushes the cost up, -1 where it pushes it down. */
export const nudgeSign = (circuit: Circuit): 1 | -1 => (circuit.spec.cost.ascend ? 1 : -1);

/**
 * Exact answers at given free states, which should be a fixed point (`fieldResidual` tells).
 * @param inputs [samples, input size]
 * @param states u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 * @param stop looked at on the way
 * @throws OhmletError JACOBIAN-SIZE, LINEAR-SINGULAR, COST-SHAPE
 */
export function exactAnswers(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
  stop?: Stop,
): ExactAnswers {
  const at = linearise(chip, samples, inputs, states);
  const { cost, force, slope } = costForces(at, states, targets);
  const weights = dependsOnStates(chip.circuit) ? undefined : recurrentWeights(chip);
  const zeros = (): Record<string, Float64Array> =>
    Object.fromEntries(unclamped(chip).map(({ name, size }) => [name, new Float64Array(samples * size)]));
  const [dState, dActivity, delta] = [zeros(), zeros(), zeros()];
  for (let s = 0; s < samples; s++) {
    const { matrix, n, units } = jacobian(at, s, "state", weights);
    const lu = factorise(matrix, n, stop);
    const forward = lu.solve(gather(concatenate(chip, force, s), units));
    const adjoint = lu.solveTransposed(gather(concatenate(chip, slope, s), units));
    scatter(chip, forward, units, s, (name, k, x) => {
      dState[name][k] = -x;
      dActivity[name][k] = -x * at.rhoPrime[name][k];
    });
    const sign = nudgeSign(chip.circuit);
    scatter(chip, adjoint, units, s, (name, k, x) => (delta[name][k] = -sign * x * at.gain[name][k]));
  }
  return { cost, dState, dActivity, delta, linearisation: at };
}

/** Mean cost; dF/dbeta = sign N g and dC/du of the output population, [samples, size]. */
export function costForces(
  at: Linearisation,
  states: Planes,
  targets: ArrayLike<number>,
): { cost: number; force: ByPopulation; slope: ByPopulation } {
  const { chip, samples } = at;
  const { output, spec } = chip.circuit;
  const activities = { [output.name]: { re: at.activities[output.name] } };
  const argument = costArgument(chip, { states, activities });
  const g = costGradient(chip, argument, targets);
  const sign = nudgeSign(chip.circuit);
  const cost = costs(chip, argument, targets).reduce((sum, c) => sum + c / samples, 0);
  const slope = spec.cost.argument === "state" ? g : g.map((x, i) => x * at.rhoPrime[output.name][i]);
  return {
    cost,
    force: { [output.name]: g.map((x, i) => sign * x * at.nudgeGain[output.name][i]) },
    slope: { [output.name]: slope },
  };
}

/**
 * Gradient of the mean cost with respect to the effective logical weights and biases of every projection,
 * each taken as an array of its own (those of shared arrays are to be added), from an error vector: sign *
 * mean of rho_pre x error. With `delta` it is the true gradient; with the exact `dState` or `dActivity`, the
 * one that equilibrium propagation finds.
 */
export function gradientOf(at: Linearisation, error: ByPopulation): ByProjection {
  const { chip, samples, activities, states } = at;
  const scale = nudgeSign(chip.circuit) / samples;
  const scaled = Object.fromEntries(
    Object.entries(error).map(([name, values]) => [name, values.map((x) => x * scale)]),
  );
  const found = drivesThrough(chip, samples).byWeight(activities, scaled);
  for (const projection of chip.circuit.projections) {
    const { name, to, synapse } = projection;
    if (!synapse.loads || terminalOf(projection) !== "node") continue;
    const taken = new Float64Array(to.size);
    scaled[to.name].forEach((x, i) => (taken[i % to.size] += x * states[to.name][i]));
    eachLoad(projection, (unit, place) => (found[name].weights[place] -= taken[unit]));
  }
  for (const to of unclamped(chip))
    eachBack(chip, to, ({ projection, from, pre, post, place }) => {
      const { weights } = found[projection.name];
      for (let s = 0; s < samples; s++) {
        const k = s * to.size + post;
        const passed = scaled[to.name]?.[k] * (at.gainBack[to.name][k] / at.gain[to.name][k]);
        weights[place] += passed * (states[from.name][s * from.size + pre] - activities[to.name][k]);
      }
    });
  return found;
}

/**
 * The kind of Jacobian M that links a factor to the true error vector: factor = M^-1 M^T delta (L&Z Eq. 10).
 */
export function linkingJacobian(
  at: Linearisation,
  sample: number,
  factor: Factor,
  weights?: Float64Array,
): DenseJacobian {
  if (factor === "dActivity") return jacobian(at, sample, "activity", weights);
  const { n, matrix, units } = jacobian(at, sample, "state", weights);
  const gain = gather(concatenate(at.chip, at.gain, sample), units);
  return { n, units, matrix: matrix.map((x, i) => x / gain[Math.floor(i / n)]) };
}

/**
 * What Eq. 10 and Eq. 11 of Laborieux and Zenke make of one sample's delta; over the active units, in their
 * order.
 */
export interface AsymmetryPrediction {
  readonly units: Int32Array;
  readonly delta: Float64Array;
  /** M^-1 M^T delta: equals the exact factor. */
  readonly exact: Float64Array;
  /** delta - 2 S^-1 A delta: equals it to first order in the asymmetry. */
  readonly firstOrder: Float64Array;
}

/**
 * What the asymmetry of the Jacobian makes of the true error, for one sample: exactly, and to first order in
 * it.
 * @throws OhmletError LINEAR-SINGULAR, JACOBIAN-SLOPE
 */
export function predictFromAsymmetry(
  { linearisation, delta }: ExactAnswers,
  sample: number,
  factor: Factor,
): AsymmetryPrediction {
  const { n, matrix, units } = linkingJacobian(linearisation, sample, factor);
  const d = gather(concatenate(linearisation.chip, delta, sample), units);
  const exact = factorise(matrix, n).solve(apply(matrix, n, d, true));
  const { symmetric, skew } = splitSymmetric(matrix, n);
  const bias = factorise(symmetric, n).solve(apply(skew, n, d));
  return { units, delta: d, exact, firstOrder: d.map((x, i) => x - 2 * bias[i]) };
}

const gather = (values: Float64Array, units: Int32Array): Float64Array =>
  Float64Array.from(units, (i) => values[i]);

/**
 * Hands each active unit's value to `put`, with its population and its place in that population's [samples,
 * size].
 */
function scatter(
  chip: Chip,
  values: Float64Array,
  units: Int32Array,
  sample: number,
  put: (name: string, place: number, value: number) => void,
): void {
  const populations = unclamped(chip);
  units.forEach((unit, i) => {
    const population = populations.find((p) => unit < p.offset + p.size);
    if (population) put(population.name, sample * population.size + unit - population.offset, values[i]);
  });
}

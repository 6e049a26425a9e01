/**
 * What a small nudge does to a chip at its free fixed point, a sample at a time: whether it lowers the cost
 * (Scellier et al. 2018, Proposition 5), and whether the update that it makes descends it (section 5, "good
 * parameters"). Exact, by direct solves.
 *
 * With M the Jacobian in what the cost is a function of, its rows over the gain of a nudge, d_beta x = -M^-1 (sign
 * g), so that dC/dbeta = g . d_beta x = -sign d_beta x . M d_beta x: a nudge that pulls the cost down lowers it
 * wherever the symmetric part of M is negative. Where only its eigenvalues are stable, it can rise.
 */
import type { Chip } from "../../circuit/chip-types";
import type { Planes } from "../../dynamics/types";
import { byOwner, type ByProjection } from "../drives";
import { costArgument, costGradient } from "../cost";
import { exactAnswers, gradientOf, nudgeSign } from "./exact";
import { concatenate, jacobian, type DenseJacobian } from "./jacobian";
import { splitSymmetric, spectralRadius } from "./linear";
import type { Linearisation } from "./linearisation";

/** What a small nudge does to one sample. */
export interface NudgeEffect {
  /** dC/dbeta at beta = 0, for a nudge that pulls the cost down: below 0 where it does. */
  readonly costSlope: number;
  /**
   * Cosine between the update that nudging finds and minus the true gradient, over all arrays: above 0 where
   * the chip's parameters are "good". 1 where both vanish.
   */
  readonly descent: number;
}

/**
 * What a small nudge does at given free states, which should be a fixed point.
 * @param inputs [samples, input size]
 * @param states u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 * @returns one a sample
 * @throws OhmletError JACOBIAN-SIZE, LINEAR-SINGULAR, COST-SHAPE
 */
export function nudgeEffects(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
): NudgeEffect[] {
  const part = (values: ArrayLike<number>, s: number): Float64Array => {
    const width = values.length / samples;
    return Float64Array.from({ length: width }, (_, i) => values[s * width + i]);
  };
  return Array.from({ length: samples }, (_, s) => {
    const own = Object.fromEntries(
      Object.entries(states).map(([name, { re }]) => [name, { re: part(re, s) }]),
    );
    return effectOf(chip, part(inputs, s), own, part(targets, s));
  });
}

function effectOf(chip: Chip, inputs: Float64Array, states: Planes, targets: Float64Array): NudgeEffect {
  const { circuit } = chip;
  const answers = exactAnswers(chip, 1, inputs, states, targets);
  const { linearisation: at } = answers;
  const ofState = circuit.spec.cost.argument === "state";
  const { name } = circuit.output;
  const activities = { [name]: { re: at.activities[name] } };
  const g = costGradient(chip, costArgument(chip, { states, activities }), targets);
  const moved = (ofState ? answers.dState : answers.dActivity)[name];
  const down = -nudgeSign(circuit);
  const factor = ofState ? answers.dState : answers.dActivity;
  const gradient = byOwner(circuit, gradientOf(at, answers.delta));
  const update = byOwner(circuit, gradientOf(at, factor));
  return {
    costSlope: down * g.reduce((sum, x, i) => sum + x * moved[i], 0),
    descent: cosineOf(gradient, update),
  };
}

/**
 * The largest eigenvalue of the symmetric part of M at a sample: below 0, a small nudge lowers the cost. Null
 * where M is not finite, since an output is flat.
 */
export function nudgeStretch(at: Linearisation, sample: number): number | null {
  return stretchOf(nudgedJacobian(at, sample));
}

/** M: the Jacobian in what the cost is a function of, over the gain of a nudge (of a drive, where none acts). */
function nudgedJacobian(at: Linearisation, sample: number): DenseJacobian {
  const ofState = at.chip.circuit.spec.cost.argument === "state";
  const { n, matrix, units } = jacobian(at, sample, "state");
  const [nudge, drive, slope] = [at.nudgeGain, at.gain, at.rhoPrime].map((of) => concatenate(at.chip, of, 0));
  const row = (i: number): number => (nudge[units[i]] === 0 ? drive[units[i]] : nudge[units[i]]);
  const column = (j: number): number => (ofState ? 1 : slope[units[j]]);
  return {
    n,
    units,
    matrix: matrix.map((x, k) => x / (row(Math.floor(k / n)) * column(k % n))),
  };
}

/** The largest eigenvalue of the symmetric part: how fast a difference can grow at first. */
export function stretchOf({ matrix, n }: DenseJacobian): number | null {
  const { symmetric } = splitSymmetric(matrix, n);
  if (!symmetric.every(Number.isFinite)) return null;
  let shift = 0;
  for (let i = 0; i < n; i++)
    shift = Math.max(
      shift,
      symmetric.subarray(i * n, (i + 1) * n).reduce((sum, x) => sum + Math.abs(x), 0),
    );
  // All eigenvalues lie within the largest sum of a row: shifted by it, the largest is the spectral radius.
  const shifted = symmetric.map((x, k) => (k % (n + 1) === 0 ? x + shift : x));
  return spectralRadius(shifted, n) - shift;
}

function cosineOf(a: ByProjection, b: ByProjection): number {
  let [product, first, second] = [0, 0, 0];
  for (const [name, { weights, biases }] of Object.entries(a)) {
    const others = b[name];
    const add = (x: Float64Array, y: Float64Array): void =>
      x.forEach((v, i) => {
        product += v * y[i];
        first += v * v;
        second += y[i] * y[i];
      });
    add(weights, others.weights);
    if (biases !== null && others.biases !== null) add(biases, others.biases);
  }
  return first === 0 || second === 0 ? 1 : product / Math.sqrt(first * second);
}

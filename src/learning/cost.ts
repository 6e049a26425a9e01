/**
 * Costs on the host: value, gradient with respect to the argument, predictions, gradient of the
 * readout. All take the cost's argument at the output population, [samples, output size]; sums over samples
 * are means.
 */
import type { Chip, Circuit, Readout, WeightArrays } from "../circuit/chip-types";
import { ARGUMENT, TARGET, type CostLaw } from "../circuit/cost-law";
import { learns, ownerOf } from "../circuit/owner";
import { isDoubled } from "../circuit/targets";
import type { PhaseResult } from "../dynamics/types";
import { differentiate } from "../equations/differentiate";
import { symbolsOf, type Expression } from "../equations/expression";
import { vectorize, type Column } from "../equations/vectorize";
import { short } from "../display";
import { OhmletError } from "../errors";
import { CONSTANTS } from "../units/constants";
import type { Updates } from "./rules";

/** The cost's argument in a phase: u or rho(u) of the output population, [rows, output size]. */
export function costArgument(
  chip: Chip,
  { states, activities }: Pick<PhaseResult, "states" | "activities">,
): Float64Array {
  const { output, spec } = chip.circuit;
  return (spec.cost.argument === "state" ? states : activities)[output.name].re;
}

/** Scores of the classes: the argument itself, differences of its pairs, or the logits of the readout; [samples, classes]. */
export function classScores(chip: Chip, argument: Float64Array): Float64Array {
  if (chip.circuit.cost !== null) return argument;
  const half = chip.circuit.output.size / 2;
  if (isDoubled(chip.circuit))
    return Float64Array.from({ length: argument.length / 2 }, (_, i) => {
      const at = i + half * Math.floor(i / half);
      return argument[at] - argument[at + half];
    });
  const { weights, biases } = readoutOf(chip);
  const [size, classes] = [chip.circuit.output.size, biases.length];
  const samples = argument.length / size;
  const out = new Float64Array(samples * classes);
  for (let s = 0; s < samples; s++) {
    for (let c = 0; c < classes; c++) {
      let sum = biases[c];
      for (let j = 0; j < size; j++) sum += argument[s * size + j] * weights[j * classes + c];
      out[s * classes + c] = sum;
    }
  }
  return out;
}

/** Class of the largest score of each sample; the first where several are equal. */
export function predictions(chip: Chip, argument: Float64Array): Uint32Array {
  const scores = classScores(chip, argument);
  const classes = scores.length / (argument.length / chip.circuit.output.size);
  return Uint32Array.from({ length: scores.length / classes }, (_, s) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (scores[s * classes + c] > scores[s * classes + best]) best = c;
    return best;
  });
}

/**
 * Cost of each sample: the sum over units of what the cost's equation says, 1/2 sum (argument - y)^2 of a squared
 * error; or -sum y log softmax. Without what weights cost.
 */
export function costs(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const { cost, output } = chip.circuit;
  const scores = scoresFor(chip, argument, targets);
  const samples = argument.length / output.size;
  const width = scores.length / samples;
  const each =
    cost !== null
      ? expectNumbers(chip, overUnits(chip, cost.value, argument, targets), argument)
      : isDoubled(chip.circuit)
        ? scores.map((x, i) => (x - targets[i]) ** 2 / 2)
        : logSoftmax(scores, width).map((x, i) => (targets[i] === 0 ? 0 : -targets[i] * x));
  const out = new Float64Array(samples);
  for (let i = 0; i < each.length; i++) out[Math.floor(i / width)] += each[i];
  return out;
}

/** Gradient of each sample's cost with respect to its argument, [samples, output size]. */
export function costGradient(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const { cost } = chip.circuit;
  if (cost !== null) {
    scoresFor(chip, argument, targets);
    return overUnits(chip, cost.slope, argument, targets);
  }
  const error = scoreErrors(chip, argument, targets);
  const half = chip.circuit.output.size / 2;
  if (isDoubled(chip.circuit))
    return Float64Array.from({ length: argument.length }, (_, i) => {
      const [row, j] = [Math.floor(i / (2 * half)), i % (2 * half)];
      return j < half ? error[row * half + j] : -error[row * half + j - half];
    });
  const { weights, biases } = readoutOf(chip);
  const [size, classes] = [chip.circuit.output.size, biases.length];
  const out = new Float64Array(argument.length);
  for (let i = 0; i < out.length; i++) {
    const [s, j] = [Math.floor(i / size), i % size];
    for (let c = 0; c < classes; c++) out[i] += error[s * classes + c] * weights[j * classes + c];
  }
  return out;
}

/**
 * How each unit's cost depends on a parameter of its neuron by the cost's own equation, [samples, output size]; null
 * where it does not say it (Scellier et al. 2018, Eq. 26).
 */
export function costByParameter(
  chip: Chip,
  parameter: string,
  argument: Float64Array,
  targets: ArrayLike<number>,
): Float64Array | null {
  const { cost } = chip.circuit;
  return cost === null || !symbolsOf(cost.value).has(parameter)
    ? null
    : overUnits(chip, differentiate(cost.value, parameter), argument, targets);
}

/** @throws OhmletError CIRCUIT-COST where the cost's equation has no value at what an output shows */
function expectNumbers({ circuit }: Chip, values: Float64Array, argument: Float64Array): Float64Array {
  const odd = values.findIndex((value, i) => Number.isNaN(value) && Number.isFinite(argument[i]));
  if (odd < 0) return values;
  throw new OhmletError({
    code: "CIRCUIT-COST",
    fact: `the cost is ${values[odd]} where an output shows ${short(argument[odd])}`,
    place: { where: `${circuit.name}, cost` },
    remedy: "write a cost that has a value wherever the output comes: no root or logarithm of a difference",
  });
}

/** What weights cost, all together: of every array of devices that can be programmed. */
export function costOfWeights(chip: Chip): number {
  let sum = 0;
  eachCharged(chip, (name, { value }) => {
    const { weights } = chip.weights(name);
    for (const one of overWeights(value, weights)) sum += one;
    if (!Number.isFinite(sum))
      throw new OhmletError({
        code: "CIRCUIT-COST",
        fact: `what the weights of "${name}" cost is ${sum}`,
        place: { where: `${chip.circuit.name}, cost` },
        remedy: "write a cost that has a value at every weight",
      });
  });
  return sum;
}

/** Takes from directions what weights cost: the slope of each one's. */
export function lessCostOfWeights(chip: Chip, updates: Updates): Updates {
  const out: Record<string, WeightArrays> = { ...updates };
  eachCharged(chip, (name, { slope }) => {
    const { weights, biases } = out[name];
    const by = overWeights(slope, chip.weights(name).weights);
    out[name] = { weights: weights.map((x, i) => x - by[i]), biases };
  });
  return out;
}

/** Whether weights cost anything. */
export const chargesWeights = ({ cost, projections }: Circuit): boolean =>
  projections.some((p) => ownerOf(p) === p.name && learns(p) && (cost?.ofWeight(p.name) ?? null) !== null);

type OfWeight = NonNullable<ReturnType<CostLaw["ofWeight"]>>;

function eachCharged({ circuit }: Chip, visit: (projection: string, law: OfWeight) => void): void {
  for (const p of circuit.projections) {
    const law = ownerOf(p) === p.name && learns(p) ? circuit.cost?.ofWeight(p.name) : null;
    if (law) visit(p.name, law);
  }
}

const overWeights = (e: Expression, weights: Float64Array): Float64Array =>
  vectorize(e, ["w", ...Object.keys(CONSTANTS)])(new Float64Array(weights.length), [
    weights,
    ...Object.values(CONSTANTS).map(({ value }) => value),
  ]);

/** An expression of the cost at every unit. */
function overUnits(
  chip: Chip,
  e: Expression,
  argument: Float64Array,
  targets: ArrayLike<number>,
): Float64Array {
  if (e.kind === "number") return new Float64Array(argument.length).fill(e.value);
  const known = new Map<string, Column>([
    ...Object.entries(CONSTANTS).map(([name, { value }]) => [name, value] as const),
    ...Object.entries(chip.parametersOf(chip.circuit.output.name)),
    [ARGUMENT, argument],
    [TARGET, targets instanceof Float64Array ? targets : Float64Array.from(targets)],
  ]);
  return compiled(e, known)(new Float64Array(argument.length), [...known.values()]);
}

const kept = new WeakMap<
  Expression,
  { readonly names: string; readonly over: ReturnType<typeof vectorize> }
>();

/** Compiled once for each expression: batches come often. */
function compiled(e: Expression, known: ReadonlyMap<string, Column>): ReturnType<typeof vectorize> {
  const names = [...known.keys()].join(" ");
  const found = kept.get(e);
  if (found?.names === names) return found.over;
  const over = vectorize(e, [...known.keys()]);
  kept.set(e, { names, over });
  return over;
}

/**
 * Gradient of the batch's mean cost with respect to the readout: argument^T (softmax - y), and its column
 * means.
 */
export function readoutGradient(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Readout {
  const size = chip.circuit.output.size;
  const classes = readoutOf(chip).biases.length;
  const error = scoreErrors(chip, argument, targets);
  const samples = argument.length / size;
  const [weights, biases] = [new Float64Array(size * classes), new Float64Array(classes)];
  for (let i = 0; i < error.length; i++) {
    const [s, c] = [Math.floor(i / classes), i % classes];
    biases[c] += error[i] / samples;
    for (let j = 0; j < size; j++) weights[j * classes + c] += (argument[s * size + j] * error[i]) / samples;
  }
  return { weights, biases };
}

/** dC/d(scores): softmax - y of a readout, what is missing of differences of pairs. */
function scoreErrors(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const scores = scoresFor(chip, argument, targets);
  if (isDoubled(chip.circuit)) return scores.map((x, i) => x - targets[i]);
  const width = readoutOf(chip).biases.length;
  return logSoftmax(scores, width).map((x, i) => Math.exp(x) - targets[i]);
}

function scoresFor(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const scores = classScores(chip, argument);
  if (scores.length === targets.length) return scores;
  throw new OhmletError({
    code: "COST-SHAPE",
    fact: `${targets.length} target values for ${scores.length} scores`,
    place: { where: `${chip.circuit.name}, cost` },
    remedy: "give one target value for each class (or output unit) of each sample",
  });
}

function readoutOf(chip: Chip): Readout {
  if (chip.readout !== null) return chip.readout;
  throw new OhmletError({
    code: "COST-READOUT",
    fact: "this chip has no readout",
    place: { where: chip.circuit.name },
    remedy: 'only circuits with the cost "cross-entropy" have one',
  });
}

/** Row-wise, shifted by the largest score so that nothing overflows. */
function logSoftmax(scores: Float64Array, width: number): Float64Array {
  const out = new Float64Array(scores.length);
  for (let at = 0; at < scores.length; at += width) {
    const row = scores.subarray(at, at + width);
    const largest = row.reduce((m, x) => Math.max(m, x), -Infinity);
    const logSum = largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
    row.forEach((x, c) => (out[at + c] = x - logSum));
  }
  return out;
}

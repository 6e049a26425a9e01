/**
 * The two costs on the host: value, gradient with respect to the argument, predictions, gradient of the
 * readout. All take the cost's argument at the output population, [samples, output size]; sums over samples
 * are means.
 */
import { isDoubled } from "../circuit/targets";
import { OhmletError } from "../errors";
import type { Chip, Readout } from "../circuit/chip-types";
import type { PhaseResult } from "../dynamics/types";

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
  const half = chip.circuit.output.size / 2;
  if (isDoubled(chip.circuit))
    return Float64Array.from({ length: argument.length / 2 }, (_, i) => {
      const at = i + half * Math.floor(i / half);
      return argument[at] - argument[at + half];
    });
  if (chip.circuit.spec.cost.kind === "squared-error") return argument;
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

/** Cost of each sample: 1/2 sum (argument - y)^2, or -sum y log softmax. */
export function costs(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const scores = scoresFor(chip, argument, targets);
  const samples = argument.length / chip.circuit.output.size;
  const width = scores.length / samples;
  const crossEntropy = chip.circuit.spec.cost.kind === "cross-entropy";
  const logs = crossEntropy ? logSoftmax(scores, width) : scores;
  const out = new Float64Array(samples);
  for (let i = 0; i < logs.length; i++) {
    const s = Math.floor(i / width);
    out[s] += crossEntropy ? (targets[i] === 0 ? 0 : -targets[i] * logs[i]) : (logs[i] - targets[i]) ** 2 / 2;
  }
  return out;
}

/** Gradient of each sample's cost with respect to its argument, [samples, output size]. */
export function costGradient(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const error = scoreErrors(chip, argument, targets);
  const half = chip.circuit.output.size / 2;
  if (isDoubled(chip.circuit))
    return Float64Array.from({ length: argument.length }, (_, i) => {
      const [row, j] = [Math.floor(i / (2 * half)), i % (2 * half)];
      return j < half ? error[row * half + j] : -error[row * half + j - half];
    });
  if (chip.circuit.spec.cost.kind === "squared-error") return error;
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

/** dC/d(scores): argument - y, or softmax - y. */
function scoreErrors(chip: Chip, argument: Float64Array, targets: ArrayLike<number>): Float64Array {
  const scores = scoresFor(chip, argument, targets);
  if (chip.circuit.spec.cost.kind === "squared-error") return scores.map((x, i) => x - targets[i]);
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

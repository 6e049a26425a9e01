/**
 * 04. Asymmetry and the true gradient: what equilibrium propagation measures, d_beta rho(u), is the true
 *     error vector delta where the Jacobian is symmetric. Turn the feedback weights away from the transposed
 *     forward weights, and the two part as Laborieux and Zenke (2023) predict. Run it with npm run --silent
 *     example 04
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { layered } from "../circuits";
import { ideal, shiftedSigmoid } from "../devices";
import {
  createEngine,
  exactAnswers,
  holomorphic,
  jacobian,
  labelledBatches,
  perLayerCosine,
  predictFromAsymmetry,
  Simulator,
  strokeDigits,
  symmetry,
} from "../src/index";

const SAMPLES = 10;
const estimator = holomorphic({
  points: 6,
  amplitude: 0.2,
  freeSteps: 500,
  nudgedSteps: 500,
  tolerance: 1e-14,
});

async function at(angle: number): Promise<string[]> {
  const design = layered([64, 32, 32, 10], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback: { angle },
    initial: { distribution: "lecun", scale: 0.5 },
    cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
  });
  const chip = design.fabricate({ seed: 3 });
  const simulator = new Simulator(chip, await createEngine("reference"));
  const [batch] = labelledBatches(design, strokeDigits({ samples: SAMPLES, seed: 3, split: "test" }), {
    size: SAMPLES,
  });

  // What a chip can measure: the states under six nudges on a circle, and a mean of quotients.
  const estimate = await estimator.estimate(simulator, batch, { round: 0, seed: 3 });
  // What only a simulator knows: delta by a linear solve with the Jacobian at the fixed point.
  const exact = exactAnswers(chip, SAMPLES, batch.inputs, estimate.free.states, batch.targets);
  const { layers } = perLayerCosine(estimate.dActivity, exact.delta, design);
  // Eq. 11: d_beta rho(u) = delta - 2 S^-1 A delta, to first order in A. Both sides for the first sample.
  const { units, delta, firstOrder } = predictFromAsymmetry(exact, 0, "dActivity");
  const first = design.populations
    .filter((p) => !p.clamped)
    .flatMap(({ name, size }) => [...estimate.dActivity[name].subarray(0, size)]);
  const measured = Float64Array.from(units, (unit) => first[unit]);
  const apart = (from: Float64Array): string =>
    Math.sqrt(
      measured.reduce((sum, x, i) => sum + (x - from[i]) ** 2, 0) / delta.reduce((sum, x) => sum + x * x, 0),
    ).toFixed(4);
  const { ratio } = symmetry(jacobian(exact.linearisation, 0, "weights"));
  return [
    `${angle}`,
    ...["l1", "l2", "output"].map((name) => (layers[name] ?? NaN).toFixed(4)),
    ratio.toFixed(4),
    apart(delta),
    apart(firstOrder),
  ];
}

async function main(): Promise<void> {
  console.log(
    "A 64-32-32-10 network of holomorphic neurons; feedback weights at an angle to the transposed " +
      "forward weights.\n",
  );
  const table = [["angle", "cos l1", "cos l2", "cos output", "S/(S+A)", "off delta", "off Eq. 11"]];
  for (const angle of [0, 1, 5, 15, 30, 45, 60, 75, 90]) table.push(await at(angle));
  for (const row of table) console.log(row.map((cell, i) => cell.padStart(i === 0 ? 5 : 11)).join(""));
  console.log(`
cos         cosine between the estimate of d_beta rho(u), from six nudges on a circle, and delta, layer by layer
S/(S+A)     how symmetric the recurrent weights less identity are, the measure of the paper's code: 1 symmetric, 0 skew
off delta   |d_beta rho(u) - delta| / |delta|, first sample
off Eq. 11  the same distance to delta - 2 S^-1 A delta: where the asymmetry is small, Eq. 11 takes most of it away

At 0 degrees both are one: what nudging measures is the gradient. The farther from the output, the more an angle costs.`);
}
void main();

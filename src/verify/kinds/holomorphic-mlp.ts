/**
 * Holomorphic EP on a multilayer perceptron with a linear readout (Laborieux and Zenke 2023): shifted-sigmoid
 * maps, feedback weights of their own or the output fed back to the first hidden layer, cross-entropy on the
 * activity, their sign of beta. Kernels are [pre, post]; arrays over all units hold the layers in order, the
 * output last.
 */
import { Simulator } from "../../dynamics/simulator";
import type { CaseValue } from "../case";
import { checkSize, type Bench } from "../kind";
import { compareContinuous, compareEstimates, compareTruncated } from "./holomorphic/estimates";
import { compareExact } from "./holomorphic/exact";
import { build, converged } from "./holomorphic/model";

export async function holomorphicMlpKind(given: CaseValue, bench: Bench): Promise<void> {
  const model = build(given);
  const { chip, batch } = model;
  const { samples, inputs } = batch;
  checkSize(chip, samples);

  const exactly = new Simulator(chip, bench.reference);
  const { states } = await exactly.phase({ samples, inputs, ...converged(bench.reference) });
  exactly.dispose();
  const truth = await compareExact(given, model, states, bench.check);

  const run = { given, model, simulator: new Simulator(chip, bench.engine), truth, bench };
  await compareEstimates(run);
  await compareTruncated(run);
  await compareContinuous(run);
  run.simulator.dispose();
}

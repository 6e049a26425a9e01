/** The time step of a training that leaves it to the circuit: chosen once, on its first samples. */
import type { Chip } from "../circuit/chip-types";
import type { Dataset } from "../data/dataset";
import { chooseStep } from "../dynamics/time-steps/choose-step";
import type { SolverName } from "../dynamics/types";
import type { Engine } from "../engines/engine";
import { labelledBatches } from "./batches";
import type { Estimator } from "./estimators";

/** A batch may be large, and more samples than these tell little more. */
const MOST_SAMPLES = 100;

/**
 * The step that suits a chip as it is now, on the first batch of the data in their order.
 * @throws OhmletError DATA-SHAPE, and those of chooseStep
 */
export async function trainingStep(
  chip: Chip,
  data: Dataset,
  engine: Engine,
  {
    solver,
    batch,
    estimator,
  }: { readonly solver?: SolverName; readonly batch: number; readonly estimator: Estimator },
): Promise<number> {
  const size = Math.min(batch, MOST_SAMPLES);
  const [{ samples, inputs, targets }] = [...labelledBatches(chip.circuit, data, { size, limit: size })];
  const { amplitude } = estimator.settings;
  return chooseStep(chip, engine, {
    solver,
    samples,
    inputs,
    ...(typeof amplitude === "number" && { nudge: amplitude, targets }),
  });
}

/** The time step of a training that leaves it to the circuit: chosen once, on its first samples. */
import type { Chip } from "../circuit/chip-types";
import type { Dataset } from "../data/dataset";
import { chooseStep } from "../dynamics/choose-step";
import type { SolverName } from "../dynamics/types";
import type { Engine } from "../engines/engine";
import { labelledBatches } from "./batches";

/** A batch may be large, and more samples than these tell little more. */
const MOST_SAMPLES = 100;

/**
 * The step that suits a chip as it is now, on the first batch of the data in their order.
 * @throws OhmletError DATA-SHAPE, and those of chooseStep
 */
export async function trainingStep(chip: Chip, data: Dataset, engine: Engine, { solver, batch }: { readonly solver?: SolverName; readonly batch: number }): Promise<number> {
  const size = Math.min(batch, MOST_SAMPLES);
  const [{ samples, inputs }] = [...labelledBatches(chip.circuit, data, { size, limit: size })];
  return chooseStep(chip, engine, { solver, samples, inputs });
}

/** Whether data, circuit and phases of a training fit together, before anything runs. */
import type { Chip } from "../circuit/chip-types";
import { checkPlanes } from "../dynamics/chip-arrays/reads";
import { planPhase } from "../dynamics/lowering/plan";
import type { Dataset } from "../data/dataset";
import { Simulator } from "../dynamics/simulator";
import type { SimulatorOptions } from "../dynamics/simulator-options";
import { SOLVERS } from "../dynamics/solvers";
import type { Engine } from "../engines/engine";
import { checkFit } from "./batches";
import { checkDurations } from "./durations";
import type { Estimator } from "./estimators";

/**
 * Checks that data, circuit and phases fit together, without running anything.
 * @throws OhmletError DATA-SHAPE, LEARN-SHORT, DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION, DYN-STEP,
 *   EQ-HOLOMORPHIC
 */
export function checkTraining(
  chip: Chip,
  data: { readonly train: Dataset; readonly test: Dataset },
  engine: Engine,
  options: Pick<SimulatorOptions, "solver" | "order" | "acceleration" | "reads"> & {
    readonly estimator: Estimator;
    readonly dt?: number;
    readonly initialized?: object;
  },
): void {
  for (const set of [data.train, data.test]) checkFit(chip.circuit, set);
  const { estimator, solver, dt, order, acceleration, reads } = options;
  const simulator = new Simulator(chip, engine, { solver, dt, order, acceleration, reads });
  if (simulator.readsAreNoisy && simulator.reads === "by-current")
    checkPlanes(chip.circuit, estimator.complex);
  checkPlan(simulator, estimator);
  checkDurations(simulator, estimator, options.initialized !== undefined);
}

/** Plans the hardest phase: whatever the solver, the order or complex nudges do not allow shows there. */
export function checkPlan({ circuit, layout, solver, order }: Simulator, { complex }: Estimator): void {
  planPhase(circuit, layout, SOLVERS[solver], 1, {
    order,
    rows: 1,
    groups: 1,
    complex,
    nudged: true,
    average: false,
  });
}

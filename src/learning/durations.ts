/** Refuses phases that end before the circuit can have moved. */
import { OhmletError } from "../errors";
import type { Simulator } from "../dynamics/simulator";
import type { Estimator } from "./estimators";
import { freeStepsOf, nudgedStepsOf } from "./lengths";

/** @throws OhmletError LEARN-SHORT, LEARN-LENGTH, UNIT-… */
export function checkDurations(simulator: Simulator, estimator: Estimator): void {
  const { circuit } = simulator;
  const needed = simulator.shortestPhase;
  for (const [phase, steps] of [
    ["free", freeStepsOf(simulator, estimator.free)],
    ["nudged", nudgedStepsOf(simulator, estimator.nudged)],
  ] as const) {
    if (steps >= needed) continue;
    throw new OhmletError({
      code: "LEARN-SHORT",
      fact:
        `a ${phase} phase of ${steps} steps is too short: signals need ${needed} steps to cross this ` +
        "circuit once",
      place: { where: circuit.name },
      remedy: `give each phase about ${5 * needed} steps`,
    });
  }
}

/** Refuses phases that end before the circuit can have moved. */
import { OhmletError } from "../errors";
import type { Simulator } from "../dynamics/simulator";
import type { Estimator } from "./estimators";
import { freeStepsOf, nudgedStepsOf } from "./lengths";

/** Steps that nobody waits for. */
const LONG = 1e6;

/**
 * @param expected whether free phases start where they are expected to end: these may be as short as they like
 * @throws OhmletError LEARN-SHORT, LEARN-LENGTH, UNIT-…
 */
export function checkDurations(simulator: Simulator, estimator: Estimator, expected = false): void {
  const { circuit } = simulator;
  const needed = simulator.shortestPhase;
  for (const [phase, steps] of [
    ["free", freeStepsOf(simulator, estimator.free)],
    ["nudged", nudgedStepsOf(simulator, estimator.nudged)],
  ] as const) {
    if (steps >= needed || (expected && phase === "free")) continue;
    throw new OhmletError({
      code: "LEARN-SHORT",
      fact:
        `a ${phase} phase of ${steps} steps is too short: signals need ${needed} steps to cross this ` +
        "circuit once",
      place: { where: circuit.name },
      remedy:
        needed > LONG
          ? "take a longer time step (dt), as far as its solver is stable, and about " +
            "ten time constants a phase"
          : `give each phase about ${5 * needed} steps`,
    });
  }
}

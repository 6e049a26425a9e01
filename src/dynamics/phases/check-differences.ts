/** Whether a phase may step exact differences, before anything runs. */
import type { Circuit } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import type { Solver } from "../solvers/solver";
import type { PhaseRequest } from "../types";

/**
 * @param started whether there are states to start from
 * @throws OhmletError DYN-DIFFERENCES
 */
export function checkDifferences(
  circuit: Circuit,
  { nudges, oscillation, hold, average = 0 }: PhaseRequest,
  { adaptive, implicit, solves }: Solver,
  noisy: boolean,
  started: boolean,
): void {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "DYN-DIFFERENCES", fact, place: { where: circuit.name }, remedy });
  };
  if (adaptive || implicit || solves || oscillation !== undefined || hold !== undefined || average > 0)
    fail(
      "exact differences are stepped under nudges that are held, by solvers of fixed steps, and not averaged",
      'leave out oscillation, hold and average, and use "euler", "exponential-euler", "rk4" or "balance"',
    );
  if (!started || nudges === undefined || nudges.every(({ re, im }) => re === 0 && im === 0))
    fail(
      "a difference is one from a state at rest, under a nudge that is not 0",
      "give from, the states of a free phase, and nudges",
    );
  if (noisy)
    fail(
      "neurons or reads are noisy, and noise does not stand still for a difference",
      'leave out  differences: "exact",  or cool the chip',
    );
}

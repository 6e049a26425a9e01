/** What the adaptive solver is not for: refused before it is loaded. */
import type { Circuit } from "../../circuit/chip-types";
import type { Engine } from "../../engines/engine";
import { OhmletError } from "../../errors";
import type { AdaptiveOptions } from "./dormand-prince";

/** @throws OhmletError DYN-SOLVER, DYN-TOLERANCE, DYN-ACCELERATION */
export function checkAdaptive(
  circuit: Circuit,
  engine: Engine,
  { relative, absolute, mostSteps }: AdaptiveOptions,
  accelerated: boolean,
): void {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: circuit.name }, remedy });
  };
  if (engine.info.name !== "reference")
    fail(
      "DYN-SOLVER",
      "the dormand-prince solver chooses its steps on the host and runs on the reference engine only, " +
        `not on ${engine.info.name}`,
      'use the engine "reference", or a solver of fixed steps: "rk4", "heun"',
    );
  if (accelerated)
    fail(
      "DYN-ACCELERATION",
      "the dormand-prince solver follows the motion in time; there is nothing to accelerate",
      'leave the acceleration out, or use "exponential-euler"',
    );
  for (const tolerance of [relative, absolute]) {
    if (tolerance !== undefined && !(tolerance > 0 && tolerance < 1))
      fail(
        "DYN-TOLERANCE",
        `${tolerance} is not an allowed error of a step`,
        "give a number between 0 and 1, for instance 1e-6",
      );
  }
  if (mostSteps !== undefined && !(Number.isInteger(mostSteps) && mostSteps > 0))
    fail("DYN-STEPS", `${mostSteps} is not a number of steps`, "give a whole number, 1 or more");
}

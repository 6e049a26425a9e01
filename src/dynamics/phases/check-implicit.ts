/** Checks what implicit solvers are told, before anything runs. */
import type { Circuit } from "../../circuit/chip-types";
import { OhmletError } from "../../errors";
import type { AdaptiveOptions } from "./dormand-prince";

/** @throws OhmletError DYN-ACCELERATION, DYN-TOLERANCE, DYN-STEPS */
export function checkImplicit(circuit: Circuit, options: AdaptiveOptions, accelerated: boolean): void {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: circuit.name }, remedy });
  };
  if (accelerated)
    fail(
      "DYN-ACCELERATION",
      "the sdirk3 solver follows the motion in time; there is nothing to accelerate",
      'leave the acceleration out, or use "balance"',
    );
  for (const error of [options.relative, options.absolute])
    if (error !== undefined && !(error > 0 && error < 1))
      fail(
        "DYN-TOLERANCE",
        `${error} is not an allowed error of a step`,
        "give a number between 0 and 1, for instance 1e-5",
      );
  const { mostSteps } = options;
  if (mostSteps !== undefined && !(Number.isInteger(mostSteps) && mostSteps > 0))
    fail("DYN-STEPS", `${mostSteps} is not a number of steps`, "give a whole number, 1 or more");
}

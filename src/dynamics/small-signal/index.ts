/** Small signals about a fixed point: poles, and how the nudge or an input is followed at every frequency. */
import { OhmletError } from "../../errors";
import type { Simulator } from "../simulator";
import { readSmallSignal, type SmallSignalRequest } from "./request";
import type { SmallSignal } from "./small-signal";

export type { Pole } from "../../numerics/hessenberg";
export type { SmallSignalRequest } from "./request";
export type { Response, SmallSignal, SmallSource } from "./small-signal";

/**
 * Linearises a chip about the fixed point near some states, found to rounding by Newton's method. The linear circuit is that
 * of the equations, whatever solver the simulator has.
 * @throws OhmletError DYN-FREQUENCY for engines of float32, maps, more than 1000 states, and where there is no fixed point
 *   near; DYN-UNIT, DYN-SHAPE, DYN-TARGET, OPTION-…, CHIP-STACK
 */
export async function smallSignal(simulator: Simulator, request: SmallSignalRequest): Promise<SmallSignal> {
  const read = readSmallSignal(request);
  if (simulator.engine.info.precision !== "float64")
    throw new OhmletError({
      code: "DYN-FREQUENCY",
      fact: `small signals are exact, and the ${simulator.engine.info.name} engine computes in float32`,
      place: { where: simulator.circuit.name },
      remedy: 'make the simulator with  await createEngine("reference")',
    });
  return simulator.smallSignal(read);
}

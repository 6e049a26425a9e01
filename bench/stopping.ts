/** How a phase finds its fixed point, as options of the simulator. */
import { OhmletError, type PhaseRequest, type SimulatorOptions } from "../src/index";

export interface Stopping {
  readonly order: "synchronous" | "alternate";
  readonly acceleration: "none" | "anderson";
}

/** As the papers settle. */
export const SYNCHRONOUS: Stopping = { order: "synchronous", acceleration: "none" };

/**
 * What to give the simulator and each of its phases.
 * @throws OhmletError BENCH-OPTION for what the simulator does not have
 */
export function withStopping({ order, acceleration }: Stopping): { readonly options: SimulatorOptions; readonly phase: Partial<PhaseRequest> } {
  if (order === "synchronous" && acceleration === "none") return { options: {}, phase: {} };
  throw new OhmletError({ code: "BENCH-OPTION", fact: `the simulator has no order "${order}" with the acceleration "${acceleration}"`, remedy: 'leave out --order and --acceleration: "synchronous" and "none"' });
}

/** How a phase finds its fixed point, where the simulator can be told. */
import { OhmletError } from "../src/index";

export interface Stopping {
  readonly order: "synchronous" | "alternate";
  readonly acceleration: "none" | "anderson";
}

/** @throws OhmletError BENCH-OPTION for what the simulator does not have */
export function checkStopping({ order, acceleration }: Stopping): void {
  if (order === "synchronous" && acceleration === "none") return;
  throw new OhmletError({ code: "BENCH-OPTION", fact: `the simulator has no order "${order}" with the acceleration "${acceleration}"`, remedy: 'leave out --order and --acceleration: "synchronous" and "none"' });
}

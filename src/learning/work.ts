/** What a training runs in the main: `auto` chooses an engine by it. */
import type { Circuit } from "../circuit/chip-types";
import type { EngineWork } from "../engines/engine";

/** Both signs of a nudge settle side by side; clamped inputs are not computed. */
export const workOf = ({ populations }: Circuit, batch: number): EngineWork => ({
  units: Math.max(1, ...populations.map(({ neuron, size }) => (neuron === null ? 0 : size))),
  rows: 2 * batch,
});

/** Rows that change places. */
import { lasting } from "../../program/dataflow";
import type { Arrays, HostExecutable } from "../host-executable";

/**
 * Two rows of a program change places, with all that lasts from step to step.
 * @param previous the watched buffers before the last step
 * @param moved one number a row, which goes with it
 */
export function rowSwap(
  { program, buffers, rowValues }: HostExecutable<Float64Array>,
  previous: Arrays<Float64Array>,
  moved: Float64Array,
): (a: number, b: number) => void {
  const arrays = [
    ...lasting(program).map((name) => ({ values: buffers[name], width: program.buffers[name] })),
    ...Object.entries(previous).map(([name, values]) => ({ values, width: program.buffers[name] })),
    ...[...Object.values(rowValues), moved].map((values) => ({ values, width: 1 })),
  ];
  return (a, b) => {
    for (const { values, width } of arrays) {
      for (let k = 0; k < width; k++) {
        const held = values[a * width + k];
        values[a * width + k] = values[b * width + k];
        values[b * width + k] = held;
      }
    }
  };
}

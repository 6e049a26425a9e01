/** What one unit of logical weight times one unit of output drives into a neuron. */
import { compile } from "../equations/evaluate";
import { CONSTANTS } from "../units/constants";
import type { Neuron } from "./types";

/** The unit drive of a neuron whose parameters have no spread, SI. */
export function nominalUnitDrive({ unitDrive, parameters }: Neuron): number {
  const values = [
    ...Object.values(parameters).map((p) => [p.name, p.value.value] as const),
    ...Object.entries(CONSTANTS).map(([name, { value }]) => [name, value] as const),
  ];
  return compile(
    unitDrive,
    values.map(([name]) => name),
  )(...values.map(([, value]) => value));
}

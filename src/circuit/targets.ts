/** What a cost compares with targets: how many numbers a sample has. */
import type { Circuit } from "./chip-types";

/** Whether outputs are in pairs, whose differences are compared with targets. */
export const isDoubled = ({ spec: { cost } }: Pick<Circuit, "spec">): boolean =>
  cost.kind === "squared-error" && cost.doubled === true;

/** Targets of a sample: classes of a readout, pairs of outputs, or outputs. */
export function targetsOf(circuit: Pick<Circuit, "spec" | "output">): number {
  const { spec, output } = circuit;
  if (spec.cost.kind === "cross-entropy") return spec.cost.classes;
  return isDoubled(circuit) ? output.size / 2 : output.size;
}

/** What a cost compares with targets: how many numbers a sample has. */
import type { Circuit } from "./chip-types";

/** Whether outputs are in pairs, whose differences are compared with targets. */
export const isDoubled = ({ spec: { cost } }: Pick<Circuit, "spec">): boolean =>
  cost.kind === "squared-error" && cost.doubled === true;

/** Target values for a wrong and for the right class. */
export function levelsOf({ spec: { cost } }: Pick<Circuit, "spec">): readonly [low: number, high: number] {
  return (cost.kind === "cross-entropy" ? undefined : cost.levels) ?? [0, 1];
}

/** Targets of a sample of a class, as they are learned. */
export function targetsOfClass(circuit: Pick<Circuit, "spec" | "output">, label: number): Float64Array {
  const [low, high] = levelsOf(circuit);
  const targets = new Float64Array(targetsOf(circuit)).fill(low);
  targets[label] = high;
  return targets;
}

/** Targets of a sample: classes of a readout, pairs of outputs, or outputs. */
export function targetsOf(circuit: Pick<Circuit, "spec" | "output">): number {
  const { spec, output } = circuit;
  if (spec.cost.kind === "cross-entropy") return spec.cost.classes;
  return isDoubled(circuit) ? output.size / 2 : output.size;
}

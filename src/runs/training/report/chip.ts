/** A chip in words, its feedback before it learned, and what it holds. */
import type { Chip, Circuit } from "../../../circuit/chip-types";
import type { Run } from "../../../config";
import { feedbackAngles } from "../../../learning/feedback-angle";
import type { Histogram } from "../../../plot/report-types";
import { describeDimension } from "../../../units/dimension";
import { formatQuantity } from "../../../units/format";
import { inUnit } from "../../../units/parse";
import type { Dimension } from "../../../units/quantity";
import { percent } from "./parts";

/** The angles of the chip as it came from fabrication, before it learned anything. */
export const firstAngles = (circuit: Circuit, seed: number): Readonly<Record<string, number | null>> =>
  circuit.projections.some(({ spec }) => spec.feedback?.kind === "angled")
    ? feedbackAngles(circuit.fabricate({ seed }))
    : {};

/** The default chip by its imperfections, another one by its name. */
export function aboutChip({ config: { circuit } }: Run, name: string): string {
  if (typeof circuit !== "object" || !("topology" in circuit) || circuit.topology !== "nonideal")
    return `A chip of ${name}`;
  const { mismatch = "5 %", angle = 20, temperature = "300 K" } = circuit;
  return (
    `A chip with ${typeof mismatch === "number" ? percent(mismatch) : mismatch} mismatch, feedback at ` +
    `${angle} degrees and thermal noise at ${inUnit(temperature, "K")}`
  );
}

/** Projections of the design, without what wires join. */
const designedIn = ({ circuit }: Chip): Chip["circuit"]["projections"] =>
  circuit.projections.filter(({ couples }) => couples === null);

export function weights(chip: Chip): Histogram[] {
  return designedIn(chip).map((p) => ({
    title: `Weights of ${p.name}`,
    caption: "Effective logical weights: what the circuit sees, mismatch and saturation included.",
    values: [...chip.weights(p.name).weights],
    of: "synapses",
    unit: "unit drives",
  }));
}

/** What the devices store, such as conductances; not where that is the weight itself. */
export function stored(chip: Chip): Histogram[] {
  return designedIn(chip).flatMap((p) => {
    const array = chip.array(p.name);
    if (array.projection !== p) return [];
    return [...array.stored].flatMap(([name, values]): Histogram[] => {
      const { dimension } = p.synapse.stored[name];
      if (dimension.every((exponent) => exponent === 0)) return [];
      const { factor, unit } = readable(values, dimension);
      return [
        {
          title: `${name} of ${p.name}`,
          caption: `What the devices store (${p.synapse.name}).`,
          of: "devices",
          values: Array.from(values, (v) => v * factor),
          unit,
        },
      ];
    });
  });
}

/** A unit in which the largest value is from 1 to 1000, and the factor from SI to it. */
function readable(values: Float64Array, dimension: Dimension): { factor: number; unit: string } {
  const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const power = largest > 0 && Number.isFinite(largest) ? 3 * Math.floor(Math.log10(largest) / 3) : 0;
  const text = formatQuantity({ value: 10 ** power, dimension });
  return text.startsWith("1 ")
    ? { factor: 10 ** -power, unit: text.slice(2) }
    : { factor: 1, unit: describeDimension(dimension) };
}

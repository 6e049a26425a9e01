/** Whether a device reads what a rule wants to know of a circuit. */
import type { Circuit } from "../../circuit/chip-types";
import type { ReadoutDevice } from "../../device/types";
import { timeOf } from "../../dynamics/time-steps/time-step";
import { describeDimension, equalDimensions } from "../../units/dimension";
import type { Dimension } from "../../units/quantity";
import type { Rule } from "../rules";
import { pools } from "../rules/pooled";
import type { End } from "../rules/rule";
import { readoutFault } from "./options";

/** Whether a device reads values of a unit. */
export const fits = ({ dimensions: { x } }: ReadoutDevice, dimension: Dimension): boolean =>
  x === null || equalDimensions(x, dimension);

/**
 * Holds a readout against what a rule reads of a circuit.
 * @throws OhmletError LEARN-READOUT where the device reads in another unit, its time is no time of the circuit, or its
 *   multiplier is to multiply what pools
 */
export function expectReadable(circuit: Circuit, device: ReadoutDevice, rule: Rule): void {
  if (device.product !== null && pools(circuit))
    throw readoutFault(
      "the updates of pooled layers are no products of two ends",
      "leave the multiplier out, or the pooling",
      circuit.name,
    );
  if (device.read === null) return;
  const time = timeOf(circuit);
  const moves = Object.values(device.stored).some(
    ({ leak, noise, events }) => leak !== null || Object.keys(noise).length > 0 || events.step !== undefined,
  );
  if (moves && !equalDimensions(device.dimensions.time, time))
    throw readoutFault(
      `"${device.name}" holds for a time in ${describeDimension(device.dimensions.time)}, and time of this circuit is in ` +
        describeDimension(time),
      `write the device by its equations, with a time constant in ${describeDimension(time)}; or use neurons whose time is in seconds`,
      circuit.name,
    );
  for (const { name, neuron, clamped } of circuit.populations) {
    if (clamped || neuron === null) continue;
    for (const of of readOf(circuit, rule, name)) {
      const dimension = of === "states" ? neuron.dimensions.u : neuron.dimensions.rho;
      if (fits(device, dimension)) continue;
      throw readoutFault(
        `"${device.name}" reads in ${describeDimension(device.dimensions.x ?? dimension)}, and the rule ` +
          `${rule.name} reads ${of} of "${name}", in ${describeDimension(dimension)}`,
        `read by a device in that unit (numbers: unit: "${describeDimension(dimension)}"; or its equations), or choose another rule`,
        circuit.name,
      );
    }
  }
}

/** What a rule reads of a population. */
function readOf(circuit: Circuit, rule: Rule, name: string): ReadonlySet<"states" | "activities"> {
  const factor = rule.factor(circuit) === "dState" ? "states" : "activities";
  if (pools(circuit)) return new Set(["activities", factor]);
  const found = new Set<"states" | "activities">();
  for (const owner of circuit.projections) {
    if (owner.spec.feedback?.kind === "tied") continue;
    const { weights, biases } = rule.products(circuit, owner);
    for (const { pre, post } of [...weights, { pre: "one" as const, post: biases }]) {
      if (owner.from.name === name) shownBy(pre).forEach((of) => found.add(of));
      if (owner.to.name === name) shownBy(post).forEach((of) => found.add(of));
    }
  }
  return found;
}

const shownBy = (end: End): ("states" | "activities")[] =>
  end === "one" ? [] : end.split(" ").map((part) => (/state/i.test(part) ? "states" : "activities"));

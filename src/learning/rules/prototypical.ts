/**
 * Ernoult's rule of the prototypical setting: the contrast of the products of both states, without the slope of
 * the neurons' output (Ernoult et al. 2019, Eq. 73). For maps whose output is their state it is the energy-based
 * rule; where synapses see another function of the state there is no such setting, and it is refused.
 */
import type { Circuit } from "../../circuit/chip-types";
import { internalStates } from "../../circuit/states";
import { OhmletError } from "../../errors";
import { energyBased } from "./energy-based";
import { ruleOf, type Rule } from "./rule";

/** Ernoult's rule for maps whose output is their state. @throws OhmletError LEARN-RULE when it is used elsewhere */
export const prototypical: Rule = ruleOf({
  name: "prototypical",
  contrasts: true,
  factor: energyBased.factor,
  products(circuit, owner) {
    expectMaps(circuit);
    return energyBased.products(circuit, owner);
  },
  throughDrives(chip, samples, estimate) {
    expectMaps(chip.circuit);
    return energyBased.throughDrives(chip, samples, estimate);
  },
});

function expectMaps({ name, populations }: Circuit): void {
  const other = populations.find(
    ({ clamped, neuron }) =>
      !clamped &&
      neuron !== null &&
      !(
        neuron.dynamics.kind === "discrete" &&
        internalStates(neuron).length === 0 &&
        neuron.rho.kind === "symbol" &&
        neuron.rho.name === "u"
      ),
  );
  if (other === undefined) return;
  throw new OhmletError({
    code: "LEARN-RULE",
    fact: `the prototypical rule is of maps whose output is their state, and "${other.name}" is not one`,
    place: { where: name },
    remedy: 'use the rule "vector-field", or "energy-based" where there is an energy',
  });
}

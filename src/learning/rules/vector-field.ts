/**
 * The vector-field rule: the presynaptic activity at the free fixed point times the postsynaptic derivative
 * of the fixed point with respect to beta. Scellier et al. 2018, Eq. 16; with d_beta rho(u), Laborieux and
 * Zenke 2023, Eq. 6. No symmetry is asked of the weights; every direction of a loop is trained by its own
 * product.
 */
import { byOwner, drivesThrough } from "../drives";
import { expectNoAmplifiers } from "../../circuit/amplifiers";
import type { Circuit } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import { ruleOf, type Rule } from "./rule";

/** d_beta u for a cost on the state, d_beta rho(u) for a cost on the activity. */
const factor = (circuit: Circuit): "dState" | "dActivity" =>
  circuit.spec.cost.argument === "state" ? "dState" : "dActivity";

/** Scellier's rule for any vector field. */
export const vectorField: Rule = ruleOf({
  name: "vector-field",
  contrasts: false,
  factor,
  products(circuit, owner) {
    expectNoAmplifiers(circuit, "the vector-field rule", 'use the rule "energy-based"');
    const derivative = factor(circuit);
    // A tied projection runs the other way: its postsynaptic end is the presynaptic one of the array.
    const tied = circuit.projections.filter((p) => p !== owner && ownerOf(p) === owner.name);
    // A conductance also takes from the unit that it drives, by the unit's own state.
    const loads = owner.synapse.loads;
    return {
      weights: [
        { pre: "free", post: derivative },
        ...(loads ? [{ pre: "one", post: `state ${derivative}` } as const] : []),
        ...tied.flatMap(() => [
          { pre: derivative, post: "free" } as const,
          ...(loads ? [{ pre: `state ${derivative}`, post: "one" } as const] : []),
        ]),
      ],
      biases: derivative,
    };
  },
  throughDrives(chip, samples, { free, ...estimate }) {
    const activities = Object.entries(free.activities).map(([name, { re }]) => [name, re]);
    const drives = drivesThrough(chip, samples);
    return byOwner(
      chip.circuit,
      drives.byWeight(Object.fromEntries(activities), estimate[factor(chip.circuit)]),
    );
  },
});

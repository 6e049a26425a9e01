/**
 * The energy-based rule: the derivative with respect to beta of the product of both activities, as the
 * contrast of the phases: (rho_pre rho_post at one nudge - the same at the other) / their distance (Scellier
 * and Bengio 2017; Ernoult et al. 2019). The two directions of a tied pair share one array, and the product
 * already has the share of each (Laborieux and Zenke 2023, appendix B), so it is counted once.
 *
 * The contrast is computed as what it equals, whole differences instead of a difference of products, which
 * loses no digits: a'b' - ab = (a' + a)/2 (b' - b) + (a' - a) (b' + b)/2. Complex estimators have no two real
 * phases; for them the middle is the free point, and this is the product rule.
 */
import { energyContrast } from "./pooled";
import { ruleOf, type Rule, type Term } from "./rule";

/**
 * Of a conductance the contrast of half the square of the voltage across it, less its sign, which is what it
 * dissipates (Kendall et al. 2020, Eq. 9): (p - q)(dq - dp), with what the ends show between the phases and its
 * derivative. One end of it is what its neuron shows, the other the state that it loads.
 */
const dissipated = (clamped: boolean): readonly Term[] => [
  { pre: "midpoint", post: "dState" },
  { pre: "one", post: "midState dState" },
  ...(clamped
    ? []
    : ([
        { pre: "dActivity", post: "midState" },
        { pre: "midpoint dActivity", post: "one" },
      ] as const)),
];

const forward: Term = { pre: "midpoint", post: "dActivity" };
const backward: Term = { pre: "dActivity", post: "midpoint" };

/** Ernoult's and Scellier's contrast of phases, for circuits with tied weights. */
export const energyBased: Rule = ruleOf({
  name: "energy-based",
  contrasts: true,
  factor: () => "dActivity",
  // A clamped end is the same in all phases; of units that end at themselves, both ends are one.
  products: (_, { from, to, synapse }) => ({
    weights: synapse.loads
      ? dissipated(from.clamped)
      : from.clamped || from === to
        ? [forward]
        : [forward, backward],
    biases: "dActivity",
  }),
  throughDrives: energyContrast,
});

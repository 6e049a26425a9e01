/** A conductance between two nodes: it drives one, and loads it. */
import { check, optionsOf, type SynapseSpec } from "../../src/index";

/** Name of the resistor. */
export interface ResistorOptions {
  readonly name?: string;
}

const readOptions = optionsOf<ResistorOptions>("resistor", { takes: { name: check.text } });

/**
 * A resistor that stores its conductance: I = g (rho_pre - u_post), never below 0. Between nodes that show their
 * voltage it is one in both directions where feedback is tied.
 * @throws OhmletError OPTION-…
 */
export function resistor(options: ResistorOptions = {}): SynapseSpec {
  const { name = "resistor" } = readOptions(options);
  return {
    kind: "synapse",
    name,
    summary: "A conductance between two nodes, which loads the node that it drives.",
    source: "Ohm's law; Kendall et al. 2020, Sec. 3",
    equations: "I = g*(rho_pre - u_post) : A\ng <- max(g + dw, 0) : S",
  };
}

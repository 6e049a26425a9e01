/**
 * What the wires of a crossbar join between nodes. Where rows are driven and columns end in virtual grounds, the circuit
 * sees a weight less; where both ends are nodes, one node pulls at another through the wires that they share. So
 * the array is a network of its ports: its devices from rows to columns, less what wires take, and conductances from
 * column to column and from row to row, which are projections of their own. Nothing is stored there, and nothing learns.
 */
import { readSynapse } from "../../device/synapse";
import type { SynapseSpec } from "../../device/types";
import type { Couples, Population, Projection } from "../chip-types";

const SPEC: SynapseSpec = {
  kind: "synapse",
  name: "wires",
  summary: "What wires of an array conduct between two of its ports.",
  equations: "I = g*(rho_pre - u_post) : A",
  parameters: { g: "0 S" },
};

/** What the wires of a projection's array join; nothing where no node feels it: where they do not resist, and at sources. */
export function couplingsOf({ name, from, to, wires, synapse }: Projection): Projection[] {
  if (wires === null || !synapse.loads) return [];
  const between = (side: Couples["side"], population: Population): Projection => ({
    name: `${name}.${side}`,
    from: population,
    to: population,
    synapse: readSynapse(SPEC),
    spec: {
      name: `${name}.${side}`,
      from: population.name,
      to: population.name,
      synapse: SPEC,
      initial: { distribution: "zero" },
    },
    bias: false,
    wiring: null,
    array: { pre: population.size, post: population.size },
    wires: null,
    couples: { owner: name, side },
  });
  return [...(from.clamped ? [] : [between("rows", from)]), between("columns", to)];
}

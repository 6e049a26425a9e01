/** States that something arrives at: the others are noise of the neurons' own, and nothing has to settle there. */
import { symbolsOf } from "../../equations/expression";
import type { Layout, PlannedPopulation } from "./layout";

/** The states of a layout that currents or nudges reach, through other states if need be. */
export function heardIn({ populations }: Layout): ReadonlySet<PlannedPopulation> {
  const heard = new Set(populations.filter(({ state }) => state.name === "u"));
  // No way from state to state is longer than there are states.
  for (let turn = 0; turn < populations.length; turn++)
    for (const p of populations) {
      const named = symbolsOf(p.field.rate);
      const reached =
        named.has("I") ||
        named.has("I_nudge") ||
        Object.entries(p.beside).some(([name, k]) => named.has(name) && heard.has(populations[k]));
      if (reached) heard.add(p);
    }
  return heard;
}

/** A conductance between two nodes: it drives one, and loads it. */
import { check, optionsOf, type SynapseSpec } from "../../src/index";
import { siUnit, type Value } from "../si-unit";

/** What a resistor can be. */
export interface ResistorOptions {
  readonly name?: string;
  /** Least and largest conductance, with units or in siemens. Default: 0 and no largest. */
  readonly range?: readonly [least: Value, largest: Value];
  /** Spread of its conductance from device to device: "5 %". Default 0. */
  readonly mismatch?: number | string;
  /** Conductances that it can take within its range, 2 at least. Default null: any. */
  readonly levels?: number | null;
}

const readOptions = optionsOf<ResistorOptions>("resistor", {
  takes: {
    name: check.text,
    range: check.anything,
    mismatch: check.anything,
    levels: check.either(check.whole(2), check.nothing),
  },
});

/**
 * A resistor that stores its conductance: I = g (rho_pre - u_post), kept within its range. Between nodes that show
 * their voltage it is one in both directions where feedback is tied. With levels it is the nearest of these to what
 * is stored.
 * @throws OhmletError OPTION-…, UNIT-…
 */
export function resistor(options: ResistorOptions = {}): SynapseSpec {
  const { name = "resistor", range, mismatch, levels = null } = readOptions(options);
  const ranged = range !== undefined || levels !== null;
  const [least, largest] = range ?? ["0 S", "1 mS"];
  const step = "(g_max - g_min)/(levels - 1)";
  const own = levels === null ? "g" : "nearest";
  return {
    kind: "synapse",
    name,
    summary: "A conductance between two nodes, which loads the node that it drives.",
    source: "Ohm's law; Kendall et al. 2020, Sec. 3",
    equations: [
      `I = ${mismatch === undefined ? own : `k*${own}`}*(rho_pre - u_post) : A`,
      ...(levels === null ? [] : [`nearest = g_min + ${step}*round((g - g_min)/(${step}))`]),
      `g <- ${ranged ? "clip(g + dw, g_min, g_max)" : "max(g + dw, 0)"} : S`,
      ...(ranged ? ["0 <= g_min < g_max"] : []),
    ].join("\n"),
    ...((ranged || mismatch !== undefined) && {
      parameters: {
        ...(ranged && { g_min: siUnit(least, "S"), g_max: siUnit(largest, "S") }),
        ...(mismatch !== undefined && { k: { value: 1, mismatch } }),
        ...(levels !== null && { levels }),
      },
    }),
    ...(ranged && { initial: { g: "g_min" } }),
  };
}

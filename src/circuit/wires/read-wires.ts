/** The wires of a projection's array: read from plain data, and refused where its devices are no crossbar. */
import { OhmletError, type Place } from "../../errors";
import type { Synapse } from "../../device/types";
import { check, optionsOf } from "../../options";
import { parseIn } from "../../units/parse";
import type { Dimension } from "../../units/quantity";
import type { CircuitSpec, ProjectionSpec, WiresSpec } from "../types";
import { columnsOf } from "./columns";
import type { Segments } from "./line-solves";

/** Wires that were read; ohms. */
export interface Wires extends Segments {
  readonly solve: NonNullable<WiresSpec["solve"]>;
}

const OHM: Dimension = [1, 2, -3, -2, 0];

const readOptions = optionsOf<WiresSpec>("wires", {
  takes: {
    row: check.quantity,
    column: check.quantity,
    solve: check.oneOf("exact", "ladders", "first-order"),
  },
});

/**
 * The wires of a projection; null where it has none.
 * @throws OhmletError CIRCUIT-WIRES, UNIT-…, OPTION-…
 */
export function wiresOf(
  spec: ProjectionSpec,
  circuit: Pick<CircuitSpec, "wires">,
  { synapse, wired }: { readonly synapse: Synapse; readonly wired: boolean },
  place: Place,
): Wires | null {
  const given = spec.wires ?? (spec.feedback?.kind === "tied" ? undefined : circuit.wires);
  if (given === undefined) return null;
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "CIRCUIT-WIRES", fact, place, remedy });
  };
  const { row = 0, column = 0, solve = "exact" } = readOptions(given);
  const ohms = (name: string, text: number | string): number => {
    const value = parseIn(text, OHM, `${place.where}, wires, ${name}`);
    if (value >= 0 && value < Infinity) return value;
    return fail(`a ${name} wire of ${value} ohm is none`, "give a resistance of 0 ohm or more for each cell");
  };
  const wires: Wires = { row: ohms("row", row), column: ohms("column", column), solve };
  if (wires.row === 0 && wires.column === 0) return null;
  if (spec.feedback?.kind === "tied")
    fail("tied feedback reads the array of its forward projection, wires and all", "give the wires there");
  if (wired) fail("its devices are wired, and stand in no crossbar", "leave its wires out");
  if (synapse.loads && solve === "ladders")
    fail(
      "ladders hold columns at 0 V, and here they end in nodes",
      "write  solve: exact,  or  solve: first-order",
    );
  if (columnsOf(synapse) === null)
    fail(
      `"${synapse.name}" has no conductance that wires lead to`,
      "use a device such as crossbar: a current of G*V_read*rho_pre, with V_read in volts",
    );
  return wires;
}

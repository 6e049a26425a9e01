/** What cells take that are no conductances: those that drive a current from a supply, and those that hold a charge. */
import type { Chip, Projection } from "../circuit/chip-types";
import { currentsOf } from "../circuit/wires/columns";
import { vectorize, type Column } from "../equations/vectorize";
import { CONSTANTS } from "../units/constants";
import { equalDimensions } from "../units/dimension";
import type { Dimension } from "../units/quantity";

const [VOLT, COULOMB, FARAD]: Dimension[] = [
  [1, 2, -3, -1, 0],
  [0, 0, 1, 1, 0],
  [-1, -2, 4, 2, 0],
];

/**
 * Amperes that each weight draws at an output of 1, both cells of a pair together; null where it is no current.
 * [rows, columns] of its array
 */
export function currentsIn(chip: Chip, { name, synapse, wiring }: Projection): Float64Array | null {
  const terms = wiring === null ? currentsOf(synapse) : null;
  if (terms === null) return null;
  const { stored, parameters, rows, columns } = chip.array(name);
  const known: Readonly<Record<string, Column>> = {
    ...Object.fromEntries(stored),
    ...parameters,
    ...Object.fromEntries(Object.entries(CONSTANTS).map(([constant, { value }]) => [constant, value])),
  };
  const drawn = new Float64Array(rows * columns);
  for (const term of [terms.plus, terms.minus]) {
    if (term === null) continue;
    const one = vectorize(term, Object.keys(known))(new Float64Array(drawn.length), Object.values(known));
    for (let k = 0; k < one.length; k++) drawn[k] += Math.abs(one[k]);
  }
  return drawn;
}

/** How many charges a device holds: states in volts or coulombs. */
const chargesIn = ({ stored }: Projection["synapse"]): number =>
  Object.values(stored).filter(({ dimension }) =>
    [VOLT, COULOMB].some((one) => equalDimensions(dimension, one)),
  ).length;

/**
 * Capacitance that a write of a weight has to charge, mean of an array, both cells of a pair together: of states in
 * volts or coulombs, where one parameter is a capacitance. Null where a device holds no charge, or it is not plain
 * which capacitance does.
 */
export function writtenCapacitance(chip: Chip, { name, synapse }: Projection): number | null {
  const held = chargesIn(synapse);
  const { parameters } = chip.array(name);
  const found = Object.values(synapse.parameters).filter(({ value }) =>
    equalDimensions(value.dimension, FARAD),
  );
  // The cells of a pair have one between them, or each its own where it differs from device to device.
  if (held === 0 || (found.length !== 1 && found.length !== held)) return null;
  const mean = (column: Column): number =>
    typeof column === "number" ? column : column.reduce((sum, C) => sum + C, 0) / column.length;
  const capacitances = found.map((parameter) => mean(parameters[parameter.name]));
  return (held / found.length) * capacitances.reduce((sum, C) => sum + C, 0);
}

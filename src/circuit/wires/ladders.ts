/**
 * Quick answers to what the ports of a crossbar with resistive wires conduct, in one pass over its cells; the
 * geometry is that of line-solves.ts.
 *
 * By ladders: of the row that is driven and of all columns every segment counts, at any resistance; the other
 * rows, through which a little comes back, are taken to be at 0 V along their whole length. So it is exact where
 * only rows or only columns resist, and off by about the product of what both lose where both do. First order:
 * the voltages that are lost on the way, by sums, for wires that lose a percent or so.
 */
import type { Segments } from "./line-solves";

/** Current into column j for 1 V on row i, S, [rows, columns]. */
export function ladderConductances(
  cells: Float64Array,
  rows: number,
  columns: number,
  { row, column }: Segments,
): Float64Array {
  // At each cell: what its column resists to ground, and the share of a current there that leaves by the port.
  const [resists, leaves] = [new Float64Array(cells.length), new Float64Array(cells.length)];
  for (let j = 0; j < columns; j++) {
    let [below, passed] = [column, 1];
    for (let i = rows - 1; i >= 0; i--) {
      const k = i * columns + j;
      [resists[k], leaves[k]] = [below, passed];
      passed /= 1 + cells[k] * below;
      below = column + below / (1 + cells[k] * below);
    }
    for (let i = 0, above = 0; i < rows; i++) {
      const k = i * columns + j;
      leaves[k] /= 1 + above * resists[k];
      resists[k] /= 1 + above * resists[k];
      above += cells[k];
      above /= 1 + column * above;
    }
  }
  const out = new Float64Array(cells.length);
  for (let i = 0; i < rows; i++) {
    let seen = 0;
    // The load at each cell, then how the voltage falls towards it.
    for (let k = (i + 1) * columns - 1; k >= i * columns; k--) {
      const load = cells[k] / (1 + cells[k] * resists[k]);
      seen += load;
      out[k] = load * leaves[k];
      resists[k] = 1 / (1 + row * seen);
      seen *= resists[k];
    }
    for (let k = i * columns, volts = 1; k < (i + 1) * columns; k++) {
      volts *= resists[k];
      out[k] *= volts;
    }
  }
  return out;
}

/**
 * The same to first order in the resistances, by prefix sums: G_ij (1 - r_row sum_k min(j, k) G_ik - r_column sum_m c_im G_mj),
 * where min(j, k) and c_im count the segments that two cells share on their way to the port.
 */
export function firstOrderConductances(
  cells: Float64Array,
  rows: number,
  columns: number,
  { row, column }: Segments,
): Float64Array {
  const lost = new Float64Array(cells.length);
  for (let i = 0; i < rows; i++)
    addShared(lost, cells, { first: i * columns, step: 1, length: columns, ohms: row });
  for (let j = 0; j < columns; j++)
    addShared(lost, cells, { first: (rows - 1) * columns + j, step: -columns, length: rows, ohms: column });
  return cells.map((g, k) => g * (1 - lost[k]));
}

/** Adds, along a line from its port on, ohms times the sum over its cells of conductance times shared segments. */
function addShared(
  lost: Float64Array,
  cells: Float64Array,
  { first, step, length, ohms }: { first: number; step: number; length: number; ohms: number },
): void {
  let beyond = 0;
  for (let n = 0, k = first; n < length; n++, k += step) beyond += cells[k];
  for (let n = 0, k = first, shared = 0; n < length; n++, k += step) {
    // One segment more is shared with this cell and all beyond it.
    shared += ohms * beyond;
    lost[k] += shared;
    beyond -= cells[k];
  }
}

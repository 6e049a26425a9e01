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

/**
 * From column to column, S, to first order: two cells of a row pass on to each other what their row loses on the segments
 * that they share. 0 from a column to itself.
 * @param ohms of a segment of a row
 */
export function firstOrderBetweenColumns(
  cells: Float64Array,
  rows: number,
  columns: number,
  ohms: number,
): Float64Array {
  const between = new Float64Array(columns * columns);
  if (ohms === 0) return between;
  // Column by column: of two, sums over rows stay in registers.
  const own = new Float64Array(cells.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) own[j * rows + i] = cells[i * columns + j];
  for (let j = 0; j < columns; j++)
    for (let k = j + 1; k < columns; k++) {
      let [even, odd] = [0, 0];
      const [a, b] = [j * rows, k * rows];
      for (let i = 0; i < rows - 1; i += 2) {
        even += own[a + i] * own[b + i];
        odd += own[a + i + 1] * own[b + i + 1];
      }
      if (rows % 2 === 1) even += own[a + rows - 1] * own[b + rows - 1];
      between[j * columns + k] = between[k * columns + j] = ohms * (j + 1) * (even + odd);
    }
  return between;
}

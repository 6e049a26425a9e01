/**
 * What the ports of a crossbar with resistive wires conduct. A row wire is driven at its beginning and runs
 * past the columns in turn; a column wire begins at row 0 and is held at 0 V after the last row. Before each
 * cell of a row, and after each cell of a column, lies one segment of wire.
 *
 * Exact: row wires and column wires are two sets of ladders, joined by the devices alone. Each set is solved
 * exactly with the other held, in turn (block Gauss-Seidel); a ladder is solved from its far end as a chain
 * of Norton equivalents, in which nothing is subtracted, so that segments of 0 ohm and of micro-ohms lose no
 * digits. Quicker answers are in ladders.ts.
 */

/** Ohms of one segment of a row wire and of a column wire. */
export interface Segments {
  readonly row: number;
  readonly column: number;
}

/** A change that is no more than rounding. */
const ROUNDING = 2 ** -51;

/** Which side is driven: reciprocity makes them the same. */
export type Driven = "rows" | "columns";

export interface SolveOptions {
  /** Error that is left, as a share of the largest current. Default 1e-14. */
  readonly tolerance?: number;
  /** Sweeps after which it gives up. Default 2,000. */
  readonly most?: number;
  /** Default: the side with fewer lines, each of which takes a solve. */
  readonly drive?: Driven;
}

/**
 * Current into column j for 1 V on row i and 0 V on all others, S, [rows, columns].
 * @param cells conductances of the devices, S, [rows, columns], 0 or more
 * @returns null where the sweeps do not suffice: wires that resist much more than devices
 */
export function effectiveConductances(
  cells: Float64Array,
  rows: number,
  columns: number,
  { row, column }: Segments,
  { drive = columns < rows ? "columns" : "rows", ...options }: SolveOptions = {},
): Float64Array | null {
  if (row === 0 && column === 0) return cells.slice();
  if (drive === "rows") return new Ladders(cells, rows, columns, row, column).solve(options)?.out ?? null;
  // Columns as rows, from their other ends.
  const found = new Ladders(turned(cells, rows, columns), columns, rows, column, row).solve(options);
  return found && turned(found.out, columns, rows);
}

/** Between which ports of one side currents are asked for, beside those from rows to columns. */
export interface Sides {
  readonly rows: boolean;
  readonly columns: boolean;
}

/** What ports of an array conduct, S: a symmetric network without ground, of which the devices are a part. */
export interface PortConductances {
  /** From row i to column j, [rows, columns]. */
  readonly through: Float64Array;
  /** From row to row, and from column to column, 0 from one to itself; null where nobody asked. */
  readonly rows: Float64Array | null;
  readonly columns: Float64Array | null;
}

/**
 * The same where ports are nodes that no amplifier holds at 0 V: currents between ports of one side count, too.
 * @returns null where the sweeps do not suffice
 */
export function portConductances(
  cells: Float64Array,
  rows: number,
  columns: number,
  { row, column }: Segments,
  sides: Sides,
  options: SolveOptions = {},
): PortConductances | null {
  const byColumns = (): Ports | null => {
    const found = new Ladders(turned(cells, rows, columns), columns, rows, column, row).solve(options, true);
    return found && { out: turned(found.out, columns, rows), beside: turned(found.beside, columns, columns) };
  };
  const byRows = (): Ports | null => new Ladders(cells, rows, columns, row, column).solve(options, true);
  const besideRows = sides.rows ? byRows() : null;
  const besideColumns = sides.columns ? byColumns() : null;
  const any = besideColumns ?? besideRows;
  if (any === null || (sides.rows && besideRows === null) || (sides.columns && besideColumns === null))
    return null;
  return { through: any.out, rows: besideRows?.beside ?? null, columns: besideColumns?.beside ?? null };
}

/** The array seen from its columns: transposed, both orders reversed. */
export function turned(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      out[(columns - 1 - j) * rows + (rows - 1 - i)] = values[i * columns + j];
  return out;
}

/** Currents for 1 V on each row: out of the columns, and out of the other rows. */
interface Ports {
  readonly out: Float64Array;
  readonly beside: Float64Array;
}

class Ladders {
  /** By cell: share of a Norton current that goes on to the next cell towards the port. */
  private readonly rowPass: Float64Array;
  private readonly columnPass: Float64Array;
  private readonly x: Float64Array;
  private readonly c: Float64Array;

  constructor(
    private readonly cells: Float64Array,
    private readonly rows: number,
    private readonly columns: number,
    private readonly row: number,
    private readonly column: number,
  ) {
    const { length } = cells;
    [this.rowPass, this.columnPass, this.x, this.c] = Array.from(
      { length: 4 },
      () => new Float64Array(length),
    );
    for (let i = 0; i < rows; i++)
      for (let j = columns - 1, seen = 0; j >= 0; j--) {
        const k = i * columns + j;
        seen += cells[k];
        this.rowPass[k] = 1 / (1 + row * seen);
        seen *= this.rowPass[k];
      }
    for (let j = 0; j < columns; j++)
      for (let i = 0, seen = 0; i < rows; i++) {
        const k = i * columns + j;
        seen += cells[k];
        this.columnPass[k] = 1 / (1 + column * seen);
        seen *= this.columnPass[k];
      }
  }

  /** @param beside whether currents out of the other rows are asked for */
  solve({ tolerance = 1e-14, most = 2000 }: SolveOptions, beside = false): Ports | null {
    const { rows, columns } = this;
    const out = new Float64Array(this.cells.length);
    const others = new Float64Array(beside ? rows * rows : 0);
    for (let driven = 0; driven < rows; driven++) {
      const into = out.subarray(driven * columns, (driven + 1) * columns);
      if (!this.drive(driven, into, tolerance, most)) return null;
      if (beside) this.besides(driven, others.subarray(driven * rows, (driven + 1) * rows));
    }
    return { out, beside: others };
  }

  /** Currents that come back out of the rows that are held at 0 V. */
  private besides(driven: number, into: Float64Array): void {
    const { cells, x, c, rows, columns } = this;
    for (let i = 0; i < rows; i++) {
      let current = 0;
      for (let k = i * columns; k < (i + 1) * columns; k++) current += cells[k] * (c[k] - x[k]);
      into[i] = i === driven ? 0 : current;
    }
  }

  /** Currents out of all columns for 1 V on one row. @returns whether they settled */
  private drive(driven: number, into: Float64Array, tolerance: number, most: number): boolean {
    this.c.fill(0);
    let last = Infinity;
    for (let sweep = 0; sweep < most; sweep++) {
      this.solveRows(driven);
      this.solveColumns();
      const change = this.currents(into);
      if (change <= ROUNDING) return true;
      // What is still missing of a geometric series, not what was added last.
      const ratio = Math.min(change / last, 1);
      if (sweep > 0 && change * ratio <= tolerance * (1 - ratio)) return true;
      last = change;
    }
    return false;
  }

  /** Voltages of the row wires, for those of the columns. */
  private solveRows(driven: number): void {
    const { cells, rowPass, x, c, rows, columns, row } = this;
    for (let i = 0; i < rows; i++) {
      const first = i * columns;
      for (let k = first + columns - 1, current = 0; k >= first; k--) {
        current += cells[k] * c[k];
        x[k] = current;
        current *= rowPass[k];
      }
      for (let k = first, volts = i === driven ? 1 : 0; k < first + columns; k++) {
        volts = (volts + row * x[k]) * rowPass[k];
        x[k] = volts;
      }
    }
  }

  /** Voltages of the column wires, for those of the rows; the last row holds currents until `currents`. */
  private solveColumns(): void {
    const { cells, columnPass, x, c, columns } = this;
    for (let k = 0; k < columns; k++) c[k] = cells[k] * x[k];
    for (let k = columns; k < c.length; k++)
      c[k] = cells[k] * x[k] + c[k - columns] * columnPass[k - columns];
  }

  /** Takes the currents out of the columns, and brings their voltages back along them. @returns relative change */
  private currents(into: Float64Array): number {
    const { columnPass, c, columns, column } = this;
    const last = c.length - columns;
    let [change, largest] = [0, 0];
    for (let j = 0; j < columns; j++) {
      const current = c[last + j] * columnPass[last + j];
      change = Math.max(change, Math.abs(current - into[j]));
      largest = Math.max(largest, current);
      into[j] = current;
      c[last + j] = column * current;
    }
    for (let k = last - 1; k >= 0; k--) c[k] = (c[k + columns] + column * c[k]) * columnPass[k];
    return largest === 0 ? 0 : change / largest;
  }
}

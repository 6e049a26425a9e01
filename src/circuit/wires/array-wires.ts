/**
 * An array of conductances whose wires resist: what the circuit sees of each weight. Rows are the presynaptic
 * lines, the line of biases the last of them; each column belongs to a postsynaptic unit. Of a pair of devices
 * each has a column of its own, beside that of the other, on one row wire. Rows are driven at their beginning,
 * columns end in virtual grounds after the last row, and both directions of tied feedback use these ends.
 */
import { OhmletError } from "../../errors";
import type { Synapse } from "../../device/types";
import type { Column } from "../../equations/vectorize";
import { Conductances } from "./conductances";
import { firstOrderBetweenColumns, firstOrderConductances, ladderConductances } from "./ladders";
import {
  effectiveConductances,
  portConductances,
  turned,
  type PortConductances,
  type Sides,
} from "./line-solves";
import type { Wires } from "./read-wires";

/** Error that a chip's conductances may have: far below what float32 tells of them. */
const ENOUGH = 1e-10;

/** What is seen of an array, SI, [rows, columns]. */
export interface Seen {
  readonly weights: Float64Array;
  /** Share of each conductance, or pair of them, that is left. */
  readonly left: Float64Array;
  /** Between ports of one side, where they are nodes; S. */
  readonly rows: Float64Array | null;
  readonly columns: Float64Array | null;
}

export class ArrayWires {
  private readonly conductances: Conductances;
  /** What was seen last, and of which conductances: a chip changes more often than each of its arrays. */
  private last: { readonly cells: Float64Array; readonly seen: Seen } | null = null;

  constructor(
    private readonly name: string,
    synapse: Synapse,
    private readonly wires: Wires,
    private readonly rows: number,
    private readonly columns: number,
    /** Sides whose ports are nodes; null where rows are driven and columns end in virtual grounds. */
    private readonly sides: Sides | null = null,
  ) {
    this.conductances = Conductances.of(synapse) as Conductances;
  }

  /**
   * @param held what devices hold, parameters, constants
   * @throws OhmletError CHIP-WIRES for conductances below 0, and where no solution is found
   */
  see(held: readonly Column[]): Seen {
    const { rows, columns, conductances } = this;
    const { each } = conductances;
    const cells = conductances.read(held, rows * columns);
    const { last } = this;
    if (last?.cells.every((conductance, k) => conductance === cells[k])) return last.seen;
    const backwards = cells.findIndex((conductance) => !(conductance >= 0));
    if (backwards >= 0)
      this.fail(
        `device ${backwards} has a conductance of ${cells[backwards]} S, and wires are between devices that conduct`,
        "use pairs of devices, of which one is subtracted: crossbar",
      );
    const { through: seen, ...between } =
      this.sides === null
        ? { through: this.solve(cells, each * columns), rows: null, columns: null }
        : this.solvePorts(cells, this.sides);
    const lost = seen.findIndex((conductance) => !(conductance >= 0));
    if (lost >= 0)
      this.fail(
        `its wires, ${this.wires.row} ohm and ${this.wires.column} ohm a cell, take more of device ${lost} than a sum to first order can tell`,
        "write  solve: exact,  or give wires of less resistance",
      );
    const [weights, left] = [new Float64Array(rows * columns), new Float64Array(rows * columns)];
    for (let k = 0; k < weights.length; k++) {
      const [plus, minus] = each === 1 ? [seen[k], 0] : [seen[2 * k], seen[2 * k + 1]];
      const own = each === 1 ? cells[k] : cells[2 * k] + cells[2 * k + 1];
      weights[k] = (plus - minus) * conductances.volts(held, k);
      left[k] = own === 0 ? 1 : (plus + minus) / own;
    }
    this.last = { cells, seen: { weights, left, ...between } };
    return this.last.seen;
  }

  private solvePorts(cells: Float64Array, sides: Sides): PortConductances {
    const { rows, columns, wires } = this;
    if (wires.solve === "exact")
      return (
        portConductances(cells, rows, columns, wires, sides, { tolerance: ENOUGH }) ?? this.failToSolve()
      );
    const turnedCells = sides.rows ? turned(cells, rows, columns) : cells;
    return {
      through: firstOrderConductances(cells, rows, columns, wires),
      rows: sides.rows
        ? turned(firstOrderBetweenColumns(turnedCells, columns, rows, wires.column), rows, rows)
        : null,
      columns: firstOrderBetweenColumns(cells, rows, columns, wires.row),
    };
  }

  private solve(cells: Float64Array, columns: number): Float64Array {
    const { rows, wires } = this;
    if (wires.solve === "first-order") return firstOrderConductances(cells, rows, columns, wires);
    if (wires.solve === "ladders") return ladderConductances(cells, rows, columns, wires);
    return effectiveConductances(cells, rows, columns, wires, { tolerance: ENOUGH }) ?? this.failToSolve();
  }

  private failToSolve(): never {
    const { row, column } = this.wires;
    this.fail(
      `its wires, ${row} ohm and ${column} ohm a cell, resist much more than its devices: no solution was found`,
      "give wires of less resistance, devices of less conductance, or a smaller array",
    );
  }

  private fail(fact: string, remedy: string): never {
    throw new OhmletError({ code: "CHIP-WIRES", fact, place: { where: this.name }, remedy, category: "run" });
  }
}

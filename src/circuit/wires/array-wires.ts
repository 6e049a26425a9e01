/**
 * An array of conductances whose wires resist: what the circuit sees of each weight. Rows are the presynaptic
 * lines, the line of biases the last of them; each column belongs to a postsynaptic unit. Of a pair of devices
 * each has a column of its own, beside that of the other, on one row wire. Rows are driven at their beginning,
 * columns end in virtual grounds after the last row, and both directions of tied feedback use these ends.
 */
import { OhmletError } from "../../errors";
import type { Synapse } from "../../device/types";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import type { Over } from "../event-loops";
import { columnsOf, type Columns } from "./columns";
import { effectiveConductances, firstOrderConductances } from "./line-solves";
import type { Wires } from "./read-wires";

/** What is seen of an array, SI, [rows, columns]. */
export interface Seen {
  readonly weights: Float64Array;
  /** Share of each conductance, or pair of them, that is left. */
  readonly left: Float64Array;
}

export class ArrayWires {
  private readonly plus: Over;
  private readonly minus: Over | null;
  private readonly voltage: number;

  constructor(
    private readonly name: string,
    synapse: Synapse,
    private readonly wires: Wires,
    private readonly rows: number,
    private readonly columns: number,
  ) {
    const { plus, minus, volts } = columnsOf(synapse) as Columns;
    const names = [
      ...Object.keys(synapse.stored),
      ...Object.keys(synapse.parameters),
      ...Object.keys(CONSTANTS),
    ];
    this.plus = vectorize(plus, names);
    this.minus = minus && vectorize(minus, names);
    this.voltage = volts === null ? -1 : names.indexOf(volts);
  }

  /**
   * @param held what devices hold, parameters, constants
   * @throws OhmletError CHIP-WIRES for conductances below 0, and where no solution is found
   */
  see(held: readonly Column[]): Seen {
    const { rows, columns } = this;
    const each = this.minus === null ? 1 : 2;
    const cells = new Float64Array(rows * columns * each);
    const volts = this.voltage < 0 ? 1 : held[this.voltage];
    const at = (k: number): number => (typeof volts === "number" ? volts : volts[k]);
    const term = new Float64Array(rows * columns);
    for (const [side, over] of [this.plus, this.minus].entries()) {
      if (over === null) continue;
      over(term, held);
      for (let k = 0; k < term.length; k++) cells[each * k + side] = this.checked(term[k] / at(k), k);
    }
    const seen = this.solve(cells, each * columns);
    const [weights, left] = [new Float64Array(term.length), new Float64Array(term.length)];
    for (let k = 0; k < term.length; k++) {
      const [plus, minus] = each === 1 ? [seen[k], 0] : [seen[2 * k], seen[2 * k + 1]];
      const own = each === 1 ? cells[k] : cells[2 * k] + cells[2 * k + 1];
      weights[k] = (plus - minus) * at(k);
      left[k] = own === 0 ? 1 : (plus + minus) / own;
    }
    return { weights, left };
  }

  private solve(cells: Float64Array, columns: number): Float64Array {
    const { rows, wires } = this;
    if (wires.solve === "first-order") return firstOrderConductances(cells, rows, columns, wires);
    return (
      effectiveConductances(cells, rows, columns, wires) ??
      this.fail(
        `its wires, ${wires.row} ohm and ${wires.column} ohm a cell, resist much more than its devices: no solution was found`,
        "give wires of less resistance, devices of less conductance, or a smaller array",
      )
    );
  }

  private checked(conductance: number, k: number): number {
    if (conductance >= 0) return conductance;
    return this.fail(
      `device ${k} has a conductance of ${conductance} S, and wires are between devices that conduct`,
      "use pairs of devices, of which one is subtracted: crossbar",
    );
  }

  private fail(fact: string, remedy: string): never {
    throw new OhmletError({ code: "CHIP-WIRES", fact, place: { where: this.name }, remedy, category: "run" });
  }
}

/** The conductances of an array of devices, as numbers: those of a pair beside each other. */
import type { Synapse } from "../../device/types";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import type { Over } from "../event-loops";
import { columnsOf } from "./columns";

export class Conductances {
  /** Terms of a weight that are added, and those that are subtracted, where there are any. */
  private readonly sides: readonly Over[];
  private readonly voltage: number;

  /** Null for a synapse that has none. */
  static of(synapse: Synapse): Conductances | null {
    const columns = columnsOf(synapse);
    if (columns === null) return null;
    const names = [
      ...Object.keys(synapse.stored),
      ...Object.keys(synapse.parameters),
      ...Object.keys(CONSTANTS),
    ];
    const { plus, minus, volts } = columns;
    return new Conductances(
      [plus, ...(minus === null ? [] : [minus])].map((side) => vectorize(side, names)),
      volts === null ? -1 : names.indexOf(volts),
    );
  }

  private constructor(sides: readonly Over[], voltage: number) {
    this.sides = sides;
    this.voltage = voltage;
  }

  /** Devices of a weight: 1, or 2 of which the second is subtracted. */
  get each(): number {
    return this.sides.length;
  }

  /** Volts that a presynaptic output of 1 puts on the row of a device; 1 where outputs are in volts. */
  volts(held: readonly Column[], k: number): number {
    const column = this.voltage < 0 ? 1 : held[this.voltage];
    return typeof column === "number" ? column : column[k];
  }

  /**
   * Conductances, S, `each` for every weight.
   * @param held what devices hold, parameters, constants
   */
  read(held: readonly Column[], weights: number): Float64Array {
    const { each } = this;
    const cells = new Float64Array(each * weights);
    const term = new Float64Array(weights);
    this.sides.forEach((over, side) => {
      over(term, held);
      for (let k = 0; k < weights; k++) cells[each * k + side] = term[k] / this.volts(held, k);
    });
    return cells;
  }
}

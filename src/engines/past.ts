/**
 * Past points and residuals of rows on the host, for mixing. Rows keep their place in it wherever
 * they are.
 */
import { SLOTS } from "./mixing";

/** A watched buffer now, and before the last step. */
export interface Part {
  readonly now: Float64Array | Float32Array;
  readonly before: Float64Array | Float32Array;
  readonly width: number;
}

export class Past {
  private readonly width: number;
  private readonly points: Float64Array[];
  private readonly residuals: Float64Array[];
  private readonly products = new Float64Array(SLOTS);

  constructor(
    rows: number,
    private readonly parts: readonly Part[],
  ) {
    this.width = parts.reduce((sum, { width }) => sum + width, 0);
    const slots = (): Float64Array[] =>
      Array.from({ length: SLOTS }, () => new Float64Array(rows * this.width));
    [this.points, this.residuals] = [slots(), slots()];
  }

  /**
   * Takes the point that the row at a position has reached, and the change that led there; returns that
   * change times all in the past.
   */
  remember(position: number, row: number, slot: number): Float64Array {
    const { width: all, products } = this;
    const [points, residuals] = [this.points[slot], this.residuals[slot]];
    let at = row * all;
    for (const { now, before, width } of this.parts) {
      for (let k = position * width; k < (position + 1) * width; k++, at++) {
        points[at] = now[k];
        residuals[at] = now[k] - before[k];
      }
    }
    for (let k = 0; k < SLOTS; k++) {
      let sum = 0;
      for (let i = row * all; i < (row + 1) * all; i++) sum += residuals[i] * this.residuals[k][i];
      products[k] = sum;
    }
    return products;
  }

  /** The row's state becomes the mix of its past points. */
  mix(position: number, row: number, weights: Float64Array): void {
    let at = row * this.width;
    for (const { now, width } of this.parts) {
      for (let k = position * width; k < (position + 1) * width; k++, at++) {
        let sum = 0;
        for (let slot = 0; slot < SLOTS; slot++)
          if (weights[slot] !== 0) sum += weights[slot] * this.points[slot][at];
        now[k] = sum;
      }
    }
  }
}

/** Anderson mixing on the host, for engines that do not settle by themselves: points and residuals in float64. */
import { makeMixing, SLOTS } from "../engines/mixing";

export class Anderson {
  private readonly points: Float64Array[] = [];
  private readonly residuals: Float64Array[] = [];
  private readonly mixing = makeMixing(SLOTS);
  private readonly products = new Float64Array(SLOTS);
  private slot = 0;

  /** @param rows rows of the state, each of `width` numbers */
  constructor(private readonly rows: number, private readonly width: number) {
    for (let k = 0; k < SLOTS; k++) {
      this.points.push(new Float64Array(rows * width));
      this.residuals.push(new Float64Array(rows * width));
    }
    this.mixing.reset(rows);
  }

  /** Turns x, in place, into the next point, given g(x). Both are [rows, width]. */
  mix(x: Float64Array, g: Float64Array): void {
    const { slot, points, residuals, width } = this;
    this.slot = (slot + 1) % SLOTS;
    points[slot].set(g);
    for (let i = 0; i < x.length; i++) residuals[slot][i] = g[i] - x[i];
    for (let row = 0; row < this.rows; row++) {
      const [from, to] = [row * width, (row + 1) * width];
      for (let k = 0; k < SLOTS; k++) this.products[k] = scalarProduct(residuals[slot], residuals[k], from, to);
      const weights = this.mixing.weigh(row, slot, this.products);
      for (let i = from; i < to; i++) x[i] = weights === null ? g[i] : 0;
      if (weights === null) continue;
      for (let k = 0; k < SLOTS; k++) if (weights[k] !== 0) for (let i = from; i < to; i++) x[i] += weights[k] * points[k][i];
    }
  }
}

/** Four sums side by side: one alone would wait for each addition to end. */
function scalarProduct(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < to; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < to; i++) s0 += a[i] * b[i];
  return s0 + s1 + s2 + s3;
}

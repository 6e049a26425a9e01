/** Mean and standard deviation over copies of a device, a point of a curve after another. */

/** Collects points. */
export class Points {
  readonly mean: number[] = [];
  readonly sd: number[] = [];

  /** One value a copy. Copies that are alike have their value as the mean, and no spread. */
  add(values: Float64Array): void {
    const first = values[0];
    if (values.every((v) => v === first)) {
      this.mean.push(first);
      this.sd.push(0);
      return;
    }
    const mean = values.reduce((sum, v) => sum + (v - first), 0) / values.length + first;
    const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    this.mean.push(mean);
    this.sd.push(Math.sqrt(squares / (values.length - 1)));
  }
}

/**
 * What a controller remembers of an array that leaks: a digital copy of its weights, to which each write adds what it
 * did. What has leaked since is what they lack of it. Writes that erred stay as they came out, so that a refresh
 * takes back the leak and nothing else.
 */
type Parts = readonly Float64Array[];

export class Remembered {
  private parts: Float64Array[] | null = null;

  /** What it shows now is what it holds. */
  begin(shown: Parts): void {
    this.parts = shown.map((part) => part.slice());
  }

  /** A write took it from one to the other. */
  add(before: Parts, after: Parts): void {
    this.from(before).forEach((part, p) => part.forEach((_, k) => (part[k] += after[p][k] - before[p][k])));
  }

  /** What it lacks now. */
  missing(shown: Parts): Float64Array[] {
    return this.from(shown).map((part, p) => part.map((v, k) => v - shown[p][k]));
  }

  /**
   * After a refresh. A device that followed less than a little of what it was told is at its bound: what it shows
   * is remembered then, or else what writes ask for beyond it would pile up.
   */
  settle(told: Parts, before: Parts, after: Parts, little: number): void {
    this.from(before).forEach((part, p) => {
      for (let k = 0; k < part.length; k++) {
        const wanted = told[p][k];
        if (wanted !== 0 && (after[p][k] - before[p][k]) * Math.sign(wanted) < little * Math.abs(wanted))
          part[k] = after[p][k];
      }
    });
  }

  /** All of it, weights before biases. */
  save(shown: Parts): Float64Array {
    return Float64Array.from(this.from(shown).flatMap((part) => [...part]));
  }

  /** @param weights how many of them are weights; the rest are biases */
  load(values: ArrayLike<number>, weights: number): void {
    const all = Float64Array.from(values);
    this.parts = [all.slice(0, weights), ...(all.length > weights ? [all.slice(weights)] : [])];
  }

  private from(shown: Parts): Float64Array[] {
    if (this.parts === null) this.begin(shown);
    return this.parts as Float64Array[];
  }
}

/**
 * The lock-in estimate of chosen units as it converges (Laborieux and Zenke 2023, Eq. 8): from the start up
 * to each reading.
 */
import type { LockIn, Oscillation, PhaseRequest } from "../types";

interface Place {
  readonly population: string;
  readonly unit: number;
  readonly row: number;
}

export class RunningEstimate {
  /** By place; the first of each is NaN, when nothing has been read. */
  readonly traces: readonly { readonly re: number[]; readonly im: number[] }[];
  private readonly sums: readonly { re: number; im: number }[];
  private steps = 0;

  constructor(
    private readonly request: Pick<PhaseRequest, "samples" | "nudges">,
    private readonly oscillation: Oscillation,
    private readonly places: readonly Place[],
    private readonly sizeOf: (population: string) => number,
  ) {
    this.traces = places.map(() => ({ re: [Number.NaN], im: [Number.NaN] }));
    this.sums = places.map(() => ({ re: 0, im: 0 }));
  }

  /** Adds the readings of the part that follows. */
  add({ steps, fundamental }: LockIn): void {
    this.steps += steps;
    this.places.forEach(({ population }, i) => {
      const { re, im = re } = fundamental.states[population];
      const at = this.at(i);
      this.sums[i].re += steps * re[at];
      this.sums[i].im += steps * im[at];
    });
    this.push();
  }

  /** Takes readings from the start up to here. */
  set(lockIn: LockIn): void {
    this.steps = 0;
    for (const sum of this.sums) [sum.re, sum.im] = [0, 0];
    this.add(lockIn);
  }

  private at(place: number): number {
    const { population, unit, row } = this.places[place];
    return row * this.sizeOf(population) + unit;
  }

  /** Mean over the amplitude of its nudge, twice of it where half of the nudge turns the other way. */
  private push(): void {
    this.places.forEach(({ row }, i) => {
      const { re: a, im: b } = this.sums[i];
      const beta = this.request.nudges?.[Math.floor(row / this.request.samples)] ?? { re: 0, im: 0 };
      const size =
        (this.steps * (beta.re * beta.re + beta.im * beta.im)) /
        (this.oscillation.form === "lock-in" ? 2 : 1);
      this.traces[i].re.push((a * beta.re + b * beta.im) / size);
      this.traces[i].im.push((b * beta.re - a * beta.im) / size);
    });
  }
}

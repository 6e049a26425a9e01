/**
 * The lock-in on the host, for a solver whose states pass through it anyway: means and fundamentals over a
 * window of steps.
 */
import type { LockIn, Plane, Planes } from "../types";

interface Sum {
  re: Float64Array;
  im: Float64Array;
}

type Sums = Record<string, Sum>;

export class HostLockIn {
  private readonly sums = {
    mean: { states: {} as Sums, activities: {} as Sums },
    fundamental: { states: {} as Sums, activities: {} as Sums },
  };
  private steps = 0;
  private complex = false;

  /** @param period steps; 0 where nothing oscillates and only means are asked for */
  constructor(
    private readonly period: number,
    private readonly activitiesOf: (states: Planes) => Planes,
  ) {}

  /** @param step number of the step at whose end these states are */
  add(step: number, states: Planes): void {
    this.steps++;
    const angle = this.period === 0 ? 0 : (2 * Math.PI * (step % this.period)) / this.period;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (const [of, planes] of [
      ["states", states],
      ["activities", this.activitiesOf(states)],
    ] as const) {
      for (const [name, { re, im }] of Object.entries(planes)) {
        this.complex ||= im !== undefined;
        accumulate(this.sums.mean[of], name, re, im, 1, 0);
        if (this.period > 0) accumulate(this.sums.fundamental[of], name, re, im, cos, sin);
      }
    }
  }

  read(): LockIn {
    const planes = (sums: Sums, two: boolean): Planes =>
      Object.fromEntries(
        Object.entries(sums).map(([name, { re, im }]): [string, Plane] => {
          const mean = (values: Float64Array): Float64Array => values.map((v) => v / this.steps);
          return [name, two ? { re: mean(re), im: mean(im) } : { re: mean(re) }];
        }),
      );
    const { mean, fundamental } = this.sums;
    return {
      steps: this.steps,
      mean: { states: planes(mean.states, this.complex), activities: planes(mean.activities, this.complex) },
      fundamental: {
        states: planes(fundamental.states, true),
        activities: planes(fundamental.activities, true),
      },
    };
  }
}

/** sum += (x + i y)(cos - i sin). */
function accumulate(
  sums: Sums,
  name: string,
  x: Float64Array,
  y: Float64Array | undefined,
  cos: number,
  sin: number,
): void {
  const sum = (sums[name] ??= { re: new Float64Array(x.length), im: new Float64Array(x.length) });
  for (let i = 0; i < x.length; i++) {
    const im = y === undefined ? 0 : y[i];
    sum.re[i] += x[i] * cos + im * sin;
    sum.im[i] += im * cos - x[i] * sin;
  }
}

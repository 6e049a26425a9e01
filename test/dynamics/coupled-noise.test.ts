/**
 * What each solver makes of the noise of a coupled pair, against the Lyapunov equation and against its own
 * recursion, mode by mode.
 */
import { describe, expect, it } from "vitest";
import { createEngine, Simulator, type Chip } from "../../src/index";
import { pairOf } from "./pair";

const GAIN = 0.9;
const RATES = [1 - GAIN, 1 + GAIN];

const pair = (): Chip => pairOf("du/dt = -u + I + I_nudge + xi\nrho = u", { xy: GAIN, yx: GAIN });

/** Stationary variance of a mode u -> m u + n xi. */
const stationary = (m: number, n: number): number => (n * n) / (1 - m * m);
/** Of a mode of a rate, after steps of h: exact, 1/(2 rate). */
const VARIANCE = {
  euler: (rate: number, h: number) => stationary(1 - rate * h, Math.sqrt(h)),
  heun: (rate: number, h: number) =>
    stationary(1 - rate * h + (rate * h) ** 2 / 2, Math.sqrt(h) * (1 - (rate * h) / 2)),
  // Both units leak with the rate 1, whatever their modes do.
  "exponential-euler": (rate: number, h: number) =>
    stationary(1 + rate * Math.expm1(-h), Math.sqrt(-Math.expm1(-2 * h) / 2)),
} as const;
const solvers = Object.keys(VARIANCE) as (keyof typeof VARIANCE)[];

describe("noise of a coupled pair", () => {
  it.each(solvers)("has the variance that the recursion of its modes predicts, with %s", async (solver) => {
    const samples = 40_000;
    for (const h of [0.5, 0.2]) {
      const {
        states: { x: a, output: b },
      } = await new Simulator(pair(), await createEngine("simd"), { solver, dt: h, seed: 7 }).phase({
        samples,
        inputs: new Float64Array(samples),
        steps: Math.round(40 / h),
      });
      const modes = [1, -1].map(
        (sign) => a.re.reduce((sum, u, i) => sum + (u + sign * b.re[i]) ** 2 / 2, 0) / samples,
      );
      // Five standard deviations of a variance from so many draws.
      modes.forEach((found, k) =>
        expect(
          Math.abs(found / VARIANCE[solver](RATES[k], h) - 1),
          `mode ${RATES[k]}, h = ${h}`,
        ).toBeLessThan(0.035),
      );
    }
  });

  it("differs from the Lyapunov solution as docs/solvers.md says", () => {
    const off = (solver: keyof typeof VARIANCE, rate: number, h: number): number =>
      VARIANCE[solver](rate, h) * 2 * rate;
    for (const h of [0.5, 0.1]) {
      for (const rate of RATES) expect(off("euler", rate, h)).toBeCloseTo(1 / (1 - (rate * h) / 2), 10);
      expect(off("exponential-euler", 1, h)).toBeCloseTo(1, 12);
      expect(off("exponential-euler", 1e-6, h)).toBeCloseTo((1 + Math.exp(-h)) / 2, 5);
      expect(Math.abs(off("heun", 0.1, h) - 1)).toBeLessThan(0.001);
    }
    // Of order dt^2, in the fast mode.
    expect(Math.log2((1 - off("heun", 1.9, 0.02)) / (1 - off("heun", 1.9, 0.01)))).toBeCloseTo(2, 1);
    expect(off("heun", 1.9, 0.5)).toBeCloseTo(0.7, 1);
  });
});

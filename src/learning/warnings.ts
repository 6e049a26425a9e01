/** What went less than well in training without stopping it. Each warning says what it saw and what to do. */
import type { EngineInfo } from "../engines/engine";
import type { BatchFigures } from "./epoch-figures";

export interface Warning {
  readonly code: "LEARN-UNSETTLED" | "LEARN-UNSTABLE" | "LEARN-PRECISION" | "LEARN-NOISE" | "LEARN-ALIASING" | "LEARN-LAG" | "ENGINE-FALLBACK";
  readonly text: string;
}

/** A residual above this share of the state a time constant means that the phase ended too early. */
export const UNSETTLED = 0.05;
/** Digits that a difference of states needs: below, the estimate has two digits left. */
const SMALLEST_SHIFT = { float32: 1e-5, float64: 1e-13 } as const;
/** Below this ratio of signal to noise a batch measures mostly noise. */
const NOISY = 3;
/** Relative: the estimate may be off by about as much. */
const ALIASED = 0.05;
/** As a tangent: the estimate is off by about its square. */
const LAGGING = 0.3;

export function warningsOf(reports: readonly BatchFigures[], engine: EngineInfo): Warning[] {
  const warnings: Warning[] = [];
  const worst = Math.max(...reports.flatMap((r) => r.outcomes.map((o) => o.residual)));
  const late = reports.filter((r) => r.outcomes.some((o) => o.residual > UNSETTLED)).length;
  if (late > reports.length / 10) {
    warnings.push({ code: "LEARN-UNSETTLED", text: `in ${late} of ${reports.length} batches a phase ended while the state still moved (residual up to ${worst.toPrecision(2)}): give the phases more steps` });
  }
  const unstable = reports.filter((r) => r.outcomes.some((o) => o.kind === "unstable")).length;
  if (unstable > 0) {
    warnings.push({ code: "LEARN-UNSTABLE", text: `${unstable === 1 ? "a batch" : `${unstable} batches`} of those that were looked at settled at a point that the circuit would leave by itself: weaken its feedback, take a smaller time step, or leave out order and acceleration` });
  }
  const shift = Math.min(...reports.map((r) => r.nudgeShift));
  if (shift < SMALLEST_SHIFT[engine.precision]) {
    warnings.push({ code: "LEARN-PRECISION", text: `the nudge moved the state by ${shift.toPrecision(2)} of its size, too little for ${engine.precision}: raise the amplitude or use the reference engine` });
  }
  const ratio = Math.min(...reports.map((r) => r.signalToNoise ?? Infinity));
  if (ratio < NOISY) {
    warnings.push({ code: "LEARN-NOISE", text: `the nudge moved the state by only ${ratio.toPrecision(2)} times the chip's own noise: raise the amplitude, average over more steps, or cool the chip` });
  }
  const aliasing = Math.max(...reports.map((r) => r.aliasing ?? 0));
  if (aliasing > ALIASED) {
    warnings.push({ code: "LEARN-ALIASING", text: `the nudge points average to ${(100 * aliasing).toFixed(0)} % away from the free state: use more points or a smaller amplitude` });
  }
  const lag = Math.max(...reports.map((r) => r.lag ?? 0));
  if (lag > LAGGING) {
    warnings.push({ code: "LEARN-LAG", text: `the circuit lags behind the nudge by ${((Math.atan(lag) * 180) / Math.PI).toFixed(0)} degrees: lengthen the period; halving the lag quarters the error` });
  }
  if (engine.fallbackReason !== undefined) warnings.push({ code: "ENGINE-FALLBACK", text: `${engine.requested} ran as ${engine.name}: ${engine.fallbackReason}` });
  return warnings;
}

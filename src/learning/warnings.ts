/**
 * What went less than well in training and tests without stopping them. Each warning says what it saw and
 * what to do.
 */
import { coarseStep } from "../dynamics/time-steps/coarse-step";
import type { Simulator } from "../dynamics/simulator";
import type { EngineInfo } from "../engines/engine";
import type { BatchFigures } from "./epoch-figures";
import type { ErrorCause, EstimateError } from "./estimate-error";
import type { Estimator } from "./estimators";
import type { Evaluation } from "./evaluate";
import { freeStepsOf } from "./lengths";
import type { Batch } from "./types";

/** What went less than well without stopping a training: a stable code, and what was seen and what to do. */
export interface Warning {
  readonly code:
    | "LEARN-UNSETTLED"
    | "LEARN-UNSTABLE"
    | "LEARN-PRECISION"
    | "LEARN-NOISE"
    | "LEARN-NUDGE"
    | "LEARN-RADIUS"
    | "LEARN-LAG"
    | "LEARN-WIDTH"
    | "LEARN-REACH"
    | "TEST-DIVERGED"
    | "TEST-UNSETTLED"
    | "DYN-COARSE"
    | "ENGINE-FALLBACK";
  readonly text: string;
}

/** Digits that a difference of states needs: below, the estimate has two digits left. */
const SMALLEST_SHIFT = { float32: 1e-5, float64: 1e-13 } as const;
/**
 * Shares of an estimate that may be wrong. An error e across the estimate leaves it a cosine of 1 / sqrt(1 +
 * e^2): what is wrong in every batch alike may cost a tenth of it; noise, which differs from batch to batch
 * and averages out over them, as much as makes it the larger part.
 */
const WRONG: Readonly<Record<ErrorCause, number>> = { settling: 0.5, nudge: 0.45, noise: 1 };
/** Of the radius of convergence: beyond, terms fall too slowly for a few points to leave them out. */
const NEAR = 0.7;
/**
 * Mean of `aliasing` over the batches of an epoch: beyond, the nudge is larger than what points on a circle
 * can tell.
 */
const AT_ODDS = 1;
/** As a tangent: the estimate is off by about its square. Every batch tells it, and it costs nothing. */
const LAGGING = 0.3;
/**
 * A residual of a test above this share of the state a time constant means that the phases ended too early.
 */
const MOVING = 0.05;
/** Share of samples. */
const SOME = 0.1;

export function warningsOf(
  learned: {
    readonly reports: readonly BatchFigures[];
    readonly error: EstimateError | null;
    readonly estimator: Estimator;
    readonly engine: EngineInfo;
    readonly heldDraws: boolean;
  },
  test?: { readonly found: Evaluation; readonly noisy: boolean },
): Warning[] {
  const { reports, engine } = learned;
  const warnings: Warning[] = [];
  const unstable = reports.filter((r) => r.outcomes.some((o) => o.kind === "unstable")).length;
  if (unstable > 0) {
    warnings.push({
      code: "LEARN-UNSTABLE",
      text:
        `${unstable === 1 ? "a batch" : `${unstable} batches`} of those that were looked at settled at ` +
        "a point that the circuit would leave by itself: weaken its feedback, take a smaller time step, " +
        "or leave out order and acceleration",
    });
  }
  const shift = Math.min(...reports.map((r) => r.nudgeShift));
  // What differs then between two estimates is rounding.
  if (shift < SMALLEST_SHIFT[engine.precision] && learned.estimator.settings.differences !== "exact") {
    warnings.push({
      code: "LEARN-PRECISION",
      text:
        `the nudge moved the state by ${shift.toPrecision(2)} of its size, too little for ` +
        `${engine.precision}: raise the amplitude, use the reference engine, or  differences: "exact"`,
    });
  } else {
    const found = errorWarnings(learned.error, learned.estimator, learned.heldDraws);
    warnings.push(...found);
    const odds = meanOf(reports.map((r) => r.aliasing ?? 0));
    // Points are at odds by noise, too, and where the free phase has not settled.
    const quiet = Object.values(learned.error ?? {}).every(({ noise }) => noise < WRONG.noise / 2);
    if (
      odds > AT_ODDS &&
      quiet &&
      !found.some(({ code }) => code === "LEARN-NUDGE" || code === "LEARN-UNSETTLED")
    ) {
      warnings.push({
        code: "LEARN-NUDGE",
        text:
          `the nudge points are at odds: from fewer of them, the estimate is off by ${percent(odds)} of ` +
          `itself: ${learned.estimator.refined?.remedies.nudge ?? "use a smaller amplitude"}`,
      });
    }
  }
  const lag = Math.max(...reports.map((r) => r.lag ?? 0));
  if (lag > LAGGING) {
    warnings.push({
      code: "LEARN-LAG",
      text:
        `the circuit lags behind the nudge by ${((Math.atan(lag) * 180) / Math.PI).toFixed(0)} degrees: ` +
        "lengthen the period; halving the lag quarters the error",
    });
  }
  if (test !== undefined) warnings.push(...testWarnings(test.found, test.noisy));
  if (engine.fallbackReason !== undefined)
    warnings.push({
      code: "ENGINE-FALLBACK",
      text: `${engine.requested} ran as ${engine.name}: ${engine.fallbackReason}`,
    });
  return warnings;
}

/**
 * On the first samples of a batch: whether the time step is too long for the chip as it is now. `phase` keys
 * the noise of the look.
 */
export async function stepWarnings(
  simulator: Simulator,
  { samples, inputs }: Batch,
  free: Estimator["free"],
  phase: number,
): Promise<Warning[]> {
  const text = await coarseStep(simulator, {
    samples,
    inputs,
    steps: freeStepsOf(simulator, free),
    tolerance: free.tolerance,
    phase,
  });
  return text === null ? [] : [{ code: "DYN-COARSE", text }];
}

/**
 * One for each layer whose estimate is off by too much, for the cause that is the worst there; layers of one
 * cause together.
 * @param heldDraws whether there is noise whose draws are held through a phase, as those of reads are: no
 *   average helps against it
 */
export function errorWarnings(
  error: EstimateError | null,
  { refined, free }: Estimator,
  heldDraws = false,
): Warning[] {
  if (error === null || refined === undefined) return [];
  const causes: Readonly<
    Record<ErrorCause, { readonly code: Warning["code"]; readonly what: string; readonly remedy: string }>
  > = {
    settling: {
      code: "LEARN-UNSETTLED",
      what: "since phases end before it is settled",
      remedy: refined.remedies.settling,
    },
    nudge: { code: "LEARN-NUDGE", what: "by the size of the nudge", remedy: refined.remedies.nudge },
    noise: {
      code: "LEARN-NOISE",
      what: "by the chip's own noise",
      remedy: heldDraws
        ? "use devices that read more quietly, or a somewhat larger amplitude, as long as the error of " +
          "the nudge itself stays small; draws of reads are held through a phase, so that averaging " +
          "steps does not help"
        : "raise the amplitude as long as the error of the nudge itself stays small, " +
          `${(free.average ?? 0) > 0 ? "average over more steps" : "average over some steps"}, or cool ` +
          "the chip",
    },
  };
  const layers = Object.entries(error).map(([layer, shares]) => ({ layer, ...worstOf(shares) }));
  const found = (["settling", "nudge", "noise"] as const).flatMap((cause): Warning[] => {
    const wrong = layers.filter((one) => one.cause === cause && one.share > WRONG[cause]);
    if (wrong.length === 0) return [];
    const { code, what, remedy } = causes[cause];
    return [
      {
        code,
        text:
          "the estimate is off by " +
          `${wrong.map(({ layer, share }) => `${percent(share)} of itself in ${layer}`).join(", ")} ` +
          `${what}: ${remedy}`,
      },
    ];
  });
  // What is off by other causes does not tell the radius.
  return found.length > 0 ? found : radiusWarnings(error, refined.remedies.nudge);
}

/** Where the nudge is near the radius of convergence, or beyond, in any layer. */
function radiusWarnings(error: EstimateError, remedy: string): Warning[] {
  const [layer, { reach, noise, settling }] = Object.entries(error).reduce((a, b) =>
    b[1].reach > a[1].reach ? b : a,
  );
  if (reach <= NEAR || noise > WRONG.noise / 2 || settling > WRONG.settling / 2) return [];
  return [
    {
      code: "LEARN-RADIUS",
      text:
        `the amplitude is ${percent(reach)} of the radius of convergence in ${layer}, as the terms of the ` +
        `estimate itself tell${reach < 1 ? "" : ": beyond it more points do not help"}: ${remedy}`,
    },
  ];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** The cause that goes farthest beyond what it may be. */
function worstOf(shares: Readonly<Record<ErrorCause, number>>): {
  readonly cause: ErrorCause;
  readonly share: number;
} {
  const cause = (["settling", "nudge", "noise"] as const).reduce((a, b) =>
    shares[b] / WRONG[b] > shares[a] / WRONG[a] ? b : a,
  );
  return { cause, share: shares[cause] };
}

/** A share in words; of what is wrong altogether, no more than that. */
export const percent = (share: number): string =>
  share > 10 ? "more than 1000 %" : `${Number((100 * share).toPrecision(2))} %`;

/** @param noisy whether a residual is noise */
export function testWarnings({ samples, ends }: Evaluation, noisy: boolean): Warning[] {
  const warnings: Warning[] = [];
  if (ends.diverged > 0) {
    warnings.push({
      code: "TEST-DIVERGED",
      text:
        `the circuit ran away in ${ends.diverged} of ${samples} test samples, which count as wrong and ` +
        "have no cost: take smaller weights, or a smaller time step with as many more steps a phase",
    });
  }
  const early = ends.timedOut + ends.unstable;
  if (early > SOME * samples) {
    warnings.push({
      code: "TEST-UNSETTLED",
      text:
        `${early} of ${samples} test samples did not settle (${ends.timedOut} ran out of steps, ` +
        `${ends.unstable} at a point that the circuit would leave by itself; residual up to ` +
        `${ends.residual.toPrecision(2)}): give the free phase more steps, or a larger tolerance`,
    });
  } else if (ends.fixed > 0 && !noisy && ends.residual > MOVING) {
    warnings.push({
      code: "TEST-UNSETTLED",
      text:
        `states of test samples still moved by up to ${percent(ends.residual)} of what one unit of ` +
        "drive holds in a time constant: give the free phase more steps",
    });
  }
  return warnings;
}

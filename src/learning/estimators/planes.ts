/**
 * Nudges on the real axis need one state plane, all others two: where that saves more than another phase costs,
 * real ones settle in a phase of their own. Rows do not depend on each other, so what comes of it is the same but
 * for rounding.
 */
import { asOutcome } from "../../dynamics/describe";
import type { Simulator } from "../../dynamics/simulator";
import type { Complex, Outcome } from "../../dynamics/types";
import { usesOf } from "../../program/connections";

/** Multiply-adds that take as long as a phase costs beside its steps: a fraction of a millisecond. */
const WORTH_A_PHASE = 5_000_000;

/**
 * The nudges by phases, as their places in the plan.
 * @param steps of a phase, at most
 */
export function phasesOf(
  nudges: readonly Complex[],
  { circuit, noisy, chips }: Pick<Simulator, "circuit" | "noisy" | "chips">,
  samples: number,
  steps: number,
): readonly (readonly number[])[] {
  const places = [...nudges.keys()];
  const real = places.filter((k) => nudges[k].im === 0);
  const saved = real.length * samples * steps * readsOf(circuit);
  // Noise is drawn by row: it would be other noise.
  if (
    real.length === 0 ||
    real.length === nudges.length ||
    noisy ||
    chips.length > 1 ||
    saved < WORTH_A_PHASE
  )
    return [places];
  return [real, places.filter((k) => nudges[k].im !== 0)];
}

/** Weights that a row reads in a step. */
const readsOf = ({ projections }: Simulator["circuit"]): number =>
  projections.reduce(
    (sum, { from, wiring, array }) =>
      from.clamped
        ? sum
        : sum +
          (wiring === null
            ? array.pre * array.post
            : wiring.members.reduce((all, member) => all + usesOf(member), 0)),
    0,
  );

/** From the worst on. */
const KINDS = ["diverged", "unstable", "timedOut", "fixed", "settled"] as const;

/**
 * How phases that stand for one ended.
 * @param parts each with the places of its nudges; rows are nudge-major
 */
export function together(
  parts: readonly { readonly outcome: Outcome; readonly places: readonly number[] }[],
  samples: number,
): Outcome {
  if (parts.length === 1) return parts[0].outcome;
  const outcomes = parts.map(({ outcome }) => outcome);
  const kind = KINDS.find((one) => outcomes.some((outcome) => outcome.kind === one)) ?? "settled";
  const worst = outcomes.filter((outcome) => outcome.kind === kind);
  type Figure = "distance" | "relativeResidual" | "judgedEvery";
  /** The largest, where all phases have it. */
  const most = (of: Figure): Partial<Record<Figure, number>> => {
    const values = outcomes.flatMap((outcome) => outcome[of] ?? []);
    return values.length < outcomes.length ? {} : { [of]: Math.max(...values) };
  };
  const advice = worst.find((outcome) => outcome.advice !== undefined)?.advice;
  return asOutcome({
    kind,
    residual: Math.max(...outcomes.map(({ residual }) => residual)),
    steps: Math.max(...outcomes.map(({ steps }) => steps)),
    rowSteps: outcomes.reduce((sum, { rowSteps }) => sum + rowSteps, 0),
    rows: parts
      .filter(({ outcome }) => outcome.kind === kind)
      .flatMap(({ outcome: { rows }, places }) =>
        rows.map((row) => places[Math.floor(row / samples)] * samples + (row % samples)),
      )
      .sort((a, b) => a - b),
    ...most("distance"),
    ...most("relativeResidual"),
    ...most("judgedEvery"),
    ...(advice !== undefined && { advice }),
  });
}

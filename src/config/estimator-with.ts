/** An estimator as the options change it that were typed, which may name another kind. */
import type { EstimatorConfig } from "./run-schema";
import { defined, isEmpty } from "./changes";

/** How long phases are: steps, or a time in seconds or as a text with its unit. */
interface Lengths {
  readonly freeSteps?: number;
  readonly freeTime?: number | string;
  readonly nudgedSteps?: number;
  readonly nudgedTime?: number | string;
}

/** What was typed. */
export interface EstimatorChanges extends Lengths {
  readonly amplitude?: number;
  readonly points?: number;
  readonly period?: number;
  readonly periods?: number;
  readonly average?: number;
}

type Kind = EstimatorConfig["kind"];
type Of<K extends Kind> = Extract<EstimatorConfig, { readonly kind: K }>;
type Turning = Of<"oscillating" | "lock-in">;
/** What solves at the free fixed point, without a nudge. */
type Solved = Of<"recurrent-backpropagation" | "exact">;
type Phased = Exclude<EstimatorConfig, Turning | Of<"continuous" | "bptt"> | Solved>;

/** Whether the nudge oscillates: there are no phases then. */
export const isTurning = (estimator: EstimatorConfig): estimator is Turning => isTurningKind(estimator.kind);

const isTurningKind = (kind: Kind): kind is Turning["kind"] => kind === "oscillating" || kind === "lock-in";

const isSolved = (kind: Kind): kind is Solved["kind"] =>
  kind === "recurrent-backpropagation" || kind === "exact";

/** Whether there is no nudge: a method that knows the circuit's equations. */
export const isYardstick = ({ kind }: EstimatorConfig): boolean => kind === "bptt" || isSolved(kind);

/** Amplitude that a kind with a nudge begins with, where the one before had none. */
const AMPLITUDE = 0.3;
/** Points of the nudge's circle, and steps of phases, that another kind of estimator suggests. */
const POINTS = 4;
const LENGTHS = { freeSteps: 40, nudgedSteps: 25 } as const;

/** @param kind as typed; the same object comes back where nothing changes */
export function estimatorWith(
  old: EstimatorConfig,
  kind: Kind = old.kind,
  changes: EstimatorChanges,
): EstimatorConfig {
  if (kind === old.kind && isEmpty(changes)) return old;
  if (isTurningKind(kind)) return turning(old, kind, changes);
  if (kind === "continuous") return continuous(old, changes);
  if (kind === "bptt") return walkedBack(old, changes);
  return isSolved(kind) ? solved(old, kind, changes) : phased(old, kind, changes);
}

const amplitudeOf = (
  old: EstimatorConfig,
  { amplitude = "amplitude" in old ? old.amplitude : AMPLITUDE }: EstimatorChanges,
): number => amplitude;

const pointsOf = (
  old: EstimatorConfig,
  { points = "points" in old ? old.points : POINTS }: EstimatorChanges,
): number => points;

function turning(old: EstimatorConfig, kind: Turning["kind"], changes: EstimatorChanges): Turning {
  const { period, periods } = changes;
  const was = isTurning(old) ? old : { period: 80, periods: 2, warmup: 1 };
  return { ...was, kind, amplitude: amplitudeOf(old, changes), ...defined({ period, periods }) };
}

function continuous(old: EstimatorConfig, changes: EstimatorChanges): Of<"continuous"> {
  const amplitude = amplitudeOf(old, changes);
  const points = pointsOf(old, changes);
  const stepsPerPoint = changes.nudgedSteps ?? nudgedStepsOf(old);
  return old.kind === "continuous"
    ? { ...old, amplitude, points, stepsPerPoint }
    : { kind: "continuous", amplitude, points, periods: 5, stepsPerPoint };
}

/** For how many steps each nudge is held. */
function nudgedStepsOf(old: EstimatorConfig): number {
  if (old.kind === "continuous") return old.stepsPerPoint;
  if (old.kind === "bptt") return old.steps;
  return ("nudgedSteps" in old ? old.nudgedSteps : undefined) ?? LENGTHS.nudgedSteps;
}

function walkedBack(old: EstimatorConfig, { freeSteps, nudgedSteps }: EstimatorChanges): Of<"bptt"> {
  const before = lengthsOf(old).freeSteps ?? LENGTHS.freeSteps;
  return { kind: "bptt", freeSteps: freeSteps ?? before, steps: nudgedSteps ?? nudgedStepsOf(old) };
}

function solved(old: EstimatorConfig, kind: Solved["kind"], changes: EstimatorChanges): Solved {
  const { tolerance, average } = endsOf(old);
  return {
    kind,
    ...lengthOf("free", lengthsOf(old), changes),
    ...defined({ tolerance, average: changes.average ?? average }),
  };
}

function phased(old: EstimatorConfig, kind: Phased["kind"], changes: EstimatorChanges): EstimatorConfig {
  const was = lengthsOf(old);
  const { tolerance, average } = endsOf(old);
  const lengths = {
    ...lengthOf("free", was, changes),
    ...lengthOf("nudged", was, changes),
    ...defined({ tolerance, average: changes.average ?? average }),
  };
  if (kind === "stdp") {
    const { average: _, ...stepped } = lengths;
    const updates = old.kind === "stdp" ? old.updates : undefined;
    return { kind, ...stepped, amplitude: amplitudeOf(old, changes), ...defined({ updates }) };
  }
  if (kind === "clamped") return { kind, ...lengths };
  const differences = "differences" in old ? old.differences : undefined;
  const nudging = kind === "coupled" ? {} : defined({ differences });
  const all = { ...lengths, amplitude: amplitudeOf(old, changes), ...nudging };
  return kind === "holomorphic" ? { kind, points: pointsOf(old, changes), ...all } : { kind, ...all };
}

function lengthsOf(old: EstimatorConfig): Lengths {
  if (isTurning(old)) return LENGTHS;
  if (old.kind === "continuous") return { ...LENGTHS, nudgedSteps: old.stepsPerPoint };
  if (old.kind === "bptt") return { freeSteps: old.freeSteps, nudgedSteps: old.steps };
  return isSolved(old.kind) ? { nudgedSteps: LENGTHS.nudgedSteps, ...old } : old;
}

/** How phases end and are read, where the kind says so. */
const endsOf = (old: EstimatorConfig): { readonly tolerance?: number; readonly average?: number } => ({
  ...("tolerance" in old ? { tolerance: old.tolerance } : {}),
  ...("average" in old ? { average: old.average } : {}),
});

/** Steps or time of a phase: as typed, which takes the place of the other, too; else as it was. */
function lengthOf(phase: "free" | "nudged", was: Lengths, typed: Lengths): Lengths {
  const changed = ofPhase(phase, typed);
  return isEmpty(changed) ? ofPhase(phase, was) : changed;
}

const ofPhase = (
  phase: "free" | "nudged",
  { freeSteps, freeTime, nudgedSteps, nudgedTime }: Lengths,
): Lengths => (phase === "free" ? defined({ freeSteps, freeTime }) : defined({ nudgedSteps, nudgedTime }));

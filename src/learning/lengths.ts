/** How long phases are: in steps, or in time, so that dt can be changed alone. */
import type { Simulator } from "../dynamics/simulator";
import { timeStepIn, type TimeStep } from "../dynamics/time-steps/time-step";
import { OhmletError } from "../errors";
import { check } from "../options";

/** How long a free phase is. */
export interface FreeLength {
  /**
   * Steps of the free phase; or its time, "400 us" or a number, which is in seconds where the circuit's time
   * has a unit. One of the two.
   */
  readonly freeSteps?: number;
  readonly freeTime?: TimeStep;
}

/** How long each nudged phase is. */
export interface NudgedLength {
  /** The same of each nudged phase. */
  readonly nudgedSteps?: number;
  readonly nudgedTime?: TimeStep;
}

const time: check.Check<TimeStep> = { ...check.quantity, example: '"400 us"' };

/** What each of the keys takes. */
export const FREE_LENGTH = { freeSteps: check.whole(1), freeTime: time } as const;
export const LENGTHS = { ...FREE_LENGTH, nudgedSteps: check.whole(1), nudgedTime: time } as const;

/** Most steps that a time may come to. */
const MOST_STEPS = 10_000_000;

type Phase = "free" | "nudged";

function refuse(where: string, fact: string, remedy: string): never {
  throw new OhmletError({ code: "LEARN-LENGTH", fact, place: { where }, remedy });
}

/** @throws OhmletError LEARN-LENGTH unless each phase has steps or a time */
export function checkLengths(
  where: string,
  lengths: FreeLength & Partial<NudgedLength>,
  phases: readonly Phase[] = ["free", "nudged"],
): void {
  for (const phase of phases) {
    const [steps, lasts] = [lengths[`${phase}Steps`], lengths[`${phase}Time`]];
    if (steps !== undefined && lasts !== undefined)
      refuse(where, `the ${phase} phase has both ${phase}Steps and ${phase}Time`, "leave one of them out");
    if (steps === undefined && lasts === undefined)
      refuse(
        where,
        `nothing says how long the ${phase} phase is`,
        `add  ${phase}Steps: 40  or  ${phase}Time: "400 us"`,
      );
  }
}

/**
 * Steps of a phase at the simulator's dt: of a time the nearest whole number, at least one. @throws
 * OhmletError LEARN-LENGTH, UNIT-…
 */
function stepsOf(
  { circuit, dt }: Simulator,
  phase: Phase,
  steps: number | undefined,
  lasts: TimeStep | undefined,
): number {
  if (steps !== undefined) return steps;
  if (lasts === undefined)
    return refuse(
      circuit.name,
      `nothing says how long the ${phase} phase is`,
      `add  ${phase}Steps: 40  or  ${phase}Time: "400 us"`,
    );
  const asked = timeStepIn(circuit, lasts, `${phase}Time`);
  if (!(asked > 0) || !Number.isFinite(asked))
    refuse(
      circuit.name,
      `${phase}Time is ${lasts}, and no phase lasts that long`,
      'give a time above 0, for instance "400 us"',
    );
  const found = Math.max(1, Math.round(asked / dt));
  if (found > MOST_STEPS)
    refuse(
      circuit.name,
      `${phase}Time: ${lasts} takes ${found} steps of ${dt}, more than ${MOST_STEPS}`,
      "give a shorter time, or a longer dt",
    );
  return found;
}

export const freeStepsOf = (simulator: Simulator, { freeSteps, freeTime }: FreeLength): number =>
  stepsOf(simulator, "free", freeSteps, freeTime);
export const nudgedStepsOf = (simulator: Simulator, { nudgedSteps, nudgedTime }: NudgedLength): number =>
  stepsOf(simulator, "nudged", nudgedSteps, nudgedTime);

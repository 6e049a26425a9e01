/**
 * Whether a simulator's time step is too long for its circuit, in words. Phases may end well at any step: an
 * explicit solver that is not stable swings within the bounds of its neurons, and exponential Euler jumps to
 * where drives hold each unit. What they went through is then not the circuit's.
 */
import type { Simulator } from "../simulator";
import { OhmletError } from "../../errors";
import { optionsOf } from "../../options";
import { PHASE } from "../phases/request";
import { isFixed, showTime, typedStep } from "./step-advice";
import type { StepAdvice } from "./stiffness";
import type { PhaseRequest, Planes } from "../types";

/** The phase that a time step is looked at for. */
export type CoarseRequest = Pick<PhaseRequest, "samples" | "inputs" | "steps" | "tolerance" | "phase">;

const { samples, inputs, steps } = PHASE.needs;
const { tolerance, phase } = PHASE.takes;
const readRequest = optionsOf<CoarseRequest>("coarseStep", {
  needs: { samples, inputs, steps },
  takes: { tolerance, phase },
});

/** Samples on which it is looked at: all have the same neurons. */
const MOST_SAMPLES = 4;

/**
 * Null where the step will do, or where there is none: for maps, and for solvers that choose their own. It
 * looks at zeros and at where a free phase of a few samples ends, and takes as long as that phase and some
 * hundred steps.
 * @param request a free phase
 */
export async function coarseStep(simulator: Simulator, request: CoarseRequest): Promise<string | null> {
  const { samples: given, inputs: all, ...lengths } = readRequest(request);
  const { solver, circuit, chips } = simulator;
  if (!isFixed(solver) || chips.length > 1) return null;
  const few = Math.min(given, MOST_SAMPLES);
  const first = Float64Array.from({ length: few * circuit.inputSize }, (_, i) => all[i]);
  const judge = async (from?: Planes): Promise<string | null> => {
    const at = { samples: few, inputs: first, from };
    const { slowest, doubtful } = await simulator.glanceAtStep(at);
    return doubtful || simulator.dt > slowest
      ? textFor(simulator, await simulator.stepAdvice(at).catch(unlessNowhere))
      : null;
  };
  const atZeros = await judge();
  if (atZeros !== null) return atZeros;
  const { outcome, states } = await simulator.phase({
    samples: few,
    inputs: first,
    ...lengths,
    check: false,
  });
  return outcome.kind === "diverged" ? null : judge(states);
}

/** Where the field is not finite, nothing is known of steps. */
export function unlessNowhere(error: unknown): null {
  if (error instanceof OhmletError && error.code === "DYN-FIELD") return null;
  throw error;
}

/** A step this much longer than allowed is not told of: the limits are known to a percent. */
const SLACK = 1.02;

function textFor({ solver, circuit, dt }: Simulator, advice: StepAdvice | null): string | null {
  if (advice === null || !isFixed(solver)) return null;
  const { stable, slowest, fastest } = advice;
  const show = showTime(circuit);
  const typed = (step: number): string =>
    `set ${typedStep(circuit)(step)} (on the command line --dt ${show(step).replace(" ", "")})`;
  if (stable[solver] > 0 && dt > SLACK * stable[solver]) {
    const other =
      solver !== "exponential-euler" && stable["exponential-euler"] > SLACK * dt
        ? ', or solver: "exponential-euler"'
        : "";
    return (
      `dt = ${show(dt)} is longer than the ${show(stable[solver])} up to which ${solver} is stable ` +
      `here, where the fastest mode takes ${show(fastest)}: states swing from step to step, and are not ` +
      `the circuit's; ${typed(Math.min(stable[solver], slowest) / 2)}${other}`
    );
  }
  if (Number.isFinite(slowest) && dt > SLACK * slowest) {
    return (
      `dt = ${show(dt)} is longer than the slowest time constant of the neurons, ${show(slowest)}: no ` +
      `step follows how they move; ${typed(slowest / 2)}, and give phases as many steps as they then ` +
      "need"
    );
  }
  return null;
}

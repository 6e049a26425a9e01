/**
 * Chooses a time step for a chip from how stiff its field is: half of the longest that the solver can take without
 * amplifying the fastest mode, at zeros and where the chip settles. Not here: how that mode is found (stiffness.ts).
 */
import type { Chip } from "../circuit/chip-types";
import type { Engine } from "../engines/engine";
import { check, optionsOf } from "../options";
import { OhmletError } from "../errors";
import { slowestTimeConstant } from "./at-rest";
import { scalingOf } from "./scaling";
import { Simulator } from "./simulator";
import { FIXED_SOLVERS, type FixedSolver, type StepAdvice } from "./stiffness";
import type { Planes, SolverName } from "./types";

export interface StepChoice {
  /** Default "exponential-euler"; a solver of fixed steps. */
  readonly solver?: SolverName;
  readonly samples: number;
  /** Clamped data, [samples, input size]. */
  readonly inputs: ArrayLike<number>;
}

const readChoice = optionsOf<StepChoice>("chooseStep", { needs: { samples: check.whole(1), inputs: check.numbers }, takes: { solver: check.anything } });

/** Time constants of the slowest leak in which a chip is let settle, and steps after which it is looked at anyway. */
const TIME_CONSTANTS = 30;
const MOST_STEPS = 20_000;
/** The residual at which the chip counts as settled. */
const TOLERANCE = 1e-3;
/** How often a step that turns out too long where the chip settles is replaced by a shorter one. */
const ROUNDS = 6;

/**
 * The step, to three digits: seconds for physical circuits, else dimensionless. The same for the same chip, engine and
 * samples. It is half of the longest stable step, at most half of the slowest leak's time constant, and a fifth of the
 * fastest mode's time where that mode grows by itself. Slower modes that swing with little damping are not looked at.
 * @throws OhmletError DYN-SOLVER for discrete circuits, "map" and "dormand-prince"; DYN-STEP where nothing moves by itself; DYN-FIELD, DYN-SHAPE
 */
export async function chooseStep(chip: Chip, engine: Engine, choice: StepChoice): Promise<number> {
  const { solver = "exponential-euler", samples, inputs } = readChoice(choice);
  const unit = timeUnit(chip, solver);
  const first = new Simulator(chip, engine, { solver, dt: unit });
  const leak = slowestTimeConstant(first.layout) * unit;
  const allowed = async (simulator: Simulator, from?: Planes): Promise<number> => stepOf(await simulator.stepAdvice({ samples, inputs, from }), solver as FixedSolver, leak);
  let dt = await during(first, allowed);
  if (!Number.isFinite(dt)) throw new OhmletError({ code: "DYN-STEP", fact: "no state moves by itself, so that any step would do", place: { where: chip.circuit.name }, remedy: "give dt as a number" });
  for (let round = 0; round < ROUNDS; round++) {
    const here = dt;
    const there = await during(new Simulator(chip, engine, { solver, dt }), async (simulator) => {
      const steps = Math.min(MOST_STEPS, Math.ceil((TIME_CONSTANTS * Math.max(leak, here)) / here));
      const { outcome, states } = await simulator.phase({ samples, inputs, steps, tolerance: TOLERANCE });
      return outcome.kind === "diverged" ? here / 4 : allowed(simulator, states);
    });
    if (!(there < dt)) break;
    dt = there;
  }
  return Number(dt.toPrecision(3));
}

/** What a time of order one is for the chip, SI or dimensionless. */
function timeUnit({ circuit }: Chip, solver: SolverName): number {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "DYN-SOLVER", fact, place: { where: circuit.name }, remedy });
  };
  const { neuron } = circuit.output;
  if (neuron === null || neuron.dynamics.kind === "discrete") return fail("a discrete circuit moves by maps and has no time step to choose", "leave dt out");
  if (solver === "dormand-prince") return fail("the dormand-prince solver chooses its steps for itself, and dt is the grid on which it is read", `give dt as a number, or take one of the solvers ${FIXED_SOLVERS.join(", ")}`);
  if (!(FIXED_SOLVERS as readonly string[]).includes(solver)) return fail(`the solver "${solver}" takes no time steps`, `choose: ${FIXED_SOLVERS.join(", ")}`);
  return scalingOf(circuit).scale(neuron.dimensions.time);
}

function stepOf({ stable, fastest }: StepAdvice, solver: FixedSolver, leak: number): number {
  if (stable[solver] === 0) return fastest / 5;
  return Math.min(stable[solver], leak > 0 ? leak : Infinity) / 2;
}

async function during<T>(simulator: Simulator, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  try {
    return await work(simulator);
  } finally {
    simulator.dispose();
  }
}

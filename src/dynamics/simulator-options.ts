/**
 * How a simulator is asked to go: its options, checked against the circuit and the engine, with what holds
 * where nothing is said.
 */
import type { Chip, Circuit } from "../circuit/chip-types";
import type { ChipStack } from "../circuit/stack";
import type { Engine } from "../engines/engine";
import { OhmletError } from "../errors";
import { check, expectValue, optionsOf } from "../options";
import { checkSeed } from "../random";
import { checkAdaptive } from "./phases/check-adaptive";
import { checkImplicit } from "./phases/check-implicit";
import type { AdaptiveOptions } from "./phases/dormand-prince";
import { READS, type Reads } from "./chip-arrays/reads";
import { SOLVERS } from "./solvers";
import { isDiscrete, timeStepIn, type TimeStep } from "./time-steps/time-step";
import { ACCELERATIONS, type Acceleration, type SolverName, type UpdateOrder } from "./types";

/** How a simulator moves a chip: solver, step, order of updates, shortcuts, noise. */
export interface SimulatorOptions {
  /** Default: "exponential-euler"; "map" where all neurons are maps. */
  readonly solver?: SolverName;
  /**
   * Time step: "10 us" or a number of seconds for physical circuits, else a number without unit. Needed for
   * continuous neurons.
   */
  readonly dt?: TimeStep;
  /**
   * Keys the noise. Stacked chips may have one each; with one for all, each draws what it draws alone.
   * Default 0.
   */
  readonly seed?: number | readonly number[];
  /**
   * Who moves at once. Default "synchronous", as the papers write it; "alternate" needs about half of the
   * sweeps.
   */
  readonly order?: UpdateOrder;
  /**
   * How phases with a tolerance get to their fixed point; phases of fixed length and noisy ones never
   * accelerate. Default "none"; of the solver "balance" "auto".
   */
  readonly acceleration?: Acceleration;
  /**
   * How noisy reads of conductances are drawn, where synapses have any; see reads.ts. Default "by-device",
   * which is exact.
   */
  readonly reads?: Reads;
  /** Allowed errors of the solvers "dormand-prince" and "sdirk3" (the larger of both, where states are of order one). */
  readonly adaptive?: AdaptiveOptions;
}

const readAdaptive = optionsOf<AdaptiveOptions>("simulator, adaptive", {
  takes: { relative: check.numeric, absolute: check.numeric, mostSteps: check.numeric },
});
const readOptions = optionsOf<SimulatorOptions>("simulator", {
  takes: {
    solver: check.anything,
    dt: check.anything,
    seed: check.anything,
    order: check.anything,
    acceleration: check.anything,
    reads: check.anything,
    adaptive: check.part(readAdaptive),
  },
});

/** Options with nothing left open. */
export interface Settings extends Required<Omit<SimulatorOptions, "dt" | "seed">> {
  /** SI or dimensionless. */
  readonly dt: number;
  /** One a chip. */
  readonly seeds: readonly number[];
}

/** An engine as `createEngine` makes it, once it was waited for. */
export const ENGINE = check.made("an engine", 'await createEngine("simd")', "compile");

/** @throws OhmletError CHIP-STACK for what is neither a chip nor a stack of chips */
export function chipsOf<P extends string>(simulated: Chip<P, string> | ChipStack<P>): ChipStack<P> {
  const given: Partial<Chip<P, string> & ChipStack<P>> | null | undefined = simulated;
  if (typeof given?.circuit?.spec !== "object")
    throw new OhmletError({
      code: "CHIP-STACK",
      fact: "what should be simulated is no chip",
      place: { where: "simulator" },
      remedy: "give a chip, as  fabricate  makes it, or  stackChips  of several",
    });
  return "chips" in simulated ? simulated : { circuit: simulated.circuit, chips: [simulated] };
}

/**
 * @param chips how many are stacked
 * @throws OhmletError DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION, DYN-STEP, DYN-READS, CHIP-STACK, ENGINE-SEED
 */
export function settingsOf(
  circuit: Circuit,
  chips: number,
  engine: Engine,
  options: SimulatorOptions,
): Settings {
  readOptions(options);
  expectValue("simulator", "engine", engine, ENGINE);
  const discrete = isDiscrete(circuit);
  const {
    solver = discrete ? "map" : "exponential-euler",
    order = "synchronous",
    acceleration = SOLVERS[solver] === SOLVERS.balance ? "auto" : "none",
    reads = "by-device",
    adaptive = {},
    seed = 0,
  } = options;
  expectKnown(circuit, "DYN-SOLVER", "solver", solver, Object.keys(SOLVERS));
  expectKnown(circuit, "DYN-ORDER", "order", order, ["synchronous", "alternate"]);
  expectKnown(circuit, "DYN-ACCELERATION", "acceleration", acceleration, ACCELERATIONS);
  // A sweep keeps no time: any step serves.
  const free = discrete || SOLVERS[solver].sweeps === true;
  const dt = options.dt === undefined ? (free ? 1 : Number.NaN) : timeStepIn(circuit, options.dt);
  if (!(dt > 0) || !Number.isFinite(dt)) {
    throw new OhmletError({
      code: "DYN-STEP",
      fact:
        options.dt === undefined
          ? "a continuous circuit needs a time step"
          : `${options.dt} is not a time step`,
      place: { where: circuit.name },
      remedy:
        'give dt, about a fifth of the shortest time constant; dt: "auto" of a training, and ' +
        "chooseStep, find one",
    });
  }
  if (SOLVERS[solver].adaptive) {
    checkAdaptive(circuit, engine, adaptive, acceleration !== "none");
    if (chips > 1)
      refuseStack(
        circuit,
        `the dormand-prince solver chooses its steps for all rows together, and ${chips} chips are stacked`,
        "use a solver of fixed steps, or simulate one chip after another",
      );
  }
  if (SOLVERS[solver].implicit) checkImplicit(circuit, adaptive, acceleration !== "none");
  const seeds = (Array.isArray(seed) ? seed : Array.from({ length: chips }, () => seed)).map((one) =>
    checkSeed(one, `${circuit.name}, seed of the noise`),
  );
  if (seeds.length !== chips)
    refuseStack(
      circuit,
      `there are ${seeds.length} seeds for ${chips} chips`,
      "give one seed, or one for each chip",
    );
  expectKnown(circuit, "DYN-READS", "way of reads", reads, READS);
  return { solver, order, acceleration, reads, adaptive, dt, seeds };
}

/** @param step in the units of the circuit's programs @throws OhmletError DYN-STEP */
export function expectStep(circuit: Circuit, step: number, dt: number): void {
  if (step > 0 && Number.isFinite(step)) return;
  throw new OhmletError({
    code: "DYN-STEP",
    fact: `beside the circuit's time constants a step of ${dt} is ${step}`,
    place: { where: circuit.name },
    remedy:
      'give dt, about a fifth of the shortest time constant; dt: "auto" of a training, and ' +
      "chooseStep, find one",
  });
}

/** @throws OhmletError CHIP-STACK */
export function refuseStack(circuit: Circuit, fact: string, remedy: string): never {
  throw new OhmletError({ code: "CHIP-STACK", fact, place: { where: circuit.name }, remedy });
}

function expectKnown(
  circuit: Circuit,
  code: string,
  what: string,
  name: string,
  known: readonly string[],
): void {
  if (known.includes(name)) return;
  throw new OhmletError({
    code,
    fact: `there is no ${what} "${name}"`,
    place: { where: circuit.name },
    remedy: `choose: ${known.join(", ")}`,
  });
}

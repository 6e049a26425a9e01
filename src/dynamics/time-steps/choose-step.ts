/**
 * Chooses a time step for a chip from how stiff its field is: half of the longest that the solver can take
 * without amplifying a mode, on all of the chip's way; and holds that way against the one of finer steps. Not
 * here: how modes are found (stiffness.ts).
 */
import { stateNamed } from "../../circuit/states";
import type { Chip } from "../../circuit/chip-types";
import type { Engine } from "../../engines/engine";
import { check, optionsOf } from "../../options";
import { OhmletError } from "../../errors";
import { slowestTimeConstant } from "./rest-properties";
import { unlessNowhere } from "./coarse-step";
import { scalingOf } from "../lowering/scaling";
import { Simulator } from "../simulator";
import { FIXED_SOLVERS, type FixedSolver, type StepAdvice } from "./stiffness";
import { isDiscrete, timeOf } from "./time-step";
import type { OutcomeKind, Planes, SolverName } from "../types";

/** The inputs and nudges for which a time step is chosen. */
export interface StepChoice {
  /** Default "exponential-euler"; a solver of fixed steps. */
  readonly solver?: SolverName;
  readonly samples: number;
  /** Clamped data, [samples, input size]. */
  readonly inputs: ArrayLike<number>;
  /**
   * Strength of the nudges that the chip will be given, and their targets: states that are pushed either way
   * are looked at too. Default: none.
   */
  readonly nudge?: number;
  readonly targets?: ArrayLike<number>;
}

const readChoice = optionsOf<StepChoice>("chooseStep", {
  needs: { samples: check.whole(1), inputs: check.numbers },
  takes: { solver: check.anything, nudge: check.numeric, targets: check.numbers },
});

/**
 * Time constants of the slowest leak in which a chip is let settle, and steps after which it is looked at
 * anyway.
 */
const TIME_CONSTANTS = 30;
const MOST_STEPS = 20_000;
/** The residual at which the chip counts as settled. */
const TOLERANCE = 1e-3;
/** What float32 leaves of a change of states of some units. */
const ROUNDING = 2 ** -19;
/**
 * How often a step that turns out too long on the way is replaced by a shorter one, and by how much at most:
 * where it is far too long, it leads to states that the chip never sees.
 */
const ROUNDS = 60;
const MOST_SHORTER = 4;
/**
 * Half of what is stable is allowed; a step is thought over again where it comes this near, as a share of it.
 */
const ROOM = 1.9;
/**
 * How much finer the steps are that a choice is held against, and how often it may fail before it is given
 * up.
 */
const FINER = 4;
const TRIALS = 8;
/**
 * How far it may be from where they are at the same time, and end from where they end, of the largest state
 * that they came to.
 */
const ASIDE = 1 / 4;
const FAR = 0.02;
/**
 * Where one never comes to rest, ways part in time: for so many time constants they are held against each
 * other, after that how large states are, by a factor.
 */
const TOGETHER = 5;
const LARGER = 1.5;
/**
 * What noise does is told from other draws of it: no unit is expected to be more than so many times as far
 * aside as these move one.
 */
const BY_NOISE = 3;

/**
 * The step, to three digits: seconds for physical circuits, else dimensionless. The same for the same chip,
 * engine and samples. It is half of the longest step that is stable at all states on the chip's way from
 * zeros to where it settles, free and nudged; at most half of the slowest leak's time constant, and a fifth
 * of the fastest mode's time where that mode grows by itself. All the way, states are within a quarter of the
 * largest of where steps four times finer lead at the same time, and end within 2 % of where those end; else
 * the step is halved. Of what does not come to rest in 30 time constants, five are looked at so, and then how
 * large it is.
 * @throws OhmletError DYN-SOLVER for discrete circuits, "map" and "dormand-prince"; DYN-STEP where nothing
 *   moves by itself, or no step is found; DYN-FIELD, DYN-SHAPE, DYN-TARGET
 */
export async function chooseStep(chip: Chip, engine: Engine, choice: StepChoice): Promise<number> {
  const asked = readChoice(choice);
  const { solver = "exponential-euler", samples, inputs } = asked;
  const unit = timeUnit(chip, solver);
  const first = new Simulator(chip, engine, { solver, dt: unit });
  const leak = slowestTimeConstant(first.layout) * unit;
  const allowedAt = (advice: StepAdvice): number => stepOf(advice, solver as FixedSolver, leak);
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "DYN-STEP", fact, place: { where: chip.circuit.name }, remedy });
  };
  const atZeros = await during(first, async (simulator) =>
    allowedAt(await simulator.stepAdvice({ samples, inputs }, false)),
  );
  let pace = leak;
  const journey = async (dt: number, looked: Looked = "on the way"): Promise<Journey> => {
    const found = await during(new Simulator(chip, engine, { solver, dt }), (simulator) =>
      travel(simulator, asked, { pace: Math.max(pace, dt), parts: 1, looked }, allowedAt),
    );
    pace = Math.max(pace, found.pace);
    return found;
  };
  const finer = (dt: number, { pace }: Journey, phase = 0): Promise<Journey> =>
    during(new Simulator(chip, engine, { solver, dt: dt / FINER }), (simulator) =>
      travel(
        simulator,
        asked,
        { pace, parts: FINER, phase, looked: phase === 0 ? "at its end" : "nowhere" },
        allowedAt,
      ),
    );
  const holds = async (fine: Journey): Promise<boolean> =>
    agree(chip, found, fine) || (first.noisy && agree(chip, found, fine, await finer(dt, found, 1)));
  // What has no pace of its own at zeros moves in the circuit's unit of time. What zeros allow counts where a
  // chip stays near them: a slope that is singular there, as that of sqrt(u), says nothing of a chip that has
  // left.
  let dt = (leak > 0 ? leak : unit) / 2;
  let found = await journey(dt);
  const longest = (): number => Math.min(found.allowed, leak > 0 ? Infinity : found.slowest / 2);
  for (let round = 0; round < ROUNDS && longest() < dt; round++) {
    dt = Math.max(longest(), dt / MOST_SHORTER);
    found = await journey(dt);
  }
  if (![atZeros, found.allowed, found.slowest].some(Number.isFinite))
    fail("no state moves by itself, so that any step would do", "give dt as a number");
  for (let trial = 0; trial < TRIALS; trial++) {
    const fine = await finer(dt, found);
    // A swing that steps amplify does not end where it would die out.
    const shorter = fine.allowed < dt ? Math.max(fine.allowed, dt / MOST_SHORTER) : dt / 2;
    if (fine.allowed >= dt && (await holds(fine))) return Number(dt.toPrecision(3));
    [dt, found] = [shorter, await journey(shorter, "nowhere")];
  }
  return fail(
    `steps of ${dt.toPrecision(3)}${unit === 1 ? "" : " s"} and longer lead elsewhere than finer ones`,
    "give dt as a number, or weaken the circuit's feedback: it may never come to rest",
  );
}

/** Where on a way the field is asked for the steps that it allows. */
type Looked = "on the way" | "at its end" | "nowhere";

/** Where a phase is at some time. */
interface Look {
  readonly time: number;
  readonly states: Planes;
}

/** How a phase went, by row. */
interface Way {
  /** After 1, 2, 4, … steps of the choice, until all rows settle. */
  readonly looks: readonly Look[];
  readonly ends: readonly OutcomeKind[];
  /** How large the state was on the way. */
  readonly largest: Float64Array;
  /** What noise makes of it. */
  readonly noise: number;
}

/** What a chip goes through in a free phase, and in nudged ones after it. */
interface Journey {
  /** Longest step that is allowed at all states on the way. */
  readonly allowed: number;
  /** Shortest of the slowest time constants of units by themselves. */
  readonly slowest: number;
  /** Longest of the slowest time constants of units by themselves, where they have one. */
  readonly pace: number;
  /** Null: a state left every bound, or one that was looked at allows no such step. */
  readonly ways: readonly Way[] | null;
}

/**
 * Looks at the states after 1, 2, 4, … steps of each phase, until it settles.
 * @param pace slowest time constant as far as it is known @param parts simulator's steps in a step of the
 *   choice @param phase keys the noise
 */
async function travel(
  simulator: Simulator,
  { samples, inputs, targets, nudge = 0 }: StepChoice,
  known: { readonly pace: number; readonly parts: number; readonly phase?: number; readonly looked: Looked },
  allowedAt: (advice: StepAdvice) => number,
): Promise<Journey> {
  const { dt, engine } = simulator;
  const { parts, phase: key = 0, looked } = known;
  const { scale } = scalingOf(simulator.circuit);
  const scaleOf = (state: string): number => scale(stateNamed(simulator.circuit, state).dimension);
  let { pace } = known;
  const steps = (): number => parts * Math.ceil(Math.min(MOST_STEPS, (TIME_CONSTANTS * pace) / (dt * parts)));
  const ways: Way[] = [];
  let [allowed, slowest] = [Infinity, Infinity];
  const lost = (): Journey => ({ slowest, pace, allowed: Math.min(allowed, dt / MOST_SHORTER), ways: null });
  for (const beta of nudge === 0 ? [0] : [0, nudge, -nudge]) {
    const request = {
      samples,
      inputs,
      phase: key,
      ...(beta !== 0 && { targets, nudges: [{ re: beta, im: 0 }] }),
    };
    const largest = new Float64Array(samples);
    const looks: Look[] = [];
    let size = 0;
    let [from, ends, noise]: [Planes | undefined, readonly OutcomeKind[], number] = [
      ways[0]?.looks.at(-1)?.states,
      [],
      0,
    ];
    for (let done = 0; done < steps() && !(looks.length > 1 && ends.every((end) => end === "settled"));) {
      const part = Math.min(steps() - done, Math.max(parts, done));
      // As small as the states are; of short steps float32 sees no smaller changes.
      const tolerance = Math.max(
        TOLERANCE * (size > 0 ? Math.min(1, size) : 1),
        engine.info.precision === "float32" ? ROUNDING / Math.min(1, dt / pace) : 0,
      );
      const phase = await simulator.phase({ ...request, from, steps: part, firstStep: done, tolerance });
      if (phase.outcome.kind === "diverged") return lost();
      [from, ends, noise] = [phase.states, phase.ends, phase.outcome.noiseFloor ?? 0];
      eachUnit(simulator, from, samples, (row, u, population) => {
        largest[row] = Math.max(largest[row], Math.abs(u));
        size = Math.max(size, Math.abs(u) / scaleOf(population));
      });
      done += part;
      looks.push({ time: done * dt, states: from });
      const ended = done >= steps() || (looks.length > 1 && ends.every((end) => end === "settled"));
      if (looked === "nowhere" || (looked === "at its end" && !ended)) continue;
      const glance = await simulator.glanceAtStep({ ...request, from }, ROOM);
      slowest = Math.min(slowest, glance.slowest);
      if (Number.isFinite(glance.slowest)) pace = Math.max(pace, glance.slowest);
      // A glance sees the fastest mode; where the way of finer steps ends, swings that die slowly count as
      // well.
      const swings = looked === "at its end";
      if (!glance.doubtful && !swings) continue;
      const advice = await simulator.stepAdvice({ ...request, from }, swings).catch(unlessNowhere);
      // States at which there is no field are states that steps which are too long lead to.
      if (advice === null) return lost();
      allowed = Math.min(allowed, allowedAt(advice));
      // Where a step that is too long leads is not on the chip's way.
      if (allowed < dt) return { ...lost(), allowed };
    }
    ways.push({ looks, ends, largest, noise });
  }
  return { allowed, slowest, pace, ways };
}

/** Visits every unit that moves in time: a map takes one step a step, whatever its length. */
function eachUnit(
  { circuit }: Pick<Simulator, "circuit">,
  states: Planes,
  rows: number,
  visit: (row: number, u: number, population: string, at: number) => void,
): void {
  for (const [name, { re }] of Object.entries(states))
    if (stateNamed(circuit, name).population.neuron?.dynamics.kind === "continuous")
      re.forEach((u, i) => visit(Math.floor((i * rows) / re.length), u, name, i));
}

/**
 * Whether two ways lead to the same place by the same states; where one never comes to rest, whether it
 * begins alike and states are as large.
 * @param chip that goes them @param other the finer way with other draws of noise
 */
function agree(chip: Chip, coarse: Journey, fine: Journey, other?: Journey): boolean {
  const { ways, pace } = fine;
  if (coarse.ways === null || ways === null) return false;
  return coarse.ways.every((a, k) => {
    const b = ways[k];
    const rests = b.ends.map((end) => end === "settled");
    // What is settled stays where it is.
    const last = Math.max(a.looks.length, b.looks.length) - 1;
    const lookOf = ({ looks }: Way, look: number): Look => looks[Math.min(look, looks.length - 1)];
    const third = other?.ways?.[k];
    // Samples and times have much the same noise; a slow mode may by chance hardly move one of them.
    const moved =
      third === undefined
        ? 0
        : Math.max(
            ...b.looks.flatMap((one, look) => [...apart(chip, one, lookOf(third, look), rests.length)]),
          );
    const room = 6 * Math.max(a.noise, b.noise) + BY_NOISE * moved;
    for (let look = 0; look <= last; look++) {
      const [one, two] = [lookOf(a, look), lookOf(b, look)];
      const share = (row: number): number =>
        rests[row] ? (look === last ? FAR : ASIDE) : two.time > TOGETHER * pace ? Infinity : ASIDE;
      if (apart(chip, one, two, rests.length).some((far, row) => far > share(row) * b.largest[row] + room))
        return false;
      if (look === last && rests.some((at, row) => !at && a.largest[row] > LARGER * b.largest[row] + room))
        return false;
    }
    return true;
  });
}

/** How far the unit that differs most is from where it is on another way, of each row. */
function apart(chip: Chip, one: Look, two: Look, rows: number): Float64Array {
  const most = new Float64Array(rows);
  eachUnit(
    chip,
    one.states,
    rows,
    (row, u, population, at) =>
      (most[row] = Math.max(most[row], Math.abs(u - two.states[population].re[at]))),
  );
  return most;
}

/** What a time of order one is for the chip, SI or dimensionless. */
function timeUnit({ circuit }: Chip, solver: SolverName): number {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "DYN-SOLVER", fact, place: { where: circuit.name }, remedy });
  };
  if (isDiscrete(circuit))
    return fail("a discrete circuit moves by maps and has no time step to choose", "leave dt out");
  if (solver === "dormand-prince")
    return fail(
      "the dormand-prince solver chooses its steps for itself, and dt is the grid on which it is read",
      `give dt as a number, or take one of the solvers ${FIXED_SOLVERS.join(", ")}`,
    );
  if (!(FIXED_SOLVERS as readonly string[]).includes(solver))
    return fail(`the solver "${solver}" takes no time steps`, `choose: ${FIXED_SOLVERS.join(", ")}`);
  return scalingOf(circuit).scale(timeOf(circuit));
}

function stepOf({ stable, fastest, slowest }: StepAdvice, solver: FixedSolver, leak: number): number {
  if (stable[solver] === 0) return fastest / 5;
  return Math.min(stable[solver], leak > 0 ? leak : slowest) / 2;
}

async function during<T>(simulator: Simulator, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  try {
    return await work(simulator);
  } finally {
    simulator.dispose();
  }
}

/**
 * Chooses a time step for a chip from how stiff its field is: half of the longest that the solver can take without
 * amplifying the fastest mode, on all of the chip's way; and makes sure that it works. Not here: how that mode is found (stiffness.ts).
 */
import type { Chip } from "../circuit/chip-types";
import type { Engine } from "../engines/engine";
import { check, optionsOf } from "../options";
import { OhmletError } from "../errors";
import { slowestTimeConstant } from "./at-rest";
import { unlessNowhere } from "./coarse-step";
import { scalingOf } from "./scaling";
import { Simulator } from "./simulator";
import { FIXED_SOLVERS, type FixedSolver, type StepAdvice } from "./stiffness";
import type { OutcomeKind, Planes, SolverName } from "./types";

export interface StepChoice {
  /** Default "exponential-euler"; a solver of fixed steps. */
  readonly solver?: SolverName;
  readonly samples: number;
  /** Clamped data, [samples, input size]. */
  readonly inputs: ArrayLike<number>;
  /** Strength of the nudges that the chip will be given, and their targets: states that are pushed either way are looked at too. Default: none. */
  readonly nudge?: number;
  readonly targets?: ArrayLike<number>;
}

const readChoice = optionsOf<StepChoice>("chooseStep", { needs: { samples: check.whole(1), inputs: check.numbers }, takes: { solver: check.anything, nudge: check.numeric, targets: check.numbers } });

/** Time constants of the slowest leak in which a chip is let settle, and steps after which it is looked at anyway. */
const TIME_CONSTANTS = 30;
const MOST_STEPS = 20_000;
/** The residual at which the chip counts as settled. */
const TOLERANCE = 1e-3;
/** What float32 leaves of a change of states of some units. */
const ROUNDING = 2 ** -19;
/** How often a step that turns out too long on the way is replaced by a shorter one, and by how much at most: where it is far too long, it leads to states that the chip never sees. */
const ROUNDS = 30;
const MOST_SHORTER = 4;
/** Half of what is stable is allowed; a step is thought over again where it comes this near, as a share of it. */
const ROOM = 1.9;
/** How much finer the steps are that a choice is held against, and how often it may fail before it is given up. */
const FINER = 4;
const TRIALS = 8;
/** How far it may end from where they end, of the states' size, and by which factor states may be larger on the way. */
const FAR = 0.02;
const LARGER = 1.5;

/**
 * The step, to three digits: seconds for physical circuits, else dimensionless. The same for the same chip, engine and
 * samples. It is half of the longest step that is stable at all states on the chip's way from zeros to where it settles, free
 * and nudged; at most half of the slowest leak's time constant, and a fifth of the fastest mode's time where that mode grows by
 * itself. It ends where steps four times finer do, else a shorter one is taken. Slower modes that swing with little damping are not looked at.
 * @throws OhmletError DYN-SOLVER for discrete circuits, "map" and "dormand-prince"; DYN-STEP where nothing moves by itself, or no step is found; DYN-FIELD, DYN-SHAPE, DYN-TARGET
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
  const journey = (dt: number, allowed: typeof allowedAt | null = allowedAt, span = MOST_STEPS * dt): Promise<Journey> => during(new Simulator(chip, engine, { solver, dt }), (simulator) => travel(simulator, asked, { pace: Math.max(leak, dt), span }, allowed));
  const atZeros = await during(first, async (simulator) => allowedAt(await simulator.stepAdvice({ samples, inputs })));
  // What has no pace of its own moves in the circuit's unit of time.
  let dt = leak > 0 ? atZeros : Math.min(atZeros, unit / 2);
  let found = await journey(dt);
  const longest = (): number => Math.min(found.allowed, leak > 0 ? Infinity : found.slowest / 2);
  for (let round = 0; round < ROUNDS && longest() < dt; round++) {
    dt = Math.max(longest(), dt / MOST_SHORTER);
    found = await journey(dt);
  }
  if (![atZeros, found.allowed, found.slowest].some(Number.isFinite)) fail("no state moves by itself, so that any step would do", "give dt as a number");
  for (let trial = 0; trial < TRIALS; trial++) {
    const finer = await journey(dt / FINER, null, MOST_STEPS * dt);
    if (agree(found, finer)) return Number(dt.toPrecision(3));
    [dt, found] = [dt / 2, await journey(dt / 2, null)];
  }
  return fail(`steps of ${dt.toPrecision(3)}${unit === 1 ? "" : " s"} and longer lead elsewhere than finer ones`, "give dt as a number, or weaken the circuit's feedback: it may never come to rest");
}

/** How a phase went, by row. */
interface Way {
  readonly states: Planes;
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
  /** Null: a state left every bound. */
  readonly ways: readonly Way[] | null;
}

/**
 * Looks at the states after 1, 2, 4, … steps of each phase, until it settles.
 * @param pace slowest time constant @param span longest time that a phase is followed for
 * @param allowedAt null: only where it leads is asked
 */
async function travel(simulator: Simulator, { samples, inputs, targets, nudge = 0 }: StepChoice, { pace, span }: { readonly pace: number; readonly span: number }, allowedAt: ((advice: StepAdvice) => number) | null): Promise<Journey> {
  const { dt, engine } = simulator;
  const steps = Math.ceil(Math.min(span, TIME_CONSTANTS * pace) / dt);
  // Of short steps float32 sees no smaller ones.
  const tolerance = Math.max(TOLERANCE, engine.info.precision === "float32" ? ROUNDING / Math.min(1, dt / pace) : 0);
  const ways: Way[] = [];
  let [allowed, slowest] = [Infinity, Infinity];
  const lost = (): Journey => ({ slowest, allowed: Math.min(allowed, dt / MOST_SHORTER), ways: null });
  for (const beta of nudge === 0 ? [0] : [0, nudge, -nudge]) {
    const request = { samples, inputs, ...(beta !== 0 && { targets, nudges: [{ re: beta, im: 0 }] }) };
    const largest = new Float64Array(samples);
    let [from, ends, noise]: [Planes | undefined, readonly OutcomeKind[], number] = [ways[0]?.states, [], 0];
    for (let done = 0; done < steps && !(done > 1 && ends.every((end) => end === "settled")); ) {
      const part = Math.min(steps - done, Math.max(1, done));
      const phase = await simulator.phase({ ...request, from, steps: part, firstStep: done, tolerance });
      if (phase.outcome.kind === "diverged") return lost();
      [from, ends, noise] = [phase.states, phase.ends, phase.outcome.noiseFloor ?? 0];
      eachUnit(from, samples, (row, u) => (largest[row] = Math.max(largest[row], Math.abs(u))));
      done += part;
      if (allowedAt === null) continue;
      const glance = await simulator.glanceAtStep({ ...request, from }, ROOM);
      slowest = Math.min(slowest, glance.slowest);
      if (!glance.doubtful) continue;
      const advice = await simulator.stepAdvice({ ...request, from }).catch(unlessNowhere);
      // States at which there is no field are states that steps which are too long lead to.
      if (advice === null) return lost();
      allowed = Math.min(allowed, allowedAt(advice));
    }
    ways.push({ states: from as Planes, ends, largest, noise });
  }
  return { allowed, slowest, ways };
}

function eachUnit(states: Planes, rows: number, visit: (row: number, u: number, population: string, at: number) => void): void {
  for (const [name, { re }] of Object.entries(states)) re.forEach((u, i) => visit(Math.floor((i * rows) / re.length), u, name, i));
}

/** Whether two ways lead to the same place; where one never comes to rest, whether states are as large. */
function agree(coarse: Journey, fine: Journey): boolean {
  const { ways } = fine;
  if (coarse.ways === null || ways === null) return false;
  return coarse.ways.every((a, k) => {
    const b = ways[k];
    const room = 6 * Math.max(a.noise, b.noise);
    const rests = b.ends.map((end) => end === "settled");
    if (!rests.every((at, row) => at || a.largest[row] <= LARGER * b.largest[row] + room)) return false;
    let near = true;
    eachUnit(a.states, rests.length, (row, u, population, at) => (near &&= !rests[row] || Math.abs(u - b.states[population].re[at]) <= FAR * b.largest[row] + room));
    return near;
  });
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

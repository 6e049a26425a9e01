/**
 * Runs phases of a chip, or of stacked chips, on an engine, one after another: what a phase is told, how it
 * ended, what it left.
 */
import type { SmallSignalRequest } from "./small-signal/request";
import type { SmallSignal } from "./small-signal/small-signal";
import type { Chip, Circuit } from "../circuit/chip-types";
import type { ChipStack } from "../circuit/stack";
import type { Engine, Executable } from "../engines/engine";
import { OhmletError } from "../errors";
import { Activities } from "./lowering/activities";
import type { Observer } from "./phases/adaptive-phase";
import { most } from "./phases/advance";
import { printsItself } from "../display";
import { asOutcome, asPhase, describeSimulator } from "./describe";
import { swapBlocks, tile } from "./lowering/arrays";
import { noiseFloors } from "./time-steps/rest-properties";
import type { DeviceArrays } from "./chip-arrays/device-arrays";
import { expectFloat32 } from "./lowering/float32";
import { InternalUnits } from "./lowering/internal-units";
import { endlessRows, inOrder, outcomeOfChips } from "./phases/outcomes-by-chip";
import { endsOf } from "./phases/outcome";
import { Pace } from "./time-steps/pace";
import { layoutOf, type Layout, type PlannedPopulation } from "./lowering/layout";
import { Backwards } from "./backwards";
import { EngineWalk } from "./engine-walk";
import { PhasePrograms, type HeldStates, type PhaseParts } from "./chip-arrays/phase-programs";
import type { Reads } from "./chip-arrays/reads";
import { PhaseRunner, type Ran } from "./phases/run";
import type { WithDifferences } from "./phases/read-differences";
import { readStates, type StatesAndActivities } from "./phases/read-states";
import { nudgesOf } from "./phases/shape";
import { chipsOf, expectStep, refuseStack, settingsOf, type SimulatorOptions } from "./simulator-options";
import { SOLVERS } from "./solvers";
import { remaining } from "./solvers/remaining";
import {
  adviseStep,
  explained,
  glanceAtStep,
  readAdvised,
  type Advised,
  type Glance,
} from "./time-steps/step-advice";
import type { StepAdvice } from "./time-steps/stiffness";
import { isDiscrete, timeOf } from "./time-steps/time-step";
import type {
  Acceleration,
  Outcome,
  PhaseRequest,
  PhaseResult,
  Planes,
  SolverName,
  UpdateOrder,
} from "./types";

export type { SimulatorOptions };

/** A phase whose states are still in the engine. */
export interface HeldPhase extends HeldStates {
  /** How it ended; asked for once what it runs together with has run (`Executable.together`). */
  ended(): Promise<Outcome>;
  /**
   * State and activity of some populations (default: the output), read from the engine: before the next phase
   * of the same shape.
   */
  read(populations?: readonly PlannedPopulation[]): Promise<StatesAndActivities>;
}

/**
 * Runs phases of a chip, or of stacked chips, on an engine. Dispose of it before its engine.
 * @typeParam P names of the populations, where the design spells them out
 */
export class Simulator<P extends string = string> {
  /** One, or those of a stack. */
  readonly chips: readonly Chip[];
  readonly circuit: Circuit;
  readonly solver: SolverName;
  /** As given, SI or dimensionless. */
  readonly dt: number;
  readonly order: UpdateOrder;
  readonly acceleration: Acceleration;
  readonly reads: Reads;
  /**
   * How the chip is lowered, and its numbers in the units of its programs.
   * @internal
   */
  readonly units: InternalUnits;
  /** @internal */
  readonly layout: Layout;
  private readonly pace: Pace;
  private readonly activities: Activities;
  private readonly parts: PhaseParts;
  private readonly programs: PhasePrograms;
  private readonly runner: PhaseRunner;
  private readonly walked = new Map<number, Backwards>();
  private readonly companions = new Map<string, Simulator>();
  private readonly step: number;
  /** Noise floor of each chip, SI. */
  private readonly floors: readonly (number | null)[];
  private queue: Promise<unknown> = Promise.resolve();
  private disposed = false;

  /**
   * @throws OhmletError DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION, DYN-STEP, DYN-PRECISION, DYN-READS,
   *   CHIP-STACK, ENGINE-SEED
   */
  constructor(
    simulated: Chip<P, string> | ChipStack<P>,
    readonly engine: Engine,
    private readonly options: SimulatorOptions = {},
  ) {
    const { circuit, chips } = chipsOf(simulated);
    this.chips = chips;
    this.circuit = circuit;
    const settings = settingsOf(circuit, chips.length, engine, options);
    ({
      solver: this.solver,
      dt: this.dt,
      order: this.order,
      acceleration: this.acceleration,
      reads: this.reads,
    } = settings);
    this.units = new InternalUnits(chips, settings.seeds, this.reads);
    this.layout = layoutOf(chips, this.units.scaling, this.reads === "by-current");
    if (engine.info.precision === "float32") expectFloat32(circuit, this.layout, this.units);
    this.step = isDiscrete(circuit) ? 1 : this.dt / this.units.scaling.scale(timeOf(circuit));
    expectStep(circuit, this.step, this.dt);
    this.pace = new Pace(circuit, this.layout, chips.length, this.step, (p) => this.units.unitDrive(p));
    this.floors = noiseFloors(this.layout, (p) => this.units.state(p), chips.length);
    this.activities = new Activities(chips, this.layout);
    this.parts = {
      engine,
      units: this.units,
      layout: this.layout,
      activities: this.activities,
      solver: SOLVERS[this.solver],
      judge: this.pace.byState ? remaining(Math.max(...this.pace.slowest)) : null,
      step: this.step,
      mapsCount: this.pace.mapsCount,
    };
    this.programs = new PhasePrograms(this.parts);
    const { solver, dt, order, acceleration, units, layout, pace, activities, programs, noisy, step } = this;
    const { adaptive } = settings;
    const steps = { solver, adaptive, order, acceleration, dt, step };
    const lowered = { units, layout, pace, activities, programs, noisy };
    this.runner = new PhaseRunner({ circuit, chips: chips.length, engine, ...steps, ...lowered });
  }

  /**
   * The chip that it simulates.
   * @throws OhmletError CHIP-STACK where several are stacked: what works on one chip should not take the
   *   first for all
   */
  get chip(): Chip {
    return this.chips.length === 1
      ? this.chips[0]
      : this.failStacked("this works on one chip", "simulate one chip after another");
  }

  /** Whether conductances differ from read to read. */
  get readsAreNoisy(): boolean {
    return this.units.readsAreNoisy;
  }

  /** Whether anything in the chip is noisy. */
  get noisy(): boolean {
    return this.layout.populations.some((p) => p.field.diffusion !== null) || this.units.readsAreNoisy;
  }

  /**
   * Steps that a signal needs to cross the circuit, from the input or from the nudged output to the
   * population that is farthest: one for each population on its way for maps; for continuous circuits a time
   * constant of each. A phase is not settled before, and should last several times as long.
   */
  get shortestPhase(): number {
    return most(
      this.pace.crossings(
        this.chips.length,
        { order: this.order, acceleration: "none" },
        { input: true, nudge: true },
      ),
    );
  }

  /**
   * Runs one phase: rows = samples x nudges settle side by side. Phases that are asked for at the same time
   * run one after another, in the order of the calls.
   * @param observe for the solver "dormand-prince", whose dense output costs nothing; see transient for the
   *   others
   * @throws OhmletError DYN-… for requests that do not fit the circuit; a divergence is no error but an
   *   outcome
   */
  phase(request: PhaseRequest, observe?: Observer): Promise<PhaseResult<P>> {
    return this.inTurn(async (): Promise<PhaseResult> => {
      this.expectAlive();
      const ran = await this.runner.run(request, { planes: request.from }, observe);
      const result = await this.collect(request, ran);
      const outcome =
        this.chips.length > 1
          ? result.outcome
          : await explained(this.advised, request, result.outcome, [request.from, result.states]);
      const certified = request.certify === true && this.chips.length === 1;
      // Few ask for it, and pages that do not need not load it.
      const uniqueness = certified
        ? (await import("./contraction")).uniquenessOf(this.chip, request.inputs)
        : undefined;
      const ended = { ...result, outcome: { ...outcome, ...(uniqueness && { uniqueness }) } };
      const finished = asPhase(ran.finish === undefined ? ended : ran.finish(ended));
      asOutcome(finished.outcome);
      return finished;
    }) as Promise<PhaseResult<P>>;
  }

  /**
   * How fast the circuit's fastest mode is at given states (`from`; default: zeros), and which steps solvers
   * can take there.
   * @param swings whether one that dies slowly is looked for, too, which takes longer
   * @throws OhmletError DYN-SOLVER for discrete circuits, DYN-SHAPE, DYN-TARGET, CHIP-STACK
   */
  stepAdvice(request: Omit<PhaseRequest, "steps">, swings = true): Promise<StepAdvice> {
    if (this.chips.length > 1) this.failStacked("step advice is of one chip", "simulate one of them alone");
    return this.inTurn(() => {
      this.expectAlive();
      return adviseStep(this.advised, readAdvised(request), swings);
    });
  }

  /**
   * The circuit linearised about a fixed point of one sample; exact in float64.
   * @throws OhmletError as `smallSignal`
   * @internal
   */
  smallSignal(request: SmallSignalRequest): Promise<SmallSignal> {
    if (this.chips.length > 1)
      this.failStacked("small signals are those of one chip", "look at one of them alone");
    return this.inTurn(async () => {
      // Few ask for it, and pages that do not need not load it.
      const { SmallSignal } = await import("./small-signal/small-signal");
      return SmallSignal.about({ advised: this.advised, units: this.units }, request);
    });
  }

  /**
   * Whether advice is worth asking for, at given states and a multiple of this step; quicker than advice.
   * @throws as stepAdvice, but for DYN-FIELD
   * @internal
   */
  glanceAtStep(request: Omit<PhaseRequest, "steps">, times = 1): Promise<Glance> {
    if (this.chips.length > 1) this.failStacked("step advice is of one chip", "simulate one of them alone");
    return this.inTurn(() => glanceAtStep(this.advised, readAdvised(request), times));
  }

  /**
   * Runs one phase and leaves its states where they are, until the next phase of the same shape. For engines
   * that hand states over (`Engine.adjusts`).
   * @param from a phase that was held, to start from in place of `request.from`
   * @throws as `phase`
   * @internal
   */
  hold(request: PhaseRequest, from?: HeldPhase): Promise<HeldPhase> {
    if (this.chips.length > 1)
      this.failStacked("states are held for one chip", "use phase, or simulate one chip after another");
    return this.inTurn(async () => {
      this.expectAlive();
      const ran = await this.runner.run(
        request,
        from === undefined ? { planes: request.from } : { held: from },
      );
      const { exe, shape } = ran;
      const ended = async (): Promise<Outcome> =>
        asOutcome(await explained(this.advised, request, this.outcome(request, ran), [request.from]));
      const known = exe.together === undefined ? await ended() : null;
      return {
        executable: exe,
        complex: shape.complex,
        averaged: ran.advanced.averaged,
        ended: async () => known ?? ended(),
        read: (populations = [this.layout.output]) => this.read(ran, populations, nudgesOf(request).length),
      };
    });
  }

  /**
   * The chip's arrays in the engine, or why they are not there. Made with the first phase, or when asked for.
   * @internal
   */
  get arrays(): DeviceArrays | string {
    return this.programs.arrays;
  }

  /**
   * The program that holds the clamped outputs of the last phase, as x, x1, …
   * @internal
   */
  get clamped(): Executable {
    return this.programs.clamped;
  }

  /**
   * Steps of free phases of so many samples, walked backwards; one for each number of samples, until the
   * simulator is disposed of.
   * @internal
   * @throws OhmletError DYN-BACKWARDS for circuits that are noisy and for solvers that choose their steps;
   *   CHIP-STACK
   */
  backwards(samples: number): Backwards {
    this.expectAlive();
    const { chip, noisy, order } = this;
    let found = this.walked.get(samples);
    if (found === undefined) {
      found = new Backwards(this.parts, { where: chip.circuit.name, samples, order, noisy });
      this.walked.set(samples, found);
    }
    return found;
  }

  /**
   * The same in the engine, for engines that hand states over; or why not there.
   * @internal
   * @throws OhmletError DYN-BACKWARDS, CHIP-STACK
   */
  walker(samples: number): EngineWalk {
    this.expectAlive();
    const { chip, noisy, order, programs } = this;
    const { arrays } = programs;
    if (typeof arrays === "string") throw new Error(`no arrays in the engine: ${arrays}`);
    const options = { where: chip.circuit.name, samples, order, noisy };
    return new EngineWalk(this.parts, options, arrays.executable, programs.drive);
  }

  /** rho of given states, by population, on the host. */
  activitiesOf(states: Planes): Planes {
    return this.activities.of(states);
  }

  /**
   * Another simulator that goes as this one does, made once, disposed of with this one.
   * @param key what it is
   * @param simulated its chips, as many
   * @param seedOf the seed of its noise, by that of a chip of this
   * @internal
   */
  companion(key: string, simulated: () => ChipStack, seedOf: (seed: number) => number): Simulator {
    this.expectAlive();
    const found = this.companions.get(key);
    if (found !== undefined) return found;
    const seed = this.units.phaseKeys(0).map((own) => seedOf(own.seed));
    const made = new Simulator(simulated(), this.engine, { ...this.options, seed });
    this.companions.set(key, made);
    return made;
  }

  /** Gives back what its programs hold. No phase can be run afterwards; what was read stays. */
  dispose(): void {
    this.disposed = true;
    for (const backwards of this.walked.values()) backwards.dispose();
    for (const companion of this.companions.values()) companion.dispose();
    this.programs.dispose();
  }

  private expectAlive(): void {
    if (this.disposed)
      throw new OhmletError({
        code: "DYN-DISPOSED",
        fact: "this simulator has been disposed of",
        place: { where: this.circuit.name },
        remedy: "make a new one, or dispose of it later",
      });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private get advised(): Advised {
    const { circuit, layout, solver, dt, step, noisy, programs } = this;
    return { circuit, layout, solver, dt, step, scale: this.pace.scales(1)[0], noisy, programs };
  }

  private outcome(request: PhaseRequest, ran: Ran): Outcome {
    return outcomeOfChips(this.runner.ending(request, ran), this.floors, nudgesOf(request).length);
  }

  private failStacked(fact: string, remedy: string): never {
    return refuseStack(this.circuit, `${fact}, and ${this.chips.length} chips are stacked`, remedy);
  }

  private async collect(request: PhaseRequest, ran: Ran): Promise<PhaseResult> {
    const { rows } = ran.shape;
    const nudges = nudgesOf(request).length;
    const found = await this.read(ran, this.layout.populations, nudges, request.from);
    const { states, activities } = found;
    const read = { ...ran, endless: swapBlocks(endlessRows(activities, rows), nudges, this.chips.length) };
    const clamped: Planes = Object.fromEntries(
      [...this.programs.drive.shown(request.inputs)].map(([name, shown]) => [
        name,
        { re: tile(shown, rows / request.samples) },
      ]),
    );
    const ending = this.runner.ending(request, read);
    const ends = endsOf(inOrder(ending, this.chips.length, nudges));
    return {
      outcome: outcomeOfChips(ending, this.floors, nudges, ends),
      ends,
      rows,
      states,
      activities: { ...clamped, ...activities },
      ...(found.differences && { differences: found.differences }),
    };
  }

  /** What a phase left of some populations, SI. */
  private async read(
    { exe, shape: { complex, differences }, advanced: { averaged } }: Ran,
    populations: readonly PlannedPopulation[],
    nudges: number,
    from: Planes = {},
  ): Promise<StatesAndActivities & Partial<WithDifferences>> {
    const left = { exe, complex, averaged, chips: this.chips.length, nudges };
    if (differences !== true) return readStates(left, populations, this.units, this.activities);
    const { readDifferences } = await import("./phases/read-differences");
    return readDifferences(left, from, populations, this.units, this.activities);
  }
}

printsItself(describeSimulator)(Simulator.prototype);

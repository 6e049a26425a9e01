/**
 * Runs phases of a chip, or of stacked chips, on an engine, one after another: what a phase is told, how it
 * ended, what it left.
 */
import type { Chip, Circuit } from "../circuit/chip-types";
import type { ChipStack } from "../circuit/stack";
import type { Engine, Executable } from "../engines/engine";
import { OhmletError } from "../errors";
import { Activities } from "./lowering/activities";
import { printsItself } from "../display";
import { asOutcome, asPhase, describeSimulator } from "./describe";
import { adaptiveResult, runAdaptively, type Observer } from "./phases/adaptive-phase";
import { advance, most } from "./phases/advance";
import { swapBlocks, tile } from "./lowering/arrays";
import { noiseFloors } from "./time-steps/rest-properties";
import type { AdaptiveOptions } from "./phases/dormand-prince";
import type { DeviceArrays } from "./chip-arrays/device-arrays";
import { expectFloat32 } from "./lowering/float32";
import { InternalUnits } from "./lowering/internal-units";
import { lockInOf, oscillate } from "./phases/lock-in";
import {
  endingOf,
  endlessRows,
  inOrder,
  nudgedRows,
  outcomeOfChips,
  type Ended,
} from "./phases/outcomes-by-chip";
import { endsOf, type Ending } from "./phases/outcome";
import { Pace } from "./time-steps/pace";
import { layoutOf, type Layout, type PlannedPopulation, type PlanShape } from "./lowering/layout";
import { PhasePrograms, type HeldStates, type Start } from "./chip-arrays/phase-programs";
import { checkPlanes, checkRows, type Reads } from "./chip-arrays/reads";
import { checkRequest } from "./phases/request";
import { lookAgain } from "./phases/second-look";
import {
  chipsOf,
  expectStep,
  isDiscrete,
  refuseStack,
  settingsOf,
  type SimulatorOptions,
} from "./simulator-options";
import { SOLVERS } from "./solvers";
import { remaining } from "./solvers/remaining";
import {
  adviseStep,
  explained,
  glanceAtStep,
  readAdvised,
  typedStep,
  type Advised,
  type Glance,
} from "./time-steps/step-advice";
import type { StepAdvice } from "./time-steps/stiffness";
import type {
  Acceleration,
  Complex,
  Outcome,
  PhaseRequest,
  PhaseResult,
  Plane,
  Planes,
  SolverName,
  UpdateOrder,
} from "./types";

export type { SimulatorOptions };

/** Roundings of its terms by which the field of units of order one may be off. */
const FIELD = 32;
const FREE: Complex = { re: 0, im: 0 };

/** A phase whose states are still in the engine. */
export interface HeldPhase extends HeldStates {
  readonly outcome: Outcome;
  /**
   * State and activity of some populations (default: the output), read from the engine: before the next phase
   * of the same shape.
   */
  read(
    populations?: readonly PlannedPopulation[],
  ): Promise<{ readonly states: Planes; readonly activities: Planes }>;
}

/** A phase that has just run. */
interface Ran extends Ended {
  readonly exe: Executable;
  readonly shape: PlanShape;
  /** Adds to a result what this kind of phase gives besides. */
  readonly finish?: (result: PhaseResult) => PhaseResult;
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
  private readonly adaptive: AdaptiveOptions;
  private readonly step: number;
  private readonly pace: Pace;
  private readonly activities: Activities;
  private readonly programs: PhasePrograms;
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
    options: SimulatorOptions = {},
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
      adaptive: this.adaptive,
    } = settings);
    this.units = new InternalUnits(chips, settings.seeds, this.reads);
    this.layout = layoutOf(chips, this.units.scaling, this.reads === "by-current");
    if (engine.info.precision === "float32") expectFloat32(circuit, this.layout, this.units);
    const { neuron } = circuit.output;
    this.step =
      isDiscrete(circuit) || neuron === null ? 1 : this.dt / this.units.scaling.scale(neuron.dimensions.time);
    expectStep(circuit, this.step, this.dt);
    this.pace = new Pace(circuit, this.layout, chips.length, this.step, (p) => this.units.unitDrive(p));
    this.floors = noiseFloors(this.layout, (p) => this.units.state(p), chips.length);
    this.activities = new Activities(chips, this.layout);
    this.programs = new PhasePrograms({
      engine,
      units: this.units,
      layout: this.layout,
      activities: this.activities,
      solver: SOLVERS[this.solver],
      judge: this.pace.byState ? remaining(Math.max(...this.pace.slowest)) : null,
      step: this.step,
    });
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
      const ran = await this.run(request, { planes: request.from }, observe);
      const result = await this.collect(request, ran);
      const outcome =
        this.chips.length > 1
          ? result.outcome
          : await explained(this.advised, request, result.outcome, [request.from, result.states]);
      const ended = { ...result, outcome };
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
      const ran = await this.run(request, from === undefined ? { planes: request.from } : { held: from });
      const { exe, shape } = ran;
      const outcome = asOutcome(
        await explained(this.advised, request, this.outcome(request, ran), [request.from]),
      );
      return {
        executable: exe,
        complex: shape.complex,
        averaged: ran.advanced.averaged,
        outcome,
        read: (populations = [this.layout.output]) => this.read(ran, populations, nudgesOf(request)),
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
   * The program that holds the clamped outputs of the last phase, as "x".
   * @internal
   */
  get clamped(): Executable {
    return this.programs.clamped;
  }

  /** rho of given states, by population, on the host. */
  activitiesOf(states: Planes): Planes {
    return this.activities.of(states);
  }

  /** Gives back what its programs hold. No phase can be run afterwards; what was read stays. */
  dispose(): void {
    this.disposed = true;
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
    const { circuit, engine, layout, solver, dt, step, noisy, programs } = this;
    return { circuit, engine, layout, solver, dt, step, scale: this.pace.scales(1)[0], noisy, programs };
  }

  private async run(request: PhaseRequest, start: Start, observe?: Observer): Promise<Ran> {
    this.expectAlive();
    checkRequest(this.circuit, request, this.chips.length);
    const { nudges = [FREE], oscillation } = request;
    const { adaptive, times } = SOLVERS[this.solver];
    const shape: PlanShape = {
      order: this.order,
      rows: request.samples * nudges.length,
      groups: this.units.readsDiffer ? request.samples * nudges.length : this.chips.length,
      complex: request.complex === true || nudges.some((n) => n.im !== 0) || oscillation?.form === "complex",
      nudged: nudges.some((n) => n.re !== 0 || n.im !== 0),
      average:
        !adaptive &&
        ((request.average ?? 0) > 0 ||
          (this.noisy && request.tolerance !== undefined) ||
          oscillation !== undefined),
      ...(oscillation && { oscillating: oscillation.form }),
      ...(request.tolerance !== undefined &&
        this.pace.byState &&
        !this.noisy &&
        !adaptive && { judged: true }),
    };
    if (this.units.readsDiffer) checkRows(this.circuit, shape.rows);
    else if (this.units.readsAreNoisy) checkPlanes(this.circuit, shape.complex);
    const exe = await this.programs.load(request, nudges, shape, start);
    const { layout } = this;
    const scales = this.pace.scales(shape.rows);
    // A phase that starts from states has the input in them already: what is new is the nudge.
    const started = "held" in start || start.planes !== undefined;
    const least = this.pace.crossings(shape.rows, this, {
      input: !(shape.nudged && started),
      nudge: shape.nudged,
    });
    const relative =
      shape.nudged && started && request.tolerance !== undefined && !this.noisy
        ? nudgedRows(request.samples, nudges, this.chips.length)
        : undefined;
    const phase = { exe, layout, shape, request, scales, least, relative };
    if (adaptive) {
      const ran = await runAdaptively({
        exe,
        layout,
        shape,
        request,
        dt: this.step,
        slowest: this.pace.slowest[0],
        least: least[0],
        relative,
        options: this.adaptive,
        units: this.units,
        activities: this.activities,
        observe,
      });
      return {
        exe,
        shape,
        least,
        relative,
        advanced: { ...ran, averaged: false },
        finish: (result) => adaptiveResult(request, result, ran),
      };
    }
    if (oscillation !== undefined) {
      const ran = await oscillate({ ...phase, oscillation, times, noisy: this.noisy });
      return {
        exe,
        shape,
        least,
        advanced: { ...ran, averaged: false },
        finish: (result) => ({
          ...result,
          lockIn: lockInOf(this.layout, shape.complex, ran, this.units, (values) =>
            swapBlocks(values, this.chips.length, nudges.length),
          ),
        }),
      };
    }
    const advanced = await advance({
      ...phase,
      scales: shape.judged ? this.pace.settling(shape.rows) : scales,
      noisy: this.noisy,
      chips: this.chips.length,
      acceleration: this.acceleration,
    });
    const ran = { exe, shape, least, relative, advanced };
    const { tolerance, check = true } = request;
    if (!check || tolerance === undefined || this.noisy) return ran;
    const { programs, pace } = this;
    const { residuals, distances, unstable, finer } = await lookAgain({
      programs,
      layout,
      pace,
      solver: SOLVERS[this.solver],
      request,
      nudges,
      exe,
      shape,
      ending: this.ending(request, ran),
      shortcut: shape.order === "alternate" || this.acceleration !== "none",
    });
    const steady = finer === undefined ? undefined : typedStep(this.circuit)(this.dt / finer);
    return {
      ...ran,
      unstable,
      ...(steady !== undefined && { steady }),
      advanced: {
        ...advanced,
        ...(residuals !== undefined && { residuals }),
        ...(distances !== undefined && { distances }),
      },
    };
  }

  private ending({ tolerance, steps }: PhaseRequest, ran: Ran): Ending {
    const { precision } = this.engine.info;
    const unit = precision === "float64" ? 2 ** -52 : 2 ** -23;
    return endingOf({ tolerance, steps }, ran, {
      residual: unit / this.pace.scales(1)[0],
      field: FIELD * unit,
      precision,
    });
  }

  private outcome(request: PhaseRequest, ran: Ran): Outcome {
    return outcomeOfChips(this.ending(request, ran), this.floors, nudgesOf(request));
  }

  private failStacked(fact: string, remedy: string): never {
    return refuseStack(this.circuit, `${fact}, and ${this.chips.length} chips are stacked`, remedy);
  }

  private async collect(request: PhaseRequest, ran: Ran): Promise<PhaseResult> {
    const { rows } = ran.shape;
    const nudges = nudgesOf(request);
    const { states, activities } = await this.read(ran, this.layout.populations, nudges);
    const read = { ...ran, endless: swapBlocks(endlessRows(activities, rows), nudges, this.chips.length) };
    const clamped: Planes = {
      [this.circuit.input.name]: { re: tile(this.activities.input(request.inputs), rows / request.samples) },
    };
    const ends = endsOf(inOrder(this.ending(request, read), this.chips.length, nudges));
    return {
      outcome: this.outcome(request, read),
      ends,
      rows,
      states,
      activities: { ...clamped, ...activities },
    };
  }

  /** What a phase left of some populations, SI. */
  private async read(
    { exe, shape: { complex }, advanced: { averaged } }: Ran,
    populations: readonly PlannedPopulation[],
    nudges: number,
  ): Promise<{ states: Planes; activities: Planes }> {
    const states: Record<string, Plane> = Object.create(null);
    const means: Record<string, Plane> = Object.create(null);
    const plane = async (name: string, scale: number): Promise<Plane> => {
      const part = async (of: string): Promise<Float64Array> =>
        swapBlocks(await exe.read(of), this.chips.length, nudges).map((v) => v * scale);
      return complex ? { re: await part(name), im: await part(`${name}i`) } : { re: await part(name) };
    };
    for (const p of populations) {
      const { name } = p.population;
      states[name] = await plane(`${averaged ? "mu" : "u"}${p.index}`, this.units.state(p));
      if (averaged) means[name] = await plane(`mr${p.index}`, this.units.output(p));
    }
    return { states, activities: averaged ? means : this.activities.of(states, nudges) };
  }
}

const nudgesOf = ({ nudges = [FREE] }: PhaseRequest): number => nudges.length;

printsItself(describeSimulator)(Simulator.prototype);

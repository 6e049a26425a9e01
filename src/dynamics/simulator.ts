/**
 * Runs phases of a chip on an engine. It lowers each shape of phase once, keeps the compiled program, and moves only what
 * changed: inputs, targets, nudges and states a phase, weights when the chip was programmed.
 */
import type { Chip } from "../circuit/chip-types";
import type { Engine, Executable } from "../engines/engine";
import { OhmletError } from "../errors";
import { Activities } from "./activities";
import { advance, type Advanced } from "./advance";
import { tile, transpose } from "./arrays";
import { noiseFloor, slowestTimeConstant } from "./at-rest";
import { ClampedDrive, forgetOldest } from "./clamped-drive";
import { InternalUnits } from "./internal-units";
import { outcomeOf } from "./outcome";
import { layoutOf, type Layout, type PlanShape } from "./layout";
import { planPhase } from "./plan";
import { checkRequest } from "./request";
import { SOLVERS } from "./solvers";
import type { Acceleration, Complex, PhaseRequest, PhaseResult, Plane, Planes, SolverName, UpdateOrder } from "./types";

export interface SimulatorOptions {
  /** Default: "map" for discrete circuits, "exponential-euler" for continuous ones. */
  readonly solver?: SolverName;
  /** Time step: seconds for physical circuits, else dimensionless. Needed for continuous circuits. */
  readonly dt?: number;
  /** Keys the noise. Default 0. */
  readonly seed?: number;
  /** Who moves at once. Default "synchronous", as the papers write it; "alternate" needs about half of the sweeps. */
  readonly order?: UpdateOrder;
  /** How phases with a tolerance get to their fixed point; phases of fixed length and noisy ones never accelerate. Default "none". */
  readonly acceleration?: Acceleration;
}

/** Shapes of phases whose programs are kept. */
const MOST_KEPT = 16;
const FREE: Complex = { re: 0, im: 0 };

export class Simulator {
  readonly solver: SolverName;
  /** As given, SI or dimensionless. */
  readonly dt: number;
  readonly order: UpdateOrder;
  readonly acceleration: Acceleration;
  private readonly units: InternalUnits;
  private readonly layout: Layout;
  private readonly step: number;
  private readonly activities: Activities;
  private readonly drive: ClampedDrive;
  private readonly compiled = new Map<string, { readonly executable: Executable; version: number }>();
  private queue: Promise<unknown> = Promise.resolve();

  /** @throws OhmletError DYN-SOLVER, DYN-ORDER, DYN-ACCELERATION, DYN-STEP */
  constructor(readonly chip: Chip, readonly engine: Engine, options: SimulatorOptions = {}) {
    const neuron = chip.circuit.output.neuron;
    const discrete = neuron?.dynamics.kind === "discrete";
    this.solver = options.solver ?? (discrete ? "map" : "exponential-euler");
    this.order = options.order ?? "synchronous";
    this.acceleration = options.acceleration ?? "none";
    expectKnown(chip, "DYN-SOLVER", "solver", this.solver, Object.keys(SOLVERS));
    expectKnown(chip, "DYN-ORDER", "order", this.order, ["synchronous", "alternate"]);
    expectKnown(chip, "DYN-ACCELERATION", "acceleration", this.acceleration, ["none", "anderson"]);
    this.dt = options.dt ?? (discrete ? 1 : Number.NaN);
    if (!(this.dt > 0) || !Number.isFinite(this.dt)) {
      throw new OhmletError({ code: "DYN-STEP", fact: options.dt === undefined ? "a continuous circuit needs a time step" : `${options.dt} is not a time step`, place: { where: chip.circuit.name }, remedy: "give dt, about a fifth of the shortest time constant" });
    }
    this.units = new InternalUnits(chip, options.seed ?? 0);
    this.layout = layoutOf(chip, this.units.scaling);
    this.step = discrete || neuron === null ? 1 : this.dt / this.units.scaling.scale(neuron.dimensions.time);
    this.activities = new Activities(chip, this.layout);
    this.drive = new ClampedDrive(engine, this.units, this.layout);
  }

  /** Whether anything in the chip is noisy. */
  get noisy(): boolean {
    return this.layout.populations.some((p) => p.field.diffusion !== null) || this.units.readsAreNoisy;
  }

  /**
   * Steps a signal needs to cross the circuit: one a population for maps; for continuous circuits one time constant of
   * the slowest neuron. A phase should last several times as long.
   */
  get shortestPhase(): number {
    if (this.solver === "map") return this.layout.populations.length;
    return Math.ceil(slowestTimeConstant(this.layout) / this.step);
  }

  /**
   * Runs one phase: rows = samples x nudges settle side by side. Phases that are asked for at the same time run one after
   * another, in the order of the calls.
   * @throws OhmletError DYN-… for requests that do not fit the circuit; a divergence is no error but an outcome
   */
  phase(request: PhaseRequest): Promise<PhaseResult> {
    const result = this.queue.then(() => this.run(request));
    this.queue = result.catch(() => undefined);
    return result;
  }

  /** rho of given states, by population, on the host. */
  activitiesOf(states: Planes): Planes {
    return this.activities.of(states);
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
    this.drive.dispose();
  }

  private async run(request: PhaseRequest): Promise<PhaseResult> {
    checkRequest(this.chip.circuit, request);
    const nudges = request.nudges ?? [FREE];
    const shape: PlanShape = {
      order: this.order,
      rows: request.samples * nudges.length,
      groups: this.units.readsAreNoisy ? nudges.length : 1,
      complex: request.complex === true || nudges.some((n) => n.im !== 0),
      nudged: nudges.some((n) => n.re !== 0 || n.im !== 0),
      average: (request.average ?? 0) > 0 || (this.noisy && request.tolerance !== undefined),
    };
    const exe = await this.load(request, nudges, shape);
    const judged = (shape.order === "alternate" || this.acceleration !== "none") && request.tolerance !== undefined && !this.noisy;
    const advanced = await advance({
      exe, layout: this.layout, shape, request, dt: this.step, noisy: this.noisy, acceleration: this.acceleration,
      ...(judged && { judge: (states) => this.judge(request, nudges, shape, states) }),
    });
    return this.collect(exe, request, shape, advanced);
  }

  /** The compiled program of a shape with everything of the request in it. */
  private async load(request: PhaseRequest, nudges: readonly Complex[], shape: PlanShape): Promise<Executable> {
    const { phase = 0 } = request;
    const exe = this.executableFor(shape, phase);
    await this.writeDrives(exe, request, shape, phase);
    if (shape.nudged) this.writeNudges(exe, request, nudges, shape);
    this.writeStates(exe, request, shape);
    exe.setSeed(this.units.phaseSeed(phase));
    await exe.prepare();
    return exe;
  }

  /** Rates of change of each row under one synchronous step from given states. */
  private async judge(request: PhaseRequest, nudges: readonly Complex[], shape: PlanShape, states: ReadonlyMap<string, Float64Array>): Promise<Float64Array> {
    const exe = await this.load(request, nudges, { ...shape, order: "synchronous" });
    for (const [name, values] of states) exe.write(name, values);
    return (await exe.run(1, 0)).residual.map((change) => change / this.step);
  }

  private executableFor(shape: PlanShape, phase: number): Executable {
    const key = Object.values(shape).join();
    let found = this.compiled.get(key);
    if (found === undefined) {
      forgetOldest(this.compiled, MOST_KEPT);
      const { program, vectors } = planPhase(this.chip, this.layout, SOLVERS[this.solver], this.step, shape);
      found = { executable: this.engine.compile(program), version: -1 };
      for (const name of Object.keys(program.vectors)) if (Object.hasOwn(vectors, name)) found.executable.setVector(name, tile(vectors[name], shape.groups));
      this.compiled.set(key, found);
    }
    if (found.version !== this.chip.version || this.units.readsAreNoisy) this.writeWeights(found.executable, shape, phase);
    found.version = this.chip.version;
    return found.executable;
  }

  private writeWeights(exe: Executable, { groups, nudged }: PlanShape, phase: number): void {
    for (const p of this.layout.populations) {
      for (const { projection, weights } of p.recurrent) exe.setWeights(weights, this.units.weights(projection.name, p, groups, phase).weights);
    }
    const { readout, circuit } = this.chip;
    if (!nudged || readout === null) return;
    const scale = this.argumentScale;
    exe.setWeights("readout", tile(readout.weights.map((w) => w * scale), groups));
    exe.setWeights("readout_back", tile(transpose(readout.weights, circuit.output.size, readout.biases.length), groups));
    exe.setVector("readout_bias", tile(readout.biases, groups));
  }

  private async writeDrives(exe: Executable, request: PhaseRequest, { rows, groups }: PlanShape, phase: number): Promise<void> {
    const drives = await this.drive.drives(this.activities.input(request.inputs), request.samples, groups, phase);
    const driven = this.layout.populations.filter((p) => p.hasStatic);
    driven.forEach((p, i) => exe.write(`s${p.index}_in`, tile(drives[i], (rows * p.population.size) / drives[i].length)));
  }

  private writeNudges(exe: Executable, { samples, targets = [] }: PhaseRequest, nudges: readonly Complex[], { rows, complex }: PlanShape): void {
    const { cost } = this.chip.circuit.spec;
    // The gradient of a squared error is in the unit of its argument, and so are targets; that of a readout is a number.
    const scale = cost.kind === "squared-error" ? this.argumentScale : 1;
    const strength = (cost.ascend ? 1 : -1) * this.units.unitDrive(this.layout.output) * scale;
    const beta = (part: "re" | "im"): Float64Array => Float64Array.from({ length: rows }, (_, r) => strength * nudges[Math.floor(r / samples)][part]);
    exe.write("y_in", tile(targets, nudges.length).map((y) => y / scale));
    exe.setRowValues("beta", beta("re"));
    if (complex) exe.setRowValues("betai", beta("im"));
  }

  /** SI value of one internal unit of what the cost is a function of. */
  private get argumentScale(): number {
    return this.chip.circuit.spec.cost.argument === "state" ? this.units.state(this.layout.output) : this.units.output(this.layout.output);
  }

  private writeStates(exe: Executable, { from }: PhaseRequest, { rows, complex }: PlanShape): void {
    for (const p of this.layout.populations) {
      const scale = this.units.state(p);
      const size = rows * p.population.size;
      const start = (plane: Float64Array | undefined): Float64Array => (plane === undefined ? new Float64Array(size) : tile(plane, size / plane.length).map((v) => v / scale));
      const given = from?.[p.population.name];
      exe.write(`u${p.index}`, start(given?.re));
      if (complex) exe.write(`u${p.index}i`, start(given?.im));
    }
  }

  private async collect(exe: Executable, { samples, inputs, tolerance }: PhaseRequest, { rows, complex }: PlanShape, { residuals, steps, averaged }: Advanced): Promise<PhaseResult> {
    const states: Record<string, Plane> = Object.create(null);
    const means: Record<string, Plane> = Object.create(null);
    const read = async (name: string, scale: number): Promise<Plane> => {
      const re = (await exe.read(name)).map((v) => v * scale);
      return complex ? { re, im: (await exe.read(`${name}i`)).map((v) => v * scale) } : { re };
    };
    for (const p of this.layout.populations) {
      const { name } = p.population;
      states[name] = await read(`${averaged ? "mu" : "u"}${p.index}`, this.units.state(p));
      if (averaged) means[name] = await read(`mr${p.index}`, this.units.output(p));
    }
    const clamped: Planes = { [this.chip.circuit.input.name]: { re: tile(this.activities.input(inputs), rows / samples) } };
    const floor = noiseFloor(this.layout, (p) => this.units.state(p));
    return {
      outcome: outcomeOf({ residuals, steps, tolerance, ...(floor === null ? {} : { noiseFloor: floor }) }),
      rows,
      states,
      activities: { ...clamped, ...(averaged ? means : this.activities.of(states)) },
    };
  }
}

function expectKnown(chip: Chip, code: string, what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new OhmletError({ code, fact: `there is no ${what} "${name}"`, place: { where: chip.circuit.name }, remedy: `choose: ${known.join(", ")}` });
}

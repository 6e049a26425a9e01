/**
 * Runs phases of a chip on an engine. It lowers each shape of phase once, keeps the compiled program, and moves only what
 * changed: inputs, targets, nudges and states a phase, weights when the chip was programmed. The drive of the clamped
 * input is computed once a batch and serves all its phases.
 */
import type { Chip } from "../circuit/chip-types";
import type { Engine, Executable, RunReport } from "../engines/engine";
import { OhmletError } from "../errors";
import { normal, streamOf, uniform } from "../random";
import { Activities } from "./activities";
import { noiseFloor, slowestTimeConstant } from "./at-rest";
import { outcomeOf } from "./outcome";
import { layoutOf, planDrive, planPhase, type Layout, type PlannedPopulation, type PlanShape } from "./plan";
import { checkRequest } from "./request";
import { scalingOf, type Scaling } from "./scaling";
import { SOLVERS } from "./solvers";
import type { Complex, PhaseRequest, PhaseResult, Plane, Planes, SolverName } from "./types";

export interface SimulatorOptions {
  /** Default: "map" for discrete circuits, "exponential-euler" for continuous ones. */
  readonly solver?: SolverName;
  /** Time step: seconds for physical circuits, else dimensionless. Needed for continuous circuits. */
  readonly dt?: number;
  /** Keys the noise. Default 0. */
  readonly seed?: number;
}

/** Steps between two looks at the residual. */
const CHUNK = 20;
const FREE: Complex = { re: 0, im: 0 };

interface Compiled {
  readonly executable: Executable;
  version: number;
}

export class Simulator {
  readonly solver: SolverName;
  /** As given, SI or dimensionless. */
  readonly dt: number;
  private readonly seed: number;
  private readonly scaling: Scaling;
  private readonly layout: Layout;
  private readonly step: number;
  private readonly activities: Activities;
  private readonly compiled = new Map<string, Compiled>();
  private drive: { inputs: Float64Array; version: number; phase: number; statics: Float64Array[] } | null = null;

  constructor(readonly chip: Chip, readonly engine: Engine, options: SimulatorOptions = {}) {
    const first = chip.circuit.output.neuron;
    const discrete = first?.dynamics.kind === "discrete";
    this.solver = options.solver ?? (discrete ? "map" : "exponential-euler");
    if (!Object.hasOwn(SOLVERS, this.solver)) {
      throw new OhmletError({ code: "DYN-SOLVER", fact: `there is no solver "${this.solver}"`, remedy: `solvers: ${Object.keys(SOLVERS).join(", ")}` });
    }
    this.dt = options.dt ?? (discrete ? 1 : Number.NaN);
    if (!(this.dt > 0) || !Number.isFinite(this.dt)) {
      throw new OhmletError({ code: "DYN-STEP", fact: options.dt === undefined ? "a continuous circuit needs a time step" : `${options.dt} is not a time step`, place: { where: chip.circuit.name }, remedy: "give dt, about a fifth of the shortest time constant" });
    }
    this.seed = options.seed ?? 0;
    this.scaling = scalingOf(chip.circuit);
    this.layout = layoutOf(chip, this.scaling);
    this.step = discrete || first === null ? 1 : this.dt / this.scaling.scale(first.dimensions.time);
    this.activities = new Activities(chip, this.layout);
  }

  /** Whether any neuron of the chip is noisy. */
  get noisy(): boolean {
    return this.layout.populations.some((p) => p.field.diffusion !== null) || this.readsAreNoisy;
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
   * Runs one phase: rows = samples x nudges settle side by side.
   * @throws OhmletError DYN-… for requests that do not fit the circuit; a divergence is no error but an outcome
   */
  async phase(request: PhaseRequest): Promise<PhaseResult> {
    checkRequest(this.chip.circuit, request);
    const nudges = request.nudges ?? [FREE];
    const rows = request.samples * nudges.length;
    const shape: PlanShape = {
      rows,
      groups: this.readsAreNoisy ? nudges.length : 1,
      complex: request.complex === true || nudges.some((n) => n.im !== 0),
      nudged: nudges.some((n) => n.re !== 0 || n.im !== 0),
      average: (request.average ?? 0) > 0 || (this.noisy && request.tolerance !== undefined),
    };
    const exe = this.executableFor(shape, request.phase ?? 0);
    await this.writeInputs(exe, request, nudges, shape);
    exe.setSeed(this.phaseSeed(request.phase ?? 0));
    await exe.prepare();
    const { residuals, steps, averaged } = await this.advance(exe, request, shape);
    return this.collect(exe, request, shape, residuals, steps, averaged);
  }

  /** rho of given states, by population, on the host. */
  activitiesOf(states: Planes): Planes {
    return this.activities.of(states);
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
  }

  private get readsAreNoisy(): boolean {
    return this.chip.circuit.projections.some((p) => p.synapse.readNoise !== null);
  }

  private phaseSeed(phase: number): number {
    return Math.floor(uniform(this.seed, streamOf("phase"), phase, 0) * 2 ** 52);
  }

  private executableFor(shape: PlanShape, phase: number): Executable {
    const key = Object.values(shape).join();
    let compiled = this.compiled.get(key);
    if (compiled === undefined) {
      const { program, vectors } = planPhase(this.chip, this.layout, SOLVERS[this.solver], this.step, shape);
      compiled = { executable: this.engine.compile(program), version: -1 };
      for (const [name, values] of Object.entries(vectors)) if (Object.hasOwn(program.vectors, name)) compiled.executable.setVector(name, tile(values, shape.groups));
      this.compiled.set(key, compiled);
    }
    if (compiled.version !== this.chip.version || this.readsAreNoisy) this.writeWeights(compiled.executable, shape, phase);
    compiled.version = this.chip.version;
    return compiled.executable;
  }

  private writeWeights(exe: Executable, { groups, nudged }: PlanShape, phase: number): void {
    for (const p of this.layout.populations) {
      for (const { projection, weights } of p.recurrent) exe.setWeights(weights, this.weightsOf(projection.name, p, groups, phase).weights);
    }
    const readout = this.chip.readout;
    if (!nudged || readout === null) return;
    const [pre, post] = [this.chip.circuit.output.size, readout.biases.length];
    exe.setWeights("readout", tile(readout.weights, groups));
    exe.setWeights("readout_back", tile(transpose(readout.weights, pre, post), groups));
    exe.setVector("readout_bias", tile(readout.biases, groups));
  }

  /** Weights and biases in internal units, a copy a group; with noisy reads every group is a read of its own. */
  private weightsOf(projection: string, to: PlannedPopulation, groups: number, phase: number): { weights: Float64Array; biases: Float64Array } {
    const { weights, biases } = this.chip.weights(projection);
    const noise = this.chip.readNoise(projection);
    const { from } = this.chip.circuit.projection(projection);
    // W * rho is a current: where rho has a unit, internal outputs are scaled too.
    const unit = this.unitDrive(to) * (from.neuron === null ? 1 : this.scaling.scale(from.neuron.dimensions.rho));
    const stream = streamOf(`read/${projection}`);
    const seed = this.phaseSeed(phase);
    const read = (values: Float64Array, sd: Float64Array | null | undefined, offset: number): Float64Array =>
      Float64Array.from({ length: values.length * groups }, (_, i) => {
        const k = i % values.length;
        return unit * (values[k] + (sd ? sd[k] * normal(seed, stream, 0, offset + i) : 0));
      });
    const bias = this.unitDrive(to) / unit;
    return { weights: read(weights, noise?.weights, 0), biases: read(biases?.map((b) => b * bias) ?? new Float64Array(to.population.size), noise?.biases, weights.length * groups) };
  }

  /** One unit of logical weight, internal units. */
  private unitDrive({ population }: PlannedPopulation): number {
    const dimension = population.neuron?.dimensions.I;
    return this.chip.unitDriveOf(population.name) / (dimension ? this.scaling.scale(dimension) : 1);
  }

  private async writeInputs(exe: Executable, request: PhaseRequest, nudges: readonly Complex[], shape: PlanShape): Promise<void> {
    const statics = await this.staticDrives(request, nudges.length, shape);
    const repeat = (values: ArrayLike<number>): ArrayLike<number> => (nudges.length === 1 ? values : tile(values, nudges.length));
    this.layout.populations.filter((p) => p.hasStatic).forEach((p, i) => exe.write(`s${p.index}_in`, shape.groups > 1 ? statics[i] : repeat(statics[i])));
    if (shape.nudged) {
      exe.write("y_in", repeat(request.targets as ArrayLike<number>));
      const { cost } = this.chip.circuit.spec;
      const strength = (cost.ascend ? 1 : -1) * this.unitDrive(this.layout.output) * (cost.argument === "state" ? this.stateScale(this.layout.output) : 1);
      const beta = (part: "re" | "im"): Float64Array => Float64Array.from({ length: shape.rows }, (_, r) => strength * nudges[Math.floor(r / request.samples)][part]);
      exe.setRowValues("beta", beta("re"));
      if (shape.complex) exe.setRowValues("betai", beta("im"));
    }
    for (const p of this.layout.populations) {
      const from = request.from?.[p.population.name];
      const scale = this.stateScale(p);
      const size = shape.rows * p.population.size;
      const start = (plane: Float64Array | undefined): Float64Array => {
        if (plane === undefined) return new Float64Array(size);
        return tile(plane, size / plane.length).map((v) => v / scale);
      };
      exe.write(`u${p.index}`, start(from?.re));
      if (shape.complex) exe.write(`u${p.index}i`, start(from?.im));
    }
  }

  /** s<index> of every population that has one, [samples or rows, size], internal units. */
  private async staticDrives(request: PhaseRequest, blocks: number, { groups, rows }: PlanShape): Promise<Float64Array[]> {
    const { version } = this.chip;
    const phase = this.readsAreNoisy ? (request.phase ?? 0) : 0;
    const kept = this.drive;
    if (kept !== null && groups === 1 && kept.version === version && kept.phase === phase && sameValues(kept.inputs, request.inputs)) return kept.statics;
    const driveRows = groups > 1 ? rows : request.samples;
    const key = `drive,${driveRows},${groups}`;
    let compiled = this.compiled.get(key);
    if (compiled === undefined) {
      compiled = { executable: this.engine.compile(planDrive(this.chip, this.layout, driveRows, groups)), version: -1 };
      this.compiled.set(key, compiled);
    }
    const exe = compiled.executable;
    if (compiled.version !== version || this.readsAreNoisy) this.writeDriveWeights(exe, groups, phase);
    compiled.version = version;
    const encoded = this.activities.input(request.inputs);
    exe.write("x", groups > 1 ? tile(encoded, blocks) : encoded);
    await exe.prepare();
    const statics: Float64Array[] = [];
    for (const p of this.layout.populations) if (p.hasStatic) statics.push(await exe.read(`s${p.index}`));
    // A copy: the caller may reuse its array for the next batch.
    this.drive = { inputs: Float64Array.from(request.inputs), version, phase, statics };
    return statics;
  }

  private writeDriveWeights(exe: Executable, groups: number, phase: number): void {
    const { projections } = this.chip.circuit;
    for (const p of this.layout.populations) {
      const bias = new Float64Array(groups * p.population.size);
      projections.forEach((q, j) => {
        if (q.to !== p.population || !(q.from.clamped || q.bias)) return;
        const { weights, biases } = this.weightsOf(q.name, p, groups, phase);
        if (q.from.clamped) exe.setWeights(`c${j}`, weights);
        if (q.bias) biases.forEach((b, i) => (bias[i] += b));
      });
      if (projections.some((q) => q.to === p.population && q.bias)) exe.setVector(`b${p.index}`, bias);
    }
  }

  private stateScale({ population }: PlannedPopulation): number {
    return population.neuron === null ? 1 : this.scaling.scale(population.neuron.dimensions.u);
  }

  private async advance(exe: Executable, request: PhaseRequest, shape: PlanShape): Promise<{ residuals: Float64Array; steps: number; averaged: boolean }> {
    const perTime = (r: RunReport): Float64Array => r.residual.map((change) => change / this.step);
    const average = Math.min(request.average ?? 0, request.steps);
    const first = request.firstStep ?? 0;
    if (request.tolerance === undefined) {
      await this.openMeans(exe, shape, 0);
      const lead = request.steps - average;
      let report = lead > 0 ? await exe.run(lead, first) : null;
      if (average > 0) {
        await this.openMeans(exe, shape, average);
        report = await exe.run(average, first + lead);
      }
      return { residuals: perTime(report as RunReport), steps: request.steps, averaged: average > 0 };
    }
    if (this.noisy) return this.driftBelow(exe, request, shape);
    let steps = 0;
    let residuals: Float64Array = new Float64Array(shape.rows).fill(Infinity);
    await this.openMeans(exe, shape, 0);
    while (steps < request.steps) {
      const chunk = Math.min(CHUNK, request.steps - steps);
      residuals = perTime(await exe.run(chunk, first + steps));
      steps += chunk;
      if (residuals.every((r) => r <= (request.tolerance as number)) || residuals.some(Number.isNaN)) break;
    }
    return { residuals, steps, averaged: false };
  }

  /** With noise the residual never falls; what must stop moving is the mean state, window by window. */
  private async driftBelow(exe: Executable, request: PhaseRequest, shape: PlanShape): Promise<{ residuals: Float64Array; steps: number; averaged: boolean }> {
    const window = Math.max(CHUNK, request.average ?? 0);
    let steps = 0;
    let before: Float64Array[] | null = null;
    let residuals: Float64Array = new Float64Array(shape.rows).fill(Infinity);
    while (steps < request.steps) {
      const chunk = Math.min(window, request.steps - steps);
      await this.openMeans(exe, shape, chunk);
      const report = await exe.run(chunk, (request.firstStep ?? 0) + steps);
      steps += chunk;
      const means: Float64Array[] = [];
      for (const p of this.layout.populations) means.push(await exe.read(`mu${p.index}`));
      if (before !== null) residuals = this.drift(before, means, shape.rows, chunk);
      report.residual.forEach((r, i) => { if (Number.isNaN(r)) residuals[i] = r; });
      if (residuals.every((r) => r <= (request.tolerance as number)) || residuals.some(Number.isNaN)) break;
      before = means;
    }
    return { residuals, steps, averaged: true };
  }

  private drift(before: readonly Float64Array[], now: readonly Float64Array[], rows: number, steps: number): Float64Array {
    const drift = new Float64Array(rows);
    now.forEach((values, k) => {
      const size = values.length / rows;
      values.forEach((v, i) => {
        const row = Math.floor(i / size);
        drift[row] = Math.max(drift[row], Math.abs(v - before[k][i]) / (steps * this.step));
      });
    });
    return drift;
  }

  /** Zeroes the running means and opens their gate for so many steps (0: keeps it shut). */
  private async openMeans(exe: Executable, shape: PlanShape, steps: number): Promise<void> {
    if (!shape.average) return;
    exe.setScalar("gate", steps > 0 ? 1 / steps : 0);
    for (const p of this.layout.populations) {
      const zeros = new Float64Array(shape.rows * p.population.size);
      for (const mean of ["mu", "mr"]) for (const plane of shape.complex ? ["", "i"] : [""]) exe.write(`${mean}${p.index}${plane}`, zeros);
    }
  }

  private async collect(exe: Executable, request: PhaseRequest, shape: PlanShape, residuals: Float64Array, steps: number, averaged: boolean): Promise<PhaseResult> {
    const states: Record<string, Plane> = Object.create(null);
    const means: Record<string, Plane> = Object.create(null);
    const read = async (name: string, scale: number): Promise<Plane> => {
      const re = (await exe.read(name)).map((v) => v * scale);
      return shape.complex ? { re, im: (await exe.read(`${name}i`)).map((v) => v * scale) } : { re };
    };
    for (const p of this.layout.populations) {
      const { name, neuron } = p.population;
      states[name] = await read(`${averaged ? "mu" : "u"}${p.index}`, this.stateScale(p));
      if (averaged && neuron !== null) means[name] = await read(`mr${p.index}`, this.scaling.scale(neuron.dimensions.rho));
    }
    const clamped: Planes = { [this.chip.circuit.input.name]: { re: tile(this.activities.input(request.inputs), shape.rows / request.samples) } };
    const activities: Planes = { ...clamped, ...(averaged ? means : this.activities.of(states)) };
    const floor = noiseFloor(this.layout, (p) => this.stateScale(p));
    return {
      outcome: outcomeOf({ residuals, steps, tolerance: request.tolerance, ...(floor === null ? {} : { noiseFloor: floor }) }),
      rows: shape.rows,
      states,
      activities,
    };
  }
}

/** `values` repeated so many times. */
function tile(values: ArrayLike<number>, times: number): Float64Array {
  const out = new Float64Array(values.length * times);
  for (let t = 0; t < times; t++) out.set(values, t * values.length);
  return out;
}

function sameValues(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function transpose(values: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, k) => values[(k % rows) * columns + Math.floor(k / rows)]);
}


/**
 * The compiled programs of a chip's phases, one for each shape, and what goes into them. Only what changed
 * moves: weights when the chip was programmed, inputs, targets, nudges and states a phase. Where the engine
 * can, drives and states go from program to program without the host, and all programs read one set of
 * weights (device-arrays.ts).
 */
import type { Readout } from "../../circuit/chip-types";
import { isDoubled } from "../../circuit/targets";
import type { Engine, Executable } from "../../engines/engine";
import type { Activities } from "../lowering/activities";
import { joined, largest, swapBlocks, tile, tileBlocks, transpose } from "../lowering/arrays";
import { ClampedDrive, forgetOldest } from "./clamped-drive";
import { DeviceArrays } from "./device-arrays";
import { EngineLoads } from "./engine-loads";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout, PlanShape } from "../lowering/layout";
import { planPhase, type Emit } from "../lowering/plan";
import type { Ones } from "../lowering/emit-implicit";
import type { StepTarget } from "../lowering/emit-step";
import type { Reaches } from "../lowering/reach";
import { changeIn } from "../../program/dataflow";
import type { differenceOf } from "../../program/difference";
import { tangent } from "../../program/tangent";
import { REACH, type Solver } from "../solvers/solver";
import { StackedArrays } from "./stacked-arrays";
import type { Complex, PhaseRequest, Planes } from "../types";

/** Shapes of phases whose programs are kept. */
const MOST_KEPT = 16;

/** States that are still where a phase left them. */
export interface HeldStates {
  readonly executable: Executable;
  readonly complex: boolean;
  /**
   * Whether its running means hold the result (mu…, mr… for states and activities), not the last state (u…).
   */
  readonly averaged: boolean;
}

/** Where a phase starts. */
export type Start = { readonly planes: Planes | undefined } | { readonly held: HeldStates };

/** A solver, and by how much its steps are shorter than those of the phases. */
export interface Stepping {
  readonly solver: Solver;
  readonly finer?: number;
  /** Whether the step carries, beside each state u…, how it changes: d~u… */
  readonly tangent?: boolean;
}

export interface PhaseParts {
  readonly engine: Engine;
  readonly units: InternalUnits;
  readonly layout: Layout;
  readonly activities: Activities;
  readonly solver: Solver;
  /** The step that judges what the solver settles, where that is not its own. */
  readonly judge: Solver | null;
  /** Time step, internal units. */
  readonly step: number;
  /** How many times a change of a map in that counts beside one of a continuous neuron. */
  readonly mapsCount: number;
}

export class PhasePrograms {
  private readonly compiled = new Map<
    string,
    { readonly executable: Executable; readonly follow: (() => void) | null; version: number; phase: number }
  >();
  /** What clamped inputs drive; of the last batch until the next one. */
  readonly drive: ClampedDrive;
  /** The chip's arrays in the engine, or why they are not there. */
  readonly arrays: DeviceArrays | string;
  /** The same for stacked chips. */
  private readonly stacked: StackedArrays | null = null;
  /** Sums what conductances take, where these are in the engine. */
  private readonly loads: EngineLoads | null;
  /** Of resistive networks, from the first phase on that asks how far nodes can be taken. */
  private reaches: Reaches | null = null;
  /** Whose weights programs use; where there is none, they have weights of their own. */
  private readonly lender: Executable | undefined;

  constructor(private readonly parts: PhaseParts) {
    const { units, engine, layout } = parts;
    const stacks = units.chips.length > 1;
    this.arrays = stacks
      ? "several chips are stacked"
      : DeviceArrays.of(units.chips[0], engine, layout, units);
    if (stacks) this.stacked = StackedArrays.of(engine, layout, units);
    this.lender = typeof this.arrays === "string" ? this.stacked?.executable : this.arrays.executable;
    this.loads =
      units.areLoaded && typeof this.arrays !== "string"
        ? new EngineLoads(engine, units, layout, this.arrays.executable)
        : null;
    this.drive = new ClampedDrive(parts, this.lender);
  }

  /**
   * The compiled program of a shape with everything of the request in it.
   * @param stepping what it is stepped by, where that is not what the phases are
   */
  async load(
    request: PhaseRequest,
    nudges: readonly Complex[],
    shape: PlanShape,
    start: Start,
    stepping: Stepping = { solver: this.parts.solver },
  ): Promise<Executable> {
    const { phase = 0 } = request;
    if (typeof this.arrays !== "string") await this.arrays.follow();
    await this.stacked?.follow();
    await this.parts.units.followUnits(this.parts.layout, this.loads);
    // Few ask for it, and pages that do not need not load it.
    const exact = shape.differences ? (await import("../../program/difference")).differenceOf : undefined;
    const exe = this.executableFor(shape, phase, stepping, exact, await this.emitterOf(stepping.solver));
    await this.drive.hand(exe, request, shape, phase);
    if (shape.nudged) this.writeNudges(exe, request, nudges, shape);
    if ("held" in start) this.takeStates(exe, start.held, shape);
    else this.writeStates(exe, start.planes, shape, nudges.length);
    if (shape.differences)
      for (const { index } of this.parts.layout.populations)
        for (const plane of shape.complex ? ["", "i"] : [""]) exe.clear(changeIn(`u${index}${plane}`));
    if (request.hold !== undefined) this.writeStates(exe, request.hold, shape, nudges.length, true);
    for (const p of this.parts.layout.populations)
      if (p.reads !== null) exe.write(`z${p.index}_in`, this.parts.units.heldDraws(p, shape.rows, phase));
    if (stepping.solver.sweeps === true && this.parts.units.areLoaded) {
      // Pages without such networks do not load it.
      const { units, layout } = this.parts;
      this.reaches ??= new (await import("../lowering/reach")).Reaches(units, layout);
      this.bound(this.reaches, exe, request, nudges);
    }
    exe.setSeed(...this.parts.units.phaseKeys(phase));
    await exe.prepare();
    return exe;
  }

  /** The program that holds the clamped outputs of the last request, as x, x1, … */
  get clamped(): Executable {
    return this.drive.current;
  }

  dispose(): void {
    for (const { executable } of this.compiled.values()) executable.dispose();
    this.compiled.clear();
    this.drive.dispose();
    this.loads?.dispose();
    if (typeof this.arrays !== "string") this.arrays.dispose();
    this.stacked?.dispose();
  }

  /** What makes the steps of solvers that few ask for: pages that do not need it do not load it. */
  private async emitterOf({ implicit, solves }: Solver): Promise<Emit | undefined> {
    if (implicit === true) return { step: (await import("../lowering/emit-implicit")).emitImplicit };
    if (solves !== true) return undefined;
    const { engine, units } = this.parts;
    await engine.solves?.ready();
    const { alone, emitNewton } = await import("../lowering/emit-newton");
    const step = (target: StepTarget, _: Solver, dt: number): Ones => {
      emitNewton(target, engine, dt, units.circuit.name);
      return new Map();
    };
    return { step, judge: alone };
  }

  private executableFor(
    shape: PlanShape,
    phase: number,
    stepping: Stepping,
    exact?: typeof differenceOf,
    emit?: Emit,
  ): Executable {
    const { layout, step, engine, units, judge, mapsCount } = this.parts;
    const { solver, finer = 1, tangent: carries = false } = stepping;
    const { version, chips } = units;
    const key = [solver.name, finer, carries, ...Object.values(shape)].join();
    let found = this.compiled.get(key);
    if (found === undefined) {
      forgetOldest(this.compiled, MOST_KEPT);
      const judgeHere =
        shape.judged === true && (solver === this.parts.solver || solver.sweeps === true) ? judge : null;
      const {
        program: plain,
        vectors,
        refresh,
        ones,
      } = planPhase(
        units.circuit,
        layout,
        solver,
        step / finer,
        shape,
        judgeHere,
        solver === this.parts.solver && judgeHere === null ? mapsCount : 1,
        emit,
      );
      const changes = exact
        ? exact(plain, ["beta", "betai"], units.circuit.name)
        : carries
          ? tangent(plain)
          : null;
      const program = changes?.program ?? plain;
      const executable = engine.compile(program, this.lender);
      const setVectors = (): void => {
        for (const name of Object.keys(program.vectors))
          if (Object.hasOwn(vectors, name))
            executable.setVector(name, tileBlocks(vectors[name], chips.length, shape.groups / chips.length));
      };
      const follow = (): void => {
        refresh();
        setVectors();
      };
      for (const [name, width] of changes?.ones ?? [])
        executable.setWeights(name, new Float64Array(shape.groups * width * width).fill(1));
      for (const [name, length] of ones)
        executable.setWeights(name, new Float64Array(shape.groups * length).fill(1));
      setVectors();
      found = { executable, follow: units.unitsChange ? follow : null, version: -1, phase };
      this.compiled.set(key, found);
    }
    if (found.version !== version || (units.readsDiffer && found.phase !== phase))
      this.writeWeights(found.executable, shape, phase);
    if (found.version !== version) found.follow?.();
    [found.version, found.phase] = [version, phase];
    return found.executable;
  }

  /** Tells a solver that jumps how far the nodes of this batch can be taken. */
  private bound(
    reaches: Reaches,
    exe: Executable,
    { inputs, targets = [] }: PhaseRequest,
    nudges: readonly Complex[],
  ): void {
    const { layout } = this.parts;
    const strongest = nudges.reduce((most, { re, im }) => Math.max(most, Math.hypot(re, im)), 0);
    // How steep other costs become is not known.
    const steepest = strongest > 0 && !this.ofError ? Infinity : strongest;
    const reach = reaches.of(this.drive.shown(inputs), {
      strength: steepest * this.nudgeUnit,
      target: largest(targets) / this.argumentScale,
    });
    for (const { index, field } of layout.populations)
      if (field.reaches === true)
        REACH.forEach((name, end) => exe.setScalar(`${name}${index}`, reach[index][end]));
  }

  private writeWeights(exe: Executable, { groups, nudged }: PlanShape, phase: number): void {
    const { layout, units } = this.parts;
    for (const p of this.lender === undefined ? layout.populations : []) {
      for (const { projection, weights } of [...p.recurrent, ...p.back])
        exe.setWeights(weights, units.weights(projection.name, p, groups, phase));
      for (const { projection, variances } of p.reads?.recurrent ?? [])
        exe.setWeights(variances, units.variances(projection.name, "weights", p, groups));
    }
    if (nudged && isDoubled(units.circuit)) {
      // 1 for the first of a pair, -1 for the second.
      const size = units.circuit.output.size;
      const pairs = Float64Array.from({ length: (size * size) / 2 }, (_, k) => {
        const [unit, pair] = [Math.floor(k / (size / 2)), k % (size / 2)];
        return unit === pair ? 1 : unit === pair + size / 2 ? -1 : 0;
      });
      exe.setWeights("readout", tile(pairs, groups));
      exe.setWeights("readout_back", tile(transpose(pairs, size, size / 2), groups));
    }
    const readouts = units.chips.flatMap(({ readout }) => readout ?? []);
    if (!nudged || readouts.length === 0) return;
    const scale = this.argumentScale;
    const each = (of: (readout: Readout) => Float64Array): Float64Array =>
      tileBlocks(joined(readouts.map(of)), readouts.length, groups / readouts.length);
    exe.setWeights(
      "readout",
      each(({ weights }) => weights.map((w) => w * scale)),
    );
    exe.setWeights(
      "readout_back",
      each(({ weights, biases }) => transpose(weights, units.circuit.output.size, biases.length)),
    );
    exe.setVector(
      "readout_bias",
      each(({ biases }) => biases),
    );
  }

  private writeNudges(
    exe: Executable,
    { samples, targets = [] }: PhaseRequest,
    nudges: readonly Complex[],
    { rows, complex }: PlanShape,
  ): void {
    const { units } = this.parts;
    const { cost } = units.circuit.spec;
    const chips = units.chips.length;
    // The gradient of a squared error is in the unit of its argument, and so are targets; that of a readout or of an
    // equation is a number, and targets are in SI.
    const scale = this.ofError ? this.argumentScale : 1;
    const strength = (cost.ascend ? 1 : -1) * this.nudgeUnit;
    const beta = (part: "re" | "im"): Float64Array =>
      swapBlocks(
        Float64Array.from({ length: rows }, (_, r) => strength * nudges[Math.floor(r / samples)][part]),
        nudges.length,
        chips,
      );
    exe.write(
      "y_in",
      tileBlocks(targets, chips, nudges.length).map((y) => y / scale),
    );
    exe.setRowValues("beta", beta("re"));
    if (complex) exe.setRowValues("betai", beta("im"));
  }

  /** A nudge of 1, internal units. */
  private get nudgeUnit(): number {
    const { units, layout } = this.parts;
    return units.unitDrive(layout.output) * (this.ofError ? this.argumentScale : 1);
  }

  private get ofError(): boolean {
    return this.parts.units.circuit.spec.cost.kind === "squared-error";
  }

  /** SI value of one internal unit of what the cost is a function of. */
  private get argumentScale(): number {
    const { units, layout } = this.parts;
    return units.circuit.spec.cost.argument === "state"
      ? units.state(layout.output)
      : units.output(layout.output);
  }

  private writeStates(
    exe: Executable,
    from: Planes | undefined,
    { rows, complex }: PlanShape,
    nudges: number,
    onlyGiven = false,
  ): void {
    for (const p of this.parts.layout.populations) {
      if (onlyGiven && from?.[p.population.name] === undefined) continue;
      const scale = this.parts.units.state(p);
      const size = rows * p.population.size;
      const start = (buffer: string, plane: Float64Array | undefined): void =>
        plane === undefined
          ? exe.clear(buffer)
          : exe.write(
              buffer,
              swapBlocks(tile(plane, size / plane.length), nudges, this.parts.units.chips.length).map(
                (v) => v / scale,
              ),
            );
      const given = from?.[p.population.name];
      start(`u${p.index}`, given?.re);
      if (complex) start(`u${p.index}i`, given?.im);
    }
  }

  private takeStates(
    exe: Executable,
    { executable, complex: given, averaged }: HeldStates,
    { complex }: PlanShape,
  ): void {
    const held = averaged ? "mu" : "u";
    for (const p of this.parts.layout.populations) {
      exe.take?.(`u${p.index}`, executable, `${held}${p.index}`);
      if (!complex) continue;
      if (given) exe.take?.(`u${p.index}i`, executable, `${held}${p.index}i`);
      else exe.clear(`u${p.index}i`);
    }
  }
}

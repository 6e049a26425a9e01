/**
 * Runs a phase on its program: by fixed steps, by a solver that chooses them, or under a nudge that
 * oscillates. What it leaves stays in the engine.
 */
import type { Circuit } from "../../circuit/chip-types";
import type { Engine, Executable } from "../../engines/engine";
import type { PhasePrograms, Start } from "../chip-arrays/phase-programs";
import { checkPlanes, checkPooled, checkRows } from "../chip-arrays/reads";
import type { Activities } from "../lowering/activities";
import { swapBlocks } from "../lowering/arrays";
import type { InternalUnits } from "../lowering/internal-units";
import type { Layout, PlanShape } from "../lowering/layout";
import { SOLVERS } from "../solvers";
import type { Pace } from "../time-steps/pace";
import { typedStep } from "../time-steps/step-advice";
import type { Acceleration, Oscillation, PhaseRequest, PhaseResult, SolverName, UpdateOrder } from "../types";
import type { Observer } from "./adaptive-phase";
import { advance, type Advance, type Advanced } from "./advance";
import type { AdaptiveOptions } from "./dormand-prince";
import { lockInOf, oscillate } from "./lock-in";
import type { Ending } from "./outcome";
import { endingOf, nudgedRows, type Ended } from "./outcomes-by-chip";
import { checkRequest } from "./request";
import { currentsLeft } from "./kirchhoff";
import { lookAgain } from "./second-look";
import { nudgesOf, shapeOf } from "./shape";

/** Roundings of its terms by which the field of units of order one may be off. */
const FIELD = 32;

/** A phase that is about to run: its program, and how it is judged. */
interface Loaded {
  readonly exe: Executable;
  readonly shape: PlanShape;
  /** For each row, the steps before which it is not settled. */
  readonly least: Int32Array;
  /** For each row, 1 where its tolerance is relative to how far it moves; absent where none is. */
  readonly relative: Uint8Array | undefined;
}

/** A phase that has just run. */
export interface Ran extends Ended, Pick<Loaded, "exe" | "shape"> {
  /** Adds to a result what this kind of phase gives besides. */
  readonly finish?: (result: PhaseResult) => PhaseResult;
}

/** What a simulator's phases have in common. */
export interface Runs {
  readonly circuit: Circuit;
  /** How many are stacked. */
  readonly chips: number;
  readonly engine: Engine;
  readonly solver: SolverName;
  readonly order: UpdateOrder;
  readonly acceleration: Acceleration;
  readonly adaptive: AdaptiveOptions;
  readonly units: InternalUnits;
  readonly layout: Layout;
  readonly pace: Pace;
  readonly activities: Activities;
  readonly programs: PhasePrograms;
  /** Whether anything in the chip is noisy. */
  readonly noisy: boolean;
  /** As given, SI or dimensionless; and in internal units. */
  readonly dt: number;
  readonly step: number;
}

export class PhaseRunner {
  constructor(private readonly of: Runs) {}

  async run(request: PhaseRequest, start: Start, observe?: Observer): Promise<Ran> {
    const { circuit, chips, noisy } = this.of;
    const solver = SOLVERS[this.of.solver];
    checkRequest(circuit, request, chips, solver.adaptive === true);
    if (request.differences === true) {
      // Few ask for it, and pages that do not need not load it.
      const { checkDifferences } = await import("./check-differences");
      checkDifferences(circuit, request, solver, noisy, "held" in start || start.planes !== undefined);
    }
    const shape = shapeOf(request, {
      order: this.of.order,
      chips: this.of.chips,
      adaptive: SOLVERS[this.of.solver].adaptive === true,
      noisy: this.of.noisy,
      readsDiffer: this.of.units.readsDiffer,
      byState: this.of.pace.byState,
    });
    if (this.of.units.readsDiffer) checkRows(this.of.circuit, shape.rows);
    else if (this.of.units.readsAreNoisy) {
      checkPlanes(this.of.circuit, shape.complex);
      checkPooled(this.of.circuit);
    }
    // Few ask for it, and pages that do not need not load it.
    const together = solver.solves === true ? await import("./together") : undefined;
    together?.checkTogether(circuit, this.of.engine, this.of.order, this.of.acceleration);
    const exe = await this.of.programs.load(request, nudgesOf(request), shape, start);
    // A phase that starts from states has the input in them already: what is new is the nudge.
    const pushed = shape.nudged || shape.held !== undefined;
    const onlyNudge = pushed && ("held" in start || start.planes !== undefined);
    const path =
      SOLVERS[this.of.solver].sweeps === true ? { ...this.of, acceleration: "anderson" as const } : this.of;
    // A step of all units together crosses the circuit.
    const least =
      together === undefined
        ? this.of.pace.crossings(shape.rows, path, { input: !onlyNudge, nudge: pushed })
        : new Int32Array(shape.rows).fill(1);
    const relative =
      onlyNudge && request.tolerance !== undefined && !this.of.noisy
        ? shape.held === undefined
          ? nudgedRows(request.samples, nudgesOf(request), this.of.chips)
          : new Uint8Array(shape.rows).fill(1)
        : undefined;
    const loaded = { exe, shape, least, relative };
    if (SOLVERS[this.of.solver].adaptive) return this.integrate(request, loaded, observe);
    if (SOLVERS[this.of.solver].implicit) return this.integrateImplicitly(request, loaded);
    return request.oscillation === undefined
      ? this.settle(request, loaded, (a) =>
          together === undefined
            ? advance(a).then((advanced) => ({ advanced }))
            : together.advanceTogether({ ...a, programs: this.of.programs, start }),
        )
      : this.oscillate(request, request.oscillation, loaded);
  }

  /** By a solver that chooses its steps. */
  private async integrate(request: PhaseRequest, loaded: Loaded, observe?: Observer): Promise<Ran> {
    const { adaptiveResult, runAdaptively } = await import("./adaptive-phase");
    const ran = await runAdaptively({
      ...loaded,
      layout: this.of.layout,
      request,
      dt: this.of.step,
      slowest: this.of.pace.slowest[0],
      least: loaded.least[0],
      options: this.of.adaptive,
      units: this.of.units,
      activities: this.of.activities,
      observe,
    });
    return {
      ...loaded,
      advanced: { ...ran, averaged: false },
      finish: (result) => adaptiveResult(request, result, ran),
    };
  }

  /** By a solver whose program chooses its steps. */
  private async integrateImplicitly(request: PhaseRequest, loaded: Loaded): Promise<Ran> {
    const { engine, step, adaptive, pace } = this.of;
    // Few ask for it, and pages that do not need not load it.
    const { advanceImplicitly, implicitOutcome } = await import("./implicit");
    const ran = await advanceImplicitly({
      ...loaded,
      time: request.steps * step,
      precision: engine.info.precision,
      options: adaptive,
    });
    const residuals = ran.speeds.map((speed, row) => speed * pace.ofRow(row, loaded.shape.rows));
    return {
      ...loaded,
      relative: undefined,
      advanced: { residuals, steps: request.steps, averaged: false },
      finish: (result) => ({ ...result, outcome: implicitOutcome(result.outcome, ran) }),
    };
  }

  /** Under a nudge that oscillates. */
  private async oscillate(request: PhaseRequest, oscillation: Oscillation, loaded: Loaded): Promise<Ran> {
    const { shape } = loaded;
    const ran = await oscillate({
      ...loaded,
      layout: this.of.layout,
      request,
      scales: this.of.pace.scales(shape.rows),
      mapsCount: this.of.pace.mapsCount,
      oscillation,
      times: SOLVERS[this.of.solver].times,
      noisy: this.of.noisy,
    });
    const bySample = (values: Float64Array): Float64Array =>
      swapBlocks(values, this.of.chips, nudgesOf(request).length);
    return {
      ...loaded,
      relative: undefined,
      advanced: { ...ran, averaged: false },
      finish: (result) => ({
        ...result,
        lockIn: lockInOf(this.of.layout, shape.complex, ran, this.of.units, bySample),
      }),
    };
  }

  /** By fixed steps, until all rows have settled or for as long as was asked; then looked at once more. */
  private async settle(
    request: PhaseRequest,
    given: Loaded,
    by: (a: Advance) => Promise<Partial<Loaded> & { readonly advanced: Advanced }>,
  ): Promise<Ran> {
    const { programs, pace, layout, noisy } = this.of;
    const { advanced, ...led } = await by({
      ...given,
      layout,
      request,
      scales: given.shape.judged ? pace.settling(given.shape.rows) : pace.scales(given.shape.rows),
      mapsCount: pace.mapsCount,
      noisy,
      chips: this.of.chips,
      acceleration: this.of.acceleration,
    });
    // Where it went on in another program, that one holds the states.
    const loaded = { ...given, ...led };
    const { shape } = loaded;
    const loads = this.of.units.areLoaded && advanced.contraction !== undefined;
    const ran = { ...loaded, advanced, ...(loads && { contraction: advanced.contraction }) };
    const { tolerance, check = true, differences = false } = request;
    if (!check || tolerance === undefined || noisy || differences) return ran;
    const kirchhoff = loads ? await currentsLeft({ ...this.of, ...loaded, request }) : undefined;
    const { residuals, distances, unstable, finer } = await lookAgain({
      programs,
      layout,
      pace,
      solver: SOLVERS[this.of.solver],
      request,
      nudges: nudgesOf(request),
      exe: loaded.exe,
      shape,
      ending: this.ending(request, ran),
      shortcut:
        SOLVERS[this.of.solver].sweeps !== true &&
        (shape.order === "alternate" || this.of.acceleration !== "none"),
    });
    return {
      ...ran,
      ...(kirchhoff !== undefined && { kirchhoff }),
      unstable,
      ...(finer !== undefined && { steady: typedStep(this.of.circuit)(this.of.dt / finer) }),
      advanced: {
        ...advanced,
        ...(residuals !== undefined && { residuals }),
        ...(distances !== undefined && { distances }),
      },
    };
  }

  ending({ tolerance, steps }: PhaseRequest, ran: Ran): Ending {
    const { precision } = this.of.engine.info;
    const unit = precision === "float64" ? 2 ** -52 : 2 ** -23;
    return endingOf({ tolerance, steps }, ran, {
      residual: unit / this.of.pace.scales(1)[0],
      field: FIELD * unit,
      precision,
    });
  }
}

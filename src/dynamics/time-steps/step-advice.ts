/**
 * Step-size advice for a simulator: asked for, or given where a run went wrong because its steps are too
 * long.
 */
import { stateNamed } from "../../circuit/states";
import type { Circuit } from "../../circuit/chip-types";
import { ranAway } from "../../engines/engine";
import { differentiate } from "../../equations/differentiate";
import { number, substitute, symbolsOf } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { OhmletError } from "../../errors";
import { formatQuantity } from "../../units/format";
import { LOAD } from "../lowering/loads";
import type { Layout, PlannedPopulation, PlanShape } from "../lowering/layout";
import type { PhasePrograms, Stepping } from "../chip-arrays/phase-programs";
import { optionsOf } from "../../options";
import { checkRequest, PHASE } from "../phases/request";
import { SOLVERS } from "../solvers";
import { ownRate } from "../solvers/exponential-euler";
import { field, ownRates } from "../solvers/field";
import {
  bySample,
  dominantEigenvalue,
  explainStep,
  FIXED_SOLVERS,
  linearAt,
  longestExponential,
  looksTooLong,
  slowestSwing,
  stableSteps,
  type FixedSolver,
  type Linear,
  type StepAdvice,
} from "./stiffness";
import { timeOf } from "./time-step";
import type { Outcome, PhaseRequest, Planes, SolverName } from "../types";

/** What advice needs of a simulator. */
export interface Advised {
  readonly circuit: Circuit;
  readonly layout: Layout;
  readonly solver: SolverName;
  readonly dt: number;
  /** dt in internal units. */
  readonly step: number;
  /** The change in a step that is a residual of 1. */
  readonly scale: number;
  readonly noisy: boolean;
  readonly programs: PhasePrograms;
}

/**
 * A state that moves by more in the last step of a phase, where states are of order one, may do so because
 * the step is too long.
 */
const RESTLESS = 0.05;

const { steps: _, ...needs } = PHASE.needs;
export const readAdvised = optionsOf<Omit<PhaseRequest, "steps">>("stepAdvice", {
  needs,
  takes: PHASE.takes,
});

/**
 * The fastest mode at given states, and the steps that solvers can take there.
 * @param swings whether one that dies slowly is looked for, which takes longer
 * @throws OhmletError DYN-FIELD where the field is not finite near these states
 */
export async function adviseStep(
  advised: Advised,
  given: Omit<PhaseRequest, "steps">,
  swings: boolean,
): Promise<StepAdvice> {
  const advice = await tryToAdvise(advised, given, swings);
  if (advice !== null) return advice;
  throw new OhmletError({
    code: "DYN-FIELD",
    fact: "the circuit's field is not finite near these states, so that no mode and no step can be told",
    place: { where: advised.circuit.name },
    remedy:
      "give dt as a number, or write the equations so that they have finite values and slopes there, " +
      "for instance rho = sqrt(u^2 + 1e-6)",
  });
}

/** Populations that move in time. Maps beside them take one step a step, whatever its length. */
const inTime = ({ populations }: Layout): PlannedPopulation[] =>
  populations.filter(({ field: { kind } }) => kind === "continuous");

/**
 * The field of given states as a program, and how to read what it makes of them: [samples][width], internal
 * units.
 */
export async function fieldAt(
  { circuit, layout, programs }: Advised,
  given: Omit<PhaseRequest, "steps">,
  stepping: Stepping,
) {
  const { samples, inputs, targets, from, phase, nudges: [{ re }] = [{ re: 0, im: 0 }] } = given;
  const nudges = [{ re, im: 0 }];
  const request: PhaseRequest = { samples, inputs, targets, from, phase, nudges, steps: 1 };
  checkRequest(circuit, request);
  // How a unit leaks by itself need not depend on the nudge; a program holds no values that it does not read.
  const { output } = layout;
  const nudged =
    re !== 0 &&
    output.field.kind === "continuous" &&
    (stepping.solver !== ownRates || symbolsOf(ownRate(output.field)).has("I_nudge"));
  const shape: PlanShape = {
    order: "synchronous",
    rows: samples,
    groups: 1,
    complex: false,
    nudged,
    average: false,
  };
  const exe = await programs.load(request, nudges, shape, { planes: from }, stepping);
  const read = async (): Promise<Float64Array[]> => {
    const parts: Float64Array[] = [];
    for (const p of inTime(layout)) parts.push((await exe.read(`u${p.index}`)).slice());
    return parts;
  };
  return { exe, read };
}

/** Name of a population whose field is not finite at given states, or null. */
async function notFinite(advised: Advised, given: Omit<PhaseRequest, "steps">): Promise<string | null> {
  const { exe, read } = await fieldAt(advised, given, { solver: field });
  await exe.run(1, 0);
  const slopes = await read();
  const found = slopes.findIndex((part) => !part.every(Number.isFinite));
  return found < 0 ? null : inTime(advised.layout)[found].population.name;
}

/** How far from where a leak is infinitely steep it is looked at, internal units. */
const BESIDE = 1e-5;

/** The Jacobian at given states, and the rate of each unit by itself. */
async function linearised(
  advised: Advised,
  given: Omit<PhaseRequest, "steps">,
): Promise<{ readonly linear: Linear; readonly rates: Float64Array[] }> {
  const { populations } = advised.layout;
  const { samples } = given;
  const own = await fieldAt(advised, given, { solver: ownRates });
  await own.exe.run(1, 0);
  const steepness = await own.read();
  const { exe, read } = await fieldAt(advised, given, { solver: field, tangent: true });
  const states = await read();
  // A leak that is infinitely steep at a point is as steep there as it is on both sides, in the mean.
  const beside = (way: number): Float64Array[] =>
    states.map((of, p) => of.map((u, k) => (Number.isFinite(steepness[p][k]) ? u : u + way * BESIDE)));
  const steep = steepness.some((of) => !of.every(Number.isFinite));
  const points = steep ? [beside(1), beside(-1)] : [states];
  return { linear: linearAt({ exe, populations, samples }, points), rates: bySample(steepness, samples) };
}

/** Longest time constant of a unit by itself, internal units. */
const slowestOf = (rates: readonly Float64Array[]): number =>
  rates.reduce(
    (longest, of) => of.reduce((most, rate) => Math.max(most, rate < 0 ? 1 / -rate : Infinity), longest),
    0,
  );

/** What some tens of evaluations of the field tell of a step. */
export interface Glance {
  /** Longest time constant of a unit by itself, in the unit of dt. */
  readonly slowest: number;
  /** Whether the step may not be stable: the advice knows. */
  readonly doubtful: boolean;
}

/** @param times how many times the simulator's step is looked at */
export async function glanceAtStep(
  advised: Advised,
  given: Omit<PhaseRequest, "steps">,
  times: number,
): Promise<Glance> {
  const { solver, step, dt } = advised;
  const { linear, rates } = await linearised(advised, given);
  return {
    slowest: (slowestOf(rates) * dt) / step,
    doubtful: isFixed(solver) && (await looksTooLong(linear, rates, solver, times * step)),
  };
}

async function tryToAdvise(
  advised: Advised,
  given: Omit<PhaseRequest, "steps">,
  swings = false,
): Promise<StepAdvice | null> {
  const { dt, step } = advised;
  const { linear, rates } = await linearised(advised, given);
  const internal = await dominantEigenvalue(linear);
  if (internal === null) return null;
  const fast = stableSteps(internal);
  const swing = swings ? await slowestSwing(linear, internal) : null;
  const slow = swing === null ? fast : stableSteps(swing);
  const stable = {
    euler: Math.min(fast.euler, slow.euler),
    heun: Math.min(fast.heun, slow.heun),
    rk4: Math.min(fast.rk4, slow.rk4),
  };
  const exponential = await longestExponential(linear, rates, stable.euler, swing !== null);
  const time = dt / step;
  const eigenvalue = { re: internal.re / time, im: internal.im / time };
  const fastest = 1 / Math.hypot(eigenvalue.re, eigenvalue.im);
  return {
    eigenvalue,
    fastest,
    slowest: slowestOf(rates) * time,
    recommended: fastest / 5,
    stable: {
      euler: stable.euler * time,
      "exponential-euler": exponential * time,
      heun: stable.heun * time,
      rk4: stable.rk4 * time,
    },
  };
}

/**
 * An outcome that also says what makes its run unstable, where that is the length of its steps.
 * @param ends states at which to look: at the start, and at the end where they are at hand
 */
export async function explained(
  advised: Advised,
  request: PhaseRequest,
  outcome: Outcome,
  ends: readonly (Planes | undefined)[],
): Promise<Outcome> {
  const { circuit, solver, dt, scale, noisy } = advised;
  const floats = outcome.kind === "diverged" ? floating(advised.layout) : null;
  if (floats !== null)
    return {
      ...outcome,
      advice:
        `node ${floats.unit} of "${floats.name}" floats, since all conductances at it are 0: give them a least one, ` +
        'resistor({ range: ["1 uS", "1 mS"] })',
    };
  if (!isFixed(solver)) return outcome;
  // Noise and oscillating nudges keep a state moving for reasons of their own.
  const quiet = !noisy && request.oscillation === undefined;
  // It takes as long as many phases: where a training ends phases early, it looks now and then.
  const restless = request.check !== false && quiet && outcome.residual * scale > RESTLESS;
  if (outcome.kind !== "diverged" && !restless) return outcome;
  const nudges = request.nudges?.slice(0, 1);
  const show = showTime(circuit);
  const orSmaller =
    outcome.kind === "diverged" && request.nudges?.some(({ re, im }) => re !== 0 || im !== 0) === true
      ? "; or use a smaller amplitude: only the nudge may have led here"
      : "";
  for (const end of outcome.kind === "diverged" ? ends.slice(0, 1) : ends) {
    const from =
      end &&
      Object.fromEntries(
        Object.entries(end).map(([name, { re }]) => [
          name,
          { re: re.subarray(0, request.samples * stateNamed(circuit, name).size) },
        ]),
      );
    const at = { ...request, nudges, from };
    const population = outcome.kind === "diverged" ? await notFinite(advised, at) : null;
    if (population !== null)
      return {
        ...outcome,
        advice:
          `the field of "${population}" is not finite where this phase begins, at any step: look for a ` +
          "division by 0 or a log of 0 there",
      };
    const found = await tryToAdvise(advised, at);
    const advice = found && explainStep(solver, dt, found, show);
    if (advice !== null) return { ...outcome, advice: `${advice}${orSmaller}` };
  }
  if (
    outcome.kind !== "diverged" ||
    request.oscillation !== undefined ||
    !(await staysFinite(advised, request))
  )
    return outcome;
  return {
    ...outcome,
    advice:
      `take a smaller time step: at dt = ${show(dt / FINER)}, with ${FINER} times as many steps, the ` +
      `states stay finite${orSmaller}`,
  };
}

/** A node that neither its equation nor a conductance holds anywhere. */
function floating({ populations }: Layout): { readonly name: string; readonly unit: number } | null {
  for (const { population, local, field: of } of populations) {
    const unit = local.vectors[LOAD]?.indexOf(0) ?? -1;
    if (unit < 0) continue;
    const slope = simplify(
      substitute(differentiate(of.rate, "u"), (name) => (name === LOAD ? number(0) : undefined)),
    );
    if (slope.kind === "number" && slope.value === 0)
      return { name: population.name, unit: unit % population.size };
  }
  return null;
}

/**
 * A step is to blame where one this much shorter does not end like it; and most steps in which that is found
 * out.
 */
const FINER = 4;
const MOST_FINER_STEPS = 8_000;

/** Whether a phase that diverged does not with finer steps, in as much time. */
async function staysFinite({ programs, solver }: Advised, request: PhaseRequest): Promise<boolean> {
  const { samples, nudges = [{ re: 0, im: 0 }] } = request;
  const complex = request.complex === true || nudges.some(({ im }) => im !== 0);
  const shape: PlanShape = {
    order: "synchronous",
    rows: samples * nudges.length,
    groups: 1,
    complex,
    nudged: nudges.some(({ re, im }) => re !== 0 || im !== 0),
    average: false,
  };
  const exe = await programs.load(
    request,
    nudges,
    shape,
    { planes: request.from },
    { solver: SOLVERS[solver], finer: FINER },
  );
  const { residual } = await exe.run(Math.min(MOST_FINER_STEPS, FINER * request.steps), 0);
  return residual.every((change) => !ranAway(change, 0));
}

/** Writes a time in the circuit's unit. */
export function showTime(circuit: Circuit): (time: number) => string {
  return (time) =>
    formatQuantity({
      value: Number(time.toPrecision(2)),
      dimension: timeOf(circuit),
    });
}

/** Writes a time step as it is typed. */
export function typedStep(circuit: Circuit): (step: number) => string {
  const show = showTime(circuit);
  const hasUnit = timeOf(circuit).some((power) => power !== 0);
  return (step) => `dt: ${hasUnit ? `"${show(step)}"` : show(step)}`;
}

/** Whether a solver takes steps of fixed length in time. */
export const isFixed = (solver: SolverName): solver is FixedSolver =>
  (FIXED_SOLVERS as readonly string[]).includes(solver);

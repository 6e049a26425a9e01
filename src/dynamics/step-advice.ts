/** Step-size advice for a simulator: asked for, or given where a run went wrong because its steps are too long. */
import type { Circuit } from "../circuit/chip-types";
import type { Engine } from "../engines/engine";
import { OhmletError } from "../errors";
import { formatQuantity } from "../units/format";
import { slowestTimeConstant } from "./at-rest";
import type { Layout, PlanShape } from "./layout";
import type { PhasePrograms } from "./phase-programs";
import { optionsOf } from "../options";
import { checkRequest, PHASE } from "./request";
import { field } from "./solvers/field";
import { dominantEigenvalue, explainStep, FIXED_SOLVERS, stableSteps, type FixedSolver, type StepAdvice } from "./stiffness";
import type { Outcome, PhaseRequest, Planes, SolverName } from "./types";

/** What advice needs of a simulator. */
export interface Advised {
  readonly circuit: Circuit;
  readonly engine: Engine;
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

/** A state that moves by more in the last step of a phase, where states are of order one, may do so because the step is too long. */
const RESTLESS = 0.05;

const { steps: _, ...needs } = PHASE.needs;
export const readAdvised = optionsOf<Omit<PhaseRequest, "steps">>("stepAdvice", { needs, takes: PHASE.takes });

/**
 * The fastest mode at given states, and the steps that solvers can take there.
 * @throws OhmletError DYN-FIELD where the field is not finite near these states
 */
export async function adviseStep(advised: Advised, given: Omit<PhaseRequest, "steps">): Promise<StepAdvice> {
  const advice = await tryToAdvise(advised, given);
  if (advice !== null) return advice;
  throw new OhmletError({
    code: "DYN-FIELD",
    fact: "the circuit's field is not finite near these states, so that no mode and no step can be told",
    place: { where: advised.circuit.name },
    remedy: 'give dt as a number, or write the equations so that they have finite values and slopes there, for instance rho = sqrt(u^2 + 1e-6)',
  });
}

async function tryToAdvise({ circuit, engine, layout, dt, step, programs }: Advised, given: Omit<PhaseRequest, "steps">): Promise<StepAdvice | null> {
  const { samples, inputs, targets, from, phase, nudges: [{ re }] = [{ re: 0, im: 0 }] } = given;
  // Two blocks of rows: one for each side of the differences.
  const request: PhaseRequest = { samples, inputs, targets, from, phase, nudges: [{ re, im: 0 }, { re, im: 0 }], steps: 1 };
  checkRequest(circuit, request);
  const shape: PlanShape = { order: "synchronous", rows: 2 * samples, groups: 1, complex: false, nudged: re !== 0, average: false };
  const exe = await programs.load(request, request.nudges ?? [], shape, { planes: from }, field);
  const states: Float64Array[] = [];
  for (const p of layout.populations) states.push((await exe.read(`u${p.index}`)).subarray(0, samples * p.population.size));
  const epsilon = engine.info.precision === "float64" ? 1e-5 : 1e-2;
  const internal = await dominantEigenvalue({ exe, layout, samples, epsilon }, states);
  if (internal === null) return null;
  const time = dt / step;
  const eigenvalue = { re: internal.re / time, im: internal.im / time };
  const fastest = 1 / Math.hypot(eigenvalue.re, eigenvalue.im);
  const leak = slowestTimeConstant(layout);
  return { eigenvalue, fastest, recommended: fastest / 5, stable: stableSteps(eigenvalue, leak > 0 ? 1 / (leak * time) : 0) };
}

/**
 * An outcome that also says what makes its run unstable, where that is the length of its steps.
 * @param ends states at which to look: at the start, and at the end where they are at hand
 */
export async function explained(advised: Advised, request: PhaseRequest, outcome: Outcome, ends: readonly (Planes | undefined)[]): Promise<Outcome> {
  const { circuit, solver, dt, scale, noisy } = advised;
  if (!(FIXED_SOLVERS as readonly string[]).includes(solver)) return outcome;
  // Noise and oscillating nudges keep a state moving for reasons of their own.
  const restless = !noisy && request.oscillation === undefined && outcome.residual * scale > RESTLESS;
  if (outcome.kind !== "diverged" && !restless) return outcome;
  const nudges = request.nudges?.slice(0, 1);
  const show = (time: number): string => formatQuantity({ value: Number(time.toPrecision(2)), dimension: circuit.output.neuron?.dimensions.time ?? [0, 0, 0, 0, 0] });
  for (const end of outcome.kind === "diverged" ? ends.slice(0, 1) : ends) {
    const from = end && Object.fromEntries(Object.entries(end).map(([name, { re }]) => [name, { re: re.subarray(0, request.samples * circuit.population(name).size) }]));
    const found = await tryToAdvise(advised, { ...request, nudges, from });
    const advice = found && explainStep(solver as FixedSolver, dt, found, show);
    if (advice !== null) return { ...outcome, advice };
  }
  return outcome;
}

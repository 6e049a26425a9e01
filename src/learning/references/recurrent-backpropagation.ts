/**
 * The true error vector by iteration (recurrent backpropagation), for circuits of any size: each step sends
 * the error backwards through the weights of every projection and forms no matrix. Solves J^T lambda = -dC/du
 * by
 *
 *     lambda <- lambda + relaxation * (dC/du + J^T lambda) / |dF/du at constant I|
 *
 * With relaxation 1 and the papers' neurons (slope -1) this is the iteration of Laborieux and Zenke's code,
 * delta <- delta + J^T delta + dC/du.
 */
import { drivesThrough, type ByPopulation } from "../drives";
import type { Chip } from "../../circuit/chip-types";
import type { Outcome, Planes } from "../../dynamics/types";
import { asOutcome } from "../../dynamics/describe";
import { expectGoing, type Stop } from "../../errors";
import { check, optionsOf } from "../../options";
import { costForces, nudgeSign } from "./exact";
import { linearise, unclamped, type Linearisation } from "./linearisation";

/** How long the error is sent back, and how hard each step pulls. */
export interface RecurrentBackpropagationOptions {
  /** Largest number of steps. Default 2000. */
  readonly steps?: number;
  /**
   * Stop when a step changes nothing by more than this share of the largest error. null: run all steps.
   * Default 1e-12.
   */
  readonly tolerance?: number | null;
  /** Factor on every step. Default: 1, halved and begun anew (down to 1/64) where the iteration runs away. */
  readonly relaxation?: number;
  /** Looked at between steps. */
  readonly stop?: Stop;
}

const readOptions = optionsOf<RecurrentBackpropagationOptions>("recurrentBackpropagation", {
  takes: {
    steps: check.whole(1),
    tolerance: check.either(check.positive, check.nothing),
    relaxation: check.positive,
    stop: check.anything,
  },
});

/** The true error vector, and how the iteration for it ended. */
export interface RecurrentBackpropagation {
  /** As `delta` of `exactAnswers`, [samples, size] by unclamped population. */
  readonly delta: ByPopulation;
  /** Steps count those of all relaxations tried; rows are the samples that did not settle. */
  readonly outcome: Outcome;
  readonly relaxation: number;
  readonly linearisation: Linearisation;
}

/** A residual that has grown so far above its smallest value has run away. */
const RUNAWAY = 1e3;
const SMALLEST_RELAXATION = 1 / 64;

/**
 * The true error vector by iteration, for circuits of any size: the error is sent backwards through the
 * weights until it stands still.
 * @param states u by population at the free fixed point, [samples, size]
 * @param inputs [samples, input size]
 * @param states free fixed point, u by population, [samples, size]
 * @param targets [samples, output size] or [samples, classes]
 */
export function recurrentBackpropagation(
  chip: Chip,
  samples: number,
  inputs: ArrayLike<number>,
  states: Planes,
  targets: ArrayLike<number>,
  options: RecurrentBackpropagationOptions = {},
): RecurrentBackpropagation {
  readOptions(options);
  const at = linearise(chip, samples, inputs, states);
  const source = costForces(at, states, targets).slope;
  const [limit, tolerance] = [
    options.steps ?? 2000,
    options.tolerance === undefined ? 1e-12 : options.tolerance,
  ];
  const backwards = errorFlow(at);
  let relaxation = options.relaxation ?? 1;
  let spent = 0;
  for (;;) {
    const run = iterate(at, source, backwards, relaxation, limit, tolerance, options.stop);
    spent += run.steps;
    if (run.kind === "diverged" && options.relaxation === undefined && relaxation > SMALLEST_RELAXATION) {
      relaxation /= 2;
      continue;
    }
    const sign = nudgeSign(chip.circuit);
    const delta = Object.fromEntries(
      Object.entries(run.lambda).map(([name, l]) => [name, l.map((x, i) => sign * x * at.gain[name][i])]),
    );
    return {
      delta,
      relaxation,
      linearisation: at,
      outcome: asOutcome({
        kind: run.kind,
        residual: run.residual,
        steps: spent,
        rowSteps: spent * samples,
        rows: run.rows,
        ...adviceFor(run.kind),
      }),
    };
  }
}

function adviceFor(kind: Outcome["kind"]): { advice?: string } {
  if (kind === "diverged")
    return {
      advice:
        "the error grows on its way back: give a smaller relaxation, or check that the free phase " +
        "settled at a stable fixed point",
    };
  return kind === "timedOut" ? { advice: "the error vector is not yet exact: allow more steps" } : {};
}

type Lambda = Record<string, Float64Array>;
type ErrorFlow = (lambda: Lambda, into: Lambda) => void;

/** Adds J^T lambda to `into`. */
function errorFlow(at: Linearisation): ErrorFlow {
  const drives = drivesThrough(at.chip, at.samples);
  return (lambda, into) => {
    const byDrive = Object.entries(lambda).map(([name, error]) => [
      name,
      error.map((x, k) => x * at.gain[name][k]),
    ]);
    const byActivity = drives.byActivity(at.activities, Object.fromEntries(byDrive));
    for (const [name, slope] of Object.entries(at.slope))
      slope.forEach(
        (x, k) => (into[name][k] += x * lambda[name][k] + at.rhoPrime[name][k] * byActivity[name][k]),
      );
  };
}

interface Run {
  readonly kind: Outcome["kind"];
  readonly residual: number;
  readonly steps: number;
  readonly rows: readonly number[];
  readonly lambda: Lambda;
}

function iterate(
  at: Linearisation,
  source: ByPopulation,
  backwards: ErrorFlow,
  relaxation: number,
  limit: number,
  tolerance: number | null,
  stop: Stop | undefined,
): Run {
  const populations = unclamped(at.chip);
  const lambda: Lambda = Object.fromEntries(
    populations.map(({ name, size }) => [name, new Float64Array(at.samples * size)]),
  );
  const scale = stepScale(at);
  let [smallest, steps, residual] = [Infinity, 0, Infinity];
  let perSample = new Float64Array(at.samples);
  while (steps < limit) {
    steps++;
    expectGoing(stop);
    const change: Lambda = Object.fromEntries(
      populations.map(({ name, size }) => [
        name,
        source[name] ? Float64Array.from(source[name]) : new Float64Array(at.samples * size),
      ]),
    );
    backwards(lambda, change);
    perSample = new Float64Array(at.samples);
    let largest = 0;
    for (const { name, size } of populations) {
      for (let k = 0; k < lambda[name].length; k++) {
        if (!at.active[name][k]) continue;
        const s = Math.floor(k / size);
        const step = change[name][k] / scale[name][k];
        lambda[name][k] += relaxation * step;
        perSample[s] = Math.max(perSample[s], Math.abs(step)); // NaN stays
        largest = Math.max(largest, Math.abs(lambda[name][k]));
      }
    }
    if (largest !== 0) perSample = perSample.map((x) => x / largest);
    residual = perSample.reduce((m, x) => Math.max(m, x), 0);
    if (tolerance !== null && residual <= tolerance)
      return { kind: "settled", residual, steps, rows: [], lambda };
    const absolute = residual * largest;
    if (!(absolute <= smallest * RUNAWAY))
      return { kind: "diverged", residual, steps, rows: above(perSample, tolerance ?? 0), lambda };
    smallest = Math.min(smallest, absolute);
  }
  return {
    kind: tolerance === null ? "fixed" : "timedOut",
    residual,
    steps,
    rows: tolerance === null ? [] : above(perSample, tolerance),
    lambda,
  };
}

const above = (residuals: Float64Array, tolerance: number): number[] =>
  [...residuals.keys()].filter((s) => !(residuals[s] <= tolerance));

/** |slope| of each unit, kept away from 0: any positive scale has the same fixed point. */
function stepScale({ slope }: Linearisation): ByPopulation {
  const largest = Object.values(slope).reduce(
    (m, values) => values.reduce((k, x) => Math.max(k, Math.abs(x)), m),
    0,
  );
  return Object.fromEntries(
    Object.entries(slope).map(([name, values]) => [
      name,
      values.map((x) => Math.max(Math.abs(x), 1e-3 * largest) || 1),
    ]),
  );
}

/** Phases, what they left and how they ended, as a person reads it. */
import { count, printsItself, short, some, type Describe } from "../display";
import type { Engine } from "../engines/engine";
import type { Chip, Circuit } from "../circuit/chip-types";
import { columns } from "../printable";
import { timeOf } from "./time-steps/time-step";
import { describeDimension } from "../units/dimension";
import { formatQuantity } from "../units/format";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import type {
  Acceleration,
  Outcome,
  OutcomeKind,
  PhaseResult,
  Plane,
  SolverName,
  Trace,
  Transient,
  Uniqueness,
  UpdateOrder,
} from "./types";

const ENDED: Readonly<Record<OutcomeKind, (steps: string) => string>> = {
  settled: (steps) => `settled after ${steps}`,
  unstable: (steps) => `settled after ${steps} at a point that it would leave by itself`,
  timedOut: (steps) => `timed out after ${steps}`,
  diverged: (steps) => `diverged within ${steps}`,
  fixed: (steps) => `ran ${steps}`,
};

/** Whether there may be more fixed points. */
export const uniquenessInWords = ({ kind, factor }: Uniqueness): string =>
  kind === "contraction"
    ? `the only fixed point: differences shrink by a factor of ${short(factor ?? 0)}`
    : "other fixed points: unproven";

export const describeOutcome: Describe<Outcome> = (outcome) => {
  const { kind, residual, distance, relativeResidual, steps, rows, noiseFloor, integration, uniqueness } =
    outcome;
  const facts = [
    `residual ${short(residual)}`,
    ...(distance === undefined ? [] : [`at most ${short(distance)} from the fixed point`]),
    ...(relativeResidual === undefined ? [] : [`${short(relativeResidual)} of what the nudge moved`]),
    ...(noiseFloor === undefined ? [] : [`noise floor ${short(noiseFloor)}`]),
    ...(uniqueness === undefined ? [] : [uniquenessInWords(uniqueness)]),
  ];
  return [
    `${ENDED[kind](count(steps, "step"))}, ${facts.join(", ")}`,
    ...(rows.length === 0 ? [] : [`  ${rows.length === 1 ? "row" : "rows"} ${some(rows)}`]),
    ...(integration === undefined
      ? []
      : [
          `  ${integration.accepted} steps taken, ${integration.rejected} given up, ` +
            `${integration.evaluations} evaluations of the field`,
        ]),
    ...(outcome.advice === undefined ? [] : [`  ${outcome.advice}`]),
    ...(outcome.byChip ?? []).map((own, chip) => `  chip ${chip}: ${describeOutcome(own)[0]}`),
  ];
};

/** For every outcome that leaves the dynamics; spreading one into another leaves its words behind. */
export const asOutcome = printsItself(describeOutcome);

const describePhase: Describe<PhaseResult> = ({ outcome, rows, states, activities, lockIn }) => {
  const [ended, ...more] = describeOutcome(outcome);
  return [
    `phase of ${count(rows, "row")}: ${ended}`,
    ...more,
    ...columns(
      Object.keys(activities).map((name) => [
        name,
        count(activities[name].re.length / rows, "unit"),
        name in states ? `u ${rangeOf(states[name])}` : "clamped",
        `rho ${rangeOf(activities[name])}`,
      ]),
    ),
    ...(lockIn === undefined ? [] : [`  lock-in over ${count(lockIn.steps, "step")}`]),
  ];
};

export const asPhase = printsItself(describePhase);

/** "0.1 to 0.3", of both planes where there are two. */
export function rangeOf({ re, im }: Plane): string {
  return im === undefined ? spanOf(re) : `${spanOf(re)}, imaginary ${spanOf(im)}`;
}

function spanOf(values: ArrayLike<number>): string {
  let [low, high, finite] = [Infinity, -Infinity, true];
  for (let i = 0; i < values.length; i++) {
    finite &&= Number.isFinite(values[i]);
    [low, high] = [Math.min(low, values[i]), Math.max(high, values[i])];
  }
  return finite && low <= high ? `${short(low)} to ${short(high)}` : "not finite";
}

/** What states and times of a recording are in. */
interface TraceUnits {
  /** By population. */
  readonly states: Readonly<Record<string, Dimension>>;
  readonly time: Dimension;
}

/** A recording and its traces, which share what they are in. */
export function asTransient(recording: Transient, circuit: Circuit): Transient {
  const units = traceUnits(circuit);
  recording.traces.forEach(printsItself(describeTrace(units)));
  return printsItself(describeTransient(units))(recording);
}

const describeTrace =
  (units: TraceUnits): Describe<Trace> =>
  (trace) => [`trace of ${count(trace.re.length, "reading")}: ${traceRow(units, trace).join(", ")}`];

const describeTransient =
  (units: TraceUnits): Describe<Transient> =>
  ({ times, traces, outcome }) => {
    const [ended, ...more] = describeOutcome(outcome);
    const shown = traces.slice(0, MOST_TRACES);
    return [
      `transient of ${count(traces.length, "trace")}, ${count(times.length, "reading")} ` +
        `from ${inUnit(times[0], units.time)} to ${inUnit(times[times.length - 1], units.time)}`,
      ...columns(shown.map((trace) => traceRow(units, trace))),
      ...(shown.length < traces.length ? [`  and ${traces.length - shown.length} more`] : []),
      ended,
      ...more,
    ];
  };

const MOST_TRACES = 12;

function traceRow(units: TraceUnits, { population, unit, row, re, im, estimate }: Trace): string[] {
  const dimension = units.states[population] ?? DIMENSIONLESS;
  return [
    `${population} ${unit}`,
    `row ${row}`,
    `${inUnit(re[0], dimension)} → ${inUnit(re[re.length - 1], dimension)}`,
    ...(im === undefined ? [] : ["two planes"]),
    ...(estimate === undefined ? [] : [`lock-in estimate ${short(estimate.re[estimate.re.length - 1])}`]),
    sketch(re),
  ];
}

const inUnit = (value: number, dimension: Dimension): string =>
  Number.isFinite(value)
    ? formatQuantity({ value: Number(value.toPrecision(4)), dimension })
    : `${value} ${describeDimension(dimension)}`;

const BLOCKS = "▁▂▃▄▅▆▇█";
const SKETCHED = 32;

/** A course as a row of blocks, from its lowest to its highest value; a blank where it is not finite. */
function sketch(values: readonly number[]): string {
  const length = Math.min(SKETCHED, values.length);
  const picked = Array.from(
    { length },
    (_, i) => values[Math.round((i * (values.length - 1)) / Math.max(1, length - 1))],
  );
  const finite = picked.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const height = (value: number): number =>
    high > low ? Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1)) : 0;
  return picked.map((value) => (Number.isFinite(value) ? BLOCKS[height(value)] : " ")).join("");
}

/** What is told of a simulator (simulator.ts). */
interface Simulated {
  readonly circuit: Circuit;
  readonly chips: readonly Chip[];
  readonly engine: Engine;
  readonly solver: SolverName;
  readonly dt: number;
  readonly order: UpdateOrder;
  readonly acceleration: Acceleration;
  readonly reads: string;
  readonly readsAreNoisy: boolean;
  readonly shortestPhase: number;
}

export const describeSimulator: Describe<Simulated> = (simulator) => {
  const { circuit, chips, engine, solver, dt, order, acceleration, reads } = simulator;
  const time = timeOf(circuit);
  return [
    `simulator of ${circuit.name}, ` +
      `${chips.length === 1 ? `seed ${chips[0].seed}` : count(chips.length, "chip")}, on ${engine.info.name}`,
    ...columns([
      ["solver", solver === "map" ? solver : `${solver}, steps of ${inUnit(dt, time)}`],
      ["order", order],
      ["acceleration", acceleration],
      ...(simulator.readsAreNoisy ? [["reads", `noisy, ${reads}`]] : []),
      ["shortest phase", count(simulator.shortestPhase, "step")],
    ]),
  ];
};

/** Units of a simulator's recordings. */
function traceUnits(circuit: Circuit): TraceUnits {
  const moving = circuit.populations.flatMap(({ name, neuron }) =>
    neuron === null ? [] : [{ name, neuron }],
  );
  return {
    states: Object.fromEntries(moving.map(({ name, neuron }) => [name, neuron.dimensions.u])),
    time: timeOf(circuit),
  };
}

/**
 * How many fixed points a circuit has on one input, as far as settling from many starts tells: a survey, not
 * a proof.
 */
import { OhmletError } from "../errors";
import { describeOutcome, rangeOf } from "./describe";
import { count, printsItself, some, type Describe } from "../display";
import { columns } from "../printable";
import { check, optionsOf } from "../options";
import { checkSeed, streamOf, uniform } from "../random";
import { tile } from "./lowering/arrays";
import type { PlannedPopulation } from "./lowering/layout";
import type { Simulator } from "./simulator";
import type { Outcome, PhaseResult, Plane, Planes } from "./types";

/** Where a search for fixed points starts, and what it counts as settled and as apart. */
export interface FixedPointSurvey {
  /** Clamped data of one sample, [input size]. */
  readonly inputs: ArrayLike<number>;
  /** How many starts settle, side by side. The first is at rest, the others are drawn. Default 20. */
  readonly starts?: number;
  /**
   * Starts are drawn uniformly from so many units of the state to either side of zero (a unit of the state is
   * what one unit drive holds). Default 2.
   */
  readonly spread?: number;
  /**
   * Ends that differ by no more in any unit are one point, in units of the state. Default 0.01, and at least
   * six times the noise floor.
   */
  readonly apart?: number;
  /** Most steps of the phase. */
  readonly steps: number;
  /** What counts as settled, as in PhaseRequest. Should be far below `apart`. */
  readonly tolerance: number;
  /** Keys the starts. Default 0. */
  readonly seed?: number;
}

const readSurvey = optionsOf<FixedPointSurvey>("fixedPoints", {
  needs: { inputs: check.numbers, steps: check.numeric, tolerance: check.numeric },
  takes: { starts: check.numeric, spread: check.numeric, apart: check.numeric, seed: check.anything },
});

/** A fixed point that starts led to. */
export interface FixedPoint {
  /** Starts that led here, by number. */
  readonly starts: readonly number[];
  /** u and rho(u) by population, [size]: those of the first such start. */
  readonly states: Planes;
  readonly activities: Planes;
}

/** What a survey of fixed points found. */
export interface FixedPoints {
  /** The one that most starts lead to comes first. */
  readonly points: readonly FixedPoint[];
  /** Starts that led nowhere: not settled, diverged, or at a point that the circuit would leave by itself. */
  readonly unsettled: readonly number[];
  /** Of the phase of all starts; under the adaptive solver, of those that did not diverge. */
  readonly outcome: Outcome;
}

const describeFixedPoints: Describe<FixedPoints> = ({ points, unsettled, outcome }) => [
  `${count(points.length, "fixed point")} of ${count(
    points.reduce((sum, { starts }) => sum + starts.length, unsettled.length),
    "start",
  )}`,
  ...columns(
    points.map(({ starts, states }, i) => [
      `${i + 1}`,
      count(starts.length, "start"),
      ...Object.entries(states).map(([name, plane]) => `${name} ${rangeOf(plane)}`),
    ]),
  ),
  ...(unsettled.length === 0 ? [] : [`  led nowhere: ${some(unsettled)}`]),
  ...describeOutcome(outcome),
];

const asFixedPoints = printsItself(describeFixedPoints);

/**
 * Settles a circuit from many starts on one input, and tells the points that they lead to. A survey, not a
 * proof: what no start leads to is not seen.
 * @throws OhmletError DYN-STARTS for starts that are no number of rows, CHIP-STACK, and as Simulator.phase
 */
export async function fixedPoints(simulator: Simulator, survey: FixedPointSurvey): Promise<FixedPoints> {
  const { inputs, starts = 20, spread = 2, apart = 0.01, steps, tolerance, seed = 0 } = readSurvey(survey);
  const { circuit } = simulator.chip; // of a stack there is no one circuit to survey
  if (!Number.isInteger(starts) || starts < 1 || starts > 100_000 || !(spread > 0) || !(apart > 0)) {
    throw new OhmletError({
      code: "DYN-STARTS",
      fact: `${starts} starts within ${spread} that count as apart from ${apart} on cannot be surveyed`,
      place: { where: circuit.name },
      remedy: "give 1 to 100000 starts, and positive numbers",
    });
  }
  checkSeed(seed, `${circuit.name}, seed of the starts`);
  const {
    layout: { populations },
    units,
  } = simulator;
  const all = Object.fromEntries(
    populations.map((p) => [p.population.name, { re: startsOf(p, starts, spread * units.state(p), seed) }]),
  );
  // Under the adaptive solver a row that diverges ends the phase for all: those left are settled anew.
  let alive = Array.from({ length: starts }, (_, start) => start);
  const settle = (): Promise<PhaseResult> =>
    simulator.phase({
      samples: alive.length,
      inputs: tile(inputs, alive.length),
      from: rowsOf(all, alive, starts),
      steps,
      tolerance,
    });
  let result = await settle();
  while (
    simulator.solver === "dormand-prince" &&
    result.outcome.kind === "diverged" &&
    result.outcome.rows.length < alive.length
  ) {
    const lost = new Set(result.outcome.rows);
    alive = alive.filter((_, row) => !lost.has(row));
    result = await settle();
  }
  const { outcome, ends, states, activities } = result;
  const limits = populations.map((p) => Math.max(apart * units.state(p), 6 * (outcome.noiseFloor ?? 0)));
  const same = (a: number, b: number): boolean =>
    populations.every(({ population: { name, size } }, k) => {
      const { re } = states[name];
      for (let i = 0; i < size; i++)
        if (!(Math.abs(re[a * size + i] - re[b * size + i]) <= limits[k])) return false;
      return true;
    });
  const found: number[][] = [];
  for (let row = 0; row < alive.length; row++) {
    if (ends[row] !== "settled") continue;
    const known = found.find(([first]) => same(first, row));
    if (known === undefined) found.push([row]);
    else known.push(row);
  }
  // Sorting is stable: of points that as many lead to, the one of the earliest start comes first.
  const points = found
    .sort((a, b) => b.length - a.length)
    .map((rows) => ({
      starts: rows.map((row) => alive[row]),
      states: rowsOf(states, rows.slice(0, 1), alive.length),
      activities: rowsOf(activities, rows.slice(0, 1), alive.length),
    }));
  const led = new Set(points.flatMap((point) => point.starts));
  return asFixedPoints({
    points,
    unsettled: Array.from({ length: starts }, (_, start) => start).filter((start) => !led.has(start)),
    outcome,
  });
}

/** [starts, size], SI: rest, then draws. */
function startsOf(
  { population: { name, size } }: PlannedPopulation,
  starts: number,
  within: number,
  seed: number,
): Float64Array {
  const stream = streamOf(`start of ${name}`);
  return Float64Array.from({ length: starts * size }, (_, i) =>
    i < size ? 0 : within * (2 * uniform(seed, stream, Math.floor(i / size), i % size) - 1),
  );
}

/** Some rows of planes that have so many. */
function rowsOf(planes: Planes, wanted: readonly number[], rows: number): Planes {
  return Object.fromEntries(
    Object.entries(planes).map(([name, { re }]): [string, Plane] => {
      const size = re.length / rows;
      const out = new Float64Array(wanted.length * size);
      wanted.forEach((row, k) => out.set(re.subarray(row * size, (row + 1) * size), k * size));
      return [name, { re: out }];
    }),
  );
}

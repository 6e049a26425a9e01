/**
 * The weakest point of a design: the smallest imperfection, as far as a search of bounded cost finds it, that
 * breaks a claim. It knows no chip: an experiment is any function of knobs and a seed, so one that trains a
 * chip, one that settles a device and one that asks a machine in a laboratory are searched alike.
 */
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { checkSeed } from "../../random";
import { readClaim, type Claim } from "./claim";
import { axesOf, cellOf, type Axis, type Cell, type Point, type Ranges, type Value } from "./grid";
import { BudgetSpent, Jury, type Budget, type Experiment, type Limit, type Verdict } from "./seed-votes";
import { search, set } from "./search";

/** Seeds, budget and progress of a search for the weakest point. */
export interface WeakestOptions extends Budget {
  /** How many seeds vote on a point. Default 3. */
  readonly seeds?: number;
  /** The first of them; the others follow it. Default 1. */
  readonly seed?: number;
  /** Called with every point that is decided, and with the experiments run so far. */
  readonly onVerdict?: (verdict: Verdict, spent: number) => void | Promise<void>;
}

const SEARCH = {
  seeds: check.numeric,
  seed: check.anything,
  evaluations: check.numeric,
  seconds: check.numeric,
  signal: check.anything,
  onVerdict: check.callback,
};
const readOptions = optionsOf<WeakestOptions>("weakestPoint", { takes: SEARCH });
const readReplay = optionsOf<WeakestOptions>("replay", { takes: SEARCH });

/** A point one step from the weakest one. */
export interface Neighbour {
  readonly knob: string;
  readonly value: Value;
  readonly direction: "towards the ideal" | "away from it";
  /** Null where the budget did not reach it. */
  readonly verdict: Verdict | null;
}

/** How far one knob can be turned. */
export interface Margin {
  readonly knob: string;
  /** The claim fails here, the other knobs as at the weakest point. */
  readonly failsAt: Value;
  /** And holds one step nearer to the ideal; null where that was not tried. */
  readonly passesAt: Value | null;
}

/** How far one knob can be turned with all others ideal. */
export interface Alone {
  readonly knob: string;
  readonly failsAt: Value | null;
  readonly passesAt: Value | null;
}

/** What a search for the weakest point found. */
export interface WeakestPoint {
  /**
   * `found`: `verdict` breaks the claim. `never`: it holds at the ideal, at the worst corner and with each
   * knob alone at its worst. `always`: it fails at the ideal, `verdict`. `undecided`: the budget ended first.
   */
  readonly kind: "found" | "never" | "always" | "undecided";
  readonly claim: string;
  readonly axes: readonly Axis[];
  readonly verdict: Verdict | null;
  /**
   * Whether every single step towards the ideal was tried and holds: a local minimum, not necessarily the
   * global one.
   */
  readonly minimal: boolean;
  /** For every knob that is not at its ideal. */
  readonly margins: readonly Margin[];
  /**
   * What was tried of each knob alone, the others ideal: the nearest failure to the ideal, and the farthest
   * point below it that holds.
   */
  readonly alone: readonly Alone[];
  readonly neighbours: readonly Neighbour[];
  readonly seeds: readonly number[];
  readonly evaluations: number;
  readonly seconds: number;
  /** What ended the search before it was done; null where it was done. */
  readonly limit: Limit | null;
  /** Everything that was tried, in order. */
  readonly tried: readonly Verdict[];
}

const MOST_SEEDS = 10_000;
const EVALUATIONS = 200;

/**
 * Searches for the smallest imperfection that breaks a claim, within a budget: the ideal, the worst corner,
 * each knob alone by bisection, and from the best of these back towards the ideal. What it finds is a local
 * minimum. Deterministic for given seeds, unless time ends it.
 * @param claim what must hold of the measures of one trial
 * @param ranges how far each knob is turned; step 0 is the ideal
 * @param experiment measures of a chip with these knobs and this seed: the same arguments, the same measures
 * @throws OhmletError WEAKEST-RANGE, WEAKEST-CLAIM, WEAKEST-SEEDS, WEAKEST-BUDGET, WEAKEST-MEASURE, and what
 *   the experiment throws of category `input`
 */
export async function weakestPoint(
  claim: Claim,
  ranges: Ranges,
  experiment: Experiment,
  options: WeakestOptions = {},
): Promise<WeakestPoint> {
  const jury = summon(claim, ranges, experiment, readOptions(options));
  const found = await search(jury);
  const cell = found.kind === "found" ? found.cell : null;
  const { neighbours, limit } =
    cell === null ? { neighbours: [], limit: null } : await lookAround(jury, cell);
  const nearer = neighbours.filter((n) => n.direction === "towards the ideal");
  return {
    kind: found.kind,
    claim: jury.claim.text,
    axes: jury.axes,
    verdict: found.cell === null ? null : (jury.heard(found.cell) ?? null),
    minimal: cell !== null && nearer.every(({ verdict }) => verdict?.holds === true),
    margins: nearer.map(({ knob, value, verdict }) => ({
      knob,
      failsAt: (jury.heard(cell as Cell) as Verdict).point[knob],
      passesAt: verdict?.holds === true ? value : null,
    })),
    alone: jury.axes.map((_, a) => aloneOf(jury, a)),
    neighbours,
    seeds: jury.seeds,
    evaluations: jury.spent,
    seconds: jury.seconds,
    limit: found.limit ?? limit,
    tried: jury.verdicts,
  };
}

/**
 * Asks the same seeds about one point again: what reproduces a verdict exactly.
 * @param options of the search, of which the seeds count
 * @throws OhmletError as `weakestPoint`; WEAKEST-POINT for a point that is not on the grid
 */
export async function replay(
  claim: Claim,
  ranges: Ranges,
  experiment: Experiment,
  point: Point,
  options: WeakestOptions = {},
): Promise<Verdict> {
  const { seeds, seed } = readReplay(options);
  const jury = summon(claim, ranges, experiment, { seeds, seed, evaluations: seeds ?? SEEDS });
  return jury.decide(cellOf(jury.axes, point));
}

const SEEDS = 3;

function aloneOf({ axes, verdicts }: Jury, a: number): Alone {
  const { knob, values } = axes[a];
  const tried = verdicts.filter(({ cell }) => cell.every((step, other) => other === a || step === 0));
  const steps = (holds: boolean): number[] =>
    tried.filter((v) => v.holds === holds).map(({ cell }) => cell[a]);
  const failsAt = Math.min(...steps(false));
  const passesAt = Math.max(...steps(true).filter((step) => step < failsAt));
  return { knob, failsAt: values[failsAt] ?? null, passesAt: values[passesAt] ?? null };
}

const faulty = (code: string, where: string, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code, fact, place: { where }, remedy });

/** The seeds that vote. @throws OhmletError WEAKEST-SEEDS */
export function seedsOf({ seeds = SEEDS, seed = 1 }: Pick<WeakestOptions, "seeds" | "seed">): number[] {
  if (!Number.isSafeInteger(seeds) || seeds < 1 || seeds > MOST_SEEDS)
    throw faulty(
      "WEAKEST-SEEDS",
      "seeds",
      `${seeds} is not a number of seeds`,
      `give 1 to ${MOST_SEEDS}; an odd number cannot tie`,
    );
  checkSeed(seed);
  if (seed > Number.MAX_SAFE_INTEGER - seeds)
    throw faulty(
      "WEAKEST-SEEDS",
      "seed",
      `${seed} leaves no room for ${seeds} seeds`,
      `give a whole number from 0 to ${Number.MAX_SAFE_INTEGER - seeds}`,
    );
  return Array.from({ length: seeds }, (_, k) => seed + k);
}

function summon(
  claim: Claim,
  ranges: Ranges,
  experiment: Experiment,
  { evaluations = EVALUATIONS, seconds, signal, onVerdict, ...voters }: WeakestOptions,
): Jury {
  const all = seedsOf(voters);
  if (!Number.isSafeInteger(evaluations) || evaluations < 1)
    throw faulty(
      "WEAKEST-BUDGET",
      "budget",
      `${evaluations} is not a number of evaluations`,
      "give a whole number, 1 or more",
    );
  if (evaluations < all.length)
    throw faulty(
      "WEAKEST-BUDGET",
      "budget",
      `a budget of ${evaluations} evaluations does not suffice for one point, on which ${all.length} ` +
        "seeds vote",
      `give at least ${all.length} evaluations, better ${20 * all.length}, or fewer seeds`,
    );
  if (seconds !== undefined && !(seconds > 0))
    throw faulty(
      "WEAKEST-BUDGET",
      "budget",
      `${seconds} is not a time in seconds`,
      "give more than 0, or leave it out",
    );
  return new Jury(
    axesOf(ranges),
    readClaim(claim),
    experiment,
    all,
    { evaluations, seconds, signal },
    onVerdict,
  );
}

/**
 * The points one step away: first towards the ideal, which shows that the point is minimal, then away from
 * it.
 */
async function lookAround(
  jury: Jury,
  cell: Cell,
): Promise<{ readonly neighbours: Neighbour[]; readonly limit: Limit | null }> {
  let limit: Limit | null = null;
  const neighbours: Neighbour[] = [];
  for (const by of [-1, 1]) {
    for (const [a, { knob, steps, values }] of jury.axes.entries()) {
      const step = cell[a] + by;
      if (step < 0 || step > steps) continue;
      const verdict = await jury.decide(set(cell, a, step)).catch((error: unknown) => {
        if (!(error instanceof BudgetSpent)) throw error;
        limit ??= error.limit;
        return null;
      });
      neighbours.push({
        knob,
        value: values[step],
        direction: by < 0 ? "towards the ideal" : "away from it",
        verdict,
      });
    }
  }
  return { neighbours, limit };
}

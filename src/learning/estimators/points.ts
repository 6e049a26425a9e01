/**
 * Estimators that settle once free and once at a set of nudges side by side, and weigh what they find: each
 * is the data of its plan, so that the weighing can be done on the host or where the states are.
 */
import { rowsOfChip } from "../../dynamics/phases/by-chip";
import type { Simulator } from "../../dynamics/simulator";
import type { Complex, Outcome, PhaseResult, Plane, Planes } from "../../dynamics/types";
import { check, optionsOf, type OptionTable } from "../../options";
import { asEstimate, readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { countedWhole } from "./circle";
import { aliasingOf, block, combine, type Arrays } from "./contrast";
import { checkLengths, freeStepsOf, LENGTHS, nudgedStepsOf } from "../lengths";
import { planOn, pushOf } from "./hold-output";
import { phasesOf, together } from "./planes";
import { firstPhase, looksAt } from "../phases";
import {
  asEstimator,
  type Differences,
  type EstimateContext,
  type Estimator,
  type PhaseLengths,
  type PointPlan,
} from "./estimator";

/** Teaching amplitude and phases of estimators of one free and one nudged phase. */
export interface AmplitudeOptions extends PhaseLengths {
  /** Teaching amplitude |beta|, in multiples of the unit drive. */
  readonly amplitude: number;
}

/** What each of its keys takes; the amplitude has a code of its own. */
export const AMPLITUDE = {
  needs: { amplitude: check.numeric },
  takes: { ...LENGTHS, tolerance: check.positive, average: check.whole() },
} as const satisfies OptionTable<AmplitudeOptions>;

/** @param where name of the estimator @throws OhmletError OPTION-… */
export const readAmplitude = (where: string, options: AmplitudeOptions): AmplitudeOptions =>
  optionsOf<AmplitudeOptions>(where, AMPLITUDE)(options);

/** The same, and how what the nudge changes is found. */
export interface NudgingOptions extends AmplitudeOptions {
  /**
   * "subtracted": two states are, as a chip would. "exact": what the nudge changes is stepped itself, so that
   * amplitudes of 1e-6 leave their digits on engines of float32, too: idealised, for quiet circuits on solvers of fixed steps.
   * Default "subtracted".
   */
  readonly differences?: Differences;
}

/** What each of its keys takes. */
export const NUDGING = {
  needs: AMPLITUDE.needs,
  takes: { ...AMPLITUDE.takes, differences: check.oneOf("subtracted", "exact") },
} as const satisfies OptionTable<NudgingOptions>;

/** @param where name of the estimator @throws OhmletError OPTION-… */
export const readNudging = (where: string, options: NudgingOptions): NudgingOptions =>
  optionsOf<NudgingOptions>(where, NUDGING)(options);

/** What holds of all that these are made into: no setting where it is as always. */
export const differencesOf = ({
  differences = "subtracted",
}: NudgingOptions): Pick<NudgingOptions, "differences"> => (differences === "exact" ? { differences } : {});

export interface PointOptions {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly lengths: PhaseLengths;
  readonly amplitude: number;
  readonly complex: boolean;
  /** Order of its bias in the amplitude. */
  readonly order: number;
  readonly plan: (context: EstimateContext) => PointPlan;
  /** The same estimator with other lengths and another amplitude. */
  readonly again: (changed: AmplitudeOptions) => Estimator;
}

/** Divides the tolerance of a phase that is to settle better. */
const CLOSER = 10;

export function pointEstimator({
  name,
  settings,
  lengths,
  amplitude,
  complex,
  order,
  plan,
  again,
}: PointOptions): Estimator {
  checkAmplitude(name, amplitude);
  checkLengths(name, lengths);
  const { freeSteps, freeTime, nudgedSteps, nudgedTime, tolerance, average } = lengths;
  return asEstimator({
    name,
    settings,
    complex,
    free: { freeSteps, freeTime, tolerance, average },
    nudged: { nudgedSteps, nudgedTime },
    plan,
    refined: {
      // Twice what they took, not twice what they might: phases with a tolerance end long before.
      longer: ([free, nudged]) =>
        again({
          amplitude,
          freeSteps: 2 * free.steps,
          nudgedSteps: 2 * nudged.steps,
          average,
          tolerance: tolerance === undefined ? undefined : Math.max(tolerance / CLOSER, Number.MIN_VALUE),
        }),
      gentler: () => again({ ...lengths, amplitude: amplitude / 2 }),
      order,
      remedies: {
        settling:
          tolerance === undefined
            ? "give the phases more steps; where these do not help, use a smaller amplitude"
            : "take a smaller tolerance, and give the phases steps enough to meet it",
        nudge: complex
          ? "use a smaller amplitude, or more points"
          : order === 1
            ? "use a smaller amplitude, or the centred estimator"
            : "use a smaller amplitude",
      },
    },
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, targets, start, ...given } = readBatch(batch);
      const planned = plan(context);
      const { reading, round } = context;
      // Each point is read for itself.
      const ran = planOn(simulator, planned, reading === undefined);
      const { nudges, derivative, fewer, midpoint, series } = ran;
      const phase = firstPhase(context);
      const check = looksAt(context);
      const inputs = reading?.inputs(simulator, given.inputs, phase) ?? given.inputs;
      const { rest, pushed } = reading?.benches(simulator, round, nudges.length) ?? { rest: simulator };
      const free = await rest.phase({
        samples,
        inputs,
        from: start,
        steps: freeStepsOf(simulator, lengths),
        tolerance,
        average,
        check,
        phase,
      });
      const nudgedSteps = nudgedStepsOf(simulator, lengths);
      const parts: (PhaseResult & { readonly places: readonly number[] })[] = [];
      const alone = (reading?.settings.twin ?? null) !== null;
      for (const places of alone
        ? nudges.map((_, k) => [k])
        : phasesOf(nudges, simulator, samples, nudgedSteps)) {
        const ended = await (pushed?.[places[0]] ?? simulator).phase({
          samples,
          inputs,
          ...pushOf(ran, places, simulator, free, targets),
          ...(ran.exact === true && { differences: true }),
          from: free.states,
          steps: nudgedSteps,
          tolerance,
          average,
          check,
          phase: phase + 1,
        });
        parts.push({ ...ended, places });
      }
      /** What the phases left of the rows of a nudge. */
      const left = nudges.map((_, k) => {
        const { places, states, activities, differences } =
          parts.find((part) => part.places.includes(k)) ?? parts[0];
        const own = (of: Planes): Planes => block(of, places.indexOf(k), places.length);
        return {
          states: own(states),
          activities: own(activities),
          ...(differences && {
            differences: { states: own(differences.states), activities: own(differences.activities) },
          }),
        };
      });
      const steps = nudges.map(
        (_, k) => (parts.find(({ places }) => places.includes(k)) ?? parts[0]).outcome.steps,
      );
      const { free: seen, ended } = reading?.readAll({
        simulator,
        durations: simulator.chips.map((_, c) => [
          lasted(free.outcome, samples, c) * simulator.dt,
          ...nudges.map((_, k) => {
            const { outcome, places } = parts.find((part) => part.places.includes(k)) ?? parts[0];
            return lasted(outcome, samples * places.length, c) * simulator.dt;
          }),
        ]),
        samples,
        ...(context.lasting && { lasting: context.lasting }),
        rest,
        pushed: pushed ?? [],
        free,
        left,
        steps,
        phase,
      }) ?? {
        free,
        ended: left,
      };
      const multiplier = reading?.multiplier(simulator, round, samples);
      const names = Object.keys(free.states);
      // Of differences the free state is the origin: it counts only where weights add up to something else than 0.
      const weighted = (of: "states" | "activities", points: readonly Complex[], atRest: number) => {
        const at = (k: number): Planes => left[k].differences?.[of] ?? ended[k][of];
        const free =
          ran.exact === true ? Math.round(points.reduce((sum, { re }) => sum + re, atRest)) : atRest;
        return combine(
          [
            ...points.map((coefficient, k) => ({ coefficient, planes: at(k) })),
            { coefficient: { re: free, im: 0 }, planes: seen[of] },
          ].filter(({ coefficient: { re, im } }) => re !== 0 || im !== 0),
          names,
        );
      };
      const middle = (of: "states" | "activities", at: NonNullable<PointPlan["midpoint"]>): Planes =>
        real(
          weighted(
            of,
            at.points.map((re) => ({ re, im: 0 })),
            at.free,
          ),
        );
      const chips = simulator.chips.length;
      const dActivity = weighted("activities", derivative.points, derivative.free);
      const aliasing = (chip: number | null): number | null => {
        if (fewer === null) return null;
        const part = (of: Arrays): Arrays =>
          chip === null
            ? of
            : Object.fromEntries(names.map((name) => [name, rowsOfChip(of[name], chip, chips)]));
        return aliasingOf(
          part(dActivity),
          part(weighted("activities", fewer.points, fewer.free)),
          fewer.power,
        );
      };
      return asEstimate({
        free: { states: seen.states, activities: seen.activities },
        ...(reading !== undefined && { unread: free.states }),
        ...(multiplier && { multiplier }),
        dState: weighted("states", derivative.points, derivative.free),
        dActivity,
        ...(midpoint !== null && {
          midpoint: { ...seen.activities, ...middle("activities", midpoint) },
          midState: middle("states", midpoint),
        }),
        aliasing: aliasing(null),
        ...(series !== undefined && {
          series: series.map(({ order: n, points, free: rest }) => ({
            order: n,
            terms: weighted("activities", points, rest),
          })),
        }),
        ...(fewer !== null &&
          chips > 1 && { aliasingByChip: Array.from({ length: chips }, (_, c) => aliasing(c) as number) }),
        outcomes: [free.outcome, countedWhole(together(parts, samples), planned, ran)],
        nudges,
      });
    },
  });
}

/** Steps that a row of a chip took on average. @param rows of all chips */
const lasted = ({ rowSteps, byChip }: Outcome, rows: number, chip: number): number =>
  byChip === undefined ? rowSteps / rows : (byChip[chip].rowSteps * byChip.length) / rows;

function real(arrays: Readonly<Record<string, Float64Array>>): Planes {
  return Object.fromEntries(Object.entries(arrays).map(([name, re]): [string, Plane] => [name, { re }]));
}

/**
 * The continuous-time estimate in blocks (Laborieux and Zenke 2023, Eq. 8 and 9, appendix D.3): the nudge
 * steps around the circle, the state is carried over from block to block, and there is no free phase. Means
 * over the last step of each block stand for the integrals: of u for the free fixed point, of rho(u)/beta and
 * u/beta for the derivative.
 */
import type { Simulator } from "../../dynamics/simulator";
import type { Outcome, PhaseRequest, PhaseResult, Planes } from "../../dynamics/types";
import type { EngineInfo } from "../../engines/engine";
import { check, optionsOf } from "../../options";
import { asEstimate, readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { combine, realPlanes } from "./contrast";
import { firstPhase, PHASES } from "../phases";
import { asEstimator, type BlockPlan, type EstimateContext, type Estimator } from "./estimator";
import { cauchyWeight, circle } from "./circle";

/** Amplitude and course of a nudge that steps around the circle. */
export interface ContinuousOptions {
  readonly amplitude: number;
  /** Points a period. Default 4. */
  readonly points?: number;
  /** Default 5. */
  readonly periods?: number;
  /** Steps for which each nudge is held. Default 60. */
  readonly stepsPerPoint?: number;
  /**
   * What stands for the presynaptic output: the mean of rho(u) (Eq. 9), or rho of the mean u (the authors'
   * code). Default "mean-activity".
   */
  readonly presynaptic?: "mean-activity" | "activity-of-mean";
}

const readOptions = optionsOf<ContinuousOptions>("continuous-blocks", {
  needs: { amplitude: check.numeric },
  takes: {
    points: check.whole(1, PHASES),
    periods: check.whole(1),
    stepsPerPoint: check.whole(1),
    presynaptic: check.oneOf("mean-activity", "activity-of-mean"),
  },
});

/**
 * The nudge steps around the circle while the state is carried over from point to point (Laborieux and Zenke
 * 2023, Eq. 8 and 9, appendix D.3). No free phase; idealised, two state planes.
 * @throws OhmletError LEARN-AMPLITUDE, OPTION-…
 */
export function continuousBlocks(options: ContinuousOptions): Estimator {
  const {
    amplitude,
    points = 4,
    periods = 5,
    stepsPerPoint = 60,
    presynaptic = "mean-activity",
  } = readOptions(options);
  checkAmplitude("continuous-blocks", amplitude);
  const plan: BlockPlan = { nudges: circle(amplitude, points), periods, steps: stepsPerPoint, presynaptic };
  const { nudges } = plan;
  const blocks = points * periods;
  return asEstimator({
    name: "continuous-blocks",
    settings: { amplitude, points, periods, stepsPerPoint, presynaptic },
    complex: true,
    blocks: plan,
    // There is no free phase in learning; a trained chip is read by one as long as a period.
    free: { freeSteps: points * stepsPerPoint },
    nudged: { nudgedSteps: stepsPerPoint },
    refined: {
      longer: () => continuousBlocks({ ...options, stepsPerPoint: 2 * stepsPerPoint }),
      gentler: () => continuousBlocks({ ...options, amplitude: amplitude / 2 }),
      order: points,
      remedies: {
        settling: "hold each nudge for more steps",
        nudge: "use a smaller amplitude, or more points",
      },
    },
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, inputs, targets } = readBatch(batch);
      const ends: PhaseResult[] = [];
      const outcomes = await runBlocks(
        plan,
        async (k, request) => {
          const from = ends.at(-1)?.states;
          const phase = firstBlock(context) + k;
          ends.push(await simulator.phase({ samples, inputs, targets, ...request, from, phase }));
          return ends[k].outcome;
        },
        (k) => !simulator.noisy && isSame(ends[k].states, ends[k - points].states, simulator.engine.info),
      );
      while (ends.length < blocks) ends.push(ends[ends.length - points]);
      const names = Object.keys(ends[0].states);
      const mean = (of: "states" | "activities") =>
        combine(
          ends.map((e) => ({ coefficient: { re: 1 / blocks, im: 0 }, planes: e[of] })),
          names,
        );
      const derivative = (of: "states" | "activities") =>
        combine(
          ends.map((e, k) => ({ coefficient: cauchyWeight(nudges[k % points], blocks), planes: e[of] })),
          names,
        );
      const states = realPlanes(mean("states"));
      const shown =
        presynaptic === "mean-activity" ? realPlanes(mean("activities")) : simulator.activitiesOf(states);
      const free = { states, activities: { ...inputsOf(ends[0].activities, names), ...shown } };
      return asEstimate({
        free,
        dState: derivative("states"),
        dActivity: derivative("activities"),
        aliasing: null,
        outcomes,
        nudges,
      });
    },
  });
}

/** The first phase of an estimate. */
export const firstBlock = (context: EstimateContext): number => firstPhase(context, PHASES * PHASES);

/** Roundings of the largest state by which states may differ that are the same, as far as numbers tell. */
const ROUNDINGS = 8;

/** Whether two states differ by no more than rounding. @param difference the largest one */
export const isRounding = (
  difference: number,
  largest: number,
  { precision }: Pick<EngineInfo, "precision">,
): boolean => difference <= ROUNDINGS * largest * (precision === "float64" ? 2 ** -52 : 2 ** -23);

/**
 * Runs the blocks one after another; once a state is back where it was a period ago, all that follow come to what
 * they came to then, and are told of without being run.
 * @param run runs block k
 * @param isBack whether that ended where the one a period before did
 * @returns how each block ended
 */
export async function runBlocks(
  { nudges, periods, steps }: BlockPlan,
  run: (k: number, request: Pick<PhaseRequest, "nudges" | "complex" | "steps">) => Promise<Outcome>,
  isBack: (k: number) => boolean | Promise<boolean>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const points = nudges.length;
  for (let k = 0; k < points * periods; k++) {
    outcomes.push(await run(k, { nudges: [nudges[k % points]], complex: true, steps }));
    if (k >= points && (await isBack(k))) break;
  }
  while (outcomes.length < points * periods) outcomes.push(outcomes[outcomes.length - points]);
  return outcomes;
}

/** Whether two states of all populations are the same, as far as the engine's numbers tell. */
function isSame(now: Planes, before: Planes, info: EngineInfo): boolean {
  let [difference, largest] = [0, 0];
  for (const [name, planes] of Object.entries(now))
    for (const plane of ["re", "im"] as const) {
      const then = before[name][plane] ?? [];
      planes[plane]?.forEach((x, i) => {
        difference = Math.max(difference, Math.abs(x - then[i]));
        largest = Math.max(largest, Math.abs(x));
      });
    }
  return isRounding(difference, largest, info);
}

/** The clamped outputs, which no nudge moves. */
function inputsOf(activities: Planes, unclamped: readonly string[]): Planes {
  return Object.fromEntries(Object.entries(activities).filter(([name]) => !unclamped.includes(name)));
}

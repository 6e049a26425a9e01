/**
 * The continuous-time estimate in blocks (Laborieux and Zenke 2023, Eq. 8 and 9, appendix D.3): the nudge
 * steps around the circle, the state is carried over from block to block, and there is no free phase. Means
 * over the last step of each block stand for the integrals: of u for the free fixed point, of rho(u)/beta and
 * u/beta for the derivative.
 */
import type { Simulator } from "../../dynamics/simulator";
import type { Outcome, Planes } from "../../dynamics/types";
import { check, optionsOf } from "../../options";
import { asEstimate, readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { combine, realPlanes } from "./contrast";
import { firstPhase, PHASES } from "../phases";
import { asEstimator, type EstimateContext, type Estimator } from "./estimator";
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
  const blocks = points * periods;
  return asEstimator({
    name: "continuous-blocks",
    settings: { amplitude, points, periods, stepsPerPoint, presynaptic },
    complex: true,
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
      const nudges = circle(amplitude, points);
      const ends: { states: Planes; activities: Planes }[] = [];
      const outcomes: Outcome[] = [];
      for (let k = 0; k < blocks; k++) {
        const from: Planes | undefined = ends.at(-1)?.states;
        const held = await simulator.phase({
          samples,
          inputs,
          targets,
          nudges: [nudges[k % points]],
          complex: true,
          from,
          steps: stepsPerPoint,
          phase: firstPhase(context, PHASES * PHASES) + k,
        });
        ends.push(held);
        outcomes.push(held.outcome);
      }
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

/** The clamped outputs, which no nudge moves. */
function inputsOf(activities: Planes, unclamped: readonly string[]): Planes {
  return Object.fromEntries(Object.entries(activities).filter(([name]) => !unclamped.includes(name)));
}

/**
 * True continuous time (Laborieux and Zenke 2023, Eq. 7 to 9): the nudge turns while the circuit moves, a
 * lock-in at every node averages, and there is no free phase. With `form: "complex"` the nudge is |beta| e^(i
 * omega t): no bias of any order in beta within the circle of convergence, since order n of the response
 * turns n times as fast; idealised, two state planes. With "lock-in" it is beta cos(omega t), which a chip
 * can do: order three turns at the fundamental too, so its bias is of order beta^2.
 *
 * Both lag: what is read is the response at omega, -(J - i omega)^-1 dF/dbeta instead of -J^-1 dF/dbeta. Its
 * part in phase, the estimate, is off by order omega^2; its part in quadrature is of order omega and is
 * reported as the lag.
 */
import type { Simulator } from "../../dynamics/simulator";
import type { Oscillation, Outcome, Planes } from "../../dynamics/types";
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";
import { asEstimate, readBatch, type Batch, type Estimate } from "../types";
import { checkAmplitude } from "./check";
import { combine, realPlanes, type Arrays } from "./contrast";
import { firstPhase } from "../phases";
import { asEstimator, type EstimateContext, type Estimator } from "./estimator";

/** Amplitude, period and length of an oscillating nudge. */
export interface OscillatingOptions extends Oscillation {
  /** Teaching amplitude |beta|, in multiples of the unit drive. */
  readonly amplitude: number;
  /** Whole periods to average over. Default 4. */
  readonly periods?: number;
  /** Whole periods before, in which the start is forgotten. Default 1. */
  readonly warmup?: number;
}

const readOptions = optionsOf<OscillatingOptions>("oscillating", {
  needs: { amplitude: check.numeric, period: check.numeric, form: check.oneOf("complex", "lock-in") },
  takes: { periods: check.numeric, warmup: check.numeric },
});

/**
 * The nudge oscillates while the circuit moves, and a lock-in at every node reads the response at its
 * frequency (Laborieux and Zenke 2023, Eq. 7 to 9). No free phase; the estimate lags by order omega, which it
 * reports.
 * @throws OhmletError LEARN-AMPLITUDE, LEARN-PERIODS; DYN-OSCILLATION, DYN-TIMEOUT and DYN-DIVERGED when it
 *   runs
 */
export function oscillating(options: OscillatingOptions): Estimator {
  const { amplitude, period, form, periods = 4, warmup = 1 } = readOptions(options);
  checkAmplitude("oscillating", amplitude);
  if (!Number.isInteger(period)) {
    throw new OhmletError({
      code: "LEARN-PERIODS",
      fact: `a period of ${period} steps`,
      place: { where: "oscillating" },
      remedy: "give whole steps",
    });
  }
  if (!Number.isInteger(periods) || periods < 1 || !Number.isInteger(warmup) || warmup < 0) {
    throw new OhmletError({
      code: "LEARN-PERIODS",
      fact: `cannot average over ${periods} periods after ${warmup}`,
      place: { where: "oscillating" },
      remedy: "give whole periods: 1 or more to average over, 0 or more to warm up",
    });
  }
  const steps = (warmup + periods) * period;
  // cos is half of e^(i omega t): half of the response is at the fundamental.
  const gain = (form === "complex" ? 1 : 2) / amplitude;
  return asEstimator({
    name: "oscillating",
    settings: { amplitude, period, form, periods, warmup },
    complex: form === "complex",
    // There is no free phase in learning; a trained chip is read by one as long as a period.
    free: { freeSteps: period },
    nudged: { nudgedSteps: period },
    refined: {
      // A slower nudge is followed better, and the start is forgotten for longer.
      longer: () => oscillating({ ...options, period: 2 * period }),
      gentler: () => oscillating({ ...options, amplitude: amplitude / 2 }),
      // Orders of the response turn at frequencies of their own; cos^3 turns at the fundamental, too.
      order: form === "complex" ? Infinity : 2,
      remedies: { settling: "lengthen the period, or warm up for longer", nudge: "use a smaller amplitude" },
    },
    async estimate(simulator: Simulator, batch: Batch, context: EstimateContext): Promise<Estimate> {
      const { samples, inputs, targets } = readBatch(batch);
      const nudges = [{ re: amplitude, im: 0 }];
      const { lockIn, outcome, states, activities } = await simulator.phase({
        samples,
        inputs,
        targets,
        nudges,
        oscillation: { period, form },
        steps,
        average: periods * period,
        phase: firstPhase(context),
      });
      if (lockIn === undefined) throw unfinished(outcome, simulator.circuit.name);
      const names = Object.keys(states);
      const inPhase = (planes: Planes): Arrays =>
        combine([{ coefficient: { re: gain, im: 0 }, planes }], names);
      const clamped = Object.fromEntries(
        simulator.circuit.inputs.map(({ name }) => [name, activities[name]]),
      );
      return asEstimate({
        free: {
          states: realParts(lockIn.mean.states),
          activities: { ...clamped, ...realParts(lockIn.mean.activities) },
        },
        dState: inPhase(lockIn.fundamental.states),
        dActivity: inPhase(lockIn.fundamental.activities),
        lag: lagOf(lockIn.fundamental.states),
        aliasing: null,
        outcomes: [outcome],
        nudges,
      });
    },
  });
}

/** The adaptive solver may give up before there is anything to read. */
function unfinished({ kind, advice = "" }: Outcome, where: string): OhmletError {
  return new OhmletError({
    code: kind === "diverged" ? "DYN-DIVERGED" : "DYN-TIMEOUT",
    fact: "the oscillating phase ended before its last period",
    place: { where },
    remedy: advice,
    category: "run",
  });
}

const realParts = (planes: Planes): Planes =>
  realPlanes(Object.fromEntries(Object.entries(planes).map(([name, { re }]) => [name, re])));

/**
 * Quadrature over in-phase response, Euclidean norms over all units: the tangent of the angle by which the
 * circuit lags.
 */
function lagOf(fundamental: Planes): number {
  let [inPhase, quadrature] = [0, 0];
  for (const { re, im } of Object.values(fundamental)) {
    for (const x of re) inPhase += x * x;
    for (const y of im ?? []) quadrature += y * y;
  }
  return inPhase === 0 ? 0 : Math.sqrt(quadrature / inPhase);
}

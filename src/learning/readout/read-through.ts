/** Estimators that know of a chip what is read of it. */
import { asEstimator, type Estimator } from "../estimators/estimator";
import { readoutFault, type ReadoutOptions } from "./options";
import { Reading } from "./reading";

/**
 * An estimator whose phases are read through a readout. Tests are read through it as well, and products are those of
 * its multiplier, whatever rule asks for them.
 * @throws OhmletError LEARN-READOUT for estimators that are not read phase by phase, and those of the options
 */
export function readThrough(estimator: Estimator, options: ReadoutOptions): Estimator {
  const reading = new Reading(options);
  if (estimator.plan === undefined || estimator.nudgeless === true)
    throw readoutFault(
      `${estimator.name} is not read phase by phase`,
      "take an estimator of a free and of nudged phases: one-sided, random-sign, centred, coupled, clamped, holomorphic",
      estimator.name,
    );
  if (estimator.plan({ round: 0, seed: 0 }).exact === true)
    throw readoutFault(
      "exact differences are stepped, and what is read are states",
      "leave the readout out, or  differences",
      estimator.name,
    );
  if (reading.settings.twin !== null && estimator.complex)
    throw readoutFault(
      "complex nudges settle side by side, and not on two chips",
      "use one-sided or centred with a twin, or leave the twin out",
      estimator.name,
    );
  return asEstimator({
    ...estimator,
    free: { ...estimator.free, reading },
    reading,
    unread: estimator,
    estimate: (simulator, batch, context) => estimator.estimate(simulator, batch, { ...context, reading }),
  });
}

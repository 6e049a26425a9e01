/** Checks that the estimators share. */
import { OhmletError } from "../../errors";

/** @throws OhmletError LEARN-AMPLITUDE; a one-sided nudge may also push the other way */
export function checkAmplitude(estimator: string, amplitude: number): void {
  if (Number.isFinite(amplitude) && (amplitude > 0 || (estimator === "one-sided" && amplitude < 0))) return;
  throw new OhmletError({
    code: "LEARN-AMPLITUDE",
    fact: `a teaching amplitude of ${amplitude} cannot nudge`,
    place: { where: estimator },
    remedy: "give a positive amplitude, in multiples of the unit drive, for instance 0.5",
  });
}

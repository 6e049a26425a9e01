/** What an experiment can measure, by name. */

/**
 * "cosine" also brings the cosine of every layer, "cosine.l1"; "errorAngle" is the angle that it is of, in
 * degrees; "estimateError" comes with each of its causes, "updateSnr" with every projection, "pulses" and the others
 * of writing with every array, "energy" with each of its parts, "energy.writes".
 */
export const MEASURES = [
  "accuracy",
  "loss",
  "cosine",
  "errorAngle",
  "settleSteps",
  "residual",
  "diverged",
  "unsettled",
  "aliasing",
  "estimateError",
  "updateSnr",
  "pulses",
  "writtenCosine",
  "saturated",
  "energy",
  "latency",
  "chipSeconds",
  "area",
  "good",
  "costRises",
  "taught",
  "copy",
] as const;

/** The name that a measure comes by: "cosine" for "cosine.l1". */
export const measuredAs = (name: string): string => name.split(".")[0];

/**
 * Whether measures of a chip, from wherever, can be those that were asked for: all of them and no others, an
 * accuracy a share (of the variance of numbers it may be below 0).
 */
export function areMeasures(
  found: Readonly<Record<string, number | null>>,
  wanted: readonly string[],
): boolean {
  const { accuracy } = found;
  const share =
    !wanted.includes("accuracy") ||
    (typeof accuracy === "number" && Number.isFinite(accuracy) && accuracy <= 1);
  return (
    share &&
    wanted.every((name) => Object.hasOwn(found, name)) &&
    Object.keys(found).every((name) => wanted.includes(measuredAs(name)))
  );
}

/** What an experiment can measure, by name. */

/**
 * "cosine" also brings the cosine of every layer, "cosine.l1"; "errorAngle" is the angle that it is of, in
 * degrees; "estimateError" comes with each of its causes, "energy" with each of its parts, "energy.writes".
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
  "energy",
  "latency",
  "area",
  "good",
  "costRises",
] as const;

/** The name that a measure comes by: "cosine" for "cosine.l1". */
export const measuredAs = (name: string): string => name.split(".")[0];

/**
 * Whether measures of a chip, from wherever, can be those that were asked for: all of them and no others, an
 * accuracy a share.
 */
export function areMeasures(
  found: Readonly<Record<string, number | null>>,
  wanted: readonly string[],
): boolean {
  const { accuracy } = found;
  const share =
    !wanted.includes("accuracy") || (typeof accuracy === "number" && accuracy >= 0 && accuracy <= 1);
  return (
    share &&
    wanted.every((name) => Object.hasOwn(found, name)) &&
    Object.keys(found).every((name) => wanted.includes(measuredAs(name)))
  );
}

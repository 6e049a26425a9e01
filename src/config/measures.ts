/** What an experiment can measure, by name. */

/** "cosine" also brings the cosine of every layer, "cosine.l1"; "errorAngle" is the angle that it is of, in degrees. */
export const MEASURES = ["accuracy", "loss", "cosine", "errorAngle", "settleSteps", "residual", "aliasing", "updateSnr"] as const;

/** The name that a measure comes by: "cosine" for "cosine.l1". */
export const measuredAs = (name: string): string => name.split(".")[0];

/** What the phases of a batch are called, in the order in which estimators tell how they ended. */

export interface NamedPhase {
  /** "free phase". */
  readonly name: string;
  /** In the heads of curves.csv: "residual_free". */
  readonly column: string;
  readonly index: number;
}

/**
 * Those of one estimator that ran so many: a free phase and the nudged ones side by side, one that
 * oscillates, or one nudge after another.
 */
export function phasesOf(count: number): NamedPhase[] {
  if (count === 1) return [{ name: "oscillating phase", column: "oscillating", index: 0 }];
  if (count === 2)
    return [
      { name: "free phase", column: "free", index: 0 },
      { name: "nudged phases", column: "nudged", index: 1 },
    ];
  return Array.from({ length: count }, (_, index) => ({
    name: `nudge ${index + 1} of ${count}`,
    column: `nudge${index + 1}`,
    index,
  }));
}

/** Those that a chart has room for: of many, the first and the last. */
export const fewPhasesOf = (count: number): NamedPhase[] =>
  phasesOf(count).filter(({ index }) => index === 0 || index === count - 1);

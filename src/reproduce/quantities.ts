/** What the parts of an experiment found, made into its quantities: a line each, beside the paper's. */
import { spreadOf } from "../study";
import type { BudgetName, Finding, Found, Planned, Quantity } from "./experiment";

/** How a part ended with one seed. */
export interface Ended {
  readonly part: string;
  readonly seed: number;
  readonly seconds: number;
  readonly engine: string;
  readonly finding?: Finding;
  /** What it failed with: a code and a sentence. */
  readonly fault?: { readonly code: string; readonly fact: string };
}

/** A line of the result, as JSON has it. */
export interface QuantityLine {
  readonly experiment: string;
  readonly quantity: string;
  readonly unit: string | null;
  /** The paper's number; null where it prints none: `source` says where it is shown. */
  readonly paper: number | null;
  readonly paper_spread: number | null;
  readonly source: string;
  /** Mean over the seeds; null where it could not be found. */
  readonly ours: number | null;
  /** Standard deviation over the seeds; null of one. */
  readonly ours_spread: number | null;
  /** Null where there is nothing to hold it against, or not everything that it comes from is known. */
  readonly agrees: boolean | null;
  readonly rule: string;
  /** Of all parts that it comes from, with all seeds. */
  readonly seconds: number;
  /** The first; others follow it. */
  readonly seed: number;
  readonly seeds: number;
  readonly engine: string;
  readonly budget: BudgetName;
  /** Largest share of nudged phases that were not settled; null where nobody looked. */
  readonly unsettled: number | null;
  /** Largest bias that the points of the estimate tell of. */
  readonly aliasing: number | null;
  /** Codes and sentences of what failed or was odd. */
  readonly cautions: readonly string[];
}

export interface Reproduction {
  readonly experiment: string;
  readonly budget: BudgetName;
  readonly seed: number;
}

/** Findings of a part, by seed, without what failed. */
export const foundIn =
  (ended: readonly Ended[]): Found =>
  (part) =>
    ended.filter((one) => one.part === part).flatMap(({ finding }) => finding ?? []);

export const linesOf = (
  { experiment, budget, seed }: Reproduction,
  { quantities, parts, budget: { seeds } }: Planned,
  ended: readonly Ended[],
): readonly QuantityLine[] =>
  quantities.map((quantity): QuantityLine => {
    const { name, unit = null, paper, paperSpread = null, source, from, rule } = quantity;
    const own = ended.filter(({ part }) => from.includes(part));
    const wanted = Math.min(
      seeds,
      ...parts.filter((part) => from.includes(part.name)).map((part) => part.seeds ?? seeds),
    );
    const values = valuesOf(quantity, own, seed, wanted);
    const spread = values.length > 0 ? spreadOf(values) : null;
    const [ours, deviation] = [spread?.mean ?? null, values.length > 1 ? (spread?.deviation ?? null) : null];
    const whole = values.length === wanted;
    const ran = from.every((part) => own.filter((one) => one.part === part).length >= wanted);
    const faults = own.flatMap(({ part, seed: at, fault }) =>
      fault === undefined ? [] : [`${fault.code}  ${part}, seed ${at}: ${fault.fact}`],
    );
    const odd = own.flatMap(({ part, finding }) =>
      (finding?.cautions ?? []).map((caution) => `${part}: ${caution}`),
    );
    const findings = own.flatMap(({ finding }) => finding ?? []);
    const judged = ours === null || !whole ? null : { ours, spread: deviation, paper, paperSpread };
    return {
      experiment,
      quantity: name,
      unit,
      paper,
      paper_spread: paperSpread,
      source,
      ours,
      ours_spread: deviation,
      // What ran away, or gave no number, does not agree with a paper in which it did.
      agrees: judged !== null ? rule.agrees(judged) : ran ? false : null,
      rule: rule.says,
      seconds: Number(own.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1)),
      seed,
      seeds: values.length,
      engine: [...new Set(own.map(({ engine }) => engine))].join(", "),
      budget,
      unsettled: largest(findings.map(({ unsettled }) => unsettled)),
      aliasing: largest(findings.map(({ aliasing }) => aliasing)),
      cautions: [...new Set([...faults, ...odd])],
    };
  });

/** One value a seed that all parts have; a part with fewer seeds lends its first to the others. */
function valuesOf({ from, of }: Quantity, own: readonly Ended[], seed: number, wanted: number): number[] {
  return Array.from({ length: wanted }, (_, k) => seed + k).flatMap((at) => {
    const findings = from.map((part) => own.find((one) => one.part === part && one.seed === at)?.finding);
    if (!findings.every((finding) => finding !== undefined)) return [];
    const value = of(...findings);
    return value === null || !Number.isFinite(value) ? [] : [value];
  });
}

function largest(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

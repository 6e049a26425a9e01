/** Results as a table: a row a trial, in the order of the plan, the same whatever came first. */
import { readStudy } from "./read";
import { measureNames } from "./summary";
import type { KnobValue, Study, Trial, TrialResult } from "./types";

/** A column of a table of results: numbers, texts or flags, null where there is none. */
export type Column =
  | { readonly name: string; readonly type: "text"; readonly values: readonly (string | null)[] }
  | { readonly name: string; readonly type: "number" | "whole"; readonly values: readonly (number | null)[] }
  | { readonly name: string; readonly type: "flag"; readonly values: readonly (boolean | null)[] };

/**
 * Columns: point, chip, seed, every knob (empty where the run's own value holds), every measure, fault,
 * warnings.
 */
export function tableOf(
  study: Study,
  trials: readonly Trial[],
  results: ReadonlyMap<string, TrialResult>,
): Column[] {
  const { axes } = readStudy(study);
  const rows = trials.flatMap((trial) => {
    const result = results.get(trial.key);
    return result === undefined ? [] : [{ trial, result }];
  });
  return [
    { name: "point", type: "whole", values: rows.map(({ trial }) => trial.point) },
    { name: "chip", type: "whole", values: rows.map(({ trial }) => trial.chip) },
    { name: "seed", type: "whole", values: rows.map(({ trial }) => trial.seed) },
    ...axes.map(({ knob }) =>
      knobColumn(
        knob,
        rows.map(({ trial }) => (Object.hasOwn(trial.values, knob) ? trial.values[knob] : null)),
      ),
    ),
    ...measureNames(rows.map(({ result }) => result.measures)).map((name): Column => ({
      name,
      type: "number",
      values: rows.map(({ result }) => (Object.hasOwn(result.measures, name) ? result.measures[name] : null)),
    })),
    { name: "fault", type: "text", values: rows.map(({ result }) => result.fault ?? null) },
    { name: "warnings", type: "text", values: rows.map(({ result }) => result.warnings?.join(" ") ?? null) },
  ];
}

type Cells<T> = readonly (T | null)[];
const areAll = <T extends KnobValue>(
  values: Cells<KnobValue>,
  is: (value: KnobValue) => value is T,
): values is Cells<T> => values.every((value) => value === null || is(value));

function knobColumn(name: string, values: Cells<KnobValue>): Column {
  if (areAll(values, (value) => typeof value === "number")) return { name, type: "number", values };
  if (areAll(values, (value) => typeof value === "boolean")) return { name, type: "flag", values };
  return { name, type: "text", values: values.map((value) => (value === null ? null : String(value))) };
}

/**
 * Maps of the two knobs with the most values; where there is a third, one for each of its values, on one
 * scale of colours.
 */
import type { Figure } from "../../../plot/report-types";
import type { KnobValue, PointSummary } from "../../../study";
import { valuesOf, type View } from "./view";
import { familyOf, settingText, wordsOf } from "./words";

/** Most columns, rows, and values of a third knob. */
const [WIDEST, HIGHEST, DEEPEST] = [16, 30, 6];

/** @param names measures, and "yield" */
export function heatMaps(view: View, names: readonly string[]): Figure[] {
  const {
    study: { axes },
    summary: { points },
  } = view;
  if (axes.length < 2 || axes.length > 3) return [];
  const knobs = axes
    .map(({ knob }) => knob)
    .sort((a, b) => valuesOf(view, b).length - valuesOf(view, a).length);
  const [x, y, rest = [null]] = knobs.map((knob): (KnobValue | null)[] => valuesOf(view, knob));
  if (
    x.length * y.length * rest.length !== points.length ||
    x.length > WIDEST ||
    y.length > HIGHEST ||
    rest.length > DEEPEST
  )
    return [];
  const labels = {
    xLabel: view.knob(knobs[0]),
    yLabel: view.knob(knobs[1]),
    x: x.map(shown),
    y: y.map(shown),
  };
  return names.flatMap((name): Figure[] => {
    const values = rest.map((third) =>
      y.map((b) =>
        x.map((a) => {
          const found = points.find(
            (point) =>
              point.values[knobs[0]] === a &&
              point.values[knobs[1]] === b &&
              (third === null || point.values[knobs[2]] === third),
          );
          return found === undefined ? null : figureOf(found, name);
        }),
      ),
    );
    const finite = values.flat(2).filter((value) => value !== null);
    if (finite.length === 0) return [];
    const {
      label,
      caption,
      small = false,
      percent = false,
    } = name === "yield"
      ? { label: "yield", caption: `Share of chips with ${view.wanted}.`, percent: true }
      : { ...wordsOf(name), caption: `${wordsOf(name).caption} Mean over chips.` };
    // Of a yield, whole rows are often best alike.
    const best = name === "yield" ? {} : { best: { of: "row", is: small ? "smallest" : "largest" } as const };
    return rest.map((third, k): Figure => ({
      kind: "heat map",
      ...(rest.length > 1 || (name !== view.main && name !== "yield")
        ? { group: capital(name === "yield" ? "yield" : wordsOf(familyOf(name)).label) }
        : {}),
      title: `${capital(label)}${third === null ? "" : ` at ${view.knob(knobs[2])} ${shown(third)}`}`,
      caption: [k === 0 ? caption : "", name === "yield" ? "" : bestOfRows(values[k], labels, small)]
        .filter((part) => part !== "")
        .join(" "),
      ...labels,
      values: values[k],
      ...best,
      percent,
      range: [Math.min(...finite), Math.max(...finite)],
    }));
  });
}

const shown = (value: KnobValue | null): string => (value === null ? "" : settingText(value));
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const figureOf = (point: PointSummary, name: string): number | null =>
  (name === "yield" ? point.yield?.share : point.measures[name]?.mean) ?? null;

/** "The frame marks the best amplitude of each row: 0.3 at readNoise 0, 3 at readNoise 0.1." */
function bestOfRows(
  values: readonly (readonly (number | null)[])[],
  {
    xLabel,
    yLabel,
    x,
    y,
  }: {
    readonly xLabel: string;
    readonly yLabel: string;
    readonly x: readonly string[];
    readonly y: readonly string[];
  },
  small: boolean,
): string {
  const found = values.flatMap((row, k) => {
    const known = row.filter((value) => value !== null);
    if (known.length === 0) return [];
    return [{ at: x[row.indexOf(small ? Math.min(...known) : Math.max(...known))], row: y[k] }];
  });
  if (found.length === 0) return "";
  const [first, last] = [found[0], found[found.length - 1]];
  return (
    `Frames mark the best ${xLabel} of each row: ${first.at} at ${yLabel} ` +
    `${first.row}${found.length > 1 ? `, ${last.at} at ${yLabel} ${last.row}` : ""}.`
  );
}

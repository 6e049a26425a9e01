/**
 * Ranges of imperfections as integer grids. Step 0 of every range is the ideal, the last step the worst that
 * is asked about. Integers, since each point is a simulation: a search that ends on a grid ends for good, and
 * its neighbours have names.
 */
import { OhmletError } from "../../errors";
import { check, optionsOf } from "../../options";

/** A setting of one knob: a number, or a text with a unit ("300 K"). */
export type Value = number | string;

/**
 * How far a knob is turned, from the ideal to the worst: evenly spaced values (`scale: "log"`: with an even
 * ratio; both ends positive), or a list. `from` may be the larger end: a nudge is ideal where it is small, a
 * phase where it is long.
 */
export type Range =
  | {
      readonly from: number;
      readonly to: number;
      /** Spaces between values, so that there is one value more. */ readonly steps: number;
      readonly scale?: "linear" | "log";
    }
  | readonly Value[];

/** Ranges by knob. A knob is whatever the experiment understands; in files, a dotted path into a run. */
export type Ranges = Readonly<Record<string, Range>>;

/** Settings of all knobs. */
export type Point = Readonly<Record<string, Value>>;

/** A point as steps from the ideal, in the order of the axes. */
export type Cell = readonly number[];

/** The values of one knob, from the ideal to the worst. */
export interface Axis {
  readonly knob: string;
  /** Index of the last value. */
  readonly steps: number;
  readonly values: readonly Value[];
}

type Spaced = Exclude<Range, readonly Value[]>;

const readSpaced = optionsOf<Spaced>("range", {
  needs: { from: check.numeric, to: check.numeric, steps: check.numeric },
  takes: { scale: check.oneOf("linear", "log") },
});

/** Most values of a range: more than a simulation can tell apart. */
const MOST_STEPS = 100_000;
const MOST_KNOBS = 100;

/** @throws OhmletError WEAKEST-RANGE */
export function axesOf(ranges: Ranges): Axis[] {
  if (typeof ranges !== "object" || ranges === null)
    throw faulty(
      "the ranges",
      "the ranges are no object",
      'name each knob with its range: { "circuit.angle": { from: 0, to: 90, steps: 90 } }',
    );
  const entries = Object.entries(ranges);
  if (entries.length === 0)
    throw faulty(
      "the ranges",
      "no range is given",
      'name at least one knob: { "circuit.angle": { from: 0, to: 90, steps: 90 } }',
    );
  if (entries.length > MOST_KNOBS)
    throw faulty("the ranges", `there are ${entries.length} ranges`, `give at most ${MOST_KNOBS}`);
  const odd = entries.find(([, range]) => typeof range !== "object" || range === null);
  if (odd !== undefined)
    throw faulty(
      odd[0],
      "this is no range",
      "give { from, to, steps }, or a list of values, the ideal first",
    );
  return entries.map(([knob, range]) => (isList(range) ? listed(knob, range) : spaced(knob, range)));
}

const isList = (range: Range): range is readonly Value[] => Array.isArray(range);

function listed(knob: string, values: readonly Value[]): Axis {
  if (values.length < 2 || values.length > MOST_STEPS + 1)
    throw faulty(
      knob,
      `a range of ${values.length} ${values.length === 1 ? "value" : "values"}`,
      `list 2 to ${MOST_STEPS + 1} values, the ideal first`,
    );
  const bad = values.find((v) => typeof v === "number" && !Number.isFinite(v));
  if (bad !== undefined) throw faulty(knob, `${bad} is not a value`, "give finite numbers");
  if (new Set(values).size < values.length)
    throw faulty(knob, "a value stands twice in the range", "list each value once");
  return { knob, steps: values.length - 1, values };
}

function spaced(knob: string, range: Spaced): Axis {
  const { from, to, steps, scale = "linear" } = readSpaced(range);
  if (!Number.isFinite(from) || !Number.isFinite(to))
    throw faulty(knob, `the range from ${from} to ${to} has no end`, "give finite numbers");
  if (from === to)
    throw faulty(
      knob,
      `the range from ${from} to ${to} is empty`,
      "give two different ends: the ideal and the worst",
    );
  if (!Number.isSafeInteger(steps) || steps < 1 || steps > MOST_STEPS)
    throw faulty(knob, `${steps} is not a number of steps`, `give 1 to ${MOST_STEPS}`);
  if (scale === "log" && !(from > 0 && to > 0))
    throw faulty(knob, `a logarithmic range from ${from} to ${to}`, "give two positive ends");
  const at = (i: number): number => {
    if (i === 0 || i === steps) return i === 0 ? from : to;
    return tidy(scale === "log" ? from * (to / from) ** (i / steps) : from + ((to - from) * i) / steps);
  };
  return { knob, steps, values: Array.from({ length: steps + 1 }, (_, i) => at(i)) };
}

/** Twelve digits: 0.3 rather than 0.30000000000000004. */
const tidy = (x: number): number => Number(x.toPrecision(12));

function faulty(where: string, fact: string, remedy: string): OhmletError {
  return new OhmletError({ code: "WEAKEST-RANGE", fact, place: { where }, remedy });
}

export const pointAt = (axes: readonly Axis[], cell: Cell): Point =>
  Object.fromEntries(axes.map(({ knob, values }, a) => [knob, values[cell[a]]]));

/**
 * The cell of a point; knobs that it leaves out stay ideal.
 * @throws OhmletError WEAKEST-POINT for a knob or a value that is not on the grid
 */
export function cellOf(axes: readonly Axis[], point: Point): Cell {
  const strange = Object.keys(point).find((knob) => !axes.some((axis) => axis.knob === knob));
  if (strange !== undefined) {
    throw new OhmletError({
      code: "WEAKEST-POINT",
      fact: "no range is given for this knob",
      place: { where: strange },
      remedy: `knobs: ${axes.map((axis) => axis.knob).join(", ")}`,
    });
  }
  return axes.map(({ knob, values }) => {
    if (!Object.hasOwn(point, knob)) return 0;
    const at = values.findIndex((v) => v === point[knob] || String(v) === String(point[knob]));
    if (at < 0)
      throw new OhmletError({
        code: "WEAKEST-POINT",
        fact: `${point[knob]} is not a value of its range`,
        place: { where: knob },
        remedy: `the nearest values: ${nearestTo(values, point[knob]).join(", ")}`,
      });
    return at;
  });
}

function nearestTo(values: readonly Value[], wanted: Value): Value[] {
  const target = Number(wanted);
  if (!Number.isFinite(target) || typeof values[0] === "string") return values.slice(0, 8);
  return [...values].sort((a, b) => Math.abs(Number(a) - target) - Math.abs(Number(b) - target)).slice(0, 2);
}

/** Share of the way from the ideal to the worst, summed over the knobs. */
export const sizeOf = (axes: readonly Axis[], cell: Cell): number =>
  cell.reduce((sum, step, a) => sum + step / axes[a].steps, 0);

/** "angle = 71, mismatch = 5"; knobs at their ideal are left out unless all are. */
export function pointText(axes: readonly Axis[], cell: Cell): string {
  const moved = axes.flatMap(({ knob, values }, a) => (cell[a] > 0 ? [`${knob} = ${values[cell[a]]}`] : []));
  return moved.length === 0 ? "the ideal" : moved.join(", ");
}

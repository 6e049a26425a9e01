/** The values of a knob: those of a grid, its ends, and where a number in [0, 1) falls. */
import { OhmletError } from "../errors";
import { readAxis } from "./read";
import type { Axis, KnobValue } from "./types";

/** Most values of one axis. */
const MOST_VALUES = 10_000;

/** @throws OhmletError STUDY-AXIS */
export function checkAxis(axis: Axis, grid: boolean): void {
  const fail = (fact: string, remedy: string): never => {
    throw new OhmletError({ code: "STUDY-AXIS", fact, place: { where: axis.knob }, remedy });
  };
  if (axis.kind === "list") {
    if (axis.values.length === 0) fail("there is no value to try", "list one or more");
    if (new Set(axis.values).size < axis.values.length)
      fail("a value is listed twice", "list each once; chips: says how often a point is repeated");
    return;
  }
  const { from, to, scale, points } = axis;
  if (!(from < to)) fail(`the range from ${from} to ${to} is empty`, "write the smaller end as from");
  if (scale === "log" && !(from > 0))
    fail(`a log scale cannot begin at ${from}`, "begin above 0, or write  scale: linear");
  if (grid && points === undefined)
    fail(
      "a grid needs to know how many values there are",
      "add  points: 8,  list the values, or sample otherwise",
    );
  if (points !== undefined && !(Number.isInteger(points) && points >= 2 && points <= MOST_VALUES))
    fail(`${points} is not a number of values`, `write a whole number from 2 to ${MOST_VALUES}`);
}

/** Those of a grid; of a range without `points`, its ends. */
export function valuesOf(axis: Axis): readonly KnobValue[] {
  readAxis(axis);
  if (axis.kind === "list") return axis.values;
  const { points = 2 } = axis;
  const values = Array.from({ length: points }, (_, i) => place(axis, i / (points - 1)));
  return values.filter((value, i) => values.indexOf(value) === i); // whole numbers may fall together
}

export function endsOf(axis: Axis): readonly [low: KnobValue, high: KnobValue] {
  return axis.kind === "list"
    ? [axis.values[0], axis.values[axis.values.length - 1]]
    : [place(axis, 0), place(axis, 1)];
}

/** Where a share in [0, 1) of the axis lies; whole numbers and listed values get equal shares. */
export function valueAt(axis: Axis, share: number): KnobValue {
  if (axis.kind === "list") return axis.values[Math.floor(share * axis.values.length)];
  if (axis.whole !== true || axis.scale === "log") return place(axis, share);
  // The largest share below 1 would round up to the value behind the last.
  return Math.min(axis.to, Math.floor(axis.from + share * (axis.to - axis.from + 1)));
}

function place({ from, to, scale, whole }: Extract<Axis, { kind: "range" }>, share: number): number {
  if (share === 0 || share === 1) return share === 0 ? from : to;
  const value = scale === "log" ? from * (to / from) ** share : from + (to - from) * share;
  // Twelve digits: 0.1 and not 0.10000000000000002, which nobody asked for; equal factors need fewer.
  return whole === true
    ? Math.round(value)
    : Math.min(to, Math.max(from, Number(value.toPrecision(scale === "log" ? 5 : 12))));
}

/**
 * Axes: the span of the data, widened to ticks at round values. Made for whatever a run produces: nothing at
 * all, one value, NaN, values at either end of what a double can hold.
 */
import { nice, ticks as roundValues } from "d3-array";
import { formatDecade, formatTick, formatValue } from "./format";

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** One axis; `domain` holds all ticks and, unless it was asked for, all data. */
export interface Scale {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly ticks: readonly Tick[];
  /** Ticks are names, which may be broken into lines. */
  readonly named?: boolean;
}

/** The smallest and the largest finite value, or null where there is none. */
export function extent(values: Iterable<number | null>): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

export interface LinearOptions {
  /** How many steps to aim at; 4 by default. */
  readonly steps?: number;
  /** Only whole numbers get a tick (epochs, counts). */
  readonly whole?: boolean;
  /** Keep the domain as given; ticks lie inside it. Otherwise it grows to the next ticks. */
  readonly exact?: boolean;
}

/** A linear axis over `span`; without data, over 0…1. */
export function linearScale(
  span: readonly [number, number] | null,
  { steps = 4, whole = false, exact = false }: LinearOptions = {},
): Scale {
  let [low, high] = widen(span);
  if (whole) [low, high] = [Math.floor(low), Math.ceil(high)];
  const count = whole ? Math.min(steps, high - low) : steps;
  const domain = exact ? ([low, high] as const) : nice(low, high, count);
  const values = roundValues(...domain, count);
  const step = values[1] - values[0];
  return {
    type: "linear",
    domain,
    ticks: values.map((value) => ({ value, label: formatTick(value, step) })),
  };
}

/**
 * A logarithmic axis over positive data, with ticks at powers of ten; over few decades also at 2 and 5 times
 * them. `exact` keeps the span as given where two ticks lie inside it.
 */
export function logScale(span: readonly [number, number] | null, exact = false): Scale {
  const [low, high] = span && span[0] > 0 ? [bounded(span[0]), bounded(span[1])] : [0.1, 1];
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(Math.ceil(Math.log10(high) - 1e-9), first + 1);
  const stride = Math.ceil((last - first) / 6);
  const all: Tick[] = [];
  for (let power = first; power <= last + stride - 1; power += stride)
    for (const mantissa of last - first <= 3 ? [1, 2, 5] : [1])
      all.push({ value: Number(`${mantissa}e${power}`), label: formatDecade(mantissa, power) });
  const inside = all.filter(({ value }) => value >= low && value <= high);
  if (exact && inside.length >= 2) return { type: "log", domain: [low, high], ticks: inside }; // one tick tells no scale
  const below = all.filter(({ value }) => value <= low * (1 + 1e-9)).length - 1;
  const above = all.findIndex(({ value }) => value >= high * (1 - 1e-9));
  const ticks = all.slice(below, Math.max(above, below + 1) + 1);
  return {
    type: "log",
    domain: [Math.min(low, ticks[0].value), Math.max(high, ticks[ticks.length - 1].value)],
    ticks,
  };
}

/** The same axis, its shares of one told in percent. */
export const inPercent = (scale: Scale): Scale => ({
  ...scale,
  ticks: scale.ticks.map(({ value }) => ({
    value,
    label: `${formatValue(Number((100 * value).toPrecision(6)))} %`,
  })),
});

/** An axis with ticks where they are wanted, such as right angles. */
export const tickedScale = (values: readonly number[]): Scale => ({
  type: "linear",
  domain: [Math.min(...values), Math.max(...values)],
  ticks: values.map((value) => ({ value, label: formatValue(value) })),
});

/** Choices side by side: the k-th name stands at k, with half a step on either side; or from the top down. */
export function choiceScale(names: readonly string[], down = false): Scale {
  const [first, last] = [-0.5, Math.max(1, names.length) - 0.5];
  return {
    type: "linear",
    domain: down ? [last, first] : [first, last],
    ticks: names.map((label, value) => ({ value, label })),
    named: true,
  };
}

/**
 * A span of some length, so that ticks can be told apart: a constant, or what is close to one, gets room on
 * both sides.
 */
export function widen(span: readonly [number, number] | null): [number, number] {
  if (span === null) return [0, 1];
  const [low, high] = [bounded(span[0]), bounded(span[1])];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < 1e-290) return low < 0 ? [-1, 1] : [0, 1];
  if (high - low > size * 2e-9) return [low, high];
  return [low - size * 0.1, high + size * 0.1];
}

/**
 * Keeps clear of overflow and underflow: what lies at the very ends of what a double holds is drawn off the
 * chart.
 */
export function bounded(value: number): number {
  if (value > 0 && value < 1e-300) return 1e-300;
  return Math.min(1e306, Math.max(-1e306, value));
}

/**
 * From data to pixels: the span of the data, ticks at round values that cover it, and the map along an axis.
 * Made for whatever a run produces: nothing at all, one value, NaN, values at either end of what a double can
 * hold.
 */
import { formatDecade, formatTick, formatValue } from "./format";

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/**
 * One axis. `domain` holds all ticks and all data; `at` maps [domain] to 0…1 and gives null for what is not
 * on it.
 */
export interface Scale {
  readonly domain: readonly [number, number];
  readonly ticks: readonly Tick[];
  at(value: number | null | undefined): number | null;
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

/** The smallest of 1, 2, 5 times a power of ten that is not below `rough` (positive). */
export function niceStep(rough: number): number {
  const power = Math.floor(Math.log10(rough));
  for (const factor of [1, 2, 5, 10]) {
    const step = Number(`${factor}e${power}`); // by its decimal form: exact where a product is not
    if (step >= rough * (1 - 1e-9)) return step;
  }
  return Number(`1e${power + 1}`);
}

export interface LinearOptions {
  /** How many steps to aim at; 5 by default. */
  readonly steps?: number;
  /** Only whole numbers get a tick (epochs, counts). */
  readonly whole?: boolean;
  /** Keep the domain as given; ticks lie inside it. Otherwise it grows to the next ticks. */
  readonly exact?: boolean;
}

/** A linear axis over `span`; without data, over 0…1. */
export function linearScale(span: readonly [number, number] | null, options: LinearOptions = {}): Scale {
  const [low, high] = span ? widen(bounded(span[0]), bounded(span[1])) : [0, 1];
  const count = options.steps ?? 5;
  const rough = niceStep(high / count - low / count); // two divisions: high - low may overflow
  const step = options.whole ? Math.max(1, rough) : rough;
  const round = options.exact ? [Math.ceil, Math.floor] : [Math.floor, Math.ceil];
  const slack = options.exact ? -1e-9 : 1e-9;
  const first = round[0](low / step + slack);
  const last = round[1](high / step - slack);
  const ticks: Tick[] = [];
  for (let index = first; index <= last; index++) {
    ticks.push({ value: Number((index * step).toPrecision(12)), label: formatTick(index * step, step) });
  }
  if (options.exact) return { domain: [low, high], ticks, at: linearMap(low, high) };
  const from = Math.min(low, ticks[0].value);
  const to = Math.max(high, ticks[ticks.length - 1].value);
  return { domain: [from, to], ticks, at: linearMap(from, to) };
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
  const below = all.filter(({ value }) => value <= low * (1 + 1e-9)).length - 1;
  const above = all.findIndex(({ value }) => value >= high * (1 - 1e-9));
  const inside = all.filter(({ value }) => value >= low && value <= high);
  const kept = exact && inside.length >= 2; // one tick alone tells no scale
  const ticks = kept ? inside : all.slice(below, Math.max(above, below + 1) + 1);
  const from = kept ? low : Math.min(low, ticks[0].value);
  const to = kept ? high : Math.max(high, ticks[ticks.length - 1].value);
  const map = linearMap(Math.log10(from), Math.log10(to));
  return {
    domain: [from, to],
    ticks,
    at: (value) => (value !== null && value !== undefined && value > 0 ? map(Math.log10(value)) : null),
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
export function tickedScale(values: readonly number[]): Scale {
  const domain = [Math.min(...values), Math.max(...values)] as const;
  return {
    domain,
    ticks: values.map((value) => ({ value, label: formatValue(value) })),
    at: linearMap(...domain),
  };
}

/** Choices side by side: the k-th name stands at k, with half a step on either side. */
export function choiceScale(names: readonly string[]): Scale {
  const domain = [-0.5, Math.max(1, names.length) - 0.5] as const;
  return { domain, ticks: names.map((label, value) => ({ value, label })), at: linearMap(...domain) };
}

function linearMap(low: number, high: number): (value: number | null | undefined) => number | null {
  const span = high / 2 - low / 2;
  return (value) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return null;
    return (value / 2 - low / 2) / span;
  };
}

/**
 * A span of some length, so that ticks can be told apart: a constant, or what is close to one, gets room on
 * both sides.
 */
function widen(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size < 1e-290) return low < 0 ? [-1, 1] : [0, 1];
  if (high / 2 - low / 2 > size * 1e-9) return [low, high];
  return [low - size * 0.1, high + size * 0.1];
}

/**
 * Keeps clear of overflow and underflow: what lies at the very ends of what a double holds is drawn off the
 * chart.
 */
function bounded(value: number): number {
  if (value > 0 && value < 1e-300) return 1e-300;
  return Math.min(1e306, Math.max(-1e306, value));
}

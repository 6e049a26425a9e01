/** What sources do in time: SIN, PULSE, EXP and PWL, with ngspice's meaning of what is left out. */

/** Step and end of the transient: what ngspice puts in where a waveform leaves something out. */
export interface Span {
  readonly step: number;
  readonly stop: number;
}

export interface Waveform {
  readonly kind: "sin" | "pulse" | "exp" | "pwl";
  /** As written, SI. */
  readonly values: readonly number[];
}

/** A source: constant, and where it has a waveform, that. */
export interface Drive {
  /** Null where only the waveform says: an operating point then takes its value at 0. */
  readonly dc: number | null;
  readonly wave: Waveform | null;
  /** Of .ac: volts or amperes, and degrees. Null where it is a constant there. */
  readonly ac: { readonly magnitude: number; readonly degrees: number } | null;
}

/** Least and most numbers of each waveform. */
export const COUNTS: Readonly<Record<Waveform["kind"], readonly [number, number]>> = {
  sin: [2, 6],
  pulse: [2, 7],
  exp: [2, 6],
  pwl: [2, 20_000],
};

/** The value at an operating point. */
export const atRest = ({ dc, wave }: Drive): number => dc ?? (wave === null ? 0 : valueAt(wave, 0, null));

/** The value of a source at time t of a transient; before it, at t = 0. */
export const driveAt = (drive: Drive, t: number, span: Span): number =>
  drive.wave === null ? (drive.dc ?? 0) : valueAt(drive.wave, t, span);

/** A number that is left out, or 0, is the default. */
const given = (values: readonly number[], i: number, otherwise: number): number =>
  values[i] === undefined || values[i] === 0 ? otherwise : values[i];

function valueAt({ kind, values }: Waveform, t: number, span: Span | null): number {
  const { step, stop } = span ?? { step: 1, stop: 1 };
  switch (kind) {
    case "sin": {
      const [offset, amplitude, , delay = 0, damping = 0, degrees = 0] = values;
      const phase = (degrees * Math.PI) / 180;
      const since = t - delay;
      if (since <= 0) return offset + amplitude * Math.sin(phase);
      const angle = 2 * Math.PI * given(values, 2, 1 / stop) * since + phase;
      return offset + amplitude * Math.sin(angle) * Math.exp(-since * damping);
    }
    case "pulse": {
      const [low, high] = values;
      const { rise, fall, width, period, delay } = pulseOf(values, { step, stop });
      let since = t - delay;
      if (since > period) since -= period * Math.floor(since / period);
      if (since <= 0 || since >= rise + width + fall) return low;
      if (since < rise) return low + ((high - low) * since) / rise;
      if (since <= rise + width) return high;
      return high + ((low - high) * (since - rise - width)) / fall;
    }
    case "exp": {
      const [low, high] = values;
      const { from, up, back, down } = expOf(values, step);
      const risen = t <= from ? 0 : (high - low) * (1 - Math.exp(-(t - from) / up));
      const fallen = t <= back ? 0 : (low - high) * (1 - Math.exp(-(t - back) / down));
      return low + risen + fallen;
    }
    case "pwl": {
      let i = 0;
      while (i < values.length && values[i] <= t) i += 2;
      if (i === 0) return values[1];
      if (i >= values.length) return values[values.length - 1];
      const [t0, v0, t1, v1] = values.slice(i - 2, i + 2);
      return v0 + ((v1 - v0) * (t - t0)) / (t1 - t0);
    }
  }
}

function pulseOf(values: readonly number[], { step, stop }: Span) {
  return {
    delay: values[2] ?? 0,
    rise: given(values, 3, step),
    fall: given(values, 4, step),
    width: given(values, 5, stop),
    period: given(values, 6, stop),
  };
}

function expOf(values: readonly number[], step: number) {
  const from = given(values, 2, step);
  return {
    from,
    up: given(values, 3, step),
    back: given(values, 4, from + step),
    down: given(values, 5, step),
  };
}

/** Most corners of one source that a transient stops at. */
const MOST_CORNERS = 100_000;

/** Times from 0 to `stop` at which a waveform has a corner, or more of them than anybody steps to. */
export function cornersOf({ kind, values }: Waveform, span: Span): number[] {
  const within = (times: readonly number[]): number[] => times.filter((t) => t > 0 && t < span.stop);
  if (kind === "sin") return within([values[3] ?? 0]);
  if (kind === "pwl") return within(values.filter((_, i) => i % 2 === 0));
  if (kind === "exp") {
    const { from, back } = expOf(values, span.step);
    return within([from, back]);
  }
  const { delay, rise, fall, width, period } = pulseOf(values, span);
  const corners: number[] = [];
  for (let start = delay; start < span.stop && corners.length < MOST_CORNERS; start += period)
    corners.push(start, start + rise, start + rise + width, start + rise + width + fall);
  return within(corners);
}

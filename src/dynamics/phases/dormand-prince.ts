/**
 * The embedded Runge-Kutta pair of orders 5 and 4 (Dormand and Prince 1980), with the continuous extension of
 * order 4, the choice of steps and the test for stiffness of Hairer, Nørsett and Wanner (Solving Ordinary
 * Differential Equations I, II.4 to II.6, and II, IV.2). It knows a function and an array, no circuit.
 */

export type Field = (t: number, y: Float64Array) => Promise<Float64Array>;

/** Accuracy of the solver "dormand-prince", which chooses its own steps (Dormand and Prince 1980). */
export interface AdaptiveOptions {
  /** Allowed error of a step relative to a state. Default 1e-6. */
  readonly relative?: number;
  /** Allowed error of a step of a state near 0, in units where states are of order one. Default 1e-9. */
  readonly absolute?: number;
  /** Most steps of a phase, rejected ones included. Default 100,000. */
  readonly mostSteps?: number;
}

/** An accepted step. */
export interface Step {
  readonly from: number;
  readonly to: number;
  /** The state and its slope at `to`. */
  readonly y: Float64Array;
  readonly slope: Float64Array;
  /** Dense output: the state at any time of the step, fresh. */
  at(t: number): Float64Array;
}

export interface Integrated {
  /**
   * `end` was reached; `stopped` by the caller; `exhausted`: out of steps; `stuck`: no step is short enough,
   * since the field is not finite or jumps.
   */
  readonly ended: "end" | "stopped" | "exhausted" | "stuck";
  readonly t: number;
  readonly y: Float64Array;
  readonly slope: Float64Array;
  readonly accepted: number;
  readonly rejected: number;
  readonly evaluations: number;
  /** Whether stability rather than accuracy limited the steps for a while. */
  readonly stiff: boolean;
}

const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const STAGES = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** Weights of order 5 less those of order 4. */
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];
const DENSE = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
];

/** Of h |lambda|: near the edge of the region of stability on the negative axis. */
const STABILITY_EDGE = 3.25;
/**
 * So many accepted steps at the edge, with fewer than so many elsewhere between them, mean a stiff problem.
 */
const STIFF_STEPS = 15;
const CALM_STEPS = 6;

/**
 * Integrates dy/dt = field(t, y) from y at 0 to `end`.
 * @param onStep sees every accepted step; true stops
 */
export async function integrate(
  field: Field,
  start: Float64Array,
  end: number,
  { relative = 1e-6, absolute = 1e-9, mostSteps = 100_000 }: AdaptiveOptions,
  onStep: (step: Step) => boolean,
): Promise<Integrated> {
  let [t, y] = [0, start];
  let [accepted, rejected, evaluations, edge, calm, stiff] = [0, 0, 0, 0, 0, false];
  const f: Field = (time, at) => {
    evaluations++;
    return field(time, at);
  };
  let slope = await f(0, y);
  const result = (ended: Integrated["ended"]): Integrated => ({
    ended,
    t,
    y,
    slope,
    accepted,
    rejected,
    evaluations,
    stiff,
  });
  const scale = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((v, i) => absolute + relative * Math.max(Math.abs(v), Math.abs(b[i])));
  let h = Math.min(end, await firstStep(f, y, slope, scale(y, y)));
  let most = 10; // how much longer the next step may be
  while (t < end) {
    if (accepted + rejected >= mostSteps) return result("exhausted");
    if (!(h > 4 * Number.EPSILON * end)) return result("stuck");
    const last = t + h * (1 + 1e-9) >= end;
    if (last) h = end - t;
    const { k, next, sixth } = await stages(f, t, h, y, slope);
    const error = largest(combination(k, ERROR, h), scale(y, next));
    // Whatever is not finite is an error too large to measure.
    const factor = Number.isFinite(error) ? Math.min(most, Math.max(0.2, 0.9 * error ** -0.2)) : 0.1;
    if (!(error <= 1)) {
      rejected++;
      [h, most] = [h * Math.min(0.9, factor), 1];
      continue;
    }
    accepted++;
    [edge, calm] =
      h * lipschitz(k[6], k[5], next, sixth) > STABILITY_EDGE
        ? [edge + 1, 0]
        : calm + 1 >= CALM_STEPS
          ? [0, 0]
          : [edge, calm + 1];
    stiff ||= edge >= STIFF_STEPS;
    const step: Step = {
      from: t,
      to: last ? end : t + h,
      y: next,
      slope: k[6],
      at: interpolant(t, h, y, next, k),
    };
    [t, y, slope] = [step.to, next, k[6]];
    if (onStep(step)) return result("stopped");
    [h, most] = [h * factor, 10];
  }
  return result("end");
}

/**
 * Slopes of the seven stages, the state after the step, and the argument of the sixth stage, at the same
 * time.
 */
async function stages(
  f: Field,
  t: number,
  h: number,
  y: Float64Array,
  slope: Float64Array,
): Promise<{ k: Float64Array[]; next: Float64Array; sixth: Float64Array }> {
  const k = [slope];
  const points: Float64Array[] = [y];
  for (let stage = 1; stage < NODES.length; stage++) {
    points.push(sum(y, combination(k, STAGES[stage], h)));
    k.push(await f(t + NODES[stage] * h, points[stage]));
  }
  return { k, next: points[6], sixth: points[5] };
}

/** A length at which the first step's error is about a hundredth of what is allowed (Hairer, II.4). */
async function firstStep(
  f: Field,
  y: Float64Array,
  slope: Float64Array,
  scale: Float64Array,
): Promise<number> {
  const [size, speed] = [largest(y, scale), largest(slope, scale)];
  const guess = size < 1e-5 || speed < 1e-5 ? 1e-6 : (0.01 * size) / speed;
  const then = await f(
    guess,
    y.map((v, i) => v + guess * slope[i]),
  );
  const bend =
    largest(
      then.map((v, i) => v - slope[i]),
      scale,
    ) / guess;
  const sharpest = Math.max(speed, bend);
  const length = sharpest <= 1e-15 ? Math.max(1e-6, guess * 1e-3) : (0.01 / sharpest) ** (1 / 5);
  const h = Math.min(100 * guess, length);
  return Number.isFinite(h) ? h : guess;
}

/** The continuous extension of order 4, in the nested form of Hairer, II.6. */
function interpolant(
  t: number,
  h: number,
  y: Float64Array,
  next: Float64Array,
  k: readonly Float64Array[],
): (time: number) => Float64Array {
  const bend = combination(k, DENSE, h);
  return (time) => {
    const theta = (time - t) / h;
    const rest = 1 - theta;
    return y.map((v, i) => {
      const rise = next[i] - v;
      const spline = h * k[0][i] - rise;
      return v + theta * (rise + rest * (spline + theta * (rise - h * k[6][i] - spline + rest * bend[i])));
    });
  };
}

/** |f(a) - f(b)| / |a - b| at equal times: the fastest rate of the field as the step felt it. */
function lipschitz(fa: Float64Array, fb: Float64Array, a: Float64Array, b: Float64Array): number {
  let [rise, run] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    rise += (fa[i] - fb[i]) ** 2;
    run += (a[i] - b[i]) ** 2;
  }
  return run > 0 ? Math.sqrt(rise / run) : 0;
}

/** h sum_j weights_j k_j. */
function combination(k: readonly Float64Array[], weights: readonly number[], h: number): Float64Array {
  return k[0].map((_, i) => h * weights.reduce((total, w, j) => (w === 0 ? total : total + w * k[j][i]), 0));
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((v, i) => v + b[i]);
}

/** Largest |value| over its scale; NaN where one is not a number. */
function largest(values: Float64Array, scale: Float64Array): number {
  return values.reduce((most, v, i) => Math.max(most, Math.abs(v) / scale[i]), 0);
}

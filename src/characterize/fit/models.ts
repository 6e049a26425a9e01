/**
 * Devices that fit a measured pulse curve: straight lines of steps over what is stored (soft bounds, linear
 * step), an exponential, or the measured steps themselves as a table. What a line leaves is the noise from
 * pulse to pulse, relative to the step.
 */
import type { ParameterSpec, SynapseSpec } from "../../device/types";
import type { Branch, PulseCurve } from "./pulse-curve";

/** Name of a model that is fitted. */
export type FitModel = "soft-bounds" | "linear-step" | "exp-step" | "raw";

/** A device from a measurement, and how well it fits. */
export interface Fit {
  readonly spec: SynapseSpec;
  /** Root of the mean squared difference between measured and fitted steps, over the mean step. */
  readonly residual: { readonly up: number; readonly down: number };
  /** Standard deviation of steps from pulse to pulse, relative to the fitted step. */
  readonly sigma_c2c: number;
  /** Relative standard deviation of the steps from device to device; null of one device. */
  readonly spread: number | null;
}

/** step = at * basis(w), by least squares. */
interface Line {
  readonly parameters: readonly [constant: number, factor: number];
  readonly predict: (w: number) => number;
}

/** Least squares of y over 1 and a function of x. */
function line(from: Float64Array, step: Float64Array, basis: (w: number) => number): Line {
  const n = from.length;
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
  for (let k = 0; k < n; k++) {
    const x = basis(from[k]);
    sx += x;
    sy += step[k];
    sxx += x * x;
    sxy += x * step[k];
  }
  const det = n * sxx - sx * sx;
  const factor = Math.abs(det) <= 1e-12 * n * sxx ? 0 : (n * sxy - sx * sy) / det;
  const constant = (sy - factor * sx) / n;
  return { parameters: [constant, factor], predict: (w) => constant + factor * basis(w) };
}

/**
 * The mean of the lines of all devices: of all points together, those that step far would stand for large
 * values alone.
 */
function meanLine({ byDevice }: Branch): Line {
  const lines = byDevice.map(({ from, step }) => line(from, step, (w) => w).parameters);
  const mean = (of: 0 | 1): number => lines.reduce((sum, each) => sum + each[of], 0) / lines.length;
  const [constant, factor] = [mean(0), mean(1)];
  return { parameters: [constant, factor], predict: (w) => constant + factor * w };
}

function errorOf({ from, step }: Pick<Branch, "from" | "step">, predict: (w: number) => number): number {
  return from.reduce((sum, w, k) => sum + (step[k] - predict(w)) ** 2, 0) / from.length;
}

const meanStep = ({ step }: Pick<Branch, "step">): number =>
  Math.abs(step.reduce((a, b) => a + b, 0) / step.length);

/** Largest rate of an exponential over the range. */
const MOST_GAMMA = 30;

/** dw (1 - A e^(gamma w')) by least squares, gamma by halving a grid. */
function exponential(branch: Branch, scale: number, sign: number): Line & { readonly gamma: number } {
  const at = (gamma: number): Line =>
    line(branch.from, branch.step, (w) => Math.exp((sign * gamma * w) / scale));
  let [low, high, best] = [-MOST_GAMMA, MOST_GAMMA, 1];
  for (let round = 0; round < 8; round++) {
    const step = (high - low) / 40;
    const tried = Array.from({ length: 41 }, (_, k) => low + k * step).filter(
      (gamma) => Math.abs(gamma) > 1e-6,
    );
    best = tried.reduce((least, gamma) =>
      errorOf(branch, at(gamma).predict) < errorOf(branch, at(least).predict) ? gamma : least,
    );
    [low, high] = [best - step, best + step];
  }
  return { ...at(best), gamma: best };
}

const round = (value: number): number => Number(value.toPrecision(8));

/** Steps of a table, at most. */
const MOST_KNOTS = 24;

/** Mean steps in equal stretches of what is stored: knots [w, step] of a line that bends. */
function tableOf({ from, step }: Branch): [number, number][] {
  const [low, high] = from.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const bins = Math.max(1, Math.min(MOST_KNOTS, Math.floor(from.length / 2)));
  const sums = Array.from({ length: bins }, () => [0, 0, 0] as [number, number, number]);
  from.forEach((w, k) => {
    const bin = sums[Math.min(bins - 1, Math.floor(((w - low) / (high - low || 1)) * bins))];
    bin[0] += w;
    bin[1] += step[k];
    bin[2]++;
  });
  return sums.filter(([, , n]) => n > 0).map(([w, s, n]): [number, number] => [w / n, s / n]);
}

/** A table as text: the first value, and a slope for each stretch. */
function bent(knots: readonly (readonly [number, number])[]): string {
  const parts = knots.slice(1).map(([w, s], k) => {
    const [w0, s0] = knots[k];
    return ` + ${round((s - s0) / (w - w0))}*clip(w - ${signed(w0)}, 0, ${round(w - w0)})`;
  });
  return `${round(knots[0][1])}${parts.join("")}`;
}
const signed = (value: number): string => (value < 0 ? `(${round(value)})` : `${round(value)}`);

function interpolate(knots: readonly (readonly [number, number])[]): (w: number) => number {
  return (w) =>
    knots.slice(1).reduce((sum, [x, s], k) => {
      const [x0, s0] = knots[k];
      return sum + ((s - s0) / (x - x0)) * Math.min(Math.max(w - x0, 0), x - x0);
    }, knots[0][1]);
}

/** The device of a model that fits a curve best. @param name what it is called */
export function fitPulses(curve: PulseCurve, model: FitModel, name: string): Fit {
  const { up, down, least, most, devices } = curve;
  const straight = [up, down].map(meanLine);
  const range = most - least;
  const exponents =
    model === "exp-step" ? ([exponential(up, range, 1), exponential(down, range, -1)] as const) : null;
  const tables = [tableOf(up), tableOf(down)];
  const predict =
    model === "raw" ? tables.map(interpolate) : (exponents ?? straight).map((fitted) => fitted.predict);
  // A device follows the same course at its own size.
  const own = [up, down].map(({ byDevice }, b) =>
    byDevice.map(({ from, step }) => {
      const expected = from.reduce((sum, w) => sum + predict[b](w), 0);
      const size = expected === 0 ? 1 : step.reduce((sum, v) => sum + v, 0) / expected;
      return (w: number): number => size * predict[b](w);
    }),
  );
  const errors = [up, down].map(({ byDevice }, b) =>
    Math.sqrt(byDevice.reduce((sum, each, d) => sum + errorOf(each, own[b][d]), 0) / devices),
  );
  // From pulse to pulse, relative to the step that is expected; steps of next to nothing tell nothing.
  const floor = 0.1 * Math.min(meanStep(up), meanStep(down));
  const relative = [up, down].flatMap(({ byDevice }, b) =>
    byDevice.flatMap(({ from, step }, d) =>
      [...from].flatMap((w, k) => {
        const expected = own[b][d](w);
        return Math.abs(expected) < floor ? [] : [(step[k] - expected) / expected];
      }),
    ),
  );
  const sigma = Math.sqrt(relative.reduce((sum, r) => sum + r * r, 0) / Math.max(1, relative.length));
  const means = up.byDevice.map((each, d) => meanStep(each) + meanStep(down.byDevice[d]));
  const mean = means.reduce((a, b) => a + b, 0) / devices;
  const spread =
    devices < 2 ? null : Math.sqrt(means.reduce((s, v) => s + (v - mean) ** 2, 0) / (devices - 1)) / mean;
  const sigma_c2c = sigma < 1e-9 ? 0 : round(sigma);
  const step = (value: number): ParameterSpec =>
    spread !== null && spread > 1e-6
      ? { value: round(value), mismatch: round(Math.min(spread, 2)), distribution: "lognormal" }
      : round(value);
  const clip = (text: string): string =>
    `w <- clip(w + ${text}*(1 + sigma_c2c*xi_c), b_down, b_up) at pulse : 1`;
  const common = {
    kind: "synapse",
    name,
    source: "fitted to a measured pulse curve",
  } as const;
  const [[aUp, sUp], [aDown, sDown]] = straight.map(({ parameters }) => parameters);
  const spec = (): SynapseSpec => {
    switch (model) {
      case "soft-bounds":
        return {
          ...common,
          equations: `I = w*rho_pre\n${clip("step")}\nstep = where(0 < sign, dw_up*(1 - w/b_up), -dw_down*(1 - w/b_down))`,
          parameters: {
            dw_up: step(aUp),
            dw_down: step(-aDown),
            b_up: round(-aUp / sUp),
            b_down: round(-aDown / sDown),
            sigma_c2c,
          },
        };
      case "linear-step":
        return {
          ...common,
          equations: `I = w*rho_pre\n${clip("step")}\nstep = where(0 < sign, dw_up*(1 - gamma_up*w/b_up), -dw_down*(1 - gamma_down*w/b_down))`,
          parameters: {
            dw_up: step(aUp),
            dw_down: step(-aDown),
            gamma_up: round((-sUp * most) / aUp),
            gamma_down: round((-sDown * least) / aDown),
            b_up: round(most),
            b_down: round(least),
            sigma_c2c,
          },
        };
      case "exp-step": {
        const [rise, fall] = exponents as NonNullable<typeof exponents>;
        const z = "2*a*w/(b_up - b_down) + b";
        return {
          ...common,
          equations:
            `I = w*rho_pre\n${clip("step")}\n` +
            "step = where(0 < sign, dw_up*max(1 - A_up*exp(gamma_up*z), 0), -dw_down*max(1 - A_down*exp(-gamma_down*z), 0))\n" +
            `z = ${z}`,
          parameters: {
            dw_up: step(rise.parameters[0]),
            dw_down: step(-fall.parameters[0]),
            A_up: round(-rise.parameters[1] / rise.parameters[0]),
            A_down: round(-fall.parameters[1] / fall.parameters[0]),
            gamma_up: round(rise.gamma),
            gamma_down: round(fall.gamma),
            a: 0.5,
            b: 0,
            b_up: round(most),
            b_down: round(least),
            sigma_c2c,
          },
        };
      }
      case "raw":
        return {
          ...common,
          source: "the measured steps of a pulse curve",
          equations: `I = w*rho_pre\n${clip("k*step")}\nstep = where(0 < sign, rise, fall)\nrise = ${bent(tables[0])}\nfall = ${bent(tables[1])}`,
          parameters: { k: step(1), b_up: round(most), b_down: round(least), sigma_c2c },
        };
    }
  };
  return {
    spec: spec(),
    residual: { up: errors[0] / meanStep(up), down: errors[1] / meanStep(down) },
    sigma_c2c,
    spread,
  };
}

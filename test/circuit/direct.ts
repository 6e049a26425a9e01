/**
 * Wirings as plain loops over rows, columns and channels, one sample at a time: what src is held against. It
 * knows nothing of connections.
 */
import type { Through } from "../../src/index";

export type Shape = readonly [rows: number, columns: number, channels: number];
export type Convolution = Extract<Through, { kind: "convolution" }>;
type Pool = "max" | "softmax" | "mean";

export interface DirectEnd {
  readonly size: number;
  readonly shape?: Shape;
}

/** Numbers of one sample, or of one array. */
export type Values = ArrayLike<number>;

const two = (value: number | readonly [number, number] | undefined, otherwise: number) =>
  typeof value === "object" ? value : ([value ?? otherwise, value ?? otherwise] as const);

/** Places of the kernel along both axes, before pooling. */
export function sitesOf({ kernel, stride, padding }: Convolution, shape: Shape): readonly [number, number] {
  const along = (axis: 0 | 1): number => {
    let count = 0;
    for (
      let at = -two(padding, 0)[axis];
      at + two(kernel, 1)[axis] <= shape[axis] + two(padding, 0)[axis];
      at += two(stride, 1)[axis]
    )
      count++;
    return count;
  };
  return [along(0), along(1)];
}

/** Hands every use of a weight to `put`: unit of the image, place before pooling, index into the array. */
function eachUse(
  spec: Convolution,
  shape: Shape,
  features: number,
  put: (from: number, to: number, weight: number) => void,
): void {
  const [height, width, channels] = shape;
  const [kernel, stride, padding] = [two(spec.kernel, 1), two(spec.stride, 1), two(spec.padding, 0)];
  const [rows, columns] = sitesOf(spec, shape);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let f = 0; f < features; f++)
        for (let ky = 0; ky < kernel[0]; ky++)
          for (let kx = 0; kx < kernel[1]; kx++)
            for (let ch = 0; ch < channels; ch++) {
              const [y, x] = [r * stride[0] + ky - padding[0], c * stride[1] + kx - padding[1]];
              if (y < 0 || x < 0 || y >= height || x >= width) continue;
              const tap = (ky * kernel[1] + kx) * channels + ch;
              const site = (r * columns + c) * features + f;
              put(
                (y * width + x) * channels + ch,
                site,
                spec.replicated ? tap * rows * columns * features + site : tap * features + f,
              );
            }
}

interface Windows {
  readonly pooled: Float64Array;
  /** The derivative of what is pooled by each place. */
  readonly slopes: Float64Array;
  /** The pooled unit of each place. */
  readonly unit: Int32Array;
  /** The least distance of a largest place from the next: of max pooling; else infinite. */
  readonly gap: number;
}

/** Places [rows, columns, features], made one window by window. */
function pool(
  values: Float64Array,
  [rows, columns]: readonly [number, number],
  features: number,
  how: { readonly kind: Pool; readonly window: number | readonly [number, number] } | undefined,
): Windows {
  const window = two(how?.window, 1);
  const across = columns / window[1];
  const out = {
    pooled: new Float64Array((rows / window[0]) * across * features),
    slopes: new Float64Array(values.length),
    unit: new Int32Array(values.length),
    gap: Infinity,
  };
  const members: number[][] = [...out.pooled].map(() => []);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let f = 0; f < features; f++) {
        const place = (r * columns + c) * features + f;
        const unit = (Math.floor(r / window[0]) * across + Math.floor(c / window[1])) * features + f;
        out.unit[place] = unit;
        members[unit].push(place);
      }
  members.forEach((places, unit) => {
    const x = places.map((place) => values[place]);
    const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
    if ((how?.kind ?? "mean") === "mean") {
      out.pooled[unit] = mean;
      for (const place of places) out.slopes[place] = 1 / x.length;
    } else if (how?.kind === "max") {
      const sorted = [...x].sort((a, b) => b - a);
      out.pooled[unit] = sorted[0];
      out.slopes[places[x.indexOf(sorted[0])]] = 1;
      if (x.length > 1) out.gap = Math.min(out.gap, sorted[0] - sorted[1]);
    } else {
      const weights = x.map((v) => Math.exp(v));
      const all = weights.reduce((sum, v) => sum + v, 0);
      const value = x.reduce((sum, v, k) => sum + (v * weights[k]) / all, 0);
      out.pooled[unit] = value;
      places.forEach((place, k) => (out.slopes[place] = (weights[k] / all) * (1 + x[k] - value)));
    }
  });
  return out;
}

function places(
  spec: Convolution,
  shape: Shape,
  features: number,
  weights: Values,
  x: Values,
): { values: Float64Array; windows: Windows } {
  const sites = sitesOf(spec, shape);
  const values = new Float64Array(sites[0] * sites[1] * features);
  eachUse(spec, shape, features, (i, j, k) => (values[j] += x[i] * weights[k]));
  return { values, windows: pool(values, sites, features, spec.pool) };
}

/** Pairs of a list in the order of its array: of the units that they end at. */
const inOrder = (pairs: readonly (readonly [number, number])[]) =>
  [...pairs].sort((a, b) => a[1] - b[1] || a[0] - b[0]);

type Wires = Exclude<Through, { density: number }> | undefined;

/** What the postsynaptic units of a projection receive of one sample, without biases; and how close places are. */
export function driveOf(
  through: Wires,
  from: DirectEnd,
  to: DirectEnd,
  weights: Values,
  x: Values,
): { readonly drive: Float64Array; readonly gap: number } {
  if (through?.kind === "convolution") {
    const { windows } = places(through, from.shape as Shape, (to.shape as Shape)[2], weights, x);
    return { drive: windows.pooled, gap: windows.gap };
  }
  const drive = new Float64Array(to.size);
  eachPair(through, from, to, (i, j, k) => (drive[j] += x[i] * weights[k]));
  return { drive, gap: Infinity };
}

/**
 * What comes back to the presynaptic units of a projection through its wiring, read backwards.
 * @param weights of the feedback, in the layout of the forward array
 * @param pooling the weights that say what each place of a window receives
 */
export function feedbackOf(
  through: Wires,
  from: DirectEnd,
  to: DirectEnd,
  { weights, pooling }: { readonly weights: Values; readonly pooling: Values },
  x: Values,
  y: Values,
): { readonly drive: Float64Array; readonly gap: number } {
  const drive = new Float64Array(from.size);
  if (through?.kind === "convolution") {
    const [shape, features] = [from.shape as Shape, (to.shape as Shape)[2]];
    const { windows } = places(through, shape, features, pooling, x);
    eachUse(
      through,
      shape,
      features,
      (i, j, k) => (drive[i] += weights[k] * windows.slopes[j] * y[windows.unit[j]]),
    );
    return { drive, gap: windows.gap };
  }
  eachPair(through, from, to, (i, j, k) => (drive[i] += y[j] * weights[k]));
  return { drive, gap: Infinity };
}

function eachPair(
  through: Exclude<Wires, Convolution>,
  from: DirectEnd,
  to: DirectEnd,
  put: (pre: number, post: number, weight: number) => void,
): void {
  if (through === undefined)
    for (let i = 0; i < from.size; i++) for (let j = 0; j < to.size; j++) put(i, j, i * to.size + j);
  else if (through.kind === "one-to-one") for (let i = 0; i < from.size; i++) put(i, i, i);
  else inOrder(through.pairs).forEach(([i, j], k) => put(i, j, k));
}

/**
 * Convolutions: one kernel of devices, used at every position; or a kernel at each. Populations are [rows,
 * columns, channels], the channels of a position side by side; the array is [kernel rows * kernel columns *
 * channels in, channels out]. A pooled convolution has a way through the array for each place of its window,
 * as wide as what is pooled: each is a convolution with a longer stride.
 */
import type { Connections } from "../../program/connections";
import type { Through } from "../types";
import { expectRoom, type End, type Fail, type Wiring } from "./types";

type Convolution = Extract<Through, { kind: "convolution" }>;
type Pair = readonly [number, number];
type Shape = readonly [number, number, number];

const pair = (value: number | Pair | undefined, otherwise: number): Pair =>
  value === undefined ? [otherwise, otherwise] : typeof value === "number" ? [value, value] : value;
const times = ([a, b]: readonly number[]): string => `${a} x ${b}`;

export function convolution(spec: Convolution, from: End, to: End, fail: Fail): Wiring {
  const [input, output] = [shapeOf(from, fail), shapeOf(to, fail)];
  const [kernel, stride, padding] = [pair(spec.kernel, 1), pair(spec.stride, 1), pair(spec.padding, 0)];
  const window = pair(spec.pool?.window, 1);
  const padded = [input[0] + 2 * padding[0], input[1] + 2 * padding[1]];
  if (padded[0] < kernel[0] || padded[1] < kernel[1])
    fail(
      "CIRCUIT-SHAPE",
      `a kernel of ${times(kernel)} does not fit into "${from.name}", ${times(padded)} with its padding`,
      "take a smaller kernel, or more padding",
    );
  if (padding[0] >= kernel[0] || padding[1] >= kernel[1])
    fail(
      "CIRCUIT-SHAPE",
      `a padding of ${times(padding)} is as wide as the kernel, ${times(kernel)}: it would see nothing at the edge`,
      "take less padding than the kernel is wide",
    );
  const sites = [0, 1].map((axis) => Math.floor((padded[axis] - kernel[axis]) / stride[axis]) + 1);
  if (sites[0] % window[0] !== 0 || sites[1] % window[1] !== 0)
    fail(
      "CIRCUIT-SHAPE",
      `a window of ${times(window)} does not divide the ${times(sites)} positions of the kernel`,
      "choose a window that divides them, or another kernel, stride or padding",
    );
  const [rows, columns] = [sites[0] / window[0], sites[1] / window[1]];
  if (output[0] !== rows || output[1] !== columns)
    fail(
      "CIRCUIT-SHAPE",
      `it comes to ${times([rows, columns])} positions, and "${to.name}" has ${times(output)}`,
      `give "${to.name}" the shape [${rows}, ${columns}, ${output[2]}]`,
    );
  const replicated = spec.replicated === true;
  if (replicated && spec.pool !== undefined)
    fail(
      "CIRCUIT-SHAPE",
      "a kernel of its own at every position is not pooled here",
      "leave  pool  or  replicated  out; a population between can pool",
    );
  expectRoom(sites[0] * sites[1] * kernel[0] * kernel[1], fail);
  const [channels, features] = [input[2], output[2]];
  const array = {
    pre: kernel[0] * kernel[1] * channels,
    post: replicated ? sites[0] * sites[1] * features : features,
  };
  const members: Connections[] = [];
  for (let y = 0; y < window[0]; y++)
    for (let x = 0; x < window[1]; x++)
      members.push(
        through(input, output, {
          kernel,
          step: [stride[0] * window[0], stride[1] * window[1]],
          offset: [y * stride[0] - padding[0], x * stride[1] - padding[1]],
          columns: array.post,
          replicated,
        }),
      );
  return {
    kind: "convolution",
    array,
    members,
    pool: spec.pool?.kind ?? null,
    biases: replicated ? null : everywhere(output),
    fan: { in: array.pre, out: kernel[0] * kernel[1] * features },
    backwards: false,
  };
}

function shapeOf({ name, shape }: End, fail: Fail): Shape {
  return (
    shape ??
    fail(
      "CIRCUIT-SHAPE",
      `"${name}" has no shape that a kernel could move over`,
      `give "${name}" a shape: [rows, columns, channels]`,
    )
  );
}

interface Places {
  readonly kernel: Pair;
  /** From a position of the kernel to the next, and where the first begins. */
  readonly step: Pair;
  readonly offset: Pair;
  /** Of the array. */
  readonly columns: number;
  readonly replicated: boolean;
}

function through(
  [height, width, channels]: Shape,
  [rows, columns, features]: Shape,
  { kernel, step, offset, columns: arrayColumns, replicated }: Places,
): Connections {
  const [pres, posts, at]: [number[], number[], number[]] = [[], [], []];
  for (let site = 0; site < rows * columns; site++) {
    const [top, left] = [
      Math.floor(site / columns) * step[0] + offset[0],
      (site % columns) * step[1] + offset[1],
    ];
    for (let tap = 0; tap < kernel[0] * kernel[1]; tap++) {
      const [y, x] = [top + Math.floor(tap / kernel[1]), left + (tap % kernel[1])];
      if (y < 0 || x < 0 || y >= height || x >= width) continue;
      pres.push((y * width + x) * channels);
      posts.push(site * features);
      at.push(tap * channels * arrayColumns + (replicated ? site * features : 0));
    }
  }
  return {
    pre: height * width * channels,
    post: rows * columns * features,
    block: { pre: channels, post: features },
    pres: Int32Array.from(pres),
    posts: Int32Array.from(posts),
    at: Int32Array.from(at),
  };
}

/** One bias a channel, at every position. */
function everywhere([rows, columns, features]: Shape): Connections {
  const sites = rows * columns;
  return {
    pre: 1,
    post: sites * features,
    block: { pre: 1, post: features },
    pres: new Int32Array(sites),
    posts: Int32Array.from({ length: sites }, (_, site) => site * features),
    at: new Int32Array(sites),
  };
}

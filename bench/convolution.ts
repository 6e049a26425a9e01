/** Times a convolution on its own, as a program: forwards, backwards, and the update of its kernels. */
import { multiply, number, subtract, symbol } from "../src/equations/expression";
import type { Engine } from "../src/index";
import { usesOf, type Connections } from "../src/program/connections";
import type { AdjustOperation, Operation, Program } from "../src/program/program";
import { streamOf, uniform } from "../src/random";
import { spreadOf, timeEach, type Spread } from "./timing";

export interface Shape {
  /** Positions along each side of what is seen, and its channels. */
  readonly size: number;
  readonly channels: number;
  readonly kernel: number;
  readonly filters: number;
  readonly stride?: number;
  /** Where the first kernel lies: down, right. */
  readonly offset?: readonly [number, number];
}

/** Positions, then channels; array [kernel x kernel x channels, filters]; no padding. */
export function convolution({
  size,
  channels,
  kernel,
  filters,
  stride = 1,
  offset: [down, right] = [0, 0],
}: Shape): Connections {
  const along = (from: number): number => Math.floor((size - kernel - from) / stride) + 1;
  const [height, width] = [along(down), along(right)];
  const blocks: { pre: number; post: number; at: number }[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++)
          blocks.push({
            pre: ((y * stride + down + ky) * size + x * stride + right + kx) * channels,
            post: (y * width + x) * filters,
            at: (ky * kernel + kx) * channels * filters,
          });
  return {
    pre: size * size * channels,
    post: height * width * filters,
    block: { pre: channels, post: filters },
    pres: Int32Array.from(blocks, ({ pre }) => pre),
    posts: Int32Array.from(blocks, ({ post }) => post),
    at: Int32Array.from(blocks, ({ at }) => at),
  };
}

export const DIRECTIONS = ["forwards", "backwards", "adjust"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/**
 * One direction of a convolution as a program, and its multiply-adds. Pooled, the four members of each 2 x 2
 * window have buffers of their own.
 */
export function convolutionProgram(
  shape: Shape,
  batch: number,
  pooled: boolean,
  direction: Direction,
): { readonly program: Program; readonly multiplyAdds: number } {
  const offsets = [0, 1].flatMap((down) => [0, 1].map((right) => [down, right] as const));
  const parts = pooled
    ? offsets.map((offset) => convolution({ ...shape, stride: 2, offset }))
    : [convolution(shape)];
  const array = { pre: shape.kernel ** 2 * shape.channels, post: shape.filters };
  const step: readonly Operation[] =
    direction === "backwards"
      ? [
          {
            op: "project",
            out: "back",
            terms: parts.map((through, k) => ({ from: `y${k}`, weights: "w", through, backwards: true })),
          },
        ]
      : parts.map((through, k) => ({
          op: "project",
          out: `y${k}`,
          terms: [{ from: "x", weights: "w", through }],
        }));
  const adjust: readonly AdjustOperation[] = [
    {
      ...array,
      products: parts.map((through, k) => ({ pre: "x", post: `y${k}`, through })),
      maps: [
        {
          out: { weights: "w" },
          expression: subtract(symbol("w"), multiply(number(1e-9), symbol("s"))),
          sources: { w: { from: "weights", name: "w" }, s: { from: "sum" } },
        },
      ],
    },
  ];
  const outputs = parts.map((through, k) => [`y${k}`, through.post] as const);
  const buffers = { x: parts[0].pre, ...Object.fromEntries(outputs) };
  return {
    program: {
      rows: batch,
      groups: 1,
      buffers: { ...buffers, back: parts[0].pre },
      weights: { w: array },
      vectors: {},
      rowValues: [],
      scalars: [],
      prelude: [],
      step,
      ...(direction === "adjust" && { adjust }),
      state: Object.keys(buffers),
      outputs: [],
      watched: [],
    },
    multiplyAdds: batch * parts.reduce((sum, through) => sum + usesOf(through), 0),
  };
}

/** Microseconds of a step, or of an update; null where the engine does not adjust. */
export async function measureConvolution(
  engine: Engine,
  program: Program,
  { steps, repeats, seed }: { readonly steps: number; readonly repeats: number; readonly seed: number },
): Promise<Spread | null> {
  const exe = engine.compile(program);
  const { adjust } = exe;
  if (program.adjust !== undefined && adjust === undefined) return null;
  const draw = (name: string, length: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => uniform(seed, streamOf(name), 0, i) - 0.5);
  exe.setWeights("w", draw("w", program.weights.w.pre * program.weights.w.post));
  for (const name of program.state) exe.write(name, draw(name, program.rows * program.buffers[name]));
  await exe.prepare();
  const phase = async (): Promise<void> => {
    if (program.adjust === undefined) await exe.run(steps, 0);
    else for (let k = 0; k < steps; k++) await exe.adjust?.();
  };
  await phase();
  const times = await timeEach(repeats, phase);
  exe.dispose();
  return spreadOf(times.map((us) => us / steps));
}

/** Random connections, and programs of two populations that see each other through one array of them. */
import fc from "fast-check";
import { add, call, multiply, number, subtract, symbol } from "../../src/equations/expression";
import type { Connections } from "../../src/program/connections";
import type { Program, Source } from "../../src/program/program";

export interface Wired {
  readonly through: Connections;
  /** Shape of the array. */
  readonly array: { readonly pre: number; readonly post: number };
  readonly rows: number;
  readonly groups: number;
  readonly seed: number;
}

export type Part = Pick<Wired, "through" | "array">;

/**
 * A convolution of NHWC populations, positions in rows, kernels without padding where `padding` is 0.
 * @param most positions along an axis, channels that are read and written
 */
export const convolutions = (most: readonly [number, number, number]): fc.Arbitrary<Part> =>
  fc
    .record({
      size: fc.tuple(fc.integer({ min: 3, max: most[0] }), fc.integer({ min: 3, max: most[0] })),
      kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      stride: fc.integer({ min: 1, max: 2 }),
      padding: fc.integer({ min: 0, max: 1 }),
      channels: fc.tuple(fc.integer({ min: 1, max: most[1] }), fc.integer({ min: 1, max: most[2] })),
    })
    .map(({ size: [h, w], kernel: [kh, kw], stride, padding, channels: [c, f] }) => {
      const outputs = [h, w].map((n, axis) => Math.floor((n + 2 * padding - [kh, kw][axis]) / stride) + 1);
      const [pres, posts, at]: [number[], number[], number[]] = [[], [], []];
      for (let y = 0; y < outputs[0]; y++)
        for (let x = 0; x < outputs[1]; x++)
          for (let ky = 0; ky < kh; ky++)
            for (let kx = 0; kx < kw; kx++) {
              const [sy, sx] = [y * stride + ky - padding, x * stride + kx - padding];
              if (sy < 0 || sx < 0 || sy >= h || sx >= w) continue;
              pres.push((sy * w + sx) * c);
              posts.push((y * outputs[1] + x) * f);
              at.push((ky * kw + kx) * c * f);
            }
      return {
        through: {
          pre: h * w * c,
          post: outputs[0] * outputs[1] * f,
          block: { pre: c, post: f },
          pres: Int32Array.from(pres),
          posts: Int32Array.from(posts),
          at: Int32Array.from(at),
        },
        array: { pre: kh * kw * c, post: f },
      };
    });

/** Blocks wherever they fall, some of them over others. */
export const anyBlocks: fc.Arbitrary<Part> = fc
  .record({
    pre: fc.integer({ min: 1, max: 20 }),
    post: fc.integer({ min: 1, max: 20 }),
    array: fc.record({ pre: fc.integer({ min: 1, max: 10 }), post: fc.integer({ min: 1, max: 20 }) }),
    block: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    places: fc.array(fc.tuple(...[0, 1, 2, 3].map(() => fc.double({ min: 0, max: 0.999, noNaN: true }))), {
      minLength: 1,
      maxLength: 30,
    }),
  })
  .map(({ pre, post, array, block: [tall, wide], places }) => {
    const block = {
      pre: 1 + Math.floor(tall * Math.min(4, pre - 1, array.pre - 1)),
      post: 1 + Math.floor(wide * Math.min(15, post - 1, array.post - 1)),
    };
    const blocks = places
      .map(([a, b, y, x]) => ({
        pre: Math.floor(a * (pre - block.pre + 1)),
        post: Math.floor(b * (post - block.post + 1)),
        at:
          Math.floor(y * (array.pre - block.pre + 1)) * array.post +
          Math.floor(x * (array.post - block.post + 1)),
      }))
      .sort((p, q) => p.post - q.post);
    return {
      array,
      through: {
        pre,
        post,
        block,
        pres: Int32Array.from(blocks, (b) => b.pre),
        posts: Int32Array.from(blocks, (b) => b.post),
        at: Int32Array.from(blocks, (b) => b.at),
      },
    };
  });

export const wired: fc.Arbitrary<Wired> = fc
  .record({
    part: fc.oneof(convolutions([8, 5, 12]), convolutions([4, 3, 19]), anyBlocks),
    rows: fc.integer({ min: 1, max: 6 }),
    groups: fc.integer({ min: 1, max: 2 }),
    seed: fc.maxSafeNat(),
  })
  .map(({ part, rows, groups, seed }) => ({ ...part, rows: rows * groups, groups, seed }));

/** As a dense array, [groups, through.pre, through.post]. */
export function dense({ through, array, groups }: Wired, weights: Float64Array): Float64Array {
  const { pre, post, block, pres, posts, at } = through;
  const out = new Float64Array(groups * pre * post);
  for (let g = 0; g < groups; g++)
    for (let k = 0; k < at.length; k++)
      for (let i = 0; i < block.pre; i++)
        for (let j = 0; j < block.post; j++)
          out[(g * pre + pres[k] + i) * post + posts[k] + j] +=
            weights[g * array.pre * array.post + at[k] + i * array.post + j];
  return out;
}

/**
 * u sees v backwards, v sees u: through the connections, or all to all with arrays "w" and "back". What a
 * batch changes of the array, where there is one group: w + .5 sum.
 */
export function programOf({ through, array, rows, groups }: Wired, all = false): Program {
  const buffer = (name: string): Source => ({ from: "buffer", name });
  const next = (name: string, drive: string) => ({
    op: "map" as const,
    out: name,
    expression: add(multiply(number(0.5), symbol("u")), multiply(number(0.5), call("tanh", symbol("d")))),
    sources: { u: buffer(name), d: buffer(drive) },
  });
  const { pre, post } = through;
  return {
    rows,
    groups,
    buffers: { u: pre, v: post, du: pre, dv: post, su: pre, sv: post },
    weights: all ? { w: { pre, post }, back: { pre: post, post: pre } } : { w: array },
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [],
    step: [
      {
        op: "project",
        out: "dv",
        plus: "sv",
        terms: [{ from: "u", weights: "w", ...(!all && { through }) }],
      },
      {
        op: "project",
        out: "du",
        plus: "su",
        terms: all
          ? [{ from: "v", weights: "back" }]
          : [{ from: "v", weights: "w", through, backwards: true }],
      },
      next("u", "du"),
      next("v", "dv"),
    ],
    state: ["u", "v"],
    outputs: ["u", "v"],
    watched: ["u", "v"],
    ...(groups === 1 &&
      !all && {
        adjust: [
          {
            pre: array.pre,
            post: array.post,
            products: [
              { pre: "u", post: "v", through },
              { pre: "su", post: "v", through },
            ],
            maps: [
              {
                out: { weights: "w" },
                expression: subtract(symbol("w"), multiply(number(0.5), symbol("s"))),
                sources: { w: { from: "weights", name: "w" }, s: { from: "sum" } },
              },
            ],
          },
        ],
      }),
  };
}

/**
 * Sums of all kinds of terms: what u sends through the connections twice and what all of z sends, of which the
 * first begin with a buffer; and backwards, what v and another send, and z.
 */
export function manyTerms({ through, array, rows, groups }: Wired, plus: boolean): Program {
  const forwards = { weights: "w", through };
  const backwards = { ...forwards, backwards: true as const };
  const { pre, post } = through;
  return {
    rows,
    groups,
    buffers: { u: pre, x: pre, v: post, y: post, z: 3, du: pre, dv: post, ou: pre, ov: post },
    weights: { w: array, toU: { pre: 3, post: pre }, toV: { pre: 3, post } },
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [{ op: "project", out: "ov", terms: [{ from: "x", ...forwards }] }],
    step: [
      {
        op: "project",
        out: "dv",
        ...(plus && { plus: "ov" }),
        terms: [
          { from: "u", ...forwards },
          { from: "z", weights: "toV" },
          { from: "x", ...forwards },
        ],
      },
      {
        op: "project",
        out: "du",
        ...(plus && { plus: "x" }),
        terms: [
          { from: "y", ...backwards },
          { from: "v", ...backwards },
          { from: "z", weights: "toU" },
        ],
      },
      { op: "project", out: "ou", terms: [{ from: "dv", ...backwards }] },
    ],
    state: ["u", "x", "v", "y", "z"],
    outputs: ["du", "dv", "ou", "ov"],
    watched: [],
  };
}

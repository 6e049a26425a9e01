/** What an adapter takes at most, by the names of its own limits. A page, a driver or a card may take little. */
import { OhmletError } from "../../errors";
import type { Program } from "../../program/program";

interface Limit {
  readonly name: string;
  readonly most: number;
}

export interface Limits {
  /** Bytes of one array. */
  readonly array: Limit;
  /** Rows, or columns, of one. */
  readonly side: Limit;
}

const none = { name: "none", most: Infinity };
export const NO_LIMITS: Limits = { array: none, side: none };

/** Cells of a work group along each side, as GPU.js has them. */
const WORKGROUP = 8;

/** Those of a device of WebGPU. */
export function limitsOf(
  limits: Partial<
    Readonly<
      Record<"maxStorageBufferBindingSize" | "maxBufferSize" | "maxComputeWorkgroupsPerDimension", number>
    >
  > = {},
): Limits {
  const {
    maxStorageBufferBindingSize: binding = Infinity,
    maxBufferSize: buffer = Infinity,
    maxComputeWorkgroupsPerDimension: groups = Infinity,
  } = limits;
  return {
    array:
      binding <= buffer
        ? { name: "maxStorageBufferBindingSize", most: binding }
        : { name: "maxBufferSize", most: buffer },
    side: { name: "maxComputeWorkgroupsPerDimension", most: WORKGROUP * groups },
  };
}

/** Those of WebGL2: an array is a texture, as square as it comes. */
export const limitsOfTextures = (side: number): Limits => ({
  array: { name: "MAX_TEXTURE_SIZE", most: 4 * side ** 2 },
  side: none,
});

/** @throws OhmletError ENGINE-LIMIT where an array of a program is larger than the adapter takes */
export function expectWithin({ array, side }: Limits, engine: string, program: Program): void {
  const { rows, groups, buffers, weights } = program;
  const arrays: [string, number, number][] = [
    ...Object.entries(buffers).map(([name, width]): [string, number, number] => [name, width, rows]),
    ...Object.entries(weights).map(([name, { pre, post }]): [string, number, number] => [
      name,
      post,
      pre * groups,
    ]),
  ];
  for (const [name, columns, lines] of arrays) {
    const bytes = 4 * columns * lines;
    if (bytes > array.most)
      refuse(engine, `"${name}", ${lines} x ${columns}, takes ${bytes} bytes`, array, "bytes");
    if (Math.max(columns, lines) > side.most)
      refuse(engine, `"${name}" has ${lines} rows of ${columns}`, side, "rows or columns");
  }
}

function refuse(engine: string, fact: string, { name, most }: Limit, what: string): never {
  throw new OhmletError({
    code: "ENGINE-LIMIT",
    fact: `${fact}, and the adapter's ${name} is ${most} ${what}`,
    place: { where: engine },
    remedy:
      'use "simd", let fewer rows settle at a time (a smaller batch, fewer nudge points), or a smaller circuit',
  });
}

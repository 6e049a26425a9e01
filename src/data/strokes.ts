/**
 * The generated set: digits written by a random hand. Every sample is a pure function of (seed, split,
 * index), so the set is endless, needs no file and is the same on every machine. The hand does not depend on
 * the image's size: the same digit can be had coarse and fine. Drawn by signed distance to the strokes, so
 * edges are smooth at any size.
 */
import { OhmletError } from "../errors";
import { checkSeed, fillNormals, streamOf, uniform } from "../random";
import { type Dataset, fromBytes } from "./dataset";
import { GLYPHS, type Stroke } from "./glyphs";
import { check, optionsOf } from "../options";

/** Size, number and noise of generated digits. */
export interface StrokeOptions {
  /** Rows and columns of an image, 8 to 28 (8 by default). */
  readonly size?: number;
  readonly samples: number;
  readonly seed: number;
  /** Train and test share no sample. */
  readonly split: "train" | "test";
  /** Standard deviation of the noise of a pixel, in units of full ink (0.05 by default). */
  readonly noise?: number;
}

const readOptions = optionsOf<StrokeOptions>("strokeDigits", {
  needs: { samples: check.numeric, seed: check.anything, split: check.oneOf("train", "test") },
  takes: { size: check.numeric, noise: check.numeric },
});

/** The spreads of the hand; lengths in units of the image's side, angles as tangents. */
const HAND = {
  slant: [0.15, 0.25],
  turn: [0, 0.14],
  width: [0.6, 0.08],
  height: [0.82, 0.06],
  shift: [0, 0.022],
  jitter: [0, 0.012],
  pen: [0.11, 0.02],
  ink: [0.92, 0.08],
} as const;
/** The pen is never thinner than this. */
const THINNEST = 0.05;
/** Straight pieces of a span of a curve. */
const PIECES = 4;
/** Draws a sample: eight for the hand, two for each control point. */
const DRAWS = 64;
/** Bytes of the largest set. */
const LARGEST = 2 ** 30;

/**
 * A set of generated digits, ten classes in turn; values are multiples of 1/255.
 * @throws OhmletError DATA-SIZE, DATA-COUNT, DATA-NOISE, ENGINE-SEED
 */
export function strokeDigits(options: StrokeOptions): Dataset {
  const { size = 8, samples, seed, split, noise = 0.05 } = readOptions(options);
  checkRanges(options, size, noise);
  const features = size * size;
  const bytes = new Uint8Array(samples * features);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % GLYPHS.length);
  const [image, grain] = [new Float64Array(features), new Float64Array(features)];
  for (let i = 0; i < samples; i++) {
    const ink = drawDigit(image, size, labels[i], seed, streamOf(`strokes, ${split}`), i);
    if (noise > 0) fillNormals(grain, seed, streamOf(`grain, ${split}`), i);
    for (let p = 0; p < features; p++) {
      const value = ink * image[p] + noise * grain[p];
      bytes[i * features + p] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
  }
  return fromBytes({
    name: `stroke digits ${size}x${size} (${split})`,
    shape: [size, size],
    classes: GLYPHS.length,
    labels,
    bytes,
    fullScale: 255,
  });
}

const draws = new Float64Array(DRAWS);

/** Draws one digit as coverage in [0, 1]; returns how dark its ink is. */
function drawDigit(
  image: Float64Array,
  size: number,
  digit: number,
  seed: number,
  stream: number,
  index: number,
): number {
  const variants = GLYPHS[digit];
  const glyph = variants[Math.floor(uniform(seed, stream, index, DRAWS) * variants.length)];
  fillNormals(draws, seed, stream, index);
  let next = 0;
  const draw = ([mean, spread]: readonly [number, number]) => mean + spread * draws[next++];
  const [slant, turn, width, height] = [
    draw(HAND.slant),
    draw(HAND.turn),
    draw(HAND.width),
    draw(HAND.height),
  ];
  const [right, down, pen, ink] = [draw(HAND.shift), draw(HAND.shift), draw(HAND.pen), draw(HAND.ink)];
  image.fill(0);
  for (const { smooth, points } of glyph) {
    const placed: number[] = [];
    for (let p = 0; p < points.length; p += 2) {
      const x = (points[p] - 0.5) * width + draw(HAND.jitter);
      const y = (points[p + 1] - 0.5) * height + draw(HAND.jitter);
      placed.push(0.5 + right + x - slant * y - turn * y, 0.5 + down + y + turn * x);
    }
    drawPath(image, size, smooth ? flatten(placed) : placed, Math.max(THINNEST, pen) / 2);
  }
  return Math.min(1, ink);
}

/** A smooth curve through the points as a polyline (Catmull and Rom's spline; the ends are doubled). */
function flatten(points: Stroke["points"]): number[] {
  const last = points.length / 2 - 1;
  const at = (p: number, axis: number) => points[2 * Math.min(last, Math.max(0, p)) + axis];
  const path = [points[0], points[1]];
  for (let p = 0; p < last; p++) {
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      for (const axis of [0, 1]) {
        const [a, b, c, d] = [at(p - 1, axis), at(p, axis), at(p + 1, axis), at(p + 2, axis)];
        path.push(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))));
      }
    }
  }
  return path;
}

/** Inks every pixel by how deep its centre lies inside the stroke, over an edge one pixel wide. */
function drawPath(image: Float64Array, size: number, path: readonly number[], radius: number): void {
  const reach = radius + 0.5 / size;
  const first = (v: number) => Math.max(0, Math.floor((v - reach) * size));
  const last = (v: number) => Math.min(size - 1, Math.ceil((v + reach) * size));
  for (let p = 0; p + 3 < path.length; p += 2) {
    const [x0, y0, x1, y1] = [path[p], path[p + 1], path[p + 2], path[p + 3]];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy || 1;
    for (let row = first(Math.min(y0, y1)); row <= last(Math.max(y0, y1)); row++) {
      for (let column = first(Math.min(x0, x1)); column <= last(Math.max(x0, x1)); column++) {
        const [x, y] = [(column + 0.5) / size - x0, (row + 0.5) / size - y0];
        const along = Math.min(1, Math.max(0, (x * dx + y * dy) / length2));
        const cover = (reach - Math.hypot(x - along * dx, y - along * dy)) * size;
        const pixel = row * size + column;
        if (cover > image[pixel]) image[pixel] = Math.min(1, cover);
      }
    }
  }
}

function checkRanges({ samples, seed }: StrokeOptions, size: number, noise: number): void {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: "stroke digits" }, remedy });
  };
  if (!Number.isInteger(size) || size < 8 || size > 28)
    fail("DATA-SIZE", `${size} is not a size of a generated digit`, "give a whole number from 8 to 28");
  if (!Number.isSafeInteger(samples) || samples < 1)
    fail("DATA-COUNT", `${samples} is not a number of samples`, "give a whole number, 1 or more");
  if (samples * size * size > LARGEST)
    fail(
      "DATA-SIZE",
      `${samples} samples of ${size}x${size} are too many to hold`,
      `ask for ${Math.floor(LARGEST / size / size)} at most`,
    );
  checkSeed(seed, "stroke digits, seed");
  if (!Number.isFinite(noise) || noise < 0)
    fail("DATA-NOISE", `${noise} is not a spread of noise`, "give 0 or more, in units of full ink");
}

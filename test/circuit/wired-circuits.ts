/** Random circuits of all wirings: input, a, b and back, and what each population receives, by direct loops. */
import fc from "fast-check";
import { ideal, leakyIntegrator } from "../../devices";
import {
  defineCircuit,
  type Chip,
  type Circuit,
  type CostSpec,
  type NeuronLike,
  type SynapseLike,
  type Through,
} from "../../src/index";
import { draws } from "../learning/handmade";
import { driveOf, feedbackOf, sitesOf, type Convolution, type DirectEnd, type Shape } from "./direct";

type Listed = Exclude<Through, { density: number }>;

interface Wire {
  readonly through?: Listed;
  readonly to: DirectEnd;
}

export interface WiredCircuit {
  readonly shape: Shape;
  readonly up: Wire;
  readonly top: Wire;
  readonly feedback: "tied" | "gains" | "angled" | "independent";
  readonly seed: number;
}

const size = ([rows, columns, channels]: Shape): number => rows * columns * channels;
const upTo = (most: number): fc.Arbitrary<number> => fc.nat({ max: most });

const KINDS = ["convolution", "replicated", "one-to-one", "pairs", "dense"] as const;
const POOLS = ["none", "max", "softmax", "mean"] as const;

interface Choices {
  readonly kinds?: readonly (typeof KINDS)[number][];
  readonly pools?: readonly (typeof POOLS)[number][];
}

const numbers = ({ kinds = [...KINDS, "convolution", "convolution"], pools = POOLS }: Choices) =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    kernel: fc.tuple(upTo(2), upTo(2)),
    stride: fc.tuple(upTo(1), upTo(1)),
    padding: fc.tuple(upTo(2), upTo(2)),
    channels: upTo(2),
    pool: fc.constantFrom(...pools),
    window: fc.tuple(upTo(5), upTo(5)),
    size: upTo(3),
    seed: upTo(1e6),
  });
type Numbers = ReturnType<typeof numbers> extends fc.Arbitrary<infer T> ? T : never;

/** A wiring that fits behind a shape. */
function wireFrom(shape: Shape, drawn: Numbers): Wire {
  const { kind, channels, pool, window } = drawn;
  if (kind === "dense") return { to: { size: 1 + drawn.size } };
  if (kind === "one-to-one") return { through: { kind }, to: { size: size(shape), shape } };
  if (kind === "pairs") {
    const to = 1 + drawn.size;
    const draw = draws(drawn.seed)(size(shape) * to);
    const all = [...draw.keys()].filter((k) => k === 0 || draw[k] > 0);
    // In any order: the array has them in another.
    const pairs = all
      .sort((i, j) => draw[i] - draw[j])
      .map((k) => [Math.floor(k / to), k % to] as [number, number]);
    return { through: { kind: "sparse", pairs }, to: { size: to } };
  }
  const each = (of: (axis: 0 | 1) => number): readonly [number, number] => [of(0), of(1)];
  const kernel = each((axis) => 1 + (drawn.kernel[axis] % shape[axis]));
  const through: Convolution = {
    kind: "convolution",
    kernel: kernel[0] === kernel[1] ? kernel[0] : kernel,
    stride: each((axis) => 1 + drawn.stride[axis]),
    padding: each((axis) => drawn.padding[axis] % kernel[axis]),
  };
  const sites = sitesOf(through, shape);
  if (kind === "replicated" || pool === "none")
    return wired({ ...through, ...(kind === "replicated" && { replicated: true }) }, [
      sites[0],
      sites[1],
      1 + channels,
    ]);
  const windows = each((axis) => {
    const fitting = [1, 2, 3].filter((n) => sites[axis] % n === 0);
    return fitting[window[axis] % fitting.length];
  });
  return wired({ ...through, pool: { kind: pool, window: windows } }, [
    sites[0] / windows[0],
    sites[1] / windows[1],
    1 + channels,
  ]);
}

const wired = (through: Convolution, shape: Shape): Wire => ({ through, to: { size: size(shape), shape } });

/** Circuits of at most some 60 units. */
export const wiredCircuits = (choices: Choices = {}): fc.Arbitrary<WiredCircuit> =>
  fc
    .record({
      shape: fc.tuple(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 2 }),
      ),
      up: numbers(choices),
      top: numbers(choices),
      feedback: fc.constantFrom("tied", "gains", "angled", "independent"),
      seed: fc.integer({ min: 1, max: 1e6 }),
    })
    .map(({ shape, up, top, feedback, seed }) => {
      const first = wireFrom(shape, up);
      return {
        shape,
        up: first,
        top: wireFrom(first.to.shape ?? [1, 1, first.to.size], top),
        feedback: feedback as WiredCircuit["feedback"],
        seed,
      };
    });

/** In a circuit, populations have the shapes that kernels move over. */
export function circuitOf(
  { shape, up, top, feedback }: WiredCircuit,
  neuron: NeuronLike | readonly [a: NeuronLike, b: NeuronLike] = leakyIntegrator({ rho: "tanh" }),
  synapse: SynapseLike = ideal(),
  cost: CostSpec = { kind: "squared-error", argument: "state" },
): Circuit {
  const a = { ...up.to, shape: up.to.shape ?? ([1, 1, up.to.size] as const) };
  const neurons: readonly NeuronLike[] = "kind" in neuron ? [neuron, neuron] : neuron;
  const common = { synapse, initial: { distribution: "glorot", scale: 0.5 } } as const;
  const wiredAs = ({ through }: Wire) => ({
    bias: through?.kind !== "sparse",
    ...(through !== undefined && { through }),
  });
  return defineCircuit({
    name: "wired",
    populations: [
      { name: "input", shape },
      { name: "a", ...a, neuron: neurons[0] },
      { name: "b", ...top.to, neuron: neurons[1] },
    ],
    projections: [
      { name: "up", from: "input", to: "a", ...common, ...wiredAs(up) },
      { name: "top", from: "a", to: "b", ...common, ...wiredAs(top) },
      {
        name: "down",
        from: "b",
        to: "a",
        ...common,
        feedback:
          feedback === "tied" || feedback === "gains"
            ? { kind: "tied", to: "top" }
            : { kind: "angled", to: "top", angle: feedback === "angled" ? 40 : 90 },
        ...(feedback === "gains" && { asymmetry: 0.2 }),
      },
    ],
    input: "input",
    output: "b",
    cost,
  });
}

export type Activities = Readonly<Record<"input" | "a" | "b", Float64Array>>;
export type Arrays = Readonly<
  Record<"up" | "top" | "down", { readonly weights: Float64Array; readonly biases: Float64Array | null }>
>;

export const arraysOf = (chip: Chip): Arrays =>
  Object.fromEntries(["up", "top", "down"].map((name) => [name, chip.weights(name)])) as unknown as Arrays;

/** Weights and biases of every array, drawn anew. */
export function setAtRandom(chip: Chip, seed: number, scale: number): void {
  const draw = draws(seed);
  for (const { name, spec } of chip.circuit.projections) {
    if (spec.feedback?.kind === "tied") continue;
    const { weights, biases } = chip.weights(name);
    chip.setWeights(name, {
      weights: draw(weights.length, scale),
      biases: biases && draw(biases.length, scale),
    });
  }
}

/** Drives of a and b, [samples, size], and the least distance of a largest place of a window from the next. */
export function drives(
  { shape, up, top, feedback }: WiredCircuit,
  arrays: Arrays,
  activities: Activities,
): { readonly a: Float64Array; readonly b: Float64Array; readonly gap: number } {
  const input: DirectEnd = { size: size(shape), shape };
  const hidden: DirectEnd = { ...up.to, shape: up.to.shape ?? [1, 1, up.to.size] };
  const samples = activities.input.length / input.size;
  const a = new Float64Array(samples * hidden.size);
  const b = new Float64Array(samples * top.to.size);
  let gap = Infinity;
  // Read alike, both directions pool what the forward one does; else the feedback pools what it reads itself.
  const pooling = feedback === "tied" ? arrays.top.weights : arrays.down.weights;
  const down =
    top.through === undefined
      ? backwards(arrays.down.weights, hidden.size, top.to.size)
      : arrays.down.weights;
  for (let s = 0; s < samples; s++) {
    const of = (values: Float64Array): Float64Array => {
      const width = values.length / samples;
      return values.subarray(s * width, (s + 1) * width);
    };
    const [x, shown, above] = [of(activities.input), of(activities.a), of(activities.b)];
    const parts = [
      [a, driveOf(up.through, input, hidden, arrays.up.weights, x), arrays.up.biases],
      [b, driveOf(top.through, hidden, top.to, arrays.top.weights, shown), arrays.top.biases],
      [a, feedbackOf(top.through, hidden, top.to, { weights: down, pooling }, shown, above), null],
    ] as const;
    for (const [into, part, biases] of parts) {
      gap = Math.min(gap, part.gap);
      part.drive.forEach(
        (value, j) => (of(into)[j] += value + (biases === null ? 0 : biases[j % biases.length])),
      );
    }
  }
  return { a, b, gap };
}

/** [post, pre] to [pre, post]: dense feedback has weights of its own layout. */
const backwards = (weights: Float64Array, pre: number, post: number): Float64Array =>
  Float64Array.from(weights, (_, k) => weights[(k % post) * pre + Math.floor(k / post)]);

/**
 * Appendices B and C of O'Connor et al. 2019: why the gradient of a layer's own loss and that of later layers' losses
 * point the same way near the ideal parameters (Eq. 12), and why at random ones.
 */
import { expectGoing } from "../../errors";
import { alignment } from "../../learning/initialized";
import { normal, streamOf } from "../../random";
import type { Figure } from "../../plot/report-types";
import type { Bench, Finding, Found, Part, Quantity } from "../experiment";
import { atLeast, atMost, between } from "../rules";
import {
  CLIPPED,
  cosine,
  dot,
  LINEAR,
  nearIdeal,
  off,
  plus,
  saturated,
  TANH,
  TwoLayers,
  type Output,
  type Sizes,
  type Weights,
} from "./oconnor-two-layers";
import { foundIn } from "./trainings";

export interface AppendixSettings {
  /** Nets that are drawn. */
  readonly nets: number;
  /** Samples of each. */
  readonly samples: number;
}

/** The authors' test of Eq. 12: tanh, 20-15-10, weights moved by 1e-4. */
const WIDTHS = [20, 15, 10] as const;
/** Shares of the way from ideal weights to random ones; appendix B is of the first, appendix C of the last. */
const WAY = [1e-4, 1e-3, 1e-2, 0.1, 0.3, 1];
/** First weights as in Fig. 1, 1.6 N(0, 2/(in + out)). */
const SCALE = 1.6;
const NEAR = "appendix B, near the ideal parameters";
const START = "appendix C, at random parameters";

function drawn(bench: Bench, what: string, net: number, size: number, deviation = 1): Float64Array {
  const stream = streamOf(`two layers, ${what}`);
  return Float64Array.from({ length: size }, (_, i) => deviation * normal(bench.seed, stream, net, i));
}

function weightsOf(bench: Bench, what: string, net: number, { widths: [a, b, c] }: Sizes): Weights {
  const array = (name: string, from: number, to: number): Float64Array =>
    drawn(bench, `${what} ${name}`, net, from * to, SCALE * Math.sqrt(2 / (from + to)));
  return [array("first", a, b), array("second", b, c)];
}

/** Orthonormal rows, [rows, rows], of random ones (Gram and Schmidt, twice). */
function orthogonal(rows: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    const row = rows.subarray(i * n, (i + 1) * n);
    for (let turn = 0; turn < 2; turn++)
      for (let k = 0; k < i; k++) {
        const other = rows.subarray(k * n, (k + 1) * n);
        row.set(plus(row, other, -dot(row, other)));
      }
    const size = Math.sqrt(dot(row, row));
    row.set(row.map((x) => x / size));
  }
  return rows;
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const positive = (values: readonly number[]): number =>
  (100 * values.filter((x) => x > 0).length) / values.length;

/** Runs something for each net, with the layers that it is asked of. */
async function overNets(
  bench: Bench,
  outputs: readonly [Output, Output],
  of: Sizes,
  nets: number,
  look: (layers: TwoLayers, x: Float64Array, net: number) => Promise<void>,
): Promise<void> {
  const layers = new TwoLayers(outputs, of, bench.reference);
  try {
    for (let net = 0; net < nets; net++) {
      expectGoing(bench.stop);
      await look(layers, drawn(bench, "inputs", net, of.samples * of.widths[0]), net);
      bench.tell((net + 1) / nets, `net ${net + 1}`);
    }
  } finally {
    layers.dispose();
  }
}

async function nearFinding({ nets, samples }: AppendixSettings, bench: Bench): Promise<Finding> {
  const of: Sizes = { samples, widths: WIDTHS };
  const misses = WAY.map(() => 0);
  const cosines = WAY.map((): number[] => []);
  const wider: number[] = [];
  const first: number[] = [];
  await overNets(bench, [TANH, TANH], of, nets, async (layers, x, net) => {
    const ideal = weightsOf(bench, "ideal", net, of);
    const far = weightsOf(bench, "own", net, of);
    const { activities } = await layers.predict(ideal, x);
    for (const [k, share] of WAY.entries()) {
      const [a, b] = ideal.map((w, layer) => plus(far[layer], w, -1).map((d) => share * d));
      const own: Weights = [plus(ideal[0], a), plus(ideal[1], b)];
      const prediction = await layers.predict(own, x);
      const { local, distant } = layers.gradients(prediction, activities);
      const limit = nearIdeal(x, own, [a, b], [TANH, TANH], of);
      misses[k] = Math.max(misses[k], off(limit.local, local), off(plus(limit.g1, limit.g2), distant));
      cosines[k].push(alignment(layers.net.chip, prediction, activities).l1 ?? 0);
      wider.push(cosine(local, plus(local, distant)) - cosine(local, distant));
      if (k === 0) first.push(cosine(local, limit.g1));
    }
  });
  const straight: number[] = [];
  const square: Sizes = { samples, widths: [WIDTHS[0], WIDTHS[1], WIDTHS[1]] };
  await overNets(bench, [TANH, LINEAR], square, nets, async (layers, x, net) => {
    const [w1, second] = weightsOf(bench, "ideal", net, square);
    const w2 = orthogonal(second, WIDTHS[1]);
    const { activities } = await layers.predict([w1, w2], x);
    const moved = plus(w1, drawn(bench, "moved", net, w1.length), WAY[0]);
    const { local, distant } = layers.gradients(await layers.predict([moved, w2], x), activities);
    straight.push(cosine(local, distant));
  });
  return {
    values: {
      miss: misses[0],
      exponent: Math.log10(misses[1] / misses[0]) / Math.log10(WAY[1] / WAY[0]),
      orthogonal: Math.min(...straight),
      g1: mean(first),
      g1_positive: positive(first),
      near: mean(cosines[0]),
      near_positive: positive(cosines[0]),
      wider: Math.min(...wider),
    },
    curves: { way: WAY, alignment: cosines.map(mean), miss: misses },
    engine: bench.reference.info.name,
  };
}

async function startFinding({ nets, samples }: AppendixSettings, bench: Bench): Promise<Finding> {
  const of: Sizes = { samples, widths: WIDTHS };
  const [towards, nothing, terms, diagonals]: number[][] = [[], [], [], []];
  let miss = 0;
  await overNets(bench, [CLIPPED, CLIPPED], of, nets, async (layers, x, net) => {
    const { activities: targets } = await layers.predict(weightsOf(bench, "ideal", net, of), x);
    const own = weightsOf(bench, "own", net, of);
    const prediction = await layers.predict(own, x);
    const { chip } = layers.net;
    towards.push(alignment(chip, prediction, targets).l1 ?? 0);
    // Losses of targets that are all 0 have G_A and G_B as their gradients.
    const zeros = Object.entries(targets).map(([name, values]) => [name, values.map(() => 0)]);
    nothing.push(alignment(chip, prediction, Object.fromEntries(zeros)).l1 ?? 0);
    const { returned, rewritten, diagonal } = saturated(x, own, CLIPPED, of);
    miss = Math.max(miss, off(rewritten, returned));
    terms.push(cosine(prediction.activities.l1, returned));
    diagonals.push(diagonal);
  });
  return {
    values: {
      towards: mean(towards),
      towards_positive: positive(towards),
      nothing: mean(nothing),
      nothing_positive: positive(nothing),
      terms: mean(terms),
      diagonal: mean(diagonals),
      rewritten: miss,
    },
    engine: bench.reference.info.name,
  };
}

export const appendixParts = (settings: AppendixSettings): readonly Part[] => [
  { name: NEAR, weight: 1, run: (bench) => nearFinding(settings, bench) },
  { name: START, weight: 0.5, run: (bench) => startFinding(settings, bench) },
];

type Told = readonly [name: string, key: string, source: string, rule: Quantity["rule"], unit?: string];

const OF_NEAR: readonly Told[] = [
  ["Eq. 12 beside the gradients, relative error at 1e-4", "miss", "Eq. 12", atMost(1e-2, "to first order")],
  ["exponent with which that falls", "exponent", "Eq. 12", between(0.9, 1.1, "to first order")],
  [
    "cosine of the local gradient with the distant one, orthogonal w2 and a linear second layer, the least",
    "orthogonal",
    "section 2.4: perfectly aligned",
    atLeast(1 - 1e-9, "perfectly aligned"),
  ],
  [
    "cosine of the local gradient with G1, random w2",
    "g1",
    "section 2.4: tends to be positive",
    atLeast(0, "the diagonal is strong"),
  ],
  [
    "nets whose local gradient points along G1",
    "g1_positive",
    "section 2.4: tend to be",
    atLeast(90, "tend to be aligned"),
    "%",
  ],
  ["alignment at 1e-4 of the way", "near", "section 2.4: positive", atLeast(0, "positive")],
  [
    "nets with a positive alignment at 1e-4 of the way",
    "near_positive",
    "section 2.4: almost always",
    atLeast(90, "almost always"),
    "%",
  ],
  [
    "cosine of the local gradient with the global one less that with the distant one, the least",
    "wider",
    "section 2.4: at least as high",
    atLeast(-1e-12, "at least as high"),
  ],
];

const OF_START: readonly Told[] = [
  ["alignment of G_A with G_B", "nothing", "appendix C: tend to be aligned", atLeast(0, "aligned")],
  [
    "nets whose G_A points along G_B",
    "nothing_positive",
    "appendix C: tend to be aligned",
    atLeast(90, "tend to be aligned"),
    "%",
  ],
  ["cosine of the two terms that make them so", "terms", "appendix C: aligned", atLeast(0, "aligned")],
  [
    "diagonal of w2' w2'^T over the rest",
    "diagonal",
    "appendix C: a strong diagonal",
    atLeast(1, "a strong diagonal"),
  ],
  [
    "s1 w2' w2'^T beside what the second layer returns, relative error",
    "rewritten",
    "appendix C: can be rewritten",
    atMost(1e-12, "an identity"),
  ],
  ["alignment with the targets of another net", "towards", "appendix C: even then", atLeast(0, "even then")],
  [
    "nets with a positive alignment then",
    "towards_positive",
    "appendix C: even then",
    atLeast(90, "even then"),
    "%",
  ],
];

export const APPENDIX_QUANTITIES: readonly Quantity[] = (
  [
    [NEAR, OF_NEAR],
    [START, OF_START],
  ] as const
).flatMap(([part, told]) =>
  told.map(([name, key, source, rule, unit]) => ({
    name: `${part}: ${name}`,
    ...(unit !== undefined && { unit }),
    paper: null,
    source: `${source} (no number is printed)`,
    from: [part],
    of: ({ values }: Finding) => values[key],
    rule,
  })),
);

export function appendixFigure(found: Found): Figure {
  const { way = [], alignment: y = [] } = foundIn(found, NEAR)?.curves ?? {};
  return {
    kind: "curves",
    title: "Alignment on the way to the ideal parameters (appendix B at 1e-4, appendix C at 1)",
    caption:
      "Two layers of tanh, mean over nets whose weights lie so far from the ideal ones towards random ones.",
    xLabel: "log10 of the share of the way",
    yLabel: "cosine",
    series: [{ name: "local with distant", x: way.map((x) => Math.log10(Number(x))), y }],
  };
}

/**
 * Two sources of bias (Laborieux and Zenke 2023, Fig. 2): a nudge that is not small, which points on a circle
 * remove to the order of their number, and a Jacobian that is not symmetric, which no nudge removes. In the
 * two-hidden-layer network of the paper, before training, in float64.
 */
import { layered } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import { percent } from "../../display";
import type { Chip, Circuit } from "../../circuit/chip-types";
import type { ByPopulation } from "../../learning/drives";
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { continuousBlocks, holomorphic } from "../../learning/estimators";
import { perLayerCosine } from "../../learning/references/cosine";
import { exactAnswers, type ExactAnswers } from "../../learning/references/exact";
import type { Batch, Estimate } from "../../learning/types";
import type { Figure, Series } from "../../plot/report-types";
import { defineExperiment, type Bench, type Finding, type Found, type Quantity } from "../experiment";
import { atLeast, atMost, between, notJudged } from "../rules";

export interface BiasSettings {
  /** Units of a hidden layer. */
  readonly width: number;
  readonly samples: number;
  readonly amplitudes: readonly number[];
  /** Degrees between feedback and forward weights. */
  readonly angles: readonly number[];
  /** Samples whose cosines are spread out. */
  readonly spread: number;
}

const POINTS = [1, 2, 4, 6];
const CHIPS = { symmetric: 0, asymmetric: 90 } as const;
/** The free phase ends when it stands still, to rounding; a nudged one at this share of its shift. */
const STILL = { steps: 5000, tolerance: 1e-15 };
const NUDGED = { freeSteps: 5000, nudgedSteps: 5000, tolerance: 1e-10 };
/** An estimate that its own points tell to be off by more is said to be. */
const ALIASED = 0.1;
/** A round at which training would not look whether points are stable. */
const UNLOOKED = 5;
/** Of the continuous run: appendix D.3. */
const CONTINUOUS = { amplitude: 0.05, points: 4, stepsPerPoint: 60 };
const PERIODS = 5;
/** Relative errors from which slopes are read: above rounding, below where the next order counts. */
const [LEAST, MOST] = [1e-7, 1e-2];
/** An amplitude within the radius of convergence of every sample, and the larger one of Table 1. */
const [MODERATE, LARGE] = [0.1, 0.5];
/** Up to here a falling cosine is told from one that is about 0. */
const FALLING = 45;

const AMPLITUDES = [0.001, 0.003, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
const ANGLES = [0, 15, 30, 45, 60, 75, 90];
const BEFORE =
  "the network is as it was drawn (the paper does not say at which point of training its figure was taken)";

export const laborieuxBias = defineExperiment<BiasSettings>({
  name: "laborieux-bias",
  title: "What do a finite nudge and an asymmetric Jacobian do to the error vector?",
  paper: "Laborieux and Zenke 2023",
  figure: "Fig. 2a to 2f",
  data: { set: "fashion-mnist", generated: true, shape: [28, 28, 1] },
  engine: "reference",
  budgets: {
    quick: {
      settings: { width: 256, samples: 2, amplitudes: AMPLITUDES, angles: ANGLES, spread: 10 },
      seeds: 1,
      differs: [BEFORE, "two samples in the curves over the amplitude, ten in the spreads"],
    },
    paper: {
      settings: { width: 256, samples: 10, amplitudes: AMPLITUDES, angles: ANGLES, spread: 100 },
      seeds: 3,
      differs: [BEFORE],
    },
  },
  parts: (settings) => [
    ...Object.entries(CHIPS).map(([name, angle]) => ({
      name,
      weight: settings.samples * settings.amplitudes.length,
      run: (bench: Bench) => overAmplitudes(angle, settings, bench),
    })),
    { name: "angles", weight: settings.spread, run: (bench) => overAngles(settings, bench) },
    { name: "continuous", weight: 3 * settings.samples, run: (bench) => overTime(settings, bench) },
  ],
  quantities: (settings) => quantities(settings),
  figures: (found, settings) => figures(found, settings),
});

function chipOf(angle: number, { width }: BiasSettings, seed: number): Chip {
  return layered([784, width, width, 10], {
    neuron: shiftedSigmoid(),
    synapse: ideal(),
    feedback: { angle },
    initial: { distribution: "lecun" },
    cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
  }).fabricate({ seed });
}

const batchOf = (circuit: Circuit, size: number, { data, seed }: Bench): Batch => {
  const [batch] = labelledBatches(circuit, data.train, { size, shuffle: { seed, epoch: 0 } });
  return batch;
};

/** A chip at its free fixed point, with what estimates ought to find. */
async function withAnswers<T>(
  chip: Chip,
  samples: number,
  bench: Bench,
  use: (simulator: Simulator, batch: Batch, exact: ExactAnswers) => Promise<T>,
): Promise<T> {
  // The shortest way to the same points.
  const simulator = new Simulator(chip, bench.engine, { order: "alternate", acceleration: "anderson" });
  try {
    const batch = batchOf(chip.circuit, samples, bench);
    const { inputs, targets } = batch;
    const { states } = await simulator.phase({
      samples,
      inputs,
      ...STILL,
    });
    return await use(
      simulator,
      { ...batch, start: states },
      exactAnswers(chip, samples, inputs, states, targets, bench.stop),
    );
  } finally {
    simulator.dispose();
  }
}

/** Cosine with the true error, and distance from the exact derivative, by points and amplitude. */
function overAmplitudes(angle: number, settings: BiasSettings, bench: Bench): Promise<Finding> {
  const { samples, amplitudes } = settings;
  const chip = chipOf(angle, settings, bench.seed);
  return withAnswers(chip, samples, bench, async (simulator, batch, exact) => {
    const limit = cosineOf(exact.dActivity, exact, chip);
    const curves: Record<string, number[]> = {};
    let unsettled = 0;
    const cautions: string[] = [];
    for (const [k, points] of POINTS.entries()) {
      const [cosines, distances]: number[][] = [[], []];
      for (const [a, amplitude] of amplitudes.entries()) {
        const estimator = holomorphic({ amplitude, points, ...NUDGED });
        const estimate = await estimator.estimate(simulator, batch, { round: UNLOOKED, seed: bench.seed });
        cosines.push(cosineOf(estimate.dActivity, exact, chip));
        distances.push(distance(estimate.dActivity, exact.dActivity));
        const aliasing = estimate.aliasing ?? 0;
        if (aliasing > ALIASED)
          cautions.push(`aliasing ${percent(aliasing)} at |beta| = ${amplitude}, N = ${points}`);
        unsettled = Math.max(unsettled, unsettledIn(estimate, samples));
        bench.tell(
          (k + (a + 1) / amplitudes.length) / POINTS.length,
          `N = ${points}, amplitude ${amplitude}`,
        );
      }
      curves[`cosine N=${points}`] = cosines;
      curves[`distance N=${points}`] = distances;
    }
    const slopes = POINTS.map((points) => [
      `slope N=${points}`,
      slopeOf(amplitudes, curves[`distance N=${points}`]),
    ]);
    return { values: { limit, ...Object.fromEntries(slopes) }, curves, unsettled, cautions };
  });
}

const cosineOf = (estimate: ByPopulation, { delta }: ExactAnswers, { circuit }: Chip): number =>
  perLayerCosine(estimate, delta, circuit).total ?? Number.NaN;

/** Rows that did not stand still to rounding, by far: those that a larger share of their shift moves. */
function unsettledIn({ outcomes, nudges }: Estimate, samples: number): number {
  const nudged = outcomes[1];
  const lost = nudged.kind === "settled" || (nudged.relativeResidual ?? 0) < 1e-6 ? 0 : nudged.rows.length;
  return Math.min(1, lost / (samples * nudges.length));
}

function distance(a: ByPopulation, b: ByPopulation): number {
  let [between, length] = [0, 0];
  for (const [name, values] of Object.entries(b))
    values.forEach((x, i) => {
      between += (a[name][i] - x) ** 2;
      length += x ** 2;
    });
  return Math.sqrt(between / length);
}

/** Slope of a line through the points that tell it, both axes logarithmic; null where there are not two. */
export function slopeOf(x: readonly number[], y: readonly number[]): number | null {
  const points = x.flatMap((one, i) =>
    y[i] > LEAST && y[i] < MOST ? [[Math.log(one), Math.log(y[i])] as const] : [],
  );
  if (points.length < 2) return null;
  // The smallest amplitudes: there the leading order is all there is.
  const few = points.slice(0, 3);
  const mean = (k: 0 | 1): number => few.reduce((sum, point) => sum + point[k], 0) / few.length;
  const [mx, my] = [mean(0), mean(1)];
  return (
    few.reduce((sum, [px, py]) => sum + (px - mx) * (py - my), 0) /
    few.reduce((sum, [px]) => sum + (px - mx) ** 2, 0)
  );
}

/** Cosines of samples, layer by layer, at each angle: the exact derivative, so that the nudge has no part. */
async function overAngles(settings: BiasSettings, bench: Bench): Promise<Finding> {
  const { angles, spread } = settings;
  const curves: Record<string, number[]> = {};
  const values: Record<string, number> = {};
  for (const [k, angle] of angles.entries()) {
    const chip = chipOf(angle, settings, bench.seed);
    await withAnswers(chip, spread, bench, async (_, __, exact) => {
      for (const { name, size } of chip.circuit.populations) {
        if (exact.delta[name] === undefined) continue;
        const cosines = Array.from({ length: spread }, (___, s) => {
          const part = (of: ByPopulation): Float64Array => of[name].subarray(s * size, (s + 1) * size);
          return plainCosine(part(exact.dActivity), part(exact.delta));
        });
        curves[`${name} at ${angle}`] = cosines;
        values[`${name} at ${angle}`] = cosines.reduce((sum, x) => sum + x / spread, 0);
      }
    });
    bench.tell((k + 1) / angles.length, `${angle} degrees`);
  }
  return { values, curves };
}

function plainCosine(a: Float64Array, b: Float64Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    dot += x * b[i];
    aa += x * x;
    bb += b[i] * b[i];
  });
  return dot / Math.sqrt(aa * bb);
}

/** The nudge steps around the circle without a free phase: what period after period makes of both. */
function overTime(settings: BiasSettings, bench: Bench): Promise<Finding> {
  const chip = chipOf(CHIPS.asymmetric, settings, bench.seed);
  return withAnswers(chip, settings.samples, bench, async (_, settled, exact) => {
    const [free, derivative]: number[][] = [[], []];
    const batch = { ...settled, start: undefined };
    const simulator = new Simulator(chip, bench.engine); // its steps are the time that passes
    for (let periods = 1; periods <= PERIODS; periods++) {
      const found = await continuousBlocks({ ...CONTINUOUS, periods }).estimate(simulator, batch, {
        round: 0,
        seed: bench.seed,
      });
      const activities = Object.fromEntries(
        Object.keys(exact.delta).map((name) => [name, found.free.activities[name].re]),
      );
      const still = Object.fromEntries(
        Object.keys(exact.delta).map((name) => [name, exact.linearisation.activities[name]]),
      );
      free.push(distance(activities, still));
      derivative.push(distance(found.dActivity, exact.dActivity));
      bench.tell(periods / PERIODS, `${periods} of ${PERIODS} periods`);
    }
    simulator.dispose();
    return {
      values: { free: free[PERIODS - 1], derivative: derivative[PERIODS - 1] },
      curves: { free, derivative },
    };
  });
}

function quantities({ amplitudes, angles }: BiasSettings): Quantity[] {
  const image = (panel: string): Pick<Quantity, "paper" | "source"> => ({
    paper: null,
    source: `figure image (Fig. ${panel})`,
  });
  const at = (amplitude: number) => amplitudes.indexOf(amplitude);
  const curve = ({ curves }: Finding, name: string, k: number): number | null => curves?.[name]?.[k] ?? null;
  const falling = angles.filter((angle) => angle > 0 && angle <= FALLING);
  return [
    ...Object.keys(CHIPS).flatMap((chip): Quantity[] => {
      const panel = chip === "symmetric" ? "2a" : "2b";
      const cosine = (points: number, amplitude: number, rule: Quantity["rule"]): Quantity => ({
        name: `${chip}: cosine with the true error, |beta| = ${amplitude}, N = ${points}`,
        ...image(panel),
        from: [chip],
        of: (found) => curve(found, `cosine N=${points}`, at(amplitude)),
        rule,
      });
      return [
        ...POINTS.map((points): Quantity => ({
          name: `${chip}: exponent of the bias, N = ${points}`,
          paper: points,
          source: "appendix D.1: the leading term of the bias is beta^N / (N+1)!",
          from: [chip],
          of: ({ values }) => values[`slope N=${points}`],
          rule: between(0.9 * points, 1.1 * points),
        })),
        cosine(1, MODERATE, atMost(0.9999, "the finite nudge is seen")),
        cosine(
          6,
          MODERATE,
          chip === "symmetric"
            ? atLeast(0.9999, "no bias is left without asymmetry")
            : atMost(0.9, "what the asymmetry makes is left"),
        ),
        {
          name: `${chip}: N = 6 less the exact derivative, cosine, |beta| = ${MODERATE}`,
          ...image(panel),
          from: [chip],
          of: (found) => {
            const [six, limit] = [curve(found, "cosine N=6", at(MODERATE)), found.values.limit];
            return six === null || limit === null ? null : Math.abs(six - limit);
          },
          rule: atMost(1e-4, "many points are as good as no nudge at all"),
        },
        ...[1, 6].map((points) =>
          cosine(points, LARGE, notJudged("some samples are beyond their radius of convergence")),
        ),
      ];
    }),
    ...falling.map((angle): Quantity => ({
      name: `cosine in the first layer at ${angle} degrees, less that before`,
      ...image("2c, 2d"),
      from: ["angles"],
      of: ({ values }) => {
        const before = angles[angles.indexOf(angle) - 1];
        const [now, then] = [values[`l1 at ${angle}`], values[`l1 at ${before}`]];
        return now === null || then === null ? null : now - then;
      },
      rule: atMost(0, "alignment worsens with asymmetry"),
    })),
    {
      name: "angles at which a layer is no worse than the one above it",
      ...image("2c, 2d"),
      from: ["angles"],
      of: ({ values }) =>
        falling.filter((angle) => {
          const [l1, l2, output] = ["l1", "l2", "output"].map((layer) => values[`${layer} at ${angle}`] ?? 0);
          return !(l1 < l2 && l2 < output);
        }).length,
      rule: atMost(0, `alignment worsens with depth; angles up to ${FALLING} degrees`),
    },
    {
      name: `continuous: free fixed point after ${PERIODS} periods, relative error`,
      ...image("2e"),
      from: ["continuous"],
      of: ({ values }) => values.free,
      rule: atMost(0.02, "the mean over the circle is the free point"),
    },
    {
      name: `continuous: derivative after ${PERIODS} periods, relative error`,
      ...image("2f"),
      from: ["continuous"],
      of: ({ values }) => values.derivative,
      rule: atMost(0.1, "the derivative without a free phase"),
    },
  ];
}

function figures(found: Found, { amplitudes, angles }: BiasSettings): Figure[] {
  const byPoints = (chip: string, what: string): Series[] =>
    POINTS.map((points) => ({
      name: `N = ${points}`,
      x: amplitudes,
      y: found(chip)[0]?.curves?.[`${what} N=${points}`] ?? amplitudes.map(() => null),
    }));
  const panel = (chip: keyof typeof CHIPS, letter: string): Figure[] => [
    {
      kind: "curves",
      group: "The nudge (Fig. 2a, 2b)",
      title: `Fig. 2${letter}: cosine with the true error, ${chip}`,
      caption: `Feedback at ${CHIPS[chip]} degrees; mean over samples, all layers together.`,
      xLabel: "teaching amplitude",
      yLabel: "cosine",
      logX: true,
      series: byPoints(chip, "cosine"),
    },
    {
      kind: "curves",
      group: "The nudge (Fig. 2a, 2b)",
      title: `Distance from the exact derivative, ${chip}`,
      caption: "Slopes are the number of points: the bias is of order beta^N.",
      xLabel: "teaching amplitude",
      yLabel: "relative error",
      log: true,
      logX: true,
      series: byPoints(chip, "distance"),
    },
  ];
  return [
    ...panel("symmetric", "a"),
    ...panel("asymmetric", "b"),
    ...["l1", "l2"].map((layer): Figure => ({
      kind: "curves",
      group: "The asymmetry (Fig. 2c, 2d)",
      title: `Spread of the cosine in ${layer}`,
      caption: "A smoothed histogram over samples, by the angle of the feedback.",
      xLabel: "cosine with the true error",
      yLabel: "density",
      series: angles.slice(1).map((angle) => ({
        name: `${angle} degrees`,
        ...density((found("angles")[0]?.curves?.[`${layer} at ${angle}`] ?? []).filter((x) => x !== null)),
      })),
    })),
    {
      kind: "curves",
      group: "Continuous time (Fig. 2e, 2f)",
      title: "Without a free phase",
      caption: "Four nudges a period, the state carried over; relative errors of the means so far.",
      xLabel: "period",
      yLabel: "relative error",
      log: true,
      series: ["free", "derivative"].map((name) => ({
        name: name === "free" ? "free fixed point" : "derivative",
        x: Array.from({ length: PERIODS }, (_, k) => k + 1),
        y: found("continuous")[0]?.curves?.[name] ?? Array.from({ length: PERIODS }, () => null),
      })),
    },
  ];
}

/** Gaussians of a width that suits the spread, over -1 to 1. */
function density(values: readonly number[]): Pick<Series, "x" | "y"> {
  const n = values.length;
  const mean = values.reduce((sum, v) => sum + v / n, 0);
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 / n, 0));
  const width = Math.max(0.01, (1.06 * deviation) / n ** 0.2);
  const x = Array.from({ length: 201 }, (_, k) => -1 + k / 100);
  const y = x.map((at) =>
    values.reduce(
      (sum, v) => sum + Math.exp(-((at - v) ** 2) / (2 * width ** 2)) / (n * width * Math.sqrt(2 * Math.PI)),
      0,
    ),
  );
  return { x, y };
}

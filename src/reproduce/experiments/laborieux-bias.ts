/**
 * Two sources of bias (Laborieux and Zenke 2023, Fig. 2): a nudge that is not small, which points on a circle
 * remove to the order of their number, and a Jacobian that is not symmetric, which no nudge removes. In the
 * two-hidden-layer network of the paper, before training, in float64.
 */
import type { Figure, Series } from "../../plot/report-types";
import { defineExperiment, type Bench, type Finding, type Found, type Quantity } from "../experiment";
import { atLeast, atMost, between, notJudged } from "../rules";
import {
  CHIPS,
  overAmplitudes,
  overAngles,
  overTime,
  PERIODS,
  POINTS,
  type BiasSettings,
} from "./laborieux-bias-measures";

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

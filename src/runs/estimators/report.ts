/** The page of a comparison of estimators: who is off by how much, in which layer, and what a dial does to it. */
import type { Figure, Headline, Note, Report, Series, Table } from "../../plot/report-types";
import { short } from "../../display";
import type { ComparedEstimators, EstimatorComparison } from "./compare";
import type { EstimatorFigures, LayerFigures } from "./figures";

export interface ComparisonAbout {
  /** What was typed. */
  readonly command: string;
  readonly ohmlet: string;
  /** Data, in words. */
  readonly data: string;
}

export function estimatorsReport(comparison: EstimatorComparison, about: ComparisonAbout): Report {
  const [first] = comparison.settings;
  const able = first.estimators.filter(({ all }) => all !== null);
  const chips = able.filter(({ name }) => !isYardstick(name));
  const best = [...chips].sort((a, b) => wrong(a) - wrong(b)).at(0);
  const quickest = [...chips].sort((a, b) => a.steps - b.steps).at(0);
  const headline: Headline[] = [
    ...(best === undefined
      ? []
      : [
          {
            label: "least wrong",
            value: best.name,
            detail: `off by ${shareText(wrong(best))} of the true error`,
          },
        ]),
    ...(quickest === undefined
      ? []
      : [{ label: "fewest steps", value: quickest.name, detail: `${short(quickest.steps)} a sample` }]),
    { label: "of them can run here", value: `${able.length} of ${first.estimators.length}` },
  ];
  return {
    title: `All estimators on ${comparison.circuit}`,
    question: "How far is each estimator's error vector from the true one, and what does it cost?",
    summary:
      `${comparison.samples} samples of the test set on the same chip, as it is fabricated. The true error vector ` +
      "comes from the equations, without noise; bias is what averaging over many estimates leaves, spread what " +
      "one estimate has beside it, both as shares of the true one.",
    headline,
    facts: [
      ["chip", comparison.circuit],
      ...(comparison.readout === null ? [] : [["read through", comparison.readout] as const]),
      ["data", about.data],
      ["engine", comparison.engine],
      ["estimates of each", `1, or ${comparison.repeats} where something is drawn`],
      ["seed", String(comparison.seed)],
      ["version", `Ohmlet ${about.ohmlet}`],
    ],
    commands: [{ command: about.command, what: "The same again." }],
    figures: figures(comparison),
    tables: comparison.settings.map((setting, k) => ({ ...table(setting, comparison), last: k > 0 })),
    notes: notes(comparison),
  };
}

const isYardstick = (name: string): boolean => name === "exact derivative" || name === "bptt";

/** Of one estimate, bias and spread together. */
const wrong = ({ all }: EstimatorFigures): number =>
  all === null ? Infinity : Math.hypot(all.bias, all.spread);

const biasText = ({ bias, biasTold }: LayerFigures): string => `${biasTold ? "" : "< "}${shareText(bias)}`;

function shareText(value: number): string {
  if (value === 0) return "0 %";
  const percent = 100 * value;
  return percent > 999
    ? "> 999 %"
    : percent < 0.01
      ? `${percent.toExponential(0)} %`
      : `${Number(percent.toPrecision(2))} %`;
}

/** "asymmetry 10 %, noise 0 %", of dials that were set. */
export function dialsText({ asymmetry, noise }: Pick<ComparedEstimators, "asymmetry" | "noise">): string {
  const parts = [
    ...(asymmetry > 0 ? [`asymmetry ${shareText(asymmetry)}`] : []),
    ...(noise > 0 ? [`read noise ${shareText(noise)}`] : []),
  ];
  return parts.length === 0 ? "the chip as designed" : parts.join(", ");
}

function figures({ settings, layers }: EstimatorComparison): Figure[] {
  const [first] = settings;
  const able = first.estimators.filter(({ all }) => all !== null);
  const maps: Figure[] = (["bias", "spread"] as const).flatMap((of) =>
    of === "spread" && able.every(({ all }) => all?.spread === 0)
      ? []
      : [
          {
            kind: "heat map" as const,
            title: of === "bias" ? "Bias, layer by layer" : "Spread, layer by layer",
            caption: `Shares of the true error vector of each layer; ${dialsText(first)}.`,
            xLabel: "layer",
            yLabel: "estimator",
            x: layers,
            y: able.map(({ name }) => name),
            values: able.map((one) => layers.map((layer) => one.layers[layer]?.[of] ?? null)),
            best: { of: "column" as const, is: "smallest" as const },
            percent: true,
          },
        ],
  );
  return [...maps, ...dialCurves(settings, "asymmetry"), ...dialCurves(settings, "noise")];
}

/** As many as colours tell apart; the tables have all. */
const DRAWN = ["one-sided", "centred", "holomorphic, 6 points", "lock-in", "coupled", "exact derivative"];

/** Bias and spread together against one dial, the other at its first value. */
function dialCurves(settings: readonly ComparedEstimators[], dial: "asymmetry" | "noise"): Figure[] {
  const other = dial === "noise" ? "asymmetry" : "noise";
  const along = settings.filter((setting) => setting[other] === settings[0][other]);
  if (along.length < 2) return [];
  const x = along.map((setting) => setting[dial]);
  const drawn = settings[0].estimators.filter(({ name }) => DRAWN.includes(name));
  const series: Series[] = drawn.flatMap(({ name }): Series[] => {
    const y = along.map(({ estimators }) => {
      const all = estimators.find((one) => one.name === name)?.all ?? null;
      return all === null ? null : Math.hypot(all.bias, all.spread);
    });
    return y.every((value) => value === null) ? [] : [{ name, x, y }];
  });
  return [
    {
      kind: "curves",
      title: dial === "noise" ? "What read noise does" : "What asymmetry does",
      caption:
        "Bias and spread of one estimate together, as a share of the true error vector, all layers. " +
        "1 is as wrong as no estimate at all.",
      xLabel:
        dial === "noise" ? "read noise, of each weight" : "gain of each feedback synapse, standard deviation",
      yLabel: "off by",
      log: true,
      level: { y: 1, name: "nothing learned" },
      series,
    },
  ];
}

function table(setting: ComparedEstimators, { layers }: EstimatorComparison): Table {
  const timed = setting.estimators.some(({ chipSeconds }) => chipSeconds !== null);
  return {
    title: `Every estimator: ${dialsText(setting)}`,
    caption:
      "Bias and spread as shares of the true error vector, the cosine with it; steps of the chip for each sample" +
      `${timed ? ", its time," : ""} and processor time of an estimate here.`,
    columns: [
      "estimator",
      "bias",
      "spread",
      "cosine",
      ...layers.map((layer) => `${layer}: bias`),
      "steps",
      ...(timed ? ["chip time"] : []),
      "seconds",
      "unsettled",
      "radius",
    ],
    rows: setting.estimators.map((one) => row(one, layers, timed)),
  };
}

function row(one: EstimatorFigures, layers: readonly string[], timed: boolean): readonly string[] {
  const { name, all, steps, chipSeconds, seconds, unsettled, radius, refused } = one;
  if (all === null)
    return [name, refused?.code ?? "", ...Array.from({ length: layers.length + (timed ? 7 : 6) }, () => "")];
  return [
    name,
    biasText(all),
    shareText(all.spread),
    all.cosine === null ? "none" : all.cosine.toFixed(4),
    ...layers.map((layer) => biasText(one.layers[layer])),
    short(steps),
    ...(timed ? [chipSeconds === null ? "" : `${short(1e6 * chipSeconds)} us`] : []),
    seconds.toPrecision(2),
    unsettled === 0 ? "" : shareText(unsettled),
    radius === null ? "" : short(radius),
  ];
}

/** The same table for a terminal. */
export const tableLines = (
  setting: ComparedEstimators,
  comparison: EstimatorComparison,
): readonly string[][] => {
  const { columns, rows } = table(setting, comparison);
  return [[...columns], ...rows.map((cells) => [...cells])];
};

function notes({ settings }: EstimatorComparison): Note[] {
  const refused = new Map(
    settings.flatMap(({ estimators }) =>
      estimators.flatMap(({ name, refused: why }) => (why === undefined ? [] : [[name, why.text] as const])),
    ),
  );
  return [
    ...(settings.every(({ settled }) => settled)
      ? []
      : [
          {
            kind: "warning" as const,
            text: "The chip did not settle everywhere: there the true error vector is that of where it came to.",
          },
        ]),
    ...[...refused].map(([name, text]) => ({
      kind: "note" as const,
      text: `${name} cannot run here: ${text}`,
    })),
    {
      kind: "note",
      text:
        "What the exact derivative is off by is what asymmetry alone does: no nudge does better on average. Coupled " +
        "and clamped hold the output; bptt walks back through the last steps of the free phase.",
    },
  ];
}

/**
 * Curves over one knob: the other knobs' values side by side, or taken together, or as loose points where all
 * vary at once.
 */
import type { Figure, LineChart } from "../../../plot/report-types";
import type { PointSummary } from "../../../study";
import { pool, valuesOf, type View } from "./view";
import { familyOf, settingText, wantedText, wordsOf } from "./words";

/** Curves of one picture, and equal parts of a range into which points are sorted. */
const MOST_CURVES = 6;
const PARTS = 6;

/** A knob's values as x: numbers where they are numbers, else places with names. */
function axisOf(
  view: View,
  knob: string,
): Pick<LineChart, "xLabel" | "logX" | "xNames"> & {
  readonly x: readonly number[];
  readonly values: readonly unknown[];
} {
  const values = valuesOf(view, knob);
  const xLabel = view.knob(knob);
  if (!values.every((v) => typeof v === "number"))
    return { xLabel, values, x: values.map((_, k) => k), xNames: values.map(settingText) };
  return { xLabel, values, x: values, ...(isLog(view, knob, values) && { logX: true }) };
}

/** As the range says; a list of numbers by what it spans. */
function isLog({ study: { axes } }: View, knob: string, values: readonly number[]): boolean {
  const axis = axes.find((one) => one.knob === knob);
  return axis?.kind === "range"
    ? axis.scale === "log"
    : values[0] > 0 && values[values.length - 1] / values[0] >= 30;
}

const yieldWords = (view: View): { readonly yLabel: string; readonly caption: string } => ({
  yLabel: "yield",
  caption: `Share of chips with ${view.wanted}; with Wilson's 95 % interval.`,
});

/** @param name a measure, or "yield" */
export function curveOver(view: View, knob: string, name: string, many: boolean): Figure[] {
  if (name === "yield" && view.wanted === "") return [];
  const axis = axisOf(view, knob);
  if (axis.x.length < 2) return [];
  const groups = many
    ? groupsOf(view, knob)
    : [{ name: "", members: view.summary.points.filter(({ values }) => Object.hasOwn(values, knob)) }];
  if (groups.length > MOST_CURVES) return [];
  const series = groups.map((group) => seriesOf(group.name, group.members, view, knob, name, axis));
  const base =
    view.study.sampling.kind === "one-at-a-time"
      ? view.summary.points.find(({ values }) => Object.keys(values).length === 0)
      : undefined;
  const level = levelOf(view, name, base);
  const { values: _, x: __, ...shape } = axis;
  if (name === "yield")
    return [
      {
        kind: "curves",
        title: `Yield by ${shape.xLabel}`,
        ...shape,
        ...yieldWords(view),
        yRange: [0, 1],
        percent: true,
        ...level,
        series,
      },
    ];
  const words = wordsOf(name);
  const spread = groups.some(({ members }) =>
    members.some(({ measures }) => (measures[name]?.chips ?? 0) > 1),
  )
    ? " Median over chips, from the 5th to the 95th percentile."
    : "";
  return [
    {
      kind: "curves",
      title: `${capital(words.label)} by ${shape.xLabel}`,
      ...shape,
      caption: `${words.caption}${spread}`,
      yLabel: words.label,
      ...(words.percent === true && { yRange: [0, 1] as const, percent: true }),
      ...level,
      series,
    },
  ];
}

/** The bound of the spec, or else the run as it is, as a line. */
function levelOf(
  { study: { spec } }: View,
  name: string,
  base: PointSummary | undefined,
): Pick<LineChart, "level"> {
  const bound = spec.filter(({ measure }) => measure === name);
  if (bound.length === 1) return { level: { y: bound[0].bound, name: wantedText(bound) } };
  const y = name === "yield" ? base?.yield?.share : base?.measures[name]?.median;
  return y === undefined ? {} : { level: { y, name: "the run as it is" } };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Axis = ReturnType<typeof axisOf>;

function seriesOf(
  name: string,
  members: readonly PointSummary[],
  { study: { chips } }: View,
  knob: string,
  measure: string,
  { x, values }: Axis,
): LineChart["series"][number] {
  const found = values
    .map((value) => members.find((point) => point.values[knob] === value))
    .map((point) => {
      if (point === undefined) return undefined;
      if (measure === "yield")
        return point.yield && { mid: point.yield.share, low: point.yield.low, high: point.yield.high };
      const spread = point.measures[measure];
      return spread && { mid: spread.median, low: spread.q05, high: spread.q95 };
    });
  const band =
    chips > 1 || measure === "yield"
      ? { band: { low: found.map((f) => f?.low ?? null), high: found.map((f) => f?.high ?? null) } }
      : {};
  return { name, x, y: found.map((f) => f?.mid ?? null), ...band };
}

/** Points by the settings of the other knobs. */
function groupsOf(
  view: View,
  knob: string,
): { readonly name: string; readonly members: readonly PointSummary[] }[] {
  const groups = new Map<string, PointSummary[]>();
  for (const point of view.summary.points) {
    const name = Object.entries(point.values)
      .filter(([other]) => other !== knob)
      .map(([other, value]) => `${view.knob(other)} ${settingText(value)}`)
      .join(", ");
    groups.set(name, [...(groups.get(name) ?? []), point]);
  }
  return [...groups].map(([name, members]) => ({ name, members }));
}

/** Estimate against truth, layer by layer, all points of a value taken together. */
export function alignment(view: View, knob: string): Figure[] {
  const layers = view.measures.filter((name) => name !== "cosine" && familyOf(name) === "cosine");
  const axis = axisOf(view, knob);
  if (layers.length === 0 || axis.x.length < 2) return [];
  const { values, x, ...shape } = axis;
  const one = view.study.axes.length === 1;
  const series = layers.map((layer) => {
    const at = values.map((value) => view.summary.points.filter((point) => point.values[knob] === value));
    const spreads = at.map((points) => (one ? points[0]?.measures[layer] : undefined));
    const pooled = at.map((points) => pool(points, layer));
    const low = one
      ? spreads.map((s) => s?.q05 ?? null)
      : pooled.map(({ mean, least }) => (mean === undefined ? null : least));
    const high = one
      ? spreads.map((s) => s?.q95 ?? null)
      : pooled.map(({ mean, most }) => (mean === undefined ? null : most));
    return {
      name: layer.slice("cosine.".length),
      x,
      y: pooled.map(({ mean }) => mean ?? null),
      band: { low, high },
    };
  });
  const spread = one
    ? "from the 5th to the 95th percentile of chips"
    : "averaged over the other knobs, from the least to the most of them";
  return [
    {
      kind: "curves",
      title: `Alignment by layer over ${shape.xLabel}`,
      caption: `Mean cosine between the estimate and the true error vector of each layer, ${spread}.`,
      ...shape,
      yLabel: "cosine",
      series,
    },
  ];
}

/** The main measure and the yield over one knob, all settings of the others taken together. */
export function pooledCurves(view: View, knob: string): Figure[] {
  const {
    main,
    summary: { points },
  } = view;
  const { values, x, ...shape } = axisOf(view, knob);
  if (main === undefined || x.length < 2) return [];
  const at = values.map((value) =>
    pool(
      points.filter((point) => point.values[knob] === value),
      main,
    ),
  );
  const words = wordsOf(main);
  return [
    ...(view.wanted === ""
      ? []
      : [
          {
            kind: "curves" as const,
            title: `Yield by ${shape.xLabel}`,
            ...shape,
            ...yieldWords(view),
            caption:
              `Share of chips with ${view.wanted}, all settings of the other knobs together; with ` +
              "Wilson's 95 % interval.",
            yRange: [0, 1] as const,
            percent: true,
            series: [
              {
                name: "",
                x,
                y: at.map((p) => p.yield?.share ?? null),
                band: {
                  low: at.map((p) => p.yield?.low ?? null),
                  high: at.map((p) => p.yield?.high ?? null),
                },
              },
            ],
          },
        ]),
    {
      kind: "curves",
      title: `${capital(words.label)} by ${shape.xLabel}`,
      ...shape,
      caption:
        `${words.caption} Averaged over the other knobs; the band goes from the worst to the best of ` +
        "their settings.",
      yLabel: words.label,
      ...(words.percent === true && { yRange: [0, 1] as const, percent: true }),
      ...levelOf(view, main, undefined),
      series: [
        {
          name: "",
          x,
          y: at.map((p) => p.mean ?? null),
          band: {
            low: at.map((p) => (p.mean === undefined ? null : p.least)),
            high: at.map((p) => (p.mean === undefined ? null : p.most)),
          },
        },
      ],
    },
    ...alignment(view, knob),
  ];
}

/** Where all knobs vary at once: every point over one of them, and the yield in equal parts of its range. */
export function scatter(view: View, knob: string): Figure[] {
  const {
    main,
    summary: { points },
  } = view;
  const numbers = valuesOf(view, knob);
  if (main === undefined || numbers.length < 2) return [];
  if (!numbers.every((v) => typeof v === "number")) return pooledCurves(view, knob);
  const [low, high] = [numbers[0], numbers[numbers.length - 1]];
  const logX = isLog(view, knob, numbers);
  const shape = { xLabel: view.knob(knob), logX };
  const words = wordsOf(main);
  const at = points.flatMap((point) =>
    point.measures[main] === undefined
      ? []
      : [{ x: Number(point.values[knob]), y: point.measures[main].mean }],
  );
  const share = (x: number): number =>
    logX ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
  const place = (s: number): number => (logX ? low * (high / low) ** s : low + (high - low) * s);
  const parts = Array.from({ length: PARTS }, (_, k) => {
    const inside = points.filter(
      ({ values }) => Math.min(PARTS - 1, Math.floor(share(Number(values[knob])) * PARTS)) === k,
    );
    return { x: place((k + 0.5) / PARTS), pooled: pool(inside, main) };
  }).filter(({ pooled }) => pooled.yield !== undefined);
  return [
    ...(view.wanted === "" || parts.length < 2
      ? []
      : [
          {
            kind: "curves" as const,
            title: `Yield by ${shape.xLabel}`,
            ...shape,
            ...yieldWords(view),
            caption:
              `Share of chips with ${view.wanted} in equal parts of the range, the other knobs ` +
              "anywhere; with Wilson's 95 % interval.",
            yRange: [0, 1] as const,
            percent: true,
            series: [
              {
                name: "",
                x: parts.map(({ x }) => Number(x.toPrecision(4))),
                y: parts.map(({ pooled }) => pooled.yield?.share ?? null),
                band: {
                  low: parts.map(({ pooled }) => pooled.yield?.low ?? null),
                  high: parts.map(({ pooled }) => pooled.yield?.high ?? null),
                },
              },
            ],
          },
        ]),
    {
      kind: "curves",
      title: `${capital(words.label)} by ${shape.xLabel}`,
      caption: `${words.caption} A dot a point of the study: the mean over its chips, the other knobs anywhere.`,
      ...shape,
      yLabel: words.label,
      ...(words.percent === true && { yRange: [0, 1] as const, percent: true }),
      ...levelOf(view, main, undefined),
      series: [{ name: "", loose: true, x: at.map(({ x }) => x), y: at.map(({ y }) => y) }],
    },
  ];
}

/** The report of a study: what was asked and what came out on the first screen, then the pictures, then every point. */
import { formatValue, type HeatMap, type LineChart, type Report, type Table, type Tornado } from "../../plot";
import type { Comparison, KnobValue, PointSummary, Study, Summary } from "../../study";

/** Most rows of the table of points; all are in results.csv. */
const MOST_ROWS = 200;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const shown = (measure: string, value: number): string => (measure.endsWith("ccuracy") ? percent(value) : formatValue(value));

/** What a report says besides the numbers. All of it is the study's own: the same study gives the same page. */
export interface StudyAbout {
  readonly study: Study;
  readonly engine: string;
  readonly command: string;
}

export function studyReport({ study, engine, command }: StudyAbout, summary: Summary): Report {
  const knobs = study.axes.map(({ knob }) => knob);
  const measures = study.measures.flatMap((name) => namesOf(summary, name));
  const main = mainOf(study, measures);
  const wanted = study.spec.map(wantedText).join(" and ");
  const best = main === undefined ? null : bestOf(summary.points, main);
  const failures = failuresOf(summary);
  const failed = Object.values(failures).reduce((sum, n) => sum + n, 0);
  return {
    title: study.name,
    summary: [study.question, answer(summary, main, wanted, best)].filter((text) => text !== undefined).join(" "),
    headline: [
      { label: "chips measured", value: `${summary.trials - failed} of ${summary.trials}` },
      ...(best === null || main === undefined ? [] : [{ label: `best ${main}`, value: shown(main, best.measures[main].mean) }]),
      ...(wanted === "" || summary.points.length === 0 ? [] : [{ label: `highest yield, ${wanted}`, value: percent(Math.max(...summary.points.map((point) => point.yield?.share ?? 0))) }]),
    ],
    facts: [
      ["knobs", knobs.join(", ")],
      ["points", `${summary.points.length}, ${study.sampling.kind}`],
      ["chips at each point", `${study.chips}, ${study.paired ? "the same at every point" : "others at every point"}`],
      ["seed", String(study.seed)],
      ["engine", engine],
      ...Object.entries(failures).map(([code, count]) => [`failed with ${code}`, String(count)] as const),
    ],
    command,
    tables: main === undefined ? [] : [...sensitivityTable(summary, main), pointTable(summary, knobs, measures, wanted)],
    heatMaps: main === undefined ? [] : heatMaps(knobs, summary, main, wanted),
    charts: main === undefined ? [] : curves(knobs, summary, measures, wanted),
    tornados: main === undefined ? [] : tornados(summary, main),
    histograms: [], grids: [],
    notes: [
      ...(failed > 0 ? [{ kind: "warning" as const, text: `${failed} chips failed (${Object.keys(failures).join(", ")}). They count against the yield, and are in no mean.` }] : []),
      { kind: "note", text: "Bands go from the 5th to the 95th percentile of chips; intervals of a yield are Wilson's at 95 %." },
    ],
  };
}

/** A measure, or its parts: "cosine" may be there as one number and by layer. */
const namesOf = ({ points }: Summary, name: string): string[] =>
  [...new Set(points.flatMap(({ measures }) => Object.keys(measures)))].filter((found) => found === name || found.startsWith(`${name}.`));

/** The measure that the pictures are about: that of the spec, else the first. */
const mainOf = ({ spec }: Study, measures: readonly string[]): string | undefined => measures.find((name) => spec.some(({ measure }) => measure === name)) ?? measures[0];

const wantedText = ({ measure, sign, bound }: Comparison): string => `${measure} ${sign} ${bound}`;

function failuresOf({ points }: Summary): Record<string, number> {
  const all: Record<string, number> = Object.create(null);
  for (const { faults } of points) for (const [code, count] of Object.entries(faults)) all[code] = (all[code] ?? 0) + count;
  return all;
}

function answer({ points }: Summary, main: string | undefined, wanted: string, best: PointSummary | null): string {
  if (main === undefined || best === null) return "No chip gave a result.";
  const at = pointText(best);
  const reached = points.filter((point) => (point.yield?.share ?? 0) >= 0.95);
  return `Mean ${main} is best at ${at}: ${shown(main, best.measures[main].mean)}.${wanted === "" ? "" : ` At ${reached.length} of ${points.length} points at least 95 % of chips have ${wanted}.`}`;
}

/** Costs, residuals and steps are better small. */
const smallIsBetter = (measure: string): boolean => /^(loss|errorAngle|residual|settleSteps|aliasing)$/.test(measure);

function bestOf(points: readonly PointSummary[], measure: string): PointSummary | null {
  const known = points.filter((point) => point.measures[measure] !== undefined);
  const sign = smallIsBetter(measure) ? -1 : 1;
  return known.reduce<PointSummary | null>((best, point) => (best === null || sign * point.measures[measure].mean > sign * best.measures[measure].mean ? point : best), null);
}

const pointText = ({ values }: PointSummary): string => Object.entries(values).map(([knob, value]) => `${knob} ${value}`).join(", ");

function pointTable({ points }: Summary, knobs: readonly string[], measures: readonly string[], wanted: string): Table {
  return {
    last: true, title: "Every point", caption: `Means over chips ± standard deviation${points.length > MOST_ROWS ? `; the first ${MOST_ROWS} of ${points.length} points, all are in results.csv` : ""}.`,
    columns: [...knobs, "chips", ...(wanted === "" ? [] : ["yield"]), ...measures],
    rows: points.slice(0, MOST_ROWS).map((point) => [
      ...knobs.map((knob) => String(point.values[knob])), String(point.chips - Object.values(point.faults).reduce((sum, n) => sum + n, 0)),
      ...(wanted === "" ? [] : [point.yield === undefined ? "" : `${percent(point.yield.share)} (${percent(point.yield.low)} … ${percent(point.yield.high)})`]),
      ...measures.map((name) => (point.measures[name] === undefined ? "" : `${short(name, point.measures[name].mean)} ± ${short(name, point.measures[name].deviation)}`)),
    ]),
  };
}

const short = (measure: string, value: number): string => (measure.endsWith("ccuracy") ? percent(value) : formatValue(Number(value.toPrecision(2))));

function sensitivityTable({ sensitivity }: Summary, main: string): Table[] {
  const rows = sensitivity?.[main];
  if (rows === undefined) return [];
  return [{ title: `Which knob matters for ${main}?`, caption: "Sobol' indices: the share of the variance that a knob explains alone, and with all that it takes part in.", columns: ["knob", "first order", "total"], rows: rows.map(({ knob, first, total }) => [knob, first.toFixed(3), total.toFixed(3)]) }];
}

/** Values of a knob in their order: numbers by size. */
function valuesOf(points: readonly PointSummary[], knob: string): KnobValue[] {
  const all = [...new Set(points.map(({ values }) => values[knob]))];
  return all.every((v) => typeof v === "number") ? [...all].sort((a, b) => a - b) : all;
}

/** Of the two knobs with the most values; where there is a third, a map for each of its values. */
function heatMaps(all: readonly string[], { points }: Summary, main: string, wanted: string): HeatMap[] {
  if (all.length < 2 || all.length > 3) return [];
  const knobs = [...all].sort((a, b) => valuesOf(points, b).length - valuesOf(points, a).length);
  const [x, y, rest = [null]] = knobs.map((knob) => valuesOf(points, knob));
  if (x.length * y.length * rest.length !== points.length || x.length > 16 || rest.length > 6) return [];
  const labels = { xLabel: knobs[0], yLabel: knobs[1], x: x.map(String), y: y.map(String) };
  return rest.flatMap((third): HeatMap[] => {
    const at = (of: (point: PointSummary) => number | undefined) => y.map((b) => x.map((a) => {
      const found = points.find(({ values }) => values[knobs[0]] === a && values[knobs[1]] === b && (third === null || values[knobs[2]] === third));
      return found === undefined ? null : (of(found) ?? null);
    }));
    const where = third === null ? "" : `, ${knobs[2]} ${third}`;
    return [
      { title: `${main}${where}`, caption: "Mean over chips; the frame marks the best of each row.", ...labels, values: at((p) => p.measures[main]?.mean), best: { of: "row", is: smallIsBetter(main) ? "smallest" : "largest" } },
      ...(wanted === "" ? [] : [{ title: `Yield${where}`, caption: `Share of chips with ${wanted}.`, ...labels, values: at((p) => p.yield?.share) }]),
    ];
  });
}

/** Measures over each knob that has numbers, the other knobs' values side by side where they are few. */
function curves(knobs: readonly string[], { points }: Summary, measures: readonly string[], wanted: string): LineChart[] {
  return knobs.flatMap((knob) => {
    const x = valuesOf(points, knob).filter((v): v is number => typeof v === "number");
    if (x.length < 2 || x.length * (knobs.length === 1 ? 1 : 2) > points.length * 2) return [];
    const groups = groupsOf(points, knob);
    if (groups.length > 6) return [];
    const logX = x[0] > 0 && x[x.length - 1] / x[0] >= 30;
    const series = (of: (p: PointSummary) => { mid: number; low: number; high: number } | undefined) => groups.map(({ name, members }) => {
      const found = x.map((v) => members.find(({ values }) => values[knob] === v)).map((p) => (p === undefined ? undefined : of(p)));
      return { name, x, y: found.map((f) => f?.mid ?? null), band: { low: found.map((f) => f?.low ?? null), high: found.map((f) => f?.high ?? null) } };
    });
    const share = (name: string) => (name.endsWith("ccuracy") ? { yRange: [0, 1] as const } : {});
    return [
      ...(wanted === "" ? [] : [{ title: `Yield by ${knob}`, caption: `Share of chips with ${wanted}, with Wilson's 95 % interval.`, xLabel: knob, yLabel: "yield", yRange: [0, 1] as const, logX, series: series((p) => (p.yield === undefined ? undefined : { mid: p.yield.share, low: p.yield.low, high: p.yield.high })) }]),
      ...measures.map((name): LineChart => ({ title: `${name} by ${knob}`, caption: "Median over chips, band from the 5th to the 95th percentile.", xLabel: knob, yLabel: name, logX, ...share(name), series: series((p) => p.measures[name] && { mid: p.measures[name].median, low: p.measures[name].q05, high: p.measures[name].q95 }) })),
    ];
  });
}

function groupsOf(points: readonly PointSummary[], knob: string): { name: string; members: PointSummary[] }[] {
  const groups = new Map<string, PointSummary[]>();
  for (const summary of points) {
    const name = Object.entries(summary.values).filter(([other]) => other !== knob).map(([other, value]) => `${other} ${value}`).join(", ");
    groups.set(name, [...(groups.get(name) ?? []), summary]);
  }
  return [...groups].map(([name, members]) => ({ name, members }));
}

function tornados({ tornado }: Summary, main: string): Tornado[] {
  const swings = tornado?.[main];
  if (swings === undefined || swings.length === 0) return [];
  const bars = swings.map(({ knob, low, high }) => ({ name: knob, low: { setting: String(low.value), outcome: low.mean }, high: { setting: String(high.value), outcome: high.mean } }));
  return [{ title: `Which knob matters for ${main}?`, caption: `Mean ${main} where one knob goes to its first and its last value; the line is the run as it is.`, xLabel: main, base: swings[0].base, bars }];
}

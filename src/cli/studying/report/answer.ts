/** What came out, in words and in a few big figures: what somebody reads who has not seen the study. */
import type { Headline } from "../../../plot";
import type { PointSummary } from "../../../study";
import { failedOf, percent, pointText, settingText, shareText, spreadText, valueText, wordsOf } from "./words";
import { isGrid, moves, ranked, valuesOf, type Move, type View } from "./view";

export function answerOf(view: View): string {
  const { main, summary: { points } } = view;
  const order = ranked(view);
  if (main === undefined || order.length === 0) return "No chip gave a result.";
  const [best, worst] = [order[0], order[order.length - 1]];
  return [view.wanted === "" ? extremes(view, main, best, worst) : yields(view, main, best, worst), crossing(view), points.length > 1 ? whatMatters(view) : ""].filter((text) => text !== "").join(" ");
}

function yields({ wanted, knob, summary: { points } }: View, main: string, best: PointSummary, worst: PointSummary): string {
  const [high, low] = [best.yield, worst.yield];
  if (high === undefined || low === undefined) return "";
  if (high.passed === 0) return `No chip keeps ${wanted}${points.length > 1 ? ", at any point" : ""}${best.measures[main] === undefined ? "" : `; the best mean is ${valueText(main, best.measures[main].mean)}, at ${pointText(best.values, knob)}`}.`;
  const same = points.filter((point) => point.yield?.share === high.share).length - 1;
  const chips = `${percent(high.share)} of chips keep ${wanted} at ${pointText(best.values, knob)} (95 % interval ${(100 * high.low).toFixed(0)} to ${(100 * high.high).toFixed(0)} %)`;
  if (points.length === 1) return `${chips}.`;
  return `${chips}${same > 0 ? `, as many at ${same} of the other points` : ""}; fewest, ${percent(low.share)}, at ${pointText(worst.values, knob)}.`;
}

function extremes({ knob, summary: { points } }: View, main: string, best: PointSummary, worst: PointSummary): string {
  const { label, small } = wordsOf(main);
  const told = (point: PointSummary): string => (point.measures[main] === undefined ? "no chip has one" : valueText(main, point.measures[main].mean));
  const chips = best.measures[main]?.chips ?? 0;
  const first = `The mean ${label} is best, ${told(best)}${chips > 1 ? ` over ${chips} chips` : ""}, at ${pointText(best.values, knob)}`;
  return points.length === 1 ? `${first}.` : `${first}; ${small ? "largest" : "lowest"}, ${told(worst)}, at ${pointText(worst.values, knob)}.`;
}

/** Where the yield crosses one half, if it does so once, along a single knob with numbers. */
function crossing(view: View): string {
  const { study: { axes }, summary: { points }, wanted, knob } = view;
  if (axes.length !== 1 || wanted === "" || !isGrid(view)) return "";
  const [{ knob: name }] = axes;
  const values = valuesOf(view, name);
  if (!values.every((value) => typeof value === "number")) return "";
  const good = values.map((value) => (points.find((point) => point.values[name] === value)?.yield?.share ?? 0) >= 0.5);
  const changes = good.flatMap((now, k) => (k > 0 && now !== good[k - 1] ? [k] : []));
  if (changes.length !== 1) return "";
  const [k] = changes;
  return `It is at least half of the chips ${good[k] ? "from" : "up to"} ${knob(name)} ${settingText(good[k] ? values[k] : values[k - 1])} on.`.replace(/^(.*up to .*) on\.$/, "$1.");
}

function whatMatters(view: View): string {
  const { study: { axes }, summary: { sensitivity }, main, knob } = view;
  if (main === undefined || axes.length < 2) return "";
  const { label } = wordsOf(main);
  const indices = sensitivity?.[main];
  if (indices !== undefined) {
    const [first, last] = [indices[0], indices[indices.length - 1]];
    return `${knob(first.knob)} matters most for the ${label}: it takes part in ${share(first.total)} of its variance; ${knob(last.knob)} least, in ${share(last.total)}.`;
  }
  const all = moves(view);
  if (all.length < 2) return "";
  return `${knob(all[0].knob)} moves the ${label} most, ${moveText(main, all[0])}${isGrid(view) ? " on average over the other knobs" : ""}; ${knob(all[all.length - 1].knob)} least, ${moveText(main, all[all.length - 1])}.`;
}

const share = (index: number): string => `${(100 * Math.min(1, Math.max(0, index))).toFixed(0)} %`;

const moveText = (main: string, { from, to }: Move): string => `from ${valueText(main, from.mean)} (at ${settingText(from.value)}) to ${valueText(main, to.mean)} (at ${settingText(to.value)})`;

export function headlineOf(view: View, trained: boolean): Headline[] {
  const { study, summary, main, wanted, knob } = view;
  const failed = summary.points.reduce((sum, point) => sum + failedOf(point), 0);
  const order = ranked(view);
  const points = summary.points.length;
  const head: Headline = { label: trained ? "chips trained and measured" : "chips measured as fabricated", value: `${summary.trials - failed}`, detail: `${points} ${points === 1 ? "point" : "points"}, ${study.chips} ${study.chips === 1 ? "chip" : "chips"} each${failed > 0 ? `; ${failed} of ${summary.trials} failed` : ""}` };
  if (main === undefined || order.length === 0) return [head];
  const best = order[0];
  const spread = best.measures[main];
  const most = mattering(view);
  return [
    head,
    ...(best.yield === undefined ? [] : [{ label: `highest yield: ${wanted}`, value: percent(best.yield.share), detail: `${shareText(best.yield)} at ${pointText(best.values, knob)}` }]),
    ...(spread === undefined ? [] : [{ label: `mean ${wordsOf(main).label} ${best.yield === undefined ? "at the best point" : "there"}`, value: spreadText(main, spread), detail: best.yield === undefined ? pointText(best.values, knob) : `mean ± standard deviation over chips` }]),
    ...(most === null ? [] : [most]),
  ];
}

function mattering(view: View): Headline | null {
  const { study: { axes }, summary: { sensitivity }, main, knob } = view;
  if (main === undefined || axes.length < 2) return null;
  const label = "knob that matters most";
  const indices = sensitivity?.[main];
  if (indices !== undefined) return { label, value: knob(indices[0].knob), detail: `takes part in ${share(indices[0].total)} of the variance` };
  const [first] = moves(view);
  return first === undefined ? null : { label, value: knob(first.knob), detail: moveText(main, first) };
}

/** What a search for the weakest point found, in words. */
import { manyLines } from "../../printable";
import { pointText } from "./grid";
import type { Limit, Verdict } from "./seed-votes";
import type { Neighbour, WeakestPoint } from "./weakest-point";

/**
 * What a search found, in lines: the claim, the weakest point with its margins and neighbours, what it cost,
 * and how to see the point again.
 * @param replayWith what a user types to see the point again, for a point in words ("angle=71,mismatch=5");
 *   default: the call
 */
export function describeWeakest(result: WeakestPoint, replayWith?: (settings: string) => string): string {
  const { kind, claim, axes, verdict, limit, evaluations, seconds, tried, seeds } = result;
  const cost =
    `${tried.length} ${tried.length === 1 ? "point" : "points"}, ${evaluations} ` +
    `${evaluations === 1 ? "experiment" : "experiments"}, ${seconds.toFixed(1)} ` +
    `s${limit === null ? "" : `; ${stoppedText(limit)}`}`;
  const knobs = axes.map(({ knob, values }) => `${knob} from ${values[0]} to ${values.at(-1)}`).join(", ");
  const lines = [`claim          ${claim}`, `asked about    ${knobs}`];
  if (kind === "never") {
    lines.push(
      "weakest point  none: the claim holds at the ideal, with all knobs at their worst, and with " +
        "each knob alone at its worst",
      "               It may still fail in between. Give wider ranges, a sharper claim, or search at " +
        "random with a property.",
    );
  } else if (kind === "undecided") {
    lines.push(`weakest point  not known: no point that breaks the claim was found before the search ended`);
  } else if (verdict !== null) {
    const at = pointText(axes, verdict.cell);
    const settings = axes.map(({ knob }, a) => `${knob}=${axes[a].values[verdict.cell[a]]}`).join(",");
    const replay =
      replayWith?.(settings) ??
      `replay(claim, ranges, experiment, ${JSON.stringify(verdict.point)}, { seeds: ${seeds.length}, ` +
        `seed: ${seeds[0]} })`;
    if (kind === "always")
      lines.push(
        `weakest point  ${at}: the claim fails without any imperfection`,
        "               A weaker claim, a longer training or another design comes first.",
      );
    else lines.push(`weakest point  ${at}`, ...margins(result));
    lines.push(...votes(verdict));
    if (kind === "found") lines.push(...neighbours(result.neighbours), ...alone(result), localText(result));
    lines.push(`replay         ${replay}`);
  }
  return manyLines([...lines, `cost           ${cost}`]);
}

/** One point: what every seed says of it. */
export function verdictText(verdict: Verdict): string {
  const settings = Object.entries(verdict.point)
    .map(([knob, value]) => `${knob} = ${value}`)
    .join(", ");
  return manyLines([
    `point          ${settings}: ${verdict.holds ? "the claim holds" : "the claim fails"}`,
    ...votes(verdict),
  ]);
}

const votes = (verdict: Verdict): string[] => [
  `votes          ${votesText(verdict)}`,
  ...verdict.votes.map(
    (v) =>
      `               seed ${v.seed}: ${v.holds ? "holds" : "fails"}, ` +
      `${v.failure ?? measuresText(v.measures ?? {})}`,
  ),
];

const margins = ({ margins: all }: WeakestPoint): string[] =>
  all.map(
    ({ knob, failsAt, passesAt }, i) =>
      `${i === 0 ? "margin         " : "               "}${knob}: fails at ${failsAt}, ` +
      `${passesAt === null ? "not known to hold one step nearer to the ideal" : `passes at ${passesAt}`}`,
  );

/** Of one knob, the margin says it already. */
const alone = ({ alone: all }: WeakestPoint): string[] =>
  all.length === 1
    ? []
    : all.map(
        ({ knob, failsAt, passesAt }, i) =>
          `${i === 0 ? "alone          " : "               "}${knob}: ` +
          `${failsAt === null ? "" : `fails at ${failsAt}, `}holds at ${passesAt}`,
      );

function neighbours(all: readonly Neighbour[]): string[] {
  return all.map(
    ({ knob, value, direction, verdict }, i) =>
      `${i === 0 ? "neighbours     " : "               "}${knob} = ${value} (${direction}): ` +
      `${verdict === null ? "not tried" : `${verdict.holds ? "holds" : "fails"}, ${votesText(verdict)}`}`,
  );
}

const localText = ({ minimal }: WeakestPoint): string =>
  minimal
    ? "minimal        no single step towards the ideal breaks the claim. This is a local minimum: " +
      "another point may be smaller."
    : "minimal        not shown: the search ended before every step towards the ideal was tried";

const stoppedText = (limit: Limit): string =>
  limit === "interruption" ? "interrupted" : `stopped at the budget of ${limit}`;

/** Voting ends when it is decided, so there may be fewer votes than seeds. */
const votesText = ({ votes }: Verdict): string =>
  `${votes.filter((v) => !v.holds).length} of ${votes.length} ` +
  `${votes.length === 1 ? "seed" : "seeds"} against`;

const measuresText = (measures: Readonly<Record<string, number | null>>): string =>
  Object.entries(measures)
    .map(([name, value]) => `${name} ${value === null ? "none" : Number(value.toPrecision(6))}`)
    .join(", ");

/**
 * The page of a search for the weakest point: what breaks the claim, by how much, who voted, and the way
 * there.
 */
import type { Figure, Headline, LineChart, Report, Table } from "../../plot/report-types";
import { readComparison } from "../../study";
import type { Neighbour, Verdict, WeakestPoint } from "../../robustness/weakest";

/** What the page says besides the result. */
export interface WeakestAbout {
  readonly name: string;
  readonly question?: string;
  /** As the file has it: "accuracy" to ">= 0.85". */
  readonly claim: Readonly<Record<string, string>>;
  /** The whole search again, and one point of it: "angle=40". */
  readonly command: string;
  readonly replay: (settings: string) => string;
  readonly engine: string;
  readonly ohmlet: string;
  /** What a knob is, from the schema. */
  readonly about: (knob: string) => string | undefined;
}

/** Knobs and measures that get pictures of their own. */
const [MOST_KNOBS, MOST_MEASURES] = [4, 3];

export function weakestReport(result: WeakestPoint, about: WeakestAbout): Report {
  const { verdict, axes, seeds } = result;
  return {
    title: `Weakest point of ${about.name}`,
    question:
      about.question ??
      `How little of ${axes.map(({ knob }) => knob).join(", ")} breaks the claim ${result.claim}?`,
    summary: answer(result),
    headline: headline(result),
    facts: [
      ["claim", result.claim],
      [
        "asked about",
        axes
          .map(
            ({ knob, values }) =>
              `${knob} from ${values[0]} to ${values[values.length - 1]}, ${values.length} values`,
          )
          .join("; "),
      ],
      [
        "seeds that vote",
        seeds.length <= 10 ? seeds.join(", ") : `${seeds[0]} to ${seeds[seeds.length - 1]}`,
      ],
      ["cost", `${result.tried.length} points, ${result.evaluations} chips, ${result.seconds.toFixed(1)} s`],
      ["engine", about.engine],
      ["version", `Ohmlet ${about.ohmlet}`],
    ],
    commands: [
      ...(verdict === null
        ? []
        : [
            {
              command: about.replay(axes.map(({ knob }) => `${knob}=${verdict.point[knob]}`).join(",")),
              what: "This point again, with the same seeds: the same numbers, to the last digit.",
            },
          ]),
      { command: about.command, what: "The whole search." },
    ],
    figures: [...chips(result, about.claim), ...ways(result)],
    tables: [
      ...(verdict === null ? [] : [votes(verdict)]),
      ...neighbours(result.neighbours),
      knobs(result, about),
    ],
    notes: [
      ...(result.limit === null
        ? []
        : [
            {
              kind: "warning" as const,
              text:
                "The search ended before it was done " +
                `(${result.limit}).${result.kind === "found" ? " A smaller point may break the claim." : ""}`,
            },
          ]),
      {
        kind: "note",
        text:
          "A weakest point is a local minimum: no single step towards the ideal breaks the claim, but " +
          "another point may be smaller.",
      },
    ],
  };
}

const at = ({ point }: Verdict): string =>
  Object.entries(point)
    .map(([knob, value]) => `${knob} ${value}`)
    .join(", ");
const against = ({ votes: all }: Verdict): string =>
  `${all.filter(({ holds }) => !holds).length} of ${all.length} ` +
  `${all.length === 1 ? "seed" : "seeds"} against`;

function answer({ kind, claim, verdict, margins, minimal }: WeakestPoint): string {
  if (kind === "never")
    return (
      `The claim ${claim} holds at the ideal, with all knobs at their worst, and with each knob alone ` +
      "at its worst. It may still fail in between."
    );
  if (kind === "undecided" || verdict === null)
    return `No point that breaks the claim ${claim} was found before the search ended.`;
  if (kind === "always") return `The claim ${claim} fails without any imperfection (${against(verdict)}).`;
  const nearer = margins.flatMap(({ knob, passesAt }) => (passesAt === null ? [] : [`${knob} ${passesAt}`]));
  return (
    `The claim ${claim} breaks at ${at(verdict)} ` +
    `(${against(verdict)})${nearer.length === 0 ? "" : `, and still holds at ${nearer.join(", and at ")}`}. ` +
    `${minimal ? "No single step towards the ideal breaks it." : "Not every step towards the ideal was tried."}`
  );
}

function headline({ kind, verdict, margins, tried, evaluations }: WeakestPoint): Headline[] {
  const none = kind === "never" ? "none" : kind === "always" ? "the ideal" : "not known";
  return [
    ...(kind === "found"
      ? margins.slice(0, 2).map(({ knob, failsAt, passesAt }) => ({
          label: knob,
          value: `fails at ${failsAt}`,
          detail: passesAt === null ? "not known to hold one step nearer" : `holds at ${passesAt}`,
        }))
      : [{ label: "weakest point", value: none }]),
    ...(verdict === null
      ? []
      : [
          {
            label: "votes there",
            value: `${verdict.votes.filter(({ holds }) => !holds).length} of ${verdict.votes.length}`,
            detail: "seeds against the claim",
          },
        ]),
    { label: "points tried", value: String(tried.length), detail: `${evaluations} chips` },
  ];
}

/** What every chip came to over each knob, and the bound that it was held against. */
function chips({ tried, axes }: WeakestPoint, claim: WeakestAbout["claim"]): Figure[] {
  return Object.entries(claim)
    .slice(0, MOST_MEASURES)
    .flatMap(([measure, comparison]) =>
      axes.slice(0, MOST_KNOBS).flatMap(({ knob, values }): Figure[] => {
        const x = xOf(values);
        const series = [true, false].map((holds) => {
          const points = tried.flatMap((verdict) =>
            verdict.votes.flatMap((vote) => {
              const value = vote.measures?.[measure];
              return vote.holds === holds && typeof value === "number"
                ? [{ x: x.place(verdict.point[knob]), y: value }]
                : [];
            }),
          );
          return {
            name: holds ? "the claim holds" : "the claim fails",
            loose: true,
            x: points.map((point) => point.x),
            y: points.map((point) => point.y),
          };
        });
        if (series.every((one) => one.x.length === 0)) return [];
        const bound = readComparison(measure, comparison)?.bound;
        return [
          {
            kind: "curves",
            title: `${measure} over ${knob}`,
            caption:
              "A mark a chip: every seed at every point that was " +
              `tried${axes.length > 1 ? ", the other knobs anywhere" : ""}.`,
            xLabel: knob,
            yLabel: measure,
            ...x.shape,
            ...(measure === "accuracy" && { yRange: [0, 1] as const, percent: true }),
            ...(bound !== undefined && { level: { y: bound, name: `${measure} ${comparison}` } }),
            series,
          },
        ];
      }),
    );
}

/** Knob by knob, what was tried one after another. */
function ways({ tried, axes }: WeakestPoint): Figure[] {
  const x = tried.map((_, k) => k + 1);
  return axes.slice(0, MOST_KNOBS).map(({ knob, values }): Figure => {
    const { place, shape } = xOf(values);
    const only = (holds: boolean): (number | null)[] =>
      tried.map((verdict) => (verdict.holds === holds ? place(verdict.point[knob]) : null));
    return {
      kind: "curves",
      title: `The way of the search: ${knob}`,
      caption: "Point after point: the ideal and the worst, then halving, at last the neighbours.",
      xLabel: "point tried",
      yLabel: shape.xNames === undefined ? knob : `${knob}, counted from ${values[0]}`,
      series: [
        { name: "the claim holds", loose: true, x, y: only(true) },
        { name: "the claim fails", loose: true, x, y: only(false) },
      ],
    };
  });
}

function xOf(values: readonly (number | string)[]): {
  readonly shape: Pick<LineChart, "xNames">;
  readonly place: (value: number | string) => number;
} {
  if (values.every((value) => typeof value === "number")) return { shape: {}, place: Number };
  return { shape: { xNames: values.map(String) }, place: (value) => values.indexOf(value) };
}

const figure = (value: number | null): string =>
  value === null ? "none" : String(Number(value.toPrecision(6)));

function votes({ votes: all }: Verdict): Table {
  const names = [...new Set(all.flatMap(({ measures }) => Object.keys(measures ?? {})))];
  return {
    last: true,
    title: "Who voted",
    caption: "The chips of the weakest point, a seed each. The vote ends when it is decided.",
    columns: ["seed", "vote", ...names],
    rows: all.map(({ seed, holds, measures, failure }) => [
      String(seed),
      failure ?? (holds ? "holds" : "fails"),
      ...names.map((name) => (measures === null ? "" : figure(measures[name] ?? null))),
    ]),
  };
}

function neighbours(all: readonly Neighbour[]): Table[] {
  if (all.length === 0) return [];
  return [
    {
      last: true,
      title: "Neighbours",
      caption: "The points one step away, the other knobs as they are.",
      names: 2,
      columns: ["knob", "value", "direction", "claim", "votes"],
      rows: all.map(({ knob, value, direction, verdict }) => [
        knob,
        String(value),
        direction,
        verdict === null ? "not tried" : verdict.holds ? "holds" : "fails",
        verdict === null ? "" : against(verdict),
      ]),
    },
  ];
}

function knobs({ axes, alone }: WeakestPoint, { about }: WeakestAbout): Table {
  return {
    last: true,
    prose: true,
    title: "Each knob alone",
    caption: "All others ideal, as far as it was tried.",
    columns: ["knob", "fails at", "holds at", "what it is"],
    rows: axes.map(({ knob }, a) => [
      knob,
      String(alone[a]?.failsAt ?? "not found"),
      String(alone[a]?.passesAt ?? "not known"),
      about(knob) ?? "",
    ]),
  };
}

/**
 * The report of a study: what was asked and what came out on the first screen, then the pictures, then every
 * point.
 */
import type { Report } from "../../../plot/report-types";
import type { Study, Summary, Trial, TrialResult } from "../../../study";
import { warningsIn } from "../describe";
import { answerOf, headlineOf } from "./answer";
import { picturesOf } from "./pictures";
import { chipTable, knobTable, pointTable } from "./tables";
import { viewOf } from "./view";
import { wordsOf } from "./words";

/**
 * What a report says besides the summary. All of it is the study's own: the same study gives the same page.
 */
export interface StudyAbout {
  readonly study: Study;
  readonly trials: readonly Trial[];
  readonly results: ReadonlyMap<string, TrialResult>;
  readonly engine: string;
  readonly circuit: string;
  readonly ohmlet: string;
  /** Whether chips learnt before they were measured. */
  readonly train: boolean;
  /** Whether the user has to name a folder of data. */
  readonly data: boolean;
  /** "2 of 4", of a study that was shared out. */
  readonly shard?: string;
  /** What a knob is, from the schema. */
  readonly about: (knob: string) => string | undefined;
}

export function studyReport(
  { study, trials, results, engine, circuit, ohmlet, train, data, shard, about }: StudyAbout,
  summary: Summary,
): Report {
  const view = viewOf(study, summary, trials, results);
  const failures: Record<string, number> = Object.create(null);
  for (const { faults } of summary.points)
    for (const [code, count] of Object.entries(faults)) failures[code] = (failures[code] ?? 0) + count;
  const failed = Object.values(failures).reduce((sum, n) => sum + n, 0);
  const own = `ohmlet study study.yaml${data ? " --data FOLDER" : ""}`;
  const replay = (point: number, chip: number): string => `${own} --trial ${point}/${chip}`;
  const sampling =
    typeof study.sampling === "object" && "points" in study.sampling
      ? `${study.sampling.kind} of ${study.sampling.points}`
      : study.sampling.kind;
  return {
    title: `Study ${study.name}${shard === undefined ? "" : `, shard ${shard}`}`,
    question:
      study.question ??
      `How do ${[...new Set(study.measures)].map((name) => wordsOf(name).label).join(", ")} depend on ` +
        `${study.axes.map(({ knob }) => view.knob(knob)).join(", ")}?`,
    summary: answerOf(view),
    headline: headlineOf(view, train),
    facts: [
      ["circuit", circuit],
      ["points", `${summary.points.length}, ${sampling}`],
      [
        "chips at each point",
        `${study.chips}, ${study.paired ? "the same at every point" : "others at every point"}, ` +
          `${train ? "trained before they are measured" : "as they are fabricated"}`,
      ],
      [
        "seed",
        `${study.seed}; that of each chip follows from it, its point and its number, and stands in ` +
          "results.csv",
      ],
      ["engine", engine],
      ["version", `Ohmlet ${ohmlet}`],
      ...Object.entries(failures).map(
        ([code, count]) => [`failed with ${code}`, `${count} of ${summary.trials} chips`] as const,
      ),
    ],
    commands: [
      {
        command: `${own} --out again`,
        what: "The whole study, from study.yaml beside this page: every setting and seed is in it.",
      },
      ...(trials.length === 0
        ? []
        : [
            {
              command: replay(trials[0].point, trials[0].chip),
              what: "One chip alone, by the number of its point and its own; both stand in results.csv.",
            },
          ]),
    ],
    figures: picturesOf(view),
    tables: [...chipTable(view, replay), pointTable(view), knobTable(view, about)],
    notes: [
      ...(failed > 0
        ? [
            {
              kind: "warning" as const,
              text: `${failed} of ${summary.trials} chips failed (${Object.entries(failures)
                .map(([code, count]) => `${count} with ${code}`)
                .join(", ")}). They count against the yield, and are in no mean.`,
            },
          ]
        : []),
      ...warningsIn(summary).map((text) => ({ kind: "warning" as const, text })),
      ...(summary.trials < trials.length
        ? [
            {
              kind: "warning" as const,
              text: `The study is not done: ${summary.trials} of ${trials.length} trials are known.`,
            },
          ]
        : []),
    ],
  };
}

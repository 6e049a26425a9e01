/**
 * What an experiment of a paper is, as data: what is run (parts, each with the chance to be drawn anew by other
 * seeds), which quantities come of it, what the paper says of each, and by which rule the two agree. A file of
 * `experiments/` is one of these. Resuming, journals, lines and reports are written once, elsewhere.
 */
import type { Dataset } from "../data/dataset";
import type { RunConfig } from "../config";
import type { Engine } from "../engines/engine";
import type { Stop } from "../errors";
import type { Figure } from "../plot/report-types";
import type { OpenedRun } from "../runs";

/** How much is run: minutes, or what the paper ran as far as it is demanded. */
export type BudgetName = "quick" | "paper";

/** Settings of an experiment, how often it is drawn anew, and where it departs from the paper. */
export interface Budget<S> {
  readonly settings: S;
  /** Seeds that each part is run with; a part may have fewer. */
  readonly seeds: number;
  /** What differs from the paper, a sentence each. */
  readonly differs: readonly string[];
}

/** What a part found: numbers, and curves for the figures. */
export interface Finding {
  readonly values: Readonly<Record<string, number | null>>;
  readonly curves?: Readonly<Record<string, readonly (number | null)[]>>;
  /** What computed it, where that is not the experiment's engine. */
  readonly engine?: string;
  /** Share of nudged phases that were not settled, where that was looked at. */
  readonly unsettled?: number;
  /** Bias of the estimate, as a share of it, as far as its own points tell. */
  readonly aliasing?: number;
  /** What was odd, a code and a sentence each. */
  readonly cautions?: readonly string[];
}

/** What a part is given. */
export interface Bench {
  readonly seed: number;
  /** What computes. */
  readonly engine: Engine;
  /** The float64 reference, which judges. */
  readonly reference: Engine;
  /** Whose samples, whoever brought them. */
  readonly data: BenchData;
  /** Trains in a folder of its own, or goes on there. */
  train(name: string, config: RunConfig): Promise<Trained>;
  /** @param fraction of this part that is done */
  tell(fraction: number, text: string): void;
  readonly stop: Stop;
}

/** A training that came to its end, and how its phases end. */
export interface Trained {
  readonly run: OpenedRun;
  /** Share of nudged phases that do not settle in the steps that they have; null where there are none. */
  readonly unsettled: number | null;
  /** Data that it was trained on. */
  readonly data: BenchData;
}

export interface BenchData {
  readonly train: Dataset;
  readonly test: Dataset;
}

/** One thing that is run, and kept when it is done. */
export interface Part {
  /** Unique within the experiment. */
  readonly name: string;
  /** How long it takes beside the others, about. */
  readonly weight: number;
  /** Seeds that it is run with, where these are fewer than the budget's. */
  readonly seeds?: number;
  run(bench: Bench): Promise<Finding>;
}

/** What a quantity came to over the seeds, beside the paper's. */
export interface Judged {
  readonly ours: number;
  /** Standard deviation over the seeds; null of one. */
  readonly spread: number | null;
  readonly paper: number | null;
  readonly paperSpread: number | null;
}

/** When ours agrees with the paper's, as a sentence and as a test. Null: there is nothing to hold it against. */
export interface Rule {
  readonly says: string;
  agrees(judged: Judged): boolean | null;
}

/** A number that the experiment is about. */
export interface Quantity {
  readonly name: string;
  /** As "%". Default: none. */
  readonly unit?: string;
  /** The number that the paper prints, and its standard deviation. */
  readonly paper: number | null;
  readonly paperSpread?: number | null;
  /** Where it stands: "Table 1", "figure image" where no number is printed. */
  readonly source: string;
  /** Parts that it comes from. */
  readonly from: readonly string[];
  /** Of one seed: what the parts found, in the order of `from`. Null where it cannot be told. */
  of(...findings: readonly Finding[]): number | null;
  readonly rule: Rule;
}

/** Findings by part, of all seeds in order; what failed is left out. */
export type Found = (part: string) => readonly Finding[];

/** Which data an experiment is about. */
export interface NeedsData {
  /** As `ohmlet data fetch` calls it. */
  readonly set: "mnist" | "fashion-mnist" | "cifar-10";
  /** Whether generated digits may stand in where no folder is named. */
  readonly generated: boolean;
  /** [rows, columns, channels] that it must have. */
  readonly shape: readonly [number, number, number];
}

/** An experiment of a paper. `S` are the settings of its budgets. */
export interface Design<S> {
  readonly name: string;
  /** What it shows, as a sentence. */
  readonly title: string;
  readonly paper: string;
  /** Tables and figures of the paper. */
  readonly figure: string;
  readonly data: NeedsData;
  /** Unless another is asked for. */
  readonly engine: string;
  readonly budgets: Readonly<Record<BudgetName, Budget<S>>>;
  parts(settings: S): readonly Part[];
  quantities(settings: S, budget: BudgetName): readonly Quantity[];
  /** Pictures that a reader of the paper recognises. */
  figures?(found: Found, settings: S): readonly Figure[];
}

/** An experiment at a budget: its settings are put in. */
export interface Planned {
  readonly budget: Budget<unknown>;
  readonly parts: readonly Part[];
  readonly quantities: readonly Quantity[];
  figures(found: Found): readonly Figure[];
}

export interface Experiment extends Pick<
  Design<unknown>,
  "name" | "title" | "paper" | "figure" | "data" | "engine"
> {
  plan(budget: BudgetName): Planned;
}

/** Keeps the type of the settings for the design, and forgets it for the list of experiments. */
export function defineExperiment<S>(design: Design<S>): Experiment & {
  /** The same with other settings: short forms for tests. */
  planWith(budget: Budget<S>): Planned;
} {
  const { name, title, paper, figure, data, engine, budgets } = design;
  const at = (budget: Budget<S>, of: BudgetName): Planned => ({
    budget,
    parts: design.parts(budget.settings),
    quantities: design.quantities(budget.settings, of),
    figures: (found) => design.figures?.(found, budget.settings) ?? [],
  });
  return {
    name,
    title,
    paper,
    figure,
    data,
    engine,
    plan: (budget) => at(budgets[budget], budget),
    planWith: (budget) => at(budget, "quick"),
  };
}

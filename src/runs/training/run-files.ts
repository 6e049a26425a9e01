/**
 * The files that a run's folder gets while it is trained: epochs as they end, weights, run.json, the report.
 */
import { OhmletError } from "../../errors";
import { keepCheckpoint } from "../../io/checkpoint-files";
import type { RunFolder } from "../../io/run-folder";
import type { Checkpoint } from "../../learning/checkpoint/checkpoint";
import type { EpochReport } from "../../learning/train";
import type { RunEnergy } from "../ledger-record";
import type { RunOutcome } from "./record";
import type { RunAbout } from "./about";
import type { RunContext } from "./context";
import { curve, weightsOf } from "./curves";
import { FORWARD_WEIGHTS } from "./forward-weights";
import { buildReport, type ReportParts } from "./report";

export class RunFiles {
  readonly #began = Date.now();

  /** @param epochs those that are told of already; what comes is added */
  constructor(
    private readonly folder: RunFolder,
    private readonly context: RunContext,
    private readonly about: RunAbout,
    private readonly epochs: EpochReport[],
  ) {}

  /** An epoch that has ended. */
  epoch(report: EpochReport): void {
    const { folder, about, context } = this;
    this.epochs.push(report);
    folder.event({ type: "epoch", ...report });
    folder.row("curves.csv", curve(report));
    if (about.outputs.weights) {
      folder.bytes("weights.npz", weightsOf(context.chip));
      if (context.initialized !== undefined)
        folder.bytes(FORWARD_WEIGHTS, weightsOf(context.initialized.chip));
    }
  }

  checkpoint({ identity, position, arrays }: Checkpoint): void {
    keepCheckpoint(
      this.folder,
      { ohmlet: this.about.ohmlet, identity, position },
      Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, data: values }] as const),
    );
  }

  /** Writes run.json; @returns what it says */
  record(outcome: RunOutcome, error?: unknown, energy: RunEnergy | null = null): object {
    const last = this.epochs.at(-1);
    const run = {
      ...this.about,
      outcome,
      finished: new Date().toISOString(),
      seconds: (Date.now() - this.#began) / 1000,
      ...(error === undefined ? {} : { error }),
      result:
        last === undefined
          ? null
          : {
              ...resultOf(last, this.epochs.length),
              ...(energy && { energyJoules: energy.energyJoules }),
            },
      warnings: last?.warnings ?? [],
    };
    this.folder.json("run.json", run);
    return run;
  }

  /** What it failed with: run.json, the last event, and the report where there is something to report. */
  async failed(error: unknown): Promise<FailedReport | null> {
    const told = error instanceof OhmletError ? error.toJSON() : String(error);
    this.record("failed", told);
    this.folder.event({ type: "failed", error: told });
    const failure = typeof told === "string" ? told : told.fact;
    return this.page({ trained: false, outcome: "failed", failure, mistakes: null, energy: null }).then(
      (page) => (page === null ? null : { page }),
      (fault: unknown) => ({ fault: fault instanceof Error ? fault.message : String(fault) }),
    );
  }

  /** Whether the run wants a report, and there is something to report. */
  get reports(): boolean {
    return this.epochs.length > 0 && this.about.outputs.report;
  }

  /** Writes report.html, where one is wanted. @returns where it is */
  async page(
    parts: Pick<ReportParts, "trained" | "outcome" | "failure" | "mistakes" | "energy">,
  ): Promise<string | null> {
    if (!this.reports) return null;
    const { reportHtml } = await import("../../plot/report");
    const { run, chip, estimator, dt } = this.context;
    const report = buildReport({ run, chip, estimator, dt, about: this.about, ...parts }, this.epochs);
    this.folder.text("report.html", reportHtml(report));
    return `${this.folder.path}/report.html`;
  }
}

/** Of a run that failed: where its report is, or why there is none. */
export type FailedReport = { readonly page: string } | { readonly fault: string };

const resultOf = (last: EpochReport, epochs: number): object => ({
  epochs,
  testAccuracy: last.accuracy,
  trainAccuracy: last.trainAccuracy,
  testCost: last.cost,
  gradientCosine: last.gradientCosine,
  ...last.programming,
  ...(last.parameters !== undefined && { parameters: last.parameters }),
  learned: { place: last.learned.place, reason: last.learned.reason ?? null },
  crossings: last.crossings ?? null,
  ...(last.chipSeconds !== null && { chipSeconds: last.chipSeconds.training }),
  ...(last.stopped !== undefined && { stopped: last.stopped }),
});

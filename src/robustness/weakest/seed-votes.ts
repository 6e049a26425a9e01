/**
 * Who decides whether a point breaks a claim: several seeds, each an experiment of its own, that vote. The
 * vote ends when it is decided. The same seeds sit over every point, so that points differ by their
 * imperfections and not by luck. Every verdict is kept, and the budget is counted here.
 */
import { OhmletError, Stopped } from "../../errors";
import type { Measures } from "../../study";
import type { ReadClaim } from "./claim";
import { pointAt, type Axis, type Cell, type Point } from "./grid";

/**
 * Runs one trial: a chip of this seed with these imperfections. The same arguments must give the same
 * measures.
 */
export type Experiment = (point: Point, seed: number) => Measures | Promise<Measures>;

/** What a search may cost. */
export interface Budget {
  /** Most experiments: a point costs up to one for each seed. Default 200. */
  readonly evaluations?: number;
  /**
   * Longest time to go on starting experiments, in seconds. Default: no limit. A search that time ends is not
   * reproducible.
   */
  readonly seconds?: number;
  /** Stops after the experiment in progress. */
  readonly signal?: { readonly aborted: boolean };
}

/** What one seed said. */
export interface Vote {
  readonly seed: number;
  readonly holds: boolean;
  /** Null where the run failed (a chip that diverges breaks every claim); `failure` says how. */
  readonly measures: Measures | null;
  readonly failure?: string;
}

/** What became of a point. It breaks the claim where at least half of the seeds say so. */
export interface Verdict {
  readonly point: Point;
  /** Steps from the ideal, in the order of the ranges. */
  readonly cell: Cell;
  readonly holds: boolean;
  readonly votes: readonly Vote[];
}

/** What ends a search early. */
export type Limit = "evaluations" | "seconds" | "interruption";

/** Thrown within a search, never out of it. */
export class BudgetSpent extends Error {
  constructor(readonly limit: Limit) {
    super(`the search has come to its limit: ${limit}`);
  }
}

export class Jury {
  private readonly known = new Map<string, Verdict>();
  private readonly since = performance.now();
  /** Experiments run so far. */
  spent = 0;

  constructor(
    readonly axes: readonly Axis[],
    readonly claim: ReadClaim,
    private readonly experiment: Experiment,
    readonly seeds: readonly number[],
    private readonly budget: Budget = {},
    private readonly onVerdict?: (verdict: Verdict, spent: number) => void | Promise<void>,
  ) {}

  get seconds(): number {
    return (performance.now() - this.since) / 1000;
  }

  /** Every point that was decided, in order. */
  get verdicts(): readonly Verdict[] {
    return [...this.known.values()];
  }

  /** What is known of a cell, without asking anybody. */
  heard(cell: Cell): Verdict | undefined {
    return this.known.get(cell.join());
  }

  /**
   * @throws BudgetSpent; OhmletError WEAKEST-MEASURE and those of the experiment that are the user's fault
   */
  async decide(cell: Cell): Promise<Verdict> {
    const known = this.heard(cell);
    if (known !== undefined) return known;
    const point = pointAt(this.axes, cell);
    const votes: Vote[] = [];
    const against = (): number => votes.filter((v) => !v.holds).length;
    const enough = Math.ceil(this.seeds.length / 2);
    for (const seed of this.seeds) {
      if (against() >= enough || votes.length - against() > this.seeds.length - enough) break;
      this.expectBudget();
      this.spent++;
      votes.push(await this.vote(point, seed));
    }
    const verdict: Verdict = { point, cell, holds: against() < enough, votes };
    this.known.set(cell.join(), verdict);
    await this.onVerdict?.(verdict, this.spent);
    return verdict;
  }

  private expectBudget(): void {
    const { evaluations = Infinity, seconds = Infinity, signal } = this.budget;
    if (signal?.aborted === true) throw new BudgetSpent("interruption");
    if (this.spent >= evaluations) throw new BudgetSpent("evaluations");
    if (this.seconds >= seconds) throw new BudgetSpent("seconds");
  }

  private async vote(point: Point, seed: number): Promise<Vote> {
    let measures: Measures;
    try {
      measures = await this.experiment(point, seed);
    } catch (error) {
      // A run that fails is a result; wrong input is not.
      if (error instanceof OhmletError && error.category === "run")
        return { seed, holds: false, measures: null, failure: `${error.code}  ${error.fact}` };
      throw error instanceof Stopped ? new BudgetSpent("interruption") : error;
    }
    return { seed, holds: this.claim.holds(measures), measures };
  }
}

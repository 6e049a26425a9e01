/**
 * The way to a small point that breaks a claim: the ideal, the worst corner, each knob alone by bisection,
 * and from the best of these one knob after another back towards the ideal. What it ends on is a local
 * minimum: no single step towards the ideal breaks the claim. Where a claim fails, holds and fails again,
 * another minimum may be smaller.
 */
import { BudgetSpent, type Jury, type Limit } from "./seed-votes";
import { sizeOf, type Cell } from "./grid";

/** Where a search ended. `cell` breaks the claim; null where nothing did. */
export interface Found {
  readonly kind: "found" | "never" | "always" | "undecided";
  readonly cell: Cell | null;
  /** What ended the search before it was done. */
  readonly limit: Limit | null;
}

export async function search(jury: Jury): Promise<Found> {
  const walk = new Walk(jury);
  try {
    return { ...(await walk.run()), limit: null };
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return { kind: walk.best === null ? "undecided" : "found", cell: walk.best, limit: error.limit };
  }
}

class Walk {
  /** The smallest cell so far that breaks the claim. */
  best: Cell | null = null;

  constructor(private readonly jury: Jury) {}

  async run(): Promise<Omit<Found, "limit">> {
    const { axes } = this.jury;
    const ideal = axes.map(() => 0);
    if (await this.breaks(ideal)) return { kind: "always", cell: ideal };
    const corner = axes.map(({ steps }) => steps);
    const cornerBreaks = await this.breaks(corner);
    if (axes.length > 1) for (const a of axes.keys()) await this.alone(a);
    if (this.best === null && !cornerBreaks) return { kind: "never", cell: null };
    await this.shrink();
    return { kind: "found", cell: this.best };
  }

  /** One knob, all others ideal. A knob that cannot beat what is known is not followed further. */
  private async alone(a: number): Promise<void> {
    const { axes } = this.jury;
    const cell = (step: number): Cell => axes.map((_, i) => (i === a ? step : 0));
    const size = this.best === null ? Infinity : sizeOf(axes, this.best);
    const last = Math.min(axes[a].steps, Math.ceil(size * axes[a].steps) - 1);
    if (last < 1 || !(await this.breaks(cell(last)))) return;
    await this.bisect(cell(last), a, 0);
  }

  /** Knob by knob back towards the ideal, until no knob can go back by a step. */
  private async shrink(): Promise<void> {
    for (let moved = true; moved;) {
      moved = false;
      for (const a of this.jury.axes.keys()) {
        const cell = this.best as Cell;
        if (cell[a] === 0 || !(await this.breaks(set(cell, a, cell[a] - 1)))) continue;
        moved = true;
        if (!(await this.breaks(set(cell, a, 0)))) await this.bisect(set(cell, a, cell[a] - 1), a, 0);
      }
    }
  }

  /** Halves the way between a step at which the claim holds and that of a cell that breaks it. */
  private async bisect(from: Cell, a: number, holdsAt: number): Promise<void> {
    let [low, high] = [holdsAt, from[a]];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await this.breaks(set(from, a, middle))) high = middle;
      else low = middle;
    }
  }

  private async breaks(cell: Cell): Promise<boolean> {
    const { holds } = await this.jury.decide(cell);
    if (!holds && (this.best === null || sizeOf(this.jury.axes, cell) < sizeOf(this.jury.axes, this.best)))
      this.best = cell;
    return !holds;
  }
}

export const set = (cell: Cell, a: number, step: number): Cell =>
  cell.map((old, i) => (i === a ? step : old));

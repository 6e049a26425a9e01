/**
 * Sparse square systems whose pattern stays while their values change. The first factorisation chooses pivots by
 * Markowitz's rule (small rows and columns, none of them small beside its row); later ones follow it, as long as
 * its pivots stay sound. Not here: what the numbers mean.
 */

/** How small beside the largest of its row a pivot may be when it is chosen, */
const CHOSEN = 1e-3;
/** and how small it may become before others are chosen. */
const KEPT = 1e-9;
/** Below this share of what both its row and its column once were, a pivot is what rounding left of 0. */
const ZERO = 2e-15;
/** Entries with what elimination adds. */
const MOST_ENTRIES = 6_000_000;

/** Which rows and columns hold something: `slot` numbers an entry, the same for the same place. */
export class Pattern {
  readonly rows: number[] = [];
  readonly columns: number[] = [];
  private readonly slots = new Map<number, number>();

  constructor(readonly size: number) {}

  slot(row: number, column: number): number {
    const key = row * this.size + column;
    const known = this.slots.get(key);
    if (known !== undefined) return known;
    this.slots.set(key, this.rows.length);
    this.columns.push(column);
    return this.rows.push(row) - 1;
  }
}

/** What a factorisation comes to: solved, a column that nothing determines, or too large. */
export type Factored =
  | { readonly kind: "sound" }
  | { readonly kind: "singular"; readonly column: number }
  | { readonly kind: "too-large" };
const SOUND: Factored = { kind: "sound" };

interface Order {
  /** Row and column of the k-th pivot. */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Of each step, the steps in its row: those before it, in order, itself, those after it. */
  readonly starts: Int32Array;
  readonly diagonals: Int32Array;
  readonly steps: Int32Array;
  /** Of each entry of the pattern, the step of its column. */
  readonly columnStep: Int32Array;
}

export class SparseSystem {
  /** By slot: what the caller writes. */
  readonly values: Float64Array;
  private order: Order | null = null;
  private factors = new Float64Array(0);
  private readonly work: Float64Array;
  private readonly entriesOf: Int32Array[];
  /** Largest value of each row and of each column, before anything is eliminated. */
  private readonly rowScale: Float64Array;
  private readonly columnScale: Float64Array;

  constructor(readonly pattern: Pattern) {
    const { size, rows } = pattern;
    this.values = new Float64Array(rows.length);
    this.work = new Float64Array(size);
    this.rowScale = new Float64Array(size);
    this.columnScale = new Float64Array(size);
    const lists: number[][] = Array.from({ length: size }, () => []);
    rows.forEach((row, slot) => lists[row].push(slot));
    this.entriesOf = lists.map((list) => Int32Array.from(list));
  }

  /** Factors what `values` hold now. */
  factor(): Factored {
    this.measure();
    if (this.order !== null && this.eliminate(this.order, KEPT) < 0) return SOUND;
    const chosen = this.choose();
    if ("kind" in chosen) return chosen;
    this.order = chosen;
    this.factors = new Float64Array(chosen.steps.length);
    const failed = this.eliminate(chosen, 0);
    return failed < 0 ? SOUND : { kind: "singular", column: chosen.columns[failed] };
  }

  /** Solves for a right side, in place. */
  solve(b: Float64Array): void {
    const { rows, columns, starts, diagonals, steps } = this.order as Order;
    const { work, factors } = this;
    const n = rows.length;
    for (let k = 0; k < n; k++) {
      let sum = b[rows[k]];
      for (let i = starts[k]; i < diagonals[k]; i++) sum -= factors[i] * work[steps[i]];
      work[k] = sum;
    }
    for (let k = n - 1; k >= 0; k--) {
      let sum = work[k];
      for (let i = diagonals[k] + 1; i < starts[k + 1]; i++) sum -= factors[i] * work[steps[i]];
      work[k] = sum / factors[diagonals[k]];
    }
    for (let k = 0; k < n; k++) b[columns[k]] = work[k];
  }

  private measure(): void {
    const { values, rowScale, columnScale } = this;
    const { rows, columns } = this.pattern;
    rowScale.fill(0);
    columnScale.fill(0);
    for (let slot = 0; slot < values.length; slot++) {
      const size = Math.abs(values[slot]);
      if (size > rowScale[rows[slot]]) rowScale[rows[slot]] = size;
      if (size > columnScale[columns[slot]]) columnScale[columns[slot]] = size;
    }
  }

  private zero(row: number, column: number): number {
    return ZERO * Math.min(this.rowScale[row], this.columnScale[column]);
  }

  /** Row by row in the chosen order; the step whose pivot is not sound, or -1. */
  private eliminate({ rows, columns, starts, diagonals, steps, columnStep }: Order, least: number): number {
    const { work, factors, values, entriesOf } = this;
    const n = rows.length;
    for (let k = 0; k < n; k++) {
      for (let i = starts[k]; i < starts[k + 1]; i++) work[steps[i]] = 0;
      for (const slot of entriesOf[rows[k]]) work[columnStep[slot]] = values[slot];
      for (let i = starts[k]; i < diagonals[k]; i++) {
        const j = steps[i];
        const factor = work[j] / factors[diagonals[j]];
        factors[i] = factor;
        if (factor === 0) continue;
        for (let e = diagonals[j] + 1; e < starts[j + 1]; e++) work[steps[e]] -= factor * factors[e];
      }
      let largest = 0;
      for (let i = diagonals[k]; i < starts[k + 1]; i++) {
        factors[i] = work[steps[i]];
        largest = Math.max(largest, Math.abs(factors[i]));
      }
      const pivot = Math.abs(factors[diagonals[k]]);
      if (!(pivot > this.zero(rows[k], columns[k])) || !(pivot >= least * largest)) return k;
    }
    return -1;
  }

  /** Chooses pivots by the values as they are now. */
  private choose(): Order | Exclude<Factored, { kind: "sound" }> {
    const { size } = this.pattern;
    const { columns } = this.pattern;
    const table: Map<number, number>[] = this.entriesOf.map(
      (slots) => new Map(Array.from(slots, (slot): [number, number] => [columns[slot], this.values[slot]])),
    );
    const inColumn: Set<number>[] = Array.from({ length: size }, () => new Set());
    table.forEach((row, r) => {
      for (const column of row.keys()) inColumn[column].add(r);
    });
    const rowOrder = new Int32Array(size);
    const columnOrder = new Int32Array(size);
    const before: number[][] = Array.from({ length: size }, () => []);
    const after: number[][] = [];
    const waiting = new RowsBySize(table);
    let entries = 0;
    for (let k = 0; k < size; k++) {
      const found = this.pivot(waiting, table, inColumn);
      if (found === null) return { kind: "singular", column: firstLeft(columnOrder, k, size) };
      const [r, c] = found;
      const pivotRow = table[r];
      const pivot = pivotRow.get(c) as number;
      [rowOrder[k], columnOrder[k]] = [r, c];
      waiting.remove(r);
      for (const column of pivotRow.keys()) inColumn[column].delete(r);
      pivotRow.delete(c);
      after.push([...pivotRow.keys()]);
      entries += pivotRow.size + before[r].length + 1;
      for (const other of inColumn[c]) {
        const row = table[other];
        const factor = (row.get(c) as number) / pivot;
        row.delete(c);
        before[other].push(k);
        for (const [column, value] of pivotRow) {
          const old = row.get(column);
          if (old === undefined) inColumn[column].add(other);
          row.set(column, (old ?? 0) - factor * value);
        }
        entries += pivotRow.size;
        waiting.changed(other);
      }
      inColumn[c].clear();
      if (entries > MOST_ENTRIES * 20) return { kind: "too-large" };
    }
    return orderOf(this.pattern, rowOrder, columnOrder, before, after);
  }

  private pivot(
    waiting: RowsBySize,
    table: readonly Map<number, number>[],
    inColumn: readonly Set<number>[],
  ): readonly [number, number] | null {
    let best: readonly [number, number] | null = null;
    let cost = Infinity;
    let looked = 0;
    for (const r of waiting.smallestFirst()) {
      const row = table[r];
      if ((row.size - 1) ** 2 >= cost && looked > 0) break;
      let largest = 0;
      for (const value of row.values()) largest = Math.max(largest, Math.abs(value));
      for (const [column, value] of row) {
        if (!(Math.abs(value) >= CHOSEN * largest && Math.abs(value) > this.zero(r, column))) continue;
        const fill = (row.size - 1) * (inColumn[column].size - 1);
        if (fill < cost) [best, cost] = [[r, column], fill];
      }
      if (cost === 0 || ++looked >= 4) break;
    }
    return best;
  }
}

const firstLeft = (columns: Int32Array, count: number, size: number): number => {
  const taken = new Set(columns.subarray(0, count));
  for (let c = 0; c < size; c++) if (!taken.has(c)) return c;
  return 0;
};

/** Rows that wait, by how many entries they have. */
class RowsBySize {
  private readonly buckets: Set<number>[] = [];
  private readonly sizes: number[];

  constructor(private readonly table: readonly Map<number, number>[]) {
    this.sizes = table.map((row) => row.size);
    this.sizes.forEach((size, r) => this.bucket(size).add(r));
  }

  private bucket(size: number): Set<number> {
    while (this.buckets.length <= size) this.buckets.push(new Set());
    return this.buckets[size];
  }

  remove(r: number): void {
    this.buckets[this.sizes[r]].delete(r);
  }

  changed(r: number): void {
    this.remove(r);
    this.sizes[r] = this.table[r].size;
    this.bucket(this.sizes[r]).add(r);
  }

  *smallestFirst(): Generator<number> {
    for (const bucket of this.buckets) yield* bucket;
  }
}

function orderOf(
  pattern: Pattern,
  rows: Int32Array,
  columns: Int32Array,
  before: number[][],
  after: number[][],
): Order {
  const { size } = pattern;
  const stepOfColumn = new Int32Array(size);
  columns.forEach((c, k) => (stepOfColumn[c] = k));
  const starts = new Int32Array(size + 1);
  const diagonals = new Int32Array(size);
  const steps: number[] = [];
  for (let k = 0; k < size; k++) {
    starts[k] = steps.length;
    for (const j of before[rows[k]]) steps.push(j);
    diagonals[k] = steps.push(k) - 1;
    for (const column of after[k]) steps.push(stepOfColumn[column]);
  }
  starts[size] = steps.length;
  return {
    rows,
    columns,
    starts,
    diagonals,
    steps: Int32Array.from(steps),
    columnStep: Int32Array.from(pattern.columns, (c) => stepOfColumn[c]),
  };
}

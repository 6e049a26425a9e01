/** What is asked for while things run together: it waits, and comes all at once. */
import { toldBy, type Cell, type Value } from "./graph";

interface Waiting {
  readonly value: Value;
  readonly resolve: (host: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

export class Scope {
  private readonly waiting: Waiting[] = [];
  /** Weights of all that wrote some, and those that were written. */
  private readonly cells = new Set<Cell>();
  private readonly written = new Set<Cell>();
  /** What those held that learned, before they did. */
  private readonly before = new Map<Cell, Value>();

  wants(value: Value): Promise<Float32Array> {
    const promise = new Promise<Float32Array>((resolve, reject) =>
      this.waiting.push({ value, resolve, reject }),
    );
    // Whoever asked may not wait yet when it fails.
    promise.catch(() => undefined);
    return promise;
  }

  /** @param learns whether by what rows show @param beside all weights of who writes */
  writes(cell: Cell, learns: boolean, beside: readonly Cell[]): void {
    this.written.add(cell);
    for (const other of beside) this.cells.add(other);
    if (learns && !this.before.has(cell)) this.before.set(cell, cell.value);
  }

  /** All that the host needs: what was asked for, and weights that other weights do not tell. */
  get wanted(): Value[] {
    const now = new Set([...this.written].map(({ value }) => value));
    for (const told of toldBy(this.cells, now)) now.delete(told);
    return [...this.waiting.map(({ value }) => value), ...now];
  }

  arrived(): void {
    for (const { value, resolve } of this.waiting) resolve(value.host as Float32Array);
  }

  fail(error: unknown): void {
    this.undo();
    for (const { reject } of this.waiting) reject(error);
  }

  /** Puts back what weights were. */
  undo(): void {
    for (const [cell, value] of this.before) cell.value = value;
  }
}

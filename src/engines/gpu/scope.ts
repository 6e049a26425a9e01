/** What is asked for while things run together: it waits, and comes all at once. */
import type { Cell, Value } from "./graph";

interface Waiting {
  readonly value: Value;
  readonly resolve: (host: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

export class Scope {
  private readonly waiting: Waiting[] = [];
  /** Weights that were written. */
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

  /** @param learns whether by what rows show */
  writes(cell: Cell, learns: boolean): void {
    this.written.add(cell);
    if (learns && !this.before.has(cell)) this.before.set(cell, cell.value);
  }

  /** All that the host needs: what was asked for, and weights that other weights do not tell. */
  get wanted(): Value[] {
    const now = new Set([...this.written].map(({ value }) => value));
    const told = (value: Value): boolean =>
      value.node !== null &&
      value.node.plain &&
      value.node.inputs.every((input) => now.has(input) || told(input));
    return [
      ...this.waiting.map(({ value }) => value),
      ...[...now].filter((value) => value.node !== null && !told(value)),
    ];
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

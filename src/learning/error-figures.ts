/**
 * How far estimates were found to be off, over the batches of an epoch that were looked at: the median of
 * each share. Few batches are; an epoch without any has the figures of the one before.
 */
import { median } from "../quantile";
import { unfit, type SavedArrays } from "./checkpoint/arrays";
import type { ErrorShares, EstimateError } from "./estimate-error";

const SHARES = ["settling", "noise", "nudge", "reach"] as const satisfies readonly (keyof ErrorShares)[];

export class ErrorFigures {
  private before: EstimateError | null = null;
  private looks: EstimateError[] = [];

  /** @param layers names of the unclamped populations */
  constructor(private readonly layers: readonly string[]) {}

  add(error: EstimateError): void {
    this.looks.push(error);
  }

  /** Null before the first look. */
  get current(): EstimateError | null {
    if (this.looks.length === 0) return this.before;
    const middle = (layer: string, share: keyof ErrorShares): number =>
      median(this.looks.map((error) => error[layer][share]));
    return Object.fromEntries(
      this.layers.map((layer) => [
        layer,
        {
          settling: middle(layer, "settling"),
          noise: middle(layer, "noise"),
          nudge: middle(layer, "nudge"),
          reach: middle(layer, "reach"),
        },
      ]),
    );
  }

  /** Begins another epoch. */
  nextEpoch(): void {
    [this.before, this.looks] = [this.current, []];
  }

  /** [1 + looks, layers, 4]: first the epoch before, NaN where there was none. */
  save(): SavedArrays[string] {
    const rows = [this.before, ...this.looks].map((error) =>
      this.layers.flatMap((layer) => SHARES.map((share) => error?.[layer][share] ?? Number.NaN)),
    );
    return {
      shape: [rows.length, this.layers.length, SHARES.length],
      values: Float64Array.from(rows.flat()),
    };
  }

  /** Checks what `save` gave, and returns what puts it back. @throws OhmletError CHECKPOINT-ARRAYS */
  prepare(saved: SavedArrays[string] | undefined): () => void {
    const width = this.layers.length * SHARES.length;
    const rows = (saved?.values.length ?? 0) / width;
    if (
      saved === undefined ||
      !Number.isInteger(rows) ||
      rows < 1 ||
      saved.values.some((v, i) => v < 0 || (Number.isNaN(v) && i >= width))
    )
      return unfit("errors", "no errors of estimates");
    const row = (at: number): EstimateError =>
      Object.fromEntries(
        this.layers.map((layer, l) => {
          const [settling, noise, nudge, reach] = saved.values.subarray(at * width + l * SHARES.length);
          return [layer, { settling, noise, nudge, reach }];
        }),
      );
    const before = Number.isNaN(saved.values[0]) ? null : row(0);
    const looks = Array.from({ length: rows - 1 }, (_, k) => row(1 + k));
    return () => void ([this.before, this.looks] = [before, looks]);
  }

  /** Values that `save` gives at most. */
  static mostValues(layers: number, looks: number): number {
    return (1 + looks) * layers * SHARES.length;
  }
}

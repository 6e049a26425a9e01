/** Where the free phase of a batch starts, and who is told where it ended. */
import type { Planes } from "../dynamics/types";
import type { Batch } from "./types";

/** States and activities of all unclamped populations, [samples, size]. */
export interface FreeEnd {
  readonly states: Planes;
  readonly activities: Planes;
}

/** Decides where free phases start, and is told where they ended. */
export interface FreeStart {
  /** The batch with the states that its free phase starts from, and whatever else it takes. */
  begin(batch: Batch): Batch | Promise<Batch>;
  /**
   * Told where it ended, once the chip has learned from it.
   * @param begun what `begin` gave; @param factor on learning rates, from a schedule
   * @param nudged what units show where the nudged phase ended, where there was one
   */
  end(begun: Batch, free: FreeEnd, factor: number, nudged?: () => FreeEnd | null): void;
}

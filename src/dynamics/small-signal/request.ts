/** What small signals are asked for with. */
import { check, optionsOf } from "../../options";
import type { Planes } from "../types";

/** About which point, of one sample. */
export interface SmallSignalRequest {
  /** Clamped data, [input size]. */
  readonly inputs: ArrayLike<number>;
  /** Where the nudge pulls the output, [outputs or classes]. Default: nowhere, and there is no response to it. */
  readonly targets?: ArrayLike<number>;
  /** States near the fixed point, as a phase left them; Newton's method goes on from there. */
  readonly from: Planes;
}

export const readSmallSignal = optionsOf<SmallSignalRequest>("smallSignal", {
  needs: { inputs: check.numbers, from: check.anything },
  takes: { targets: check.numbers },
});

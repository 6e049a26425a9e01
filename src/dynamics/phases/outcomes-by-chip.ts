/** From how the rows of a program ended to how a phase did, of one chip or of several. */
import type { Advanced } from "./advance";
import { most as longest } from "./advance";
import { swapBlocks } from "../lowering/arrays";
import { asOutcome } from "../describe";
import { outcomeOf, rowsOf, type Ending } from "./outcome";
import type { Complex, Outcome, OutcomeKind, PhaseRequest, Planes } from "../types";

/** What is known of the rows of a phase that has run. */
export interface Ended {
  readonly advanced: Advanced;
  /** Steps before which a row is not settled. */
  readonly least: Int32Array;
  /** For each row, 1 where its tolerance is relative to how far the nudge moves it. */
  readonly relative?: Uint8Array | undefined;
  /** Rows that settled where plain steps lead away. */
  readonly unstable?: readonly number[];
  readonly steady?: string;
  /** For each row, 1 where an output is no finite number, where outputs were read. */
  readonly endless?: Uint8Array;
  /** Where conductances load nodes: see Outcome. */
  readonly kirchhoff?: Float64Array;
  readonly contraction?: Float64Array;
}

/** How each row of the program ended, and the phase. */
export function endingOf(
  { tolerance, steps: most }: Pick<PhaseRequest, "tolerance" | "steps">,
  {
    least,
    relative,
    unstable = [],
    steady,
    endless,
    kirchhoff,
    contraction,
    advanced: { residuals, steps, stepsOf, judgedEvery, shifts: all, distances },
  }: Ended,
  rounding: Ending["rounding"],
): Ending {
  const shifts = all?.map((shift, row) => (relative?.[row] === 1 ? shift : Number.NaN));
  const limitOf = (row: number, limit: number): number =>
    shifts === undefined || Number.isNaN(shifts[row]) ? limit : limit * Math.min(1, shifts[row]);
  return {
    residuals,
    steps,
    most,
    least,
    rounding,
    unstable: marked(residuals.length, unstable),
    ...(steady !== undefined && { steady }),
    ...(endless !== undefined && { endless }),
    ...(kirchhoff !== undefined && { kirchhoff }),
    ...(contraction !== undefined && { contraction }),
    ...(tolerance !== undefined && {
      limits: residuals.map((_, row) => limitOf(row, tolerance)),
    }),
    ...(stepsOf !== undefined && { stepsOf }),
    ...(shifts !== undefined && { shifts }),
    ...(judgedEvery !== undefined && { judgedEvery }),
    ...(distances !== undefined && { distances }),
  };
}

function marked(length: number, rows: readonly number[]): Uint8Array {
  const marks = new Uint8Array(length);
  for (const row of rows) marks[row] = 1;
  return marks;
}

/**
 * @param floors noise floor of each chip, SI
 * @param ends how each row ended, in the order of the request, where that is known already
 */
export function outcomeOfChips(
  ending: Ending,
  floors: readonly (number | null)[],
  nudges: number,
  ends?: readonly OutcomeKind[],
): Outcome {
  const chips = floors.length;
  const withFloor = (end: Ending, own: number | null, known?: readonly OutcomeKind[]): Outcome =>
    outcomeOf(own === null ? end : { ...end, noiseFloor: own }, known);
  if (chips === 1) return withFloor(ending, floors[0], ends);
  // Rows of a program are [chips, nudges, samples].
  const byChip = floors.map((floor, c) => {
    const own = rowsOf(
      ending,
      (values) =>
        values.subarray((c * values.length) / chips, ((c + 1) * values.length) / chips) as typeof values,
    );
    return asOutcome(
      withFloor({ ...own, steps: own.stepsOf === undefined ? own.steps : longest(own.stepsOf) }, floor),
    );
  });
  const highest = floors.reduce(
    (largest, own) => (own === null || (largest !== null && largest > own) ? largest : own),
    null,
  );
  return { ...withFloor(inOrder(ending, chips, nudges), highest, ends), byChip };
}

/** From the rows of a program, [chips, nudges, samples], to those of a request, [nudges, chips, samples]. */
export function inOrder(ending: Ending, chips: number, nudges: number): Ending {
  return rowsOf(ending, (values) => swapBlocks(values, chips, nudges));
}

/** 1 for each row of the program that a nudge moves. */
export function nudgedRows(samples: number, nudges: readonly Complex[], chips: number): Uint8Array {
  const moves = nudges.map(({ re, im }) => (re !== 0 || im !== 0 ? 1 : 0));
  return swapBlocks(
    Uint8Array.from({ length: samples * nudges.length }, (_, row) => moves[Math.floor(row / samples)]),
    nudges.length,
    chips,
  );
}

/** 1 for each row that is no finite number somewhere in the planes. */
export function endlessRows(planes: Planes, rows: number): Uint8Array {
  const endless = new Uint8Array(rows);
  for (const { re, im } of Object.values(planes)) {
    for (const values of im === undefined ? [re] : [re, im]) {
      const size = values.length / rows;
      for (let i = 0; i < values.length; i++)
        if (!Number.isFinite(values[i])) endless[Math.floor(i / size)] = 1;
    }
  }
  return endless;
}

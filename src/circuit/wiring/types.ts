/** What a wiring is, and what it knows of the populations that it joins. */
import type { Connections } from "../../program/connections";
import type { Pooling, Through } from "../types";

/** Devices of an array by place, and the ways through them. */
export interface Wiring {
  readonly kind: Through["kind"];
  /** Shape of the array without its line of biases. */
  readonly array: { readonly pre: number; readonly post: number };
  /**
   * The ways through the array: one, or where a window is pooled, one for each place in it. In the direction of
   * the forward projection.
   */
  readonly members: readonly Connections[];
  /** How the places of a window are made one; null where nothing is pooled. */
  readonly pool: Pooling["kind"] | null;
  /** From the line of biases to the postsynaptic units; null where each has its own. */
  readonly biases: Connections | null;
  /** Inputs of a unit, and outputs, as first weights count them. */
  readonly fan: { readonly in: number; readonly out: number };
  /** Whether it is read from its postsynaptic to its presynaptic end: feedback. */
  readonly backwards: boolean;
}

export interface End {
  readonly name: string;
  readonly size: number;
  /** Rows, columns, channels; absent where a population has none. */
  readonly shape?: readonly [number, number, number];
}

/** Throws, with the place of the projection. */
export type Fail = (code: string, fact: string, remedy: string) => never;

/** Ways through an array that a table may hold: 120 MB. */
const MOST_BLOCKS = 10_000_000;

export function expectRoom(blocks: number, fail: Fail): void {
  if (blocks > MOST_BLOCKS)
    fail(
      "CIRCUIT-SIZE",
      `it has ${blocks} places at which devices are used, more than the ${MOST_BLOCKS} that fit`,
      "make the populations, the kernel or the density smaller",
    );
}

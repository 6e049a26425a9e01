/** What wirings know of the populations that they join. */
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

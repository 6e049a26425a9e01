/** How wide vectors, panels and rows are, and how tall tiles. */

export const FLOAT = 4;
/** Units in a panel. */
export const PANEL = 8;
/** float32 values in a vector, and its bytes. */
export const LANES = 4;
export const VECTOR = LANES * FLOAT;

export const panelsOf = (width: number): number => Math.ceil(width / PANEL);
/** float32 values from a row to the next. */
export const strideOf = (width: number): number => panelsOf(width) * PANEL;

/**
 * Rows of a tile. It has eight sums, which keep both adders busy: four rows of one panel, two of two, one of four.
 * Fused, a sum waits four cycles for the one before it, and two begin in each: eight are too few where anything is
 * late. Six rows have twelve, which fill the registers of x86-64 with the weights and one input at a time.
 */
export const TALL = 4;
export const TALLEST = 6;

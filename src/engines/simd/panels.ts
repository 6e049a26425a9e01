/** How wide vectors, panels and rows are. */

export const FLOAT = 4;
/** Units in a panel. */
export const PANEL = 8;
/** float32 values in a vector, and its bytes. */
export const LANES = 4;
export const VECTOR = LANES * FLOAT;

export const panelsOf = (width: number): number => Math.ceil(width / PANEL);
/** float32 values from a row to the next. */
export const strideOf = (width: number): number => panelsOf(width) * PANEL;

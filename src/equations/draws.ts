/** Random draws that equations name: `xi`, `xi_NAME` are normal, `eta`, `eta_NAME` uniform between 0 and 1. */

const DRAW = /^(?:xi|eta)(?:_\w+)?$/;

/** Whether a name is one of a draw, where nothing else is called so. */
export const isDraw = (name: string): boolean => DRAW.test(name);
/** Whether a draw is normal; else it is uniform. */
export const isNormal = (draw: string): boolean => draw.startsWith("xi");

/** Random draws that equations name: `xi`, `xi_NAME` are normal, `eta`, `eta_NAME` uniform between 0 and 1. */
import { add, call, multiply, type Expression } from "./expression";

const DRAW = /^(?:xi|eta)(?:_\w+)?$/;

/** Whether a name is one of a draw, where nothing else is called so. */
export const isDraw = (name: string): boolean => DRAW.test(name);
/** Whether a draw is normal; else it is uniform. */
export const isNormal = (draw: string): boolean => draw.startsWith("xi");

/** The amplitude of independent normal draws together: the root of their summed squares; null of none. */
export function togetherOf(amplitudes: readonly Expression[]): Expression | null {
  if (amplitudes.length <= 1) return amplitudes[0] ?? null;
  return call(
    "sqrt",
    amplitudes.map((e) => multiply(e, e)).reduce((x, y) => add(x, y)),
  );
}

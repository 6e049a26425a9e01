/** Random points of ranges: every knob shrinks to its ideal, which is its first value. */
import type { Arbitrary } from "fast-check";
import { axesOf, cellOf, pointAt, type Point, type Ranges } from "../weakest/grid";
import { fc } from "./fast-check";

/**
 * Random settings of the knobs of some ranges; each shrinks towards its first value, the ideal.
 * @throws OhmletError WEAKEST-RANGE
 */
export function points(ranges: Ranges): Arbitrary<Point> {
  const axes = axesOf(ranges);
  // Read back, too, so that a point of the user's (an example that failed before) is shrunk like a random
  // one.
  return fc.tuple(...axes.map(({ steps }) => fc.nat(steps))).map(
    (cell) => pointAt(axes, cell),
    (point) => [...cellOf(axes, point as Point)],
  );
}

/**
 * What is left of a unit's way, as a step: u moves to where its drive, if that were held, would hold the
 * unit, f/|df/du| away. How fast a unit leaks is asked where it is: a diode at rest says nothing of one that
 * conducts. So a step moves u by a residual.
 */
import { add, call, multiply, negate, symbolsOf } from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { ownRate } from "./exponential-euler";
import { bounded, moves, scaled, u, type LocalField, type Solver } from "./solver";

/** A leak that is slower than so many of the circuit's time constants counts as this slow. */
const SLOWEST = 1e3;

/** Whether how fast a unit leaks depends on where it is, or on what drives it. */
export const leaksByState = (field: LocalField): boolean =>
  field.kind === "continuous" && [...symbolsOf(ownRate(field))].some(moves);

/** @param pace the time constant of leaks that are the same everywhere, internal units */
export const remaining = (pace: number): Solver => ({
  name: "remaining",
  kind: "continuous",
  stochastic: true,
  times: [0],
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => {
      if (!leaksByState(field)) return bounded(add(u, scaled(pace, field.rate)), field);
      // (1 - e^-x)/x tends to 1/x; where nothing leaks it is 1. The root of the square is the size, and takes
      // complex values.
      const rate = ownRate(field);
      const most = SLOWEST * pace;
      const time = scaled(most, call("exprel", negate(scaled(most, call("sqrt", multiply(rate, rate))))));
      return bounded(add(u, multiply(simplify(time), field.rate)), field);
    });
  },
});

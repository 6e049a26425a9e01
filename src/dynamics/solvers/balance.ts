/**
 * Balance: every unit goes to where its drive, held, would hold it: its own equation is solved by a few steps of
 * Newton's method, unrolled, with its symbolic slope. With populations that move in turn this is block coordinate
 * descent on the co-content of a resistive network (Millar 1951), whose every block is convex. It keeps no time: a
 * step is a sweep, and dt is without effect. What is left is judged by `remaining`, not by how far a sweep moves.
 *
 * A step of Newton's method that a steep curve throws far is cut to a few units of the state, so that an exponential
 * is come down from rather than looked up at infinity. Where conductances load a node, no source takes it beyond a
 * bound that the host knows (reach.ts): a state that mixing threw farther comes back to it first.
 */
import { differentiate } from "../../equations/differentiate";
import {
  children,
  clip,
  divide,
  fold,
  number,
  rebuild,
  subtract,
  symbol,
  type Expression,
} from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { bounded, REACH, u, type LocalField, type Solver } from "./solver";

/** Steps of Newton's method in a sweep. */
const UNROLLED = 2;
/** Longest of them, in what a unit of drive changes the state by. */
const LONGEST = 4;

export const balance: Solver = {
  name: "balance",
  kind: "continuous",
  stochastic: false,
  times: [0],
  sweeps: true,
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => newton(field, UNROLLED));
  },
};

/** Where steps of Newton's method take a unit whose drive is held. */
export function newton(field: LocalField, steps: number): Expression {
  const { rate } = field;
  const slope = simplify(differentiate(rate, "u"));
  const way = clip(divide(rate, slope), number(-LONGEST), number(LONGEST));
  const [lowest, highest] = REACH.map(symbol);
  const held = (e: Expression): Expression =>
    bounded(field.reaches === true ? clip(e, lowest, highest) : e, field);
  let at = field.reaches === true ? held(u) : u;
  for (let k = 0; k < steps; k++) at = held(subtract(at, putIn(way, at)));
  return at;
}

/** An expression at another state; what is put in is shared, however often it is read. */
function putIn(e: Expression, state: Expression): Expression {
  return fold<Expression>(e, (part, of) =>
    part.kind === "symbol" ? (part.name === "u" ? state : part) : rebuild(part, children(part).map(of)),
  );
}

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
  add,
  call,
  children,
  clip,
  divide,
  fold,
  maximum,
  multiply,
  negate,
  number,
  rebuild,
  subtract,
  symbol,
  where,
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
  const way = clip(bending(divide(rate, slope), slope), number(-LONGEST), number(LONGEST));
  const [lowest, highest] = REACH.map(symbol);
  const held = (e: Expression): Expression =>
    bounded(field.reaches === true ? clip(e, lowest, highest) : e, field);
  let at = field.reaches === true ? held(u) : u;
  for (let k = 0; k < steps; k++) at = held(subtract(at, putIn(way, at)));
  return at;
}

/** Of a bend that is followed: less is left of a current than this share of it, and the rest is another step's. */
const LEFT = 1e-6;
/** Bends below are a straight line and a half of their square; logarithms of float32 tell no more. */
const SLIGHT = 1e-2;

/**
 * A step of Newton's method along a curve that bends as an exponential: with x what the slope changes over it, as a
 * share, log(1 - x)/-x of it is the whole way where an exponential stands against a constant, however far away.
 * Without, from above a diode is come down from by one thermal voltage a step.
 * @param straight how far the step goes back, rate over slope
 */
function bending(straight: Expression, slope: Expression): Expression {
  const bend = simplify(differentiate(slope, "u"));
  if (bend.kind === "number" && bend.value === 0) return straight;
  const x = divide(multiply(straight, bend), slope);
  const less = { comparison: "<" as const };
  const slight = { ...less, left: call("abs", x), right: number(SLIGHT) };
  const whole = { ...less, left: x, right: number(1) };
  const log = call("log", maximum(subtract(number(1), x), number(LEFT)));
  const share = where(
    slight,
    add(number(1), multiply(number(0.5), x)),
    where(whole, divide(negate(log), x), number(1)),
  );
  return multiply(straight, share);
}

/** An expression at another state; what is put in is shared, however often it is read. */
function putIn(e: Expression, state: Expression): Expression {
  return fold<Expression>(e, (part, of) =>
    part.kind === "symbol" ? (part.name === "u" ? state : part) : rebuild(part, children(part).map(of)),
  );
}

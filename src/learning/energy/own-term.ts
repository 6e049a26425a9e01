/**
 * What a unit contributes to the energy of its circuit by itself. Its field is F = A(u) + B(u) I. Currents come
 * of one energy with those of other units where F is multiplied by m = rho'(u)/B(u): m B I is then the slope of
 * what both ends share, rho_i W_ij rho_j (Hopfield 1984). Where m is the same at all states, the circuit descends
 * the energy's gradient (O'Connor 2019, Eq. 1 and 2); else it descends it all the same, in the metric m, as long
 * as m is not below 0.
 */
import { BACK } from "../../circuit/amplifiers";
import type { Circuit } from "../../circuit/chip-types";
import type { Neuron } from "../../device/types";
import { differentiate, splitLinear } from "../../equations/differentiate";
import {
  divide,
  multiply,
  negate,
  number,
  subtract,
  substitute,
  symbol,
  type Expression,
} from "../../equations/expression";
import { integrate } from "../../equations/integrate";
import { show } from "../../equations/show";
import { simplify } from "../../equations/simplify";
import { areAlike, slopesOf } from "./constancy";

/** The current that one unit of weight drives, where that is no number: the energy is counted in logical weights. */
export const UNIT = "I_unit";

export interface OwnTerm {
  /** m, in u where it depends on the state. */
  readonly metric: Expression;
  readonly constant: boolean;
  /** Whether m is nowhere below 0, as far as points of it tell. */
  readonly positive: boolean;
  /** The energy, in u, parameters, constants and `UNIT`; null where no closed form is known. */
  readonly closed: Expression | null;
  /** Of which it is the integral from 0 to u. */
  readonly integrand: Expression;
}

/** Null where the field is not linear in the current. */
export function ownTerm(circuit: Circuit, neuron: Neuron): OwnTerm | null {
  const { dynamics, rho, rhoPrime } = neuron;
  const moving = dynamics.kind === "continuous" ? dynamics.drift : subtract(dynamics.next, symbol("u"));
  const quiet = substitute(moving, (name) => (name === "I_nudge" || name === BACK ? number(0) : undefined));
  const split = splitLinear(simplify(quiet), "I");
  if (split === null) return null;
  const [A, B] = [simplify(split.constant), simplify(split.coefficient)];
  const points = slopesOf(circuit, neuron).filter(({ withinBounds }) => withinBounds);
  const ratios = points.map(({ rhoPrime: slope, byCurrent }) => slope / byCurrent);
  const constant = areAlike(ratios);
  // An output and a field that are flat at once leave nothing to weigh.
  const positive = ratios.every((m) => !(m < 0));
  const unit = neuron.unitDrive.kind === "number" ? neuron.unitDrive : symbol(UNIT);
  const weighed = (e: Expression, by: Expression): Expression => simplify(over(e, multiply(by, unit)));
  const leak = simplify(opposite(A));
  if (constant) {
    // The same everywhere: what it is at a point, where parts of it are pieces, is what it is.
    const at = points.find(({ rhoPrime: slope }) => slope !== 0)?.u ?? 0;
    const there = (e: Expression): Expression =>
      simplify(substitute(e, (name) => (name === "u" ? number(at) : undefined)));
    const metric = weighed(there(rhoPrime), there(B));
    const whole = integrate(leak, "u");
    const inMetric = (e: Expression): Expression => simplify(multiply(metric, e));
    return { metric, constant, positive, integrand: inMetric(leak), closed: whole && inMetric(whole) };
  }
  const metric = weighed(rhoPrime, B);
  const integrand = weighed(multiply(rhoPrime, leak), B);
  const closed = byParts(weighed(leak, B), rho) ?? integrate(integrand, "u");
  return { metric, constant, positive, integrand, closed };
}

/** Of a leak g that is linear: the integral of rho' g is g rho less g' times the integral of rho. */
function byParts(g: Expression, rho: Expression): Expression | null {
  if (splitLinear(g, "u") === null) return null;
  const whole = integrate(rho, "u");
  return whole && simplify(subtract(multiply(g, rho), multiply(differentiate(g, "u"), whole)));
}

/** A quotient, written with one line where the divisor is one itself. */
function over(e: Expression, by: Expression): Expression {
  if (by.kind !== "binary") return divide(e, by);
  const { op, left, right } = by;
  if (op === "divide") return over(times(e, right), left);
  return op === "multiply" ? over(over(e, left), right) : divide(e, by);
}

/** The product, less a divisor that it cancels. */
const times = (e: Expression, by: Expression): Expression =>
  e.kind === "binary" && e.op === "divide" && show(e.right) === show(by) ? e.left : multiply(e, by);

/** The negative, with the sign within products. */
function opposite(e: Expression): Expression {
  if (e.kind !== "binary") return negate(e);
  const { op, left, right } = e;
  if (op === "multiply") return multiply(opposite(left), right);
  if (op === "divide") return divide(opposite(left), right);
  return op === "add" ? subtract(opposite(left), right) : negate(e);
}

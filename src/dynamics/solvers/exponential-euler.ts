/**
 * Exponential Euler: the leak, u's own linear part, is integrated exactly, and everything else is held over the step:
 * u + phi(lambda dt) dt f with phi(z) = (e^z - 1)/z and lambda the leak's rate. Noise gets the exact variance of an
 * Ornstein-Uhlenbeck step, g^2 (e^(2 lambda dt) - 1)/(2 lambda): an isolated leaky node has kT/C at any dt.
 */
import { differentiate } from "../../equations/differentiate";
import { simplify } from "../../equations/simplify";
import { add, call, divide, multiply, number, substitute, subtract, type Expression } from "../../equations/expression";
import { bounded, scaled, u, withNoise, type LocalField, type Solver } from "./solver";

export const exponentialEuler: Solver = {
  name: "exponential-euler",
  kind: "continuous",
  stochastic: true,
  times: [0],
  step({ dt, evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => {
      const rate = leakRate(field);
      if (rate.kind === "number" && rate.value === 0) return bounded(withNoise(add(u, scaled(dt, field.rate)), field, number(Math.sqrt(dt))), field);
      const held = divide(growth(rate, dt), rate);
      const amplitude = call("sqrt", divide(growth(rate, 2 * dt), scaled(2, rate)));
      return bounded(withNoise(add(u, multiply(held, field.rate)), field, foldRoot(amplitude)), field);
    });
  },
};

/** d rate / d u at rest: u, the drive and the nudge at 0. It does not depend on the state, so it stays real under complex nudges. */
export function leakRate(field: LocalField): Expression {
  const atRest = substitute(differentiate(field.rate, "u"), (name) => (name === "u" || name === "I" || name === "I_nudge" ? number(0) : undefined));
  return simplify(atRest);
}

/** e^(rate t) - 1, without losing digits where the rate is a number. */
function growth(rate: Expression, t: number): Expression {
  return rate.kind === "number" ? number(Math.expm1(rate.value * t)) : subtract(call("exp", scaled(t, rate)), number(1));
}

function foldRoot(e: Expression): Expression {
  return e.kind === "call" && e.of.kind === "number" ? number(Math.sqrt(e.of.value)) : e;
}

/**
 * Exponential Euler: what a neuron does by itself is linearised where it is and integrated exactly, and
 * everything else is held over the step: u + dt exprel(lambda dt) f, with exprel(z) = (e^z - 1)/z and lambda
 * = df/du of the unit (Rosenbrock's method, unit by unit). A rate that vanishes leaves Euler's step, and so
 * does one that is infinite, as that of sqrt(u) is at 0. Noise gets the variance of an Ornstein-Uhlenbeck
 * step, g^2 dt exprel(2 lambda dt): an isolated leaky node has kT/C at any dt. The rate of a linear leak is a
 * number, which is worked out before the loop.
 */
import { differentiate } from "../../equations/differentiate";
import { simplify } from "../../equations/simplify";
import {
  add,
  call,
  dependence,
  divide,
  multiply,
  number,
  substitute,
  subtract,
  where,
  type Expression,
} from "../../equations/expression";
import { bounded, moves, scaled, u, withNoise, type LocalField, type Solver } from "./solver";

export const exponentialEuler: Solver = {
  name: "exponential-euler",
  kind: "continuous",
  stochastic: true,
  times: [0],
  step({ dt, evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => {
      const rate = ownRate(field);
      const held = (time: number): Expression => simplify(scaled(dt, growth(scaled(time, rate))));
      return bounded(
        withNoise(add(u, multiply(held(dt), field.rate)), field, simplify(call("sqrt", held(2 * dt)))),
        field,
      );
    });
  },
};

/** (e^z - 1)/z: of a rate that depends on no state, and so bends nowhere, for all z. */
function growth(z: Expression): Expression {
  const near = call("exprel", z);
  if (dependence(moves)(z)) return near;
  return where(
    { comparison: "<", left: z, right: number(1) },
    near,
    divide(subtract(call("exp", z), number(1)), z),
  );
}

/**
 * d rate / d u: how fast a unit leaks, with its drive and its nudge held. Of a linear leak it depends on no
 * state.
 */
export const ownRate = (field: LocalField): Expression => simplify(differentiate(field.rate, "u"));

/** The same at rest: u, the drive and the nudge at 0. */
export function leakRate(field: LocalField): Expression {
  return simplify(substitute(ownRate(field), (name) => (moves(name) ? number(0) : undefined)));
}

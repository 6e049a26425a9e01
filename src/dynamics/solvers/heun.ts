/**
 * Heun's method; with noise, stochastic Heun: a full step to v with the slope and the noise at u, then the
 * mean of both slopes and both noises, with the same draw. It converges to the solution in the sense of
 * Stratonovich, Euler-Maruyama to that of Ito. Where the amplitude of the noise does not depend on the state
 * (thermal noise of a leak) the two are one.
 */
import { add, number, symbol } from "../../equations/expression";
import { bounded, scaled, u, withNoise, type LocalField, type Solver } from "./solver";

export const heun: Solver = {
  name: "heun",
  kind: "continuous",
  stochastic: true,
  times: [0, 1],
  step({ dt, evaluate, assign }) {
    const increment = (field: LocalField) => withNoise(scaled(dt, field.rate), field, number(Math.sqrt(dt)));
    evaluate("u");
    assign("k1", increment);
    assign("v", () => add(u, symbol("k1")));
    evaluate("v", 1);
    assign("u", (field) => bounded(add(u, scaled(1 / 2, add(symbol("k1"), increment(field)))), field));
  },
};

/** Explicit Euler; with noise, Euler-Maruyama: u + dt f + sqrt(dt) g xi, then the bounds. */
import { add, number } from "../../equations/expression";
import { bounded, scaled, u, withNoise, type Solver } from "./solver";

export const euler: Solver = {
  name: "euler",
  kind: "continuous",
  stochastic: true,
  times: [0],
  step({ dt, evaluate, assign }) {
    evaluate("u");
    assign("u", (field) =>
      bounded(withNoise(add(u, scaled(dt, field.rate)), field, number(Math.sqrt(dt))), field),
    );
  },
};

/** The classical Runge-Kutta method of order four; for circuits without noise. */
import { add, symbol, type Expression } from "../../equations/expression";
import { bounded, scaled, u, type Solver } from "./solver";

/** Where each stage after the first is evaluated, and the weight of each slope in the step. */
const NODES = [1 / 2, 1 / 2, 1];
const WEIGHTS = [1 / 6, 1 / 3, 1 / 3, 1 / 6];

export const rk4: Solver = {
  name: "rk4",
  kind: "continuous",
  stochastic: false,
  times: [0, ...NODES],
  step({ dt, evaluate, assign }) {
    evaluate("u");
    assign("k1", (field) => field.rate);
    NODES.forEach((node, i) => {
      assign("v", () => add(u, scaled(node * dt, symbol(`k${i + 1}`))));
      evaluate("v", node);
      assign(`k${i + 2}`, (field) => field.rate);
    });
    assign("u", (field) =>
      bounded(
        WEIGHTS.reduce<Expression>((sum, weight, i) => add(sum, scaled(weight * dt, symbol(`k${i + 1}`))), u),
        field,
      ),
    );
  },
};

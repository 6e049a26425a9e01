/** A discrete circuit: all units take their next state at once. */
import { number } from "../../equations/expression";
import { bounded, withNoise, type Solver } from "./solver";

export const map: Solver = {
  name: "map",
  kind: "discrete",
  stochastic: true,
  times: [0],
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", (field) => bounded(withNoise(field.rate, field, number(1)), field));
  },
};

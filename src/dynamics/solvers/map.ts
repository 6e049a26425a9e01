/** Maps: all units take their next state at once. Beside continuous neurons they do so once a step. */
import { number } from "../../equations/expression";
import type { Expression } from "../../equations/expression";
import { bounded, withNoise, type LocalField, type Solver } from "./solver";

export const nextState = (field: LocalField): Expression =>
  bounded(withNoise(field.rate, field, number(1)), field);

export const map: Solver = {
  name: "map",
  kind: "discrete",
  stochastic: true,
  times: [0],
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", nextState);
  },
};

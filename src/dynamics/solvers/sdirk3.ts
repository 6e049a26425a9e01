/**
 * Alexander's implicit method of third order (Alexander 1977): three stages, each of which is a balance with one more
 * load, C/(gamma h), that holds a node to where the stages before it lead. L-stable, and as accurate at its last stage
 * as after it. A step here is a sweep of one stage; lowering/emit-implicit.ts makes stages and steps of them, and the
 * length of every step by row.
 */
import { add, multiply, subtract, symbol } from "../../equations/expression";
import { newton } from "./balance";
import { u, type Solver } from "./solver";

/** Where a stage begins, and 1/(gamma h). */
export const [BASE, STIFFNESS] = ["base", "stiffness"];

const G = 0.435866521508459;
const [B1, B2] = [-(6 * G * G - 16 * G + 1) / 4, (6 * G * G - 20 * G + 5) / 4];
/** The weight of the second stage in the method of second order that errors are told by. */
const SECOND = (0.5 - G) / ((1 - G) / 2);

export const TABLEAU = {
  gamma: G,
  /** What each stage begins with of the ways of those before it, u - base, which are gamma h times their rates. */
  stages: [[], [(1 - G) / 2 / G], [B1 / G, B2 / G]],
  /** The error of a step, of the ways of its stages. */
  error: [(B1 - (1 - SECOND)) / G, (B2 - SECOND) / G, 1],
  order: 3,
} as const;

export const sdirk3: Solver = {
  name: "sdirk3",
  kind: "continuous",
  stochastic: false,
  times: [0],
  implicit: true,
  step({ evaluate, assign }) {
    evaluate("u");
    assign("u", (field) =>
      newton(
        {
          ...field,
          rate: add(field.rate, multiply(symbol(STIFFNESS), subtract(symbol(BASE), u))),
          reaches: false,
        },
        // Each sweep is one, from close by.
        1,
      ),
    );
  },
};

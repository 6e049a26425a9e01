/**
 * Stochastic gradient descent with heavy-ball momentum and weight decay:
 *
 *     v <- momentum v + direction - weightDecay w,    change = rate v
 */
import { check, optionsOf } from "../../options";
import { add, multiply, number, subtract, symbol } from "../../equations/expression";
import { checkOption, checkRate, optimizerOf, rateOf, type Optimizer, type Rate } from "./optimizer";

/** Rate, momentum and weight decay of stochastic gradient descent. */
export interface SgdOptions {
  readonly rate: Rate;
  /** From 0 to below 1. Default 0. */
  readonly momentum?: number;
  /** Pull of weights and biases towards 0, as part of the gradient. Default 0. */
  readonly weightDecay?: number;
}

const readOptions = optionsOf<SgdOptions>("sgd", {
  needs: { rate: check.anything },
  takes: { momentum: check.numeric, weightDecay: check.numeric },
});

/**
 * Stochastic gradient descent with heavy-ball momentum and weight decay: v <- momentum v + direction -
 * weightDecay w, change = rate v.
 * @throws OhmletError OPTIMIZER-OPTION for values out of range
 */
export function sgd(options: SgdOptions): Optimizer {
  const { rate, momentum = 0, weightDecay = 0 } = readOptions(options);
  checkRate(rate);
  checkOption("momentum", momentum, 0, 1);
  checkOption("weightDecay", weightDecay, 0);
  const [d, w, v, r] = ["d", "w", "velocity", "rate"].map(symbol);
  const wanted = subtract(d, multiply(number(weightDecay), w));
  return optimizerOf(
    "sgd",
    { rate, momentum, weightDecay },
    {
      memory: momentum === 0 ? {} : { velocity: add(multiply(number(momentum), v), wanted) },
      change: multiply(r, momentum === 0 ? wanted : v),
      scalars: (projection, _, factor) => ({
        rate: factor * (projection === "" ? 1 : rateOf(rate, projection)),
      }),
      decays: weightDecay !== 0,
    },
  );
}

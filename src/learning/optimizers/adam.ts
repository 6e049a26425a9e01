/**
 * Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019):
 *
 *     m <- beta1 m + (1 - beta1) d,   v <- beta2 v + (1 - beta2) d^2
 *     change = rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) - weightDecay w)
 */
import { check, optionsOf } from "../../options";
import { add, call, divide, multiply, number, subtract, symbol } from "../../equations/expression";
import { checkOption, checkRate, optimizerOf, rateOf, type Optimizer, type Rate } from "./optimizer";

/** Rates and averages of Adam. */
export interface AdamOptions {
  readonly rate: Rate;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Pull of weights and biases towards 0, apart from the gradient's statistics. Default 0. */
  readonly weightDecay?: number;
}

const readOptions = optionsOf<AdamOptions>("adam", {
  needs: { rate: check.anything },
  takes: { beta1: check.numeric, beta2: check.numeric, epsilon: check.numeric, weightDecay: check.numeric },
});

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019). It
 * remembers two numbers a synapse, in a controller with exact memory.
 * @throws OhmletError OPTIMIZER-OPTION for values out of range
 */
export function adam(options: AdamOptions): Optimizer {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = readOptions(options);
  checkRate(rate);
  checkOption("beta1", beta1, 0, 1);
  checkOption("beta2", beta2, 0, 1);
  checkOption("epsilon", epsilon, Number.MIN_VALUE);
  checkOption("weightDecay", weightDecay, 0);
  const [d, w, m, v, r, unbias1, unbias2] = ["d", "w", "mean", "square", "rate", "unbias1", "unbias2"].map(
    symbol,
  );
  const average = (beta: number, of: typeof m, next: typeof m) =>
    add(multiply(number(beta), of), multiply(number(1 - beta), next));
  const step = divide(multiply(m, unbias1), add(call("sqrt", multiply(v, unbias2)), number(epsilon)));
  return optimizerOf(
    "adam",
    { rate, beta1, beta2, epsilon, weightDecay },
    {
      memory: { mean: average(beta1, m, d), square: average(beta2, v, multiply(d, d)) },
      change: multiply(r, subtract(step, multiply(number(weightDecay), w))),
      scalars: (projection, batch, factor) => ({
        rate: factor * (projection === "" ? 1 : rateOf(rate, projection)),
        unbias1: 1 / (1 - beta1 ** batch),
        unbias2: 1 / (1 - beta2 ** batch),
      }),
      decays: weightDecay !== 0,
    },
  );
}

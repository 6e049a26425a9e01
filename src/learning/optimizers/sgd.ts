/**
 * Stochastic gradient descent with heavy-ball momentum and weight decay:
 *
 *     v <- momentum v + direction - weightDecay w,    change = rate v
 */
import { both, checkOption, checkRate, Memory, rateOf, type Optimizer, type Rate } from "./optimizer";

export interface SgdOptions {
  readonly rate: Rate;
  /** From 0 to below 1. Default 0. */
  readonly momentum?: number;
  /** Pull of weights and biases towards 0, as part of the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** @throws OhmletError OPTIMIZER-OPTION for values out of range */
export function sgd({ rate, momentum = 0, weightDecay = 0 }: SgdOptions): Optimizer {
  checkRate(rate);
  checkOption("momentum", momentum, 0, 1);
  checkOption("weightDecay", weightDecay, 0);
  const velocity = new Memory();
  return {
    name: "sgd",
    step(projection, direction, current, factor = 1) {
      const r = factor * rateOf(rate, projection);
      return both(projection, direction, current, (key, d, w) => {
        const wanted = d.map((x, i) => x - weightDecay * w[i]);
        if (momentum === 0) return wanted.map((x) => r * x);
        const v = velocity.get(`${key}.velocity`, d.length);
        wanted.forEach((x, i) => (v[i] = momentum * v[i] + x));
        return v.map((x) => r * x);
      });
    },
    save: () => velocity.save(),
    load: (arrays) => velocity.load(arrays),
  };
}

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
      return both(projection, direction, weightDecay === 0 ? null : current(), (key, d, w) => {
        const wanted = w === null ? d : d.map((x, i) => x - weightDecay * w[i]);
        if (momentum === 0) return scaled(wanted, r);
        const v = velocity.get(`${key}.velocity`, d.length);
        for (let i = 0; i < v.length; i++) v[i] = momentum * v[i] + wanted[i];
        return scaled(v, r);
      });
    },
    save: () => velocity.save(),
    load: (arrays) => velocity.load(arrays),
  };
}

function scaled(values: Float64Array, factor: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = factor * values[i];
  return out;
}

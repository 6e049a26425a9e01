/**
 * Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov and Hutter 2019):
 *
 *     m <- beta1 m + (1 - beta1) d,   v <- beta2 v + (1 - beta2) d^2
 *     change = rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) - weightDecay w)
 */
import { both, checkOption, checkRate, Memory, rateOf, type Optimizer, type Rate } from "./optimizer";

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

/** @throws OhmletError OPTIMIZER-OPTION for values out of range */
export function adam({ rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions): Optimizer {
  checkRate(rate);
  checkOption("beta1", beta1, 0, 1);
  checkOption("beta2", beta2, 0, 1);
  checkOption("epsilon", epsilon, Number.MIN_VALUE);
  checkOption("weightDecay", weightDecay, 0);
  const moments = new Memory();
  return {
    name: "adam",
    step(projection, direction, current, factor = 1) {
      const r = factor * rateOf(rate, projection);
      return both(projection, direction, weightDecay === 0 ? null : current(), (key, d, w) => {
        const m = moments.get(`${key}.mean`, d.length);
        const v = moments.get(`${key}.square`, d.length);
        const time = moments.get(`${key}.steps`, 1);
        const t = ++time[0];
        return d.map((x, i) => {
          m[i] = beta1 * m[i] + (1 - beta1) * x;
          v[i] = beta2 * v[i] + (1 - beta2) * x * x;
          const mean = m[i] / (1 - beta1 ** t);
          const spread = Math.sqrt(v[i] / (1 - beta2 ** t));
          return r * (mean / (spread + epsilon) - (w === null ? 0 : weightDecay * w[i]));
        });
      });
    },
    save: () => moments.save(),
    load: (arrays) => moments.load(arrays),
  };
}

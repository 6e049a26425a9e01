/**
 * How far an estimate may be off, as far as a chip can tell: the same batch is estimated again under better
 * conditions, and what changes is what was wrong. With phases twice as long: how much had not settled. With
 * other draws of its noise: how much is noise. With half of the nudge: how much is its bias. Layer by layer,
 * as shares of the estimate itself; a controller can do all of it, since nothing is asked but estimates. The
 * chip is left as it is, and does not age: it is a look at training, not a part of it.
 */
import type { Simulator } from "../dynamics/simulator";
import type { Estimator, EstimateContext } from "./estimators";
import { reachOf } from "./estimators/radius";
import { norm } from "./references/linear";
import { shareOf } from "./estimators/contrast";
import type { Rule } from "./rules";
import { estimateByChip } from "./stacked";
import { readBatch, type Batch, type Estimate } from "./types";

/**
 * Error of an estimate in a layer by its cause, as shares of the true derivative: Euclidean norms over rows
 * and units.
 */
export interface ErrorShares {
  /** What phases that ended too early leave out or carry over. */
  readonly settling: number;
  /**
   * Standard deviation that the noise of the chip leaves; 0 without any. Of n values (samples times units) in
   * d draws it is told up to (n d (d - 1) / 2)^(1/4), which is 2.1 at least: noise that hides the estimate
   * altogether is told as no more.
   */
  readonly noise: number;
  /** Bias of a nudge that is not infinitely small. */
  readonly nudge: number;
  /**
   * The teaching amplitude as a share of the radius of convergence, as the terms of the estimate's own series
   * tell (`radiusOf`); 0 of estimates of one point, and where nothing tells.
   */
  readonly reach: number;
}

/** What an estimate may be off by. */
export type ErrorCause = Exclude<keyof ErrorShares, "reach">;

/** By unclamped population. */
export type EstimateError = Readonly<Record<string, ErrorShares>>;

/** Samples of a chip that are enough: more tell little more. */
const MOST_SAMPLES = 10;
/**
 * Largest factor by which a mode is taken to fall while phases become twice as long; slower ones are told
 * from what they show in that time.
 */
const SLOWEST = 0.8;
/** Relative change of a reach in phases twice as long, above which it is that of something unsettled. */
const LASTS = 0.1;
/** Rounding errors that a fixed point gathers, in units of the last place. */
const ROUNDINGS = 4;
/**
 * Products of two draws, over all values of a layer, that are enough to tell a signal from noise: values of
 * few samples and units are drawn more often.
 */
const PRODUCTS = 20;
/** Standard deviations that a difference of noisy estimates has to stand out by. */
const CLEARLY = 3;

/**
 * How far estimates of a batch may be off, layer by layer and by cause: estimated again with longer phases,
 * other noise and half of the nudge. The chip stays as it is.
 * @param batch of one chip, or forEveryChip's of a stack
 * @returns of every chip; null where the estimator cannot be refined
 */
export async function estimateErrors(
  simulator: Simulator,
  given: Estimator,
  rule: Rule,
  batch: Batch,
  { round, seed }: EstimateContext,
): Promise<EstimateError[] | null> {
  // Of phases and nudges: what a readout adds is not told from them.
  const estimator = given.unread ?? given;
  const { refined } = estimator;
  if (refined === undefined) return null;
  const chips = simulator.chips.length;
  const some = firstOf(readBatch(batch), chips);
  let again = 0;
  const estimate = async (by: Estimator): Promise<Estimate[]> =>
    estimateByChip(await by.estimate(simulator, some, { round, seed, again: ++again }), chips);
  const base = await estimator.estimate(simulator, some, { round, seed, again: ++again });
  const [longer, gentler] = [
    await estimate(refined.longer(base.outcomes)),
    await estimate(refined.gentler()),
  ];
  const factor = rule.factor(simulator.circuit);
  const fewest = Math.min(...Object.values(base[factor]).map(({ length }) => length)) / chips;
  const others: Estimate[][] = [];
  while (simulator.noisy && fewest * pairsOf(others.length + 1) < PRODUCTS)
    others.push(await estimate(estimator));
  const epsilon = simulator.engine.info.precision === "float64" ? 2 ** -53 : 2 ** -24;
  return estimateByChip(base, chips).map((own, c) => {
    const left = others.length === 0 ? leftOf(own, longer[c]) : 0;
    const values = factor === "dState" ? own.free.states : own.free.activities;
    const amplitude = Math.hypot(own.nudges[0].re, own.nudges[0].im);
    return Object.fromEntries(
      Object.keys(own[factor]).map((name): [string, ErrorShares] => {
        const rounding = (ROUNDINGS * epsilon * largest(values[name].re)) / amplitude;
        const told = (rounding * Math.sqrt(own[factor][name].length)) / norm(own[factor][name]);
        const shares = sharesOf({
          base: own[factor][name],
          longer: longer[c][factor][name],
          gentler: gentler[c][factor][name],
          others: others.map((of) => of[c][factor][name]),
          left,
          reach: lasting(reachOf(own, name, told), reachOf(longer[c], name, told)),
          order: refined.order,
          rounding,
        });
        return [name, shares];
      }),
    );
  });
}

/** What a free phase leaves looks like a term that falls slowly: longer phases tell the two apart. */
const lasting = (reach: number, longer: number): number =>
  Math.abs(longer - reach) <= LASTS * reach ? longer : 0;

/**
 * By how much what was not settled fell while phases became twice as long: that of the slowest phase, as a
 * factor.
 */
function leftOf({ outcomes }: Estimate, longer: Estimate): number {
  const factors = outcomes.map(({ residual }, k) =>
    residual === 0 ? 0 : longer.outcomes[k].residual / residual,
  );
  return Math.max(0, Math.min(SLOWEST, ...[Math.max(...factors)].filter(Number.isFinite)));
}

interface Measured {
  readonly base: Float64Array;
  readonly longer: Float64Array;
  readonly gentler: Float64Array;
  /** With other draws; none without noise. */
  readonly others: readonly Float64Array[];
  readonly left: number;
  readonly reach: number;
  readonly order: number;
  /** Standard deviation that rounding leaves on a value. */
  readonly rounding: number;
}

function sharesOf({ base, longer, gentler, others, left, reach, order, rounding }: Measured): ErrorShares {
  const count = base.length;
  const { power, signal } = drawn([base, ...others]);
  const unsure = 1 + CLEARLY * Math.sqrt(2 / count);
  /**
   * Squares of factor (better - base) and of base + factor (better - base), without the noise, which in
   * `better` is so many times that of the base.
   */
  const against = (
    better: Float64Array,
    factor: number,
    noise: number,
  ): { missing: number; truth: number } => {
    const missing =
      factor ** 2 *
      Math.max(0, squares(base, better) - (1 + noise) * (power * unsure + count * rounding ** 2));
    let truth = 0;
    for (let i = 0; i < count; i++) truth += (base[i] + factor * (better[i] - base[i])) ** 2;
    return { missing, truth: clear(truth - ((1 - factor) ** 2 + factor ** 2 * noise) * power, power, count) };
  };
  // What is left of one mode after T is q, after 2 T q^2 of it: the whole of what is missing is the
  // difference over 1 - q.
  const settling = against(longer, 1 / (1 - left), 1);
  const whole = 1 / (1 - 2 ** -order);
  const nudge = against(gentler, whole, 4);
  // Where the free phase is one of the two that are compared, what it left is over beta, too, and doubles
  // with half of it.
  const carried = order === 1 ? whole ** 2 * settling.missing : 0;
  return {
    settling: finite(shareOf(settling.missing, settling.truth)),
    noise: finite(shareOf(power, clear(signal, power, count * pairsOf(1 + others.length)))),
    nudge: finite(shareOf(Math.max(0, nudge.missing - carried), nudge.truth)),
    reach,
  };
}

/** Squares of what draws have in common, and of what noise adds to each of them. */
function drawn(draws: readonly Float64Array[]): { readonly power: number; readonly signal: number } {
  let [power, signal] = [0, 0];
  for (let a = 0; a < draws.length; a++) {
    for (let b = a + 1; b < draws.length; b++) {
      power += squares(draws[a], draws[b]) / 2;
      for (let i = 0; i < draws[a].length; i++) signal += draws[a][i] * draws[b][i];
    }
  }
  const pairs = Math.max(1, pairsOf(draws.length));
  return { power: power / pairs, signal: signal / pairs };
}

const pairsOf = (draws: number): number => (draws * (draws - 1)) / 2;

/**
 * The power of a signal that noise hides is told no better than chance allows, of so many products of draws.
 */
const clear = (signal: number, noise: number, products: number): number =>
  Math.max(signal, noise / Math.sqrt(products));

const finite = (share: number): number => (Number.isNaN(share) ? Infinity : share);

function squares(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

const largest = (values: Float64Array): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** The first samples of the batch of every chip. */
function firstOf(batch: Batch, chips: number): Batch {
  const each = batch.samples / chips;
  const most = Math.min(each, MOST_SAMPLES);
  if (most === each) return batch;
  const part = (values: Float64Array): Float64Array => {
    const width = values.length / batch.samples;
    return values.filter((_, i) => Math.floor(i / width) % each < most);
  };
  const { inputs, targets, start } = batch;
  return {
    samples: most * chips,
    inputs: part(inputs),
    targets: part(targets),
    ...(start !== undefined && {
      start: Object.fromEntries(Object.entries(start).map(([name, { re }]) => [name, { re: part(re) }])),
    }),
  };
}

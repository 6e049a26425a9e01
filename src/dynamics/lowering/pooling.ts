/**
 * Pooling in programs. A pooled projection has a buffer for each place of its windows, as wide as what is
 * pooled, so that pooling is a map over them; what a pooled unit sends back is its value times the slope of the
 * pool by each place: at the place of the largest, or shared out.
 *
 * Names, with the number of the projection: c<j>_<k> what place k of every window receives; e<j>_<k> its
 * exponential, where the pool is a softmax; g<j> what is pooled; b<j>_<k> what is sent back to the place.
 */
import type { Wiring } from "../../circuit/wiring/wiring";
import { differentiate } from "../../equations/differentiate";
import {
  add,
  call,
  divide,
  multiply,
  number,
  subtract,
  symbol,
  where,
  type Expression,
} from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { OhmletError } from "../../errors";
import type { Bindings, ProgramBuilder } from "../../program/builder";

/** A wiring that pools. */
export type Pooled = Wiring & { readonly pool: NonNullable<Wiring["pool"]> };
export const isPooled = (wiring: Wiring | null): wiring is Pooled => wiring !== null && wiring.pool !== null;

/** A pooled projection in a program. */
export interface PoolTarget {
  readonly builder: ProgramBuilder;
  readonly complex: boolean;
  readonly wiring: Pooled;
  /** Number of the projection whose weights are read. */
  readonly index: number;
  readonly weights: string;
  /** The drive that a softmax counts as one. */
  readonly unit: number;
}

const place = (k: number): string => `c${k}`;
const total = (terms: readonly Expression[]): Expression => terms.reduce((sum, term) => add(sum, term));

/** @throws OhmletError DYN-POOL for a largest one of complex values */
export function checkPool(wiring: Wiring, complex: boolean, where: string): void {
  if (wiring.pool !== "max" || !complex) return;
  throw new OhmletError({
    code: "DYN-POOL",
    fact: "of complex states none is the largest: max pooling has no complex derivative",
    place: { where },
    remedy: 'pool with "softmax" or "mean", or use an estimator with real nudges',
  });
}

/** What the places of every window receive from a buffer, and what is pooled of it, in g<j>. */
export function emitPool(target: PoolTarget, from: string): void {
  const { builder: b, complex, wiring, index, weights, unit } = target;
  const width = wiring.members[0].post;
  wiring.members.forEach((through, k) => {
    b.buffer(`c${index}_${k}`, width, complex);
    b.project(`c${index}_${k}`, undefined, [{ from, weights, through }], complex);
  });
  const places = bindings(target);
  if (wiring.pool === "softmax")
    // Less their mean, not less the largest: that leaves the softmax as it is, and has a complex derivative.
    wiring.members.forEach((_, k) =>
      b.map(
        b.buffer(`e${index}_${k}`, width, complex),
        call("exp", multiply(number(1 / unit), subtract(symbol(place(k)), mean(wiring)))),
        places,
        complex,
      ),
    );
  b.map(b.buffer(`g${index}`, width, complex), pooled(wiring), places, complex);
}

/**
 * What the pooled units send back to the places of their windows, in b<j>_<k>.
 * @param from what they show
 * @param pool whose places were pooled before
 * @returns the buffers, by place
 */
export function emitUnpool(target: PoolTarget, from: string, pool: number): readonly string[] {
  const { builder: b, complex, wiring, index } = target;
  const width = wiring.members[0].post;
  const shown: Bindings = {
    ...bindings({ ...target, index: pool }),
    s: { buffer: from, complex },
    g: { buffer: `g${pool}`, complex },
  };
  const to = (k: number): string => b.buffer(`b${index}_${k}`, width, complex);
  if (wiring.pool === "mean") {
    const all = to(0);
    b.map(all, multiply(slope(target, 0), symbol("s")), shown, complex);
    return wiring.members.map(() => all);
  }
  return wiring.members.map((_, k) => {
    const out = to(k);
    b.map(out, multiply(slope(target, k), symbol("s")), shown, complex);
    return out;
  });
}

function bindings({ wiring, index, complex }: PoolTarget): Bindings {
  return Object.fromEntries(
    wiring.members.flatMap((_, k) => [
      [place(k), { buffer: `c${index}_${k}`, complex }],
      [`e${k}`, { buffer: `e${index}_${k}`, complex }],
    ]),
  );
}

const mean = ({ members }: Wiring): Expression =>
  divide(total(members.map((_, k) => symbol(place(k)))), number(members.length));
const weight = ({ members }: Wiring): Expression => total(members.map((_, k) => symbol(`e${k}`)));

function pooled(wiring: Pooled): Expression {
  const places = wiring.members.map((_, k) => symbol(place(k)));
  switch (wiring.pool) {
    case "max":
      // Not by `max`: of equal ones the first is to be the largest, to whoever takes the derivative.
      return places
        .slice(1)
        .reduce<Expression>(
          (most, x) => where({ comparison: ">", left: x, right: most }, x, most),
          places[0],
        );
    case "mean":
      return mean(wiring);
    case "softmax":
      return divide(total(places.map((x, k) => multiply(x, symbol(`e${k}`)))), weight(wiring));
  }
}

/** The derivative of what is pooled by place k; of equal largest ones the first counts. */
function slope({ wiring, unit }: PoolTarget, k: number): Expression {
  if (wiring.pool !== "softmax") return simplify(differentiate(pooled(wiring), place(k)));
  const share = divide(symbol(`e${k}`), weight(wiring));
  const beyond = multiply(number(1 / unit), subtract(symbol(place(k)), symbol("g")));
  return multiply(share, add(number(1), beyond));
}

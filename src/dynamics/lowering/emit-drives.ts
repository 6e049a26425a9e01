/**
 * Emits what populations receive from each other: weighted sums of what they show, through whatever wiring,
 * pooled where a projection pools, in d<index>.
 */
import type { Binding, ProgramBuilder } from "../../program/builder";
import type { Term } from "../../program/program";
import { add, number, symbol, type Expression } from "../../equations/expression";
import { beginsAtNodes } from "../../circuit/amplifiers";
import type { Projection } from "../../circuit/chip-types";
import type { GraphPopulation, PlannedProjection } from "./layout";
import { emitPool, emitUnpool, isPooled, type PoolTarget } from "./pooling";

/** Projections whose windows have been pooled, by their numbers, and the populations of whose activities. */
export type Pools = Map<number, number>;

export interface DriveTarget {
  readonly builder: ProgramBuilder;
  readonly populations: readonly GraphPopulation[];
  readonly complex: boolean;
  /** What has been pooled already of what populations show; it grows. */
  readonly pools?: Pools;
}

/** The buffer in which synapses see a population. */
export type Shown = (p: GraphPopulation) => string;

/** Populations whose activities the drives of some populations depend on. */
export function seenBy<P extends GraphPopulation>(populations: readonly P[], moving: readonly P[]): P[] {
  const seen = new Set<P>();
  for (const p of moving)
    for (const q of [...p.recurrent, ...p.back]) {
      seen.add(populations[q.from]);
      // What comes back to a pooled window depends on which of its places was the largest.
      if (isPooled(q.projection.wiring) && q.projection.wiring.backwards) seen.add(p);
    }
  return populations.filter((p) => seen.has(p));
}

/** @param held the buffer of a population's states, where projections begin at nodes, not at what these show */
export function emitDrives(
  target: DriveTarget,
  moving: readonly GraphPopulation[],
  shown: Shown,
  held: Shown = shown,
): void {
  const { builder: b, populations, complex } = target;
  const ends = (q: PlannedProjection): string =>
    (beginsAtNodes(q.projection) ? held : shown)(populations[q.from]);
  const pools: Pools = target.pools ?? new Map();
  const poolOf = (q: PlannedProjection, source: GraphPopulation, pooled: GraphPopulation): void => {
    if (pools.has(q.index)) return;
    pools.set(q.index, source.index);
    emitPool(poolTarget(target, q, pooled), shown(source));
  };
  for (const p of moving) {
    const terms: Term[] = [];
    const pooled: string[] = [];
    for (const q of p.recurrent) {
      const source = populations[q.from];
      const { wiring } = q.projection;
      if (!isPooled(wiring)) terms.push(termOf(q.projection, ends(q), q.weights));
      else if (!wiring.backwards) {
        poolOf(q, source, p);
        pooled.push(`g${q.index}`);
      } else {
        const places = placesOf(q, source);
        // Weights of its own are counted in drives of the population that they lead to.
        const counting = places === q ? p : source;
        poolOf(places, p, counting);
        emitUnpool(poolTarget(target, q, counting), shown(source), places.index).forEach((from, k) =>
          terms.push({ from, weights: q.weights, through: wiring.members[k], backwards: true }),
        );
      }
    }
    if (p.recurrent.length > 0)
      emitSum(b, `d${p.index}`, p.hasStatic ? [`s${p.index}`] : [], pooled, terms, complex);
    if (p.back.length > 0) {
      const terms = p.back.map((q) => termOf(q.projection, ends(q), q.weights));
      emitSum(b, `b${p.index}`, [], [], terms, complex);
    }
  }
}

/** The term of a projection that pools nothing. */
export function termOf({ wiring }: Projection, from: string, weights: string): Term {
  if (wiring === null) return { from, weights };
  return {
    from,
    weights,
    through: wiring.members[0],
    ...(wiring.backwards && { backwards: true as const }),
  };
}

/** The projection whose places a feedback comes back to: the forward one where both read the same devices alike. */
function placesOf(feedback: PlannedProjection, upper: GraphPopulation): PlannedProjection {
  const { spec } = feedback.projection;
  const forward = upper.recurrent.find(({ projection }) => projection.name === spec.feedback?.to);
  const alike = spec.feedback?.kind === "tied" && !spec.asymmetry && !forward?.projection.spec.asymmetry;
  return alike && forward !== undefined ? forward : feedback;
}

/** @param counting the population in whose drives the weights are counted */
function poolTarget(
  { builder, complex }: DriveTarget,
  { projection, index, weights }: PlannedProjection,
  { unit }: GraphPopulation,
): PoolTarget {
  if (!isPooled(projection.wiring)) throw new Error(`${projection.name} pools nothing`);
  return { builder, complex, wiring: projection.wiring, index, weights, unit };
}

/**
 * drive = what is still, and pooled, and the terms.
 * @param still none, or a real buffer
 */
export function emitSum(
  b: ProgramBuilder,
  drive: string,
  still: readonly string[],
  pooled: readonly string[],
  terms: readonly Term[],
  complex: boolean,
): void {
  const parts = [...still, ...pooled];
  if (terms.length > 0) {
    // Of complex values a projection adds to the real plane only.
    const first = complex ? still[0] : parts[0];
    b.project(drive, first, terms, complex);
    parts.splice(0, first === undefined ? 0 : 1, drive);
  }
  if (parts.length === 1 && parts[0] === drive) return;
  const sum = parts
    .map((_, k) => symbol(`x${k}`))
    .reduce<Expression>((left, right) => add(left, right), number(0));
  const bindings = parts.map((buffer, k): [string, Binding] => [
    `x${k}`,
    { buffer, complex: complex && buffer !== still[0] },
  ]);
  b.map(drive, sum, Object.fromEntries(bindings), complex);
}

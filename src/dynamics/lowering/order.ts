/**
 * The order in which populations move. Synchronous: all at once, as the papers write it. Alternate: where the
 * populations fall into two sets that only drive each other (layers, even and odd), the sets move in turn, so
 * that a sweep carries a signal across two layers: the same fixed points in about half of the sweeps. No
 * paper's protocol of fixed steps allows it. What wires join within a set is seen as it was at the set's last turn: weaker
 * than what loads the nodes, so that sweeps end all the same.
 */
import { OhmletError } from "../../errors";
import type { Layout, PlannedPopulation, PlannedProjection } from "./layout";
import { isPooled } from "./pooling";
import type { Solver } from "../solvers/solver";

/** Two sets without a projection inside either, but wires, or null where a cycle of odd length forbids it. */
export function twoSets(layout: Layout): readonly [PlannedPopulation[], PlannedPopulation[]] | null {
  const { populations } = layout;
  const graph = populations.filter(({ index, state }) => state.of === index);
  const side = new Map<PlannedPopulation, number>();
  const drivers = ({ recurrent, back }: PlannedPopulation): PlannedProjection[] =>
    [...recurrent, ...back].filter(({ projection }) => projection.couples === null);
  const neighbours = (p: PlannedPopulation): PlannedPopulation[] => [
    ...drivers(p).map(({ from }) => populations[from]),
    ...graph.filter((q) => drivers(q).some(({ from }) => from === p.index)),
  ];
  for (const start of graph) {
    if (side.has(start)) continue;
    side.set(start, 0);
    const queue = [start];
    for (const p of queue) {
      for (const q of neighbours(p)) {
        const other = 1 - (side.get(p) as number);
        if (!side.has(q)) {
          side.set(q, other);
          queue.push(q);
        } else if (side.get(q) !== other) {
          return null;
        }
      }
    }
  }
  // All states of a neuron move at once.
  const on = (which: number): PlannedPopulation[] =>
    populations.filter(({ state }) => side.get(populations[state.of]) === which);
  return [on(0), on(1)];
}

/**
 * The set that more projections pool into moves first: what comes back through their windows in the other's turn then
 * needs no second pooling.
 */
export function poolingFirst(
  sets: readonly [PlannedPopulation[], PlannedPopulation[]],
): PlannedPopulation[][] {
  const pooled = (set: readonly PlannedPopulation[]): number =>
    set
      .flatMap(({ recurrent }) => recurrent)
      .filter(({ projection: { wiring } }) => isPooled(wiring) && !wiring.backwards).length;
  return pooled(sets[1]) > pooled(sets[0]) ? [sets[1], sets[0]] : [...sets];
}

/** @throws OhmletError DYN-ORDER */
export function checkAlternate(layout: Layout, solver: Solver, oscillating: boolean, where: string): void {
  const fail = (fact: string): never => {
    throw new OhmletError({ code: "DYN-ORDER", fact, place: { where }, remedy: 'use order: "synchronous"' });
  };
  if (twoSets(layout) === null)
    fail("its populations do not fall into two sets that only drive each other, so they cannot move in turn");
  if (oscillating)
    fail("populations that move in turn keep no common time, which an oscillating nudge needs");
  if (solver.times.length > 1)
    fail(`the ${solver.name} solver looks at several points of a step; only one-stage solvers can alternate`);
}

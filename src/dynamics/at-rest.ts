/** What a neuron does by itself at rest: how fast it leaks, how much noise that leaves on its state. */
import { evaluate } from "../equations/evaluate";
import { symbolsOf, type Expression } from "../equations/expression";
import type { Layout, PlannedPopulation } from "./layout";
import { leakRate } from "./solvers/exponential-euler";

/**
 * Largest stationary standard deviation of an isolated node at rest, g / sqrt(2 |lambda|) (kT/C for thermal noise of its
 * leak), in SI; null for a chip without noise. Coupled nodes differ: they obey J Sigma + Sigma J^T + 2 D = 0.
 */
export function noiseFloor(layout: Layout, stateScale: (p: PlannedPopulation) => number, chip = 0): number | null {
  const floors = layout.populations.flatMap((p) => {
    if (p.field.diffusion === null) return [];
    const g = Math.abs(atRest(p, p.field.diffusion, chip));
    if (p.field.kind === "discrete") return [g * stateScale(p)];
    const rate = atRest(p, leakRate(p.field), chip);
    return rate < 0 ? [(g / Math.sqrt(2 * -rate)) * stateScale(p)] : [];
  });
  return floors.length === 0 ? null : Math.max(...floors);
}

/** Longest 1 / |lambda| of the neurons' leaks, internal units; 0 where nothing leaks. */
export function slowestTimeConstant(layout: Layout): number {
  return Math.max(0, ...layout.populations.filter((p) => p.field.kind === "continuous").map((p) => 1 / Math.abs(atRest(p, leakRate(p.field)))).filter(Number.isFinite));
}

/** Value for the first unit of a chip with the state and its drives at 0. */
function atRest(p: PlannedPopulation, e: Expression, chip = 0): number {
  return evaluate(e, Object.fromEntries([...symbolsOf(e)].map((name) => [name, p.local.vectors[name]?.[chip * p.population.size] ?? 0])));
}

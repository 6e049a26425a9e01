/** What a neuron does by itself at rest: how fast it leaks, how much noise that leaves on its state. */
import { compile } from "../../equations/evaluate";
import { symbolsOf, type Expression } from "../../equations/expression";
import { heardIn } from "../lowering/heard";
import type { Layout, PlannedPopulation } from "../lowering/layout";
import { leakRate } from "../solvers/exponential-euler";

/**
 * Largest stationary standard deviation of an isolated node at rest, g / sqrt(2 |lambda|) (kT/C for thermal
 * noise of its leak) of each of so many chips, in SI; null for chips without noise. Coupled nodes differ:
 * they obey J Sigma + Sigma J^T + 2 D = 0.
 */
export function noiseFloors(
  layout: Layout,
  stateScale: (p: PlannedPopulation) => number,
  chips: number,
): (number | null)[] {
  const nodes = layout.populations.flatMap((p) => {
    const { diffusion, kind } = p.field;
    if (diffusion === null) return [];
    const [noise, rate] = [atRest(p, diffusion), kind === "discrete" ? null : atRest(p, leakRate(p.field))];
    return { noise, rate, scale: stateScale(p) };
  });
  return Array.from({ length: chips }, (_, chip) => {
    const floors = nodes.flatMap(({ noise, rate, scale }) => {
      const [g, lambda] = [Math.abs(noise(chip)), rate?.(chip)];
      if (lambda === undefined) return [g * scale];
      return lambda < 0 ? [(g / Math.sqrt(2 * -lambda)) * scale] : [];
    });
    return floors.length === 0 ? null : Math.max(...floors);
  });
}

/** Longest 1 / |lambda| of the neurons' leaks in the first chip, internal units; 0 where nothing leaks. */
export function slowestTimeConstant(layout: Layout): number {
  const heard = heardIn(layout);
  return Math.max(
    0,
    ...layout.populations
      .filter((p) => p.field.kind === "continuous" && heard.has(p))
      .map((p) => 1 / Math.abs(atRest(p, leakRate(p.field))(0)))
      .filter(Number.isFinite),
  );
}

/** Values for the first unit of a chip with the state and its drives at 0. */
function atRest(p: PlannedPopulation, e: Expression): (chip: number) => number {
  const names = [...symbolsOf(e)];
  const value = compile(e, names);
  return (chip) => value(...names.map((name) => p.local.vectors[name]?.[chip * p.population.size] ?? 0));
}

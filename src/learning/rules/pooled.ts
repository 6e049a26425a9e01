/**
 * Updates of circuits that pool: what a synapse shows at its postsynaptic end is then the unit's value times
 * the slope of its window, which depends on the weights. By the programs that the drives are lowered to and
 * their transposes, on the host in float64.
 */
import { drivesThrough, type ByPopulation, type ByProjection } from "../drives";
import type { Chip, Circuit } from "../../circuit/chip-types";
import { isPooled } from "../../dynamics/lowering/pooling";
import type { Plane } from "../../dynamics/types";
import type { Estimate } from "../types";

/** Whether some projection pools. */
export const pools = ({ projections }: Circuit): boolean =>
  projections.some(({ wiring }) => isPooled(wiring));

/**
 * The derivative by the weights of the energy that tied weights give a circuit, sum of post x drive through each
 * array: of a plain projection the product of both activities. At some activities less at others; sums over
 * samples.
 * @param after of all populations, [samples, size]
 */
export const energyDifference = (
  chip: Chip,
  samples: number,
  after: ByPopulation,
  before: ByPopulation,
): ByProjection => drivesThrough(chip, samples, "owners").contrast([after, after], [before, before]);

/** Its contrast between two real phases, or along the derivative at the free point. */
export function energyContrast(chip: Chip, samples: number, estimate: Estimate): ByProjection {
  const { midpoint, free, dActivity } = estimate;
  const half = halfDistance(estimate);
  const at = (side: 1 | -1): ByPopulation =>
    Object.fromEntries(
      Object.entries<Plane>(midpoint ?? free.activities).map(([name, { re }]) => {
        const along = dActivity[name] as Float64Array | undefined;
        return [name, along === undefined ? re : Float64Array.from(re, (x, i) => x + side * half * along[i])];
      }),
    );
  const scaled = (values: Float64Array): Float64Array => values.map((x) => x / (2 * half));
  return Object.fromEntries(
    Object.entries(energyDifference(chip, samples, at(1), at(-1))).map(([name, { weights, biases }]) => [
      name,
      { weights: scaled(weights), biases: biases && scaled(biases) },
    ]),
  );
}

/** Half of the distance of the two phases; where there are no two, a step that rounding leaves most digits of. */
const STEP = 1e-4;
const halfDistance = ({ midpoint, nudges }: Estimate): number => {
  if (midpoint === undefined || nudges.length === 0) return STEP;
  const [first, second = { re: 0, im: 0 }] = nudges;
  return (first.re - second.re) / 2;
};

/**
 * Which Jacobian, at given states: J = post W pre + own, with W the slopes of the drives by activities. In the
 * circuit's own units, so that a loss and its coefficient are plain numbers: drives in unit drives, states and
 * time as they are of order one in this circuit (dimensionless circuits as they are).
 */
import { scalingOf } from "../../dynamics/lowering/scaling";
import type { ByPopulation } from "../drives";
import { flatUnit } from "../references/jacobian";
import { unclamped, type Linearisation } from "../references/linearisation";
import type { HomeostasisOf } from "./options";

/** Factors of each unit, [samples, size] by population. */
export interface JacobianFactors {
  readonly pre: ByPopulation;
  readonly post: ByPopulation;
  readonly own: ByPopulation;
}

/** SI values of one unit of state, and of time. */
interface Units {
  readonly state: number;
  readonly time: number;
}

/**
 * @param diagonal whether what a unit does to itself counts; it is on both sides of J, and cancels from the loss
 * @throws OhmletError JACOBIAN-SLOPE for a diagonal of `activity` that is not finite
 */
export function factorsAt(at: Linearisation, of: HomeostasisOf, diagonal: boolean): JacobianFactors {
  const { chip, slope, gain, rhoPrime, active } = at;
  const { circuit } = chip;
  const scaling = scalingOf(circuit);
  const all = (value: (name: string, k: number, units: Units) => number): ByPopulation =>
    Object.fromEntries(
      unclamped(chip).map(({ name, neuron: { dimensions, dynamics } }) => {
        const time = dynamics.kind === "discrete" ? 1 : scaling.scale(dimensions.time);
        const units = { state: scaling.scale(dimensions.u), time };
        return [name, slope[name].map((_, k) => value(name, k, units))];
      }),
    );
  const own = (value: (name: string, k: number, units: Units) => number): ByPopulation =>
    all((name, k, units) => {
      if (!diagonal || (of !== "drive" && active[name][k] === 0)) return 0;
      const found = value(name, k, units);
      if (!Number.isFinite(found)) throw flatUnit(circuit.name, name, k % circuit.population(name).size);
      return found;
    });
  if (of === "drive") {
    const ones = all(() => 1);
    return { pre: ones, post: ones, own: own(() => -1) };
  }
  if (of === "activity") {
    const free = all((name, k) => active[name][k]);
    return {
      pre: free,
      post: free,
      own: own((name, k) => slope[name][k] / (gain[name][k] * rhoPrime[name][k])),
    };
  }
  return {
    pre: all((name, k, { state }) => active[name][k] * rhoPrime[name][k] * state),
    post: all((name, k, { state, time }) => (active[name][k] * gain[name][k] * time) / state),
    own: own((name, k, { time }) => slope[name][k] * time),
  };
}

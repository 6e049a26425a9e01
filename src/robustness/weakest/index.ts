/** Weakest points: ranges, claims, the search and what it says. */
export type { Measures } from "../../study";
export { readClaim, type Claim, type ReadClaim } from "./claim";
export { describeWeakest, verdictText } from "./describe";
export { type Axis, type Cell, type Point, type Range, type Ranges, type Value } from "./grid";
export { type Budget, type Experiment, type Limit, type Verdict, type Vote } from "./seed-votes";
export {
  replay,
  weakestPoint,
  type Alone,
  type Margin,
  type Neighbour,
  type WeakestOptions,
  type WeakestPoint,
} from "./weakest-point";

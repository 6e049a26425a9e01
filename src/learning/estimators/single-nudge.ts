/** Where the nudged phase ended, of estimators that have one, of a real nudge. */
import type { FreeEnd } from "../free-start";
import type { Estimate } from "../types";
import type { EstimateContext, Estimator } from "./estimator";

/** By what what the phases differ by is multiplied to be the derivative; null of estimators of other phases. */
export function singleNudge({ plan }: Pick<Estimator, "plan">, context: EstimateContext): number | null {
  const { points, free } = plan?.(context).derivative ?? { points: [], free: 0 };
  const [weight] = points;
  return points.length === 1 && weight.im === 0 && free === -weight.re ? weight.re : null;
}

/** What units showed there, s+: the free phase's, and what the derivative was made of. */
export function nudgedEnd({ free, dActivity }: Estimate, weight: number): FreeEnd {
  const activities = Object.entries(dActivity).map(([name, moved]) => [
    name,
    { re: free.activities[name].re.map((shown, i) => shown + moved[i] / weight) },
  ]);
  return { states: free.states, activities: Object.fromEntries(activities) };
}

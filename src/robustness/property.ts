/**
 * A claim as a property of fast-check: random points of the ranges, shrunk towards the ideal, told by
 * fast-check's own reporters and replayed by its seed and path. For tests; `weakestPoint` searches on purpose
 * and says more.
 */
import type { IAsyncPropertyWithHooks } from "fast-check";
import { fc } from "./arbitraries/fast-check";
import { points } from "./arbitraries/points";
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import { readClaim, type Claim } from "./weakest/claim";
import { axesOf, cellOf, pointText, type Point, type Ranges } from "./weakest/grid";
import { Jury, type Experiment } from "./weakest/seed-votes";
import { seedsOf, type WeakestOptions } from "./weakest/weakest-point";
import { verdictText } from "./weakest/describe";

/** How many seeds vote on a point, and which is the first. */
export type Voters = Pick<WeakestOptions, "seeds" | "seed">;

const readOptions = optionsOf<Voters>("survives", { takes: { seeds: check.numeric, seed: check.anything } });

/**
 * `await fc.assert(survives(claim, ranges, experiment), { numRuns: 20, examples: [[worst]] })`. Points that
 * were decided are not simulated again, so that shrinking costs little; how many are tried and for how long
 * is fast-check's to limit (`numRuns`, `interruptAfterTimeLimit`).
 * @throws OhmletError WEAKEST-RANGE, WEAKEST-CLAIM, WEAKEST-SEEDS; the property fails with WEAKEST-BROKEN
 */
export function survives(
  claim: Claim,
  ranges: Ranges,
  experiment: Experiment,
  options: Voters = {},
): IAsyncPropertyWithHooks<[Point]> {
  const axes = axesOf(ranges);
  const jury = new Jury(axes, readClaim(claim), experiment, seedsOf(readOptions(options)));
  return fc.asyncProperty(points(ranges), async (point) => {
    const verdict = await jury.decide(cellOf(axes, point));
    if (verdict.holds) return;
    throw new OhmletError({
      code: "WEAKEST-BROKEN",
      category: "run",
      fact: `the claim ${jury.claim.text} fails at ${pointText(axes, verdict.cell)}`,
      remedy: verdictText(verdict)
        .split("\n")
        .slice(1)
        .map((line) => line.trim()),
    });
  });
}

/** Which program a phase needs: what of a request changes the operations, and not only their numbers. */
import type { PlanShape } from "../lowering/layout";
import type { Complex, PhaseRequest, UpdateOrder } from "../types";

const FREE: Complex = { re: 0, im: 0 };

/** Nudges of a request, of which a free phase has one. */
export const nudgesOf = ({ nudges = [FREE] }: PhaseRequest): readonly Complex[] => nudges;

/** What of a simulator decides with it. */
export interface Shaped {
  readonly order: UpdateOrder;
  readonly chips: number;
  /** Whether the solver chooses its steps. */
  readonly adaptive: boolean;
  /** Whether anything in the chip is noisy; and whether each row reads conductances of its own. */
  readonly noisy: boolean;
  readonly readsDiffer: boolean;
  /** Whether leaks depend on the state. */
  readonly byState: boolean;
}

export function shapeOf(request: PhaseRequest, of: Shaped): PlanShape {
  const nudges = nudgesOf(request);
  const { oscillation, average = 0, tolerance } = request;
  const rows = request.samples * nudges.length;
  const noisyMean = of.noisy && tolerance !== undefined;
  return {
    order: of.order,
    rows,
    groups: of.readsDiffer ? rows : of.chips,
    complex: request.complex === true || nudges.some(({ im }) => im !== 0) || oscillation?.form === "complex",
    ...(request.hold !== undefined && { held: Object.keys(request.hold).sort() }),
    nudged: nudges.some(({ re, im }) => re !== 0 || im !== 0),
    average: !of.adaptive && (average > 0 || noisyMean || oscillation !== undefined),
    ...(oscillation && { oscillating: oscillation.form }),
    ...(request.differences === true && { differences: true as const }),
    ...(tolerance !== undefined && of.byState && !of.noisy && !of.adaptive && { judged: true }),
  };
}

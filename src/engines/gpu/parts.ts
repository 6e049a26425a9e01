/** How many parts the equations of a program may have. */
import type { Expression } from "../../equations/expression";
import { partsOf } from "../../equations/share";
import { OhmletError } from "../../errors";
import type { Program } from "../../program/program";

/**
 * Parts of all formulas of a program: GPU.js takes 0.1 ms for each before the first step, and it is deaf
 * meanwhile. A hyperbolic tangent is written out.
 */
const MOST_PARTS = 8000;
const PARTS_OF_TANH = 8;

/** @throws OhmletError EQ-SIZE */
export function checkParts({ prelude, step, judge = [] }: Program, engine: string): void {
  const weight = (part: Expression): number =>
    part.kind === "call" && (part.fn === "tanh" || part.fn === "logistic") ? PARTS_OF_TANH : 1;
  const parts = [...prelude, ...step, ...judge].reduce(
    (sum, o) =>
      sum + (o.op === "map" ? partsOf(o.expression).reduce((own, part) => own + weight(part), 0) : 0),
    0,
  );
  if (parts <= MOST_PARTS) return;
  throw new OhmletError({
    code: "EQ-SIZE",
    fact:
      `the equations of a step have ${parts} parts in all, more than the ${MOST_PARTS} that GPU.js ` +
      "compiles in good time",
    place: { where: engine },
    remedy: 'use "simd" or "reference", a solver with fewer stages, or shorter equations',
  });
}

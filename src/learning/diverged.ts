/**
 * What is said where a phase that learning, a test or a measure asked for diverged: no figure is made of it.
 */
import type { Outcome } from "../dynamics/types";
import { OhmletError } from "../errors";

/**
 * @param when "in batch 3", "in a test"
 * @throws OhmletError DYN-DIVERGED
 */
export function expectBounded(outcomes: readonly Outcome[], where: string, when: string): void {
  const diverged = outcomes.find(({ kind }) => kind === "diverged");
  if (diverged === undefined) return;
  throw new OhmletError({
    code: "DYN-DIVERGED",
    fact: `the circuit diverged ${when} after ${diverged.steps} steps, in ${diverged.rows.length} row(s)`,
    place: { where },
    remedy: diverged.advice ?? "",
    category: "run",
  });
}

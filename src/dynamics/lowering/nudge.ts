/**
 * The nudging force: minus beta dC/d(argument), added where the output neuron's equation says I_nudge. The
 * strength already holds the sign (`ascend`) and the unit drive, so that here it is beta times the cost's
 * gradient.
 */
import type { CostSpec } from "../../circuit/types";
import { add, multiply, subtract, symbol, type Expression } from "../../equations/expression";
import type { Bindings, ProgramBuilder } from "../../program/builder";

export interface NudgeTarget {
  readonly builder: ProgramBuilder;
  readonly cost: CostSpec;
  /** Its slope in internal units, over `argument`, `y` and the output's own parameters; null of a readout. */
  readonly slope: Expression | null;
  /** Size of the output population. */
  readonly size: number;
  /** Whether states have two planes. */
  readonly complex: boolean;
}

/** Declares what the nudge reads that does not change during a run. */
export function declareNudge({ builder, cost, size, complex }: NudgeTarget): void {
  const doubled = cost.kind === "squared-error" && cost.doubled === true;
  const width = cost.kind === "cross-entropy" ? cost.classes : doubled ? size / 2 : size;
  builder.input("y", width);
  if (cost.kind !== "cross-entropy" && !doubled) return;
  builder.weight("readout", size, width);
  builder.weight("readout_back", width, size);
  builder.buffer("logits", width, complex);
  builder.buffer("cost_slope", size, complex);
  if (cost.kind !== "cross-entropy") return;
  builder.vector("readout_bias", width);
  builder.buffer("softmax", width, complex);
}

/** beta at some moment, as an expression with the bindings of its symbols. */
export interface Strength {
  readonly beta: Expression;
  readonly bindings: Bindings;
}

/** A beta that is held: one value a row. */
export const heldStrength = (complex: boolean): Strength => ({
  beta: symbol("beta"),
  bindings: { beta: { row: "beta", complex } },
});

/**
 * Emits what the force needs for the argument in buffer `argument` and returns the force as an expression
 * with the bindings of its symbols.
 */
export function emitNudge(
  { builder, cost, slope, complex }: NudgeTarget,
  argument: string,
  { beta, bindings }: Strength,
): { force: Expression; bindings: Bindings } {
  if (slope !== null) {
    const force = multiply(beta, slope);
    return { force, bindings: { ...bindings, argument: { buffer: argument, complex }, y: { buffer: "y" } } };
  }
  // dC/d(argument) = (softmax(argument R + r) - y) R^T
  const z = { buffer: "logits", complex };
  builder.project("logits", undefined, [{ from: argument, weights: "readout" }], complex);
  if (cost.kind === "squared-error") {
    // Differences of pairs, less the targets, to both of each.
    builder.map("logits", subtract(symbol("z"), symbol("y")), { z, y: { buffer: "y" } }, complex);
    builder.project("cost_slope", undefined, [{ from: "logits", weights: "readout_back" }], complex);
    return sloping(beta, bindings, complex);
  }
  builder.map("logits", add(symbol("z"), symbol("bias")), { z, bias: { vector: "readout_bias" } }, complex);
  builder.normalise("softmax", "logits", complex);
  builder.map(
    "softmax",
    subtract(symbol("p"), symbol("y")),
    { p: { buffer: "softmax", complex }, y: { buffer: "y" } },
    complex,
  );
  builder.project("cost_slope", undefined, [{ from: "softmax", weights: "readout_back" }], complex);
  return sloping(beta, bindings, complex);
}

const sloping = (
  beta: Expression,
  bindings: Bindings,
  complex: boolean,
): { force: Expression; bindings: Bindings } => ({
  force: multiply(beta, symbol("slope")),
  bindings: { ...bindings, slope: { buffer: "cost_slope", complex } },
});

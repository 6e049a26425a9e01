/**
 * Diodes in the equation of a neuron, found by what they do: a current that is SPICE's function of a junction's voltage,
 * exponential forward and a cube in reverse. So a chip is written with D lines, and what
 * only looks like a diode stays an expression.
 */
import { evaluate } from "../equations/evaluate";
import { children, symbolsOf, type Expression } from "../equations/expression";

/** A junction between a node and a rail. */
export interface NodeJunction {
  /** Volts of the rail. */
  readonly rail: number;
  /** Whether it conducts from the node to the rail; else from the rail to the node. */
  readonly up: boolean;
  /** Saturation current, in the unit of the equation. */
  readonly saturation: number;
  /** Volts: thermal voltage times the emission coefficient. */
  readonly thermal: number;
}

/** SPICE's current over the saturation current, of volts over the thermal voltage. */
const shape = (x: number): number => (x < -3 ? -1 - ((3 * Math.exp(-1)) / x) ** 3 : Math.exp(x) - 1);

/** Where it is looked at, in thermal voltages, and how far it may be off, as a share. */
const POINTS = [-200, -40, -12, -5, -3.5, -2.5, -1, -0.2, 0.3, 2, 7, 15, 30];
const HIGH = 25;
const ALIKE = 1e-9;

/** The junction that a term of a neuron's own current into its node is, u alone being left in it; or null. */
export function junctionOf(term: Expression, factor: number): NodeJunction | null {
  for (const argument of exponents(term)) {
    // x = a u + b.
    const b = evaluate(argument, { u: 0 });
    const a = evaluate(argument, { u: 1 }) - b;
    if (!(Math.abs(a) > 0) || !Number.isFinite(1 / a)) continue;
    const current = (x: number): number => factor * evaluate(term, { u: (x - b) / a });
    // What a junction lets out of a node flows into it with the other sign.
    const saturation = (a > 0 ? -1 : 1) * (current(HIGH) / shape(HIGH));
    const fits = POINTS.every((x) => {
      const expected = (a > 0 ? -1 : 1) * saturation * shape(x);
      return Math.abs(current(x) - expected) <= ALIKE * Math.abs(expected);
    });
    if (fits && saturation > 0)
      return { rail: plain(-b / a), up: a > 0, saturation, thermal: 1 / Math.abs(a) };
  }
  return null;
}

/** Without what rounding left in the last digits. */
const plain = (x: number): number => Number(x.toPrecision(14));

/** What exponentials of u are taken of, each once. */
function exponents(term: Expression): Expression[] {
  const seen = new Set<Expression>([term]);
  for (const part of seen) for (const child of children(part)) seen.add(child);
  return [...seen].flatMap((part) =>
    part.kind === "call" && part.fn === "exp" && symbolsOf(part.of).has("u") ? [part.of] : [],
  );
}

/** Terms of a sum, each with what it is multiplied by. */
export function termsOf(
  e: Expression,
  factor = 1,
): readonly { readonly term: Expression; readonly factor: number }[] {
  if (e.kind === "binary" && (e.op === "add" || e.op === "subtract"))
    return [...termsOf(e.left, factor), ...termsOf(e.right, e.op === "add" ? factor : -factor)];
  if (e.kind === "negate") return termsOf(e.of, -factor);
  if (e.kind === "binary" && e.op === "divide" && e.right.kind === "number")
    return termsOf(e.left, factor / e.right.value);
  if (e.kind === "binary" && e.op === "multiply") {
    if (e.left.kind === "number") return termsOf(e.right, factor * e.left.value);
    if (e.right.kind === "number") return termsOf(e.left, factor * e.right.value);
  }
  return [{ term: e, factor }];
}

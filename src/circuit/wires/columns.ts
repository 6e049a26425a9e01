/**
 * The conductances of a synapse, as a crossbar has them: one device between its row and a column, or two of
 * which the second stands in a column of its own that is subtracted. Read from its weight: terms that are
 * added are one device, terms that are subtracted the other. Not here: what wires do (array-wires.ts).
 */
import type { Synapse } from "../../device/types";
import { add, divide, fold, multiply, negate, number, type Expression } from "../../equations/expression";
import { CONSTANTS } from "../../units/constants";
import {
  divideDimensions,
  equalDimensions,
  isDimensionless,
  multiplyDimensions,
  powerDimension,
} from "../../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../../units/quantity";

/** The parameter that says which voltage a `rho_pre` of 1 puts on a row, where that has no unit. */
const READ_VOLTAGE = "V_read";

/** What stands between a row and its columns, over what devices hold, parameters and constants. */
export interface Columns {
  /** Terms of the weight, in its unit. */
  readonly plus: Expression;
  /** Subtracted; null where there is one device. */
  readonly minus: Expression | null;
  /** Name of the parameter that makes a conductance of a weight; null where it is one already. */
  readonly volts: string | null;
}

const [AMPERE, SIEMENS, VOLT]: Dimension[] = [
  [0, 0, 0, 1, 0],
  [-1, -2, 3, 2, 0],
  [1, 2, -3, -1, 0],
];

/** The columns of a synapse, or null where its weight is no conductance times a voltage. */
export function columnsOf(synapse: Synapse): Columns | null {
  const { weight, dimensions, parameters } = synapse;
  const read = Object.hasOwn(parameters, READ_VOLTAGE) ? parameters[READ_VOLTAGE].value.dimension : null;
  const conducts = equalDimensions(dimensions.weight, SIEMENS);
  if (
    !conducts &&
    !(equalDimensions(dimensions.weight, AMPERE) && read !== null && equalDimensions(read, VOLT))
  )
    return null;
  const { plus, minus } = termsOf(weight, dimensionIn(synapse));
  return { plus: plus ?? number(0), minus, volts: conducts ? null : READ_VOLTAGE };
}

/**
 * Currents of a synapse whose weight is one, in amperes at an output of 1: what its terms that are added and those
 * that are subtracted come to. Null where its weight is none.
 */
export function currentsOf(synapse: Synapse): Terms | null {
  return equalDimensions(synapse.dimensions.weight, AMPERE)
    ? termsOf(synapse.weight, dimensionIn(synapse))
    : null;
}

export interface Terms {
  readonly plus: Expression | null;
  readonly minus: Expression | null;
}

/** Terms that are added and terms that are subtracted; of a product, those of the factor that is a current or a conductance. */
function termsOf(e: Expression, dimensionOf: (e: Expression) => Dimension): Terms {
  const whole = (of: Expression): Terms => ({ plus: of, minus: null });
  const both = (a: Terms, b: Terms): Terms => ({ plus: sum(a.plus, b.plus), minus: sum(a.minus, b.minus) });
  const swapped = ({ plus, minus }: Terms): Terms => ({ plus: minus, minus: plus });
  const times = ({ plus, minus }: Terms, make: (term: Expression) => Expression): Terms => ({
    plus: plus && make(plus),
    minus: minus && make(minus),
  });
  const physical = (of: Expression): boolean => !isDimensionless(dimensionOf(of));
  return fold<Terms>(e, (part, of) => {
    if (part.kind === "negate") return swapped(of(part.of));
    if (part.kind === "number" && part.value < 0) return { plus: null, minus: negate(part) };
    if (part.kind !== "binary") return whole(part);
    const { op, left, right } = part;
    if (op === "add") return both(of(left), of(right));
    if (op === "subtract") return both(of(left), swapped(of(right)));
    // Only what has a unit is a sum of currents: G*(1 - x) is one device.
    if (op === "divide" && physical(left)) return times(of(left), (term) => divide(term, right));
    if (op !== "multiply") return whole(part);
    if (physical(left) && of(left).minus !== null) return times(of(left), (term) => multiply(term, right));
    return physical(right) ? times(of(right), (term) => multiply(left, term)) : whole(part);
  });
}

const sum = (a: Expression | null, b: Expression | null): Expression | null =>
  a === null ? b : b === null ? a : add(a, b);

/** Dimensions of the parts of a synapse's expressions, whose units fit: they were checked. */
function dimensionIn({ parameters, stored }: Synapse): (e: Expression) => Dimension {
  const known = new Map<Expression, Dimension>();
  const named = (name: string): Dimension =>
    stored[name]?.dimension ??
    parameters[name]?.value.dimension ??
    CONSTANTS[name]?.dimension ??
    DIMENSIONLESS;
  return (e) =>
    fold<Dimension>(
      e,
      (part, of) => {
        switch (part.kind) {
          case "number":
            return DIMENSIONLESS;
          case "symbol":
            return named(part.name);
          case "negate":
            return of(part.of);
          case "where":
            return of(part.then);
          case "call":
            if (part.fn === "sqrt") return powerDimension(of(part.of), 0.5);
            return part.fn === "abs" || part.fn === "floor" ? of(part.of) : DIMENSIONLESS;
          case "binary": {
            const { op, left, right } = part;
            if (op === "multiply") return multiplyDimensions(of(left), of(right));
            if (op === "divide") return divideDimensions(of(left), of(right));
            if (op !== "power") return of(left);
            return right.kind === "number" ? powerDimension(of(left), right.value) : DIMENSIONLESS;
          }
        }
      },
      { known },
    );
}

/**
 * Dimensions that are not known yet, as those of a current before its equation is read. A form is a known
 * dimension times powers of unknown ones; saying that two forms are equal solves for an unknown, or finds a
 * contradiction.
 */
import { divideDimensions, isDimensionless, multiplyDimensions, powerDimension } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";

export interface Form {
  readonly known: Dimension;
  /** Exponents of unknown dimensions by name; none is zero. */
  readonly unknown: ReadonlyMap<string, number>;
}

const NOTHING: ReadonlyMap<string, number> = new Map();
const SMALL = 1e-9;

export const knownForm = (known: Dimension): Form => ({ known, unknown: NOTHING });
export const ONE: Form = knownForm(DIMENSIONLESS);

export function multiplyForms(a: Form, b: Form): Form {
  return { known: multiplyDimensions(a.known, b.known), unknown: combine(a.unknown, b.unknown, 1) };
}

export function divideForms(a: Form, b: Form): Form {
  return { known: divideDimensions(a.known, b.known), unknown: combine(a.unknown, b.unknown, -1) };
}

export function powerForm(a: Form, exponent: number): Form {
  return { known: powerDimension(a.known, exponent), unknown: combine(NOTHING, a.unknown, exponent) };
}

function combine(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  factor: number,
): ReadonlyMap<string, number> {
  if (b.size === 0) return a;
  const sum = new Map(a);
  for (const [name, exponent] of b) {
    const total = (sum.get(name) ?? 0) + factor * exponent;
    if (Math.abs(total) < SMALL) sum.delete(name);
    else sum.set(name, total);
  }
  return sum;
}

export class Unknowns {
  private readonly solved = new Map<string, Form>();
  private count = 0;

  /** A named unknown, or a fresh one: the dimension of a literal zero, which may be any. */
  form(name = `#${this.count++}`): Form {
    return { known: DIMENSIONLESS, unknown: new Map([[name, 1]]) };
  }

  /**
   * The form with all that is solved put in. Solutions that led to others lead straight on from then: chains
   * stay short.
   */
  reduce(form: Form): Form {
    let result = form;
    for (let name = this.solvedIn(result); name !== undefined; name = this.solvedIn(result)) {
      const exponent = result.unknown.get(name) as number;
      result = multiplyForms(
        divideForms(result, powerForm(this.form(name), exponent)),
        powerForm(this.solved.get(name) as Form, exponent),
      );
    }
    const [first] = form.unknown;
    // A power of one unknown tells what that one is.
    if (form.unknown.size === 1 && this.solved.has(first[0]))
      this.solved.set(first[0], powerForm(divideForms(result, knownForm(form.known)), 1 / first[1]));
    return result;
  }

  /** A text for a form; forms that are equal have the same, as far as is known by now. */
  keyOf(form: Form): string {
    const { known, unknown } = this.reduce(form);
    return `${known.join()} ${[...unknown]
      .map(([name, exponent]) => `${name}^${exponent}`)
      .sort()
      .join(" ")}`;
  }

  /** Whether a literal zero leaves open what a form is: it may be another one next time. */
  isOpen(form: Form): boolean {
    return [...this.reduce(form).unknown.keys()].some((name) => name.startsWith("#"));
  }

  private solvedIn(form: Form): string | undefined {
    for (const name of form.unknown.keys()) if (this.solved.has(name)) return name;
    return undefined;
  }

  /** States that two forms are equal. False where they cannot be. */
  unify(a: Form, b: Form): boolean {
    const ratio = this.reduce(divideForms(a, b));
    const [first] = [...ratio.unknown].sort(
      ([x], [y]) => Number(y.startsWith("#")) - Number(x.startsWith("#")),
    );
    if (first === undefined) return isDimensionless(ratio.known);
    const [name, exponent] = first;
    this.solved.set(name, powerForm(divideForms(ratio, powerForm(this.form(name), exponent)), -1 / exponent));
    return true;
  }

  /** The dimension of a form, or null while it is open. */
  dimensionOf(form: Form): Dimension | null {
    const { known, unknown } = this.reduce(form);
    return unknown.size === 0 ? known : null;
  }

  /** The dimension of a form, with what is still open set to 1. */
  settle(form: Form): Dimension {
    for (const name of this.reduce(form).unknown.keys()) this.solved.set(name, ONE);
    return this.reduce(form).known;
  }
}

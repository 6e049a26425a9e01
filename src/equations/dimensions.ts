/** Checks that equations hold between equal dimensions, and finds those of ports on the way. */
import { describeDimension, divideDimensions, isDimensionless } from "../units/dimension";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { WHERE } from "./functions";
import { inOrder } from "./order";
import type { Definition } from "./read";
import { startOf, textOf, type Syntax } from "./syntax";
import { tooLong } from "./size";
import { LIMITS, refuse, type Line } from "./token";
import { divideForms, knownForm, multiplyForms, ONE, powerForm, type Form, type Unknowns } from "./unknowns";
import type { OhmletError } from "../errors";

type Locals = ReadonlyMap<string, Form>;
const NONE: Locals = new Map();

/**
 * Dimensions of trees whose names are already known to resolve (see resolve.ts).
 * `symbols`: the form of every symbol of the scope; rates ("du/dt") included.
 */
export class DimensionChecker {
  private readonly values = new Map<string, Form>();
  /** Forms of the text's functions, by name and forms of their arguments. */
  private readonly calls = new Map<string, Form>();
  private steps = 0;

  constructor(
    private readonly symbols: ReadonlyMap<string, Form>,
    private readonly definitions: ReadonlyMap<string, Definition>,
    readonly unknowns: Unknowns,
  ) {}

  /** The form of a tree. @throws EQ-DIMENSION */
  formOf(tree: Syntax): Form {
    this.prepare(tree.line);
    this.steps = 0;
    return this.visit(tree, NONE);
  }

  /** The form of a definition without arguments; its annotation, if any, is checked. */
  valueOf(definition: Definition): Form {
    this.prepare(definition.line);
    return this.value(definition);
  }

  /** Definitions that others need come first, so that a long chain of them is never deep. */
  private prepare(line: Line): void {
    for (const definition of inOrder(line, this.definitions, (name) => this.values.has(name))) {
      this.steps = 0;
      this.value(definition);
    }
  }

  private value(definition: Definition): Form {
    const known = this.values.get(definition.name);
    if (known !== undefined) return known;
    const form = this.visit(definition.right, NONE);
    if (definition.unit !== null)
      this.expect(
        definition.right,
        form,
        definition.unit,
        `its annotation says ${describeDimension(definition.unit)}`,
      );
    this.values.set(definition.name, form);
    return form;
  }

  /** Refuses a tree that has not the given dimension. `why` completes "… is in V, but". */
  expect(tree: Syntax, form: Form, dimension: Dimension, why: string): void {
    if (this.unknowns.unify(form, knownForm(dimension))) return;
    throw this.mismatch(
      tree,
      `"${textOf(tree)}" is in ${this.describe(form)}, but ${why}`,
      fix(textOf(tree), this.unknowns.dimensionOf(divideForms(knownForm(dimension), form))) ??
        `give it a unit: ${describeDimension(dimension)}`,
    );
  }

  /** States that both sides of an equation have one dimension. */
  equate(
    left: { readonly text: string; readonly form: Form },
    right: Syntax,
    rightForm: Form,
    remedy?: string,
  ): void {
    if (this.unknowns.unify(left.form, rightForm)) return;
    throw this.mismatch(
      right,
      `"${left.text}" is in ${this.describe(left.form)}, but the right side is in ` +
        `${this.describe(rightForm)}`,
      remedy ??
        fix("the right side", this.unknowns.dimensionOf(divideForms(left.form, rightForm))) ??
        "give both sides one unit",
    );
  }

  private visit(tree: Syntax, locals: Locals): Form {
    if (++this.steps > LIMITS.steps) throw tooLong(tree);
    switch (tree.kind) {
      case "number":
        return tree.value === 0 ? this.unknowns.form() : ONE;
      case "name":
        return (
          locals.get(tree.name) ?? this.symbols.get(tree.name) ?? this.value(this.definitions.get(tree.name)!)
        );
      case "operator":
        return this.operator(tree, locals);
      case "compare":
        return this.same(tree.args, locals, "compare");
      case "call":
        return this.call(tree, locals);
    }
  }

  private operator(tree: Syntax & { kind: "operator" }, locals: Locals): Form {
    const { op, args } = tree;
    if (op === "add" || op === "subtract") return this.same(args, locals, op === "add" ? "add" : "subtract");
    if (op === "power") return this.power(args[0], args[1], locals);
    const [a, b] = args.map((arg) => this.visit(arg, locals));
    // A literal zero has any dimension, and so has a product with it.
    if (args.some((arg) => arg.kind === "number" && arg.value === 0)) return this.unknowns.form();
    if (op === "negate") return a;
    return op === "multiply" ? multiplyForms(a, b) : divideForms(a, b);
  }

  private power(base: Syntax, exponent: Syntax, locals: Locals): Form {
    this.plain(exponent, locals, "an exponent has no unit");
    const form = this.unknowns.reduce(this.visit(base, locals));
    const value = literal(exponent);
    if (value !== null) return powerForm(form, value);
    this.expect(base, form, ONE.known, "what is raised to a variable power has no unit");
    return ONE;
  }

  private call(tree: Syntax & { kind: "call" }, locals: Locals): Form {
    const { name, args } = tree;
    if (name.endsWith("'")) return this.derivative(tree, locals);
    const definition = this.definitions.get(name);
    if (definition?.parameters) {
      return this.applied(
        definition,
        args.map((arg) => this.visit(arg, locals)),
      );
    }
    switch (name) {
      case "min":
      case "max":
      case "clip":
        return this.same(args, locals, "compare");
      case WHERE:
        this.visit(args[0], locals);
        return this.same(args.slice(1), locals, "choose between");
      case "abs":
        return this.visit(args[0], locals);
      case "sign":
        this.visit(args[0], locals);
        return ONE;
      case "sqrt":
        return powerForm(this.visit(args[0], locals), 0.5);
      default:
        this.plain(args[0], locals, `${name} takes a number without unit`);
        return ONE;
    }
  }

  /**
   * The form of a function of the text at arguments of these forms; looked at once, unless it leaves open
   * what it is.
   */
  private applied(definition: Definition, args: readonly Form[]): Form {
    const key = `${definition.name} ${args.map((arg) => this.unknowns.keyOf(arg)).join()}`;
    const known = this.calls.get(key);
    if (known !== undefined) return known;
    const form = this.visit(
      definition.right,
      new Map(definition.parameters?.map((parameter, i) => [parameter, args[i]])),
    );
    if (definition.unit !== null)
      this.expect(
        definition.right,
        form,
        definition.unit,
        `its annotation says ${describeDimension(definition.unit)}`,
      );
    if (!this.unknowns.isOpen(form)) this.calls.set(key, form);
    return form;
  }

  private derivative(tree: Syntax & { kind: "call" }, locals: Locals): Form {
    const definition = this.definitions.get(tree.name.slice(0, -1))!;
    const argument = this.visit(tree.args[0], locals);
    const value =
      definition.parameters === null ? this.value(definition) : this.applied(definition, [argument]);
    return divideForms(value, argument);
  }

  private plain(tree: Syntax, locals: Locals, why: string): void {
    const form = this.visit(tree, locals);
    if (this.unknowns.unify(form, ONE)) return;
    throw this.mismatch(
      tree,
      `"${textOf(tree)}" is in ${this.describe(form)}, but ${why}`,
      `divide it by a quantity in ${this.describe(form)}`,
    );
  }

  private same(trees: readonly Syntax[], locals: Locals, verb: string): Form {
    const forms = trees.map((tree) => this.visit(tree, locals));
    for (let i = 1; i < forms.length; i++) {
      if (this.unknowns.unify(forms[0], forms[i])) continue;
      const [first, other] = [trees[0], trees[i]].map((tree) => `"${textOf(tree)}"`);
      // Of units that are yet to be found, such as a current's, what they differ by may be known.
      const ratio = this.unknowns.dimensionOf(divideForms(forms[0], forms[i]));
      const known = this.unknowns.dimensionOf(forms[i]) !== null;
      const fact =
        known || ratio === null
          ? `cannot ${verb} ${first} in ${this.describe(forms[0])} and ${other} in ${this.describe(forms[i])}`
          : `cannot ${verb} ${first} and ${other}, whose units differ by ${describeDimension(ratio)}`;
      throw this.mismatch(trees[i], fact, fix(other, ratio) ?? `give ${first} and ${other} one unit`);
    }
    return forms[0];
  }

  private describe(form: Form): string {
    const { known, unknown } = this.unknowns.reduce(form);
    if (unknown.size > 0) return "a unit that does not fit";
    return isDimensionless(known) ? "no unit (1)" : describeDimension(known);
  }

  private mismatch(at: Syntax, fact: string, remedy: string): OhmletError {
    return refuse("EQ-DIMENSION", fact, at.line, startOf(at), remedy);
  }
}

/** "multiply … by a quantity in S", or divide where that reads better. */
function fix(what: string, missing: Dimension | null): string | undefined {
  if (missing === null) return undefined;
  const [up, down] = [
    describeDimension(missing),
    describeDimension(divideDimensions(DIMENSIONLESS, missing)),
  ];
  return down.length < up.length
    ? `divide ${what} by a quantity in ${down}`
    : `multiply ${what} by a quantity in ${up}`;
}

/** The value of a literal exponent, with its sign or as a quotient: 2, -1, 1/2. */
function literal(tree: Syntax): number | null {
  if (tree.kind === "number") return tree.value;
  if (tree.kind !== "operator") return null;
  const values = tree.args.map(literal);
  if (values.some((value) => value === null)) return null;
  const [a, b] = values as number[];
  if (tree.op === "negate") return -a;
  return tree.op === "divide" ? a / b : null;
}

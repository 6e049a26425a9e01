/**
 * Syntax to expressions: every name gets its meaning, or is refused. Definitions are put in, functions of the
 * text are expanded, derivative marks are replaced by symbolic derivatives. Nothing is evaluated.
 */
import type { OhmletError } from "../errors";
import { differentiate } from "./differentiate";
import {
  add,
  divide,
  multiply,
  negate,
  number,
  power,
  substitute,
  subtract,
  symbol,
  where,
  type Expression,
} from "./expression";
import { FUNCTIONS, isFunctionName, nearest, WHERE } from "./functions";
import { inOrder } from "./order";
import type { Definition } from "./read";
import { Shared } from "./share";
import { simplify } from "./simplify";
import { isKnownElsewhere, joinsTests, sayFunction, sayTests } from "./rephrase";
import { checkSize, tooLong } from "./size";
import { isCircuitUnit } from "../units/spelling";
import { placeOf, startOf, textOf, type Operator, type Syntax } from "./syntax";
import { LIMITS, refuse, type Line } from "./token";

/** What names mean in a text. */
export interface Scope {
  /** Names that stay symbols: ports, states, parameters, constants. */
  readonly symbols: ReadonlySet<string>;
  /** What the text defines itself. */
  readonly definitions: ReadonlyMap<string, Definition>;
}

const BUILD: Record<Operator, (args: readonly Expression[]) => Expression> = {
  add: ([a, b]) => add(a, b),
  subtract: ([a, b]) => subtract(a, b),
  multiply: ([a, b]) => multiply(a, b),
  divide: ([a, b]) => divide(a, b),
  power: ([a, b]) => power(a, b),
  negate: ([a]) => negate(a),
};

/** Arguments of the function that is being expanded. */
type Bindings = ReadonlyMap<string, Expression>;
const NONE: Bindings = new Map();

/**
 * Collects definitions by name.
 * @throws EQ-DUPLICATE for a name that is taken: twice defined, a parameter, a port, a known function
 */
export function collectDefinitions(
  statements: readonly Definition[],
  symbols: ReadonlySet<string>,
): Map<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const statement of statements) {
    const { name, line } = statement;
    const earlier = definitions.get(name);
    const taken = earlier
      ? `defined in line ${earlier.line.number}`
      : symbols.has(name)
        ? "a parameter, a constant or a port"
        : isFunctionName(name)
          ? "a known function"
          : null;
    if (taken !== null)
      throw refuse(
        "EQ-DUPLICATE",
        `"${name}" is already ${taken}`,
        line,
        line.tokens[0],
        "give it another name",
      );
    definitions.set(name, statement);
  }
  return definitions;
}

/** Equal parts of what one resolver returns are the same objects, and nothing is expanded twice. */
export class Resolver {
  private readonly done = new Map<string, Expression>();
  /** Calls of the text's functions, by name and arguments. */
  private readonly calls = new Map<string, Expression>();
  private readonly shared = new Shared();
  /** Names under expansion, outermost first: a name met twice is a cycle. */
  private readonly open: string[] = [];
  private steps = 0;
  private depth = 0;

  constructor(readonly scope: Scope) {}

  /**
   * The expression of a tree.
   * @throws EQ-UNKNOWN, EQ-CALL, EQ-ARGUMENTS, EQ-CYCLE, EQ-DERIVATIVE, EQ-SIZE
   */
  resolve(tree: Syntax): Expression {
    this.prepare(tree.line);
    this.begin();
    return this.checked(this.visit(tree, NONE), tree);
  }

  /** The value of a definition without arguments. */
  valueOf(definition: Definition): Expression {
    this.prepare(definition.line);
    return this.value(definition, definition.right);
  }

  /**
   * Expands what a line stands on, each definition after those that it needs itself: a long chain of them is
   * never deep.
   */
  private prepare(line: Line): void {
    for (const definition of inOrder(line, this.scope.definitions, (name) => this.done.has(name))) {
      this.begin();
      this.value(definition, definition.right);
    }
  }

  private begin(): void {
    [this.steps, this.depth] = [0, 0];
  }

  private visit(tree: Syntax, bindings: Bindings): Expression {
    if (++this.steps > LIMITS.steps || ++this.depth > LIMITS.depth) throw tooLong(tree);
    const e = this.shared.of(this.expression(tree, bindings));
    this.depth--;
    return e;
  }

  private expression(tree: Syntax, bindings: Bindings): Expression {
    switch (tree.kind) {
      case "number":
        return number(tree.value);
      case "name":
        return this.name(tree, bindings);
      case "operator":
        return BUILD[tree.op](tree.args.map((arg) => this.visit(arg, bindings)));
      case "call":
        return this.call(tree, bindings);
      case "compare":
        throw refuse(
          "EQ-SYNTAX",
          "a comparison is not a number",
          tree.line,
          startOf(tree),
          "compare inside where(test, then, otherwise)",
        );
    }
  }

  private name(tree: Syntax & { kind: "name" }, bindings: Bindings): Expression {
    const bound = bindings.get(tree.name);
    if (bound !== undefined) return bound;
    if (this.scope.symbols.has(tree.name)) return symbol(tree.name);
    const definition = this.scope.definitions.get(tree.name);
    if (definition !== undefined && definition.parameters === null) return this.value(definition, tree);
    if (definition !== undefined || isFunctionName(tree.name)) {
      throw refuse(
        "EQ-ARGUMENTS",
        `"${tree.name}" is a function and needs its argument`,
        tree.line,
        startOf(tree),
        `write  ${tree.name}(…)`,
      );
    }
    throw this.unknown(tree.name, tree, bindings);
  }

  private value(definition: Definition, at: Syntax): Expression {
    const known = this.done.get(definition.name);
    if (known !== undefined) return known;
    const value = this.checked(this.expand(definition, at, NONE), definition.right);
    this.done.set(definition.name, value);
    return value;
  }

  private expand(definition: Definition, at: Syntax, bindings: Bindings): Expression {
    const { name } = definition;
    if (this.open.includes(name)) {
      const cycle = [...this.open.slice(this.open.indexOf(name)), name].join(" -> ");
      this.open.length = 0;
      throw refuse(
        "EQ-CYCLE",
        `"${name}" is defined by itself: ${cycle}`,
        at.line,
        startOf(at),
        "a definition can only use what does not depend on it",
      );
    }
    this.open.push(name);
    const value = this.visit(definition.right, bindings);
    this.open.pop();
    return value;
  }

  /** A function of the text at its arguments; the same at the same arguments. */
  private applied(definition: Definition, at: Syntax, values: readonly Expression[]): Expression {
    const key = `${definition.name} ${values.map((value) => this.shared.idOf(value)).join()}`;
    const value =
      this.calls.get(key) ??
      this.expand(
        definition,
        at,
        new Map(definition.parameters?.map((parameter, i) => [parameter, values[i]])),
      );
    this.calls.set(key, value);
    return value;
  }

  private call(tree: Syntax & { kind: "call" }, bindings: Bindings): Expression {
    const { name, args } = tree;
    if (name.endsWith("'")) return this.derivative(tree, bindings);
    if (name === WHERE) return this.where(tree, bindings);
    const known = FUNCTIONS.get(name);
    const definition = this.scope.definitions.get(name);
    if (known !== undefined) {
      const { least, most } = known.arguments;
      if (args.length < least || args.length > most)
        throw wrongCount(tree, least === most ? `${least}` : `${least} or more`);
      return known.build(args.map((arg) => this.visit(arg, bindings)));
    }
    if (definition !== undefined && definition.parameters !== null) {
      if (args.length !== definition.parameters.length)
        throw wrongCount(tree, `${definition.parameters.length}`);
      const values = args.map((arg) => this.visit(arg, bindings));
      return this.applied(definition, tree, values);
    }
    if (definition !== undefined || this.scope.symbols.has(name) || bindings.has(name))
      throw notAFunction(tree, definition !== undefined);
    throw this.unknown(name, tree, bindings);
  }

  /**
   * rho'(u): of a value, with respect to the name in brackets; of a function, at any argument. Simplified
   * first: the slope of 1/(1 + exp(-u)) as written is inf/inf far out in float32, that of the recognised
   * logistic is 0.
   */
  private derivative(tree: Syntax & { kind: "call" }, bindings: Bindings): Expression {
    const name = tree.name.slice(0, -1);
    const definition = this.scope.definitions.get(name);
    const [arg, ...more] = tree.args;
    if (
      definition === undefined ||
      more.length > 0 ||
      arg === undefined ||
      (definition.parameters?.length ?? 1) !== 1
    ) {
      throw refuse(
        "EQ-DERIVATIVE",
        `${textOf(tree)} is not a derivative that can be taken`,
        tree.line,
        startOf(tree),
        "write  rho'(u)  where the text defines  rho = …  or  rho(u) = …",
      );
    }
    if (definition.parameters === null) {
      if (arg.kind !== "name" || !this.scope.symbols.has(arg.name))
        throw refuse(
          "EQ-DERIVATIVE",
          `${name} is differentiated with respect to a plain name`,
          tree.line,
          startOf(arg),
          `write  ${name}'(u)`,
        );
      return this.slope(name, this.value(definition, tree), arg.name, tree);
    }
    // "$" cannot occur in a user's name.
    const value = this.checked(this.applied(definition, tree, [symbol("$")]), tree);
    const slope = this.slope(name, value, "$", tree);
    const at = this.visit(arg, bindings);
    return substitute(slope, (s) => (s === "$" ? at : undefined));
  }

  private slope(name: string, value: Expression, by: string, tree: Syntax): Expression {
    const slope = differentiate(simplify(value), by);
    checkSize(slope, `the derivative ${name}'`, placeOf(tree));
    return slope;
  }

  private where(tree: Syntax & { kind: "call" }, bindings: Bindings): Expression {
    if (tree.args.length !== 3) throw wrongCount(tree, "3");
    const [test, then, otherwise] = tree.args;
    if (test.kind !== "compare")
      throw refuse(
        "EQ-SYNTAX",
        "the first argument of where is a comparison",
        tree.line,
        startOf(test),
        test.kind === "call" && joinsTests(test.name)
          ? sayTests(tree.line.text)
          : "write  where(a < b, then, otherwise)",
      );
    const [left, right] = test.args.map((arg) => this.visit(arg, bindings));
    return where(
      { comparison: test.comparison, left, right },
      this.visit(then, bindings),
      this.visit(otherwise, bindings),
    );
  }

  private unknown(name: string, tree: Syntax, bindings: Bindings): OhmletError {
    const { symbols, definitions } = this.scope;
    if (name.endsWith("/dt"))
      return refuse(
        "EQ-SYNTAX",
        `"${name}" stands on a right side`,
        tree.line,
        startOf(tree),
        "a rate is what an equation is solved for: bring it to the left",
      );
    if (tree.kind === "name" && name.length > 1 && isCircuitUnit(name))
      return refuse(
        "EQ-UNKNOWN",
        `"${name}" is a unit, and equations hold none`,
        tree.line,
        startOf(tree),
        `add the parameter  ${name}: "1 ${name}"`,
      );
    const near =
      tree.kind === "call" && isKnownElsewhere(name)
        ? null
        : nearest(
            name,
            tree.kind === "call"
              ? [...FUNCTIONS.keys(), WHERE, ...definitions.keys()]
              : [...bindings.keys(), ...symbols, ...definitions.keys()],
          );
    const said = tree.kind === "call" ? sayFunction(name, tree.args.map(textOf)) : null;
    if (said !== null)
      return refuse("EQ-UNKNOWN", `nothing is called "${name}"`, tree.line, startOf(tree), `write  ${said}`);
    const declare =
      tree.kind === "call"
        ? `define  ${name}(${["x", "y", "z"].slice(0, Math.max(1, tree.args.length)).join(", ")}) = …  ` +
          "in the text"
        : `give "${name}" a value among the parameters, or define it in the text`;
    return refuse(
      "EQ-UNKNOWN",
      `nothing is called "${name}"`,
      tree.line,
      startOf(tree),
      near === null ? declare : `did you mean "${near}"? Or ${declare}`,
    );
  }

  private checked(e: Expression, tree: Syntax): Expression {
    checkSize(e, "with its definitions put in, the equation", placeOf(tree));
    return e;
  }
}

const wrongCount = (tree: Syntax & { kind: "call" }, needed: string): OhmletError =>
  refuse(
    "EQ-ARGUMENTS",
    `${tree.name} takes ${needed} argument${needed === "1" ? "" : "s"}, not ${tree.args.length}`,
    tree.line,
    startOf(tree),
    `write ${needed} between its brackets, with commas`,
  );

function notAFunction(tree: Syntax & { kind: "call" }, defined: boolean): OhmletError {
  const inside = textOf({ line: tree.line, first: tree.first + 1, last: tree.last });
  return refuse(
    "EQ-CALL",
    `"${tree.name}" is a ${defined ? "value" : "parameter"}, not a function`,
    tree.line,
    startOf(tree),
    `write  ${tree.name}*${inside}`,
  );
}

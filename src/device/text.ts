/**
 * What reading a neuron's and a synapse's text have in common: scope, resolution, dimensions, checks at
 * nominal values.
 */
import { OhmletError, type Place } from "../errors";
import { splitLinear } from "../equations/differentiate";
import { DimensionChecker } from "../equations/dimensions";
import { evaluate, valueOf } from "../equations/evaluate";
import { children, divide, fold, substitute, symbolsOf, type Expression } from "../equations/expression";
import {
  boundsOf,
  readLoneExpression,
  readStatements,
  type Bounds,
  type Definition,
  type Flicker,
  type Ordering,
  type Rate,
  type Statement,
  type Update,
} from "../equations/read";
import { collectDefinitions, Resolver } from "../equations/resolve";
import { show } from "../equations/show";
import { simplify } from "../equations/simplify";
import { checkSize } from "../equations/size";
import { startOf, textOf, type Syntax } from "../equations/syntax";
import { refuse, type Line } from "../equations/token";
import { divideForms, knownForm, type Form, type Unknowns } from "../equations/unknowns";
import { CONSTANTS } from "../units/constants";
import { equalDimensions, isDimensionless } from "../units/dimension";
import { formatQuantity } from "../units/format";
import { DIMENSIONLESS, type Dimension } from "../units/quantity";
import { checkCondition, extremesOf, nominalValues } from "./conditions";
import { asOneSource, occursTwice } from "./sources";
import { isDraw, isNormal } from "../equations/draws";
import { withExtents } from "./extents";
import type { Parameter } from "./types";

const SECOND: Dimension = [0, 0, 1, 0, 0];

export const rateName = (state: string): string => `d${state}/dt`;

/** A device's text, its statements sorted by what they are. */
export class DeviceText {
  readonly definitions: readonly Definition[];
  readonly rates: readonly Rate[];
  readonly updates: readonly Update[];
  readonly flickers: readonly Flicker[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Names of random draws that the text uses. */
  readonly draws: readonly string[];
  /** What names stand for that make states of their own: flicker noise. */
  readonly macros = new Map<string, Expression>();
  /** Orderings of a state. */
  readonly bounds: readonly Bounds[];
  /** Orderings of parameters. */
  private readonly conditions: readonly Ordering[];

  constructor(
    readonly where: string,
    equations: string,
    parameters: Readonly<Record<string, Parameter>>,
  ) {
    const statements = readStatements(where, equations);
    const of = <K extends Statement["kind"]>(kind: K): Extract<Statement, { kind: K }>[] =>
      statements.filter((s): s is Extract<Statement, { kind: K }> => s.kind === kind);
    this.definitions = of("definition");
    this.rates = of("rate");
    this.updates = of("update");
    this.flickers = of("flicker");
    this.parameters = withExtents(parameters, of("sharing"));
    const states = new Set([...this.rates, ...this.updates, ...this.flickers].map(({ name }) => name));
    const ofState = ({ line }: Ordering): boolean => line.tokens.some(({ text }) => states.has(text));
    this.bounds = of("ordering").filter(ofState).map(boundsOf);
    this.conditions = of("ordering").filter((ordering) => !ofState(ordering));
    this.lines = statements.map((statement) => statement.line);
    const known = new Set([
      ...Object.keys(parameters),
      ...this.definitions.map(({ name }) => name),
      ...states,
    ]);
    const names = new Set(this.lines.flatMap(({ tokens }) => tokens.map(({ text }) => text)));
    this.draws = [...names].filter((name) => isDraw(name) && !known.has(name));
  }
  private readonly lines: readonly Statement["line"][];
  /** Parameters whose units are left open, and what a check found them to be: see blame.ts. */
  readonly open = new Map<string, () => Dimension | null>();

  /** Names that stand for numbers once a chip is made: parameters and constants. */
  get constants(): readonly string[] {
    return [...Object.keys(this.parameters), ...Object.keys(CONSTANTS)];
  }

  /** A resolver that knows `ports` beside the parameters and constants. */
  resolver(ports: readonly string[]): Resolver {
    const symbols = new Set([...ports, ...this.constants]);
    return new Resolver({ symbols, definitions: collectDefinitions(this.definitions, symbols) });
  }

  checker(ports: ReadonlyMap<string, Form>, resolver: Resolver, unknowns: Unknowns): DimensionChecker {
    const symbols = new Map(ports);
    for (const [name, parameter] of Object.entries(this.parameters))
      symbols.set(name, knownForm(parameter.value.dimension));
    for (const [name, constant] of Object.entries(CONSTANTS))
      symbols.set(name, knownForm(constant.dimension));
    for (const name of this.open.keys()) {
      const form = unknowns.form(`unit of ${name}`);
      symbols.set(name, form);
      this.open.set(name, () => unknowns.dimensionOf(form));
    }
    return new DimensionChecker(symbols, resolver.scope.definitions, unknowns);
  }

  /**
   * Seconds; or 1, where nothing in the device has a unit, as in the dimensionless networks of the papers.
   */
  timeDimension(annotations: readonly (Dimension | null)[]): Dimension {
    const all = [
      ...Object.values(this.parameters).map((parameter) => parameter.value.dimension),
      ...annotations,
    ];
    return all.every((dimension) => dimension === null || isDimensionless(dimension))
      ? DIMENSIONLESS
      : SECOND;
  }

  /** Solves coefficient * du/dt = right for du/dt. */
  solveRate(rate: Rate, resolver: Resolver): Expression {
    const name = rateName(rate.name);
    const left = new Resolver({
      symbols: new Set([...resolver.scope.symbols, name]),
      definitions: resolver.scope.definitions,
    }).resolve(rate.left);
    const split = splitLinear(left, name);
    if (split === null || split.constant.kind !== "number" || split.constant.value !== 0) {
      throw refuse(
        "EQ-RATE",
        `the left side is not a multiple of ${name}`,
        rate.line,
        startOf(rate.left),
        `write  coefficient*${name} = …`,
      );
    }
    this.checkPositive(split.coefficient, rate);
    return divide(resolver.resolve(rate.right), split.coefficient);
  }

  /**
   * Splits what a line says into what is certain and what multiplies the noise xi, which must be added and
   * stand there once.
   * @param rest what follows the noise in the remedy
   * @param xi which draw
   * @throws EQ-NOISE
   */
  splitNoise(
    e: Expression,
    line: Line,
    right: Syntax,
    { what, write, rest = "" }: { readonly what: string; readonly write: string; readonly rest?: string },
    xi = "xi",
  ): { readonly constant: Expression; readonly coefficient: Expression } {
    const split = splitLinear(e, xi);
    if (split === null)
      throw refuse("EQ-NOISE", `${what} is not linear in ${xi}`, line, startOf(right), write);
    if (!occursTwice(e, xi)) return split;
    const again = line.tokens.filter(({ text }) => text === xi)[1] ?? startOf(right);
    throw refuse(
      "EQ-NOISE",
      `${xi} occurs more than once: it is one source, whose amplitudes would add`,
      line,
      again,
      "for independent sources, whose variances add, write one  " +
        `${asOneSource(e, xi) ?? `sqrt(a^2 + b^2)*${xi}`}${rest}`,
    );
  }

  /**
   * Splits off every normal draw that an expression holds, by name.
   * @throws EQ-NOISE where it is not linear in one, holds one twice, holds the product of two, or a uniform one
   */
  splitDraws(
    e: Expression,
    line: Line,
    right: Syntax,
    said: { readonly what: string; readonly write: string; readonly rest?: string },
  ): { readonly constant: Expression; readonly coefficients: Readonly<Record<string, Expression>> } {
    const coefficients: Record<string, Expression> = Object.create(null);
    let constant = e;
    for (const draw of this.draws) {
      if (!symbolsOf(constant).has(draw)) continue;
      if (!isNormal(draw))
        throw refuse(
          "EQ-NOISE",
          `${said.what} depends on the uniform draw ${draw}`,
          line,
          line.tokens.find(({ text }) => text === draw) ?? startOf(right),
          `use a normal draw such as xi_${draw.replace(/^eta_?/, "") || "a"} here; uniform ones are for events`,
        );
      const split = this.splitNoise(constant, line, right, said, draw);
      const other = [...symbolsOf(split.coefficient)].find((name) => this.draws.includes(name));
      if (other !== undefined)
        throw refuse("EQ-NOISE", `${draw} multiplies ${other}`, line, startOf(right), said.write);
      coefficients[draw] = split.coefficient;
      constant = split.constant;
    }
    return { constant, coefficients };
  }

  /** States that both sides of a rate have one dimension. */
  equateRate(rate: Rate, checker: DimensionChecker): void {
    const left = { text: textOf(rate.left), form: checker.formOf(rate.left) };
    const right = checker.formOf(rate.right);
    const ratio = checker.unknowns.dimensionOf(divideForms(right, left.form));
    const name = rateName(rate.name);
    const remedy =
      ratio && equalDimensions(ratio, SECOND)
        ? `a time constant is missing: write  tau*${name} = …  with tau in s`
        : undefined;
    checker.equate(left, rate.right, right, remedy);
  }

  /** Holds the sides of conditions to one unit. @throws EQ-DIMENSION; EQ-UNKNOWN and others of resolving */
  compareConditions(checker: DimensionChecker, resolver: Resolver): void {
    for (const { parts, line } of this.conditions) {
      // Units are told of names that there are.
      for (const part of parts) resolver.resolve(part);
      checker.formOf({
        kind: "compare",
        comparison: "<=",
        args: parts,
        line,
        first: parts[0].first,
        last: parts[parts.length - 1].last,
      });
    }
  }

  /**
   * Refuses devices that the text itself says cannot be.
   * @throws DEVICE-VALUE; DEVICE-BOUNDS for an ordering of something else than parameters
   */
  checkConditions(resolver: Resolver): void {
    for (const ordering of this.conditions) {
      const { parts, line } = ordering;
      const expressions = parts.map((part) => resolver.resolve(part));
      if (!expressions.every((e) => this.isConstant(e)))
        throw refuse(
          "DEVICE-BOUNDS",
          "this orders neither a state nor parameters",
          line,
          line.tokens[0],
          "write  0 <= u <= 1  for a state, or  a < b  for parameters",
        );
      checkCondition(ordering, expressions, this.parameters);
    }
  }

  /** Reads a field of the spec that is an expression of parameters. */
  field(name: string, text: string): { tree: Syntax; value: Expression } {
    const tree = readLoneExpression(`${this.where}, ${name}`, text);
    return { tree, value: this.resolver([]).resolve(tree) };
  }

  /**
   * Simplifies an expression and checks it at the nominal parameters.
   * @param what it is, for one that is too large, and where that is said
   * @throws DEVICE-VALUE, EQ-SIZE
   */
  finish(e: Expression, what: string, place: Place = { where: this.where }): Expression {
    const simple = simplify(this.macros.size === 0 ? e : substitute(e, (name) => this.macros.get(name)));
    checkSize(simple, what, place);
    this.checkNominal(simple);
    return simple;
  }

  /** The value of an expression of parameters at their nominal values, SI. */
  nominal(e: Expression): number {
    return evaluate(e, nominalValues(this.parameters));
  }

  /** Whether an expression holds parameters and constants only. */
  isConstant(e: Expression): boolean {
    return [...symbolsOf(e)].every((name) => this.isConstantName(name));
  }

  /** @throws DEVICE-UNUSED for a parameter that neither the equations nor `fields` name */
  checkAllUsed(fields: readonly string[]): void {
    const used = new Set([
      ...this.lines.flatMap((line) => line.tokens.map((token) => token.text)),
      ...fields.flatMap((text) => text.match(/\w+/g) ?? []),
    ]);
    for (const name of Object.keys(this.parameters)) {
      if (!used.has(name))
        throw new OhmletError({
          code: "DEVICE-UNUSED",
          fact: `the parameter "${name}" occurs in no equation`,
          place: { where: `${this.where}, parameter "${name}"` },
          remedy: "remove it, or use it",
        });
    }
  }

  private isConstantName(name: string): boolean {
    return name in this.parameters || name in CONSTANTS;
  }

  private nominalValues(): Readonly<Record<string, number>> {
    const values = Object.create(null) as Record<string, number>;
    for (const [name, constant] of Object.entries(CONSTANTS)) values[name] = constant.value;
    for (const [name, parameter] of Object.entries(this.parameters)) values[name] = parameter.value.value;
    return values;
  }

  /** Every part made of parameters only must be finite, and none that is zero may divide. */
  private checkNominal(e: Expression): void {
    const values = this.nominalValues();
    const ofConstants = (part: Expression, of: (each: Expression) => number | null): number | null => {
      if (
        part.kind === "symbol"
          ? !this.isConstantName(part.name)
          : children(part).some((each) => of(each) === null)
      )
        return null;
      return valueOf(
        part,
        (each) => of(each) as number,
        (name) => values[name],
      );
    };
    const finite = (part: Expression, value: number | null): void => {
      if (value !== null && !Number.isFinite(value))
        throw this.badValue(`${show(part)} is ${value} at the nominal parameters`);
    };
    const whole = fold<number | null>(e, (part, of) => {
      const value = ofConstants(part, of);
      if (value !== null) return value;
      if (part.kind === "binary" && part.op === "divide" && of(part.right) === 0)
        throw this.badValue(`${show(part.right)} divides and is 0`);
      for (const each of children(part)) finite(each, of(each));
      return null;
    });
    finite(e, whole);
  }

  private checkPositive(coefficient: Expression, rate: Rate): void {
    if (!this.isConstant(coefficient)) return;
    const worst = [...extremesOf(this.parameters, [coefficient])].find(({ values: [value] }) => !(value > 0));
    if (worst === undefined) return;
    const [name] = symbolsOf(coefficient);
    const parameter =
      !worst.spread && coefficient.kind === "symbol" && name in this.parameters
        ? formatQuantity(this.parameters[name].value)
        : `${worst.values[0]}${worst.spread ? " at an end of its spread" : ""}`;
    throw refuse(
      "DEVICE-VALUE",
      `${show(coefficient)} multiplies ${rateName(rate.name)} and must be positive, but it is ${parameter}`,
      rate.line,
      startOf(rate.left),
      "a capacitance or time constant is positive; put signs on the right side",
    );
  }

  private badValue(fact: string): OhmletError {
    return new OhmletError({
      code: "DEVICE-VALUE",
      fact,
      place: { where: this.where },
      remedy: "change the parameters' values",
    });
  }
}

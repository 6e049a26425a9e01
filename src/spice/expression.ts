/**
 * Expressions of netlists, read into the project's own small language: whatever a file says becomes whitelisted
 * nodes (src/equations/expression.ts), with the meaning that ngspice gives it. A power is one of the magnitude,
 * and leans to the left; log is the natural one. Nothing is evaluated here.
 */
import {
  add,
  call,
  clip,
  divide,
  maximum,
  minimum,
  multiply,
  negate,
  number,
  power,
  subtract,
  symbol,
  where,
  type Comparison,
  type Expression,
} from "../equations/expression";
import { nearest } from "../options/nearest";
import { numberAt } from "./numbers";
import type { Card } from "./text";

/** What names mean where an expression stands. */
export interface Names {
  /** A parameter; null where there is none. */
  readonly parameter: (name: string) => number | null;
  /** Names of parameters, for proposals. */
  readonly known: () => readonly string[];
  /** Celsius. */
  readonly temperature: number;
  /** What only a source sees that depends on the state; without it, `v(a)`, `i(v1)` and `time` are refused. */
  readonly state?: {
    readonly voltage: (plus: string, minus: string | null, offset: number) => Expression;
    readonly current: (source: string, offset: number) => Expression;
  };
}

/** The symbol of time. */
export const TIME = "time";

const LIMIT = { tokens: 2_000, nesting: 60 } as const;
/** Where ngspice stops its exponential. */
const LARGEST_EXPONENT = 227.9559242;

const one = number(1);
const zero = number(0);
const test = (comparison: Comparison, left: Expression, right: Expression): Expression =>
  where({ comparison, left, right }, one, zero);
/** Whether a value is not 0, as a choice between two. */
const choose = (condition: Expression, then: Expression, otherwise: Expression): Expression =>
  where({ comparison: ">", left: call("abs", condition), right: zero }, then, otherwise);
const equal = (a: Expression, b: Expression): Expression =>
  where({ comparison: "<=", left: a, right: b }, test(">=", a, b), zero);
const not = (a: Expression): Expression => choose(a, zero, one);
const exp = (x: Expression): Expression => call("exp", minimum(x, number(LARGEST_EXPONENT)));
const magnitude = (x: Expression, y: Expression): Expression => power(call("abs", x), y);
const half = (x: Expression): Expression => multiply(number(0.5), x);
const square = (x: Expression): Expression => multiply(x, x);
const asin = (x: Expression): Expression => call("atan", divide(x, call("sqrt", subtract(one, square(x)))));

/** The nearest whole number; of two as near, the even one, as ngspice has it. */
const nearestWhole = (x: Expression): Expression => {
  const above = call("floor", add(x, half(one)));
  const isOdd = subtract(above, multiply(number(2), call("floor", half(above))));
  const tie = { comparison: ">=" as const, left: above, right: add(x, half(one)) };
  return where(tie, subtract(above, isOdd), above);
};

/** Functions by name, with the number of their arguments. */
const FUNCTIONS: ReadonlyMap<string, readonly [number, (...args: Expression[]) => Expression]> = new Map<
  string,
  readonly [number, (...args: Expression[]) => Expression]
>([
  ["abs", [1, (x) => call("abs", x)]],
  ["sqrt", [1, (x) => call("sqrt", x)]],
  ["exp", [1, exp]],
  ["ln", [1, (x) => call("log", x)]],
  ["log", [1, (x) => call("log", x)]],
  ["log10", [1, (x) => divide(call("log", x), number(Math.LN10))]],
  ["sin", [1, (x) => call("sin", x)]],
  ["cos", [1, (x) => call("cos", x)]],
  ["tan", [1, (x) => divide(call("sin", x), call("cos", x))]],
  ["atan", [1, (x) => call("atan", x)]],
  ["arctan", [1, (x) => call("atan", x)]],
  ["asin", [1, asin]],
  ["acos", [1, (x) => subtract(number(Math.PI / 2), asin(x))]],
  ["sinh", [1, (x) => half(subtract(exp(x), exp(negate(x))))]],
  ["cosh", [1, (x) => half(add(exp(x), exp(negate(x))))]],
  ["tanh", [1, (x) => call("tanh", x)]],
  [
    "asinh",
    [
      1,
      (x) => multiply(call("sign", x), call("log", add(call("abs", x), call("sqrt", add(square(x), one))))),
    ],
  ],
  ["acosh", [1, (x) => call("log", add(x, call("sqrt", subtract(square(x), one))))]],
  ["atanh", [1, (x) => half(call("log", divide(add(one, x), subtract(one, x))))]],
  ["sgn", [1, (x) => call("sign", x)]],
  ["floor", [1, (x) => call("floor", x)]],
  ["ceil", [1, (x) => negate(call("floor", negate(x)))]],
  ["nint", [1, nearestWhole]],
  ["int", [1, (x) => multiply(call("sign", x), call("floor", call("abs", x)))]],
  ["sqr", [1, square]],
  ["u", [1, (x) => half(add(one, call("sign", x)))]],
  ["uramp", [1, (x) => maximum(x, zero)]],
  ["pow", [2, magnitude]],
  ["pwr", [2, (x, y) => multiply(call("sign", x), magnitude(x, y))]],
  ["min", [2, minimum]],
  ["max", [2, maximum]],
  ["limit", [3, clip]],
  ["ternary_fcn", [3, choose]],
]);

const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ["pi", Math.PI],
  ["e", Math.E],
  ["true", 1],
  ["false", 0],
]);

/** Binary operators from loose to tight, each level leaning to the left. */
const LEVELS: readonly ReadonlyMap<string, (a: Expression, b: Expression) => Expression>[] = [
  new Map([["||", (a, b) => choose(a, one, choose(b, one, zero))]]),
  new Map([["&&", (a, b) => choose(a, choose(b, one, zero), zero)]]),
  new Map([
    ["==", equal],
    ["!=", (a, b) => not(equal(a, b))],
  ]),
  new Map(
    (["<=", ">=", "<", ">"] as const).map((sign) => [
      sign,
      (a: Expression, b: Expression) => test(sign, a, b),
    ]),
  ),
  new Map([
    ["+", add],
    ["-", subtract],
  ]),
  new Map([
    ["*", multiply],
    ["/", divide],
  ]),
];
const POWERS = ["**", "^"];
const SIGN = /\*\*|\|\||&&|==|!=|<>|<=|>=|[-+*/^<>?:(){},!]/y;
/** Braces within an expression are brackets. */
const BRACES: ReadonlyMap<string, string> = new Map([
  ["{", "("],
  ["}", ")"],
]);
const NAME = /[a-z_][a-z0-9_.#$]*/y;
/** A stop after digits belongs to the number; letters to its factor and unit. */
const DIGIT = /[0-9.]/;

interface Part {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
  readonly value: number;
  readonly at: number;
}

/**
 * Reads what stands from `start` to `end` of a line.
 * @throws SPICE-EXPRESSION, SPICE-NUMBER, SPICE-NAME
 */
export function readExpression(card: Card, start: number, end: number, names: Names): Expression {
  return new Reader(card, start, end, names).whole();
}

class Reader {
  private part!: Part;
  private count = 0;
  private depth = 0;

  constructor(
    private readonly card: Card,
    private position: number,
    private readonly end: number,
    private readonly names: Names,
  ) {
    this.advance();
  }

  whole(): Expression {
    const value = this.ternary();
    if (this.part.kind !== "end") throw this.fault(`"${this.part.text}" does not belong here`);
    return value;
  }

  private ternary(): Expression {
    if (++this.depth > LIMIT.nesting) throw this.fault(`it is nested more than ${LIMIT.nesting} levels deep`);
    const condition = this.level(0);
    this.depth--;
    if (!this.takes("?")) return condition;
    const then = this.ternary();
    this.expect(":");
    return choose(condition, then, this.ternary());
  }

  private level(n: number): Expression {
    if (n === LEVELS.length) return this.unary();
    let left = this.level(n + 1);
    for (let build = this.operator(n); build !== undefined; build = this.operator(n))
      left = build(left, this.level(n + 1));
    return left;
  }

  private operator(n: number): ((a: Expression, b: Expression) => Expression) | undefined {
    if (this.part.kind !== "sign") return undefined;
    const build = LEVELS[n].get(this.part.text === "<>" ? "!=" : this.part.text);
    if (build !== undefined) this.advance();
    return build;
  }

  private unary(): Expression {
    if (++this.depth > LIMIT.nesting) throw this.fault(`it is nested more than ${LIMIT.nesting} levels deep`);
    const value = this.takes("-")
      ? negate(this.unary())
      : this.takes("+")
        ? this.unary()
        : this.takes("!")
          ? not(this.unary())
          : this.powers();
    this.depth--;
    return value;
  }

  private powers(): Expression {
    let base = this.primary();
    while (this.part.kind === "sign" && POWERS.includes(this.part.text)) {
      this.advance();
      base = magnitude(base, this.exponent());
    }
    return base;
  }

  /** An exponent may have a sign of its own. */
  private exponent(): Expression {
    if (this.takes("-")) return negate(this.exponent());
    return this.takes("+") ? this.exponent() : this.primary();
  }

  private primary(): Expression {
    const { kind, text, value, at } = this.part;
    if (kind === "number") {
      this.advance();
      return number(value);
    }
    if (this.takes("(")) {
      const inner = this.ternary();
      this.expect(")");
      return inner;
    }
    if (kind !== "name")
      throw this.fault(kind === "end" ? "it breaks off" : `"${text}" does not belong here`);
    const opens = /^\s*\(/.test(this.card.text.slice(this.position, this.end));
    if (opens && (text === "v" || text === "i")) return this.probe(text, at);
    this.advance();
    if (this.takes("(")) return this.call(text, at);
    return this.name(text, at);
  }

  private name(name: string, at: number): Expression {
    const value = this.names.parameter(name);
    if (value !== null) return number(value);
    if (name === TIME && this.names.state !== undefined) return symbol(TIME);
    if (name === "temper") return number(this.names.temperature);
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return number(constant);
    const near = nearest(name, [...this.names.known()]);
    throw this.card.fault(
      "SPICE-NAME",
      `there is no parameter "${name}"`,
      at,
      near === null ? `define it:  .param ${name}=1` : `did you mean "${near}"?`,
    );
  }

  private call(name: string, at: number): Expression {
    const args: Expression[] = [];
    if (!this.takes(")")) {
      do args.push(this.ternary());
      while (this.takes(","));
      this.expect(")");
    }
    const known = FUNCTIONS.get(name);
    if (known === undefined) {
      const near = nearest(name, [...FUNCTIONS.keys()]);
      throw this.card.fault(
        "SPICE-NAME",
        `there is no function "${name}"`,
        at,
        near === null ? `functions: ${[...FUNCTIONS.keys()].join(", ")}` : `did you mean "${near}"?`,
      );
    }
    const [count, build] = known;
    if (args.length !== count)
      throw this.card.fault(
        "SPICE-EXPRESSION",
        `${name} takes ${count} argument${count === 1 ? "" : "s"}, not ${args.length}`,
        at,
        `write ${count} between its brackets`,
      );
    return build(...args);
  }

  /** v(a), v(a,b), i(v1): names of nodes and sources are not those of parameters. */
  private probe(kind: "v" | "i", at: number): Expression {
    const { card, end } = this;
    const open = card.text.indexOf("(", this.position);
    const close = card.text.indexOf(")", open);
    if (close < 0 || close >= end) throw this.fault("a bracket is not closed");
    const inner = card.text
      .slice(open + 1, close)
      .split(",")
      .map((name) => name.trim());
    if (this.names.state === undefined)
      throw card.fault(
        "SPICE-EXPRESSION",
        `${kind}(${inner.join(",")}) is known only while the circuit is solved`,
        at,
        "use it in a source: B1 a b I={…} or B1 a b V={…}",
      );
    if (inner.some((name) => name === "" || /\s/.test(name)) || inner.length > (kind === "v" ? 2 : 1))
      throw card.fault("SPICE-EXPRESSION", `${kind}(…) does not name what it measures`, at, [
        "write  v(node),  v(node,node)  or  i(v1)",
      ]);
    this.position = close + 1;
    this.advance();
    return kind === "v"
      ? this.names.state.voltage(inner[0], inner[1] ?? null, at)
      : this.names.state.current(inner[0], at);
  }

  private takes(sign: string): boolean {
    if (this.part.kind !== "sign" || this.part.text !== sign) return false;
    this.advance();
    return true;
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) throw this.fault(`"${sign}" is missing`);
  }

  private advance(): void {
    const { text } = this.card;
    while (this.position < this.end && /[\s']/.test(text[this.position])) this.position++;
    const at = this.position;
    const take = (kind: Part["kind"], length: number, value = 0): void => {
      this.position = at + length;
      const written = text.slice(at, at + length);
      this.part = { kind, text: BRACES.get(written) ?? written, value, at };
    };
    if (at >= this.end) return take("end", 0);
    if (++this.count > LIMIT.tokens)
      throw this.card.fault(
        "SPICE-SIZE",
        `an expression has more than ${LIMIT.tokens} symbols`,
        at,
        "split it with .param or further sources",
      );
    if (DIGIT.test(text[at])) {
      const found = numberAt(text.slice(at, Math.min(this.end, at + 200)));
      if (found === null) throw this.fault(`"${text[at]}" is no number`, at);
      if (!Number.isFinite(found.value)) throw notFinite(this.card, at, text.slice(at, at + found.length));
      return take("number", found.length, found.value);
    }
    for (const [kind, pattern] of [
      ["name", NAME],
      ["sign", SIGN],
    ] as const) {
      pattern.lastIndex = at;
      const match = pattern.exec(text)?.[0];
      if (match !== undefined) return take(kind, Math.min(match.length, this.end - at));
    }
    throw this.fault(`"${String.fromCodePoint(text.codePointAt(at) as number)}" has no meaning here`, at);
  }

  private fault(fact: string, at = this.part?.at ?? this.position): Error {
    return this.card.fault("SPICE-EXPRESSION", `the expression cannot be read: ${fact}`, at, [
      "expressions are made of numbers, parameters, + - * / ^, brackets, a?b:c and functions such as exp(x)",
    ]);
  }
}

/** A number that overflows. */
export const notFinite = (card: Card, at: number, text: string): Error =>
  card.fault(
    "SPICE-NUMBER",
    `${text.slice(0, 40)} is not a finite number that a computer can hold`,
    at,
    "use numbers between 1e-300 and 1e300",
  );

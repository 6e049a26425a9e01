/**
 * Vectors of four float32 as terms: a `Value` writes the instructions that leave its vector on the stack, so
 * formulas read as formulas. What is used twice is kept in a variable.
 */
import type { Code, Local } from "./assembler";
import type { VectorName } from "./opcodes";

export type Value = (code: Code) => void;

const nullary =
  (bytes: Uint8Array): Value =>
  (code) =>
    void code.vector(bytes);
const unary =
  (name: VectorName) =>
  (of: Value): Value =>
  (code) => {
    of(code);
    code.do(name);
  };
const binary =
  (name: VectorName) =>
  (left: Value, right: Value): Value =>
  (code) => {
    left(code);
    right(code);
    code.do(name);
  };

export const real = (value: number): Value => nullary(new Uint8Array(new Float32Array(4).fill(value).buffer));
export const double = (value: number): Value =>
  nullary(new Uint8Array(new Float64Array(2).fill(value).buffer));
export const integer = (value: number): Value =>
  nullary(new Uint8Array(new Int32Array(4).fill(value).buffer));
export const lanes = (values: readonly number[]): Value =>
  nullary(new Uint8Array(Int32Array.from(values).buffer));

export const local =
  (variable: Local): Value =>
  (code) =>
    void code.get(variable);

/** Computes a value once, here; what is returned reads it. */
export function keep(code: Code, value: Value): Value {
  const variable = code.local("v128");
  value(code);
  code.set(variable);
  return local(variable);
}

/** The same for values that take many variables to compute: others may have those afterwards. */
export function keepAside(code: Code, values: () => readonly Value[]): readonly Value[] {
  const kept = code.aside(() =>
    values().map((value) => {
      const variable = code.local("v128");
      value(code);
      code.set(variable);
      return variable;
    }),
  );
  return kept.map(local);
}

export const add = binary("f32x4.add");
export const subtract = binary("f32x4.sub");
export const multiply = binary("f32x4.mul");
export const divide = binary("f32x4.div");
/** NaN where either is NaN, as Math.min and Math.max. */
export const minimum = binary("f32x4.min");
export const maximum = binary("f32x4.max");
/**
 * The same for a bound that is a number: NaN of the first stays. One instruction each, where those above are
 * seven.
 */
export const atMost = binary("f32x4.pmin");
export const atLeast = binary("f32x4.pmax");
/** `value` kept between two numbers; NaN stays. */
export const within = (value: Value, low: number, high: number): Value =>
  atLeast(atMost(value, real(high)), real(low));
export const absolute = unary("f32x4.abs");
export const negative = unary("f32x4.neg");
export const root = unary("f32x4.sqrt");
/** The largest whole number that is not larger. */
export const whole = unary("f32x4.floor");
export const nearest = unary("f32x4.nearest");

/** Masks: all bits of a lane set where it holds. */
export const less = binary("f32x4.lt");
export const lessOrEqual = binary("f32x4.le");
export const greater = binary("f32x4.gt");
export const greaterOrEqual = binary("f32x4.ge");
export const equal = binary("f32x4.eq");
export const unequal = binary("f32x4.ne");
export const both = binary("v128.and");
export const either = binary("v128.or");
export const differ = binary("v128.xor");
export const choose =
  (mask: Value, then: Value, otherwise: Value): Value =>
  (code) => {
    then(code);
    otherwise(code);
    mask(code);
    code.do("v128.bitselect");
  };

export const addIntegers = binary("i32x4.add");
export const subtractIntegers = binary("i32x4.sub");
export const equalIntegers = binary("i32x4.eq");
export const toInteger = unary("i32x4.trunc_sat_f32x4_s");
export const fromInteger = unary("f32x4.convert_i32x4_s");
const shift =
  (name: VectorName) =>
  (of: Value, bits: number): Value =>
  (code) => {
    of(code);
    code.i32(bits).do(name);
  };
export const shiftLeft = shift("i32x4.shl");
export const shiftRight = shift("i32x4.shr_s");

/** The sign bit of one with the size of another. */
export const withSign = (size: Value, sign: Value): Value => either(size, both(sign, integer(-(2 ** 31))));

/** c0 + c1 x + c2 x^2 + …, by Horner's rule. */
export function polynomial(x: Value, coefficients: readonly number[]): Value {
  const [first, ...rest] = coefficients;
  return rest.length === 0 ? real(first) : add(real(first), multiply(x, polynomial(x, rest)));
}

/** Pairs of float64: the lower or the upper half of a vector, and back. */
export const doubles = {
  add: binary("f64x2.add"),
  subtract: binary("f64x2.sub"),
  multiply: binary("f64x2.mul"),
  divide: binary("f64x2.div"),
  minimum: binary("f64x2.min"),
  maximum: binary("f64x2.max"),
  nearest: unary("f64x2.nearest"),
  lower: unary("f64x2.promote_low_f32x4"),
  upper: (of: Value): Value => unary("f64x2.promote_low_f32x4")(halves(of, of, 8)),
  toInteger: unary("i32x4.trunc_sat_f64x2_s_zero"),
  toReal: unary("f32x4.demote_f64x2_zero"),
};

/** Eight bytes of `low` from `start`, then the first eight of `high`. */
function halves(low: Value, high: Value, start: number): Value {
  return (code) => {
    low(code);
    high(code);
    code.shuffle([
      ...Array.from({ length: 8 }, (_, i) => start + i),
      ...Array.from({ length: 8 }, (_, i) => 16 + i),
    ]);
  };
}

/** One vector of the lower halves of two. */
export const join = (low: Value, high: Value): Value => halves(low, high, 0);

/** All lanes reduced to one value, which every lane then holds. */
export function acrossLanes(
  code: Code,
  variable: Local,
  combine: (left: Value, right: Value) => Value,
): Value {
  const rotated =
    (of: Value, bytes: number): Value =>
    (c) => {
      of(c);
      of(c);
      c.shuffle(Array.from({ length: 16 }, (_, i) => i + bytes));
    };
  const pairs = keep(code, combine(local(variable), rotated(local(variable), 8)));
  return combine(pairs, rotated(pairs, 4));
}

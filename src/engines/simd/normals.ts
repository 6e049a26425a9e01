/**
 * Normal draws, four blocks of four at a time: Philox on 32-bit lanes, then Box and Muller in float64,
 * operation for operation as src/random does it. Sums, products, quotients and roots round the same
 * everywhere, so the draws are those of the host to the last bit of a float32.
 */
import { MULTIPLIERS, ROUNDS, WEYL } from "../../random/philox";
import { Code, type Local } from "./assembler";
import { VECTOR } from "./panels";
import type { VectorName } from "./opcodes";
import {
  addIntegers,
  both,
  choose,
  differ,
  double,
  doubles,
  either,
  integer,
  join,
  keep,
  type Value,
} from "./values";

const QUADRANT = 2 ** 30;
/** Coefficients of the series of src/random/normals.ts; the last term of each is a quotient there. */
const ARTANH = [1, 1 / 3, 1 / 5, 1 / 7, 1 / 9, 1 / 11];
const SIN = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880];
const COS = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800];

const two =
  (name: VectorName) =>
  (left: Value, right: Value): Value =>
  (code) => {
    left(code);
    right(code);
    code.do(name);
  };
const one =
  (name: VectorName) =>
  (of: Value): Value =>
  (code) => {
    of(code);
    code.do(name);
  };
const shift =
  (name: VectorName) =>
  (of: Value, bits: number): Value =>
  (code) => {
    of(code);
    code.i32(bits).do(name);
  };
const words =
  (left: Value, right: Value, picked: readonly number[]): Value =>
  (code) => {
    left(code);
    right(code);
    code.shuffle(picked.flatMap((word) => [0, 1, 2, 3].map((byte) => word * 4 + byte)));
  };
const wide = one("i64x2.extend_low_i32x4_u");
const toDouble = one("f64x2.convert_low_i32x4_u");
const left64 = shift("i64x2.shl");
const sign64 = shift("i64x2.shr_s");
const right64 = shift("i64x2.shr_u");
/** Two 64-bit lanes of equal halves. */
const bits64 =
  (high: number, low: number): Value =>
  (code) =>
    void code.vector(new Uint8Array(Int32Array.of(low, high, low, high).buffer));
const SIGN = bits64(1 << 31, 0);

/**
 * normals(at, count, step, c1, c3, k0, k1): count draws from an address on, rounded up to sixteen; the words
 * are those of `phaseWords`.
 */
export function normalsCode(): Code {
  const code = new Code(7);
  const [at, count, step, c1, c3, k0, k1] = [0, 1, 2, 3, 4, 5, 6].map((i) => code.parameter(i));
  const [block, end] = [code.local("i32"), code.local("i32")];
  const splat = (of: Local): Value => keep(code, (c) => void c.get(of).do("i32x4.splat"));
  const keys = [splat(k0), splat(k1)];
  // Splat where they are used, once a block: in vectors of their own they would take registers from the
  // rounds.
  const [second, steps, fourth] = [c1, step, c3].map(
    (of): Value =>
      (c) =>
        void c.get(of).do("i32x4.splat"),
  );
  code.get(at).get(count).i32(4).do("i32.mul").do("i32.add").set(end);
  code.repeat(() => {
    const blocks = keep(
      code,
      addIntegers(
        (c) => void c.get(block).do("i32x4.splat"),
        (c) => void c.vector(new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer)),
      ),
    );
    const drawn = philox(code, [blocks, second, steps, fourth], keys);
    const [a, b] = pair(code, drawn[0], drawn[1]);
    const [c, d] = pair(code, drawn[2], drawn[3]);
    // Draw k of block j is at 4 j + k: a transpose of four by four.
    const [ab, cd] = [
      [0, 4, 1, 5],
      [2, 6, 3, 7],
    ].map((picked) => [keep(code, words(a, b, picked)), keep(code, words(c, d, picked))] as const);
    [
      words(ab[0], ab[1], [0, 1, 4, 5]),
      words(ab[0], ab[1], [2, 3, 6, 7]),
      words(cd[0], cd[1], [0, 1, 4, 5]),
      words(cd[0], cd[1], [2, 3, 6, 7]),
    ].forEach((row, j) => {
      code.get(at);
      row(code);
      code.at("v128.store", j * VECTOR);
    });
    code
      .advance(block, 4)
      .advance(at, 4 * VECTOR)
      .get(at)
      .get(end)
      .do("i32.lt_u");
  });
  return code;
}

/** The words of four blocks. */
function philox(code: Code, counter: readonly Value[], keys: readonly Value[]): Value[] {
  let [c0, c1, c2, c3] = counter;
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = MULTIPLIERS.map((multiplier, k) => {
      const word = [c0, c2][k];
      const [low, high] = (["i64x2.extmul_low_i32x4_u", "i64x2.extmul_high_i32x4_u"] as const).map((name) =>
        keep(code, two(name)(word, integer(multiplier | 0))),
      );
      return { low: keep(code, words(low, high, [0, 2, 4, 6])), high: words(low, high, [1, 3, 5, 7]) };
    });
    const [k0, k1] = keys.map((key, k) =>
      round === 0 ? key : addIntegers(key, integer(Math.imul(round, WEYL[k]))),
    );
    [c0, c1, c2, c3] = [
      keep(code, differ(differ(second.high, c1), k0)),
      second.low,
      keep(code, differ(differ(first.high, c3), k1)),
      first.low,
    ];
  }
  return [c0, c1, c2, c3];
}

/** Draws from words of lengths and of angles, four float32 each. */
function pair(code: Code, lengths: Value, angles: Value): [Value, Value] {
  const halves = [(of: Value): Value => of, (of: Value): Value => words(of, of, [2, 3, 0, 1])].map((half) => {
    const length = keep(code, one("f64x2.sqrt")(minusLog(code, keep(code, half(lengths)))));
    const word = keep(code, half(angles));
    const { add, subtract, multiply } = doubles;
    const whole = add(toDouble(both(word, integer(QUADRANT - 1))), double(0.5));
    const x = keep(
      code,
      multiply(subtract(multiply(whole, double(1 / QUADRANT)), double(0.5)), double(Math.PI / 2)),
    );
    const s = keep(code, multiply(x, x));
    const sin = keep(code, multiply(x, series(s, SIN, subtract, 39916800)));
    const cos = keep(code, series(s, COS, add, 479001600));
    const [near, far] = [
      keep(code, multiply(length, subtract(cos, sin))),
      keep(code, multiply(length, add(cos, sin))),
    ];
    // Quadrants turn (near, far) to (-far, near), (-near, -far) and (far, -near).
    const turned = keep(code, wide(word));
    const odd = keep(code, sign64(left64(turned, 33), 63));
    const [half31, half30] = [keep(code, left64(turned, 32)), keep(code, left64(turned, 33))];
    return [
      keep(code, differ(choose(odd, far, near), both(differ(half31, half30), SIGN))),
      keep(code, differ(choose(odd, near, far), both(half31, SIGN))),
    ] as const;
  });
  const single = (k: 0 | 1): Value =>
    keep(code, join(doubles.toReal(halves[0][k]), doubles.toReal(halves[1][k])));
  return [single(0), single(1)];
}

/** -ln of the uniform draw of each of the two lower words. */
function minusLog(code: Code, word: Value): Value {
  const { add, subtract, multiply, divide } = doubles;
  const value = keep(code, add(toDouble(word), double(0.5)));
  // The exponent of word + 1/2 tells its leading zeros; without it, it lies between 1 and 2.
  const exponent = subtract(either(right64(value, 52), bits64(0x43300000, 0)), double(2 ** 52));
  const zeros = keep(code, subtract(double(1054), exponent));
  const m = keep(code, either(both(value, bits64(0x000fffff, -1)), bits64(0x3ff00000, 0)));
  const t = keep(code, divide(subtract(m, double(Math.SQRT2)), add(m, double(Math.SQRT2))));
  const s = keep(code, multiply(t, t));
  return subtract(
    multiply(double(Math.LN2), add(zeros, double(0.5))),
    multiply(multiply(double(2), t), series(s, ARTANH, add, 13)),
  );
}

/** c0 + s (c1 + s (… (cn combined with s / last))). */
function series(
  s: Value,
  [first, ...rest]: readonly number[],
  combine: (left: Value, right: Value) => Value,
  last: number,
): Value {
  const { add, multiply, divide } = doubles;
  return rest.length === 0
    ? combine(double(first), divide(s, double(last)))
    : add(double(first), multiply(s, series(s, rest, combine, last)));
}

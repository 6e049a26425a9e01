/** Random netlists: all elements, values over eight decades, amplifiers, islands that gmin alone ties to ground. */
import fc from "fast-check";

/** 10 to a power. */
const decades = (from: number, to: number): fc.Arbitrary<string> =>
  fc
    .double({ min: from, max: to, noNaN: true, noDefaultInfinity: true })
    .map((power) => (10 ** power).toExponential(6));
const signed = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(fc.boolean(), value).map(([minus, text]) => (minus ? `-${text}` : text));

const ohms = decades(0, 8);
const volts = signed(decades(-2, 1));
const amperes = signed(decades(-9, -3));
/** Never a round number, with which a source may cancel its own current. */
const uneven = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  signed(value).map((text) => (Number(text) * 1.0371).toExponential(6));
const gain = uneven(decades(-2, 0.7));
const siemens = signed(decades(-9, -4));

const model = fc
  .record({
    is: decades(-15, -8),
    n: fc.double({ min: 1, max: 2, noNaN: true }),
    rs: fc.option(decades(-1, 3)),
    bv: fc.option(fc.double({ min: 2, max: 8, noNaN: true })),
    ikf: fc.option(decades(-6, -1)),
  })
  .map(({ is, n, rs, bv, ikf }) =>
    [
      `IS=${is} N=${n.toFixed(4)}`,
      ...(rs === null ? [] : [`RS=${rs}`]),
      ...(bv === null ? [] : [`BV=${bv.toFixed(3)} IBV=1e-6`]),
      ...(ikf === null ? [] : [`IKF=${ikf}`]),
    ].join(" "),
  );

/** An element between two nodes, given further nodes and the names of voltage sources that there are. */
type Draw = (at: { name: string; a: string; b: string; c: string; d: string; v: string }) => string;

const expression = fc.constantFrom(
  "1e-4*tanh(v(C))",
  "1e-5*(v(C)-v(D))^2",
  "1e-6*exp(min(v(C,D),5))",
  "1e-4*sin(v(C))+1e-5*v(A,B)",
  "(v(C)>v(D)) ? 1e-5 : -2e-5",
  "1e-4*atan(v(C)*{k})",
  "max(v(C),v(D))*1e-5",
);

const element: fc.Arbitrary<Draw> = fc.oneof(
  {
    weight: 8,
    arbitrary: ohms.map(
      (value): Draw =>
        ({ name, a, b }) =>
          `R${name} ${a} ${b} ${value}`,
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom("DA", "DB"), fc.option(decades(-1, 1))).map(
      ([kind, area]): Draw =>
        ({ name, a, b }) =>
          `D${name} ${a} ${b} ${kind} ${area === null ? "" : `area=${area}`}`,
    ),
  },
  {
    weight: 2,
    arbitrary: amperes.map(
      (value): Draw =>
        ({ name, a, b }) =>
          `I${name} ${a} ${b} DC ${value}`,
    ),
  },
  {
    weight: 1,
    arbitrary: gain.map(
      (value): Draw =>
        ({ name, a, c, d }) =>
          `E${name} e${name} ${a} ${c} ${d} ${value}\nRe${name} e${name} ${a} 1k`,
    ),
  },
  {
    weight: 2,
    arbitrary: siemens.map(
      (value): Draw =>
        ({ name, a, b, c, d }) =>
          `G${name} ${a} ${b} ${c} ${d} ${value}`,
    ),
  },
  {
    weight: 1,
    arbitrary: gain.map(
      (value): Draw =>
        ({ name, a, b, v }) =>
          `F${name} ${a} ${b} ${v} ${value}`,
    ),
  },
  {
    weight: 1,
    arbitrary: uneven(decades(0, 4)).map(
      (value): Draw =>
        ({ name, a, v }) =>
          `H${name} h${name} ${a} ${v} ${value}\nRh${name} h${name} ${a} 10k`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(expression, fc.boolean()).map(([text, isVoltage]): Draw => ({ name, a, b, c, d }) => {
      const filled = text.replaceAll("A", a).replaceAll("B", b).replaceAll("C", c).replaceAll("D", d);
      return isVoltage
        ? `B${name} b${name} 0 V={${filled}}\nRb${name} b${name} ${a} 2k`
        : `B${name} ${a} ${b} I=${filled}`;
    }),
  },
  { weight: 1, arbitrary: fc.constant<Draw>(({ name, a, b }) => `X${name} ${a} ${b} PAIR r={2*k}`) },
  {
    weight: 1,
    arbitrary: decades(-9, -3).map(
      (value): Draw =>
        ({ name, a, b }) =>
          `L${name} ${a} l${name} ${value}\nRl${name} l${name} ${b} 3k`,
    ),
  },
  {
    weight: 1,
    arbitrary: decades(-15, -9).map(
      (value): Draw =>
        ({ name, a, b }) =>
          `C${name} ${a} ${b} ${value}`,
    ),
  },
);

export const netlist: fc.Arbitrary<string> = fc
  .record({
    count: fc.integer({ min: 2, max: 8 }),
    sources: fc.array(volts, { minLength: 1, maxLength: 3 }),
    elements: fc.array(fc.tuple(element, fc.array(fc.nat(), { minLength: 5, maxLength: 5 })), {
      minLength: 3,
      maxLength: 24,
    }),
    ties: fc.array(ohms, { minLength: 0, maxLength: 8 }),
    models: fc.tuple(model, model),
    factor: fc.double({ min: 0.5, max: 20, noNaN: true }),
  })
  .map(({ count, sources, elements, ties, models, factor }) => {
    const node = (n: number): string => {
      const at = n % (count + 1);
      return at === count ? "0" : `n${at}`;
    };
    const driven = Math.min(sources.length, count);
    const lines = elements.map(([draw, [a, b, c, d, v]], i) => {
      const other = a % (count + 1) === b % (count + 1) ? a + 1 : b;
      return draw({ name: `${i}`, a: node(a), b: node(other), c: node(c), d: node(d), v: `V${v % driven}` });
    });
    return [
      "* drawn at random",
      `.param k=${factor.toFixed(4)}`,
      `.model DA D(${models[0]})`,
      `.model DB D(${models[1]})`,
      ".subckt PAIR p q r=5",
      "R1 p m {r*1k}",
      "D1 m q DA",
      "D2 q m DA",
      ".ends",
      ...sources.slice(0, driven).map((value, i) => `V${i} n${i} 0 ${value}`),
      ...lines,
      // What nothing else may hold is held by a diode, whose gmin ties it to ground.
      ...Array.from({ length: count - driven }, (_, i) =>
        ties[i] === undefined ? `Dt${i} n${i + driven} 0 DA` : `Rt${i} n${i + driven} 0 ${ties[i]}`,
      ),
      ".options reltol=1e-9 vntol=1e-12 abstol=1e-15 itl1=2000",
      ".op",
      ".end",
      "",
    ].join("\n");
  });

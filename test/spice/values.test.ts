/** What netlists mean, against values that can be told by hand. */
import { describe, expect, it } from "vitest";
import { operatingPoint, readCircuit, transientOf } from "../../src/spice";

const op = (lines: string) => operatingPoint(readCircuit(`title\n${lines}\n`, "t.cir"));
const valueOf = (text: string): number => op(`V1 a 0 ${text}\nR1 a 0 1k`).nodes.a;

describe("numbers", () => {
  it.each([
    ["1", 1],
    ["-2.5", -2.5],
    [".5", 0.5],
    ["4.7k", 4700],
    ["3Meg", 3e6],
    ["3MEGohm", 3e6],
    ["3m", 3e-3],
    ["2u", 2e-6],
    ["2\u00b5", 2e-6],
    ["1e-3", 1e-3],
    ["1d2", 100],
    ["5V", 5],
    ["2t", 2e12],
    ["10mil", 2.54e-4],
    ["1e2k", 1e5],
    ["{2+3*4}", 14],
    ["'2^3^2'", 64],
    ["{-2^2}", -4],
    ["{(-2)^3}", 8],
    ["{pwr(-2,3)}", -8],
    ["{log(100)}", Math.log(100)],
    ["{log10(1000)}", 3],
    ["{1 ? 2 : 3}", 2],
    ["{2 > 3 ? 2 : 3}", 3],
    ["{1k/2}", 500],
    ["{nint(2.6)+int(-2.6)+ceil(2.1)+floor(-2.1)}", 1],
    ["{nint(2.5)+10*nint(3.5)+100*nint(-1.5)}", -158],
    ["{min(1,2)*max(3,4)+limit(9,0,2)}", 6],
    ["{sinh(1)^2-cosh(1)^2+asin(1)+acos(1)}", -1 + Math.PI / 2],
  ])("%s", (text, value) => {
    expect(valueOf(text)).toBeCloseTo(value, 10 - Math.ceil(Math.log10(Math.abs(value))));
  });
});

it("refuses a number that programs read differently", () => {
  expect(() => valueOf("4K7")).toThrow(/SPICE-NUMBER|SPICE-SYNTAX/);
});

describe("sources of a formula", () => {
  it.each([
    ["v(1)/v(3)", 1.5],
    ["1/v(1)", 1 / 3],
    ["ln(v(1)) + v(3)^-1", Math.log(3) + 0.5],
    ["sqrt(v(1) - 2)", 1],
    ["v(4)/v(3) + 1/v(1)", 0.75 + 1 / 3],
  ])("that come to no number at 0 V: %s", (formula, volts) => {
    const { nodes } = op(`V1 1 0 3\nV3 3 0 2\nR4 1 4 1k\nR5 4 0 1k\nB1 2 0 V=${formula}\nR2 2 0 1k`);
    expect(nodes["2"]).toBeCloseTo(volts, 12);
  });

  it("that come to none where the rest of the circuit leaves them", () => {
    expect(() => op("V1 1 0 3\nB1 2 0 V=ln(v(1)-4)\nR2 2 0 1k")).toThrow(/SPICE-UNSETTLED/);
  });
});

describe("a text", () => {
  it("knows no capitals, comments and continuations", () => {
    const { nodes, branches } = op(
      "* a comment\nVin  IN 0\n+ DC\n* between\n+ 3 ; rest\nR1 in OUT 1K $ rest\nr2 Out GND\n+ 2k // rest\n.END\nR9 nonsense",
    );
    expect(nodes).toEqual({ in: 3, out: expect.closeTo(2, 12) });
    expect(branches).toEqual({ vin: expect.closeTo(-1e-3, 15) });
  });

  it("puts subcircuits in, with their parameters", () => {
    const { nodes } = op(`.param r=1k twice={2*r}
V1 a 0 1
X1 a b DIV r={twice}
X2 b 0 DIV
.subckt DIV p q r=500
R1 p m {r/2}
X1 m q HALF
.subckt HALF x y
R1 x y {r/2}
.ends HALF
.ends`);
    // 2k to b, 500 to ground.
    expect(nodes.b).toBeCloseTo(0.2, 12);
    expect(nodes["x1.m"]).toBeCloseTo(0.6, 12);
  });

  it("reads what a source shows of others", () => {
    const { nodes, branches } = op(`V1 a 0 2
R1 a 0 1k
E1 e 0 a 0 3
Re e 0 1k
G1 0 g a 0 1m
Rg g 0 1k
F1 0 f V1 2
Rf f 0 1k
H1 h 0 V1 500
Rh h 0 1k
B1 b 0 V=v(a)*v(e,a)+1000*i(V1)
Rb b 0 1k`);
    expect(branches.v1).toBeCloseTo(-2e-3, 15);
    expect(nodes).toEqual({
      a: 2,
      e: expect.closeTo(6, 12),
      g: expect.closeTo(2, 12),
      f: expect.closeTo(-4, 12),
      h: expect.closeTo(-1, 12),
      b: expect.closeTo(6, 12),
    });
  });

  it("notes what it passes over", () => {
    const { notes } = readCircuit(
      "t\nV1 a 0 1\nR1 a 0 1\n.control\nshell rm -rf /\n.endc\n.dc v1 0 1 1\n.options rshunt=1e12\n",
      "t",
    );
    expect(notes.join("; ")).toMatch(/\.control … \.endc, \.dc.*rshunt/);
  });
});

describe("a diode", () => {
  const vt = (1.38064852e-23 / 1.6021766208e-19) * 300.15;

  it("has the constants of ngspice 39", () => {
    const { nodes } = op("I1 0 a 1m\nD1 a 0 DM\n.model DM D(IS=1e-9 N=1.5)\n.options gmin=0");
    expect(nodes.a).toBeCloseTo(1.5 * vt * Math.log1p(1e-3 / 1e-9), 13);
  });

  // As ngspice 39 prints them.
  it.each([
    [0.3, "ikf=1e-6", -7.76078e-6],
    [0.3, "ikr=1e-9", -7.49477e-5],
    [-0.05, "ikf=1e-6", 7.739538e-9],
    [-0.09, "ikf=1e-6 ikr=1e-9", 9.312053e-9],
    [-0.5, "ikf=1e-6", 9.995912e-9],
    [-0.5, "ikf=1e-6 ikr=1e-9", 2.401922e-9],
  ])("feels high injection where a current flows: %s V, %s", (volts, knees, current) => {
    const { branches } = op(
      `V1 a 0 ${volts}\nD1 a 0 dm\n.model dm d(is=1e-8 n=1.3 ${knees})\n.options gmin=1e-15`,
    );
    expect(Math.abs(branches.v1 / current - 1)).toBeLessThan(1e-6);
  });

  it("has a cube in reverse, and gmin beside it", () => {
    const { branches } = op("V1 a 0 -5\nD1 a 0 DM\n.model DM D(IS=1e-9 N=1.5)");
    const cube = ((3 * 1.5 * vt) / (-5 * Math.E)) ** 3;
    expect(branches.v1 / (1e-9 * (1 + cube) + 5e-12)).toBeCloseTo(1, 12);
  });
});

/** Drawn at random: sources that drive themselves, held by breakdown and high injection. */
const HARD = `.param k=3.9034
.model DA D(IS=7.654122e-13 N=1.0000 RS=1.000000e+0 BV=2.000 IBV=1e-6 IKF=1.530056e-2)
.model DB D(IS=1.000000e-8 N=1.4883 RS=1.000000e-1 BV=2.930 IBV=1e-6 IKF=4.207452e-3)
.subckt PAIR p q r=5
R1 p m {r*1k}
D1 m q DA
D2 q m DA
.ends
V0 n0 0 1.000000e+0
R0 0 n0 1.000000e+0
G1 0 n0 n0 0 5.062762e-5
D2 n1 0 DA 
G3 n0 n1 0 n1 5.159769e-7
X4 n1 n0 PAIR r={2*k}
D5 n0 n1 DA area=1.000000e+0
G6 0 n0 0 n0 4.127409e-6
H7 h7 n1 V0 -1.037100e+0
R8 n1 0 1.000000e+0
R10 n1 0 1.000000e+0
F11 0 n0 V0 1.037100e+0
F12 0 n1 V0 -1.037100e+0
D13 n0 0 DA area=1.000000e+0
Dt0 n1 0 DA
Rh7 h7 n1 10k`;

it("is found by time where neither sources that are turned up nor shunts that fade lead to it", () => {
  const { nodes, branches, by } = op(HARD);
  expect(by).toBe("relaxation");
  // As ngspice 39 prints them.
  expect(nodes.n1).toBeCloseTo(5.395243, 6);
  expect(nodes["x4.m"]).toBeCloseTo(1.529881, 6);
  expect(branches.v0).toBeCloseTo(-21.00676, 5);
});

/** Drawn at random, less what matters not: sources that feed back more than they take, where sources turned down lead on. */
const FOLDED = `.model DA D(IS=1.823964e-11 N=1.3232 RS=1.000000e+0 BV=8.000 IBV=1e-6 IKF=1.000000e-6)
V0 n0 0 -1.000000e+0
R0 0 n0 1.000000e+0
G1 n0 n1 n2 n0 1.564539e-5
D2 n2 n0 DA area=1.000000e+0
R3 0 n0 1.000000e+0
F5 n2 n0 V0 1.037100e+0
R6 n2 0 1.000000e+0
D7 n1 0 DA area=1.000000e+0
R8 n1 0 1.000000e+0
G9 n1 n0 n2 n1 2.705553e-6
R10 n1 0 1.000000e+0
D11 0 n2 DA area=1.000000e+0
Rt0 n1 0 1.000000e+0
Rt1 n2 0 1.000000e+0`;

it("is found along the path of points where nothing else leads to it", () => {
  const { nodes, branches, by } = op(FOLDED);
  expect(by).toBe("path");
  // As ngspice 39 prints them.
  expect(nodes.n2).toBeCloseTo(-12.9794, 4);
  expect(nodes.n1).toBeCloseTo(-5.07685e-5, 9);
  expect(branches.v0).toBeCloseTo(39.45196, 5);
});

describe("a transient", () => {
  const tran = (lines: string) => transientOf(readCircuit(`title\n${lines}\n`, "t.cir"));

  it("charges a capacitor", () => {
    const { time, nodes } = tran("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n IC=0\n.tran 10n 5u uic");
    expect(time[0]).toBe(0);
    expect(time[time.length - 1]).toBe(5e-6);
    for (let n = 0; n <= 500; n += 50) expect(time.some((t) => Math.abs(t - n * 1e-8) < 1e-18)).toBe(true);
    time.forEach((t, i) => expect(Math.abs(nodes.b[i] - (1 - Math.exp(-t / 1e-6)))).toBeLessThan(2e-7));
    expect(nodes.a.every((v) => Math.abs(v - 1) < 1e-12)).toBe(true);
  });

  it("tells points between which lines are straight", () => {
    const { time, nodes } = tran("V1 a 0 SIN(0 1 1meg)\nR1 a b 1k\nC1 b 0 100p\n.tran 1u 3u");
    for (let i = 1; i < time.length; i++) {
      const t = (time[i] + time[i - 1]) / 2;
      expect(Math.abs((nodes.a[i] + nodes.a[i - 1]) / 2 - Math.sin(2e6 * Math.PI * t))).toBeLessThan(2e-4);
    }
  });

  it("rings, and begins from an operating point with what .ic holds", () => {
    const { time, nodes } = tran("L1 a 0 1u\nC1 a 0 1n\nR1 a 0 1meg\n.ic v(a)=1\n.tran 10n 1u uic");
    const w = 1 / Math.sqrt(1e-6 * 1e-9);
    time.forEach((t, i) =>
      expect(Math.abs(nodes.a[i] - Math.cos(w * t) * Math.exp(-t / 2e-3))).toBeLessThan(2e-4),
    );
    const held = tran("V1 a 0 1\nR1 a b 1k\nC1 b 0 1n\n.ic v(b)=0.25\n.tran 10n 1u");
    expect(held.nodes.b[0]).toBeCloseTo(0.25, 9);
    held.time.forEach((t, i) =>
      expect(Math.abs(held.nodes.b[i] - (1 - 0.75 * Math.exp(-t / 1e-6)))).toBeLessThan(1e-6),
    );
  });

  it("follows pulses and corners", () => {
    const { time, nodes } = tran(
      "V1 a 0 PULSE(0 2 100n 10n 20n 200n 500n)\nR1 a 0 1k\nV2 b 0 PWL(0 1 250n 1 300n -1)\nR2 b 0 1k\nV3 c 0 EXP(0 1 100n 50n 400n 80n)\nR3 c 0 1\n.tran 50n 1u",
    );
    const at = (values: readonly number[], t: number): number =>
      values[time.findIndex((x) => Math.abs(x - t) < 1e-15)];
    expect(at(nodes.a, 110e-9)).toBeCloseTo(2, 9);
    expect(at(nodes.a, 310e-9)).toBeCloseTo(2, 9);
    expect(at(nodes.a, 330e-9)).toBeCloseTo(0, 9);
    expect(at(nodes.a, 700e-9)).toBeCloseTo(2, 9);
    expect(at(nodes.b, 250e-9)).toBe(1);
    expect(at(nodes.b, 300e-9)).toBeCloseTo(-1, 9);
    expect(at(nodes.c, 400e-9)).toBeCloseTo(1 - Math.exp(-300 / 50), 9);
  });
});

/**
 * Devices that must be refused: each with its code, its place and a remedy, within a second, and no code of
 * theirs run.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { readNeuron } from "../../src/device/neuron";
import { readSynapse } from "../../src/device/synapse";
import { OhmletError } from "../../src/errors";
import { stopwatch } from "../stopwatch";

const PARAMETERS = { C: "1 pF", g_leak: "50 nS", E: "-70 mV", u_slope: "100 mV" };
const neuron =
  (equations: string, parameters: unknown = {}, more: object = {}) =>
  () =>
    readNeuron({ kind: "neuron", name: "bad", equations, parameters, ...more });
/** A good neuron but for the equation of its motion, or of its output. */
const physical = (motion: string) =>
  neuron(`${motion}\nrho = tanh(u/u_slope) + 0*E/E`, PARAMETERS, { unitDrive: "g_leak*u_slope" });
const map = (rest: string, parameters: unknown = {}) => neuron(`u <- I + I_nudge\n${rest}`, parameters);
const rho = (expression: string) => map(`rho = ${expression}`);
const synapse =
  (equations: string, more: object = {}) =>
  () =>
    readSynapse({ kind: "synapse", name: "bad", equations, ...more });
const parameter = (value: unknown) => map("rho = u*k", { k: value });

const branching = Array.from({ length: 40 }, (_, i) => `f${i + 1}(x) = f${i}(2*x) + f${i}(x + 1)`).join("\n");

const CASES: readonly (readonly [what: string, code: string, read: () => unknown])[] = [
  ["an unknown symbol", "EQ-UNKNOWN", physical("C*du/dt = -g_lek*u + I + I_nudge : V")],
  ["an unknown function", "EQ-UNKNOWN", rho("tanhh(u)")],
  [
    "a call of a parameter by juxtaposition",
    "EQ-CALL",
    physical("C*du/dt = g_leak (E - u) + I + I_nudge : V"),
  ],
  ["a call of a state", "EQ-CALL", rho("u(1)")],
  ["a call of a value", "EQ-CALL", map("a = 2\nrho = a(u)")],
  ["an implicit product with a number", "EQ-PRODUCT", rho("2 u")],
  ["an implicit product without a space", "EQ-PRODUCT", rho("2u")],
  ["an implicit product of brackets", "EQ-PRODUCT", rho("(u + 1)(u - 1)")],
  ["two names side by side", "EQ-PRODUCT", rho("u u")],
  ["a function without its argument", "EQ-ARGUMENTS", rho("tanh + u")],
  ["too few arguments", "EQ-ARGUMENTS", rho("clip(u, 0)")],
  ["too many arguments of a function of one's own", "EQ-ARGUMENTS", map("f(x) = x\nrho = f(u, u)")],
  ["a sum of volts and amperes", "EQ-DIMENSION", physical("C*du/dt = -g_leak*u + u + I + I_nudge : V")],
  [
    "a sum of an unknown unit and its multiple",
    "EQ-DIMENSION",
    physical("C*du/dt = -g_leak*I + I + I_nudge : V"),
  ],
  ["sides of different units", "EQ-DIMENSION", physical("C*du/dt = -u/g_leak + I + I_nudge : V")],

  ["a missing time constant", "EQ-DIMENSION", physical("du/dt = -u + I + I_nudge : V")],
  [
    "tanh of volts",
    "EQ-DIMENSION",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = tanh(u)", PARAMETERS),
  ],
  [
    "bounds in the wrong unit",
    "EQ-DIMENSION",
    physical("C*du/dt = -g_leak*u + I + I_nudge : V\n0 <= u <= 1"),
  ],
  [
    "noise of the wrong density",
    "EQ-DIMENSION",
    physical("C*du/dt = -g_leak*u + I + I_nudge + g_leak*u_slope*xi : V"),
  ],
  ["an annotation that does not fit", "EQ-DIMENSION", map("rho = u : V")],
  [
    "a power of a unit that varies",
    "EQ-DIMENSION",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = u^(u/u_slope)", PARAMETERS),
  ],
  ["an annotation that is no unit", "EQ-UNIT", map("rho = u : volts per banana")],
  ["an annotation with a prefix", "EQ-UNIT", map("rho = u : mV")],
  ["a cycle of definitions", "EQ-CYCLE", map("a = b + 1\nb = a\nrho = a*u")],
  ["a function that calls itself", "EQ-CYCLE", map("f(x) = f(x - 1)\nrho = f(u)")],
  ["an unused cycle", "EQ-CYCLE", map("a = a\nrho = u")],
  ["rho that needs its own slope", "EQ-CYCLE", rho("rho'(u)")],
  ["two definitions of a name", "EQ-DUPLICATE", map("rho = u\nrho = 2*u")],
  ["a definition of a parameter", "EQ-DUPLICATE", map("k = 2\nrho = k*u", { k: 1 })],
  ["a definition of a known function", "EQ-DUPLICATE", map("exp(x) = x\nrho = u")],
  ["a definition of a constant", "EQ-DUPLICATE", map("k_B = 2\nrho = u")],
  ["a missing rho", "DEVICE-OUTPUT", map("")],
  ["a missing equation of motion", "DEVICE-DYNAMICS", neuron("rho = u")],
  ["no equations at all", "DEVICE-DYNAMICS", neuron("  \n # nothing")],
  [
    "two equations of motion",
    "DEVICE-DYNAMICS",
    neuron("u <- I + I_nudge\ndu/dt = -u + I + I_nudge\nrho = u"),
  ],
  ["a state other than u", "DEVICE-DYNAMICS", neuron("dv/dt = -v + I\nrho = u")],
  ["a missing port I", "DEVICE-PORT", neuron("u <- I_nudge\nrho = u")],
  ["a missing port I_nudge", "DEVICE-PORT", neuron("u <- I\nrho = u")],
  ["an output that sees the current", "DEVICE-OUTPUT", rho("u + I")],
  ["noise in the output", "EQ-NOISE", rho("u + xi")],
  ["noise that is squared", "EQ-NOISE", neuron("u <- I + I_nudge + xi*xi\nrho = u")],
  ["noise in a function", "EQ-NOISE", neuron("u <- I + I_nudge + sign(xi)\nrho = u")],
  ["a left side that is not a multiple of du/dt", "EQ-RATE", neuron("du/dt + u = I + I_nudge\nrho = u")],
  ["a rate on the right", "EQ-SYNTAX", neuron("du/dt = -u + I + I_nudge + du/dt\nrho = u")],
  ["a derivative of nothing", "EQ-DERIVATIVE", rho("sigma'(u)")],
  ["a second derivative", "EQ-NAME", rho("rho''(u)")],
  ["the name constructor", "EQ-NAME", rho("constructor")],
  ["the name __proto__", "EQ-NAME", rho("__proto__")],
  ["a call of toString", "EQ-NAME", rho("toString(u)")],
  ["a parameter named constructor", "EQ-NAME", map("rho = u", { constructor: 1 })],
  ["a parameter named __proto__", "EQ-NAME", map("rho = u", JSON.parse('{"__proto__": 1}'))],
  ["a definition named hasOwnProperty", "EQ-NAME", map("hasOwnProperty = 1\nrho = u")],
  ["an assignment inside", "EQ-SYNTAX", rho("(u = 3)")],
  ["a text", "EQ-SYNTAX", rho('"u"')],
  ["a matrix", "EQ-SYNTAX", rho("[u, 1]")],
  ["an access of a property", "EQ-SYNTAX", rho("u.constructor")],
  ["a factorial", "EQ-SYNTAX", rho("u!")],
  ["a second statement on the line", "EQ-SYNTAX", rho("u; process.exit(1)")],
  ["an open bracket", "EQ-SYNTAX", rho("tanh(u")],
  ["a closing bracket", "EQ-SYNTAX", rho("u)")],
  ["an operator too many", "EQ-SYNTAX", rho("u + * 2")],
  ["an equation that breaks off", "EQ-SYNTAX", rho("u +")],
  ["an empty right side", "EQ-SYNTAX", map("rho =")],
  ["a line that says nothing", "EQ-SYNTAX", map("rho = u\nu + 1")],
  ["a comparison as a number", "EQ-SYNTAX", rho("tanh(u < 1)")],
  ["where without a comparison", "EQ-SYNTAX", rho("where(u, 1, 2)")],
  ["** for a power", "EQ-SYNTAX", rho("u**2")],
  ["two colons", "EQ-SYNTAX", map("rho = u : 1 : 1")],
  ["bounds of a definition", "DEVICE-BOUNDS", map("a = 2*u\nrho = a\n0 <= a <= 1")],
  ["bounds that are open", "EQ-SYNTAX", map("rho = u\n0 < u < 1")],
  ["a parameter beyond its condition", "DEVICE-VALUE", map("rho = k*u\n0 <= k <= 1", { k: 2 })],
  ["bounds the wrong way round", "DEVICE-BOUNDS", map("rho = u\n1 <= u <= 0")],
  ["bounds that depend on the state", "DEVICE-BOUNDS", map("rho = u\n0 <= u <= 2*u")],
  ["a number that overflows", "EQ-NUMBER", rho("u*1e999")],
  ["a number that underflows", "EQ-NUMBER", rho("u*1e-999")],
  ["a constant that overflows", "DEVICE-VALUE", rho("u*(1e300*1e300)")],
  ["a huge text", "EQ-SIZE", map(`rho = u${" ".repeat(30_000)}`)],
  ["too many lines", "EQ-SIZE", map(`rho = u${"\n".repeat(500)}`)],
  ["a long line", "EQ-SIZE", rho(`u${"+u".repeat(5_000)}`)],
  ["functions that branch forty times", "EQ-SIZE", map(`f0(x) = x\n${branching}\nrho = f40(u)`)],
  ["deep nesting", "EQ-DEPTH", rho(`${"(".repeat(5_000)}u${")".repeat(5_000)}`)],
  ["a long chain of signs", "EQ-DEPTH", rho(`${"-".repeat(500)}u`)],
  ["a tower of powers", "EQ-DEPTH", rho(`u${"^u".repeat(200)}`)],
  ["a tower of powers with signs", "EQ-DEPTH", rho(`u${"^-u".repeat(60)}`)],
  ["a tower of powers within brackets", "EQ-DEPTH", rho(`1 + (2*u - (3 + u${"^u".repeat(60)}))`)],
  [
    "a negative capacitance",
    "DEVICE-VALUE",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = u/E", { ...PARAMETERS, C: "-1 pF" }),
  ],
  [
    "a capacitance of zero",
    "DEVICE-VALUE",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = u/E", { ...PARAMETERS, C: "0 pF" }),
  ],
  ["a division by a parameter that is zero", "DEVICE-VALUE", map("rho = tanh(u/k)", { k: 0 })],
  [
    "the root of a negative parameter",
    "DEVICE-VALUE",
    neuron("u <- I + I_nudge + sqrt(k)*xi\nrho = u", { k: -1 }),
  ],
  ["a temperature below zero", "DEVICE-VALUE", parameter("-1 K")],
  [
    "a unit drive that is negative",
    "DEVICE-VALUE",
    neuron("u <- I + I_nudge\nrho = u", {}, { unitDrive: "-1" }),
  ],
  [
    "a missing unit drive",
    "DEVICE-UNIT-DRIVE",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = u/E", PARAMETERS),
  ],
  [
    "a unit drive in volts",
    "EQ-DIMENSION",
    neuron("C*du/dt = -g_leak*u + I + I_nudge : V\nrho = u/E", PARAMETERS, { unitDrive: "u_slope" }),
  ],
  [
    "a unit drive that uses the state",
    "EQ-UNKNOWN",
    neuron("u <- I + I_nudge\nrho = u", {}, { unitDrive: "u" }),
  ],
  ["an unused parameter", "DEVICE-UNUSED", map("rho = u", { k: 1 })],
  ["a parameter with a port's name", "DEVICE-PARAMETER", map("rho = u", { I: 1 })],
  ["a parameter without a number", "UNIT-SYNTAX", parameter("nS")],
  ["a parameter in an unknown unit", "UNIT-UNKNOWN", parameter("5 bananas")],
  ["a parameter in a hostile unit", "UNIT-UNKNOWN", parameter("5 constructor")],
  ["a parameter that is not finite", "UNIT-RANGE", parameter(NaN)],
  ["a parameter that is a list", "DEVICE-SPEC", parameter([1])],
  ["a large normal mismatch", "DEVICE-MISMATCH", parameter({ value: 1, mismatch: "25 %" })],
  ["a negative mismatch", "DEVICE-MISMATCH", parameter({ value: 1, mismatch: -0.1 })],
  ["a mismatch with a unit", "DEVICE-MISMATCH", parameter({ value: 1, mismatch: "1 nS" })],
  ["an unknown distribution", "DEVICE-SPEC", parameter({ value: 1, distribution: "uniform" })],
  ["an unknown field", "DEVICE-SPEC", neuron("u <- I + I_nudge\nrho = u", {}, { unitDrve: "1" })],
  ["equations that are no text", "DEVICE-SPEC", () => readNeuron({ name: "bad", equations: 3 })],
  ["a device without a name", "DEVICE-SPEC", () => readNeuron({ equations: "" })],
  ["null", "DEVICE-SPEC", () => readNeuron(null)],
  [
    "a synapse for a neuron",
    "DEVICE-SPEC",
    () => readNeuron({ kind: "synapse", name: "bad", equations: "" }),
  ],
  ["a synapse without a current", "DEVICE-OUTPUT", synapse("w <- w + dw")],
  ["a current that is not linear in rho_pre", "DEVICE-WEIGHT", synapse("I = w*rho_pre^2\nw <- w + dw")],
  ["a current at rest", "DEVICE-WEIGHT", synapse("I = w*rho_pre + 1\nw <- w + dw")],
  ["a current of its own programming", "DEVICE-WEIGHT", synapse("I = (w + dw)*rho_pre\nw <- w + dw")],
  ["read noise that is squared", "EQ-NOISE", synapse("I = w*rho_pre*xi*xi\nw <- w + dw")],
  [
    "programming that sees the presynaptic output",
    "DEVICE-PORT",
    synapse("I = w*rho_pre\nw <- w + dw*rho_pre"),
  ],
  ["a leak of what is not stored", "DEVICE-STORED", synapse("I = w*rho_pre\nw <- w + dw\ndv/dt = -v")],
  [
    "an initial value of what is not stored",
    "DEVICE-STORED",
    synapse("I = w*rho_pre\nw <- w + dw", { initial: { v: "1" } }),
  ],
  [
    "programming in the wrong unit",
    "EQ-DIMENSION",
    synapse("I = G*V*rho_pre : A\nG <- G + dw : S", { parameters: { V: "1 V" } }),
  ],
  [
    "an initial value in the wrong unit",
    "EQ-DIMENSION",
    synapse("I = G*V*rho_pre : A\nG <- G + dw/V : S", { parameters: { V: "1 V" }, initial: { G: "V" } }),
  ],
  [
    "a leak without a time constant",
    "EQ-DIMENSION",
    synapse("I = G*V*rho_pre : A\nG <- G + dw/V : S\ndG/dt = -G", { parameters: { V: "1 V" } }),
  ],
  [
    "a negative retention",
    "DEVICE-VALUE",
    synapse("I = w*rho_pre\nw <- w + dw\nretention*dw/dt = -w", { parameters: { retention: "-1 s" } }),
  ],
];

describe("bad devices", () => {
  const trap = globalThis as { exploited?: boolean };
  afterEach(() => expect(trap.exploited).toBeUndefined());

  it.each(CASES)("refuses %s: %s", (_, code, read) => {
    const elapsed = stopwatch();
    const error = caught(read);
    expect(elapsed()).toBeLessThan(1000);
    expect(error).toBeInstanceOf(OhmletError);
    const { code: actual, place, category } = error as OhmletError;
    expect(actual, (error as Error).message).toBe(code);
    expect(place?.where).toMatch(/bad|neuron|synapse/);
    expect(category).toBe("input");
  });

  it("gives every fault of a line its place", () => {
    for (const [what, code, read] of CASES) {
      const error = caught(read) as OhmletError;
      const whole =
        ["EQ-SIZE", "EQ-NAME", "DEVICE-OUTPUT", "DEVICE-DYNAMICS"].includes(code) &&
        error.place?.line === undefined;
      if (code.startsWith("EQ-") && !whole) expect(error.place?.line, what).toBeGreaterThan(0);
    }
  });

  it("puts the caret under the fault", () => {
    const error = caught(
      neuron("\n  C*du/dt = g_leak (E - u) + I   # leak\n  rho = u", PARAMETERS),
    ) as OhmletError;
    expect(error.message).toBe(
      'EQ-CALL  bad, line 1: "g_leak" is a parameter, not a function\n  C*du/dt = g_leak (E - u) + I\n' +
        "            ^\n  write  g_leak*(E - u)",
    );
  });

  it("names both sides of a wrong unit, with the fix", () => {
    const message = (caught(physical("C*du/dt = -g_leak*u + u + I + I_nudge : V")) as Error).message;
    expect(message).toBe(
      'EQ-DIMENSION  bad, line 1: cannot add "-g_leak*u" in A and "u" in V\n  C*du/dt = -g_leak*u + u ' +
        '+ I + I_nudge : V\n                        ^\n  multiply "u" by a quantity in S',
    );
  });

  it("proposes the name that was meant", () => {
    expect((caught(physical("C*du/dt = -g_lek*u + I + I_nudge : V")) as OhmletError).remedy).toContain(
      '"g_leak"',
    );
    expect((caught(rho("tahn(u)")) as OhmletError).remedy).toContain('"tanh"');
  });

  it("runs no code of the text's", () => {
    for (const text of [
      "globalThis.exploited = true",
      "(() => { globalThis.exploited = true })()",
      'u"; globalThis.exploited = true; "',
      "import(u)",
      "evaluate(u)",
      "constructor.constructor(u)()",
    ]) {
      expect(caught(rho(text)), text).toBeInstanceOf(OhmletError);
    }
  });

  it("answers any text with a device or a coded error", () => {
    const piece = fc.constantFrom(
      "u",
      "I",
      "rho",
      "rho'",
      "xi",
      "du/dt",
      "<-",
      "=",
      "<=",
      ">=",
      "<",
      "+",
      "-",
      "*",
      "/",
      "^",
      "(",
      ")",
      ",",
      ":",
      "V",
      "1",
      "2.5",
      "1e9",
      "exp",
      "clip",
      "where",
      "k",
      " ",
      "\n",
      "#",
      "'",
      "constructor",
      "é",
      "\u0000",
      "$",
      '"',
      "[",
      "t0",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(" ")),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join("")),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(text, text, (first, second) => {
        for (const read of [
          neuron(first),
          map(first),
          rho(first),
          neuron(`${first}\n${second}`),
          synapse(first),
          synapse(`I = w*rho_pre\nw <- ${first}`),
          parameter(first),
        ]) {
          const error = caught(read);
          if (error !== null && !(error instanceof OhmletError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });

  it("says which unit a rate lacks, and not that all the rest is wrong", () => {
    const error = caught(() =>
      readNeuron({
        kind: "neuron",
        name: "bare",
        equations: "C*du/dt = -g*(u - V_os) + I + I_nudge\nrho = tanh(u/s)",
        parameters: { C: "1 pF", g: "50 nS", V_os: "5 mV", s: "100 mV" },
      }),
    );
    expect(error).toMatchObject({ code: "EQ-DIMENSION", place: { line: 1 } });
    expect((error as OhmletError).remedy).toContain("+ I + I_nudge : V");
  });

  it("answers any data with a device or a coded error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ name: fc.jsonValue(), equations: fc.jsonValue(), parameters: fc.jsonValue() }),
        ),
        (data) => {
          for (const read of [() => readNeuron(data), () => readSynapse(data)])
            expect(caught(read)).toBeInstanceOf(OhmletError);
        },
      ),
    );
  });
});

function caught(read: () => unknown): unknown {
  try {
    read();
    return null;
  } catch (error) {
    return error;
  }
}

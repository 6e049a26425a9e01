/** Netlists that are wrong or meant to do harm end with a code, a line and a column, soon; nothing is read or run. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OhmletError } from "../../src/errors";
import { operatingPoint, readCircuit, transientOf } from "../../src/spice";
import { refusal } from "../refusal";

const solve = (text: string): unknown => {
  const circuit = readCircuit(text, "bad.cir");
  return circuit.transient === null ? operatingPoint(circuit) : transientOf(circuit);
};
const DIVIDER = "V1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n";
const nest = (open: string, inner: string, close: string, times: number): string =>
  open.repeat(times) + inner + close.repeat(times);
/** Each contains two of the next. */
const bomb = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, i) => `.subckt s${i} a b\nX1 a b s${i + 1}\nX2 a b s${i + 1}\n.ends\n`,
  ).join("") + `.subckt s${levels} a b\nR1 a b 1k\n.ends\n`;

/** Name, netlist after its title, code, line (null: the file as a whole). */
const CASES: readonly (readonly [string, string, string, number | null])[] = [
  ["nothing", "", "SPICE-EMPTY", 1],
  ["a node that a current source alone is at", `${DIVIDER}I1 0 c 1m\n`, "SPICE-FLOATING", 5],
  ["a node behind a capacitor", `${DIVIDER}C1 b c 1p\n`, "SPICE-FLOATING", 5],
  ["an island without ground", `${DIVIDER}R3 c d 1k\nV3 c d 1\n`, "SPICE-FLOATING", 5],
  ["a node that is only read", `${DIVIDER}E1 c 0 d 0 2\nR3 c 0 1k\n`, "SPICE-FLOATING", 5],
  ["two sources side by side", `${DIVIDER}V2 a 0 2\n`, "SPICE-LOOP", 5],
  ["a loop of sources and an inductor", `${DIVIDER}V2 c 0 1\nL1 a c 1u\n`, "SPICE-LOOP", 6],
  ["a source whose ends are one", `${DIVIDER}V2 b b 1\n`, "SPICE-LOOP", 5],
  ["an amplifier that undoes a resistor", "R1 a 0 1k\nG1 a 0 a 0 -1m\nI1 0 a 1m\n", "SPICE-SINGULAR", 2],
  ["negative resistance", "V1 a 0 1\nR1 a 0 -1k\n", "SPICE-VALUE", 3],
  ["no resistance", "V1 a 0 1\nR1 a 0 {1-1}\n", "SPICE-VALUE", 3],
  ["negative capacitance", `${DIVIDER}C1 b 0 -1p\n`, "SPICE-VALUE", 5],
  ["an unknown element", `${DIVIDER}Q1 a b 0 QM\n`, "SPICE-ELEMENT", 5],
  ["a transistor's model", `${DIVIDER}D1 b 0 QM\n.model QM NPN\n`, "SPICE-ELEMENT", 6],
  ["a name of letters beyond", `${DIVIDER}\u00f61 a b 1\n`, "SPICE-ELEMENT", 5],
  ["a prototype's name", `${DIVIDER}__proto__ a b 1\n`, "SPICE-ELEMENT", 5],
  ["an include", `${DIVIDER}.include /etc/passwd\n`, "SPICE-INCLUDE", 5],
  ["a library", `${DIVIDER}.lib "/etc/passwd" tt\n`, "SPICE-INCLUDE", 5],
  ["an include without its dot", `${DIVIDER}include /etc/passwd\n`, "SPICE-INCLUDE", 5],
  ["an unknown line", `${DIVIDER}.trann 1n 1u\n`, "SPICE-CARD", 5],
  ["a subcircuit in itself", `${DIVIDER}.subckt s a b\nX1 a b s\n.ends\nX1 b 0 s\n`, "SPICE-CYCLE", 6],
  [
    "two subcircuits in each other",
    `X1 b 0 s\n${DIVIDER}.subckt s a b\nX1 a b t\n.ends\n.subckt t a b\nX1 a b s\n.ends\n`,
    "SPICE-CYCLE",
    10,
  ],
  ["subcircuits that double", `${DIVIDER}X1 b 0 s0\n${bomb(20)}`, "SPICE-SIZE", null],
  ["subcircuits that never end", `${DIVIDER}X1 b 0 s0\n${bomb(60)}`, "SPICE-SIZE", 99],
  ["a subcircuit without an end", `${DIVIDER}.subckt s a b\n`, "SPICE-SYNTAX", 5],
  ["an end without a subcircuit", `${DIVIDER}.ends\n`, "SPICE-SYNTAX", 5],
  ["too many nodes", `${DIVIDER}X1 a b 0 s\n.subckt s a b\nR1 a b 1\n.ends\n`, "SPICE-PORTS", 5],
  ["an unknown subcircuit", `${DIVIDER}X1 a b t\n`, "SPICE-NAME", 5],
  ["an unknown model", `${DIVIDER}D1 a b t\n`, "SPICE-NAME", 5],
  ["an unknown source", `${DIVIDER}F1 a b V7 2\n`, "SPICE-NAME", 5],
  ["an unknown parameter", `${DIVIDER}R3 b 0 {2*q}\n`, "SPICE-NAME", 5],
  ["an unknown function", `${DIVIDER}R3 b 0 {system(1)}\n`, "SPICE-NAME", 5],
  ["JavaScript", `${DIVIDER}B1 b 0 I={constructor(1)}\n`, "SPICE-NAME", 5],
  ["a parameter of itself", `${DIVIDER}.param q={p} p={q+1}\nR3 b 0 {q}\n`, "SPICE-CYCLE", 5],
  ["an exponent that overflows", "V1 a 0 1e999\nR1 a 0 1k\n", "SPICE-NUMBER", 2],
  ["an exponent that underflows", "V1 a 0 1\nR1 a 0 1e-999\n", "SPICE-NUMBER", 3],
  ["a long exponent", `V1 a 0 1e${"9".repeat(150)}\nR1 a 0 1k\n`, "SPICE-NUMBER", 2],
  ["a division by nothing", `${DIVIDER}R3 b 0 {1/0}\n`, "SPICE-NUMBER", 5],
  ["an expression that overflows", `${DIVIDER}R3 b 0 {1e300*1e300}\n`, "SPICE-NUMBER", 5],
  ["an expression that breaks off", `${DIVIDER}R3 b 0 {2*}\n`, "SPICE-EXPRESSION", 5],
  ["deep brackets", `${DIVIDER}R3 b 0 {${nest("(", "1", ")", 5_000)}}\n`, "SPICE-EXPRESSION", 5],
  ["deep signs", `${DIVIDER}R3 b 0 {${"-".repeat(9_000)}1}\n`, "SPICE-EXPRESSION", 5],
  ["many signs", `${DIVIDER}R3 b 0 {1${"+1".repeat(9_000)}}\n`, "SPICE-SIZE", 5],
  ["many choices", `${DIVIDER}R3 b 0 {${nest("1?", "1", ":1", 3_000)}}\n`, "SPICE-SIZE", 5],
  ["a brace that is not closed", `${DIVIDER}R3 b 0 {2*3\n`, "SPICE-SYNTAX", 5],
  ["a quote that is not closed", `${DIVIDER}R3 b 0 '2*3\n`, "SPICE-SYNTAX", 5],
  ["a continuation of nothing", "+ R1 a 0 1k\n", "SPICE-SYNTAX", 2],
  ["no value", `${DIVIDER}R3 b 0\n`, "SPICE-SYNTAX", 5],
  ["too much", `${DIVIDER}R3 b 0 1k 2k\n`, "SPICE-SYNTAX", 5],
  ["one node", `${DIVIDER}R3 b\n`, "SPICE-SYNTAX", 5],
  ["an endless name", `${DIVIDER}R3 ${"n".repeat(10_000)} 0 1k\n`, "SPICE-SYNTAX", 5],
  ["two of one name", `${DIVIDER}R1 b 0 1k\n`, "SPICE-DUPLICATE", 5],
  ["a million lines", "R1 a 0 1k\n".repeat(1_000_000), "SPICE-SIZE", 1],
  ["a million lines of comment", "*\n".repeat(1_000_000), "SPICE-SIZE", 1],
  ["a million continuations", `R1 a 0 1k\n${"+ 1\n".repeat(190_000)}`, "SPICE-SIZE", null],
  ["an initial voltage of no node", `${DIVIDER}.ic v(q)=1\n.tran 1n 1u\n`, "SPICE-NODE", 5],
  ["a transient without its end", `${DIVIDER}.tran 1n\n`, "SPICE-SYNTAX", 5],
  ["a transient of no length", `${DIVIDER}.tran 1n 0\n`, "SPICE-VALUE", 5],
  ["a transient of too many steps", `${DIVIDER}.tran 1f 1\n`, "SPICE-SIZE", 5],
  ["times that go back", "V1 a 0 PWL(0 0 2u 1 1u 0)\nR1 a 0 1k\n", "SPICE-VALUE", 2],
  ["a temperature of nothing", `${DIVIDER}.options temp=-300\n`, "SPICE-VALUE", 5],
  ["a diode without a slope", `${DIVIDER}D1 b 0 DM\n.model DM D(N=0)\n`, "SPICE-VALUE", 6],
  [
    "no solution at all",
    "V1 a 0 1\nR1 a b 1k\nB1 b 0 I=1+exp(v(b))*0\n.nodeset v(b)=0\nR2 b 0 1G\nB2 b 0 I={v(b)>-1000 ? 1 : -1}\n",
    "SPICE-UNSETTLED",
    null,
  ],
];

describe("a netlist that cannot be", () => {
  it.each(CASES)("%s", (_, lines, code, line) => {
    const start = process.cpuUsage();
    const error = refusal(() => solve(`title\n${lines}`));
    expect(process.cpuUsage(start).user / 1e3).toBeLessThan(1_500);
    expect(error.code, error.message).toBe(code);
    expect(error.place?.where).toBe("bad.cir");
    if (line !== null) {
      expect(error.place?.line, error.message).toBe(line);
      expect(error.place?.column).toBeGreaterThan(0);
    }
    expect(error.remedy, error.message).toBeTruthy();
    expect(error.message.length).toBeLessThan(2_000);
  });

  it("is never a crash, whatever it says", () => {
    const words = fc.constantFrom(
      ..."R1 a 0 1k V1 C1 L1 D1 DM E1 F1 G1 H1 B1 X1 .model .subckt .ends .param .tran .ic .options v( ) = { } ' + - * / ( 1 1e9 -1 uic SIN PULSE ( \n \n \n k= V= I=".split(
        " ",
      ),
      "\n",
      "\n+",
      " ",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        try {
          solve(`t\n${parts.join(" ")}\n`);
        } catch (error) {
          expect(error).toBeInstanceOf(OhmletError);
        }
      }),
      { numRuns: 400 },
    );
  });
});

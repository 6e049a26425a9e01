/** Configs that are wrong: each has its code, its line and its remedy, at once. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faultIn, readAll, TINY } from "./read";
import { stopwatch } from "../stopwatch";

/** The tiny config with one piece replaced. */
function edit(from: string, to: string): string {
  if (!TINY.includes(from)) throw new Error(`the tiny config has no ${JSON.stringify(from)}`);
  return TINY.replace(from, to);
}

const CASES: readonly (readonly [what: string, text: string, code: string, at: RegExp, says: RegExp])[] = [
  [
    "an unknown key",
    edit("epochs: 2", "epoch: 2"),
    "CONFIG-KEY",
    /run\.yaml:28:1, epoch:/,
    /did you mean "epochs"/,
  ],
  [
    "an unknown key deep down",
    edit("nudgedSteps", "nudgeSteps"),
    "CONFIG-KEY",
    /run\.yaml:25:3, estimator\.nudgeSteps/,
    /did you mean "nudgedSteps"/,
  ],
  [
    "an unknown key of a projection",
    edit("bias: true", "biased: true"),
    "CONFIG-KEY",
    /run\.yaml:15:\d+, circuit\.projections\[0\]\.biased/,
    /"bias"/,
  ],
  [
    "a missing key",
    edit("  amplitude: 0.2\n", ""),
    "CONFIG-MISSING",
    /run\.yaml:\d+:\d+, estimator/,
    /add {2}amplitude:/,
  ],
  [
    "a key that occurs twice",
    edit("dt: 0.2", "dt: 0.2\ndt: 0.3"),
    "CONFIG-DUPLICATE",
    /run\.yaml:28:1/,
    /keep one/,
  ],
  [
    "a text for a number",
    edit("epochs: 2", "epochs: two"),
    "CONFIG-TYPE",
    /run\.yaml:28:9, epochs/,
    /a whole number from 0/,
  ],
  [
    "a fraction for a whole number",
    edit("epochs: 2", "epochs: 2.5"),
    "CONFIG-RANGE",
    /:28:9/,
    /whole number/,
  ],
  [
    "a number out of range",
    edit("amplitude: 0.2", "amplitude: -0.2"),
    "CONFIG-RANGE",
    /:23:14, estimator\.amplitude/,
    /above 0/,
  ],
  ["a number that is infinite", edit("dt: 0.2", "dt: .inf"), "CONFIG-NUMBER", /:27:5/, /finite/],
  ["a number that is none", edit("dt: 0.2", "dt: .nan"), "CONFIG-NUMBER", /:27:5/, /finite/],
  ["a number that overflows", edit("dt: 0.2", "dt: 1e999"), "CONFIG-NUMBER", /:27:5/, /finite/],
  [
    "nothing for a value",
    edit("epochs: 2", "epochs:"),
    "CONFIG-TYPE",
    /:28:8, epochs/,
    /nothing stands where/,
  ],
  [
    "a list for a map",
    edit("{ kind: sgd, rate: 0.1 }", "[sgd]"),
    "CONFIG-TYPE",
    /:26:12, optimizer/,
    /a list stands/,
  ],
  ["yes for true", edit("bias: true", "bias: yes"), "CONFIG-TYPE", /projections\[0\]\.bias/, /true or false/],
  [
    "a kind that is not there",
    edit("kind: centred", "kind: centered"),
    "CONFIG-CHOICE",
    /:22:9, estimator\.kind/,
    /did you mean "centred"/,
  ],
  [
    "a choice that is not there",
    edit("dt: 0.2", "dt: 0.2\nsolver: eular"),
    "CONFIG-CHOICE",
    /:28:9, solver/,
    /did you mean "euler"/,
  ],
  [
    "a device that is not there",
    edit("neuron: mine", "neuron: mein"),
    "CONFIG-NAME",
    /:13:\d+, circuit\.populations\[1\]\.neuron/,
    /did you mean "mine"/,
  ],
  [
    "a synapse where a neuron is needed",
    edit("neuron: mine", "neuron: ideal"),
    "CONFIG-NAME",
    /:13:\d+/,
    /a synapse stands where a neuron/,
  ],
  [
    "a device that is defined by itself",
    edit("neuron: mine", "neuron: a").replace("devices:\n", "devices:\n  a: b\n  b: a\n"),
    "CONFIG-NAME",
    /run\.yaml|config/,
    /there is no/,
  ],
  [
    "an option that a device does not have",
    edit("synapse: ideal", "synapse: { device: crossbar, volts: 1 }"),
    "CONFIG-KEY",
    /:15:\d+/,
    /there is no key "volts"/,
  ],
  [
    "an equation that cannot be read",
    edit("-u + I + I_nudge", "-u I + I_nudge"),
    "EQ-PRODUCT",
    /:5:\d+, devices\.mine\.equations/,
    /\^/,
  ],
  [
    "a parameter that no equation names",
    edit("tau: 1", "tau: 1\n      tua: 2"),
    "DEVICE-UNUSED",
    /:\d+:12, devices\.mine\.parameters\.tua/,
    /tua: 2/,
  ],
  [
    "a unit that does not exist",
    edit("tau: 1", "tau: 1 sek"),
    "UNIT-UNKNOWN",
    /devices\.mine\.parameters\.tau/,
    /sek/,
  ],
  [
    "a population that is not there",
    edit("from: input", "from: inputs"),
    "CIRCUIT-PORT",
    /:15:\d+, circuit\.projections\[0\]/,
    /populations: input, output/,
  ],
  [
    "an output that is not there",
    edit("output: output", "output: out"),
    "CIRCUIT-PORT",
    /:17:11, circuit\.output/,
    /populations/,
  ],
  [
    "units that do not fit",
    edit("synapse: ideal", "synapse: { device: ideal, unit: A }"),
    "CIRCUIT-UNITS",
    /:15:\d+, circuit\.projections\[0\]/,
    /current/,
  ],
  [
    "a rate of a projection that is not there",
    edit("rate: 0.1", "rate: { down: 0.1 }"),
    "CONFIG-NAME",
    /:26:\d+, optimizer\.rate\.down/,
    /projections: up/,
  ],
  [
    "a projection without a rate",
    edit("rate: 0.1", "rate: {}"),
    "OPTIMIZER-RATE",
    /:26:\d+, optimizer\.rate/,
    /"up"/,
  ],
  [
    "a time step in seconds where time has no unit",
    edit("dt: 0.2", "dt: 10 us"),
    "UNIT-DIMENSION",
    /:27:5, dt/,
    /plain number/,
  ],
  ["a time step in volts", edit("dt: 0.2", "dt: 10 V"), "UNIT-DIMENSION", /:27:5, dt/, /V/],
  ["an anchor", edit("mine:\n", "mine: &m\n"), "CONFIG-ALIAS", /:3:9/, /devices:/],
  ["an alias", edit("neuron: mine", "neuron: *mine"), "CONFIG-ALIAS", /:13:\d+/, /quotes/],
  ["a tag", edit("engine: reference", "engine: !!js/function 'f'"), "CONFIG-TAG", /:29:9/, /plain value/],
  ["a directive", `%YAML 1.1\n---\n${TINY}`, "CONFIG-TAG", /:1:1/, /directive/],
  [
    "a second document",
    `${TINY}---\na: 1\n---\nb: 2\n`,
    "CONFIG-SYNTAX",
    /run\.yaml/,
    /document|cannot stand/,
  ],
  ["a merge key", edit("mine:\n", "mine:\n    <<: { a: 1 }\n"), "CONFIG-KEY", /:4:5/, /not merged/],
  [
    "__proto__ as a key",
    edit("      tau: 1", "      tau: 1\n      __proto__: 1"),
    "CONFIG-KEY",
    /:9:7/,
    /cannot be a key/,
  ],
  ["constructor as a key", edit("epochs: 2", "constructor: 2"), "CONFIG-KEY", /:28:1/, /cannot be a key/],
  ["a number as a key", edit("tau: 1", "1: 1"), "CONFIG-KEY", /:8:7/, /must be a name/],
  ["a tab as indentation", edit("  kind: centred", "\tkind: centred"), "CONFIG-SYNTAX", /:22:1/, /spaces/],
  [
    "indentation that does not fit",
    edit("  amplitude", "    amplitude"),
    "CONFIG-SYNTAX",
    /:2[123]:/,
    /key|indent|colon|column|line/,
  ],
  [
    "a file cut in a bracket",
    TINY.slice(0, TINY.indexOf("glorot")),
    "CONFIG-SYNTAX",
    /run\.yaml:\d+/,
    /close|bracket/,
  ],
  [
    "a file cut between lines",
    TINY.slice(0, TINY.indexOf("optimizer")),
    "CONFIG-MISSING",
    /run\.yaml:1:1/,
    /"optimizer" is missing/,
  ],
  ["an open quote", edit("name: tiny", 'name: "tiny'), "CONFIG-SYNTAX", /run\.yaml/, /quote/],
  ["an empty file", "", "CONFIG-EMPTY", /run\.yaml/, /empty/],
  ["a file of comments", "# nothing\n", "CONFIG-EMPTY", /run\.yaml/, /empty/],
  ["a list at the top", "- 1\n", "CONFIG-TYPE", /:1:1/, /a list stands/],
  ["bytes that are no text", edit("tiny", "ti\u0000ny"), "CONFIG-TEXT", /:1:9/, /plain text/],
  [
    "a path in a config without a folder",
    edit("neuron: mine", "neuron: ../mine.yaml"),
    "CONFIG-PATH",
    /:13:\d+/,
    /no folder/,
  ],
  [
    "a text that is too long",
    edit("name: tiny", `name: ${"x".repeat(2000)}`),
    "CONFIG-RANGE",
    /:1:7, name/,
    /60/,
  ],
  [
    "weights beyond memory",
    edit("size: 64", "size: 1000000").replace("size: 10,", "size: 1000000,"),
    "CIRCUIT-SIZE",
    /:\d+:\d+, circuit/,
    /synapses/,
  ],
];

describe("a config that is wrong", () => {
  it("is met in many ways, and the one that is changed here is right", () => {
    expect(CASES.length).toBeGreaterThan(40);
    expect(readAll(TINY).config.epochs).toBe(2);
  });

  it.each(CASES)("is refused at once: %s", (_, text, code, at, says) => {
    const elapsed = stopwatch();
    const { code: found, message, remedy } = faultIn(() => readAll(text));
    expect(elapsed()).toBeLessThan(1000);
    expect(found, message).toBe(code);
    expect(message).toMatch(at);
    expect(message).toMatch(says);
    expect(remedy?.length ?? 0, "a remedy").toBeGreaterThan(3);
  });

  it.each([
    ["a comment", '{ "epochs": 2 // two\n}'],
    ["a trailing comma", '{ "epochs": 2, }'],
    ["single quotes", "{ 'epochs': 2 }"],
    ["an end that is missing", '{ "epochs": 2'],
  ])("is held to JSON's own rules in a .json file: %s", (_, text) => {
    expect(faultIn(() => readAll(text, "run.json"))).toMatchObject({
      code: "CONFIG-SYNTAX",
      place: { line: expect.any(Number) as number },
    });
  });
});

describe("a text that would exhaust the machine", () => {
  const N = 250_000;
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join("");
  it.each([
    ["brackets", "[".repeat(N)],
    ["dashes", "- ".repeat(N / 2)],
    ["keys in keys", "a: ".repeat(N / 3)],
    ["question marks", "? ".repeat(N / 2)],
    ["stairs", lines(700, (i) => `${" ".repeat(i)}a:\n`)],
    ["an indentation", `a:\n${" ".repeat(N)}b: 1`],
    ["many keys", lines(20_000, (i) => `k${i}: 1\n`)],
    ["many lines", "\n".repeat(N)],
    ["many items", `[${"1,".repeat(N / 2)}1]`],
    ["a long file", "#".repeat(1e6)],
    ["anchors", "&a ".repeat(N / 3)],
    ["an alias bomb", `a: &a [x, x]\n${lines(30, (i) => `b${i}: &b${i} [*a, *a]\n`)}`],
    ["colons", ":".repeat(N)],
    ["an open quote", `"${"a\n".repeat(N / 4)}`],
  ])("is refused within a second: %s", (_, text) => {
    const elapsed = stopwatch();
    expect(faultIn(() => readAll(text)).code).toMatch(/^CONFIG-/);
    expect(elapsed()).toBeLessThan(1000);
  });

  it("never fails in another way, whatever is written", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(
        "- ",
        ": ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!t ",
        "|\n",
        '"',
        "'",
        "? ",
        "#",
        "circuit:",
        "\t",
        "%",
        "---\n",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(TINY.length), (pieces, cut) => {
        expect(faultIn(() => readAll(TINY.slice(0, cut) + pieces.join("") + "\n][")).code).toMatch(
          /^[A-Z]+-[A-Z]+$/,
        );
      }),
      { numRuns: 200 },
    );
  });
});

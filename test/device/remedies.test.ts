/** What errors of devices tell to write is read when it is written, and says what was meant. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossbar, softNeuron } from "../../devices";
import { defineNeuron, defineSynapse, OhmletError, type Neuron, type NeuronSpec } from "../../src/index";
import { evaluate } from "../../src/equations/evaluate";
import { refusal } from "../refusal";

const PARAMETERS = { C: "1 pF", g: "50 nS", V: "100 mV" };
const neuronOf = (
  rho: string,
  parameters: object = PARAMETERS,
  motion = "C*du/dt = -g*u + I + I_nudge",
): NeuronSpec => ({
  kind: "neuron",
  name: "n",
  equations: `${motion} : V\nrho = ${rho}`,
  parameters: parameters as NonNullable<NeuronSpec["parameters"]>,
  unitDrive: "g*V",
});

/** rho at a state, with the parameters at their nominal values. */
function rhoAt(neuron: Neuron, u: number): number {
  const values = Object.create(null) as Record<string, number>;
  for (const { name, value } of Object.values(neuron.parameters)) values[name] = value.value;
  return evaluate(neuron.rho, { ...values, u, pi: Math.PI });
}

describe("functions of other names", () => {
  const SAME: readonly (readonly [written: string, f: (x: number) => number])[] = [
    ["tan(u/V)", Math.tan],
    ["sinh(u/V)", Math.sinh],
    ["cosh(u/V)", Math.cosh],
    ["coth(u/V)", (x) => 1 / Math.tanh(x)],
    ["sech(u/V)", (x) => 1 / Math.cosh(x)],
    ["asin(u/V)", Math.asin],
    ["acos(u/V)", Math.acos],
    ["arctan(u/V)", Math.atan],
    ["asinh(u/V)", Math.asinh],
    ["atanh(u/V)", Math.atanh],
    ["acosh(u/V + 1)", (x) => Math.acosh(x + 1)],
    ["ln(u/V)", Math.log],
    ["log10(u/V)", Math.log10],
    ["log2(u/V)", Math.log2],
    ["log1p(u/V)", Math.log1p],
    ["expm1(u/V)", Math.expm1],
    ["exp2(u/V)", (x) => 2 ** x],
    ["pow(u/V, 3)", (x) => x ** 3],
    ["square(u/V)", (x) => x * x],
    ["cbrt(u/V)", Math.cbrt],
    ["fabs(u/V)", Math.abs],
    ["sgn(u/V)", Math.sign],
    ["ceil(u/V)", Math.ceil],
    ["mod(u/V, 0.3)", (x) => x - 0.3 * Math.floor(x / 0.3)],
    ["hypot(u/V, 2)", (x) => Math.hypot(x, 2)],
    ["relu(u/V)", (x) => Math.max(0, x)],
    ["softplus(u/V)", (x) => Math.log1p(Math.exp(x))],
    ["heaviside(u)", (x) => (x < 0 ? 0 : 1)],
    ["clamp(u/V, 0, 0.5)", (x) => Math.min(0.5, Math.max(0, x))],
    ["if(u < V/2, 1, 2)", (x) => (x < 0.5 ? 1 : 2)],
  ];
  it.each(SAME)("%s", (written, f) => {
    const { code, remedy = "" } = refusal(() => defineNeuron(neuronOf(`2/(3 - ${written})`)));
    expect(code).toBe("EQ-UNKNOWN");
    const [, said] = /^write {2}(.*)$/.exec(remedy) ?? [];
    const neuron = defineNeuron(neuronOf(`2/(3 - ${said}) + 0*u/V`));
    for (const x of [0.1, 0.45, 0.9]) expect(rhoAt(neuron, x * 0.1)).toBeCloseTo(2 / (3 - f(x)), 9);
  });

  it("are never taken for another that is spelt like them", () => {
    for (const name of ["erf", "sec", "sinc", "atan2", "tan", "sinh", "acos"])
      expect(refusal(() => defineNeuron(neuronOf(`${name}(u/V, 1)`))).remedy).not.toContain("did you mean");
    expect(refusal(() => defineNeuron(neuronOf("tahn(u/V)"))).remedy).toContain('did you mean "tanh"?');
  });
});

describe("joined tests", () => {
  const test = fc.constantFrom("u > 0", "u < V/2", "(u >= -V)", "u <= V/4");
  const joined = fc.letrec<{ e: string }>((tie) => ({
    e: fc.oneof(
      { maxDepth: 3, depthIdentifier: "tests" },
      test,
      fc
        .tuple(tie("e"), fc.constantFrom("and", "or", "&&", "||"), tie("e"))
        .map(([a, by, b]) => `(${a}) ${by} (${b})`),
      tie("e").map((e) => `not (${e})`),
    ),
  })).e;
  const truth = (text: string, x: number): boolean =>
    Boolean(
      new Function(
        "u",
        "V",
        `return ${text
          .replaceAll(/\band\b/g, "&&")
          .replaceAll(/\bor\b/g, "||")
          .replaceAll(/\bnot\b/g, "!")}`,
      )(x, 1),
    );

  it("become one where within another, of the same truth", () => {
    fc.assert(
      fc.property(joined, (text) => {
        const lines = (rho: string): NeuronSpec => neuronOf(`${rho} + 0*u/V`);
        let rho = `where(${text}, 1, 2)`;
        // A remedy at a time: each has one line to write.
        for (let round = 0; round < 30; round++) {
          try {
            const neuron = defineNeuron(lines(rho));
            for (const x of [-1.5, -0.5, 0.1, 0.3, 0.7])
              expect(rhoAt(neuron, x * 0.1), `${text} became ${rho}`).toBe(truth(text, x) ? 1 : 2);
            return;
          } catch (error) {
            if (!(error instanceof OhmletError)) throw error;
            const [, said] = /^write {2}rho = (.*) \+ 0\*u\/V$/.exec(error.remedy ?? "") ?? [];
            expect(said, `${text}: ${error.message}`).toBeDefined();
            rho = said;
          }
        }
        throw new Error(`${text} never became readable`);
      }),
      { numRuns: 200 },
    );
  });

  it("are told of in a chain of comparisons and in calls, too", () => {
    for (const text of ["0 < u < V", "and(u > 0, u < V)", "u > 0 & u < V", "0 < u and u < V"]) {
      expect(refusal(() => defineNeuron(neuronOf(`where(${text}, 1, 0) + 0*u/V`))).remedy, text).toMatch(
        /^write {2}rho = where\([^,]+, where\([^,]+, 1, 0\), 0\) \+ 0\*u\/V$/,
      );
    }
  });
});

describe("signs of other languages", () => {
  it.each([
    ["(u/V)**2", "(u/V)^2"],
    ["5 %*u/V", "0.05*u/V"],
  ])("%s", (written, meant) => {
    const { remedy = "" } = refusal(() => defineNeuron(neuronOf(written)));
    const [, said, percent] = /^write {2}(.+?)(?: {2}for {2}(.+))?$/.exec(remedy) ?? [];
    const mended = percent === undefined ? said.replace("rho = ", "") : written.replace(percent, said);
    expect(rhoAt(defineNeuron(neuronOf(mended)), 0.03)).toBeCloseTo(
      rhoAt(defineNeuron(neuronOf(meant)), 0.03),
      12,
    );
  });
});

describe("units in a formula", () => {
  const quantity = fc.tuple(
    fc.constantFrom("70", "0.5", "1e-3"),
    fc.constantFrom("mV", "uV", "kV", "V"),
    fc.constantFrom(" ", ""),
  );
  it("become a parameter", () => {
    fc.assert(
      fc.property(quantity, ([digits, unit, space]) => {
        const written = `tanh((u - ${digits}${space}${unit})/V)`;
        const { code, remedy = "" } = refusal(() => defineNeuron(neuronOf(written)));
        expect(code).toBe("EQ-PRODUCT");
        const [, name, value] = /add the parameter {2}(\w+): "([^"]+)" {2}and write {2}\1/.exec(remedy) ?? [];
        const neuron = defineNeuron(
          neuronOf(written.replace(`${digits}${space}${unit}`, name), { ...PARAMETERS, [name]: value }),
        );
        const meant = defineNeuron(neuronOf("tanh((u - x)/V)", { ...PARAMETERS, x: `${digits} ${unit}` }));
        expect(rhoAt(neuron, 0.03)).toBe(rhoAt(meant, 0.03));
      }),
    );
  });

  it("may be named, where they are multiplied", () => {
    const { remedy = "" } = refusal(() => defineNeuron(neuronOf("tanh((u - 70*mV)/V)")));
    expect(remedy).toBe('add the parameter  mV: "1 mV"');
    expect(rhoAt(defineNeuron(neuronOf("tanh((u - 70*mV)/V)", { ...PARAMETERS, mV: "1 mV" })), 0.07)).toBe(0);
  });
});

describe("a parameter with the wrong unit", () => {
  const NEURON: readonly (readonly [name: "C" | "g_leak" | "u_slope" | "T", value: string])[] = [
    ["C", "1 pS"],
    ["C", "1 s"],
    ["g_leak", "50 ns"],
    ["g_leak", "20 Mohm"],
    ["u_slope", "100 mA"],
    ["T", "300 J"],
  ];
  it.each(NEURON)("is blamed for itself: %s of %s", (name, value) => {
    const { code, place, remedy = "" } = refusal(() => defineNeuron(softNeuron({ [name]: value })));
    expect([code, place?.where]).toEqual(["EQ-DIMENSION", `soft neuron, parameter "${name}"`]);
    const [, named, said] = /^write {2}(\w+): "(.+)"$/.exec(remedy) ?? [];
    expect(named).toBe(name);
    expect(defineNeuron(softNeuron({ [name]: said })).parameters[name].value.value).toBeGreaterThan(0);
  });

  it("is blamed in a synapse, and with others of the same kind", () => {
    expect(refusal(() => defineSynapse(crossbar({ retention: "1e5 S" })))).toMatchObject({
      place: { where: 'crossbar pair, parameter "retention"' },
      remedy: 'write  retention: "100 ks"',
    });
    expect(refusal(() => defineSynapse(crossbar({ range: ["10 Mohm", "1 Mohm"] })))).toMatchObject({
      place: { where: 'crossbar pair, parameter "G_min"' },
      remedy: 'write  G_min: "100 nS"',
    });
  });

  it("is not blamed for an equation that lacks something", () => {
    const wrong = neuronOf("tanh(u/V)", PARAMETERS, "C*du/dt = -u + I + I_nudge");
    expect(
      refusal(() => defineNeuron({ ...wrong, parameters: { ...PARAMETERS, g: "50 nS" } })),
    ).toMatchObject({ code: "EQ-DIMENSION", place: { where: "n", line: 1 } });
  });
});

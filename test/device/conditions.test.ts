/** Devices that cannot be: what their text says of their parameters holds for every one that can be made. */
import { describe, expect, it } from "vitest";
import { layered, nonideal } from "../../circuits";
import { crossbar, softNeuron } from "../../devices";
import { readNeuron } from "../../src/device/neuron";
import { readSynapse } from "../../src/device/synapse";

import { spread, type ParameterSpec } from "../../src/index";
import { refusalOf } from "../refusal";
const neuron = (lines: string, parameters: object) =>
  readNeuron({
    kind: "neuron",
    name: "n",
    equations: `u <- I + I_nudge\nrho = u + 0*(${Object.keys(parameters)
      .map((p) => `${p}/${p}`)
      .join(" + ")})\n${lines}`,
    parameters,
  });

describe("conditions on parameters", () => {
  it.each<readonly [string, string, object]>([
    ["0 < a", "less than it says", { a: -1 }],
    ["a < b", "equal where it must differ", { a: 1, b: 1 }],
    ["a <= b", "the wrong way round", { a: "2 nS", b: "1 nS" }],
    ["b >= a", "the wrong way round, from large to small", { a: "2 nS", b: "1 nS" }],
    ["1 < a < b", "in the second place", { a: 2, b: 2 }],
    ["0 < a", "at the end of a spread", { a: { value: "1 V", sd: "0.3 V" } }],
    [
      "a < b",
      "at a corner of two spreads",
      { a: { value: "1 V", mismatch: 0.1 }, b: { value: "1.5 V", mismatch: "10 %" } },
    ],
    ["a <= 1", "as a share beyond all", { a: 5 }],
    ["d < 3\nd = a*b", "through a definition", { a: 2, b: 2 }],
  ])("%s is refused %s", (lines, _, parameters) =>
    expect(refusalOf(() => neuron(lines, parameters))).toMatchObject({
      code: "DEVICE-VALUE",
      place: { line: 3 },
    }),
  );

  it.each<readonly [string, object]>([
    ["0 < a", { a: { value: "1 V", sd: "0.2 V" } }],
    ["0 <= a", { a: { value: "1 V", sd: "0.25 V" } }],
    ["a < b", { a: { value: "1 V", mismatch: 0.1 }, b: { value: "2.5 V", mismatch: "10 %" } }],
    ["0 < a", { a: { value: 1, mismatch: 2, distribution: "lognormal" } }],
  ])("%s holds for %j", (lines, parameters) => expect(refusalOf(() => neuron(lines, parameters))).toBeNull());

  it("compare what has one unit", () =>
    expect(refusalOf(() => neuron("a < b", { a: "1 V", b: "1 A" }))).toMatchObject({ code: "EQ-DIMENSION" }));
  it("name what there is", () =>
    expect(refusalOf(() => neuron("0 < aa < 1", { a: 1 }))).toMatchObject({
      code: "EQ-UNKNOWN",
      place: { line: 3 },
    }));
  it("are of parameters", () =>
    expect(
      refusalOf(() =>
        readNeuron({ kind: "neuron", name: "n", equations: "u <- I + I_nudge\na = 2*u\nrho = a\na <= 1" }),
      ),
    ).toMatchObject({ code: "DEVICE-BOUNDS" }));
  it("take no percentage for a share", () => {
    expect(refusalOf(() => neuron("a <= 1", { a: 5 }))?.remedy).toMatch(/write 5 % or 0\.05$/);
    expect(refusalOf(() => neuron("a <= 1", { a: 500 }))?.remedy).not.toMatch(/%/);
  });
  it("hold for a rate's factor over its whole spread", () => {
    const read = (C: object) => () =>
      readNeuron({
        kind: "neuron",
        name: "n",
        equations: "C*du/dt = -g*u + I + I_nudge : V\nrho = u/V",
        parameters: { C, g: "1 nS", V: "1 V" },
        unitDrive: "g*V",
      });
    expect(refusalOf(read({ value: "1 pF", sd: "0.3 pF" }))).toMatchObject({ code: "DEVICE-VALUE" });
    expect(refusalOf(read({ value: "1 pF", sd: "0.2 pF" }))).toBeNull();
  });
});

describe("impossible devices", () => {
  const pair = (options: object) => () => readSynapse(crossbar(options));
  it.each<readonly [string, () => unknown]>([
    ["a negative range", pair({ range: ["-1 uS", "1 uS"] })],
    ["a reversed range", pair({ range: ["100 uS", "0.1 uS"] })],
    ["an equal range", pair({ range: ["1 uS", "1 uS"] })],
    ["a retention of zero", pair({ retention: "0 s" })],
    ["a negative retention", pair({ retention: "-1 s" })],
    ["a retention whose spread reaches zero", pair({ retention: { value: "1 s", sd: "0.3 s" } })],
    ["a read voltage of zero", pair({ V_read: "0 V" })],
    ["a negative read voltage", pair({ V_read: "-0.1 V" })],
    ["a rest above the range", pair({ retention: "1 s", rest: "1 S" })],
    ["a rest outside of the range, and nothing leaks", pair({ rest: "0.1 nS" })],
    ["read noise of 500 %", pair({ readNoise: 5 })],
    ["read noise of 200 %", pair({ readNoise: "200 %" })],
    ["negative read noise", pair({ readNoise: -0.01 })],
    ["a capacitance of zero", () => readNeuron(softNeuron({ C: "0 F" }))],
    ["a negative capacitance", () => readNeuron(softNeuron({ C: "-1 pF" }))],
    [
      "a leak and a slope that are both negative",
      () => readNeuron(softNeuron({ g_leak: "-50 nS", u_slope: "-100 mV" })),
    ],
    [
      "an initial value above the range",
      () => readSynapse({ ...crossbar(), initial: { G_plus: "2*G_max", G_minus: "G_min" } }),
    ],
    [
      "an initial value below the range",
      () => readSynapse({ ...crossbar(), initial: { G_plus: "G_max", G_minus: "G_min/2" } }),
    ],
    ["the same in a circuit", () => nonideal({ readNoise: 5 })],
  ])("%s is refused", (_, read) => expect(refusalOf(read)).toMatchObject({ code: "DEVICE-VALUE" }));

  it.each<readonly [string, object]>([
    ["from zero", { range: ["0 S", "200 nS"] }],
    ["with a rest of its own", { retention: "1 s", rest: "50 nS" }],
    ["with a zero noise", { readNoise: "0 %" }],
    ["with much noise", { readNoise: "100 %" }],
  ])("a pair %s is fine", (_, options) => expect(refusalOf(pair(options))).toBeNull());
});

describe("spreads", () => {
  const of = (parameter: object) => neuron("", { a: parameter }).parameters.a;
  it("are relative or absolute", () => {
    expect(of({ value: "2 V", mismatch: "5 %" })).toMatchObject({ mismatch: 0.05, sd: 0 });
    expect(of({ value: "2 V", sd: "5 mV" })).toMatchObject({ mismatch: 0, sd: 0.005 });
    expect(spread("0 mV", { sd: "5 mV" })).toEqual({ value: "0 mV", sd: "5 mV" });
  });
  const offset = (V_os: ParameterSpec) =>
    ({
      kind: "neuron",
      name: "n",
      equations: "C*du/dt = -g*(u - V_os) + I + I_nudge : V\nrho = u/V",
      parameters: { C: "1 pF", g: "1 nS", V: "1 V", V_os },
      unitDrive: "g*V",
    }) as const;
  it.each<readonly [string, ParameterSpec]>([
    ["a relative one on zero", { value: "0 mV", mismatch: 0.1 }],
    ["a relative one on minus zero", { value: -0, mismatch: 0.1 }],
    ["both", { value: "1 mV", mismatch: 0.1, sd: "1 mV" }],
    ["one in another unit", { value: "1 mV", sd: "5 %" }],
    ["one with a unit of a value without", { value: 0, sd: "5 mV" }],
    ["a negative one", { value: "1 mV", sd: "-1 mV" }],
    ["an absolute log-normal one", { value: "1 mV", sd: "1 mV", distribution: "lognormal" }],
    ["500 %", { value: "1 mV", mismatch: 5 }],
  ])("%s is refused", (_, V_os) =>
    expect(refusalOf(() => readNeuron(offset(V_os)))).toMatchObject({ code: "DEVICE-MISMATCH" }),
  );

  it("say what to write", () => {
    expect(refusalOf(() => readNeuron(offset({ value: "0 mV", mismatch: 0.1 })))?.remedy).toContain(
      'sd: "1 mV"',
    );
    expect(refusalOf(() => readNeuron(offset({ value: "1 mV", mismatch: 5 })))?.remedy).toContain(
      'write "5 %" or 0.05',
    );
  });

  it("stand on the datasheet", () =>
    expect(`${readNeuron(offset({ value: "0 mV", sd: "5 mV" }))}`).toMatch(/V_os +0 V +\+- 5 mV/));

  it("are drawn: an absolute one about zero", () => {
    const chip = layered([2, 4000], {
      neuron: offset({ value: "0 mV", sd: "5 mV" }),
      synapse: crossbar(),
    }).fabricate({ seed: 3 });
    const drawn = chip.parametersOf("output").V_os as Float64Array;
    const mean = drawn.reduce((sum, v) => sum + v, 0) / drawn.length;
    const variance = drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan((4 * 0.005) / Math.sqrt(4000));
    expect(Math.abs(Math.sqrt(variance) / 0.005 - 1)).toBeLessThan(0.05);
  });
});

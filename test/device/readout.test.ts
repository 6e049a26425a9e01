/** Readouts: what a controller sees, sampled, held and read; and the multiplier of the local update. */
import { describe, expect, it } from "vitest";
import { readout } from "../../devices";
import { curveOf } from "../../src/characterize/curves";
import { Reads } from "../../src/circuit/reads";
import { defineReadout } from "../../src/device/readout";
import type { ReadoutSpec } from "../../src/device/types";
import { evaluate } from "../../src/equations/evaluate";
import { refusal } from "../refusal";
import { DEVICES } from "../../devices";
import { readDevice } from "../../src/device/read-device";

const of = (equations: string, parameters: ReadoutSpec["parameters"] = {}): ReadoutSpec => ({
  kind: "readout",
  name: "r",
  equations,
  parameters,
});
const KEY = { seed: 1, what: "states", number: 0, held: 0 };
const read = (
  spec: ReadoutSpec,
  x: readonly number[],
  key: Partial<typeof KEY> = {},
  units = x.length,
): number[] => [
  ...new Reads(defineReadout(spec), units, "readout/out", 1).read(Float64Array.from(x), { ...KEY, ...key }),
];

describe("what is read", () => {
  it("has gain, offset and ends", () => {
    expect(read(readout({ gain: 2, offset: 0.1, clip: [-1, 2] }), [0, 0.5, 3, -3])).toEqual([
      0.1, 1.1, 2, -1,
    ]);
  });

  it("of 8 bits has the signal-to-noise ratio of 8 bits: 49.93 dB (value 12)", () => {
    const n = 40_000;
    // Codes end half a step below full scale.
    const full = 127.5 / 128;
    const x = Array.from({ length: n }, (_, k) => full * Math.sin(2 * Math.PI * ((k * 0.6180339887) % 1)));
    const y = read(readout({ bits: 8 }), x, {}, 1);
    const noise = y.reduce((sum, v, k) => sum + (v - x[k]) ** 2, 0) / n;
    const signal = x.reduce((sum, v) => sum + v ** 2, 0) / n;
    expect(6.0206 * 8 + 1.7609).toBeCloseTo(49.93, 2);
    const ideal = 49.93 + 20 * Math.log10(full);
    expect(Math.abs(10 * Math.log10(signal / noise) - ideal)).toBeLessThan(0.2);
    expect(new Set(y).size).toBeGreaterThanOrEqual(255);
  });

  it("of an inverter of finite gain is that of its formula (value 12)", () => {
    const { y, x } = curveOf(readDevice(DEVICES.get("inverter")!()), "transfer", "inverter", {
      devices: 1000,
    });
    const slope = (y.mean[30] - y.mean[10]) / (x.values[30] - x.values[10]);
    expect(slope).toBeCloseTo(-0.99980004, 8);
    // An offset of 1 mV at the input is amplified by 1 + G.
    expect(y.sd[20]).toBeGreaterThan(1.8e-3);
    expect(y.sd[20]).toBeLessThan(2.2e-3);
  });

  it("droops while it is held, by a rate or a time constant, and samples 0 as well", () => {
    const sampled = readDevice(DEVICES.get("sample-and-hold")!());
    // 10 fA on 20 fF: .5 V/s (value 11).
    const quiet = { ...sampled.spec, parameters: { ...sampled.spec.parameters, T: "0 K", V_step: "0 V" } };
    expect(read(quiet as ReadoutSpec, [0, 1], { held: 0.1 })[0]).toBeCloseTo(-0.05, 12);
    expect(read(quiet as ReadoutSpec, [0, 1], { held: 0.1 })[1]).toBeCloseTo(0.95, 12);
    expect(read(readout({ hold: { tau: "10 ms" } }), [1], { held: 5e-3 })[0]).toBeCloseTo(Math.exp(-0.5), 12);
    expect(read(readout({ hold: { tau: "10 ms" } }), [1])[0]).toBe(1);
    // Both: s tends to -tau*droop.
    const both = readout({ hold: { tau: "10 ms", droop: "10 1/s" } });
    expect(read(both, [1], { held: 5e-3 })[0]).toBeCloseTo(-0.1 + 1.1 * Math.exp(-0.5), 10);
  });

  it("a curve of a droop with a spread: a device each", () => {
    const held = readout({ hold: { tau: { value: "10 ms", mismatch: "10 %" } } });
    const { y } = curveOf(defineReadout(held), "retention", "r", { devices: 500, times: [0, 1e-3] });
    expect(y.mean[0]).toBe(1);
    expect(y.mean[1]).toBeCloseTo(Math.exp(-0.1), 2);
    expect(y.sd[1] / 0.01).toBeCloseTo(Math.exp(-0.1), 0);
  });

  it("draws once a read, keyed by seed, what is read, its number and index", () => {
    const spec = readout({ noise: 0.1 });
    const zeros = Array.from({ length: 9 }, () => 0);
    const first = read(spec, zeros, {}, 3);
    expect(new Set(first).size).toBe(9);
    expect(read(spec, zeros, {}, 3)).toEqual(first);
    for (const other of [{ seed: 2 }, { what: "activities" }, { number: 1 }, { number: 2 ** 32 }])
      expect(read(spec, zeros, other, 3)).not.toEqual(first);
    // Rows that come later change nothing of those before.
    expect(read(spec, zeros.slice(0, 6), {}, 3)).toEqual(first.slice(0, 6));
  });

  it("draws uniformly by eta, and a comparator tells a sign about its offset", () => {
    const coin = read(
      of("read = where(eta_c < 0.25, 1, 0)"),
      Array.from({ length: 4000 }, () => 0),
      {},
      1,
    );
    expect(coin.reduce((sum, v) => sum + v, 0) / 4000).toBeCloseTo(0.25, 1);
    const { parameters, ...rest } = readDevice(DEVICES.get("comparator")!()).spec;
    const quiet = { ...rest, parameters: { ...parameters, V_os: "10 mV", sigma: "0 V" } } as ReadoutSpec;
    expect(read(quiet, [-0.02, -0.005, 0.02])).toEqual([-1, 1, 1]);
  });

  it("has devices of its own for each unit, in every row", () => {
    const [a, b, c, d] = read(readout({ offset: { value: 0, sd: 0.1 } }), [0, 0, 1, 1], {}, 2);
    expect(a).not.toBe(b);
    expect(c - a).toBeCloseTo(1, 12);
    expect(d - b).toBeCloseTo(1, 12);
    const alike = of("read = x + V_os\nV_os per array", { V_os: { value: 0, sd: 1 } });
    expect(new Set(read(alike, [0, 0, 0])).size).toBe(1);
  });

  it("of many rows is what few rows are, stretch by stretch", () => {
    const spec = readout({ noise: 0.1, offset: { value: 0, sd: 0.1 }, hold: { tau: "1 ms", noise: 0.1 } });
    const all = Array.from({ length: 3 * 30_000 }, (_, k) => k / 1e5);
    const whole = read(spec, all, { held: 1e-3 }, 3);
    expect(read(spec, all.slice(0, 300), { held: 1e-3 }, 3)).toEqual(whole.slice(0, 300));
  });

  it("of volts is in volts; of any unit where its text leaves that open", () => {
    expect(defineReadout(readout({ unit: "V", offset: 0.1 })).dimensions.x).toEqual([1, 2, -3, -1, 0]);
    expect(defineReadout(of("read = 0.9*x")).dimensions.x).toBeNull();
  });
});

describe("the multiplier", () => {
  it("is linear in both factors: gain, offsets of its inputs and of its output", () => {
    const { product } = readDevice(DEVICES.get("multiplier")!()) as ReturnType<typeof defineReadout>;
    const values = { eps: 0.1, x_os: 2, y_os: 3, b: 5 };
    const at = (e: NonNullable<typeof product>["xy"]): number => evaluate(e, values);
    expect(at(product!.xy)).toBeCloseTo(1.1);
    expect(at(product!.x)).toBeCloseTo(3.3);
    expect(at(product!.y)).toBeCloseTo(2.2);
    expect(at(product!.one)).toBeCloseTo(11.6);
    expect(product!.noise).toBeNull();
  });
});

describe("a text that is none", () => {
  it.each([
    ["no read, no product", "seen = x", {}, "DEVICE-OUTPUT", /read = gain\*x/],
    ["y in what is read", "read = x + y", {}, "DEVICE-READOUT", /product/],
    ["a product of squares", "product = x*x*y", {}, "DEVICE-READOUT", /not linear in x/],
    [
      "a product of what is held",
      "read = s\ns <- x at sample\nproduct = s*x*y",
      {},
      "DEVICE-READOUT",
      /held/,
    ],
    ["noise that is a share of the product", "product = x*y*(1 + xi)", {}, "EQ-NOISE", /constant amplitude/],
    ["an event of synapses", "read = s\ns <- x at write", {}, "DEVICE-EVENT", /sample/],
    ["samples that last", "read = s\ns <- x at sample keeps", {}, "DEVICE-KEEPS", /noise/],
    ["a parameter called x", "read = x", { x: 1 }, "DEVICE-PARAMETER", /another name/],
    ["what is read in another unit", "read = R*x", { R: "1 ohm" }, "EQ-DIMENSION", /./],
    ["y in what is sampled", "read = s\ns <- y at sample", {}, "DEVICE-PORT", /x/],
  ] as const)("%s", (_, equations, parameters, code, remedy) => {
    const error = refusal(() => defineReadout(of(equations, parameters)));
    expect(error.code).toBe(code);
    expect(`${error.fact} ${error.remedy}`).toMatch(remedy);
  });

  it("no bits, or ends that are none, are refused", () => {
    expect(refusal(() => readout({ bits: 0 })).code).toBe("OPTION-VALUE");
    expect(refusal(() => readout({ bits: 25 })).code).toBe("OPTION-VALUE");
    expect(refusal(() => defineReadout(readout({ noise: -0.1 }))).code).toBe("DEVICE-VALUE");
    expect(refusal(() => defineReadout(readout({ clip: -1 }))).code).toBe("DEVICE-VALUE");
  });
});

it("prints itself", () => {
  expect(String(defineReadout(readout({ name: "adc", bits: 8 })))).toContain("lsb*clip(round((seen");
});

/** Curves of the generic devices against their formulas, at other parameters than the defaults. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  capacitorCell,
  crossbar,
  expStep,
  flicker,
  linearStep,
  pcm,
  phaseChange,
  softBounds,
  softNeuron,
  telegraph,
} from "../../devices/index";
import { curveOf } from "../../src/characterize/curves";
import { Specimen } from "../../src/characterize/specimen";
import type { CurveName, CurveRequest } from "../../src/characterize/types";
import { readDevice } from "../../src/device/read-device";
import { readSynapse } from "../../src/device/synapse";
import type { DeviceSpec } from "../../src/device/types";
import { refusal } from "../refusal";

const curve = (spec: DeviceSpec, name: CurveName, request: CurveRequest = {}) =>
  curveOf(readDevice(spec), name, spec.name, request);
const last = (spec: DeviceSpec, request: CurveRequest): number =>
  curve(spec, "pulses", request).y.mean.at(-1) as number;

describe("pulses", () => {
  it("of soft bounds and of a Li-ECRAM end where they were computed by hand", () => {
    expect(last(softBounds(), { up: 100, down: 0 })).toBeCloseTo(0.184957, 6);
    expect(last(softBounds(), { up: 0, down: 100 })).toBeCloseTo(-0.175758, 6);
    expect(last(linearStep(), { up: 500, down: 0 })).toBeCloseTo(0.952594, 6);
  });

  it("begin where the device can be, and nowhere else", () => {
    expect(last(softBounds(), { up: 0, down: 1, from: 1.25 })).toBeCloseTo(
      1.25 - 0.002 * (1 + 1.25 / 0.75),
      12,
    );
    for (const from of [1.26, -0.76])
      for (const asked of [{ from }, { start: { w: from } }])
        expect(() => curve(softBounds(), "pulses", asked)).toThrow(
          expect.objectContaining({ code: "DEVICE-VALUE" }),
        );
    for (const G of [-1e-9, 26e-6])
      expect(() => curve(pcm(), "drift", { start: { G } })).toThrow(
        expect.objectContaining({ code: "DEVICE-VALUE" }),
      );
  });

  const step = fc.double({ min: 1e-3, max: 0.2, noNaN: true });
  const bound = fc.double({ min: 0.3, max: 2, noNaN: true });
  const gamma = fc.double({ min: -0.5, max: 1, noNaN: true });
  it("follow their recursions, whatever the parameters", () => {
    fc.assert(
      fc.property(step, step, gamma, gamma, bound, bound, (up, down, gUp, gDown, high, low) => {
        const spec = linearStep({
          dw_up: up,
          dw_down: down,
          gamma_up: gUp,
          gamma_down: gDown,
          b_up: high,
          b_down: -low,
        });
        const { y, x } = curve(spec, "pulses", { up: 12, down: 9, from: 0.1, devices: 2 });
        let w = 0.1;
        for (let k = 0; k < 21; k++) {
          w += k < 12 ? up * (1 - (gUp * w) / high) : -down * (1 + (gDown * w) / low);
          w = Math.min(high, Math.max(-low, w));
          expect(y.mean[k]).toBeCloseTo(w, 12);
        }
        expect(x.values).toEqual(Array.from({ length: 21 }, (_, k) => k + 1));
        expect(y).toMatchObject({ name: "w", unit: "1" });
        expect(y.sd.every((sd) => sd === 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("of an exponential step follow AIHWKit's ExpStepDevice", () => {
    const p = {
      dw_up: 0.01,
      dw_down: 0.02,
      A_up: 0.3,
      A_down: -0.2,
      gamma_up: 2,
      gamma_down: 3,
      a: 0.5,
      b: 0.1,
    };
    const { y } = curve(expStep({ ...p, b_up: 0.9, b_down: -0.5 }), "pulses", { up: 5, down: 5 });
    let w = 0;
    for (let k = 0; k < 10; k++) {
      const z = (2 * p.a * w) / 1.4 + p.b;
      w +=
        k < 5
          ? p.dw_up * Math.max(1 - p.A_up * Math.exp(p.gamma_up * z), 0)
          : -p.dw_down * Math.max(1 - p.A_down * Math.exp(-p.gamma_down * z), 0);
      expect(y.mean[k]).toBeCloseTo(w, 12);
    }
  });

  it("differ from pulse to pulse by sigma_c2c of a step, and from seed to seed", () => {
    const spec = softBounds({ sigma_c2c: 0.5, dw_up: 0.01 });
    const first = curve(spec, "pulses", { up: 1, down: 0, devices: 4000 });
    expect(first.y.sd[0]).toBeGreaterThan(0.0048);
    expect(first.y.sd[0]).toBeLessThan(0.0052);
    expect(curve(spec, "pulses", { up: 1, down: 0, devices: 4000 })).toEqual(first);
    expect(curve(spec, "pulses", { up: 1, down: 0, devices: 4000, seed: 2 }).y.sd).not.toEqual(first.y.sd);
  });

  it("up and down in turn come to the symmetric point", () => {
    const device = readSynapse(softBounds({ dw_up: 0.0011, dw_down: 0.0009 }));
    const specimen = new Specimen(device, { devices: 1 });
    for (let k = 0; k < 8000; k++) specimen.event("pulse", k % 2 === 0 ? 1 : -1);
    expect((specimen.stored.get("w") as Float64Array)[0]).toBeCloseTo(0.0961538, 2);
    const [p, m] = [1.1, 0.9];
    expect((p - m) / (p / 1.25 + m / 0.75)).toBeCloseTo(0.0961538, 7);
  });

  it("are refused where the device knows none", () => {
    expect(refusal(() => curve(crossbar(), "pulses"))).toMatchObject({ code: "DEVICE-EVENT" });
    expect(refusal(() => curve(softBounds(), "pulses", { up: 0, down: 0 }))).toMatchObject({
      code: "DEVICE-CURVE",
    });
    const endless = { up: 1e6, down: 1e6, devices: 1e6 };
    expect(refusal(() => curve(softBounds(), "pulses", endless))).toMatchObject({ code: "DEVICE-CURVE" });
  });
});

describe("drift and retention", () => {
  const DAY = 86_400;
  it("of a phase-change cell are those computed by hand, counted from programming", () => {
    const ages = [3600, DAY];
    const drift = (nu: number) => curve(pcm({ nu }), "drift", { times: ages.map((age) => age + 20) }).y.mean;
    expect(drift(0.049)[0]).toBeCloseTo(0.775129, 6);
    expect(drift(0.049)[1]).toBeCloseTo(0.663524, 6);
    expect(drift(0.06009)[0]).toBeCloseTo(0.731705, 6);
    expect(drift(0.06009)[1]).toBeCloseTo(0.604697, 6);
    const other = curve(pcm({ nu: 0.1, t_0: "3 s" }), "drift", { times: [1, 3, 1e4] });
    [1, 3, 1e4].forEach((time, k) => expect(other.y.mean[k]).toBeCloseTo((time / 3) ** -0.1, 12));
  });

  it("of a read that errs have its spread", () => {
    const { y } = curve(pcm({ sigma_read: "2 %" }), "drift", { times: [20, 2000], devices: 4000 });
    expect(y.sd[1] / y.mean[1]).toBeGreaterThan(0.019);
    expect(y.sd[1] / y.mean[1]).toBeLessThan(0.021);
  });

  it("of a capacitor are exponential, over the value at time 0", () => {
    const { x, y } = curve(capacitorCell({ C: "50 fF", g_leak: "10 fS" }), "retention", {
      times: [0, 1, 7.5],
    });
    expect(x).toEqual({ name: "time", unit: "s", values: [0, 1, 7.5] });
    x.values.forEach((t, k) => expect(y.mean[k]).toBeCloseTo(Math.exp(-t / 5), 12));
  });

  it("droop by half a volt a second where 10 fA leave 20 fF", () => {
    const specimen = new Specimen(readSynapse(capacitorCell()), { start: { V: 0.5 } });
    specimen.age(1e-3);
    expect((0.5 - (specimen.stored.get("V") as Float64Array)[0]) / 1e-3).toBeCloseTo(0.5, 3);
  });

  it("are refused at times that there are not", () => {
    expect(refusal(() => curve(pcm(), "drift", { times: [0] }))).toMatchObject({ code: "DEVICE-CURVE" });
    expect(refusal(() => curve(pcm(), "drift", { times: [50, 40] }))).toMatchObject({ code: "DEVICE-CURVE" });
    for (const name of ["drift", "retention"] as const)
      expect(refusal(() => curve(pcm(), name, { times: [-5] }))).toMatchObject({ code: "DEVICE-CURVE" });
  });
});

describe("a trained phase-change cell", () => {
  it.each([
    [1, 1.05538],
    [0.5, 0.952705],
    [0.1, 0.448249],
  ])("written to %d of its largest conductance errs by %d uS", (g, uS) => {
    const specimen = new Specimen(readSynapse(phaseChange()), { devices: 20_000 });
    specimen.programTo("G", g * 25e-6);
    const G = specimen.stored.get("G") as Float64Array;
    const mean = G.reduce((sum, v) => sum + v, 0) / G.length;
    const sd = Math.sqrt(G.reduce((sum, v) => sum + (v - mean) ** 2, 0) / G.length);
    expect(sd * 1e6).toBeGreaterThan(0.98 * uS);
    expect(sd * 1e6).toBeLessThan(1.02 * uS);
  });

  it.each([
    [1, 0.03687],
    [0.1, 0.16469],
  ])("of %d reads with accumulated 1/f noise of %d a second after t_0", (g, share) => {
    const device = readSynapse(phaseChange());
    const specimen = new Specimen(device, { start: { G: g * 25e-6, nu: 0 } });
    specimen.age(1);
    const [noise, weight] = [specimen.evaluate(device.readNoise!), specimen.shown()];
    expect(noise[0] / weight[0]).toBeCloseTo(share, 4);
  });
});

describe("spectra", () => {
  it("of telegraph noise are Machlup's", () => {
    const { y } = curve(telegraph({ dI: "1 A" }), "spectrum", { frequencies: [0, 198.943679] });
    expect(y).toMatchObject({ name: "one-sided density of I", unit: "A^2/Hz" });
    expect(y.mean[0]).toBeCloseTo(5.12e-4, 9);
    expect(y.mean[1]).toBeCloseTo(2.56e-4, 9);
    const [c, e] = [3e-5, 2e-2];
    const f = [0, 10, 5000, 1e6];
    const other = curve(telegraph({ tau_c: c, tau_e: e, dI: 2 }), "spectrum", { frequencies: f });
    const law = (at: number): number => 16 / ((c + e) * ((1 / c + 1 / e) ** 2 + (2 * Math.PI * at) ** 2));
    f.forEach((at, k) => expect(other.y.mean[k] / law(at)).toBeCloseTo(1, 6));
  });

  it.each([
    [1, 0.055],
    [2, 0.0008],
  ])("of flicker with %d poles a decade ripple by %d about S/f", (poles, ripple) => {
    const frequencies = Array.from({ length: 41 }, (_, k) => 10 ** (4 + k / 20));
    const spec = flicker({ S_1Hz: 3, f_low: 1e-2, f_high: 1e12, poles });
    const shares = curve(spec, "spectrum", { frequencies }).y.mean.map((S, k) => (S * frequencies[k]) / 3);
    expect((Math.max(...shares) - Math.min(...shares)) / 2).toBeCloseTo(ripple, 4);
    expect((Math.max(...shares) + Math.min(...shares)) / 2).toBeCloseTo(1, 2);
  });

  it("of flicker are the sum of Lorentzians of equal variance", () => {
    const [S, low, high, poles] = [2e-20, 3, 3e4, 1];
    const { y } = curve(flicker({ S_1Hz: S, f_low: low, f_high: high, poles }), "spectrum", {
      frequencies: [0, 3, 700],
    });
    const variance = (S * Math.LN10) / poles;
    [0, 3, 700].forEach((f, k) => {
      let sum = 0;
      for (let pole = low; pole < 1.01 * high; pole *= 10)
        sum += (4 * variance * (1 / (2 * Math.PI * pole))) / (1 + (f / pole) ** 2);
      expect(y.mean[k] / sum).toBeCloseTo(1, 10);
    });
  });

  it("of a soft neuron integrate to kT/C", () => {
    const { y } = curve(softNeuron({ C: "1 pF", T: "300 K" }), "spectrum", { frequencies: [0] });
    // Of a Lorentzian, S(0) times pi/2 times its corner g/(2 pi C).
    expect(Math.sqrt((y.mean[0] * 50e-9) / (4 * 1e-12))).toBeCloseTo(64.358e-6, 9);
  });

  it("of a neuron with a loop inside are those of its linear equations", () => {
    const [C, g, tau, kT] = [1e-12, 50e-9, 40e-6, 1.380649e-23 * 300];
    const neuron: DeviceSpec = {
      kind: "neuron",
      name: "loop",
      equations:
        "C*du/dt = -g*u + k*g*a + I + I_nudge + sqrt(2*k_B*T*g)*xi : V\ntau*da/dt = u - a : V\nrho = tanh(u/s)",
      parameters: { C: "1 pF", g: "50 nS", k: 0.5, tau: "40 us", T: "300 K", s: "1 V" },
      unitDrive: "g*s",
    };
    const frequencies = [1, 3e3, 1e5];
    const { y } = curve(neuron, "spectrum", { frequencies });
    frequencies.forEach((f, i) => {
      const w = 2 * Math.PI * f;
      const [re, im] = [
        g - (0.5 * g) / (1 + (w * tau) ** 2),
        w * C + (0.5 * g * w * tau) / (1 + (w * tau) ** 2),
      ];
      expect(y.mean[i] / ((4 * kT * g) / (re * re + im * im))).toBeCloseTo(1, 9);
    });
    expect(refusal(() => curve(neuron, "iv"))).toMatchObject({ code: "DEVICE-CURVE" });
  });

  it("are refused where nothing makes noise, and at no frequency", () => {
    expect(refusal(() => curve(softBounds(), "spectrum"))).toMatchObject({ code: "DEVICE-CURVE" });
    expect(refusal(() => curve(telegraph(), "spectrum", { frequencies: [-1] }))).toMatchObject({
      code: "DEVICE-CURVE",
    });
    expect(refusal(() => curve(telegraph(), "pulses"))).toMatchObject({ code: "DEVICE-CURVE" });
  });
});

describe("curves at rest", () => {
  it("of a soft neuron are its output and the current that holds it", () => {
    const { x, y } = curve(softNeuron(), "transfer");
    x.values.forEach((u, k) => expect(y.mean[k]).toBeCloseTo(Math.tanh(u / 0.1), 12));
    const held = curve(softNeuron(), "iv");
    held.x.values.forEach((u, k) => expect(held.y.mean[k]).toBeCloseTo(50e-9 * u, 18));
  });

  it("of a synapse are its current and its weight", () => {
    const iv = curve(capacitorCell(), "iv", { from: 0.5 });
    iv.x.values.forEach((x, k) => expect(iv.y.mean[k]).toBeCloseTo(0.5e-6 * x, 18));
    const transfer = curve(pcm(), "transfer");
    transfer.x.values.forEach((G, k) => expect(transfer.y.mean[k]).toBeCloseTo(0.1 * G, 18));
    expect(transfer.y).toMatchObject({ name: "weight", unit: "A" });
  });
});

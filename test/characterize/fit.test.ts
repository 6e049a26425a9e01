/** Fits of pulse curves: what made a curve is found again, and curves that tell nothing are refused. */
import { describe, expect, it } from "vitest";
import { expStep, linearStep, softBounds } from "../../devices/index";
import { fitPulses, type FitModel } from "../../src/characterize/fit/models";
import { readPulseCurve } from "../../src/characterize/fit/pulse-curve";
import { Specimen } from "../../src/characterize/specimen";
import { readSynapse } from "../../src/device/synapse";
import type { SynapseSpec } from "../../src/device/types";
import { refusal } from "../refusal";

/** A measured curve as a file: numbers of pulses, and a column a device. */
function measured(spec: SynapseSpec, { up = 200, down = 200, devices = 1, from = 0 } = {}): string {
  const specimen = new Specimen(readSynapse(spec), { devices });
  specimen.set("w", from);
  const row = (k: number): string => [k, ...(specimen.stored.get("w") as Float64Array)].join(",");
  const rows = [row(0)];
  for (let k = 0; k < up + down; k++) {
    specimen.event("pulse", k < up ? 1 : -1);
    rows.push(row(k + 1));
  }
  return `pulse${",w".repeat(devices)}\n${rows.join("\n")}\n`;
}
const fit = (text: string, model: FitModel) => fitPulses(readPulseCurve(text, "curve.csv"), model, "curve");
const values = (spec: SynapseSpec): Record<string, number> =>
  Object.fromEntries(Object.values(readSynapse(spec).parameters).map((p) => [p.name, p.value.value]));

describe("a fit", () => {
  it("finds soft bounds again", () => {
    const found = fit(
      measured(softBounds({ dw_up: 0.02, dw_down: 0.013, b_up: 0.9, b_down: -0.4 })),
      "soft-bounds",
    );
    const { dw_up, dw_down, b_up, b_down, sigma_c2c } = values(found.spec);
    for (const [is, was] of [
      [dw_up, 0.02],
      [dw_down, 0.013],
      [b_up, 0.9],
      [b_down, -0.4],
    ])
      expect(is / was).toBeCloseTo(1, 6);
    expect(sigma_c2c).toBe(0);
    expect(found.residual.up).toBeLessThan(1e-9);
    expect(found.spread).toBeNull();
  });

  it("finds a linear step again, its noise and its spread", () => {
    const step = { value: 0.004, mismatch: "20 %", distribution: "lognormal" } as const;
    const spec = linearStep({
      dw_up: step,
      dw_down: 0.004,
      gamma_up: 0.4,
      gamma_down: 0.6,
      b_up: 1,
      b_down: -1,
      sigma_c2c: 0.3,
    });
    const found = fit(measured(spec, { up: 500, down: 700, devices: 60, from: -0.6 }), "linear-step");
    const { dw_up, gamma_up, b_up, sigma_c2c } = values(found.spec);
    expect(dw_up / 0.004).toBeCloseTo(1, 1);
    expect(gamma_up / b_up).toBeCloseTo(0.4, 1);
    expect(sigma_c2c).toBeGreaterThan(0.27);
    expect(sigma_c2c).toBeLessThan(0.4);
    expect(found.spread).toBeGreaterThan(0.05);
  });

  it("finds an exponential step again", () => {
    const spec = expStep({
      dw_up: 0.01,
      dw_down: 0.008,
      A_up: 0.3,
      A_down: 0.2,
      gamma_up: 3,
      gamma_down: 2,
      a: 0.5,
      b: 0,
      b_up: 0.5,
      b_down: -0.5,
    });
    const found = fit(measured(spec, { up: 70, down: 90, from: -0.3 }), "exp-step");
    const { dw_up, gamma_up, b_up, b_down } = values(found.spec);
    expect(dw_up / 0.01).toBeCloseTo(1, 2);
    // The exponent counts in the range that was measured.
    expect(gamma_up / (b_up - b_down)).toBeCloseTo(3, 1);
    expect(found.residual.up).toBeLessThan(1e-3);
  });

  it("takes the measured steps as a table that goes the same way", () => {
    const spec = softBounds({ dw_up: 0.02, dw_down: 0.02, b_up: 1, b_down: -1 });
    const found = fit(measured(spec, { up: 80, down: 80 }), "raw");
    const [own, table] = [spec, found.spec].map((each) => {
      const specimen = new Specimen(readSynapse(each));
      for (let k = 0; k < 50; k++) specimen.event("pulse", 1);
      return (specimen.stored.get("w") as Float64Array)[0];
    });
    expect(table / own).toBeCloseTo(1, 2);
  });

  it("refuses curves that tell nothing", () => {
    const codeOf = (text: string): string => refusal(() => readPulseCurve(text, "curve.csv")).code;
    expect(codeOf("")).toBe("FIT-POINTS");
    expect(codeOf("1,0.5\n")).toBe("FIT-POINTS");
    expect(codeOf("0\n0.1\n0.2\n0.3\n")).toBe("FIT-POINTS");
    expect(codeOf("0\n0.3\n0.1\n0.4\n0.2\n0.9\n0.5\n0.3\n0.1\n")).toBe("FIT-MONOTONIC");
    expect(codeOf("0,1\n0.1\n")).toBe("FIT-CSV");
    expect(codeOf("0\nx\n")).toBe("FIT-CSV");
  });
});

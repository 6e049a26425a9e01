/** Leaks: exact where they are linear, followed to a tolerance where they are not, refused where they cannot be. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { leakyIntegrator } from "../../devices";
import { OhmletError, type Chip, type SynapseSpec } from "../../src/index";

/** A synapse whose leak is given, over 1 s where it has a time constant; it begins at a number. */
const chipOf = (rate: string, initial = "1", parameters: SynapseSpec["parameters"] = {}): Chip => layered([20, 3], {
  neuron: leakyIntegrator(), bias: false, initial: { distribution: "zero" },
  synapse: { kind: "synapse", name: "leaky", equations: `I = w*rho_pre\nw <- w + dw : 1\ndw/dt = ${rate}`, parameters: { tr: "1 s", ...parameters }, initial: { w: initial } },
}).fabricate({ seed: 1 });
const after = (chip: Chip, seconds: number): number[] => {
  // Fabrication has written zeros: back to where devices begin.
  chip.array("input-output").stored.get("w")!.fill(1);
  chip.age(seconds);
  return [...chip.array("input-output").stored.get("w")!];
};

describe("a leak", () => {
  it.each<readonly [string, string, (t: number) => number]>([
    ["linear", "-w/tr", (t) => Math.exp(-t)],
    ["linear towards a rest", "-(w - 0.25)/tr", (t) => 0.25 + 0.75 * Math.exp(-t)],
    ["constant", "-0.001/tr", (t) => 1 - 0.001 * t],
    ["quadratic", "-w^2/tr", (t) => 1 / (1 + t)],
    ["cubic", "-w^3/tr", (t) => 1 / Math.sqrt(1 + 2 * t)],
    ["of the fifth order", "-w^5/tr", (t) => (1 + 4 * t) ** -0.25],
    ["exponential", "-exp(w)/tr", (t) => -Math.log(Math.exp(-1) + t)],
    ["to a fixed point that is not where it begins", "(0.5 - w)*w/tr", (t) => 0.5 / (1 - 0.5 * Math.exp(-0.5 * t))],
  ])("that is %s is right after any time", (_, rate, exact) => {
    for (const t of [1e-9, 1e-3, 0.1, 1, 10, 1000]) for (const w of after(chipOf(rate), t)) expect(Math.abs(w - exact(t))).toBeLessThan(2e-7);
  });

  it("of -G^2/(G0 tr) leaves a tenth and a bit after ten times tr", () => expect(after(chipOf("-w^2/tr"), 10)[0]).toBeCloseTo(1 / 11, 7));

  it("with a spread is each device's own", () => {
    const chip = chipOf("-w^2/tr", "1", { tr: { value: "1 s", mismatch: 0.2 } });
    const tau = chip.array("input-output").parameters.tr as Float64Array;
    after(chip, 5).forEach((w, k) => expect(w).toBeCloseTo(1 / (1 + 5 / tau[k]), 6));
  });

  it("does not depend on how a time is cut up", () => {
    fc.assert(fc.property(fc.constantFrom("-w/tr", "-w^2/tr", "-w*(1 + w^2)/tr"), fc.double({ min: 1e-6, max: 30, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (rate, t, share) => {
      const [whole, parts] = [chipOf(rate), chipOf(rate)];
      const [at] = after(whole, t);
      after(parts, t * share);
      parts.age(t * (1 - share));
      expect(Math.abs(parts.array("input-output").stored.get("w")![0] - at)).toBeLessThan(1e-7);
    }), { numRuns: 40 });
  });

  it.each([["that blows up on the way", "w^2/tr", 2], ["whose rate becomes no number", "-sqrt(w)/tr", 3]])("%s is refused", (_, rate, t) => {
    const chip = chipOf(rate);
    let error: unknown;
    try {
      after(chip, t);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(OhmletError);
    expect(error).toMatchObject({ code: "CHIP-LEAK" });
    // The device is as it was.
    expect(chip.array("input-output").stored.get("w")![0]).toBe(1);
  });

  it("moves no chip whose devices do not leak", () => {
    const chip = layered([4, 2], { neuron: leakyIntegrator(), synapse: { kind: "synapse", name: "kept", equations: "I = w*rho_pre\nw <- w + dw" } }).fabricate();
    const { version } = chip;
    chip.age(1e9);
    expect(chip.version).toBe(version);
  });
});

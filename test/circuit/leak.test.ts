/**
 * Leaks: exact where they are linear, followed to a tolerance where they are not, jumps and kinks included,
 * refused where they cannot be.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { leakyIntegrator } from "../../devices";
import { OhmletError, type Chip, type SynapseSpec } from "../../src/index";
import { fewer } from "../long";

/** A synapse whose leak is given, over 1 s where it has a time constant; it begins at a number. */
const chipOf = (rate: string, initial = "1", parameters: SynapseSpec["parameters"] = {}): Chip =>
  layered([20, 3], {
    neuron: leakyIntegrator(),
    bias: false,
    initial: { distribution: "zero" },
    synapse: {
      kind: "synapse",
      name: "leaky",
      equations: `I = w*rho_pre\nw <- w + dw : 1\ndw/dt = ${rate}`,
      parameters: { tr: "1 s", ...parameters },
      initial: { w: initial },
    },
  }).fabricate({ seed: 1 });
const after = (chip: Chip, seconds: number): number[] => {
  // Fabrication has written zeros: back to where devices begin.
  chip.array("input-output").stored.get("w")!.fill(1);
  chip.age(seconds);
  return [...chip.array("input-output").stored.get("w")!];
};

const atZero = (rate: string, seconds: number): number => {
  const chip = chipOf(rate);
  const stored = chip.array("input-output").stored.get("w")!.fill(0);
  chip.age(seconds);
  return stored[0];
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
    [
      "to a fixed point that is not where it begins",
      "(0.5 - w)*w/tr",
      (t) => 0.5 / (1 - 0.5 * Math.exp(-0.5 * t)),
    ],
  ])("that is %s is right after any time", (_, rate, exact) => {
    for (const t of [1e-9, 1e-3, 0.1, 1, 10, 1000])
      for (const w of after(chipOf(rate), t)) expect(Math.abs(w - exact(t))).toBeLessThan(2e-7);
  });

  it.each<readonly [string, string, (t: number) => number]>([
    ["falls at one rate, to a stop", "-where(w > 0.5, 1, 0)/tr", (t) => Math.max(0.5, 1 - t)],
    ["falls by its share, to a stop", "-where(w > 0.5, w, 0)/tr", (t) => Math.max(0.5, Math.exp(-t))],
    ["is driven to 0 from both sides", "-sign(w)/tr", (t) => Math.max(0, 1 - t)],
    ["is driven to a place from both sides", "-sign(w - 0.3)/tr", (t) => Math.max(0.3, 1 - t)],
    [
      "is driven to a place, slower from below",
      "where(w < 0.3, 0.1, -w)/tr",
      (t) => Math.max(0.3, Math.exp(-t)),
    ],
    [
      "has four rates in turn",
      "-floor(4*w)/(4*tr)",
      (t) =>
        t < 1 / 3
          ? 1 - 0.75 * t
          : t < 5 / 6
            ? 0.75 - 0.5 * (t - 1 / 3)
            : Math.max(0.25, 0.5 - 0.25 * (t - 5 / 6)),
    ],
    [
      "hurries through a narrow window",
      "-(1 + 9*where(abs(w - 0.5) < 0.001, 1, 0))/tr",
      (t) => (t < 0.499 ? 1 - t : t < 0.4992 ? 0.501 - 10 * (t - 0.499) : 0.499 - (t - 0.4992)),
    ],
    [
      "slows down at a kink",
      "-max(w, 0.5)/tr",
      (t) => (t < Math.LN2 ? Math.exp(-t) : 0.5 - 0.5 * (t - Math.LN2)),
    ],
    ["goes like a root, to 0", "-sign(w)*sqrt(abs(w))/tr", (t) => Math.max(0, 1 - t / 2) ** 2],
  ])("that %s is right after any time, at once or in parts", (_, rate, exact) => {
    for (const t of [1e-3, 0.1, 0.4991, 1, 2, 10]) {
      for (const parts of [1, 20]) {
        const chip = chipOf(rate);
        after(chip, t / parts);
        for (let k = 1; k < parts; k++) chip.age(t / parts);
        for (const w of chip.array("input-output").stored.get("w")!)
          expect(Math.abs(w - exact(t))).toBeLessThan(2e-7);
      }
    }
  });

  it("holds each device at the jump when it comes there, for good", () => {
    const chip = chipOf("-sign(w - 0.25)/tr", "1", { tr: { value: "1 s", mismatch: 0.2 } });
    const [tau, stored] = [
      chip.array("input-output").parameters.tr as Float64Array,
      chip.array("input-output").stored.get("w")!,
    ];
    const begin = stored.map((_, k) => (k - 30) / 10);
    stored.set(begin);
    for (const t of [0.5, 1, 2, 10]) {
      chip.age(t - (t === 0.5 ? 0 : t === 10 ? 2 : t / 2));
      stored.forEach((w, k) =>
        expect(w).toBeCloseTo(
          begin[k] + Math.sign(0.25 - begin[k]) * Math.min(Math.abs(0.25 - begin[k]), t / tau[k]),
          6,
        ),
      );
    }
    const held = stored.slice();
    for (let k = 0; k < 50; k++) chip.age(1);
    stored.forEach((w, k) => expect(Math.abs(w - held[k])).toBeLessThan(1e-7));
  });

  it("from 0 is followed as well", () => expect(atZero("(1 - w^3)/tr", 1e-3)).toBeCloseTo(1e-3, 9));

  it("of -G^2/(G0 tr) leaves a tenth and a bit after ten times tr", () =>
    expect(after(chipOf("-w^2/tr"), 10)[0]).toBeCloseTo(1 / 11, 7));

  it("with a spread is each device's own", () => {
    const chip = chipOf("-w^2/tr", "1", { tr: { value: "1 s", mismatch: 0.2 } });
    const tau = chip.array("input-output").parameters.tr as Float64Array;
    after(chip, 5).forEach((w, k) => expect(w).toBeCloseTo(1 / (1 + 5 / tau[k]), 6));
  });

  it("does not depend on how a time is cut up", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("-w/tr", "-w^2/tr", "-w*(1 + w^2)/tr"),
        fc.double({ min: 1e-6, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rate, t, share) => {
          const [whole, parts] = [chipOf(rate), chipOf(rate)];
          const [at] = after(whole, t);
          after(parts, t * share);
          parts.age(t * (1 - share));
          expect(Math.abs(parts.array("input-output").stored.get("w")![0] - at)).toBeLessThan(1e-7);
        },
      ),
      { numRuns: fewer(40) },
    );
  });

  it.each([
    ["that blows up on the way", "w^2/tr", 2],
    ["whose rate becomes no number", "-sqrt(w)/tr", 3],
  ])("%s is refused", (_, rate, t) => {
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

  it("that rests where it is infinitely steep stays", () => expect(atZero("-sqrt(w)/tr", 1)).toBe(0));

  it("moves no chip whose devices do not leak", () => {
    const chip = layered([4, 2], {
      neuron: leakyIntegrator(),
      synapse: { kind: "synapse", name: "kept", equations: "I = w*rho_pre\nw <- w + dw" },
    }).fabricate();
    const { version } = chip;
    chip.age(1e9);
    expect(chip.version).toBe(version);
  });
});

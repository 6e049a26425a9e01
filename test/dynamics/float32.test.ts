/**
 * Constants that float32 cannot hold are refused where an engine would make zeros of them, and only there.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Simulator } from "../../src/dynamics/simulator";
import { createEngine } from "../../src/engines/select";
import { defineCircuit } from "../../src";
import { ideal } from "../../devices";
import { catalogue } from "../../circuits";
import { stableSteps } from "../../src/dynamics/time-steps/stiffness";
import { caught } from "../engines/caught";

const circuitOf = (a: number, scale = 1) =>
  defineCircuit({
    name: "extreme",
    input: "in",
    output: "h",
    cost: { kind: "squared-error", argument: "state" },
    populations: [
      { name: "in", size: 4 },
      {
        name: "h",
        size: 3,
        neuron: {
          kind: "neuron",
          name: "n",
          equations: "tau*du/dt = -u + a*(b*I) + I_nudge\nrho = u",
          parameters: { tau: 1, a, b: 1 / a },
        },
      },
    ],
    projections: [
      { name: "in-h", from: "in", to: "h", synapse: ideal(), initial: { distribution: "lecun", scale } },
    ],
  });

describe("a constant beyond float32", () => {
  it("is refused on engines of float32, and taken by the reference", async () => {
    const [simd, reference] = [await createEngine("simd"), await createEngine("reference")];
    const made = (engine: typeof simd, a: number, scale?: number): unknown =>
      caught(() => new Simulator(circuitOf(a, scale).fabricate(), engine, { dt: 0.2 }));
    fc.assert(
      fc.property(fc.integer({ min: 39, max: 250 }), fc.boolean(), (power, below) => {
        const a = Number(`1e${below ? "-" : ""}${power}`);
        expect(made(simd, a)).toMatchObject({
          code: "DYN-PRECISION",
          remedy: expect.stringContaining("reference") as string,
        });
        expect(made(reference, a)).toBeUndefined();
      }),
      { numRuns: 20 },
    );
    expect(made(simd, 1e-30)).toBeUndefined();
    expect(made(simd, 1, 1e-40)).toMatchObject({
      code: "DYN-PRECISION",
      fact: expect.stringContaining("initial weight") as string,
    });
    simd.dispose();
  });

  it("is in no circuit of the catalogue", async () => {
    const simd = await createEngine("simd");
    for (const { build } of catalogue)
      expect(caught(() => new Simulator(build().fabricate(), simd, { dt: 1e-5 }))).toBeUndefined();
    simd.dispose();
  });
});

describe("the longest stable step", () => {
  it("is found, or there is none, for any rate: no search is without an end", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (re, im) => {
        for (const step of Object.values(stableSteps({ re, im }))) expect(step >= 0).toBe(true);
      }),
    );
    expect(stableSteps({ re: Number.NaN, im: 0 }).euler).toBe(0);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divideDimensions, multiplyDimensions, powerDimension } from "../../src/units/dimension";
import { parseQuantity } from "../../src/units/parse";
import type { Dimension, Quantity } from "../../src/units/quantity";
import { chooseUnits, scaleOf, SI, type UnitSystem } from "../../src/units/rescale";

const exponent = fc.integer({ min: -4, max: 4 }).map((n) => n / 2);
const dimension: fc.Arbitrary<Dimension> = fc.tuple(exponent, exponent, exponent, exponent, exponent);
const log = fc.double({ min: -20, max: 20, noNaN: true });
const system: fc.Arbitrary<UnitSystem> = fc.tuple(log, log, log, log, log);

describe("unit systems", () => {
  it("are consistent: scales multiply as dimensions do", () => {
    fc.assert(
      fc.property(dimension, dimension, system, (a, b, s) => {
        const product = scaleOf(a, s) * scaleOf(b, s);
        expect(Math.abs(scaleOf(multiplyDimensions(a, b), s) / product - 1)).toBeLessThan(1e-10);
        expect(
          Math.abs(scaleOf(divideDimensions(a, b), s) / (scaleOf(a, s) / scaleOf(b, s)) - 1),
        ).toBeLessThan(1e-10);
        expect(Math.abs(scaleOf(powerDimension(a, 0.5), s) / Math.sqrt(scaleOf(a, s)) - 1)).toBeLessThan(
          1e-10,
        );
      }),
    );
  });

  it("bring quantities to one where a system exists that does", () => {
    fc.assert(
      fc.property(system, fc.array(dimension, { minLength: 1, maxLength: 6 }), (s, dimensions) => {
        const quantities = dimensions.map((d): Quantity => ({ value: scaleOf(d, s), dimension: d }));
        const chosen = chooseUnits(quantities);
        for (const { value, dimension: d } of quantities)
          expect(Math.abs(Math.log(value / scaleOf(d, chosen)))).toBeLessThan(0.01);
      }),
    );
  });

  it("leave SI alone where nothing has a unit, and pass over zeros", () => {
    expect(chooseUnits([])).toEqual(SI.map(() => 0));
    expect(chooseUnits([{ value: 1e9, dimension: [0, 0, 0, 0, 0] }, parseQuantity("0 V")])).toEqual(
      SI.map(() => 0),
    );
  });

  it("bring a soft neuron to order one and keep its time constant", () => {
    const quantities = ["1 pF", "50 nS", "100 mV", "5 nA"].map((text) => parseQuantity(text));
    const chosen = chooseUnits(quantities);
    const [C, g, u, I] = quantities.map((q) => q.value / scaleOf(q.dimension, chosen));
    for (const x of [C, g, u, I]) expect(Math.abs(Math.log10(x))).toBeLessThan(0.5);
    expect(g * u).toBeCloseTo(I, 9);
    const seconds = scaleOf([0, 0, 1, 0, 0], chosen);
    expect((C / g) * seconds).toBeCloseTo(1e-12 / 5e-8, 12);
  });
});

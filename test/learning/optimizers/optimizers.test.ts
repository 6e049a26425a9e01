import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WeightArrays } from "../../../src/circuit/chip-types";
import { adam, sgd, type Optimizer } from "../../../src/learning/optimizers";

const of = (weights: number[], biases: number[] | null = null): WeightArrays => ({
  weights: Float64Array.from(weights),
  biases: biases && Float64Array.from(biases),
});
const zero = of([0], [0]);
const value = fc.integer({ min: -1000, max: 1000 }).map((k) => k / 100);

describe("sgd", () => {
  it("takes steps worked out by hand", () => {
    const optimizer = sgd({ rate: 0.1, momentum: 0.5, weightDecay: 0.2 });
    const first = optimizer.step("p", of([2], [1]), () => of([5], [0])); // v = 2 - 1 = 1
    expect(first.weights[0]).toBeCloseTo(0.1, 15);
    expect(first.biases![0]).toBeCloseTo(0.1, 15);
    const second = optimizer.step("p", of([2], [1]), () => of([5.1], [0.1])); // v = 0.5 + 2 - 1.02 = 1.48
    expect(second.weights[0]).toBeCloseTo(0.148, 15);
    expect(second.biases![0]).toBeCloseTo(0.1 * (0.5 + 1 - 0.02), 15);
  });

  it("without momentum is rate times direction, and remembers nothing", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (d, k) => {
        const optimizer = sgd({ rate: k / 10 });
        optimizer.step("p", of(d), () => of(d));
        expect([...optimizer.step("p", of(d), () => of(d)).weights]).toEqual(d.map((x) => (k / 10) * x));
        expect(optimizer.save()).toEqual({});
      }),
    );
  });

  it("has a rate a projection, and names the one that lacks", () => {
    const optimizer = sgd({ rate: { a: 1, b: 0.5 } });
    expect(optimizer.step("b", of([4]), () => of([0])).weights[0]).toBe(2);
    for (const name of ["c", "constructor"]) {
      expect(() => optimizer.step(name, of([4]), () => of([0]))).toThrowError(
        expect.objectContaining({ code: "OPTIMIZER-RATE" }) as Error,
      );
    }
  });
});

describe("adam", () => {
  it("takes steps worked out by hand", () => {
    const optimizer = adam({ rate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0.5, weightDecay: 0.1 });
    // m = 1, v = 1, both corrected: 2 and 4; 2 / (2 + 0.5) = 0.8, less the decay 0.1 * 3.
    expect(optimizer.step("p", of([2]), () => of([3])).weights[0]).toBeCloseTo(0.1 * (0.8 - 0.3), 15);
    // m = 0.5 - 2 = -1.5, / 0.75 = -2; v = 0.75 + 4 = 4.75, / 0.4375.
    expect(optimizer.step("p", of([-4]), () => of([0])).weights[0]).toBeCloseTo(
      (0.1 * -2) / (Math.sqrt(4.75 / 0.4375) + 0.5),
      15,
    );
  });

  it("first goes by the rate, whatever the size of the direction", () => {
    fc.assert(
      fc.property(
        value.filter((x) => x !== 0),
        fc.constantFrom(1, 1e3, 1e6),
        (x, scale) => {
          expect(adam({ rate: 0.3 }).step("p", of([x * scale]), () => zero).weights[0]).toBeCloseTo(
            0.3 * Math.sign(x),
            5,
          );
        },
      ),
    );
  });
});

describe.each([
  ["sgd", () => sgd({ rate: 0.1, momentum: 0.9, weightDecay: 0.01 })],
  ["adam", () => adam({ rate: 0.1, weightDecay: 0.01 })],
] as const)("%s", (name, make: () => Optimizer) => {
  it("goes on after saving and loading as if nothing had happened", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 8 }), (steps) => {
        const [one, two] = [make(), make()];
        const run = (o: Optimizer, list: readonly (readonly [number, number])[]) =>
          list.map(([w, b]) => o.step("p", of([w], [b]), () => of([w], [b])));
        const whole = run(one, steps);
        run(two, steps.slice(0, 1));
        const resumed = make();
        resumed.load(two.save());
        run(two, steps.slice(1)); // must not reach into what was saved
        expect(run(resumed, steps.slice(1))).toEqual(whole.slice(1));
      }),
    );
  });

  it("keeps projections, weights and biases apart, and changes none of its arguments", () => {
    const [optimizer, alone] = [make(), make()];
    const [direction, current] = [of([1], [2]), of([3], [4])];
    optimizer.step("other", of([-50], [70]), () => zero);
    expect(optimizer.step("p", direction, () => current)).toEqual(alone.step("p", direction, () => current));
    expect([direction, current]).toEqual([of([1], [2]), of([3], [4])]);
    expect(optimizer.step("q", of([1]), () => of([1])).biases).toBeNull();
  });

  it("goes downhill on a bowl", () => {
    const optimizer = make();
    let w = 3;
    for (let i = 0; i < 400; i++) w += optimizer.step("p", of([1 - w]), () => of([w])).weights[0];
    expect(Math.abs(w - 1)).toBeLessThan(0.05);
  });

  it("refuses options out of range and arrays that do not fit", () => {
    const bad =
      name === "sgd"
        ? [
            () => sgd({ rate: -1 }),
            () => sgd({ rate: { a: NaN } }),
            () => sgd({ rate: 1, momentum: 1 }),
            () => sgd({ rate: 1, weightDecay: -1 }),
          ]
        : [
            () => adam({ rate: NaN }),
            () => adam({ rate: 1, beta1: 1 }),
            () => adam({ rate: 1, beta2: -1 }),
            () => adam({ rate: 1, epsilon: 0 }),
          ];
    for (const make of bad)
      expect(make).toThrowError(expect.objectContaining({ code: "OPTIMIZER-OPTION" }) as Error);
    const optimizer = make();
    optimizer.step("p", of([1, 2]), () => of([1, 2]));
    expect(() => optimizer.step("p", of([1]), () => of([1]))).toThrowError(
      expect.objectContaining({ code: "OPTIMIZER-SHAPE" }) as Error,
    );
  });
});

/** Wirings against direct loops: what populations receive, its derivatives, the pairs that are drawn. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ideal, leakyIntegrator } from "../../devices";
import { defineCircuit, type Circuit, type Through } from "../../src/index";
import { drivesThrough } from "../../src/learning/drives";
import { draws } from "../learning/handmade";
import {
  arraysOf,
  circuitOf,
  drives,
  setAtRandom,
  wiredCircuits,
  type Activities,
  type WiredCircuit,
} from "./wired-circuits";
import { fewer } from "../long";

const SAMPLES = 2;

function prepared(recipe: WiredCircuit) {
  const chip = circuitOf(recipe).fabricate({ seed: recipe.seed });
  setAtRandom(chip, recipe.seed, 1);
  const draw = draws(recipe.seed + 1);
  const activities = Object.fromEntries(
    chip.circuit.populations.map(({ name, size }) => [name, draw(SAMPLES * size)]),
  ) as unknown as Activities;
  return { chip, activities, draw, arrays: arraysOf(chip) };
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  expect(found, what).toHaveLength(wanted.length);
  for (let i = 0; i < wanted.length; i++)
    expect(Math.abs(found[i] - wanted[i]), `${what}, ${i}`).toBeLessThan(1e-12 * (1 + Math.abs(wanted[i])));
}

describe("wired projections", () => {
  it("give every population what direct loops give it, forwards and backwards", () => {
    fc.assert(
      fc.property(wiredCircuits(), (recipe) => {
        const { chip, activities, arrays } = prepared(recipe);
        const found = drivesThrough(chip, SAMPLES).of(activities);
        const wanted = drives(recipe, arrays, activities);
        fc.pre(wanted.gap > 1e-9);
        expectClose(found.a, wanted.a, "a");
        expectClose(found.b, wanted.b, "b");
      }),
      { numRuns: fewer(70) },
    );
  });

  it("have the derivatives by activities and by weights that finite differences have", () => {
    const h = 1e-5;
    fc.assert(
      fc.property(wiredCircuits(), (recipe) => {
        const { chip, activities, arrays, draw } = prepared(recipe);
        fc.pre(drives(recipe, arrays, activities).gap > 1e-3);
        const bars = { a: draw(activities.a.length), b: draw(activities.b.length) };
        const dot = (x: ArrayLike<number>, y: Float64Array): number =>
          y.reduce((sum, v, i) => sum + v * x[i], 0);
        const value = (arraysThere = arrays, shown = activities): number => {
          const { a, b } = drives(recipe, arraysThere, shown);
          return dot(a, bars.a) + dot(b, bars.b);
        };
        const slope = (at: (by: number) => number): number => (at(h) - at(-h)) / (2 * h);
        const moved = (x: Float64Array, along: Float64Array, by: number): Float64Array =>
          x.map((v, i) => v + by * along[i]);
        const close = (found: number, wanted: number, what: string): void =>
          expect(Math.abs(found - wanted), what).toBeLessThan(1e-6 * (1 + Math.abs(wanted)));
        const through = drivesThrough(chip, SAMPLES);
        const byActivity = through.byActivity(activities, bars);
        for (const name of ["a", "b"] as const) {
          const along = draw(activities[name].length);
          const at = (by: number): number =>
            value(arrays, { ...activities, [name]: moved(activities[name], along, by) });
          close(dot(byActivity[name], along), slope(at), `by ${name}`);
        }
        const byWeight = through.byWeight(activities, bars);
        for (const name of ["up", "top", "down"] as const) {
          for (const part of ["weights", "biases"] as const) {
            const own = arrays[name][part];
            const found = byWeight[name][part];
            expect(found === null).toBe(own === null);
            if (own === null || found === null) continue;
            expect(found).toHaveLength(own.length);
            const along = draw(own.length);
            const at = (by: number): number =>
              value({ ...arrays, [name]: { ...arrays[name], [part]: moved(own, along, by) } });
            close(dot(found, along), slope(at), `by ${part} of ${name}`);
          }
        }
      }),
      { numRuns: fewer(50) },
    );
  });

  it("share one array where feedback is tied, apart from gains", () => {
    fc.assert(
      fc.property(wiredCircuits(), (recipe) => {
        fc.pre(recipe.top.through !== undefined);
        const { chip, arrays } = prepared(recipe);
        const gains = chip.gains("down");
        expect(gains !== null).toBe(recipe.feedback === "gains");
        const tied = arrays.top.weights.map((w, k) => w * (gains?.[k] ?? 1));
        if (recipe.feedback === "tied" || recipe.feedback === "gains")
          expect(arrays.down.weights).toEqual(tied);
        else expect(arrays.down.weights).not.toEqual(tied);
        // What is asked of the feedback is asked of the one array.
        chip.setWeights("down", { weights: arrays.down.weights.map((w) => w / 2), biases: null });
        expectClose(
          chip.weights("down").weights,
          arrays.down.weights.map((w) => w / 2),
          "set through feedback",
        );
        const one = chip.weights("top").weights;
        if (recipe.feedback === "tied")
          expectClose(
            one,
            arrays.top.weights.map((w) => w / 2),
            "of the array",
          );
        if (recipe.feedback === "angled" || recipe.feedback === "independent")
          expect(one).toEqual(arrays.top.weights);
      }),
      { numRuns: 30 },
    );
  });
});

/** Two populations of so many units, joined. */
const joined = (sizes: readonly [number, number], through: Through): Circuit => {
  const neuron = leakyIntegrator();
  return defineCircuit({
    name: "joined",
    populations: [
      { name: "input", size: sizes[0] },
      { name: "output", size: sizes[1], neuron },
    ],
    projections: [
      {
        name: "up",
        from: "input",
        to: "output",
        synapse: ideal(),
        through,
        initial: { distribution: "glorot" },
      },
    ],
    input: "input",
    output: "output",
    cost: { kind: "squared-error", argument: "state" },
  });
};
const pairsOf = (circuit: Circuit): (readonly [number, number])[] => {
  const [{ pres, posts }] = circuit.projection("up").wiring?.members ?? [];
  return [...pres].map((pre, k) => [pre, posts[k]] as const);
};

describe("pairs that are drawn", () => {
  it("are as many as the density says, each once, in the order of the array", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: 200 }),
        fc.integer({ min: 20, max: 200 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.nat(),
        (pre, post, density, seed) => {
          const pairs = pairsOf(joined([pre, post], { kind: "sparse", density, seed }));
          const deviation = Math.sqrt(pre * post * density * (1 - density));
          expect(Math.abs(pairs.length - pre * post * density)).toBeLessThanOrEqual(6 * deviation + 1e-9);
          const places = pairs.map(([i, j]) => j * pre + i);
          places.forEach((place, k) => expect(k === 0 || place > places[k - 1]).toBe(true));
          for (const [i, j] of pairs) expect(i < pre && j < post && i >= 0 && j >= 0).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("fall everywhere alike", () => {
    const [size, density, draws] = [8, 0.3, 400];
    const counts = new Float64Array(size * size);
    for (let seed = 0; seed < draws; seed++)
      for (const [i, j] of pairsOf(joined([size, size], { kind: "sparse", density, seed })))
        counts[i * size + j]++;
    const deviation = Math.sqrt(draws * density * (1 - density));
    for (const count of counts) expect(Math.abs(count - draws * density)).toBeLessThan(5 * deviation);
  });

  it("are the same for the same seed, which is 0 unless said, and others for another", () => {
    const of = (seed?: number) =>
      pairsOf(joined([30, 40], { kind: "sparse", density: 0.2, ...(seed !== undefined && { seed }) }));
    expect(of(5)).toEqual(of(5));
    expect(of()).toEqual(of(0));
    expect(of(5)).not.toEqual(of(6));
  });

  it("take as long as there are pairs, not as there could be", () => {
    // A trillion could be there: one draw each would take hours.
    const pairs = pairsOf(joined([1_000_000, 1_000_000], { kind: "sparse", density: 2e-9 }));
    expect(Math.abs(pairs.length - 2000)).toBeLessThan(6 * Math.sqrt(2000));
  });
});

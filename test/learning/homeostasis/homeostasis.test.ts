/**
 * The laws of Jacobian homeostasis, over circuits of all wirings at states drawn at random: nothing has to be
 * settled for them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layered } from "../../../circuits";
import { ideal, leakyIntegrator, shiftedSigmoid } from "../../../devices";
import {
  estimateSymmetry,
  homeostaticLoss,
  jacobian,
  linearise,
  symmetry,
  type ByPopulation,
  type Chip,
  type HomeostaticLossOptions,
  type Linearisation,
} from "../../../src/index";
import { byOwner } from "../../../src/learning/drives";
import { KIND, type HomeostasisOf } from "../../../src/learning/homeostasis/options";
import { chipOf, circuits } from "../../../src/robustness";
import { circuitOf, setAtRandom, wiredCircuits } from "../../circuit/wired-circuits";
import { refusal } from "../../refusal";
import { draws } from "../handmade";

const SAMPLES = 2;
const OF = ["drive", "state", "activity"] as const;
const of = fc.constantFrom<HomeostasisOf>(...OF);

/** At states drawn from a seed, of the size of one unit of state. */
function somewhere(chip: Chip, seed: number, samples = SAMPLES): Linearisation {
  const draw = draws(seed);
  const states = Object.fromEntries(
    chip.circuit.populations
      .filter((p) => !p.clamped)
      .map(({ name, size, neuron }) => {
        // Volts of the physical neuron are about a tenth of one.
        const scale = neuron?.dimensions.u.some((power) => power !== 0) === true ? 0.1 : 1;
        return [name, { re: draw(samples * size, scale) }];
      }),
  );
  return linearise(chip, samples, draw(samples * chip.circuit.inputSize), states);
}

const anyChip = fc.record({ recipe: circuits({ neurons: ["map", "continuous", "physical"] }), of });
const anyWired = fc.record({ recipe: wiredCircuits(), of });
const wiredChip = (recipe: Parameters<typeof circuitOf>[0]): Chip => {
  const chip = circuitOf(recipe).fabricate({ seed: recipe.seed });
  setAtRandom(chip, recipe.seed, 0.4);
  return chip;
};

const close = (found: ArrayLike<number>, wanted: ArrayLike<number>, share: number): void => {
  expect(found).toHaveLength(wanted.length);
  const largest = Math.max(1e-5, ...Array.from(wanted, Math.abs));
  for (let k = 0; k < wanted.length; k++)
    expect(Math.abs(found[k] - wanted[k])).toBeLessThanOrEqual(share * largest);
};

/**
 * As many kicks of each sample as there are units, the mean of whose products is the identity: the rows of a
 * rotation, times the root of their number.
 */
function orthogonal(chip: Chip, seed: number): Pick<HomeostaticLossOptions, "draws" | "kicks"> {
  const n = chip.circuit.units;
  const rows: Float64Array[] = [];
  const draw = draws(seed);
  while (rows.length < n) {
    const row = draw(n);
    for (let twice = 0; twice < 2; twice++)
      for (const other of rows) {
        const along = row.reduce((sum, x, i) => sum + x * other[i], 0);
        row.forEach((_, i) => (row[i] -= along * other[i]));
      }
    const size = Math.hypot(...row);
    if (size > 1e-3) rows.push(row.map((x) => x / size));
  }
  const kicks: ByPopulation = Object.fromEntries(
    chip.circuit.populations
      .filter((p) => !p.clamped)
      .map(({ name, size, offset }) => {
        const own = new Float64Array(n * SAMPLES * size);
        rows.forEach((row, draw) => {
          for (let s = 0; s < SAMPLES; s++)
            own.set(
              row.subarray(offset, offset + size).map((x) => x * Math.sqrt(n)),
              (draw * SAMPLES + s) * size,
            );
        });
        return [name, own];
      }),
  );
  return { draws: n, kicks };
}

describe("the exact loss", () => {
  it("is twice the squared norm of the skew part, and the symmetry that of a dense Jacobian", () => {
    fc.assert(
      fc.property(fc.oneof(anyChip, anyWired), (given) => {
        const { recipe } = given;
        const chip = "sizes" in recipe ? chipOf(recipe) : wiredChip(recipe);
        const at = somewhere(chip, recipe.seed);
        const dense = [0, 1].map((s) => symmetry(jacobian(at, s, KIND[given.of])));
        const both = (part: "S" | "A"): number => Math.sqrt((dense[0][part] ** 2 + dense[1][part] ** 2) / 2);
        const found = estimateSymmetry(at, { of: given.of, form: "exact" });
        // In the circuit's own unit of time, which the dense one is not.
        const unit = found.S / both("S");
        const physical = "neuron" in recipe && recipe.neuron === "physical";
        if (given.of !== "state" || !physical) expect(unit).toBeCloseTo(1, 9);
        const A = both("A") * unit;
        expect(Math.abs(found.A - A)).toBeLessThanOrEqual(1e-7 * found.S);
        const { loss } = homeostaticLoss(at, { of: given.of, form: "exact" });
        expect(Math.abs(loss - 2 * A ** 2)).toBeLessThanOrEqual(1e-9 * found.S ** 2);
      }),
      { numRuns: 24 },
    );
  });

  it("is found by any kicks whose mean product is the identity, with its gradient, in every form", () => {
    fc.assert(
      fc.property(fc.oneof(anyChip, anyWired), fc.boolean(), (given, diagonal) => {
        const { recipe } = given;
        const chip = "sizes" in recipe ? chipOf(recipe) : wiredChip(recipe);
        const at = somewhere(chip, recipe.seed);
        const exact = homeostaticLoss(at, { of: given.of, form: "exact" });
        const kicks = orthogonal(chip, recipe.seed);
        for (const form of ["hutchinson", "local"] as const) {
          const found = homeostaticLoss(at, { of: given.of, form, diagonal, ...kicks });
          close([found.loss], [exact.loss], 1e-8);
          for (const [name, { weights }] of Object.entries(exact.gradient))
            close(found.gradient[name].weights, weights, 1e-7);
        }
      }),
      { numRuns: 16 },
    );
  });

  it("is 0, and asks for nothing, where feedback is tied", () => {
    fc.assert(
      fc.property(wiredCircuits({ pools: ["none", "softmax", "mean"] }), (drawn) => {
        const chip = wiredChip({ ...drawn, feedback: "tied" });
        const at = somewhere(chip, drawn.seed);
        for (const form of ["exact", "hutchinson", "local"] as const) {
          const { loss, gradient } = homeostaticLoss(at, { form });
          expect(Math.abs(loss)).toBeLessThan(1e-12);
          if (form === "hutchinson")
            for (const { weights } of Object.values(byOwner(chip.circuit, gradient)))
              for (const g of weights) expect(Math.abs(g)).toBeLessThan(1e-9);
        }
        expect(estimateSymmetry(at).ratio).toBeCloseTo(1, 9);
      }),
      { numRuns: 12 },
    );
  });
});

describe("the gradient", () => {
  it("is that of the loss from the same kicks, states held, through any wiring", () => {
    fc.assert(
      fc.property(anyWired, fc.constantFrom("exact", "hutchinson"), ({ recipe, of: kind }, form) => {
        const chip = wiredChip({
          ...recipe,
          feedback: recipe.feedback === "gains" ? "tied" : recipe.feedback,
        });
        const loss = (): number =>
          homeostaticLoss(somewhere(chip, recipe.seed), { of: kind, form, seed: recipe.seed }).loss;
        const at = somewhere(chip, recipe.seed);
        const { gradient } = homeostaticLoss(at, { of: kind, form, seed: recipe.seed });
        const owned = byOwner(chip.circuit, gradient);
        const h = 1e-5;
        for (const [name, { weights, biases }] of Object.entries(owned)) {
          const kept = chip.weights(name);
          const scale = 1 + Math.max(...weights.map(Math.abs));
          for (const index of new Set([0, weights.length >> 1, weights.length - 1])) {
            const shifted = (by: number): number => {
              chip.setWeights(name, {
                ...kept,
                weights: kept.weights.map((w, k) => w + (k === index ? by : 0)),
              });
              return loss();
            };
            const slope = (shifted(h) - shifted(-h)) / (2 * h);
            chip.setWeights(name, kept);
            expect(Math.abs(weights[index] - slope), `${name} ${index}`).toBeLessThan(2e-6 * scale);
          }
          expect(biases?.every((b) => b === 0) ?? true).toBe(true);
        }
      }),
      { numRuns: 16 },
    );
  });

  it("is met by random kicks in the mean, by both forms, the nearer the more there are", () => {
    const chip = layered([3, 4, 5, 2], {
      neuron: shiftedSigmoid(),
      synapse: ideal(),
      feedback: "untied",
      initial: { distribution: "lecun" },
    }).fabricate({ seed: 4 });
    const at = somewhere(chip, 1, 3);
    for (const kind of OF)
      for (const form of ["hutchinson", "local"] as const) {
        const exact = homeostaticLoss(at, { of: kind, form: "exact" });
        const off = (count: number): number => {
          const found = homeostaticLoss(at, { of: kind, form, draws: count, seed: 3 });
          expect(Math.abs(found.loss / exact.loss - 1)).toBeLessThan(8 / Math.sqrt(3 * count));
          const [apart, whole] = [0, 1].map((k) =>
            Math.hypot(
              ...Object.entries(exact.gradient).flatMap(([name, { weights }]) =>
                Array.from(weights, (g, i) => (k === 0 ? found.gradient[name].weights[i] - g : g)),
              ),
            ),
          );
          return apart / whole;
        };
        const [few, many] = [off(40), off(4000)];
        expect(many).toBeLessThan(0.06);
        expect(few / many).toBeGreaterThan(4);
      }
  });

  it("of the local form is made of the velocity after a kick", () => {
    const chip = layered([2, 3, 4], {
      neuron: leakyIntegrator({ rho: "tanh" }),
      synapse: ideal(),
      feedback: "untied",
    }).fabricate({ seed: 2 });
    const states = { l1: { re: draws(1)(3) }, output: { re: draws(2)(4) } };
    const inputs = draws(3)(2);
    const at = linearise(chip, 1, inputs, states);
    const kicks: Record<string, Float64Array> = { l1: draws(4)(3), output: draws(5)(4) };
    const field = (by: number) =>
      linearise(chip, 1, inputs, {
        l1: { re: states.l1.re.map((u, i) => u + by * kicks.l1[i]) },
        output: { re: states.output.re.map((u, i) => u + by * kicks.output[i]) },
      }).field;
    const [after, before] = [field(1e-5), field(-1e-5)];
    const velocity = (name: string): Float64Array => after[name].map((f, i) => (f - before[name][i]) / 2e-5);
    const { gradient } = homeostaticLoss(at, { of: "state", form: "local", diagonal: true, draws: 1, kicks });
    for (const [pre, post] of [
      ["l1", "output"],
      ["output", "l1"],
    ]) {
      const [v, e] = [velocity, (name: string) => kicks[name]].map((take) => [take(pre), take(post)]);
      const wanted = Array.from(v[0]).flatMap((_, i) =>
        Array.from(v[1], (vj, j) => 2 * at.rhoPrime[pre][i] * (vj * e[0][i] - e[1][j] * v[0][i])),
      );
      close(gradient[`${pre}-${post}`].weights, wanted, 1e-8);
    }
  });
});

describe("bad input", () => {
  const chip = layered([2, 2, 2], { neuron: shiftedSigmoid(), synapse: ideal() }).fabricate();
  const at = somewhere(chip, 1, 1);
  const rows: readonly (readonly [string, HomeostaticLossOptions, string])[] = [
    ["no kicks for a layer", { draws: 1, kicks: { l1: new Float64Array(2) } }, "HOMEO-KICKS"],
    [
      "too few kicks",
      { draws: 2, kicks: { l1: new Float64Array(2), output: new Float64Array(4) } },
      "HOMEO-KICKS",
    ],
    [
      "a kick that is not a number",
      { draws: 1, kicks: { l1: Float64Array.of(0, NaN), output: new Float64Array(2) } },
      "HOMEO-KICKS",
    ],
    ["no draws", { draws: 0 }, "OPTION-VALUE"],
    ["another Jacobian", { of: "drives" as "drive" }, "OPTION-VALUE"],
    ["another form", { form: "hutch" as "local" }, "OPTION-VALUE"],
  ];
  it.each(rows)("%s", (_, options, code) => {
    expect(refusal(() => homeostaticLoss(at, options)).code).toBe(code);
  });
});

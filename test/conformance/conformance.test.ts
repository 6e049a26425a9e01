/**
 * All engines that run here against the reference, on random circuits; and the laws that each must keep to
 * the last bit.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import type { OhmletError } from "../../src/errors";
import { caughtLater } from "../engines/caught";
import { contestants, difference, differenceOf, KINDS, narrowed, run, runsOn, TOLERANCE } from "./compare";
import { loadPart, programOf, recipes, startOf, type Recipe } from "./recipe";

describe("engines", async () => {
  const names = await contestants();

  it("run here besides the reference", () =>
    expect(names).toEqual(expect.arrayContaining(["gpu:cpu", "simd"])));

  it("run WebGPU too, or say why not", async (context) => {
    if (names.includes("gpu:webgpu")) return;
    const { fact } = (await caughtLater(() => createEngine("gpu:webgpu"))) as OhmletError;
    console.warn(`gpu:webgpu is not tried: ${fact}`);
    context.skip(fact);
  });

  describe.each(names)("%s conforms to the reference", (name) => {
    let [engine, judge]: Engine[] = [];
    beforeAll(async () => {
      [engine, judge] = [await createEngine(name), await createEngine("reference")];
    });
    afterAll(() => engine.dispose());

    it.each(KINDS)("on $kind", async ({ fixed, runs }) => {
      const property = fc.asyncProperty(recipes({ ...narrowed(name), ...fixed }), async (recipe) => {
        expect(await differenceOf(recipe, engine, judge)).toBeLessThan(TOLERANCE);
      });
      await fc.assert(property, { numRuns: runsOn(name, runs), endOnFailure: true });
    });
  });

  describe.each(["reference", ...names])("%s", (name) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine(name);
    });
    afterAll(() => engine.dispose());
    const numRuns = name === "reference" ? 20 : runsOn(name, 3);

    it("does not care how a run is cut into chunks", async () => {
      const property = fc.asyncProperty(recipes({ noisy: true, ...narrowed(name) }), async (recipe) => {
        const program = programOf(recipe);
        const whole = await run(engine, program, recipe.seed, [30]);
        expect(difference(await run(engine, program, recipe.seed, [10, 19, 1]), whole)).toBe(0);
      });
      await fc.assert(property, { numRuns, endOnFailure: true });
    });

    it("runs each row for itself", async () => {
      const property = fc.asyncProperty(recipes({ rowsPerGroup: 3, ...narrowed(name) }), async (recipe) => {
        const program = programOf(recipe);
        const { rows, buffers } = program;
        const first = (values: Float64Array): number => values.length / rows;
        const disturb = (exe: Executable): void => {
          // Only row 0 starts elsewhere.
          for (const name of program.state)
            exe.write(name, startOf(program, recipe.seed, name).fill(0.9, 0, buffers[name]));
        };
        const [calm, moved] = [
          await run(engine, program, recipe.seed, [5]),
          await run(engine, program, recipe.seed, [5], { adjust: disturb }),
        ];
        for (const name of program.outputs)
          expect(moved.outputs[name].subarray(first(moved.outputs[name]))).toEqual(
            calm.outputs[name].subarray(first(calm.outputs[name])),
          );
        expect(moved.residual.subarray(1)).toEqual(calm.residual.subarray(1));
        expect(difference(moved, calm)).toBeGreaterThan(0);
      });
      await fc.assert(property, { numRuns, endOnFailure: true });
    });

    it("runs groups as separate programs would", async () => {
      const property = fc.asyncProperty(
        recipes({ groups: 3, noisy: false, ...narrowed(name) }),
        async (recipe) => {
          const whole = await run(engine, programOf(recipe), recipe.seed, [5]);
          const alone = programOf({ ...recipe, groups: 1 });
          for (let g = 0; g < 3; g++) {
            const part = await run(engine, alone, recipe.seed, [5], {
              adjust: (exe) => loadPart(exe, programOf(recipe), recipe.seed, g),
            });
            const third = (values: Float64Array): Float64Array =>
              values.subarray((g * values.length) / 3, ((g + 1) * values.length) / 3);
            for (const name of alone.outputs) expect(part.outputs[name]).toEqual(third(whole.outputs[name]));
            expect(part.residual).toEqual(third(whole.residual));
          }
        },
      );
      await fc.assert(property, { numRuns, endOnFailure: true });
    });

    it("repeats itself and heeds all 53 bits of the seed", async () => {
      const recipe: Recipe = {
        seed: 5,
        groups: 1,
        rowsPerGroup: 3,
        widths: [4, 3],
        activation: "tanh",
        complex: false,
        noisy: true,
        readout: 0,
        input: 2,
      };
      const program = programOf(recipe);
      const first = await run(engine, program, recipe.seed);
      expect(difference(await run(engine, program, recipe.seed), first)).toBe(0);
      expect(
        difference(await run(engine, program, recipe.seed, [30], { noise: recipe.seed + 2 ** 40 }), first),
      ).toBeGreaterThan(1e-3);
    });
  });
});

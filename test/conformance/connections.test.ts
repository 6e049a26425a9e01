/** Connections mean the same as the array of all synapses that they spell out, on every engine. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { correlate } from "../../src/engines/correlate";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { contestants, difference, run, runsOn, TOLERANCE } from "./compare";
import { dense, manyTerms, programOf, wired, type Wired } from "./connections";
import { values } from "./recipe";
import { fewer } from "../long";

const weightsOf = ({ seed, groups, array }: Wired): Float64Array =>
  values(seed, "w", groups * array.pre * array.post).map((w) => Math.fround(0.3 * w));

/** [groups, pre, post] to [groups, post, pre]. */
function flipped(all: Float64Array, { through: { pre, post }, groups }: Wired): Float64Array {
  const out = new Float64Array(all.length);
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < pre; i++)
      for (let j = 0; j < post; j++) out[(g * post + j) * pre + i] = all[(g * pre + i) * post + j];
  return out;
}

function loaded(given: Wired, all: boolean): { readonly adjust: (exe: Executable) => void } {
  const weights = weightsOf(given);
  return {
    adjust: (exe) => {
      exe.setWeights("w", all ? dense(given, weights) : weights);
      if (all) exe.setWeights("back", flipped(dense(given, weights), given));
      for (const [name, width] of [
        ["su", given.through.pre],
        ["sv", given.through.post],
      ] as const)
        exe.write(name, values(given.seed, name, given.rows * width));
    },
  };
}

describe("connections", async () => {
  const names = await contestants();
  let judge: Engine;
  beforeAll(async () => {
    judge = await createEngine("reference");
  });
  afterAll(() => judge.dispose());

  it("mean what an array of all synapses means", async () => {
    const property = fc.asyncProperty(wired, async (given) => {
      const [through, all] = [
        await run(judge, programOf(given), given.seed, [6], loaded(given, false)),
        await run(judge, programOf(given, true), given.seed, [6], loaded(given, true)),
      ];
      expect(difference(through, all)).toBeLessThan(1e-12);
    });
    await fc.assert(property, { numRuns: fewer(30) });
  });

  it("correlate as the array of all synapses does, summed over the uses of each", () => {
    const property = fc.property(wired, (given) => {
      const { through, array, rows, seed } = given;
      const [pre, post] = [
        values(seed, "pre", rows * through.pre),
        values(seed, "post", rows * through.post),
      ];
      const whole = correlate(pre, post, rows, through.pre, through.post);
      const found = correlate(pre, post, rows, array.pre, array.post, through);
      // Each synapse on its own: where an array of zeros but for it has its ones.
      found.forEach((sum, k) => {
        const one = new Float64Array(array.pre * array.post);
        one[k] = 1;
        const uses = dense({ ...given, groups: 1 }, one);
        expect(sum).toBeCloseTo(
          uses.reduce((total, use, i) => total + use * whole[i], 0),
          9,
        );
      });
    });
    fc.assert(property, { numRuns: 20 });
  });

  it.each(names)("%s conforms to the reference", async (name) => {
    const engine = await createEngine(name);
    const property = fc.asyncProperty(wired, async (given) => {
      const program = programOf(given);
      const [found, wanted] = [
        await run(engine, program, given.seed, [6], loaded(given, false)),
        await run(judge, program, given.seed, [6], loaded(given, false)),
      ];
      expect(difference(found, wanted)).toBeLessThan(TOLERANCE);
      if (engine.adjusts !== true || given.groups > 1) return;
      const exe = engine.compile(program);
      const [u, su, v] = ["u", "su", "v"].map((of) =>
        values(given.seed, of, given.rows * (of === "v" ? given.through.post : given.through.pre)),
      );
      loaded(given, false).adjust(exe);
      exe.write("u", u);
      exe.write("v", v);
      exe.write("su", su);
      await exe.adjust?.();
      const weights = weightsOf(given);
      const { rows, array, through } = given;
      const sums = [u, su].map((pre) => correlate(pre, v, rows, array.pre, array.post, through));
      const after = exe.readWeights?.("w") as Float64Array;
      weights.forEach((w, k) => expect(after[k]).toBeCloseTo(w - 0.5 * (sums[0][k] + sums[1][k]), 3));
      exe.dispose();
    });
    await fc.assert(property, { numRuns: runsOn(name, fewer(24)), endOnFailure: true });
    engine.dispose();
  });

  it.each(names)("%s adds up terms of all kinds", async (name) => {
    const engine = await createEngine(name);
    const property = fc.asyncProperty(wired, fc.boolean(), async (given, plus) => {
      const program = manyTerms(given, plus);
      const weights = weightsOf(given);
      const [found, wanted] = [
        await run(engine, program, given.seed, [1], { adjust: (exe) => exe.setWeights("w", weights) }),
        await run(judge, program, given.seed, [1], { adjust: (exe) => exe.setWeights("w", weights) }),
      ];
      const scale = Math.max(1, ...Object.values(wanted.outputs).flatMap((of) => [...of].map(Math.abs)));
      expect(difference(found, wanted) / scale).toBeLessThan(TOLERANCE);
    });
    await fc.assert(property, { numRuns: runsOn(name, fewer(16)), endOnFailure: true });
    engine.dispose();
  });

  it.each(names)("%s keeps rows apart, whatever they hold", async (name) => {
    const engine = await createEngine(name);
    const property = fc.asyncProperty(wired, fc.nat(), async (given, pick) => {
      const { rows, seed } = given;
      const [program, weights, lost] = [manyTerms(given, true), weightsOf(given), pick % rows];
      const found = [false, true].map((spoilt) =>
        run(engine, program, seed, [1], {
          adjust: (exe) => {
            exe.setWeights("w", weights);
            for (const buffer of program.state) {
              const width = program.buffers[buffer];
              const all = values(seed, buffer, rows * width);
              exe.write(buffer, spoilt ? all.fill(NaN, lost * width, (lost + 1) * width) : all);
            }
          },
        }),
      );
      const [clean, spoilt] = await Promise.all(found);
      for (const [out, of] of Object.entries(spoilt.outputs)) {
        const width = program.buffers[out];
        const apart = (all: Float64Array): number[] =>
          [...all].filter((_, k) => Math.floor(k / width) !== lost);
        expect(apart(of)).toEqual(apart(clean.outputs[out]));
      }
    });
    await fc.assert(property, { numRuns: runsOn(name, fewer(16)), endOnFailure: true });
    engine.dispose();
  });
});

/** Systems that programs solve a row at a time: what comes out fulfils them, whatever the parts, on both engines. */
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { number } from "../../src/equations/expression";
import type { Coupling, Program, SolveOperation } from "../../src/program/program";
import { streamOf, uniform } from "../../src/random";
import { fewer } from "../long";

let reference: Engine;
let simd: Engine;
beforeAll(async () => {
  reference = await createEngine("reference");
  simd = await createEngine("simd");
  await Promise.all([reference.solves?.ready(), simd.solves?.ready()]);
});

const draw = (seed: number, what: string, length: number): Float64Array =>
  Float64Array.from({ length }, (_, k) =>
    Math.fround(2 * uniform(seed, streamOf(`solve ${what}`), 0, k) - 1),
  );

interface Recipe {
  readonly seed: number;
  readonly groups: number;
  readonly rowsPerGroup: number;
  /** Widths of parts, by turns of the one and the other set. */
  readonly widths: readonly number[];
  readonly factors: boolean;
}

const recipes: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.maxSafeNat(),
  groups: fc.integer({ min: 1, max: 2 }),
  rowsPerGroup: fc.integer({ min: 1, max: 11 }),
  widths: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 }),
  factors: fc.boolean(),
});

/** Parts in a chain, each joined to the next both ways; x… are solved for, f… and d… are the host's. */
function programOf({ groups, rowsPerGroup, widths, factors }: Recipe): Program {
  const parts = widths.map((_, p) => ({ out: `x${p}`, right: `f${p}`, diagonal: `d${p}` }));
  const couplings = widths.slice(1).flatMap((_, p): Coupling[] => [
    { from: p, into: p + 1, weights: `w${p}`, ...(factors && { by: `b${p}`, left: `l${p + 1}` }) },
    { from: p + 1, into: p, weights: `v${p}`, ...(factors && { by: `b${p + 1}` }) },
  ]);
  const solve: SolveOperation = { op: "solve", parts, couplings };
  const kinds = ["x", "f", "d", ...(factors ? ["b", "l"] : [])];
  return {
    rows: groups * rowsPerGroup,
    groups,
    buffers: Object.fromEntries([
      ...widths.flatMap((width, p) => kinds.map((kind) => [`${kind}${p}`, width])),
      ["u", 1],
    ]),
    weights: Object.fromEntries(
      widths.slice(1).flatMap((width, p) => [
        [`w${p}`, { pre: widths[p], post: width }],
        [`v${p}`, { pre: width, post: widths[p] }],
      ]),
    ),
    vectors: {},
    rowValues: [],
    scalars: [],
    prelude: [],
    step: [solve, { op: "map", out: "u", expression: number(0), sources: {} }],
    state: ["u"],
    outputs: ["u", ...parts.map(({ out }) => out)],
    watched: ["u"],
  };
}

/** What the host sets: diagonals outweigh what couples. */
function valuesOf(program: Program, { seed, widths }: Recipe): ReadonlyMap<string, Float64Array> {
  const total = widths.reduce((sum, width) => sum + width, 1);
  const values = new Map<string, Float64Array>();
  for (const [name, width] of Object.entries(program.buffers))
    if (!/^[xu]/.test(name)) {
      const of = draw(seed, name, program.rows * width);
      values.set(name, name.startsWith("d") ? of.map((v) => (v < 0 ? -1 : 1) * (total + v)) : of);
    }
  for (const [name, { pre, post }] of Object.entries(program.weights))
    values.set(name, draw(seed, name, program.groups * pre * post));
  return values;
}

async function solved(engine: Engine, program: Program, values: ReadonlyMap<string, Float64Array>) {
  const exe: Executable = engine.compile(program);
  for (const [name, of] of values)
    if (Object.hasOwn(program.weights, name)) exe.setWeights(name, of);
    else if (program.step.some((o) => o.op === "solve" && JSON.stringify(o).includes(`"${name}"`)))
      exe.write(name, of);
  await exe.prepare();
  await exe.run(1, 0);
  const found = new Map<string, Float64Array>();
  for (const name of program.outputs) found.set(name, await exe.read(name));
  exe.dispose();
  return found;
}

it("solves what it is given", async () => {
  await fc.assert(
    fc.asyncProperty(recipes, async (recipe) => {
      const program = programOf(recipe);
      const { widths, factors, rowsPerGroup } = recipe;
      const values = valuesOf(program, recipe);
      const of = (name: string): Float64Array => values.get(name) as Float64Array;
      for (const [engine, most] of [
        [reference, 1e-12],
        [simd, 1e-4],
      ] as const) {
        const found = await solved(engine, program, values);
        const left = widths.map((width, p) =>
          Float64Array.from(
            { length: program.rows * width },
            (_, k) => of(`f${p}`)[k] - of(`d${p}`)[k] * (found.get(`x${p}`) as Float64Array)[k],
          ),
        );
        for (const { from, into, weights, by, left: by2 } of (program.step[0] as SolveOperation).couplings)
          for (let row = 0; row < program.rows; row++)
            for (let i = 0; i < widths[from]; i++)
              for (let j = 0; j < widths[into]; j++) {
                const group = Math.floor(row / rowsPerGroup) * widths[from] * widths[into];
                const factor = by === undefined || !factors ? 1 : of(by)[row * widths[from] + i];
                const after = by2 === undefined || !factors ? 1 : of(by2)[row * widths[into] + j];
                left[into][row * widths[into] + j] -=
                  after *
                  of(weights)[group + i * widths[into] + j] *
                  factor *
                  (found.get(`x${from}`) as Float64Array)[row * widths[from] + i];
              }
        expect(Math.max(...left.flatMap((one) => Array.from(one, (v) => Math.abs(v))))).toBeLessThan(most);
      }
    }),
    { numRuns: fewer(60) },
  );
});

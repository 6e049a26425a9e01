/** Derivatives of programs, held against differences, against each other, and against themselves. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { correlate } from "../../src/engines/correlate";
import type { Engine, Executable } from "../../src/engines/engine";
import { createEngine } from "../../src/engines/select";
import { call, multiply, number, subtract, symbol } from "../../src/equations/expression";
import { changeIn, readsOf, writesOf } from "../../src/program/dataflow";
import { differenceOf } from "../../src/program/difference";
import type { Program } from "../../src/program/program";
import { tangent } from "../../src/program/tangent";
import { transpose } from "../../src/program/transpose";
import { fillNormals } from "../../src/random";
import { contestants } from "../conformance/compare";
import { programs } from "./arbitrary";
import { fewer } from "../long";

type Values = Record<string, Float64Array>;

const draws = (seed: number, stream: number, length: number): Float64Array => {
  const values = new Float64Array(length);
  fillNormals(values, seed, stream, 0);
  return values;
};

/** Parameters and inputs of a program, from a seed. */
function parametersOf(
  program: Program,
  seed: number,
): { weights: Values; vectors: Values; inputs: Values; rows: Values } {
  const all = (names: readonly string[], first: number, length: (name: string) => number): Values =>
    Object.fromEntries(names.map((name, i) => [name, draws(seed, first + i, length(name))]));
  const { weights, vectors, buffers, rows, rowValues } = program;
  return {
    weights: Object.fromEntries(
      Object.keys(weights).map((name, i) => {
        const { pre, post } = weights[name];
        // Sums of order one, however many they add up.
        const scale = name === "c" ? 0.3 : Math.min(1, Math.sqrt(3 / pre));
        return [name, draws(seed, 1 + i, pre * post).map((w) => scale * w)];
      }),
    ),
    vectors: all(Object.keys(vectors), 20, (name) => vectors[name]),
    inputs: all(
      ["in0", "in1"].filter((name) => name in buffers),
      30,
      (name) => rows * buffers[name],
    ),
    rows: all(rowValues, 40, () => rows),
  };
}

type Parameters = ReturnType<typeof parametersOf>;

const transposedOf = (values: Float64Array, pre: number, post: number): Float64Array =>
  Float64Array.from({ length: pre * post }, (_, i) => values[(i % pre) * post + Math.floor(i / pre)]);

/** Sets what `program` knows of the parameters of the program that it was made of. */
function load(exe: Executable, program: Program, { weights, vectors, inputs, rows }: Parameters): void {
  for (const [name, { pre, post }] of Object.entries(program.weights)) {
    if (name.startsWith("ones")) exe.setWeights(name, new Float64Array(pre * post).fill(1));
    else {
      // Transposed as often as its name says.
      const [of, ...flips] = name.split("~T");
      const values = weights[of];
      exe.setWeights(name, flips.length % 2 === 0 ? values : transposedOf(values, post, pre));
    }
  }
  for (const name of Object.keys(program.vectors)) exe.setVector(name, vectors[name]);
  for (const name of program.rowValues) exe.setRowValues(name, rows[name]);
  for (const [name, values] of Object.entries(inputs)) if (reads(program, name)) exe.write(name, values);
}

const reads = ({ step }: Program, name: string): boolean =>
  step.some((o) =>
    o.op === "map"
      ? Object.values(o.sources).some((s) => s.from === "buffer" && s.name === name)
      : o.op === "project"
        ? o.plus === name || o.terms.some(({ from }) => from === name)
        : o.op === "normalise" && (o.from.re === name || o.from.im === name),
  );

/** Whether a step reads every state before it moves it. */
function readsFirst({ step, state }: Program): boolean {
  const written = new Set<string>();
  return step.every((operation) => {
    const fine = readsOf(operation).every((name) => !written.has(name));
    for (const name of writesOf(operation)) if (state.includes(name)) written.add(name);
    return fine;
  });
}

const dot = (x: Values, y: Values): number =>
  Object.keys(x).reduce((sum, name) => sum + x[name].reduce((s, v, i) => s + v * y[name][i], 0), 0);

describe("derivatives of programs", async () => {
  describe.each(["reference", ...(await contestants())])("on %s", (name) => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await createEngine(name);
    });
    afterAll(() => engine.dispose());
    const exact = name === "reference";
    const runs = exact ? 150 : 12;
    const near = (a: number, b: number, scale: number): void =>
      expect(Math.abs(a - b)).toBeLessThan((exact ? 1e-9 : 2e-4) * Math.max(1, scale));

    /** Runs steps of a program from some values of its state and inputs, and reads its state. */
    async function run(program: Program, parameters: Parameters, set: Values, steps = 1): Promise<Values> {
      const exe = engine.compile(program);
      load(exe, program, parameters);
      for (const [buffer, values] of Object.entries(set))
        if (program.state.includes(buffer) || reads(program, buffer)) exe.write(buffer, values);
      await exe.prepare();
      await exe.run(steps, 0);
      const states = await Promise.all(
        program.state.map(async (state) => [state, await exe.read(state)] as const),
      );
      const others = await Promise.all(
        program.outputs
          .filter((output) => !program.state.includes(output))
          .map(async (output) => [output, await exe.read(output)] as const),
      );
      exe.dispose();
      return Object.fromEntries([...states, ...others]);
    }

    const statesOf = (program: Program, seed: number, stream: number): Values =>
      Object.fromEntries(
        program.state.map((state, i) => [
          state,
          draws(seed, stream + i, program.rows * program.buffers[state]),
        ]),
      );
    const named = (values: Values, by: (state: string) => string): Values =>
      Object.fromEntries(Object.entries(values).map(([state, v]) => [by(state), v]));
    const taken = (values: Values, states: readonly string[], by: (state: string) => string): Values =>
      Object.fromEntries(states.map((state) => [state, values[by(state)]]));

    it("agree with finite differences, forwards, over several steps", async () => {
      if (!exact) return;
      await fc.assert(
        fc.asyncProperty(programs(), fc.integer({ min: 1, max: 3 }), async ({ program, seed }, steps) => {
          const parameters = parametersOf(program, seed);
          const [u, direction] = [statesOf(program, seed, 50), statesOf(program, seed, 60)];
          const d = tangent(program);
          const nameOf = (state: string): string => d.of(state) as string;
          const found = await run(d.program, parameters, { ...u, ...named(direction, nameOf) }, steps);
          const h = 1e-5;
          const moved = (by: number): Values =>
            Object.fromEntries(
              Object.entries(u).map(([s, v]) => [s, v.map((x, i) => x + by * direction[s][i])]),
            );
          const [after, before] = [
            await run(program, parameters, moved(h), steps),
            await run(program, parameters, moved(-h), steps),
          ];
          for (const state of program.state)
            found[nameOf(state)].forEach((value, i) => {
              const difference = (after[state][i] - before[state][i]) / (2 * h);
              expect(Math.abs(value - difference)).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)) ** 3);
            });
        }),
        { numRuns: fewer(80), seed: 5 },
      );
    });

    it("have a finite form: how far a step leads states apart that began apart", async () => {
      await fc.assert(
        fc.asyncProperty(programs(), async ({ program, seed }) => {
          // What is held is at rest: a step that read a state which it has moved would read another one.
          if (program.step.some((o) => o.op === "normalise" && o.from.im) || !readsFirst(program)) return;
          const found = differenceOf(program, []);
          const parameters = parametersOf(program, seed);
          const [u, by] = [statesOf(program, seed, 50), statesOf(program, seed, 60)];
          const moved = Object.fromEntries(
            Object.entries(u).map(([state, v]) => [state, v.map((x, i) => x + by[state][i])]),
          );
          const apart = await run(found.program, parameters, { ...u, ...named(by, changeIn) });
          const [after, before] = [await run(program, parameters, moved), await run(program, parameters, u)];
          for (const state of program.state)
            apart[changeIn(state)].forEach((value, i) =>
              near(
                value,
                after[state][i] - before[state][i],
                Math.abs(after[state][i]) + Math.abs(before[state][i]),
              ),
            );
        }),
        { numRuns: fewer(exact ? 60 : 6), seed: 6 },
      );
    });

    it("are transposes of each other: <y, J x> = <J^T y, x>", async () => {
      await fc.assert(
        fc.asyncProperty(programs(), async ({ program, seed }) => {
          const parameters = parametersOf(program, seed);
          const [u, x, y] = [50, 60, 70].map((stream) => statesOf(program, seed, stream));
          const [d, b] = [tangent(program), transpose(program)];
          const nameOf = (state: string): string => d.of(state) as string;
          const forwards = await run(d.program, parameters, { ...u, ...named(x, nameOf) });
          const backwards = await run(b.program, parameters, { ...u, ...named(y, b.of) });
          const [Jx, Jy] = [taken(forwards, program.state, nameOf), taken(backwards, program.state, b.of)];
          near(dot(y, Jx), dot(Jy, x), dot(Jx, Jx) + dot(Jy, Jy));
        }),
        { numRuns: fewer(runs), seed: 6 },
      );
    });

    it("come back where they are transposed twice", async () => {
      if (!exact) return;
      await fc.assert(
        fc.asyncProperty(programs(), async ({ program, seed }) => {
          const parameters = parametersOf(program, seed);
          const [u, x] = [50, 60].map((stream) => statesOf(program, seed, stream));
          const [d, b] = [tangent(program), transpose(program)];
          const again = transpose(b.program);
          const nameOf = (state: string): string => d.of(state) as string;
          const forwards = await run(d.program, parameters, { ...u, ...named(x, nameOf) });
          const zeros = Object.fromEntries(
            program.state.map((state) => [b.of(state), new Float64Array(u[state].length)]),
          );
          const twice = await run(again.program, parameters, {
            ...u,
            ...zeros,
            ...named(named(x, b.of), again.of),
          });
          for (const state of program.state)
            forwards[nameOf(state)].forEach((value, i) =>
              near(value, twice[again.of(b.of(state))][i], Math.abs(value)),
            );
        }),
        { numRuns: fewer(60), seed: 7 },
      );
    });

    it("by weights and by vectors agree with differences", async () => {
      if (!exact) return;
      await fc.assert(
        fc.asyncProperty(programs(), async ({ program, seed }) => {
          const parameters = parametersOf(program, seed);
          const [u, y] = [statesOf(program, seed, 50), statesOf(program, seed, 70)];
          const b = transpose(program);
          const after = await run(b.program, parameters, { ...u, ...named(y, b.of) });
          const value = async (changed: Parameters): Promise<number> =>
            dot(y, await run(program, changed, u));
          const h = 1e-5;
          for (const kind of ["weights", "vectors"] as const)
            for (const [name, values] of Object.entries(parameters[kind])) {
              const found = kind === "weights" ? byWeights(name) : byVector(name);
              const i = seed % values.length;
              const at = (by: number): Parameters => ({
                ...parameters,
                [kind]: { ...parameters[kind], [name]: values.map((v, k) => (k === i ? v + by : v)) },
              });
              const difference = ((await value(at(h))) - (await value(at(-h)))) / (2 * h);
              expect(Math.abs(found(i) - difference)).toBeLessThan(
                1e-5 * Math.max(1, Math.abs(difference)) ** 2,
              );
            }

          function byWeights(of: string): (i: number) => number {
            const { pre, post } = program.weights[of];
            const known = (buffer: string): Float64Array =>
              after[buffer] ?? u[buffer] ?? parameters.inputs[buffer];
            const sums = b.weights
              .filter(({ weights }) => weights === of)
              .map((product) =>
                correlate(known(product.pre), known(product.post), program.rows, pre, post, product.through),
              );
            return (i) => sums.reduce((total, sum) => total + sum[i], 0);
          }
          function byVector(of: string): (i: number) => number {
            const buffer = b.vectors.get(of);
            if (buffer === undefined) return () => 0;
            const width = program.vectors[of];
            return (i) => after[buffer].reduce((sum, v, k) => sum + (k % width === i ? v : 0), 0);
          }
        }),
        { numRuns: fewer(60), seed: 8 },
      );
    });
  });

  it("of a complex softmax are transposes of each other, too", async () => {
    const width = 3;
    const value = (out: string, re: number, im: number): Program["step"][number] => ({
      op: "map",
      out,
      expression: subtract(
        multiply(number(re), symbol("a")),
        multiply(number(im), call("tanh", symbol("b"))),
      ),
      sources: { a: { from: "buffer", name: "u" }, b: { from: "buffer", name: "ui" } },
    });
    const program: Program = {
      rows: 2,
      groups: 1,
      buffers: { u: width, ui: width, z: width, zi: width },
      weights: {},
      vectors: {},
      rowValues: [],
      scalars: [],
      prelude: [],
      step: [
        value("z", 1, 0.5),
        value("zi", 0.3, -1),
        { op: "normalise", from: { re: "z", im: "zi" }, out: { re: "u", im: "ui" } },
      ],
      state: ["u", "ui"],
      outputs: ["u", "ui"],
      watched: ["u", "ui"],
    };
    const engine = await createEngine("reference");
    const [d, b] = [tangent(program), transpose(program)];
    const states = (stream: number): Values => ({ u: draws(3, stream, 6), ui: draws(3, stream + 1, 6) });
    const [u, x, y] = [states(1), states(3), states(5)];
    const run = async (of: Program, set: Values): Promise<(name: string) => Promise<Float64Array>> => {
      const exe = engine.compile(of);
      load(exe, of, { weights: {}, vectors: {}, inputs: {}, rows: {} });
      for (const [name, values] of Object.entries(set)) exe.write(name, values);
      await exe.run(1, 0);
      return (name) => exe.read(name);
    };
    const direction = { [d.of("u") as string]: x.u, [d.of("ui") as string]: x.ui };
    const forwards = await run(d.program, { ...u, ...direction });
    const backwards = await run(b.program, { ...u, [b.of("u")]: y.u, [b.of("ui")]: y.ui });
    const Jx = { u: await forwards(d.of("u") as string), ui: await forwards(d.of("ui") as string) };
    const Jy = { u: await backwards(b.of("u")), ui: await backwards(b.of("ui")) };
    expect(dot(y, Jx)).toBeCloseTo(dot(Jy, x), 12);
    expect(Math.abs(dot(y, Jx))).toBeGreaterThan(0.01);
    // The change of a sum that is always 1.
    for (const row of [0, 1])
      for (const plane of [Jx.u, Jx.ui])
        expect(plane.slice(row * width, (row + 1) * width).reduce((s, v) => s + v, 0)).toBeCloseTo(0, 12);
  });
});

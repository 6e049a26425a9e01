/**
 * Names of populations, projections and engines as types. `npm run types` compiles what is said here of them;
 * the runs hold the types to the names that circuits really have.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  layered,
  loop,
  nonideal,
  toy,
  type LayeredProjection,
  type LayerName,
  type LoopProjection,
} from "../../circuits";
import { ideal, shiftedSigmoid } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  stackChips,
  type train,
  type Chip,
  type Circuit,
  type CircuitSpec,
  type EngineName,
} from "../../src/index";

const PARTS = { neuron: shiftedSigmoid(), synapse: ideal() };
type Names<C> =
  C extends Circuit<infer P, infer J> ? { readonly populations: P; readonly projections: J } : never;

/** The names that a circuit has, which must be all that its type says, and no others. */
function named<P extends string, J extends string>(
  circuit: Circuit<P, J>,
  populations: Record<P, true>,
  projections: Record<J, true>,
): void {
  expect(circuit.populations.map(({ name }) => name).sort()).toEqual(Object.keys(populations).sort());
  expect(circuit.projections.map(({ name }) => name).sort()).toEqual(Object.keys(projections).sort());
}

describe("a design that code spells out", () => {
  it("has its names as types: layers", () => {
    named(layered([4, 2], PARTS), { input: true, output: true }, { "input-output": true });
    named(
      layered([4, 3, 2], PARTS),
      { input: true, l1: true, output: true },
      { "input-l1": true, "l1-output": true, "output-l1": true },
    );
    named(
      layered([5, 4, 3, 2, 2], PARTS),
      { input: true, l1: true, l2: true, l3: true, output: true },
      {
        "input-l1": true,
        "l1-l2": true,
        "l2-l3": true,
        "l3-output": true,
        "l2-l1": true,
        "l3-l2": true,
        "output-l3": true,
      },
    );
    const sizes = [4, 3, 2] as const;
    named(
      layered(sizes, { ...PARTS, feedback: "untied" }),
      { input: true, l1: true, output: true },
      { "input-l1": true, "l1-output": true, "output-l1": true },
    );
  });

  it("has its names as types: the other topologies", () => {
    named(
      loop([4, 3, 3, 2], PARTS),
      { input: true, l1: true, l2: true, output: true },
      { "input-l1": true, "l1-l2": true, "l2-output": true, "output-l1": true },
    );
    named(
      nonideal(),
      { input: true, l1: true, output: true },
      { "input-l1": true, "l1-output": true, "output-l1": true },
    );
    named(nonideal({ sizes: [4, 2] }), { input: true, output: true }, { "input-output": true });
    named(
      nonideal({ angle: 30 }),
      { input: true, l1: true, output: true },
      { "input-l1": true, "l1-output": true, "output-l1": true },
    );
    named(
      toy(PARTS),
      { input: true, hidden: true, output: true },
      { "input-hidden": true, "input-output": true, "hidden-output": true, "output-hidden": true },
    );
  });

  it("has its names as types: a graph", () => {
    const graph = defineCircuit({
      name: "pair",
      populations: [
        { name: "eye", size: 2 },
        { name: "hand", size: 2, neuron: PARTS.neuron },
      ],
      projections: [
        {
          name: "nerve",
          from: "eye",
          to: "hand",
          synapse: PARTS.synapse,
          initial: { distribution: "glorot" },
        },
      ],
      input: "eye",
      output: "hand",
      cost: { kind: "squared-error", argument: "activity" },
    });
    named(graph, { eye: true, hand: true }, { nerve: true });
    expectTypeOf(graph.population).parameters.toEqualTypeOf<["eye" | "hand"]>();
  });

  it("gives them to its chips and their phases", async () => {
    const chip = layered([4, 3, 2], PARTS).fabricate();
    expectTypeOf(chip.weights).parameters.toEqualTypeOf<["input-l1" | "l1-output" | "output-l1"]>();
    expectTypeOf(chip.setWeights).parameter(0).toEqualTypeOf<"input-l1" | "l1-output" | "output-l1">();
    expectTypeOf(chip.parametersOf).parameters.toEqualTypeOf<["input" | "l1" | "output"]>();
    expectTypeOf(chip.circuit.output.name).toEqualTypeOf<"input" | "l1" | "output">();
    const simulator = new Simulator(chip, await createEngine("reference"));
    expectTypeOf(simulator).toEqualTypeOf<Simulator<"input" | "l1" | "output">>();
    const { states } = await simulator.phase({ samples: 1, inputs: new Float64Array(4), steps: 3 });
    expectTypeOf(states.l1.re).toEqualTypeOf<Float64Array>();
    expectTypeOf<"l1">().toExtend<keyof typeof states>();
    expect(Object.keys(states)).toEqual(["l1", "output"]);
    expectTypeOf(stackChips([chip, chip]).circuit.population).parameters.toEqualTypeOf<
      ["input" | "l1" | "output"]
    >();
  });
});

describe("a design that code does not spell out", () => {
  it("has texts for names", () => {
    const sizes: readonly number[] = [4, 3, 2];
    expectTypeOf<Names<ReturnType<typeof layered<readonly number[]>>>>().toEqualTypeOf<{
      readonly populations: string;
      readonly projections: string;
    }>();
    const dynamic = layered(sizes, PARTS);
    expectTypeOf(dynamic.population).parameters.toEqualTypeOf<[string]>();
    expectTypeOf(dynamic.fabricate().weights).parameters.toEqualTypeOf<[string]>();
    expect(dynamic.fabricate().weights("input-l1").weights).toHaveLength(12);
    const plain = (spec: CircuitSpec) => defineCircuit(spec);
    expectTypeOf<ReturnType<typeof plain>["projection"]>().parameters.toEqualTypeOf<[string]>();
    expectTypeOf<
      [LayerName<number[]>, LayeredProjection<number[]>, LoopProjection<number[]>]
    >().toEqualTypeOf<[string, string, string]>();
  });

  it("is what every function takes, and what any design is", () => {
    expectTypeOf<Circuit<"a" | "b", "a-b">>().toExtend<Circuit>();
    expectTypeOf<Chip<"a" | "b", "a-b">>().toExtend<Chip>();
    expectTypeOf<Simulator<"a" | "b">>().toExtend<Simulator>();
    const any: Chip = layered([2, 2], PARTS).fabricate();
    expect(any.circuit.units).toBe(2);
  });
});

describe("engines", () => {
  it("are proposed by name, and any text is taken", () => {
    expectTypeOf<EngineName>().toExtend<Parameters<typeof createEngine>[0]>();
    expectTypeOf<string>().toExtend<Parameters<typeof createEngine>[0]>();
    expectTypeOf<"simd">().toExtend<NonNullable<Parameters<typeof train>[2]["engine"]>>();
    // A union of known names and of any text, which editors complete: plain text alone would have swallowed
    // the names.
    expectTypeOf<Parameters<typeof createEngine>[0]>().not.toEqualTypeOf<string>();
    expectTypeOf<Extract<Parameters<typeof createEngine>[0], "reference">>().toEqualTypeOf<"reference">();
  });
});

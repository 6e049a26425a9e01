/**
 * Circuits that do not hold together: each is refused with its code, its place and a remedy, within a second.
 */
import { describe, expect, it } from "vitest";
import { ideal, leakyIntegrator, softNeuron } from "../../devices";
import { defineCircuit, OhmletError, type CircuitSpec } from "../../src/index";
import { stopwatch } from "../stopwatch";

const neuron = leakyIntegrator();
const good: CircuitSpec = {
  name: "good",
  populations: [
    { name: "input", size: 2 },
    { name: "hidden", size: 3, neuron },
    { name: "output", size: 2, neuron },
  ],
  projections: [
    { name: "in", from: "input", to: "hidden", synapse: ideal(), initial: { distribution: "glorot" } },
    { name: "up", from: "hidden", to: "output", synapse: ideal(), initial: { distribution: "glorot" } },
    {
      name: "down",
      from: "output",
      to: "hidden",
      synapse: ideal(),
      initial: { distribution: "glorot" },
      feedback: { kind: "tied", to: "up" },
    },
  ],
  input: "input",
  output: "output",
  cost: { kind: "squared-error", argument: "state" },
};
const [inward, up, down] = good.projections;
const withProjections = (...projections: unknown[]): unknown => ({ ...good, projections });
const withHidden = (hidden: unknown): unknown => ({
  ...good,
  populations: [good.populations[0], hidden, good.populations[2]],
});

const CASES: readonly (readonly [what: string, code: string, spec: unknown])[] = [
  ["a text instead of a circuit", "CIRCUIT-TYPE", "circuit"],
  ["nothing", "CIRCUIT-TYPE", null],
  ["an unknown key", "CIRCUIT-KEY", { ...good, noise: 3 }],
  ["no populations", "CIRCUIT-TYPE", { ...good, populations: [] }],
  [
    "two populations of one name",
    "CIRCUIT-NAME",
    { ...good, populations: [...good.populations, good.populations[1]] },
  ],
  ["a hostile name: constructor", "CIRCUIT-NAME", withHidden({ name: "constructor", size: 3, neuron })],
  ["a hostile name: __proto__", "CIRCUIT-NAME", withHidden({ name: "__proto__", size: 3, neuron })],
  ["a name that is code", "CIRCUIT-NAME", withHidden({ name: "h];process.exit(1)//", size: 3, neuron })],
  ["a population of half a unit", "CIRCUIT-NUMBER", withHidden({ name: "hidden", size: 0.5, neuron })],
  ["a population of no unit", "CIRCUIT-NUMBER", withHidden({ name: "hidden", size: 0, neuron })],
  ["a giant population", "CIRCUIT-NUMBER", withHidden({ name: "hidden", size: 1e300, neuron })],
  [
    "more synapses than fit",
    "CIRCUIT-SIZE",
    { ...good, populations: good.populations.map((p) => ({ ...p, size: 1_000_000 })) },
  ],
  ["a population without a neuron", "CIRCUIT-NEURON", withHidden({ name: "hidden", size: 3 })],
  ["a projection from nowhere", "CIRCUIT-PORT", withProjections({ ...inward, from: "retina" }, up, down)],
  [
    "a projection into the clamped input",
    "CIRCUIT-PORT",
    withProjections(inward, up, down, { ...inward, name: "back", from: "hidden", to: "input" }),
  ],
  ["a population that nothing drives", "CIRCUIT-PORT", withProjections(inward)],
  ["an input that does not exist", "CIRCUIT-PORT", { ...good, input: "nothing" }],
  ["an output that is the input", "CIRCUIT-OUTPUT", { ...good, output: "input" }],
  [
    "feedback tied to itself",
    "CIRCUIT-FEEDBACK",
    withProjections(inward, up, { ...down, feedback: { kind: "tied", to: "down" } }),
  ],
  [
    "feedback that runs the same way",
    "CIRCUIT-SHAPE",
    withProjections(inward, up, { ...down, feedback: { kind: "tied", to: "in" } }),
  ],
  ["tied feedback with biases", "CIRCUIT-FEEDBACK", withProjections(inward, up, { ...down, bias: true })],
  [
    "an angle beyond half a turn",
    "CIRCUIT-NUMBER",
    withProjections(inward, up, { ...down, feedback: { kind: "angled", to: "up", angle: 400 } }),
  ],
  [
    "an unknown distribution",
    "CIRCUIT-CHOICE",
    withProjections({ ...inward, initial: { distribution: "cauchy" } }, up, down),
  ],
  ["an unknown cost", "CIRCUIT-CHOICE", { ...good, cost: { kind: "hinge", argument: "state" } }],
  [
    "a cost of something else",
    "CIRCUIT-CHOICE",
    { ...good, cost: { kind: "squared-error", argument: "voltage" } },
  ],
  [
    "a cost of one class",
    "CIRCUIT-NUMBER",
    { ...good, cost: { kind: "cross-entropy", argument: "activity", classes: 1 } },
  ],
  [
    "amperes into a neuron that takes numbers",
    "CIRCUIT-UNITS",
    withHidden({ name: "hidden", size: 3, neuron: softNeuron() }),
  ],
];

describe("a circuit that does not hold together", () => {
  it.each(CASES)("%s: %s", (_, code, spec) => {
    const elapsed = stopwatch();
    let caught: unknown;
    try {
      defineCircuit(spec as CircuitSpec);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(OhmletError);
    const error = caught as OhmletError;
    expect(error.code).toBe(code);
    expect(error.place?.where).toBeTruthy();
    expect(error.remedy).toBeTruthy();
    expect(elapsed()).toBeLessThan(1000);
  });

  it("is not the circuit that all of these were made of", () => {
    expect(defineCircuit(good).units).toBe(5);
  });
});

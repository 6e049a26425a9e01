/**
 * What defineNeuron and defineSynapse return may stand wherever a spec is asked for: the circuit is the same,
 * to the last byte of its plain data.
 */
import { describe, expect, it } from "vitest";
import { layered, loop, toy } from "../../circuits";
import { crossbar, ideal, shiftedSigmoid, softNeuron } from "../../devices";
import { circuitOf, runOf, studyFrom } from "../../src/config";
import { nodeOf } from "../../src/config/node";
import {
  defineCircuit,
  defineNeuron,
  defineSynapse,
  type Circuit,
  type CircuitDesign,
  type NeuronLike,
  type SynapseLike,
} from "../../src/index";
import { laws } from "../../src/robustness";

type Parts = { readonly neuron: NeuronLike; readonly synapse: SynapseLike };
const PARTS = { neuron: softNeuron({ C: { value: "1 pF", mismatch: "5 %" } }), synapse: crossbar() } as const;
const READ: Parts = { neuron: defineNeuron(PARTS.neuron), synapse: defineSynapse(PARTS.synapse) };

const graph = ({ neuron, synapse }: Parts): CircuitDesign => ({
  name: "pair",
  populations: [
    { name: "input", size: 2 },
    { name: "output", size: 2, neuron },
  ],
  projections: [{ name: "up", from: "input", to: "output", synapse, initial: { distribution: "glorot" } }],
  input: "input",
  output: "output",
  cost: { kind: "squared-error", argument: "activity" },
});
const RUN = {
  data: { kind: "generated" },
  estimator: { kind: "centred", amplitude: 0.3, freeSteps: 4, nudgedSteps: 4 },
  optimizer: { kind: "sgd", rate: 0.1 },
  epochs: 1,
  dt: "10 us",
};
const config = (circuit: object, devices?: object): Circuit =>
  circuitOf(runOf({ ...RUN, circuit, ...(devices && { devices }) }));

const BUILDERS: Readonly<Record<string, (parts: Parts) => Circuit>> = {
  layered: (parts) => layered([3, 4, 2], { ...parts, output: parts.neuron, input: parts.neuron }),
  loop: (parts) => loop([3, 4, 2], parts),
  toy: (parts) => toy(parts),
  "a graph": (parts) => defineCircuit(graph(parts)),
  "the topology of a config": (parts) => config({ topology: "layered", sizes: [3, 4, 2], ...parts }),
  "the graph of a config": (parts) => config(graph(parts)),
  "a device of a config": ({ neuron, synapse }) =>
    config(
      { topology: "layered", sizes: [3, 4, 2], neuron: "mine", synapse: "yours" },
      { mine: neuron, yours: synapse },
    ),
};

describe("devices that were read", () => {
  it.each(Object.entries(BUILDERS))("stand in for their specs: %s", (_, build) => {
    const [a, b] = [build(PARTS), build(READ)];
    expect(JSON.stringify(b.spec)).toBe(JSON.stringify(a.spec));
    expect(b.toString()).toBe(a.toString());
    expect(b.fabricate({ seed: 3 }).arrays()).toEqual(a.fabricate({ seed: 3 }).arrays());
  });

  it("are read again as they are", () => {
    expect(JSON.stringify(defineNeuron(defineNeuron(PARTS.neuron)))).toBe(
      JSON.stringify(defineNeuron(PARTS.neuron)),
    );
    expect(JSON.stringify(defineSynapse(defineSynapse(PARTS.synapse)))).toBe(
      JSON.stringify(defineSynapse(PARTS.synapse)),
    );
  });

  it("are told from plain data that have a key of that name, as a study has", () => {
    const study = studyFrom(
      nodeOf({
        name: "s",
        run: { ...RUN, circuit: "nonideal" },
        vary: { epochs: [1] },
        spec: { accuracy: ">= 0.9" },
      }),
    );
    expect(study.study.spec).toEqual([{ measure: "accuracy", sign: ">=", bound: 0.9 }]);
  });

  it("are the plain data of the circuit", () => {
    const { spec } = layered([3, 4, 2], READ);
    expect(defineCircuit(JSON.parse(JSON.stringify(spec)) as CircuitDesign).spec).toEqual(spec);
  });

  it("of the wrong kind are refused as their specs are", () => {
    const swap = (synapse: unknown) => () =>
      layered([2, 2], { neuron: shiftedSigmoid(), synapse: synapse as SynapseLike });
    expect(swap(defineNeuron(PARTS.neuron))).toThrow(expect.objectContaining({ code: "DEVICE-SPEC" }));
    expect(() =>
      layered([2, 2], { neuron: defineSynapse(ideal()) as unknown as NeuronLike, synapse: ideal() }),
    ).toThrow(expect.objectContaining({ code: "DEVICE-SPEC" }));
  });

  it("may be tried by a law", async () => {
    const trial = { nodes: 400 };
    expect(await laws.thermal(defineNeuron(softNeuron()), trial)).toEqual(
      await laws.thermal(softNeuron(), trial),
    );
  });
});

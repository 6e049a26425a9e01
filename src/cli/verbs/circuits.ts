/** `ohmlet circuits`: the catalogue of circuits, their graphs, and chips drawn from them. */
import { hasDevices } from "../../circuit/owner";
import type { Circuit, Projection } from "../../circuit/chip-types";
import { choose } from "../look-up";
import { looksLikeFile } from "../load-config";
import { columns } from "../../printable";
import { COMMON, IDLE, defineVerb } from "../verb";

export const circuits = defineVerb({
  name: "circuits",
  summary: "list the circuits of the catalogue, or print one: its populations, projections and counts",
  description:
    "A circuit is a graph of populations of neurons and projections of synapses: a design, without " +
    "random draws. With --seed a chip is fabricated from it, and the spread of its parameters is " +
    "shown.",
  options: {
    json: COMMON.json,
    ...IDLE,
    seed: { ...IDLE.seed, help: "fabricate a chip with this seed, and show what its parameters came to" },
  },
  positionals: {
    name: "NAME",
    help: "the circuit to print, or a file of a circuit or a run; without it, all are listed",
  },
  examples: [
    { command: "circuits", what: "what there is" },
    { command: "circuits nonideal", what: "the default chip's design" },
    {
      command: "circuits nonideal --seed 7",
      what: "one chip of that design: mean and spread of its parameters",
    },
    { command: "circuits configs/p-1h.yaml", what: "the circuit of a config file" },
    { command: "circuits toy --json", what: "the design as plain data" },
  ],
  async run({ options: { seed }, positionals: [name] }, io) {
    const { catalogue } = await import("../../../circuits");
    if (name === undefined) {
      io.print(
        "Circuits",
        ...columns(catalogue.map((entry) => [entry.name, entry.summary])),
        "",
        `${io.program} circuits NAME  prints one`,
      );
      io.emit({ circuits: catalogue.map(({ name: key, summary }) => ({ name: key, summary })) });
      return 0;
    }
    const circuit = looksLikeFile(name)
      ? (await (await import("../load-config")).loadCircuit(name)).circuit
      : choose(name, "circuit", new Map(catalogue.map((entry) => [entry.name, entry]))).build();
    const projections = circuit.projections.map((p) => ({
      name: p.name,
      from: p.from.name,
      to: p.to.name,
      trained: trainedOf(p),
    }));
    const readout =
      circuit.spec.cost.kind === "cross-entropy" ? (circuit.output.size + 1) * circuit.spec.cost.classes : 0;
    const trained = projections.reduce((sum, p) => sum + p.trained, readout);
    const drawn = seed === undefined ? [] : drawnOf(circuit, seed);

    io.print(...circuit.toString().split("\n"));
    io.print(`${trained} trained parameters${readout > 0 ? `, ${readout} of them in the readout` : ""}`);
    if (seed !== undefined) {
      const rows = drawn.map((d) => [
        d.population,
        d.parameter,
        d.mean.toPrecision(4),
        `+- ${(100 * d.spread).toFixed(2)} %`,
      ]);
      io.print(
        `chip with seed ${seed}: parameters as fabricated, SI`,
        ...(rows.length > 0 ? columns(rows) : ["  none varies from neuron to neuron"]),
      );
    }
    io.emit({
      name,
      summary: circuit.spec.summary,
      neurons: circuit.units,
      populations: circuit.populations.map((p) => ({
        name: p.name,
        size: p.size,
        ...(p.shape !== undefined && { shape: p.shape }),
        neuron: p.neuron?.name ?? null,
        clamped: p.clamped,
      })),
      projections,
      trainedParameters: trained,
      ...(seed !== undefined && { chip: { seed, parameters: drawn } }),
      spec: circuit.spec,
    });
    return 0;
  },
});

/** Weights and biases of its own; a tied projection reads another's. */
function trainedOf(p: Projection): number {
  const { array, bias } = p;
  return !hasDevices(p) ? 0 : (array.pre + (bias ? 1 : 0)) * array.post;
}

interface Drawn {
  readonly population: string;
  readonly parameter: string;
  /** SI. */
  readonly mean: number;
  /** Standard deviation over the population, relative to the mean. */
  readonly spread: number;
}

/** The parameters of a fabricated chip that differ from neuron to neuron. */
function drawnOf(circuit: Circuit, seed: number): Drawn[] {
  const chip = circuit.fabricate({ seed });
  return circuit.populations
    .filter((p) => p.neuron !== null)
    .flatMap((p) =>
      Object.entries(chip.parametersOf(p.name)).flatMap(([parameter, values]) => {
        if (typeof values === "number") return [];
        const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
        const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
        return [{ population: p.name, parameter, mean, spread: Math.sqrt(variance) / Math.abs(mean) }];
      }),
    );
}

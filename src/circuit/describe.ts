/** Circuits, chips and their parts as a person reads them. */
import { differs } from "../device/parameter";
import { count, type Describe } from "../display";
import { columns } from "../printable";
import { spreadText } from "../device/datasheet";
import type { Parameter } from "../device/types";
import { describeDimension } from "../units/dimension";
import { formatQuantity } from "../units/format";
import type { Chip, Circuit, Population, Projection } from "./chip-types";
import { hasDevices, ownerOf } from "./owner";
import type { Wiring } from "./wiring/types";

export const describeCircuit: Describe<Circuit> = (circuit) => {
  const { cost, summary } = circuit.spec;
  const costText =
    cost.kind === "squared-error"
      ? `squared error of the output's ${cost.argument}${cost.doubled ? ", its first half less its second" : ""}`
      : cost.kind === "equation"
        ? `${cost.equation.trim().replace(/\s*\n\s*/g, "; ")}` +
          (typeof cost.weights === "string" ? `, and of each weight ${cost.weights}` : "")
        : `cross-entropy of ${cost.classes} classes, read linearly from the output's ${cost.argument}`;
  return [
    circuit.name + (summary ? `: ${summary}` : ""),
    "populations",
    ...columns(circuit.populations.map((p) => [...populationRow(p), roleOf(p, circuit)])),
    "projections",
    ...columns(circuit.projections.map(projectionRow)),
    `cost: ${costText}${cost.ascend ? " (nudged up the cost)" : ""}`,
    sizeOf(circuit),
  ];
};

const sizeOf = (circuit: Circuit): string =>
  `${count(circuit.units, "neuron")}, ${count(
    circuit.projections.reduce((sum, p) => sum + synapsesOf(p), 0),
    "synapse",
  )}`;

/** Devices of an array, biases included. */
const synapsesOf = ({ array, bias, couples }: Projection): number =>
  couples === null ? (array.pre + (bias ? 1 : 0)) * array.post : 0;

const populationRow = ({ name, size, dataSize, shape, neuron, spec }: Population): string[] => [
  name,
  spec.encoding !== undefined
    ? `${size} of ${count(dataSize, "value")}`
    : shape === undefined
      ? String(size)
      : `${size} (${shape.join(" x ")})`,
  neuron?.name ?? "data",
];

const roleOf = (population: Population, { output }: Circuit): string =>
  [population.clamped ? "clamped input" : "", population === output ? "output" : ""]
    .filter(Boolean)
    .join(", ");

const projectionRow = ({
  name,
  from,
  to,
  synapse,
  bias,
  spec,
  wiring,
  array,
  couples,
}: Projection): string[] => [
  name,
  `${from.name} → ${to.name}`,
  synapse.name,
  `${wiring === null ? `${from.size} × ${to.size}` : wiringText(wiring, array)}${bias ? " + bias" : ""}`,
  [
    spec.feedback?.kind === "tied" ? `tied to ${spec.feedback.to}` : "",
    spec.feedback?.kind === "angled" ? `at ${spec.feedback.angle} degrees to ${spec.feedback.to}` : "",
    spec.asymmetry ? `asymmetry ${spec.asymmetry}` : "",
    couples === null ? "" : `of the ${couples.side} of ${couples.owner}`,
  ]
    .filter(Boolean)
    .join(", "),
];

/** What it is wired by, and how often its devices are used. */
function wiringText({ members, pool, kind }: Wiring, { pre, post }: Projection["array"]): string {
  const places = members.reduce((sum, { at }) => sum + at.length, 0);
  const pooled = pool === null ? "" : `, ${pool} of ${members.length}`;
  return `${kind}: ${pre} × ${post}, at ${places} places${pooled}`;
}

export const describePopulation: Describe<Population> = ({ name, size, neuron, clamped }) => [
  `population ${name}: ${count(size, "unit")} of ${neuron?.name ?? "data"}${clamped ? ", clamped" : ""}` +
    (neuron === null ? "" : `, ${stateOf({ neuron })}`),
];

const stateOf = ({ neuron }: Pick<Population, "neuron">): string =>
  neuron === null ? "" : `state in ${describeDimension(neuron.dimensions.u)}`;

export const describeProjection: Describe<Projection> = (projection) => {
  const [name, ends, synapse, shape, feedback] = projectionRow(projection);
  const note = feedback === "" ? "" : `, ${feedback}`;
  return [
    `projection ${name}: ${ends}, ${shape} of ${synapse}, ${count(synapsesOf(projection), "synapse")}${note}`,
  ];
};

/** Of the design and the seed only: what a chip stores may be elsewhere, and printing fetches nothing. */
export const describeChip: Describe<Chip> = (chip) => {
  const { circuit, seed, readout } = chip;
  const arrays = circuit.projections.filter(hasDevices);
  const numbers = arrays.reduce((sum, p) => sum + Object.keys(p.synapse.stored).length * synapsesOf(p), 0);
  const digital = readout === null ? 0 : readout.weights.length + readout.biases.length;
  return [
    `chip of ${circuit.name}, seed ${seed}: ${sizeOf(circuit)}`,
    "neurons",
    ...columns(
      circuit.populations.map((p) => [
        ...populationRow(p),
        roleOf(p, circuit),
        stateOf(p),
        drawnIn(p.neuron?.parameters),
      ]),
    ),
    "devices",
    ...columns(circuit.projections.map((p) => (arrays.includes(p) ? arrayRow(p) : tiedRow(p)))),
    `trainable: ${count(numbers, "stored number")} in ${count(arrays.length, "array")}` +
      (digital === 0 ? "" : `, ${digital} in the readout`),
  ];
};

function arrayRow(projection: Projection): string[] {
  const { name, synapse } = projection;
  const held = Object.entries(synapse.stored).map(([one, { dimension }]) => {
    const unit = describeDimension(dimension);
    return unit === "1" ? one : `${one} (${unit})`;
  });
  return [
    name,
    synapse.name,
    count(synapsesOf(projection), "synapse"),
    `stores ${held.join(", ")}`,
    drawnIn(synapse.parameters),
  ];
}

const tiedRow = (projection: Projection): string[] => [
  projection.name,
  projection.synapse.name,
  count(synapsesOf(projection), "synapse"),
  projection.couples === null
    ? `reads ${ownerOf(projection)} backwards`
    : `joins ${projection.couples.side} of ${projection.couples.owner}`,
];

/** The parameters that fabrication drew, with their spreads. */
function drawnIn(parameters: Readonly<Record<string, Parameter>> = {}): string {
  const drawn = Object.values(parameters).filter(differs);
  const texts = drawn.map((p) => `${p.name} = ${formatQuantity(p.value)} ${spreadText(p)}`);
  return texts.length === 0 ? "" : `drawn: ${texts.join(", ")}`;
}

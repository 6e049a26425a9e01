/**
 * Fabrication: a circuit and a seed become a chip. Every draw is keyed by what it is for (projection,
 * parameter, index), so that changing one part of a design leaves all other draws as they were.
 */
import { OhmletError } from "../errors";
import { gigabytes, memoryLimit } from "../memory";
import { differs } from "../device/parameter";
import type { Parameter } from "../device/types";
import { checkSeed, streamOf, normal, uniform } from "../random";
import { ArrayOfSynapses } from "./synapse-array";
import { FabricatedChip } from "./chip";
import { drawParameters } from "./draw";
import type { Chip, Circuit, Population, Projection, Readout } from "./chip-types";
import type { InitialWeights } from "./types";

/**
 * @throws OhmletError ENGINE-SEED; CIRCUIT-SIZE where the chip would take more than half of the machine's
 *   memory
 */
export function fabricate(circuit: Circuit, seed: number): Chip {
  checkSeed(seed, `${circuit.name}, seed of fabrication`);
  expectRoomFor(circuit);
  const parameters = new Map(
    circuit.populations
      .filter((p) => p.neuron !== null)
      .map((p) => {
        const units = { rows: 1, columns: p.size, key: `population/${p.name}` };
        return [p.name, drawParameters(p.neuron?.parameters ?? {}, units, seed)];
      }),
  );
  const arrays = new Map<string, ArrayOfSynapses>();
  for (const p of circuit.projections)
    if (p.spec.feedback?.kind !== "tied")
      arrays.set(p.name, new ArrayOfSynapses(p, seed, arrays.get(p.couples?.owner ?? "") ?? null));
  const gains = new Map(
    circuit.projections.filter((p) => (p.spec.asymmetry ?? 0) > 0).map((p) => [p.name, drawGains(p, seed)]),
  );
  const chip = new FabricatedChip(circuit, seed, parameters, arrays, gains, drawReadout(circuit, seed));
  // Written and verified, as arrays are before they are put to use: the mismatch of a pair of devices would
  // otherwise be a random weight of its own. What training does later is open loop. Gains are not made up
  // for: the asymmetry of a design is what remains after such care.
  for (const [p, weight] of initialWeights(circuit, seed)) {
    const unit = chip.unitDriveOf(p.to.name);
    chip.write(p.name, (into, from) => {
      for (let k = 0; k < into.length; k++) into[k] = unit * weight(from + k);
    });
  }
  return chip;
}

/** Before anything is drawn: a short text may ask for more than any machine has. */
function expectRoomFor(circuit: Circuit): void {
  const [bytes, most] = [8 * numbersOf(circuit), memoryLimit()];
  if (bytes <= most) return;
  throw new OhmletError({
    code: "CIRCUIT-SIZE",
    fact:
      `a chip of this circuit takes ${gigabytes(bytes)}, more than the ${gigabytes(most)} that are half ` +
      "of this machine's memory",
    place: { where: circuit.name },
    remedy: "make the populations smaller, or leave out spreads of parameters: each is a number a device",
  });
}

/**
 * Numbers that a chip keeps: what devices store, parameters that differ from device to device, gains, the
 * readout.
 */
function numbersOf({ populations, projections, output, spec: { cost } }: Circuit): number {
  const spread = (parameters: Readonly<Record<string, Parameter>>): number =>
    Object.values(parameters).filter(differs).length;
  const neurons = populations.reduce(
    (sum, { size, neuron }) => sum + size * spread(neuron?.parameters ?? {}),
    0,
  );
  const synapses = projections.reduce((sum, { array, bias, synapse, spec: { feedback, asymmetry = 0 } }) => {
    const own =
      feedback?.kind === "tied" ? 0 : Object.keys(synapse.stored).length + spread(synapse.parameters);
    return sum + (array.pre + (bias ? 1 : 0)) * array.post * (own + (asymmetry > 0 ? 1 : 0));
  }, 0);
  return neurons + synapses + (cost.kind === "cross-entropy" ? (output.size + 1) * cost.classes : 0);
}

/** A fixed gain 1 + asymmetry * xi for every synapse, in the projection's own [pre(+1), post] layout. */
function drawGains(p: Projection, seed: number): Float64Array {
  const stream = streamOf(`asymmetry/${p.name}`);
  const sd = p.spec.asymmetry ?? 0;
  return Float64Array.from(
    { length: (p.array.pre + (p.bias ? 1 : 0)) * p.array.post },
    (_, i) => 1 + sd * normal(seed, stream, 0, i),
  );
}

/**
 * A logical weight by its index in the projection's own [pre(+1), post] layout, the biases in the last line.
 */
type WeightAt = (index: number) => number;

/**
 * Weights before programming. None is kept: large arrays would stay in the process's memory long after.
 * Angled feedback draws its forward weights once more (Laborieux and Zenke 2023, section 4).
 */
function initialWeights(circuit: Circuit, seed: number): Map<Projection, WeightAt> {
  const drawn = new Map<Projection, WeightAt>();
  for (const p of circuit.projections) {
    const { feedback } = p.spec;
    if (feedback === undefined && p.couples === null) drawn.set(p, drawWeights(p, seed));
    if (feedback?.kind !== "angled") continue;
    const [own, forward] = [drawWeights(p, seed), drawWeights(circuit.projection(feedback.to), seed)];
    const angle = (feedback.angle * Math.PI) / 180;
    const { pre, post } = p.array;
    // A wiring is read backwards as it is; what is all to all is transposed.
    const there = (k: number): number => (p.wiring === null ? (k % post) * pre + Math.floor(k / post) : k);
    drawn.set(p, (k) =>
      k >= pre * post ? own(k) : Math.fround(Math.sin(angle) * own(k) + Math.cos(angle) * forward(there(k))),
    );
  }
  return drawn;
}

function drawWeights(p: Projection, seed: number): WeightAt {
  const { pre, post } = p.array;
  const fan = p.wiring?.fan ?? { in: pre, out: post };
  const draw = drawer(p.spec.initial, fan.in, fan.out, seed, streamOf(`weights/${p.name}`));
  // Biases start at zero but for "fan-in", which draws them like weights (Ernoult 2019's code: torch's
  // Linear).
  const biased = p.spec.initial.distribution === "fan-in";
  // Numbers of float32, so that every engine begins with the same chip to the last bit.
  return (k) => (k < pre * post || biased ? Math.fround(draw(k)) : 0);
}

function drawer(
  { distribution, scale = 1 }: InitialWeights,
  fanIn: number,
  fanOut: number,
  seed: number,
  stream: number,
): (index: number) => number {
  const within = (bound: number) => (i: number) => scale * bound * (2 * uniform(seed, stream, 0, i) - 1);
  switch (distribution) {
    case "zero":
      return () => 0;
    case "fan-in":
      return within(1 / Math.sqrt(fanIn));
    case "glorot":
      return within(Math.sqrt(6 / (fanIn + fanOut)));
    case "lecun":
      return (i) => (scale / Math.sqrt(fanIn)) * normal(seed, stream, 0, i);
  }
}

/** Torch's and flax's habit for a small linear layer: normal, sd 1/sqrt(inputs), biases 0. */
function drawReadout(circuit: Circuit, seed: number): Readout | null {
  const cost = circuit.spec.cost;
  if (cost.kind !== "cross-entropy") return null;
  const output: Population = circuit.output;
  const stream = streamOf("readout");
  return {
    weights: Float64Array.from(
      { length: output.size * cost.classes },
      (_, i) => normal(seed, stream, 0, i) / Math.sqrt(output.size),
    ),
    biases: new Float64Array(cost.classes),
  };
}

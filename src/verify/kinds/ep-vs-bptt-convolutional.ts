/**
 * The convolutional cases of ep-vs-bptt (Ernoult 2019, P-conv): kernels without padding, the largest of 2 x 2, a
 * classifier that is all to all; a discrete map. Cases have channels first, [channels, rows, columns], kernels
 * [out, in, rows, columns] and count from the classifier; circuits have channels last and count from the input.
 */
import { ideal, prototypical, type OutputFunction } from "../../../devices";
import { convolutional } from "../../../circuits";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import {
  cumulated,
  epBesideBptt,
  relativeError,
  type EpBesideBptt,
  type Paths,
} from "../../learning/ep-beside-bptt";
import type { Batch } from "../../learning/types";
import { fault, type CaseValue } from "../case";
import { cosine, largestOf, type Comparison, type Quotient } from "../compare";
import { checkSize, checkWork, MOST_STEPS, MOST_UNITS, type Bench } from "../kind";
import { amplitudeOf, joined, RATIO, ratioOf, total } from "./ep-vs-bptt-paths";

/** An array as a case has it, and from where in the circuit's order each of its values comes. */
interface Ordered {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: Int32Array;
}

interface Tensor extends Ordered {
  readonly projection: string;
  readonly part: "weights" | "biases";
  /** Positions at which each of its values is used. */
  readonly uses: number;
}

interface Layer extends Ordered {
  readonly population: string;
}

interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  readonly steps: { readonly free: number; readonly nudged: number };
  /** From the classifier. */
  readonly layers: readonly Layer[];
  readonly tensors: readonly Tensor[];
}

/** Pooled in cases. */
const WINDOW = 2;

export async function convolutionalKind(
  given: CaseValue,
  rho: Extract<OutputFunction, "tanh" | "sigmoid" | "hard-sigmoid">,
  { engine, reference, check }: Bench,
): Promise<void> {
  const model = build(given, rho);
  const { chip, batch, steps, layers, tensors } = model;
  const exactly = new Simulator(chip, reference);
  const simulator = new Simulator(chip, engine);
  try {
    const options = { freeSteps: steps.free, steps: steps.nudged };
    const { bptt, reference: exact } = await epBesideBptt(exactly, batch, { ...options, amplitude: 1e-3 });
    given
      .at("sT")
      .items(layers.length)
      .forEach((layer, n) => check.exact(layer, shapeOf(layers[n], batch), stateOf(layers[n], bptt.states)));
    const last = layers.map((layer) => stateOf(layer, bptt.states));
    check.exact(given.at("n_saturated"), [layers.length], last.map(saturated), { floor: 1 });
    const range = last.flatMap((state) => [Math.min(...state), Math.max(...state)]);
    check.exact(given.at("state_range"), [layers.length, 2], range);
    const indices = argmaxOf(model, bptt.states);
    given
      .at("argmax_flat_index")
      .items(indices.length)
      .forEach((index, n) => check.exact(index, shapeOf(layers[n + 1], batch), indices[n]));
    check.exactNumber(given.at("loss"), bptt.cost);
    for (const tensor of tensors)
      check.exact(
        given.at("BPTT_total").at(tensor.name),
        tensor.shape,
        inOrder(tensor, total(pathOf(exact, tensor))).map((x) => -x),
      );
    for (const [key, results] of given.at("results").named()) {
      const amplitude = amplitudeOf(key, results);
      const found = await epBesideBptt(simulator, batch, { ...options, amplitude });
      const size = largestOf(layers.map(({ population }) => found.nudged[population].re));
      comparePaths(results, model, { ...found, reference: exact }, { beta: amplitude, dt: 1, size }, check);
    }
  } finally {
    exactly.dispose();
    simulator.dispose();
  }
}

function comparePaths(
  results: CaseValue,
  { layers, tensors, steps, batch }: Model,
  { ep, reference, nudged }: Pick<EpBesideBptt, "ep" | "reference" | "nudged">,
  quotient: Quotient,
  check: Comparison,
): void {
  const [output] = layers;
  results
    .at("s_nudged")
    .items(layers.length)
    .forEach((layer, n) => check.states(layer, shapeOf(layers[n], batch), stateOf(layers[n], nudged)));
  check.quotients(
    results.at("dS_output"),
    [steps.nudged, ...output.shape],
    joined(ep.states[output.population]),
    quotient,
  );
  for (const { name, population } of layers) {
    const [a, b] = [ep.states[population], reference.states[population]];
    check.quotients(results.at("RelMSE_state").at(name), [], [relativeError(a, b)], ...ratioOf(b, quotient));
  }
  for (const tensor of tensors) {
    const [a, b] = [pathOf(ep, tensor), pathOf(reference, tensor)];
    const { name, shape, uses } = tensor;
    check.quotients(results.at("EP_total").at(name), shape, inOrder(tensor, total(a)), {
      ...quotient,
      uses,
    });
    check.quotients(
      results.at("RelMSE_weights_cumulated").at(name),
      [],
      [relativeError(cumulated(a), cumulated(b))],
      ...ratioOf(b, quotient),
    );
    check.quotients(results.at("cos_total").at(name), [], [cosine([total(a)], [total(b)])], quotient, {
      floor: RATIO,
    });
  }
}

/**
 * Where in the map of its kernel the largest of each window is, [samples, channels, rows, columns] of each
 * layer from the classifier: by the weights, directly.
 */
function argmaxOf({ chip, batch, layers }: Model, states: EpBesideBptt["nudged"]): Float64Array[] {
  return layers.slice(1).map((layer) => {
    const forward = chip.circuit.projections.find(
      ({ to, spec }) => to.name === layer.population && spec.feedback === undefined,
    );
    if (forward === undefined || forward.wiring === null) return fault("", `nothing drives ${layer.name}`);
    const { from, to, wiring, array } = forward;
    const { weights } = chip.weights(forward.name);
    const below = from.clamped ? Float64Array.from(batch.inputs) : states[from.name].re;
    const places = wiring.members.map(({ pres, posts, at, block }) => {
      const map = new Float64Array(batch.samples * to.size);
      for (let s = 0; s < batch.samples; s++)
        at.forEach((weight, k) => {
          for (let i = 0; i < block.pre; i++)
            for (let j = 0; j < block.post; j++)
              map[s * to.size + posts[k] + j] +=
                below[s * from.size + pres[k] + i] * weights[weight + i * array.post + j];
        });
      return map;
    });
    const [, columns, channels] = to.shape ?? [0, 0, 1];
    const index = places[0].map((_, unit) => {
      const best = places.reduce((most, map, k) => (map[unit] > places[most][unit] ? k : most), 0);
      const site = Math.floor((unit % to.size) / channels);
      const [row, column] = [Math.floor(site / columns), site % columns];
      return (
        (row * WINDOW + Math.floor(best / WINDOW)) * columns * WINDOW + column * WINDOW + (best % WINDOW)
      );
    });
    return inOrder(layer, index);
  });
}

const shapeOf = ({ shape }: Ordered, { samples }: Batch): readonly number[] => [samples, ...shape];
const pathOf = (paths: Paths, { projection, part }: Tensor): readonly Float64Array[] =>
  paths[part][projection];
/** Units at which the hard sigmoid is flat. */
const saturated = (values: Float64Array): number => values.filter((x) => x <= 0 || x >= 1).length;

/** Values of the circuit, rows of them, in the order of the case. */
function inOrder({ from }: Ordered, values: Float64Array): Float64Array {
  return Float64Array.from(
    values,
    (_, k) => values[Math.floor(k / from.length) * from.length + from[k % from.length]],
  );
}

/** Values of the case, rows of them, in the order of the circuit. */
function outOfOrder({ from }: Ordered, values: Float64Array): Float64Array {
  const out = new Float64Array(values.length);
  values.forEach((x, k) => (out[Math.floor(k / from.length) * from.length + from[k % from.length]] = x));
  return out;
}

const stateOf = (layer: Layer, states: EpBesideBptt["nudged"]): Float64Array =>
  inOrder(layer, states[layer.population].re);

const plain = (size: number): Int32Array => Int32Array.from({ length: size }, (_, k) => k);

/** [channels, sites] from [sites, channels]. */
const channelsFirst = (sites: number, channels: number): Int32Array =>
  Int32Array.from({ length: sites * channels }, (_, k) => (k % sites) * channels + Math.floor(k / sites));

function build(given: CaseValue, rho: "tanh" | "sigmoid" | "hard-sigmoid"): Model {
  const hyper = given.at("hyper");
  hyper.find("beta")?.number();
  hyper.find("batch")?.number();
  const side = hyper.at("input").count(MOST_UNITS);
  const outputs = hyper.at("nout").count(MOST_UNITS);
  const fromInput = hyper
    .at("channels_from_classifier")
    .items()
    .map((channels) => channels.count(MOST_UNITS))
    .reverse();
  const params = given.at("params");
  const kernels = fromInput.slice(1).map((_, i) => params.at(`convW${fromInput.length - 2 - i}`));
  const kernel = kernels[0].items()[0].items()[0].length();
  const samples = given.at("x").length();
  const [inputs, ...hidden] = fromInput;
  const circuit = convolutional({
    shape: [side, side, inputs],
    layers: hidden.map((channels) => ({ channels, kernel, pool: { kind: "max", window: WINDOW } })),
    outputs,
    neuron: prototypical({ rho }),
    synapse: ideal(),
  });
  const chip = circuit.fabricate();
  const populations = circuit.populations.slice(1, -1);
  const layers: Layer[] = [
    { name: "s0", population: "output", shape: [outputs], from: plain(outputs) },
    ...[...populations].reverse().map(({ name, shape = [0, 0, 0] }, n): Layer => {
      const [rows, columns, channels] = shape;
      return {
        name: `s${n + 1}`,
        population: name,
        shape: [channels, rows, columns],
        from: channelsFirst(rows * columns, channels),
      };
    }),
  ];
  const tensors = tensorsOf(
    fromInput,
    side,
    kernel,
    circuit.projections.map(({ name }) => name),
    layers[1],
    outputs,
  );
  for (const { name, projection, part, shape, from } of tensors) {
    if (part === "biases") continue;
    const biases = tensors.find((t) => t.projection === projection && t.part === "biases");
    chip.setWeights(projection, {
      weights: outOfOrder({ name, shape, from }, params.at(name).array(shape)),
      biases: biases === undefined ? null : params.at(biases.name).array(biases.shape),
    });
  }
  const steps = { free: hyper.at("T").count(MOST_STEPS), nudged: hyper.at("K").count(MOST_STEPS) };
  checkSize(chip, samples);
  checkWork(chip, samples, steps.free + 4 * steps.nudged);
  const input: Ordered = { name: "x", shape: [inputs, side, side], from: channelsFirst(side * side, inputs) };
  return {
    chip,
    steps,
    layers,
    tensors,
    batch: {
      samples,
      inputs: outOfOrder(input, given.at("x").array([samples, ...input.shape])),
      targets: given.at("y").array([samples, outputs]),
    },
  };
}

function tensorsOf(
  fromInput: readonly number[],
  side: number,
  kernel: number,
  projections: readonly string[],
  classified: Layer,
  outputs: number,
): readonly Tensor[] {
  const layers = fromInput.length - 1;
  if (layers < 1) fault("hyper/channels_from_classifier", "there is no layer of kernels");
  const taps = kernel * kernel;
  // Positions of the kernels of each layer, from the input on.
  const sides = [side];
  for (let i = 0; i < layers; i++) sides.push(Math.floor((sides[i] - kernel + 1) / WINDOW));
  const convolutions = Array.from({ length: layers }, (_, n): Tensor[] => {
    // Kernel n leads to the layer that is n before the classifier.
    const [pre, post] = [fromInput[layers - 1 - n], fromInput[layers - n]];
    const projection = projections[layers - 1 - n];
    const uses = (WINDOW * sides[layers - n]) ** 2;
    return [
      {
        name: `convW${n}`,
        projection,
        part: "weights",
        uses,
        shape: [post, pre, kernel, kernel],
        from: Int32Array.from({ length: post * pre * taps }, (_, k) => {
          const [out, into, tap] = [Math.floor(k / (pre * taps)), Math.floor(k / taps) % pre, k % taps];
          return (tap * pre + into) * post + out;
        }),
      },
      { name: `convb${n}`, projection, part: "biases", uses, shape: [post], from: plain(post) },
    ];
  }).flat();
  const units = classified.from.length;
  return [
    ...convolutions,
    {
      name: "fcW",
      projection: projections[layers],
      part: "weights",
      uses: 1,
      shape: [outputs, units],
      from: Int32Array.from(
        { length: outputs * units },
        (_, k) => classified.from[k % units] * outputs + Math.floor(k / units),
      ),
    },
    {
      name: "fcb",
      projection: projections[layers],
      part: "biases",
      uses: 1,
      shape: [outputs],
      from: plain(outputs),
    },
  ];
}

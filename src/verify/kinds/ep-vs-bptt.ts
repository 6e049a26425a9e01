/**
 * Equilibrium propagation beside backpropagation through time, step by step (Ernoult 2019): the toy, layers
 * with an energy (in the mode "code" the output lacks the slope of its output) and the prototypical map. Layers
 * count from the output: W0 leads from layer 1 to the output and is [post, pre]; b0 is the output's.
 */
import { energyBased, ideal, leakyIntegrator, prototypical, type OutputFunction } from "../../../devices";
import { layered, layerNames, toy, type LayeredOptions } from "../../../circuits";
import type { NeuronSpec } from "../../device/types";
import type { Chip } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import {
  cumulated,
  epBesideBptt,
  relativeError,
  signAgreement,
  type EpBesideBptt,
  type Paths,
} from "../../learning/ep-beside-bptt";
import type { Batch } from "../../learning/types";
import { transpose } from "../arrays";
import { fault, type CaseValue } from "../case";
import { cosine, largestOf, type Comparison, type Quotient } from "../compare";
import { checkSize, checkWork, MOST_STEPS, MOST_UNITS, type Bench } from "../kind";
import { convolutionalKind } from "./ep-vs-bptt-convolutional";
import { amplitudeOf, joined, RATIO, ratioOf, total } from "./ep-vs-bptt-paths";

/** A tensor of the case: its name there, and where it stands in the circuit. */
interface Tensor {
  readonly name: string;
  readonly projection: string;
  readonly part: "weights" | "biases";
  readonly post: number;
  readonly pre: number;
}

interface Model {
  readonly chip: Chip;
  readonly batch: Batch;
  /** 1 for the map. */
  readonly dt: number;
  readonly discrete: boolean;
  readonly steps: { readonly free: number; readonly nudged: number };
  /** Unclamped layers from the output. */
  readonly layers: readonly { readonly name: string; readonly size: number }[];
  readonly tensors: readonly Tensor[];
}

type Activation = Extract<OutputFunction, "tanh" | "sigmoid" | "hard-sigmoid">;
const ACTIVATIONS: ReadonlyMap<string, Activation> = new Map([
  ["tanh", "tanh"],
  ["sigmoid", "sigmoid"],
  ["sigmoid 1/(1+exp(-4x+2))", "sigmoid"],
  ["hard_sigmoid", "hard-sigmoid"],
  ["hardsigm", "hard-sigmoid"],
]);

/** Entries of each gradient that a case holds a step. */
const FIRST = 6;

export async function epVsBpttKind(given: CaseValue, bench: Bench): Promise<void> {
  const hyper = given.at("hyper");
  if (given.at("model").text() === "convolutional")
    return convolutionalKind(given, activationOf(hyper.at("rho")), bench);
  const { engine, reference, check } = bench;
  const model = build(given);
  const { chip, batch, dt, discrete, steps, layers } = model;
  const { samples } = batch;
  const solver = discrete ? {} : ({ solver: "euler", dt } as const);
  const exactly = new Simulator(chip, reference, solver);
  const simulator = new Simulator(chip, engine, solver);
  try {
    const options = { freeSteps: steps.free, steps: steps.nudged };
    const { bptt, reference: exact } = await epBesideBptt(exactly, batch, { ...options, amplitude: 1e-3 });
    given
      .at("sT")
      .items(layers.length)
      .forEach((layer, n) => check.exact(layer, [samples, layers[n].size], bptt.states[layers[n].name].re));
    check.exactNumber(given.at("loss_mean_over_batch"), bptt.cost);
    compareBptt(given, model, exact, check);
    for (const [key, results] of given.at("results").named()) {
      const amplitude = amplitudeOf(key, results);
      const found = await epBesideBptt(simulator, batch, { ...options, amplitude });
      const size = largestOf(layers.map(({ name }) => found.nudged[name].re));
      comparePaths(results, model, { ...found, reference: exact }, { beta: amplitude, dt, size }, check);
    }
  } finally {
    exactly.dispose();
    simulator.dispose();
  }
}

/** Backpropagation's gradients, which fall in the paths and rise in the case. */
function compareBptt(
  given: CaseValue,
  { layers, tensors, steps }: Model,
  exact: Paths,
  check: Comparison,
): void {
  const K = steps.nudged;
  const rising = (values: Float64Array): Float64Array => values.map((x) => -x);
  const [output] = layers;
  check.exact(
    given.at("BPTT_dLds_per_step_output_layer"),
    [K, output.size],
    joined(exact.states[output.name]).map((x) => -x),
  );
  for (const tensor of tensors) {
    const path = pathOf(exact, tensor);
    check.exact(given.at("BPTT_total_gradient").at(tensor.name), shapeOf(tensor), rising(total(path)));
    check.exact(given.at("BPTT_dW_norm_per_step").at(tensor.name), [K], path.map(norm));
    const entries = Math.min(FIRST, path[0].length);
    check.exact(
      given.at("BPTT_dW_first6_flat_entries_per_step").at(tensor.name),
      [K, entries],
      rising(joined(path.map((values) => values.slice(0, entries)))),
    );
  }
}

/** What the nudged phase gives, and how near it comes to backpropagation. */
function comparePaths(
  results: CaseValue,
  { layers, tensors, steps, batch: { samples } }: Model,
  { ep, reference, nudged }: Pick<EpBesideBptt, "ep" | "reference" | "nudged">,
  quotient: Quotient,
  check: Comparison,
): void {
  const K = steps.nudged;
  const [output] = layers;
  check.states(results.at("s_nudged_final_output"), [samples, output.size], nudged[output.name].re);
  check.quotients(
    results.at("EP_dS_per_step_output_layer"),
    [K, output.size],
    joined(ep.states[output.name]),
    quotient,
  );
  layers.forEach(({ name }, n) => {
    const [a, b] = [ep.states[name], reference.states[name]];
    check.quotients(
      results.at("RelMSE_state").at(`s${n}`),
      [],
      [relativeError(a, b)],
      ...ratioOf(b, quotient),
    );
  });
  for (const tensor of tensors) {
    const [a, b] = [pathOf(ep, tensor), pathOf(reference, tensor)];
    const number = (
      quantity: string,
      value: number,
      of: [Quotient, { readonly floor: number }] = [quotient, { floor: RATIO }],
    ): void => check.quotients(results.at(quantity).at(tensor.name), [], [value], ...of);
    check.quotients(results.at("EP_total_update").at(tensor.name), shapeOf(tensor), total(a), quotient);
    check.quotients(results.at("EP_dW_norm_per_step").at(tensor.name), [K], a.map(norm), quotient);
    number("RelMSE_weights_per_step", relativeError(a, b), ratioOf(b, quotient));
    number("RelMSE_weights_cumulated", relativeError(cumulated(a), cumulated(b)), ratioOf(b, quotient));
    number("cos_total_EP_vs_minus_BPTT", cosine([total(a)], [total(b)]));
    number("sign_agreement", signAgreement(a, b));
  }
}

/** A tensor's path in the order of the case, [post, pre]. */
function pathOf(paths: Paths, { projection, part, post, pre }: Tensor): readonly Float64Array[] {
  const path = paths[part][projection];
  return part === "biases" ? path : path.map((values) => transpose(values, pre, post));
}

const shapeOf = ({ part, post, pre }: Tensor): readonly number[] =>
  part === "biases" ? [post] : [post, pre];
const norm = (values: Float64Array): number => Math.hypot(...values);

function activationOf(named: CaseValue): Activation {
  const name = named.text();
  return (
    ACTIVATIONS.get(name) ??
    fault(
      named.path,
      `"${name.slice(0, 40)}" is not known`,
      `write one of ${[...ACTIVATIONS.keys()].join(", ")}`,
    )
  );
}

function build(given: CaseValue): Model {
  const hyper = given.at("hyper");
  // Of the draws of the weights, which are given; and one of the amplitudes.
  for (const name of ["scale", "beta"]) hyper.find(name)?.number();
  const kind = given.at("model").text();
  const rho = activationOf(hyper.at("act"));
  const clip = hyper.find("clip")?.flag() === true ? ([0, 1] as const) : null;
  const params = given.at("params");
  const discrete = kind === "layered-prototypical";
  const samples = given.at("x").length();
  if (samples === 0) fault("x", "there are no samples");
  const { chip, layers, tensors } =
    kind === "toy-energy"
      ? toyModel(params, energyBased({ rho, clip }), energyBased({ rho, clip: null }))
      : kind === "layered-energy" || discrete
        ? layeredModel(
            params,
            discrete
              ? { neuron: prototypical({ rho }) }
              : {
                  neuron: energyBased({ rho, clip }),
                  input: energyBased({ rho, clip: null }),
                  ...(modeOf(hyper) === "code" && { output: leakyIntegrator({ rho, clip }) }),
                },
          )
        : fault(
            "model",
            `"${kind.slice(0, 40)}" is not supported yet`,
            "models: toy-energy, layered-energy, layered-prototypical",
          );
  for (const { name, projection, part, post, pre } of tensors) {
    if (part === "biases") continue;
    const biases = tensors.find((t) => t.projection === projection && t.part === "biases");
    chip.setWeights(projection, {
      weights: transpose(params.at(name).array([post, pre]), post, pre),
      biases: biases === undefined ? null : params.at(biases.name).array([post]),
    });
  }
  const steps = { free: hyper.at("T").count(MOST_STEPS), nudged: hyper.at("K").count(MOST_STEPS) };
  checkSize(chip, samples);
  checkWork(chip, samples, steps.free + 4 * steps.nudged);
  return {
    chip,
    discrete,
    dt: discrete ? 1 : hyper.at("eps").number(),
    steps,
    layers,
    tensors,
    batch: {
      samples,
      inputs: given.at("x").array([samples, chip.circuit.inputSize]),
      targets: given.at("y").array([samples, chip.circuit.output.size]),
    },
  };
}

function modeOf(hyper: CaseValue): "paper" | "code" {
  const mode = hyper.at("mode").text();
  return mode === "paper" || mode === "code"
    ? mode
    : fault("hyper/mode", `"${mode.slice(0, 40)}" is not known`, "write paper or code");
}

type Built = Pick<Model, "chip" | "layers" | "tensors">;

function toyModel(params: CaseValue, neuron: NeuronSpec, input: NeuronSpec): Built {
  const size = (value: CaseValue): number => value.length();
  const [outputs, hidden] = [size(params.at("W0x")), size(params.at("W1x"))];
  const inputs = size(params.at("W0x").items()[0]);
  for (const n of [inputs, hidden, outputs]) if (n > MOST_UNITS) fault("params", `${n} units are too many`);
  const chip = toy({ neuron, input, synapse: ideal(), sizes: [inputs, hidden, outputs] }).fabricate();
  const weights = (name: string, projection: string, post: number, pre: number): Tensor => ({
    name,
    projection,
    part: "weights",
    post,
    pre,
  });
  return {
    chip,
    layers: [
      { name: "output", size: outputs },
      { name: "hidden", size: hidden },
    ],
    tensors: [
      weights("W01", "hidden-output", outputs, hidden),
      weights("W0x", "input-output", outputs, inputs),
      weights("W1x", "input-hidden", hidden, inputs),
      { name: "b0", projection: "input-output", part: "biases", post: outputs, pre: 1 },
      { name: "b1", projection: "input-hidden", part: "biases", post: hidden, pre: 1 },
    ],
  };
}

function layeredModel(
  params: CaseValue,
  devices: Pick<LayeredOptions, "neuron" | "input" | "output">,
): Built {
  const count = params.keys().filter((name) => /^W\d+$/.test(name)).length;
  if (count < 1 || count > 9) fault("params", `${count} layers of weights, 1 to 9 are needed`);
  const sizes = Array.from({ length: count }, (_, n) => params.at(`W${n}`).length());
  sizes.push(
    params
      .at(`W${count - 1}`)
      .items()[0]
      .length(),
  );
  for (const n of sizes)
    if (n < 1 || n > MOST_UNITS) fault("params", `${n} units, 1 to ${MOST_UNITS} are possible`);
  const names = layerNames(sizes.length).reverse();
  const chip = layered([...sizes].reverse(), {
    ...devices,
    synapse: ideal(),
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate();
  return {
    chip,
    layers: names.slice(0, -1).map((name, n) => ({ name, size: sizes[n] })),
    tensors: sizes.slice(0, -1).flatMap((post, n): Tensor[] => {
      const projection = `${names[n + 1]}-${names[n]}`;
      return [
        { name: `W${n}`, projection, part: "weights", post, pre: sizes[n + 1] },
        { name: `b${n}`, projection, part: "biases", post, pre: 1 },
      ];
    }),
  };
}

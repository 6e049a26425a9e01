/** Shapes of populations and wirings of projections that must be refused, in code and in configs. */
import { convolutional } from "../../circuits";
import { ideal, leakyIntegrator, prototypical, softNeuron } from "../../devices";
import {
  createEngine,
  defineCircuit,
  Simulator,
  type Circuit,
  type CircuitSpec,
  type SynapseSpec,
} from "../../src/index";
import { backpropagationThroughTime } from "../../src/learning/references/backpropagation-through-time";
import { energyBased } from "../../src/learning/rules";
import { readAll } from "../config/read";
import { changed, CONVOLUTIONAL, WIRED } from "../config/wired";
import { given, type Kind } from "./kind";

const neuron = leakyIntegrator({ rho: "tanh" });
const common = { synapse: ideal(), initial: { distribution: "glorot" } } as const;
const kernel = { kind: "convolution", kernel: 3 } as const;

interface Change {
  readonly input?: object;
  readonly a?: object;
  readonly b?: object;
  readonly up?: object;
  readonly top?: object;
  readonly down?: object;
}

/** input 6 x 6 -> a 4 x 4 x 2 by kernels, a -> b 3 all to all, and back. */
const circuit = ({ input, a, b, up, top, down }: Change): Circuit =>
  defineCircuit({
    name: "wired",
    populations: [
      { name: "input", shape: [6, 6, 1], ...input },
      { name: "a", shape: [4, 4, 2], neuron, ...a },
      { name: "b", size: 3, neuron, ...b },
    ],
    projections: [
      { name: "up", from: "input", to: "a", ...common, through: kernel, ...up },
      { name: "top", from: "a", to: "b", ...common, ...top },
      { name: "down", from: "b", to: "a", ...common, feedback: { kind: "tied", to: "top" }, ...down },
    ],
    input: "input",
    output: "b",
    cost: { kind: "squared-error", argument: "state" },
  } as CircuitSpec);

const shaped = (what: string, at: RegExp, change: Change, code = "CIRCUIT-SHAPE"): Kind =>
  given(what, code, at, () => circuit(change));
const up = (through: object, rest: object = {}): Change => ({
  up: { through: { ...kernel, ...through }, ...rest },
});
const sparse = (through: object): Change => ({ top: { through: { kind: "sparse", ...through } } });

const noisy = { kind: "synapse", name: "noisy", equations: "I = (w + 0.1*xi)*rho_pre\nw <- w + dw" } as const;
const pooling = (kind: "max" | "softmax", synapse: SynapseSpec = ideal()): Circuit =>
  convolutional({
    shape: [6, 6, 1],
    layers: [
      { channels: 2, kernel: 3 },
      { channels: 2, kernel: 3, pool: { kind, window: 2 } },
    ],
    neuron: prototypical({ rho: "tanh" }),
    synapse,
    name: "pooling",
  });
const batch = { samples: 1, inputs: new Float64Array(36), targets: new Float64Array(3) };

/** A part of the config of a wired circuit, changed. */
const config = (what: string, code: string, at: RegExp, from: string, to: string, text = WIRED): Kind =>
  given(what, code, at, () => readAll(changed(text, from, to)));

export const WIRINGS: readonly Kind[] = [
  shaped("a shape of two numbers", /shape of "a"/, { a: { shape: [4, 8] } }),
  shaped("a size beside a shape of other units", /shape of "a"/, { a: { size: 31 } }),
  shaped("a shape with no rows", /shape of "a"/, { a: { shape: [0, 4, 2] } }, "CIRCUIT-NUMBER"),
  shaped("a shape of a trillion units", /shape of "a"/, { a: { shape: [1e6, 1e6, 1] } }, "CIRCUIT-NUMBER"),
  shaped("kernels that come to another shape", /projection "up"/, { a: { shape: [5, 4, 2] } }),
  shaped("kernels over a population without a shape", /projection "up"/, {
    input: { shape: undefined, size: 36 },
  }),
  shaped("kernels that are larger than what they see", /projection "up"/, up({ kernel: [3, 7] })),
  shaped("a padding as wide as the kernel", /projection "up"/, up({ padding: [0, 3] })),
  shaped("a window that does not divide", /projection "up"/, up({ pool: { kind: "max", window: 3 } })),
  shaped(
    "kernels of their own at every position, and pooled",
    /projection "up"/,
    up({ replicated: true, pool: { kind: "mean", window: 2 } }),
  ),
  shaped("kernels of half a row", /kernel of the wiring of "up"/, up({ kernel: 2.5 }), "CIRCUIT-NUMBER"),
  shaped("a stride of nothing", /stride of the wiring of "up"/, up({ stride: [1, 0] }), "CIRCUIT-NUMBER"),
  shaped(
    "a kernel of three sides",
    /kernel of the wiring of "up"/,
    up({ kernel: [3, 3, 1] }),
    "CIRCUIT-TYPE",
  ),
  shaped(
    "pooling by the smallest",
    /pool of the wiring of "up"/,
    up({ pool: { kind: "min", window: 2 } }),
    "CIRCUIT-CHOICE",
  ),
  shaped(
    "a wiring that is not there",
    /wiring of "up"/,
    { up: { through: { kind: "deconvolution" } } },
    "CIRCUIT-CHOICE",
  ),
  shaped(
    "feedback of another kernel",
    /projection "down"/,
    {
      b: { size: undefined, shape: [2, 2, 1] },
      top: { through: kernel },
      down: { through: { ...kernel, kernel: 2 } },
    },
    "CIRCUIT-FEEDBACK",
  ),
  shaped(
    "biases of feedback through kernels",
    /projection "down"/,
    { b: { size: undefined, shape: [2, 2, 1] }, top: { through: kernel }, down: { bias: true } },
    "CIRCUIT-FEEDBACK",
  ),
  shaped("units one to one that do not pair", /projection "top"/, {
    top: { through: { kind: "one-to-one" } },
  }),
  shaped("biases of single synapses", /projection "top"/, {
    top: { through: { kind: "sparse", pairs: [[0, 0]] }, bias: true },
  }),
  shaped(
    "a pair of a unit that is not there",
    /projection "top"/,
    sparse({
      pairs: [
        [0, 0],
        [32, 1],
      ],
    }),
    "CIRCUIT-PAIR",
  ),
  shaped(
    "a pair that is there twice",
    /projection "top"/,
    sparse({
      pairs: [
        [4, 1],
        [0, 1],
        [4, 1],
      ],
    }),
    "CIRCUIT-PAIR",
  ),
  shaped(
    "a pair of a unit below zero",
    /pairs of the wiring of "top"/,
    sparse({ pairs: [[-1, 0]] }),
    "CIRCUIT-NUMBER",
  ),
  shaped("no pairs", /pairs of the wiring of "top"/, sparse({ pairs: [] }), "CIRCUIT-TYPE"),
  shaped("a density of nothing", /density of the wiring of "top"/, sparse({ density: 0 }), "CIRCUIT-NUMBER"),
  shaped("a density that leaves no pair", /projection "top"/, sparse({ density: 1e-8 }), "CIRCUIT-PAIR"),
  shaped("pairs and a density", /wiring of "top"/, sparse({ density: 0.5, pairs: [[0, 0]] }), "CIRCUIT-KEY"),
  shaped(
    "more pairs than memory holds",
    /projection "top"/,
    { b: { size: 1e6 }, ...sparse({ density: 0.5 }) },
    "CIRCUIT-SIZE",
  ),
  shaped(
    "kernels at more places than memory holds",
    /projection "up"/,
    { input: { shape: [1000, 1000, 1] }, a: { shape: [501, 501, 1] }, ...up({ kernel: 500 }) },
    "CIRCUIT-SIZE",
  ),
  given("a chip of kernels that take more than the memory", "CIRCUIT-SIZE", /wired/, () =>
    circuit({
      input: { shape: [1, 1, 1e6] },
      a: { shape: [1, 1, 1e6] },
      up: { through: { ...kernel, kernel: 1 } },
      top: { through: { kind: "sparse", pairs: [[0, 0]] } },
    }).fabricate(),
  ),
  given("weights of a kernel that are those of all to all", "CIRCUIT-SHAPE", /wired/, () =>
    circuit({})
      .fabricate()
      .setWeights("up", { weights: new Float64Array(36 * 32), biases: null }),
  ),
  given("the largest of complex states", "DYN-POOL", /output-l1|l1-output/, async () =>
    new Simulator(pooling("max").fabricate(), await createEngine("reference")).phase({
      ...batch,
      targets: new Float64Array(2),
      nudges: [{ re: 0, im: 0.1 }],
      steps: 1,
    }),
  ),
  given("reads by current of pooled windows", "DYN-READS", /pooling/, async () => {
    const engine = await createEngine("reference");
    const simulator = new Simulator(pooling("softmax", noisy).fabricate(), engine, { reads: "by-current" });
    return simulator.phase({ samples: 1, inputs: batch.inputs, steps: 1 });
  }),
  given("a rule for pooled windows without their chip", "LEARN-POOL", /pooling/, async () => {
    const planes = {
      input: { re: new Float64Array(36) },
      l1: { re: new Float64Array(32) },
      output: { re: new Float64Array(2) },
    };
    const engine = await createEngine("reference");
    const flat = { l1: new Float64Array(32), output: new Float64Array(2) };
    return energyBased.update(
      pooling("softmax"),
      {
        free: { states: planes, activities: planes },
        dState: flat,
        dActivity: flat,
        aliasing: null,
        outcomes: [],
        nudges: [],
      },
      (...of) => engine.correlate(...of),
    );
  }),
  given("backpropagation through a noisy wired circuit", "DYN-BACKWARDS", /wired/, async () => {
    const soft = { neuron: softNeuron({}) };
    const amperes = { synapse: ideal({ unit: "A" }) };
    const chip = circuit({ a: soft, b: soft, up: amperes, top: amperes, down: amperes }).fabricate();
    const simulator = new Simulator(chip, await createEngine("reference"), { dt: 1e-6 });
    return backpropagationThroughTime(simulator, batch, { freeSteps: 4, steps: 2 });
  }),
  given("backpropagation through steps that a solver chooses", "DYN-BACKWARDS", /wired/, async () => {
    const simulator = new Simulator(circuit({}).fabricate(), await createEngine("reference"), {
      solver: "dormand-prince",
      dt: 0.1,
    });
    return backpropagationThroughTime(simulator, batch, { freeSteps: 4, steps: 2 });
  }),
  config(
    "a shape in a config that kernels do not come to",
    "CIRCUIT-SHAPE",
    /run\.yaml.*line 10.*projections\[0\].*projection "up"/,
    "{ name: l1, shape: [3, 3, 2]",
    "{ name: l1, shape: [3, 4, 2]",
  ),
  config(
    "a size in a config beside a shape of other units",
    "CIRCUIT-SHAPE",
    /run\.yaml.*line 3.*shape of "l2"/,
    "size: 18",
    "size: 17",
  ),
  config(
    "a window in a config that does not divide",
    "CIRCUIT-SHAPE",
    /run\.yaml.*line 10.*projections\[0\]/,
    "kind: max, window: 2",
    "kind: max, window: 4",
  ),
  config(
    "a pool in a config that is not there",
    "CONFIG-CHOICE",
    /run\.yaml.*line 16.*projections\[0\]\.through\.pool\.kind/,
    "kind: max",
    "kind: min",
  ),
  config(
    "pairs and a density in a config",
    "CONFIG-CHOICE",
    /run\.yaml.*line 30.*projections\[4\]\.through/,
    "density: 0.4",
    "density: 0.4, pairs: [[0, 0]]",
  ),
  config(
    "a pair in a config of a unit that is not there",
    "CIRCUIT-PAIR",
    /run\.yaml.*line 31.*projections\[5\]/,
    "[63, 9]",
    "[64, 9]",
  ),
  config(
    "a density in a config above one",
    "CONFIG-RANGE",
    /run\.yaml.*line 30.*projections\[4\]\.through\.density/,
    "density: 0.4",
    "density: 40",
  ),
  config(
    "layers of kernels in a config that do not fit",
    "CIRCUIT-SHAPE",
    /run\.yaml.*line 3/,
    "kernel: [2, 2], stride: [1, 1], padding: 1",
    "kernel: 6, stride: [1, 1], padding: 1",
    CONVOLUTIONAL,
  ),
];

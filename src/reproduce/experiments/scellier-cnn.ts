/** Table 2 of Scellier et al. 2018: convolutions whose feedback kernels are their own, ReLU units. */
import type { RunConfig } from "../../config";
import { defineExperiment, type Quantity } from "../experiment";
import { atLeast, notJudged } from "../rules";
import {
  errorOf,
  foundIn,
  GUESSING,
  learningFigure,
  sized,
  trainingParts,
  type Cell,
  type TrainingSize,
} from "./trainings";

interface CnnSettings extends TrainingSize {
  readonly epochs: number;
  readonly channels: readonly [number, number];
  readonly freeSteps: number;
  readonly nudgedSteps: number;
}

const NAME = "5x5, ReLU, untied kernels";

function cellsOf(settings: CnnSettings): readonly Cell[] {
  const { channels, epochs, freeSteps, nudgedSteps } = settings;
  const config: RunConfig = {
    name: "scellier-cnn",
    circuit: {
      topology: "convolutional",
      shape: [28, 28, 1],
      layers: channels.map((count) => ({
        channels: count,
        kernel: 5,
        pool: { kind: "max" as const, window: 2 },
      })),
      outputs: 10,
      neuron: { device: "leaky-integrator", rho: { text: "max(u, 0)" } },
      synapse: "ideal",
      feedback: "untied",
      initial: { distribution: "fan-in", scale: 0.6 },
      cost: { kind: "squared-error", argument: "state" },
    },
    data: sized(settings),
    estimator: { kind: "one-sided", amplitude: 0.5, freeSteps, nudgedSteps },
    rule: "vector-field",
    optimizer: { kind: "sgd", rate: 0.02 },
    solver: "euler",
    dt: 0.5,
    epochs,
    batch: 20,
    probe: 0,
  };
  return [{ name: NAME, config }];
}

const quantities: readonly Quantity[] = [
  errorOf(NAME, 2, "Table 2", notJudged("so few images cannot come to the paper's number")),
  {
    name: `${NAME}: test error below guessing`,
    unit: "%",
    paper: null,
    source: "Table 2",
    from: [NAME],
    of: ({ values }) => (values.error === null ? null : GUESSING - values.error),
    rule: atLeast(10, "it learns"),
  },
];

const INSTEAD = "step, rates, phases and pooling are ours: the paper prints kernels and channels only";

export const scellierCnn = defineExperiment<CnnSettings>({
  name: "scellier-cnn",
  title: "Do convolutions learn whose feedback kernels are their own?",
  paper: "Scellier et al. 2018",
  figure: "Table 2",
  data: { set: "mnist", generated: false, shape: [28, 28, 1] },
  engine: "simd",
  budgets: {
    quick: {
      settings: { train: 600, test: 300, epochs: 2, channels: [8, 16], freeSteps: 40, nudgedSteps: 15 },
      seeds: 1,
      differs: ["600 images for 2 epochs, 8 and 16 channels (the paper: 32 and 64)", INSTEAD],
    },
    paper: {
      settings: { train: 10_000, epochs: 5, channels: [32, 64], freeSteps: 60, nudgedSteps: 20 },
      seeds: 1,
      differs: ["10,000 images for 5 epochs", INSTEAD],
    },
  },
  parts: (settings) => trainingParts(cellsOf(settings)),
  quantities: () => quantities,
  figures: (found) => [learningFigure("Table 2", [{ name: NAME, finding: foundIn(found, NAME) }])],
});

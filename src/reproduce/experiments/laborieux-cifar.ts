/**
 * Table 2 of Laborieux and Zenke 2023, scaled: convolutions with softmax pooling on CIFAR-10, without homeostasis,
 * with it, and with tied kernels.
 */
import type { RunConfig } from "../../config";
import { defineExperiment, type Quantity } from "../experiment";
import { atLeast, notJudged } from "../rules";
import {
  errorOf,
  foundIn,
  gain,
  learningFigure,
  lastOf,
  sized,
  trainingParts,
  type Cell,
  type TrainingSize,
} from "./trainings";

interface CifarSettings extends TrainingSize {
  readonly epochs: number;
  readonly channels: readonly number[];
  readonly freeSteps: number;
  readonly nudgedSteps: number;
  readonly coefficient: number;
  readonly probe: number;
  /** Leaves out the cell that takes longest, recurrent backpropagation with homeostasis. Default false. */
  readonly brief?: boolean;
}

const RATE = 2e-3;
const NONE = "N = 2 without homeostasis";
const WITH = "N = 2 with homeostasis";
const SYMMETRIC = "N = 2, tied kernels";
const RBP = "RBP without homeostasis";
const RBP_WITH = "RBP with homeostasis";

function cellsOf(settings: CifarSettings): readonly Cell[] {
  const { channels, epochs, freeSteps, nudgedSteps, coefficient, probe } = settings;
  const cell = (name: string, feedback: "tied" | "untied", weight: number, nudges: boolean): Cell => ({
    name,
    weight: nudges ? 1 : 2,
    config: {
      name: "laborieux-cifar",
      circuit: {
        topology: "convolutional",
        shape: [32, 32, 3],
        layers: channels.map((count, k) => ({
          channels: count,
          kernel: 3,
          ...(k < channels.length - 1 && { padding: 1 }),
          pool: { kind: "softmax" as const, window: 2 },
        })),
        outputs: 10,
        neuron: "shifted-sigmoid",
        synapse: "ideal",
        feedback,
        initial: "lecun",
        cost: { kind: "squared-error", argument: "activity" },
      },
      data: sized(settings),
      estimator: nudges
        ? { kind: "centred", amplitude: 0.5, freeSteps, nudgedSteps }
        : { kind: "bptt", freeSteps, steps: nudgedSteps },
      rule: "vector-field",
      ...(weight > 0 && { homeostasis: { coefficient: weight, of: "drive" as const, perUnit: true } }),
      // Plain descent is too slow for few batches, and saturates the sigmoids where it is faster.
      optimizer: { kind: "adam", rate: RATE, feedbackRate: 1 },
      schedule: "cosine",
      epochs,
      batch: 20,
      probe: nudges ? probe : 0,
    } satisfies RunConfig,
  });
  return [
    cell(NONE, "untied", 0, true),
    cell(WITH, "untied", coefficient, true),
    cell(SYMMETRIC, "tied", 0, true),
    cell(RBP, "untied", 0, false),
    ...(settings.brief === true ? [] : [cell(RBP_WITH, "untied", coefficient, false)]),
  ];
}

/** Top-1 errors, %, of CIFAR-10. */
const PAPER: Readonly<Record<string, number>> = {
  [NONE]: 39.6,
  [WITH]: 18.6,
  [SYMMETRIC]: 11.4,
  [RBP]: 12.3,
  [RBP_WITH]: 12.2,
};

function quantitiesOf(settings: CifarSettings): Quantity[] {
  const small = notJudged("so few images cannot come to the paper's number");
  const cost = (more: string, less: string, says: string): Quantity =>
    gain("training cost", [more, less], ({ values }) => values.cost, {
      source: "Table 2",
      rule: atLeast(0, says),
    });
  return [
    ...cellsOf(settings).map(({ name }) => errorOf(name, PAPER[name] ?? null, "Table 2", small)),
    cost(NONE, WITH, "homeostasis helps who nudges"),
    cost(WITH, SYMMETRIC, "and symmetry helps more"),
    gain("cosine of l1 with the true error", [WITH, NONE], (found) => lastOf(found, "cosine l1"), {
      source: "Table 2",
      rule: notJudged("told beside it"),
    }),
  ];
}

const INSTEAD = [
  "Adam at a rate of 2e-3, homeostasis with a coefficient of 0.5 (the paper: plain descent at 7e-3, and 15)",
  "the shifted sigmoid and a squared error (the paper: dSiLU and a readout); RBP walks back through time",
  "CIFAR-100 and ImageNet 32: not run, no data",
];

export const laborieuxCifar = defineExperiment<CifarSettings>({
  name: "laborieux-cifar",
  title: "Does homeostasis let convolutions learn whose feedback kernels are their own?",
  paper: "Laborieux and Zenke 2023",
  figure: "Table 2",
  data: { set: "cifar-10", generated: false, shape: [32, 32, 3] },
  engine: "simd",
  budgets: {
    quick: {
      settings: {
        train: 300,
        test: 200,
        epochs: 5,
        channels: [8, 16],
        freeSteps: 30,
        nudgedSteps: 10,
        coefficient: 0.5,
        probe: 5,
        brief: true,
      },
      seeds: 1,
      differs: [
        "300 images for 5 epochs, two convolutions of 8 and 16 channels, 30 and 10 steps (the paper: four, 128 to " +
          "512, 250 and 40); recurrent backpropagation with homeostasis is left out",
        ...INSTEAD,
      ],
    },
    paper: {
      settings: {
        epochs: 10,
        channels: [16, 32, 64, 64],
        freeSteps: 250,
        nudgedSteps: 40,
        coefficient: 0.5,
        probe: 5,
      },
      seeds: 1,
      differs: ["all images of the folder for 10 epochs, an eighth of the width", ...INSTEAD],
    },
  },
  parts: (settings) => trainingParts(cellsOf(settings)),
  quantities: (settings) => quantitiesOf(settings),
  figures: (found, settings) => [
    learningFigure(
      "Table 2",
      cellsOf(settings).map(({ name }) => ({ name, finding: foundIn(found, name) })),
    ),
  ],
});

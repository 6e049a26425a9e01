/**
 * Fig. 4a to h of Laborieux and Zenke 2023: homeostasis makes an asymmetric circuit's Jacobian more symmetric, and
 * nudges then find errors that are nearer to the true ones; in layers with feedback of their own, and in a loop,
 * which has no feedback of any pair.
 */
import type { RunConfig } from "../../config";
import type { Figure } from "../../plot/report-types";
import { defineExperiment, type Finding, type Found, type Quantity } from "../experiment";
import { atLeast, notJudged } from "../rules";
import {
  epochFigure,
  errorOf,
  foundIn,
  gain,
  lastOf,
  sized,
  trainingParts,
  type Cell,
  type TrainingSize,
} from "./trainings";

interface HomeostasisSettings extends TrainingSize {
  readonly epochs: number;
  /** Units of a hidden layer. */
  readonly width: number;
  readonly rate: number;
  /** Factor on the loss. Default: the paper's, 1 of layers, 0.1 of the loop. */
  readonly coefficient?: number;
  /** Test samples on which the cosine is taken after each epoch. */
  readonly probe: number;
}

const DATA = { set: "fashion-mnist", generated: false, shape: [28, 28, 1] } as const;
const INSTEAD = "two points of |beta| = 0.05 stand for the derivative";

const common = (settings: HomeostasisSettings): Omit<RunConfig, "circuit" | "optimizer"> => ({
  data: sized(settings),
  estimator: { kind: "holomorphic", points: 2, amplitude: 0.05, freeSteps: 150, nudgedSteps: 20 },
  rule: "vector-field",
  epochs: settings.epochs,
  batch: 50,
  probe: settings.probe,
});
const parts = {
  neuron: "shifted-sigmoid",
  synapse: "ideal",
  initial: "lecun",
  cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
} as const;

const NONE = "without homeostasis";
const WITH = "homeostasis of the drive";
const STATE = "homeostasis of the state";

function layeredCells(settings: HomeostasisSettings): readonly Cell[] {
  const { width, rate, coefficient: weight = 1 } = settings;
  const cell = (name: string, coefficient: number): Cell => ({
    name,
    config: {
      ...common(settings),
      name: "laborieux-homeostasis",
      circuit: { topology: "layered", sizes: [784, width, width, 10], feedback: { angle: 90 }, ...parts },
      homeostasis: { coefficient, of: "drive", perUnit: true },
      optimizer: { kind: "adam", rate },
    },
  });
  return [cell(NONE, 0), cell(WITH, weight)];
}

function loopCells(settings: HomeostasisSettings): readonly Cell[] {
  const { width, rate, coefficient: weight = 0.1 } = settings;
  const cell = (name: string, coefficient: number, of: "drive" | "state"): Cell => ({
    name,
    config: {
      ...common(settings),
      name: "laborieux-loop",
      circuit: { topology: "loop", sizes: [784, width, width, 10], ...parts },
      homeostasis: { coefficient, of, perUnit: true },
      optimizer: { kind: "sgd", rate, momentum: 0.9 },
    },
  });
  return [cell(NONE, 0, "drive"), cell(WITH, weight, "drive"), cell(STATE, weight, "state")];
}

const image = (panel: string): string => `figure image (Fig. 4${panel})`;

function quantitiesOf(cells: readonly Cell[], panels: string): Quantity[] {
  const [without, ...others] = cells.map(({ name }) => name);
  return [
    ...cells.map(({ name }) =>
      errorOf(name, null, image(panels[3]), notJudged("curves of the paper are images")),
    ),
    ...others.flatMap((name): Quantity[] => [
      // Of another Jacobian it is another figure: held against itself, an epoch or more before.
      ...(name === STATE
        ? [
            {
              name: "symmetry of the Jacobian of the states, after the last epoch less after the first",
              paper: null,
              source: image(panels[1]),
              from: [name],
              of: ({ values }: Finding) => (values.symmetry ?? 0) - (values.first_symmetry ?? 0),
              rule: atLeast(0, "homeostasis raises the symmetry"),
            },
          ]
        : [
            gain("skew part of the Jacobian, |A|", [without, name], ({ values }) => values.skew, {
              source: image(panels[1]),
              rule: atLeast(0, "homeostasis takes the skew part away"),
            }),
            gain("symmetry of the Jacobian, S/(S + A)", [name, without], ({ values }) => values.symmetry, {
              source: image(panels[1]),
              rule: atLeast(0, "homeostasis raises the symmetry"),
            }),
          ]),
      gain("cosine of l1 with the true error", [name, without], (found) => lastOf(found, "cosine l1"), {
        source: image(panels[2]),
        rule: atLeast(0, "errors come nearer to the true ones"),
      }),
    ]),
  ];
}

function figuresOf(found: Found, cells: readonly Cell[], panels: string): Figure[] {
  const panel = (letter: string, curve: string, what: string): Figure =>
    epochFigure(
      `Fig. 4${letter}: ${what}`,
      "With and without homeostasis.",
      what,
      cells.map(({ name }) => ({ name, y: foundIn(found, name)?.curves?.[curve] ?? [] })),
    );
  return [
    panel(panels[0], "train_cost", "training cost"),
    panel(panels[1], "symmetry", "S/(S + A)"),
    panel(panels[2], "cosine l1", "cosine of l1 with the true error"),
    panel(panels[3], "error", "test error, %"),
  ];
}

export const laborieuxHomeostasis = defineExperiment<HomeostasisSettings>({
  name: "laborieux-homeostasis",
  title: "What does homeostasis do to layers whose feedback is their own?",
  paper: "Laborieux and Zenke 2023",
  figure: "Fig. 4a to d",
  data: DATA,
  engine: "simd",
  budgets: {
    quick: {
      settings: { train: 1500, test: 1000, epochs: 3, width: 256, rate: 1e-3, probe: 5 },
      seeds: 1,
      differs: ["1,500 images for 3 epochs, at a rate of 1e-3 (the paper: 1e-4)", INSTEAD],
    },
    paper: {
      settings: { train: 10_000, epochs: 10, width: 256, rate: 1e-4, probe: 20 },
      seeds: 1,
      differs: ["10,000 images for 10 epochs, one seed", INSTEAD],
    },
  },
  parts: (settings) => trainingParts(layeredCells(settings)),
  quantities: (settings) => quantitiesOf(layeredCells(settings), "abcd"),
  figures: (found, settings) => figuresOf(found, layeredCells(settings), "abcd"),
});

export const laborieuxLoop = defineExperiment<HomeostasisSettings>({
  name: "laborieux-loop",
  title: "What does homeostasis do to a loop, in which no two layers talk back to each other?",
  paper: "Laborieux and Zenke 2023",
  figure: "Fig. 4e to h",
  data: DATA,
  engine: "simd",
  budgets: {
    quick: {
      settings: { train: 1500, test: 1000, epochs: 3, width: 256, rate: 0.01, probe: 5 },
      seeds: 1,
      differs: [
        "1,500 images for 3 epochs",
        "the authors' loss, that of the drive, is exactly weight decay of the recurrent weights here; that of the " +
          "state stands beside it",
        INSTEAD,
      ],
    },
    paper: {
      settings: { train: 10_000, epochs: 10, width: 256, rate: 0.01, probe: 20 },
      seeds: 1,
      differs: [
        "10,000 images for 10 epochs, one seed",
        "the authors' loss, that of the drive, is exactly weight decay of the recurrent weights here; that of the " +
          "state stands beside it",
        INSTEAD,
      ],
    },
  },
  parts: (settings) => trainingParts(loopCells(settings)),
  quantities: (settings) => quantitiesOf(loopCells(settings), "efgh"),
  figures: (found, settings) => figuresOf(found, loopCells(settings), "efgh"),
});

/**
 * Fig. 2 to 4 of O'Connor et al. 2019: with a feedforward net that predicts where phases end, a few negative steps
 * suffice; what lambda does, and whether local losses point down the global one.
 */
import type { RunConfig } from "../../config";
import type { Figure } from "../../plot/report-types";
import { defineExperiment, type Found, type Quantity } from "../experiment";
import { atLeast, notJudged } from "../rules";
import {
  epochFigure,
  errorOf,
  foundIn,
  gain,
  learningFigure,
  sized,
  trainingParts,
  type Cell,
  type TrainingSize,
} from "./trainings";

interface OConnorSettings extends TrainingSize {
  readonly epochs: number;
  /** Units of the hidden layer. */
  readonly width: number;
  /** Negative steps, few and many. */
  readonly steps: readonly [few: number, many: number];
  /** Of the paper, for Fig. 4. */
  readonly lambdas: readonly number[];
}

/** The paper's beta is half an amplitude here, since its cost has no half; and so are its learning rates. */
const AMPLITUDE = 1;
const RATES = { "input-l1": 0.2, "l1-output": 0.1 } as const;
const NET = { "input-l1": 0.1, "l1-output": 0.05 } as const;
const LAMBDA = 0.05;

const plain = (steps: number): string => `plain, ${steps} negative steps`;
const begun = (steps: number, lambda = LAMBDA): string =>
  `initialized, ${steps} negative steps${lambda === LAMBDA ? "" : `, lambda ${lambda}`}`;

function cellsOf(settings: OConnorSettings): readonly Cell[] {
  const { width, epochs, steps, lambdas } = settings;
  const cell = (name: string, freeSteps: number, lambda: number | null): Cell => ({
    name,
    config: {
      name: "oconnor-mnist",
      circuit: {
        topology: "layered",
        sizes: [784, width, 10],
        neuron: "energy-based",
        synapse: "ideal",
        initial: "glorot",
        cost: { kind: "squared-error", argument: "state" },
      },
      data: sized(settings),
      estimator: { kind: "random-sign", amplitude: AMPLITUDE, freeSteps, nudgedSteps: 4 },
      ...(lambda !== null && {
        initialized: { lambda, factor: "paper" as const, leak: 0.01, rate: NET },
      }),
      rule: "energy-based",
      optimizer: { kind: "sgd", rate: RATES },
      solver: "euler",
      dt: 0.5,
      epochs,
      batch: 20,
      probe: 0,
    } satisfies RunConfig,
  });
  const [few] = steps;
  return [
    ...steps.flatMap((n) => [cell(plain(n), n, null), cell(begun(n), n, LAMBDA)]),
    ...lambdas.filter((one) => one !== LAMBDA).map((one) => cell(begun(few, one), few, one)),
  ];
}

function quantitiesOf(settings: OConnorSettings): Quantity[] {
  const [few, many] = settings.steps;
  const image = (figure: string): string => `figure image (Fig. ${figure})`;
  const shown = notJudged("curves of the paper are images");
  const percents = { unit: "%", source: image("2") } as const;
  return [
    ...cellsOf(settings).map(({ name }) => errorOf(name, null, image("2"), shown)),
    gain("test error", [plain(few), begun(few)], ({ values }) => values.error, {
      ...percents,
      rule: atLeast(0, "few negative steps work only with initialisation"),
    }),
    gain("test error", [plain(few), plain(many)], ({ values }) => values.error, {
      ...percents,
      rule: atLeast(0, "without it, more negative steps are better"),
    }),
    {
      name: `${begun(few)}: test error of the forward net`,
      unit: "%",
      paper: null,
      source: image("2"),
      from: [begun(few)],
      of: ({ values }) => values.forward_error ?? null,
      rule: shown,
    },
    {
      name: `${begun(few)}: alignment of the local with the global gradient, first layer`,
      paper: null,
      source: image("3"),
      from: [begun(few)],
      of: ({ curves }) =>
        Object.entries(curves ?? {})
          .find(([key]) => key.startsWith("alignment "))?.[1]
          .at(-1) ?? null,
      rule: atLeast(0, "local losses point down the global one"),
    },
  ];
}

function figuresOf(found: Found, settings: OConnorSettings): Figure[] {
  const cells = cellsOf(settings);
  return [
    learningFigure(
      "Errors of the chip (Fig. 2 and 4)",
      cells.map(({ name }) => ({ name, finding: foundIn(found, name) })),
    ),
    epochFigure(
      "Errors of the forward net (Fig. 2)",
      "Of the test, by epoch.",
      "error, %",
      cells
        .filter(({ name }) => name.startsWith("initialized"))
        .map(({ name }) => ({ name, y: foundIn(found, name)?.curves?.forward_error ?? [] })),
    ),
  ];
}

export const oconnorMnist = defineExperiment<OConnorSettings>({
  name: "oconnor-mnist",
  title: "How few negative steps suffice where a feedforward net predicts the end of them?",
  paper: "O'Connor et al. 2019",
  figure: "Fig. 2 to 4",
  data: { set: "mnist", generated: false, shape: [28, 28, 1] },
  engine: "simd",
  budgets: {
    quick: {
      settings: { train: 2000, test: 1000, epochs: 3, width: 200, steps: [4, 20], lambdas: [0, LAMBDA] },
      seeds: 1,
      differs: ["2,000 images for 3 epochs, 200 hidden units (the paper: 500)", "the small net only"],
    },
    paper: {
      settings: { epochs: 50, width: 500, steps: [4, 20], lambdas: [0, LAMBDA, 0.5] },
      seeds: 1,
      differs: ["the small net only, one seed"],
    },
  },
  parts: (settings) => trainingParts(cellsOf(settings)),
  quantities: quantitiesOf,
  figures: figuresOf,
});

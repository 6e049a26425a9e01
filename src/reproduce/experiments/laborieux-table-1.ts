/**
 * Table 1 of Laborieux and Zenke 2023: validation error on Fashion-MNIST by how the derivative is estimated. The
 * paper's phases have 150 and 20 steps, settled or not; settled phases stand beside them where they matter.
 */
import type { EstimatorConfig, RunConfig } from "../../config";
import type { Figure } from "../../plot/report-types";
import { defineExperiment, type Part, type Quantity } from "../experiment";
import { atLeast, notJudged, withinSpreads } from "../rules";
import { errorCurves, foundIn, learningFigure, type TrainingSize } from "./trainings";

/** A cell: the estimator, and the paper's number. */
interface Cell {
  readonly name: string;
  readonly estimator: EstimatorConfig;
  readonly paper: number | null;
  readonly spread: number | null;
  /** Milliseconds a batch, about. */
  readonly cost: number;
  readonly settled?: true;
}

interface TableSettings {
  /** How much of each cell is run, by its name; those left out are not. */
  readonly cells: Readonly<Record<string, TrainingSize>>;
  /** Units of a hidden layer. */
  readonly width: number;
}

const [FREE, NUDGED] = [150, 20];
const pointed = (points: number, amplitude: number, paper: number, spread: number, cost: number): Cell => ({
  name: `N = ${points}, |beta| = ${amplitude}`,
  estimator: { kind: "holomorphic", points, amplitude, freeSteps: FREE, nudgedSteps: NUDGED },
  paper,
  spread,
  cost,
});
const continuous = (amplitude: number, paper: number, spread: number): Cell => ({
  name: `continuous, |beta| = ${amplitude}`,
  estimator: {
    kind: "continuous",
    amplitude,
    points: 4,
    periods: 5,
    stepsPerPoint: 60,
    presynaptic: "activity-of-mean",
  },
  paper,
  spread,
  cost: 1200,
});

const CELLS: readonly Cell[] = [
  pointed(1, 0.05, 15.8, 0.6, 79),
  pointed(2, 0.05, 14.6, 0.4, 87),
  pointed(4, 0.05, 14.7, 0.7, 137),
  pointed(6, 0.05, 14.5, 0.6, 172),
  continuous(0.05, 15.8, 0.8),
  pointed(1, 0.5, 38.4, 6.2, 79),
  pointed(2, 0.5, 16.3, 0.7, 87),
  pointed(4, 0.5, 14.8, 0.8, 137),
  pointed(6, 0.5, 14.3, 0.6, 172),
  continuous(0.5, 17.3, 1),
  {
    name: "true derivative",
    estimator: { kind: "exact", freeSteps: FREE },
    paper: 14.7,
    spread: 0.6,
    cost: 5000,
  },
  {
    name: "N = 6, |beta| = 0.5, settled",
    estimator: {
      kind: "holomorphic",
      points: 6,
      amplitude: 0.5,
      freeSteps: 1000,
      nudgedSteps: 1000,
      tolerance: 1e-5,
    },
    paper: null,
    spread: null,
    cost: 60,
    settled: true,
  },
];
const [WORST, BEST, SETTLED] = ["N = 1, |beta| = 0.5", "N = 6, |beta| = 0.5", "N = 6, |beta| = 0.5, settled"];

const sized = (names: readonly string[], size: TrainingSize): Record<string, TrainingSize> =>
  Object.fromEntries(names.map((name) => [name, size]));
const NAMES = CELLS.map(({ name }) => name);
const CONTINUOUS = NAMES.filter((name) => name.startsWith("continuous"));

export const laborieuxTable1 = defineExperiment<TableSettings>({
  name: "laborieux-table-1",
  title: "How much does a biased estimate of the derivative cost in training?",
  paper: "Laborieux and Zenke 2023",
  figure: "Table 1",
  data: { set: "fashion-mnist", generated: false, shape: [28, 28, 1] },
  engine: "simd",
  budgets: {
    quick: {
      settings: {
        width: 256,
        cells: {
          ...sized(
            NAMES.filter((name) => name.startsWith("N")),
            { train: 2000, test: 1000, epochs: 2 },
          ),
          ...sized(CONTINUOUS, { train: 500, test: 1000, epochs: 2 }),
          "true derivative": { train: 200, test: 1000, epochs: 1 },
        },
      },
      seeds: 1,
      differs: [
        "2,000 images for 2 epochs (continuous: 500; true derivative: 200 for one), 1,000 of the test",
        "the true derivative is that of the fixed point, by dense solves; the paper's is of its 20 steps",
      ],
    },
    paper: {
      settings: {
        width: 256,
        cells: {
          ...sized(NAMES, { train: 20_000, epochs: 10 }),
          ...sized(CONTINUOUS, { train: 10_000, epochs: 2 }),
          ...sized([WORST, BEST, SETTLED], { epochs: 50 }),
          "true derivative": { train: 1000, epochs: 10 },
        },
      },
      seeds: 1,
      differs: [
        "N = 1 and N = 6 at 0.5 as in the paper, one seed in place of five; other cells on 20,000 images for 10 epochs; continuous on 10,000 for 2",
        "the true derivative is that of the fixed point, by dense solves, on 1,000 images for 10 epochs; the paper's is of its 20 steps",
      ],
    },
  },
  parts: (settings) => cellsOf(settings).map((cell) => partOf(cell, settings)),
  quantities: (settings) => quantitiesOf(settings),
  figures: (found, settings): Figure[] => [
    learningFigure(
      "Learning curves of the cells",
      cellsOf(settings).map(({ name }) => ({ name, finding: foundIn(found, name) })),
    ),
  ],
});

const cellsOf = ({ cells }: TableSettings): readonly Cell[] =>
  CELLS.filter(({ name }) => Object.hasOwn(cells, name));

/** All images, and the paper's epochs. */
const isWhole = ({ train, epochs }: TrainingSize): boolean => train === undefined && epochs === EPOCHS;
const EPOCHS = 50;

function partOf(cell: Cell, { cells, width }: TableSettings): Part {
  const size = cells[cell.name];
  const { train = 60_000, epochs = EPOCHS } = size;
  return {
    name: cell.name,
    weight: train * epochs * cell.cost,
    run: async (bench) => errorCurves(await bench.train(cell.name, configOf(cell, size, width))),
  };
}

/** By appendix D: independent devices in both directions, first set alike; the readout learns at the same rate. */
function configOf(
  { estimator, settled }: Cell,
  { train, test, epochs = EPOCHS }: TrainingSize,
  width: number,
): RunConfig {
  return {
    name: "laborieux-table-1",
    circuit: {
      topology: "layered",
      sizes: [784, width, width, 10],
      neuron: "shifted-sigmoid",
      synapse: "ideal",
      feedback: { angle: 0 },
      initial: "lecun",
      cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
    },
    data: { kind: "folder", ...(train !== undefined && { train }), ...(test !== undefined && { test }) },
    estimator,
    rule: "vector-field",
    optimizer: { kind: "sgd", rate: 0.01, momentum: 0.9 },
    epochs,
    batch: 50,
    probe: 0,
    ...(settled === true && { order: "alternate" as const, acceleration: "anderson" as const }),
  };
}

const ERROR: Pick<Quantity, "unit" | "source"> = { unit: "%", source: "Table 1" };

function quantitiesOf(settings: TableSettings): Quantity[] {
  const cells = cellsOf(settings);
  const has = (...names: readonly string[]): boolean =>
    names.every((name) => Object.hasOwn(settings.cells, name));
  const alike = JSON.stringify(settings.cells[WORST]) === JSON.stringify(settings.cells[BEST]);
  return [
    ...cells.map(({ name, paper, spread }): Quantity => ({
      ...ERROR,
      name: `${name}: test error`,
      paper,
      paperSpread: spread,
      ...(paper === null && { source: "not in the paper" }),
      from: [name],
      of: ({ values }) => values.error,
      rule: !isWhole(settings.cells[name])
        ? notJudged("fewer images and epochs than the paper's")
        : paper === null
          ? notJudged("the paper's phases are not settled")
          : withinSpreads(2),
    })),
    ...(has(WORST, BEST) && alike
      ? [
          {
            unit: "points",
            source: "Table 1",
            name: "test error at |beta| = 0.5, N = 1 less N = 6",
            paper: 24.1,
            from: [WORST, BEST],
            of: (worst, best) =>
              worst.values.error === null || best.values.error === null
                ? null
                : worst.values.error - best.values.error,
            rule: atLeast(0, "the bias of one point costs accuracy"),
          } satisfies Quantity,
        ]
      : []),
  ];
}

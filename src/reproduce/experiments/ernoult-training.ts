/**
 * Table 4 of Ernoult et al. 2019: six circuits trained by equilibrium propagation and by backpropagation through
 * time, from the same first weights, at the same rates.
 */
import type { RunConfig } from "../../config";
import type { Figure } from "../../plot/report-types";
import { defineExperiment, type Found, type Part, type Quantity } from "../experiment";
import { atMost, notJudged } from "../rules";
import { errorCurves, foundIn, learningFigure, type TrainingSize } from "./trainings";

/** A row of Table 4. */
interface Row {
  readonly name: string;
  readonly hidden: number | "conv";
  readonly energy: boolean;
  readonly free: number;
  readonly nudged: number;
  readonly amplitude: number;
  readonly epochs: number;
  /** From the input to the output. */
  readonly rates: readonly number[];
  /** Milliseconds a batch, about. */
  readonly cost: number;
  /** Of its curves. */
  readonly figure: string;
}

interface TrainingSettings {
  /** Rows, and how much of each is run: images, tests and epochs; those left out are the paper's. */
  readonly rows: Readonly<Record<string, TrainingSize>>;
  /** Units of a hidden layer. */
  readonly width: number;
}

const ROWS: readonly Row[] = [
  {
    name: "EB-1h",
    hidden: 1,
    energy: true,
    free: 100,
    nudged: 12,
    amplitude: 0.5,
    epochs: 30,
    rates: [0.1, 0.05],
    cost: 9,
    figure: "Fig. 17",
  },
  {
    name: "EB-2h",
    hidden: 2,
    energy: true,
    free: 500,
    nudged: 40,
    amplitude: 0.8,
    epochs: 50,
    rates: [0.4, 0.1, 0.01],
    cost: 330,
    figure: "Fig. 18",
  },
  {
    name: "P-1h",
    hidden: 1,
    energy: false,
    free: 30,
    nudged: 10,
    amplitude: 0.1,
    epochs: 30,
    rates: [0.08, 0.04],
    cost: 6,
    figure: "Fig. 19",
  },
  {
    name: "P-2h",
    hidden: 2,
    energy: false,
    free: 100,
    nudged: 20,
    amplitude: 0.5,
    epochs: 50,
    rates: [0.2, 0.05, 0.005],
    cost: 75,
    figure: "Fig. 20",
  },
  {
    name: "P-3h",
    hidden: 3,
    energy: false,
    free: 180,
    nudged: 20,
    amplitude: 0.5,
    epochs: 100,
    rates: [0.2, 0.05, 0.01, 0.002],
    cost: 253,
    figure: "Fig. 21",
  },
  {
    name: "P-conv",
    hidden: "conv",
    energy: false,
    free: 200,
    nudged: 10,
    amplitude: 0.4,
    epochs: 40,
    rates: [0.15, 0.035, 0.015],
    cost: 2600,
    figure: "Fig. 22",
  },
];
const METHODS = ["EP", "BPTT"] as const;
type Method = (typeof METHODS)[number];

const SCALED = { train: 10_000, epochs: 5 };

export const ernoultTraining = defineExperiment<TrainingSettings>({
  name: "ernoult-training",
  title: "Does equilibrium propagation train as well as backpropagation through time, from the same start?",
  paper: "Ernoult et al. 2019",
  figure: "Table 4; Fig. 17 to 22",
  data: { set: "mnist", generated: false, shape: [28, 28, 1] },
  engine: "simd",
  budgets: {
    quick: {
      settings: {
        width: 512,
        rows: {
          "EB-1h": { train: 4000, test: 1000, epochs: 2 },
          "P-1h": { train: 4000, test: 1000, epochs: 2 },
          "P-2h": { train: 2000, test: 1000, epochs: 1 },
        },
      },
      seeds: 1,
      differs: [
        "4,000 images for 2 epochs (P-2h: 2,000 for one) and 1,000 of the test; EB-2h, P-3h and P-conv are not run",
        "the energy's output layer has its slope, as the paper's equation has it and the authors' code has not",
      ],
    },
    paper: {
      settings: {
        width: 512,
        rows: {
          "EB-1h": {},
          "P-1h": {},
          "P-2h": { epochs: 5 },
          "EB-2h": SCALED,
          "P-3h": SCALED,
          "P-conv": SCALED,
        },
      },
      seeds: 1,
      differs: [
        "P-2h is trained for 5 epochs; EB-2h, P-3h and P-conv on 10,000 images for 5 epochs; one trial in place of five",
        "the energy's output layer has its slope, as the paper's equation has it and the authors' code has not",
      ],
    },
  },
  // The cheap ones first: a run that is stopped has whole rows to show.
  parts: (settings) =>
    rowsOf(settings)
      .flatMap((row) => METHODS.map((method) => partOf(row, method, settings)))
      .sort((a, b) => a.weight - b.weight),
  quantities: (settings, budget) => rowsOf(settings).flatMap((row) => quantitiesOf(row, budget === "quick")),
  figures: (found, settings) => rowsOf(settings).map((row) => figureOf(row, found)),
});

const rowsOf = ({ rows }: TrainingSettings): readonly Row[] =>
  ROWS.filter(({ name }) => Object.hasOwn(rows, name));
const labelOf = ({ name }: Row, method: Method): string => `${name} by ${method}`;

function partOf(row: Row, method: Method, { rows, width }: TrainingSettings): Part {
  const size = rows[row.name];
  const { train = 60_000, epochs = row.epochs } = size;
  return {
    name: labelOf(row, method),
    weight: train * epochs * row.cost,
    run: async (bench) =>
      errorCurves(await bench.train(labelOf(row, method), configOf(row, method, { ...size, epochs }, width))),
  };
}

function configOf(
  row: Row,
  method: Method,
  { train, test, epochs = row.epochs }: TrainingSize,
  width: number,
): RunConfig {
  const { hidden, energy, free, nudged, amplitude, rates } = row;
  const names = ["input", ...rates.slice(1).map((_, i) => `l${i + 1}`), "output"];
  const common = {
    synapse: "ideal",
    feedback: "tied",
    initial: "fan-in",
    cost: { kind: "squared-error", argument: "state" },
  } as const;
  return {
    name: row.name.toLowerCase(),
    circuit:
      hidden === "conv"
        ? {
            topology: "convolutional",
            ...common,
            shape: [28, 28, 1],
            layers: [32, 64].map((channels) => ({
              channels,
              kernel: 5,
              pool: { kind: "max" as const, window: 2 },
            })),
            outputs: 10,
            neuron: { device: "prototypical", rho: "hard-sigmoid" },
          }
        : {
            topology: "layered",
            ...common,
            sizes: [784, ...Array.from({ length: hidden }, () => width), 10],
            ...(energy
              ? {
                  neuron: { device: "energy-based", rho: "sigmoid", clip: [0, 1] },
                  input: { device: "energy-based", rho: "sigmoid" },
                }
              : { neuron: "prototypical" }),
          },
    data: { kind: "folder", ...(train !== undefined && { train }), ...(test !== undefined && { test }) },
    estimator:
      method === "EP"
        ? { kind: "one-sided", amplitude, freeSteps: free, nudgedSteps: nudged }
        : { kind: "bptt", freeSteps: free, steps: nudged },
    optimizer: {
      kind: "sgd",
      rate: Object.fromEntries(rates.map((rate, i) => [`${names[i]}-${names[i + 1]}`, rate])),
    },
    ...(energy && { solver: "euler" as const, dt: 0.2 }),
    epochs,
    batch: 20,
    probe: 0,
  };
}

/** Points of percent by which both may differ. */
const ASIDE = 1;
const SHORT = 5;

function quantitiesOf(row: Row, short: boolean): Quantity[] {
  const source = `figure image (${row.figure})`;
  return [
    ...METHODS.map((method): Quantity => ({
      name: `${labelOf(row, method)}: test error`,
      unit: "%",
      paper: null,
      source,
      from: [labelOf(row, method)],
      of: ({ values }) => values.error,
      rule: notJudged("the paper's number stands in its main text, which was not at hand"),
    })),
    {
      name: `${row.name}: test error of EP less that of BPTT`,
      unit: "points",
      paper: null,
      source,
      from: METHODS.map((method) => labelOf(row, method)),
      of: (ep, bptt) => difference(ep.values.error, bptt.values.error),
      rule: atMost(short ? SHORT : ASIDE, "EP learns as well as BPTT from the same start"),
    },
  ];
}

const difference = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a - b;

const figureOf = (row: Row, found: Found): Figure =>
  learningFigure(
    `${row.name} (${row.figure})`,
    METHODS.map((method) => ({ name: method, finding: foundIn(found, labelOf(row, method)) })),
  );

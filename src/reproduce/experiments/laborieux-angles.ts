/**
 * Fig. 3 of Laborieux and Zenke 2023: training from feedback at several angles, by recurrent backpropagation and by
 * the derivative that nudging measures. Whoever nudges depends on where it starts.
 */
import type { RunConfig } from "../../config";
import type { Figure } from "../../plot/report-types";
import { defineExperiment, type Finding, type Found, type Part, type Quantity } from "../experiment";
import { atLeast, atMost, notJudged } from "../rules";
import { epochFigure, errorCurves, foundIn, type TrainingSize } from "./trainings";

interface AngleSettings extends TrainingSize {
  readonly epochs: number;
  /** Degrees at the start. */
  readonly angles: readonly number[];
  /** Units of a hidden layer. */
  readonly width: number;
  /** Test samples on which the cosine is taken after each epoch. */
  readonly probe: number;
}

const METHODS = ["RBP", "hEP"] as const;
type Method = (typeof METHODS)[number];
const nameOf = (method: Method, angle: number): string => `${method} from ${angle} degrees`;

const INSTEAD = [
  "hEP nudges at two points of |beta| = 0.05, where the paper takes the derivative itself by forward-mode differentiation",
  "RBP walks 20 steps back through time from the end of the free phase, as the authors' code does",
];

export const laborieuxAngles = defineExperiment<AngleSettings>({
  name: "laborieux-angles",
  title: "What does the angle at which feedback starts do to training?",
  paper: "Laborieux and Zenke 2023",
  figure: "Fig. 3",
  data: { set: "fashion-mnist", generated: false, shape: [28, 28, 1] },
  engine: "simd",
  budgets: {
    quick: {
      settings: { angles: [0, 90], train: 1000, test: 1000, epochs: 2, width: 256, probe: 5 },
      seeds: 1,
      differs: ["angles 0 and 90, 1,000 images for 2 epochs, 1,000 of the test", ...INSTEAD],
    },
    paper: {
      settings: { angles: [0, 15, 30, 45, 60, 75, 90], train: 10_000, epochs: 10, width: 256, probe: 20 },
      seeds: 1,
      differs: ["10,000 images for 10 epochs, one seed in place of three", ...INSTEAD],
    },
  },
  parts: (settings) =>
    settings.angles.flatMap((angle) => METHODS.map((method) => partOf(method, angle, settings))),
  quantities: (settings) => quantitiesOf(settings),
  figures: (found, settings) => figuresOf(found, settings),
});

function partOf(method: Method, angle: number, settings: AngleSettings): Part {
  return {
    name: nameOf(method, angle),
    weight: method === "hEP" ? 1 : 3,
    run: async (bench) =>
      errorCurves(await bench.train(nameOf(method, angle), configOf(method, angle, settings))),
  };
}

function configOf(
  method: Method,
  angle: number,
  { train, test, epochs, width, probe }: AngleSettings,
): RunConfig {
  return {
    name: "laborieux-angles",
    circuit: {
      topology: "layered",
      sizes: [784, width, width, 10],
      neuron: "shifted-sigmoid",
      synapse: "ideal",
      feedback: { angle },
      initial: "lecun",
      cost: { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true },
    },
    data: { kind: "folder", ...(train !== undefined && { train }), ...(test !== undefined && { test }) },
    estimator:
      method === "RBP"
        ? { kind: "bptt", freeSteps: 150, steps: 20 }
        : { kind: "holomorphic", points: 2, amplitude: 0.05, freeSteps: 150, nudgedSteps: 20 },
    rule: "vector-field",
    optimizer: { kind: "sgd", rate: 0.01, momentum: 0.9 },
    epochs,
    batch: 50,
    probe,
  };
}

const FEEDBACK = "l2-l1";
const lastOf = ({ curves }: Finding, name: string): number | null => curves?.[name]?.at(-1) ?? null;

function quantitiesOf({ angles }: AngleSettings): Quantity[] {
  const image = (panel: string): Pick<Quantity, "paper" | "source"> => ({
    paper: null,
    source: `figure image (Fig. 3${panel})`,
  });
  const [first, last] = [angles[0], angles[angles.length - 1]];
  return [
    ...angles.flatMap((angle) =>
      METHODS.flatMap((method): Quantity[] => [
        {
          name: `${nameOf(method, angle)}: training cost of the last epoch`,
          ...image(method === "RBP" ? "c" : "d"),
          from: [nameOf(method, angle)],
          of: ({ values }) => values.cost,
          rule: notJudged("curves of the paper are images"),
        },
        {
          name: `${nameOf(method, angle)}: angle of ${FEEDBACK} at the end, degrees`,
          ...image(method === "RBP" ? "a" : "b"),
          from: [nameOf(method, angle)],
          of: (found) => lastOf(found, `angle ${FEEDBACK}`),
          rule: notJudged("curves of the paper are images"),
        },
      ]),
    ),
    ...METHODS.map((method): Quantity => ({
      name: `${method}: training cost from ${last} degrees over that from ${first}`,
      ...image(method === "RBP" ? "c" : "d"),
      from: [nameOf(method, last), nameOf(method, first)],
      of: (steep, flat) =>
        steep.values.cost === null || flat.values.cost === null ? null : steep.values.cost / flat.values.cost,
      rule:
        method === "hEP"
          ? atLeast(1, "the training loss depends on the initial angle")
          : atMost(1.25, "all angles perform comparably"),
    })),
    {
      name: `hEP: cosine of l1 with the true error at the end, from ${first} degrees less that from ${last}`,
      ...image("f"),
      from: [nameOf("hEP", first), nameOf("hEP", last)],
      of: (flat, steep) => {
        const [a, b] = [lastOf(flat, "cosine l1"), lastOf(steep, "cosine l1")];
        return a === null || b === null ? null : a - b;
      },
      rule: atLeast(0, "who starts at a smaller angle stays nearer to the true error"),
    },
  ];
}

function figuresOf(found: Found, { angles }: AngleSettings): Figure[] {
  const panel = (method: Method, letter: string, curve: string, what: string): Figure =>
    epochFigure(
      `Fig. 3${letter}: ${what}, ${method}`,
      "By the angle at which training starts.",
      what,
      angles.map((angle) => ({
        name: `${angle} degrees`,
        y: foundIn(found, nameOf(method, angle))?.curves?.[curve] ?? [],
      })),
    );
  return METHODS.flatMap((method, k) => [
    panel(method, "ab"[k], `angle ${FEEDBACK}`, "angle, degrees"),
    panel(method, "cd"[k], "train_cost", "training cost"),
    panel(method, "ef"[k], "cosine l1", "cosine of l1 with the true error"),
  ]);
}

/**
 * Fig. 2 to 4 of O'Connor et al. 2019: with a feedforward net that predicts where phases end, a few negative steps
 * suffice; what lambda does, and whether local losses point down the global one.
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
  learningFigure,
  sized,
  trainingParts,
  type Cell,
  type TrainingSize,
} from "./trainings";

/** A net of the paper as it is run here. */
interface NetSettings extends TrainingSize {
  readonly epochs: number;
  /** Units of a hidden layer. */
  readonly width: number;
  /** Negative steps, few and many. */
  readonly steps: readonly [few: number, many: number];
}

interface OConnorSettings extends NetSettings {
  /** Of the paper, for Fig. 4. */
  readonly lambdas: readonly number[];
  /** The net of three hidden layers; null: it is not run. */
  readonly large: NetSettings | null;
}

/** What the paper prints of a net: its hidden layers, beta, positive steps, and rates from the input on. */
interface Net {
  readonly name: string;
  readonly layers: number;
  readonly beta: number;
  readonly nudgedSteps: number;
  readonly rates: readonly number[];
}

const SMALL: Net = { name: "", layers: 1, beta: 0.5, nudgedSteps: 4, rates: [0.1, 0.05] };
const LARGE: Net = {
  name: "large net, ",
  layers: 3,
  beta: 1,
  nudgedSteps: 8,
  rates: [0.128, 0.032, 0.008, 0.002],
};
/** The paper's beta is half an amplitude here, since its cost has no half; and so are its learning rates. */
const HALF = 2;
const LAMBDA = 0.05;

const plain = (steps: number, { name } = SMALL): string => `${name}plain, ${steps} negative steps`;

/** How a cell departs from the rest: lambda, first weights and losses of the forward net. */
interface Beside {
  readonly lambda?: number;
  readonly initial?: "own" | "tied";
  readonly loss?: "local" | "global";
  readonly target?: "free" | "nudged";
}

const begun = (steps: number, beside: Beside = {}, { name } = SMALL): string => {
  const { lambda = LAMBDA, initial = "own", loss = "local", target = "free" } = beside;
  return (
    `${name}initialized, ${steps} negative steps` +
    (lambda === LAMBDA ? "" : `, lambda ${lambda}`) +
    (initial === "own" ? "" : ", tied first weights") +
    (loss === "local" ? "" : ", global loss") +
    (target === "free" ? "" : ", target s+")
  );
};

/** Of Fig. 3, which has no pull. */
const LOSSES: readonly Beside[] = [{ lambda: 0 }, { lambda: 0, loss: "global" }];

function cellOf(net: Net, settings: NetSettings, freeSteps: number, beside: Beside | null): Cell {
  const names = [
    ...Array.from({ length: net.layers + 1 }, (_, k) => (k === 0 ? "input" : `l${k}`)),
    "output",
  ];
  const rates = (factor: number): Record<string, number> =>
    Object.fromEntries(net.rates.map((rate, k) => [`${names[k]}-${names[k + 1]}`, factor * rate]));
  return {
    name: beside === null ? plain(freeSteps, net) : begun(freeSteps, beside, net),
    weight: net.layers * freeSteps,
    config: {
      name: "oconnor-mnist",
      circuit: {
        topology: "layered",
        sizes: [784, ...Array.from({ length: net.layers }, () => settings.width), 10],
        neuron: "energy-based",
        synapse: "ideal",
        initial: "glorot",
        cost: { kind: "squared-error", argument: "state" },
      },
      data: sized(settings),
      estimator: {
        kind: "random-sign",
        amplitude: HALF * net.beta,
        freeSteps,
        nudgedSteps: net.nudgedSteps,
      },
      ...(beside !== null && {
        initialized: { lambda: LAMBDA, factor: "paper" as const, leak: 0.01, rate: rates(1), ...beside },
      }),
      rule: "energy-based",
      optimizer: { kind: "sgd", rate: rates(HALF) },
      solver: "euler",
      dt: 0.5,
      epochs: settings.epochs,
      batch: 20,
      probe: 0,
    } satisfies RunConfig,
  };
}

function cellsOf(settings: OConnorSettings): readonly Cell[] {
  const { steps, lambdas, large } = settings;
  const [few] = steps;
  const two = (net: Net, of: NetSettings): Cell[] =>
    of.steps.flatMap((n) => [cellOf(net, of, n, null), cellOf(net, of, n, {})]);
  return [
    ...two(SMALL, settings),
    ...lambdas.filter((one) => one !== LAMBDA).map((lambda) => cellOf(SMALL, settings, few, { lambda })),
    cellOf(SMALL, settings, few, { initial: "tied" }),
    cellOf(SMALL, settings, few, { target: "nudged" }),
    ...(large === null
      ? []
      : [...two(LARGE, large), ...LOSSES.map((beside) => cellOf(LARGE, large, large.steps[1], beside))]),
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
    ...[begun(few), begun(few, { initial: "tied" })].map((part): Quantity => ({
      name: `${part}: test error of the forward net`,
      unit: "%",
      paper: null,
      source: image("2"),
      from: [part],
      of: ({ values }) => values.forward_error ?? null,
      rule: shown,
    })),
    gain("test error", [begun(few, { target: "nudged" }), begun(few)], ({ values }) => values.error, {
      unit: "%",
      source: "footnote 2: slightly worse (no number is printed)",
      rule: atLeast(0, "s+ is slightly worse"),
    }),
    gain(
      "test error of the forward net",
      [begun(few, { target: "nudged" }), begun(few)],
      ({ values }) => values.forward_error,
      {
        unit: "%",
        source: "footnote 2: slightly worse (no number is printed)",
        rule: atLeast(0, "s+ is slightly worse"),
      },
    ),
    {
      name: "error of the forward net after the first epoch: own first weights less tied ones",
      unit: "%",
      paper: null,
      source: "section 4 (effects unclear: not shown)",
      from: [begun(few), begun(few, { initial: "tied" })],
      of: (own, tied) => {
        const [a, b] = [own, tied].map(({ curves }) => curves?.forward_error?.[0] ?? null);
        return a === null || b === null ? null : a - b;
      },
      rule: notJudged("the paper shows nothing of it"),
    },
    alignmentOf(begun(few), image("3")),
    ...(settings.large === null ? [] : largeQuantities(settings.large)),
  ];
}

const alignmentOf = (part: string, source: string): Quantity => ({
  name: `${part}: alignment of the local with the global gradient, first layer`,
  paper: null,
  source,
  from: [part],
  of: ({ curves }) =>
    Object.entries(curves ?? {})
      .find(([key]) => key.startsWith("alignment "))?.[1]
      .at(-1) ?? null,
  rule: atLeast(0, "local losses point down the global one"),
});

function largeQuantities({ steps: [few, many] }: NetSettings): readonly Quantity[] {
  const [local, global] = LOSSES.map((beside) => begun(many, beside, LARGE));
  const error = ({ values }: Finding): number | null => values.error;
  const of = (figure: string): Pick<Quantity, "unit" | "source"> => ({
    unit: "%",
    source: `figure image (Fig. ${figure})`,
  });
  return [
    gain("test error", [plain(few, LARGE), begun(few, {}, LARGE)], error, {
      ...of("2, top right"),
      rule: atLeast(0, "few negative steps work only with initialisation"),
    }),
    gain("test error", [plain(few, LARGE), plain(many, LARGE)], error, {
      ...of("2, right"),
      rule: atLeast(0, "without it, more negative steps are better"),
    }),
    gain("test error of the forward net", [global, local], ({ values }) => values.forward_error, {
      ...of("3, left"),
      rule: notJudged("curves of the paper are images; no disadvantage of local losses is observed there"),
    }),
    alignmentOf(local, "figure image (Fig. 3, right)"),
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
        .filter(({ config }) => config.initialized !== undefined)
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
      settings: {
        train: 2000,
        test: 1000,
        epochs: 3,
        width: 200,
        steps: [4, 20],
        lambdas: [0, LAMBDA],
        large: null,
      },
      seeds: 1,
      differs: [
        "2,000 images for 3 epochs, 200 hidden units (the paper: 500)",
        "the small net only: in so few images the large one learns nothing (--budget paper has it)",
      ],
    },
    paper: {
      settings: {
        epochs: 50,
        width: 500,
        steps: [4, 20],
        lambdas: [0, LAMBDA, 0.5],
        large: { train: 10_000, epochs: 5, width: 500, steps: [20, 50] },
      },
      seeds: 1,
      differs: [
        "one seed",
        "the large net on 10,000 images for 5 epochs (the paper: 60,000 for 200 and 500)",
      ],
    },
  },
  parts: (settings) => trainingParts(cellsOf(settings)),
  quantities: quantitiesOf,
  figures: figuresOf,
});

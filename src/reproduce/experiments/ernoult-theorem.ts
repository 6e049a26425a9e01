/**
 * Theorem 1 of Ernoult et al. 2019: at a steady state, what each step of the nudged phase changes is what each step
 * of backpropagation through time changes. Eight circuits of Table 3; how far the two paths are apart (Eq. 67), at
 * the paper's nudge and at a tenth of it.
 */
import { convolutional, layered, toy } from "../../../circuits";
import { energyBased, ideal, prototypical } from "../../../devices";
import type { Circuit } from "../../circuit/chip-types";
import { Simulator } from "../../dynamics/simulator";
import { labelledBatches } from "../../learning/batches";
import { epBesideBpttSteps, PathError, type Changes, type StepOfBoth } from "../../learning/ep-beside-bptt";
import type { Batch } from "../../learning/types";
import type { Figure } from "../../plot/report-types";
import { streamOf, uniform } from "../../random";
import {
  defineExperiment,
  type Bench,
  type Finding,
  type Found,
  type Part,
  type Quantity,
} from "../experiment";
import { atLeast, atMost, between, notJudged } from "../rules";

/** A row of Table 3. */
interface Row {
  readonly name: string;
  /** Hidden layers, all to all; "toy", "conv". */
  readonly hidden: number | "toy" | "conv";
  /** Whether there is an energy: a step of time then, and what the theorem says in full. */
  readonly energy: boolean;
  /** T, K, beta, epsilon. */
  readonly free: number;
  readonly nudged: number;
  readonly amplitude: number;
  readonly dt?: number;
  /** Of its curves. */
  readonly figure: string;
  /** How long it takes beside the others. */
  readonly weight: number;
}

export interface TheoremSettings {
  readonly rows: readonly string[];
  /** Units of a hidden layer. */
  readonly width: number;
  /** Samples of a batch; of P-conv and EB-3h one. */
  readonly samples: number;
  /** Most steps of the nudged phase. */
  readonly steps: number;
}

const ROWS: readonly Row[] = [
  {
    name: "toy",
    hidden: "toy",
    energy: true,
    free: 5000,
    nudged: 80,
    amplitude: 0.01,
    dt: 0.08,
    figure: "Fig. 2",
    weight: 1,
  },
  {
    name: "EB-1h",
    hidden: 1,
    energy: true,
    free: 800,
    nudged: 80,
    amplitude: 0.001,
    dt: 0.08,
    figure: "Fig. 8",
    weight: 8,
  },
  {
    name: "EB-2h",
    hidden: 2,
    energy: true,
    free: 5000,
    nudged: 150,
    amplitude: 0.01,
    dt: 0.08,
    figure: "Fig. 9",
    weight: 25,
  },
  {
    name: "EB-3h",
    hidden: 3,
    energy: true,
    free: 30000,
    nudged: 200,
    amplitude: 0.02,
    dt: 0.08,
    figure: "Fig. 10",
    weight: 50,
  },
  {
    name: "P-1h",
    hidden: 1,
    energy: false,
    free: 150,
    nudged: 10,
    amplitude: 0.01,
    figure: "Fig. 11",
    weight: 2,
  },
  {
    name: "P-2h",
    hidden: 2,
    energy: false,
    free: 1500,
    nudged: 40,
    amplitude: 0.01,
    figure: "Fig. 12",
    weight: 8,
  },
  {
    name: "P-3h",
    hidden: 3,
    energy: false,
    free: 5000,
    nudged: 40,
    amplitude: 0.015,
    figure: "Fig. 13",
    weight: 12,
  },
  {
    name: "P-conv",
    hidden: "conv",
    energy: false,
    free: 5000,
    nudged: 10,
    amplitude: 0.02,
    figure: "Fig. 4",
    weight: 30,
  },
];

/** A free phase that moves by less between two steps stands still. */
const STILL = 1e-14;
/** A free phase that moves by more, beside the nudge, is told: it moves states as the nudge does. */
const DRIFT = 1e-6;
/** What the nudges are divided by, where the fall with beta is looked at. */
const LESS = 10;
/** Elements whose paths are drawn, a tensor. */
const DRAWN = 2;

export const ernoultTheorem = defineExperiment<TheoremSettings>({
  name: "ernoult-theorem",
  title: "Do the steps of a nudged phase change what backpropagation through time changes?",
  paper: "Ernoult et al. 2019",
  figure: "Table 3; Fig. 2, 4, 8 to 13",
  data: { set: "mnist", generated: true, shape: [28, 28, 1] },
  engine: "reference",
  budgets: {
    quick: {
      settings: { rows: ROWS.map(({ name }) => name), width: 64, samples: 1, steps: 30 },
      seeds: 1,
      differs: [
        "hidden layers have 64 units, not 512; one sample in place of 20; at most 30 steps are walked",
        "free phases end once they stand still (1e-14), at the latest after the paper's T",
        "first weights are drawn as the authors' code draws them (+-1/sqrt(fan-in)), not by Glorot: with those, tied tanh maps saturate",
      ],
    },
    paper: {
      settings: { rows: ROWS.map(({ name }) => name), width: 512, samples: 20, steps: 200 },
      seeds: 1,
      differs: [
        "free phases end once they stand still (1e-14), at the latest after the paper's T",
        "P-conv and EB-3h with one sample",
        "first weights are drawn as the authors' code draws them (+-1/sqrt(fan-in)), not by Glorot: with those, tied tanh maps saturate",
      ],
    },
  },
  parts: (settings) => rowsOf(settings).map((row) => partOf(row, settings)),
  quantities: (settings) => rowsOf(settings).flatMap(quantitiesOf),
  figures: (found, settings) => rowsOf(settings).flatMap((row) => figuresOf(row, found)),
});

const rowsOf = ({ rows }: TheoremSettings): readonly Row[] => ROWS.filter(({ name }) => rows.includes(name));

function circuitOf({ hidden, energy }: Row, width: number): Circuit {
  const devices = energy
    ? { neuron: energyBased({ rho: "tanh" }), input: energyBased({ rho: "tanh" }) }
    : { neuron: prototypical({ rho: hidden === "conv" ? "hard-sigmoid" : "tanh" }) };
  const common = {
    ...devices,
    synapse: ideal(),
    initial: { distribution: "fan-in" },
    cost: { kind: "squared-error", argument: "state" },
  } as const;
  if (hidden === "toy") return toy({ ...devices, synapse: ideal() });
  if (hidden === "conv")
    return convolutional({
      ...common,
      shape: [28, 28, 1],
      layers: [width / 16, width / 8].map((channels) => ({
        channels,
        kernel: 5,
        pool: { kind: "max", window: 2 },
      })),
      outputs: 10,
    });
  return layered([784, ...Array.from({ length: hidden }, () => width), 10], common);
}

function partOf(row: Row, { width, samples, steps }: TheoremSettings): Part {
  return {
    name: row.name,
    weight: row.weight,
    async run(bench) {
      const chip = circuitOf(row, width).fabricate({ seed: bench.seed });
      const few = row.name === "P-conv" || row.name === "EB-3h" ? 1 : samples;
      const batch = batchOf(chip.circuit, row, few, bench);
      const solver = row.dt === undefined ? {} : ({ solver: "euler", dt: row.dt } as const);
      const simulator = new Simulator(chip, bench.engine, solver);
      try {
        return await compare(simulator, batch, row, Math.min(row.nudged, steps), bench);
      } finally {
        simulator.dispose();
      }
    },
  };
}

/** The toy sees noise; the others the first pictures. */
function batchOf(circuit: Circuit, { hidden }: Row, samples: number, { data, seed }: Bench): Batch {
  if (hidden !== "toy") {
    const shuffle = { seed, epoch: 0 };
    const [batch] = labelledBatches(circuit, data.train, { size: samples, shuffle });
    return batch;
  }
  const drawn = (stream: string, size: number): Float64Array =>
    Float64Array.from({ length: samples * size }, (_, i) => uniform(seed, streamOf(stream), 0, i));
  return {
    samples,
    inputs: drawn("toy inputs", circuit.input.size),
    targets: drawn("toy targets", circuit.output.size),
  };
}

/** States, and weights with what all steps so far have added up to. */
const KINDS = ["states", "weights", "biases"] as const;

async function compare(
  simulator: Simulator,
  batch: Batch,
  { free, amplitude }: Row,
  steps: number,
  { tell }: Bench,
): Promise<Finding> {
  const { samples, inputs } = batch;
  const rest = await simulator.phase({ samples, inputs, steps: free, tolerance: STILL });
  tell(0.3, `free phase ${rest.outcome.kind} after ${rest.outcome.steps} steps`);
  const amplitudes = [amplitude, amplitude / LESS];
  const { both } = await epBesideBpttSteps(
    simulator,
    { ...batch, start: rest.states },
    { freeSteps: steps, steps, amplitudes },
  );
  const errors = amplitudes.map(() => new PathErrors());
  const curves: Record<string, number[]> = {};
  let step = 0;
  for await (const one of both) {
    one.ep.forEach((ep, k) => errors[k].add(ep, one.reference));
    draw(curves, one);
    tell(0.3 + (0.7 * ++step) / steps, `step ${step} of ${steps}`);
  }
  const [at, less] = errors.map((all) => all.mean());
  return {
    values: {
      states: at.states,
      weights: at.weights,
      states_less: less.states,
      weights_less: less.weights,
      signs: errors[0].signs(),
      free_steps: rest.outcome.steps,
      free_residual: rest.outcome.residual,
    },
    curves,
    ...(rest.outcome.residual > DRIFT * amplitude && {
      cautions: [
        `the free phase does not stand still after ${rest.outcome.steps} steps: it moves by ${rest.outcome.residual.toExponential(1)}`,
      ],
    }),
  };
}

/** Errors of all tensors: mean over tensors, of states and of weights. */
class PathErrors {
  private readonly states = new Map<string, PathError>();
  private readonly weights = new Map<string, PathError>();
  /** Sums over all steps of both, by array. */
  private readonly sums = new Map<string, readonly [Float64Array, Float64Array]>();

  add(ep: Changes, reference: Changes): void {
    for (const kind of KINDS)
      for (const [name, values] of Object.entries(reference[kind])) {
        const errors = kind === "states" ? this.states : this.weights;
        const key = `${kind} ${name}`;
        const error = errors.get(key) ?? new PathError(values.length);
        errors.set(key, error);
        error.add(ep[kind][name], values);
        if (kind === "states") continue;
        const sums = this.sums.get(key) ?? [new Float64Array(values.length), new Float64Array(values.length)];
        this.sums.set(key, sums);
        [ep[kind][name], values].forEach((one, k) => one.forEach((x, i) => (sums[k][i] += x)));
      }
  }

  /** Share of weights whose changes have the same sign, of those that backpropagation changes at all. */
  signs(): number {
    let [same, all] = [0, 0];
    for (const [ep, reference] of this.sums.values())
      reference.forEach((x, i) => {
        all += Number(x !== 0);
        same += Number(x !== 0 && Math.sign(x) === Math.sign(ep[i]));
      });
    return same / all;
  }

  mean(): { readonly states: number; readonly weights: number } {
    const of = (errors: ReadonlyMap<string, PathError>): number =>
      [...errors.values()].reduce((sum, { value }) => sum + value / errors.size, 0);
    return { states: of(this.states), weights: of(this.weights) };
  }
}

/** The first elements that move, of each layer and each array, by both. */
function draw(curves: Record<string, number[]>, { ep: [ep], reference }: StepOfBoth): void {
  for (const kind of ["states", "weights"] as const)
    for (const [name, values] of Object.entries(reference[kind]))
      for (let k = 0; k < DRAWN; k++) {
        // Spread over the tensor: the first pixels are black in all pictures.
        const i = Math.floor(((2 * k + 1) * values.length) / (2 * DRAWN));
        (curves[`${kind} ${name} ${i} EP`] ??= []).push(ep[kind][name][i]);
        (curves[`${kind} ${name} ${i} BPTT`] ??= []).push(values[i]);
      }
}

/** Bounds of the exponent with which the error falls: it is 1 where the theorem holds. */
const LINEAR = [0.9, 1.1] as const;
/** An error of more is no agreement that a picture would show. */
const NEAR = 0.1;
/** Of signs, where the theorem is not exact. */
const MOSTLY = 0.8;
const WITHOUT_SLOPE = "the prototypical rule leaves a slope out, so it is not exact";

function quantitiesOf({ name, energy, figure }: Row): Quantity[] {
  const source = `figure image (${figure})`;
  const common = { paper: null, source, from: [name] };
  const signs: Quantity = {
    ...common,
    name: `${name}: weights whose changes have the same sign`,
    of: ({ values }) => values.signs,
    rule: atLeast(energy ? 0.99 : MOSTLY, "learning goes the same way"),
  };
  const kinds = (["states", "weights"] as const).flatMap((kind): Quantity[] => [
    {
      ...common,
      name: `${name}: RelMSE of ${kind}`,
      of: ({ values }) => values[kind],
      rule: energy ? atMost(NEAR, "the curves of the figure lie on each other") : notJudged(WITHOUT_SLOPE),
    },
    {
      ...common,
      name: `${name}: exponent of beta, ${kind}`,
      of: ({ values }) => exponent(values[kind], values[`${kind}_less`]),
      rule: energy ? between(...LINEAR, "RelMSE falls linearly with beta") : notJudged(WITHOUT_SLOPE),
    },
  ]);
  return [...kinds, signs];
}

const exponent = (at: number | null, less: number | null): number | null =>
  at === null || less === null ? null : Math.log10(at / less) / Math.log10(LESS);

function figuresOf({ name, figure }: Row, found: Found): Figure[] {
  const curves = found(name)[0]?.curves;
  if (curves === undefined) return [];
  return (["states", "weights"] as const).map((kind): Figure => {
    const series = Object.entries(curves).filter(([key]) => key.startsWith(`${kind} `));
    return {
      kind: "curves",
      group: `${name} (${figure})`,
      title: `${name}, ${kind}`,
      caption: "Some elements: equilibrium propagation and, over it, backpropagation.",
      xLabel: "step t",
      yLabel: kind === "states" ? "change of a state" : "change of a weight",
      series: series.map(([key, y]) => ({
        name: key.slice(kind.length + 1),
        x: y.map((_, t) => t),
        y,
      })),
    };
  });
}

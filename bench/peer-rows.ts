/**
 * What is compared with what: for each row the peer's script and our verb doing the same work, and where the
 * figures are.
 */
import { figure, type Line } from "./processes";

/** One way to run a program: words after its name. */
export interface Variant {
  readonly name: string;
  readonly args: readonly string[];
}

export interface Row {
  readonly name: string;
  readonly what: string;
  /** The peer's script, and the Python module that it needs. */
  readonly script: string;
  readonly module: "torch" | "brian2";
  /** Their time over ours that is wanted. */
  readonly wanted: number;
  /** Ways to run each; the best of each counts. */
  readonly theirs: readonly Variant[];
  readonly ours: readonly Variant[];
  /** Time in the lines that a run printed, theirs and ours. */
  readonly time: readonly [
    theirs: (lines: readonly Line[]) => number,
    ours: (lines: readonly Line[]) => number,
  ];
  /** Seeds differ from round to round; errors are held against each other. */
  readonly learns?: true;
}

export interface RowOptions {
  readonly threads: readonly number[];
  readonly steps: number;
  readonly repeats: number;
  readonly data?: string;
  readonly warmup: number;
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
  readonly tolerance: number;
  /** Where ours keeps the weights of the trained network between runs. */
  readonly weights: string;
}

/** Every row, in the order in which they run. */
export const ROW_NAMES = [
  "step",
  "step-64",
  "energy",
  "holomorphic",
  "rate",
  "p-conv",
  "hep-conv",
  "settle",
  "train-p-1h",
  "train-p-2h",
  "bptt-p-1h",
] as const;

const first = (field: string) => (lines: readonly Line[]) => figure(lines[0], field);
const total = (lines: readonly Line[]) => lines.reduce((sum, line) => sum + figure(line, "seconds"), 0);
const words = (options: Readonly<Record<string, string | number>>) =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, ...String(value).split(" ")]);

/** The rows that can run with these options; rows that learn need data. */
export function rowsFor(o: RowOptions): Row[] {
  const threaded: Threaded = (name, args) =>
    o.threads.map((threads) => {
      const count = `${threads} thread${threads > 1 ? "s" : ""}`;
      return {
        name: name === "" ? count : `${name}, ${count}`,
        args: [...args, "--threads", String(threads)],
      };
    });
  const step = (
    name: string,
    what: string,
    wanted: number,
    dynamics: string,
    sizes: string,
    batch: number,
  ): Row => {
    const args = words({ dynamics, sizes, batch, steps: o.steps, repeats: o.repeats });
    return {
      name,
      what: `${what}, ${sizes.replaceAll(" ", "-")}, batch ${batch}`,
      wanted,
      script: "torch_relax.py",
      module: "torch",
      theirs: threaded("", args),
      ours: plainAndFused(threaded, "", ["relax", ...args]),
      time: [first("us_per_step"), first("us_per_step")],
    };
  };
  return [
    step("step", "step, prototypical", 1.25, "prototypical", "784 512 512 10", 20),
    step("step-64", "step, prototypical", 0.55, "prototypical", "784 512 512 10", 64),
    step("energy", "step, energy-based", 1.5, "energy", "784 512 512 10", 20),
    step("holomorphic", "step, holomorphic complex", 2, "holomorphic", "784 256 256 10", 50),
    {
      name: "rate",
      what: "step, noisy rate network, 100-100-10, one sample",
      wanted: 10,
      script: "brian_rate.py",
      module: "brian2",
      theirs: ["numpy", "cython"].map((target) => ({ name: target, args: ["--target", target] })),
      ours: threaded("", ["relax", ...words({ dynamics: "rate", steps: 1000, repeats: 7 })]),
      time: [first("us_per_step_without_start_up"), first("us_per_step")],
    },
    convolutionalRow("p-conv", "p-conv", 0.9, o, threaded),
    convolutionalRow("hep-conv", "hep-cnn-small", 1.8, o, threaded),
    ...(o.data === undefined
      ? []
      : [
          settleRow(o, o.data, threaded),
          trainRow("p-1h", 2.5, o, o.data, threaded),
          trainRow("p-2h", 4, o, o.data, threaded),
          backpropagationRow(o.data, threaded),
        ]),
  ];
}

type Threaded = (name: string, args: readonly string[]) => Variant[];

/** As products are rounded before they are added, and as they are not, which PyTorch does on every machine that can. */
const plainAndFused = (threaded: Threaded, name: string, args: readonly string[]): Variant[] => [
  ...threaded(name, args),
  ...threaded(name === "" ? "fused" : `${name}, fused`, [...args, "--fused"]),
];

/** Batches of 20. The peer's step pools, and our step, too. */
function convolutionalRow(
  dynamics: string,
  model: string,
  wanted: number,
  { steps, repeats }: RowOptions,
  threaded: Threaded,
): Row {
  // A step is long: a tenth of the steps is as good.
  const common = words({ batch: 20, steps: Math.max(1, Math.round(steps / 10)), repeats });
  const ours = ["relax", ...words({ dynamics }), ...common];
  return {
    name: dynamics,
    what: `step, ${dynamics}, batch 20`,
    wanted,
    script: "torch_conv.py",
    module: "torch",
    theirs: threaded("", [...words({ model }), ...common]),
    ours: plainAndFused(threaded, "", ours),
    time: [first("us_per_step"), first("us_per_step")],
  };
}

/** Their script trains by both methods, one line each. */
function backpropagationRow(data: string, threaded: Threaded): Row {
  const common = words({ model: "p-1h", epochs: 2, train: 2000, test: 2000 });
  const last = (lines: readonly Line[]): number =>
    figure(lines.filter((line) => line.method === "bptt").at(-1), "seconds");
  return {
    name: "bptt-p-1h",
    what: "training p-1h by backpropagation through time, 2000 images, second epoch, seconds",
    wanted: 1.3,
    script: "torch_bptt.py",
    module: "torch",
    learns: true,
    theirs: threaded("", [data, ...common]),
    ours: plainAndFused(threaded, "", ["train", ...words({ data, method: "bptt" }), ...common]),
    time: [last, last],
  };
}

function settleRow(o: RowOptions, data: string, threaded: Threaded): Row {
  const common = words({ model: "p-2h", warmup: o.warmup, tolerance: 1e-4 });
  const settle = ["settle", ...words({ data }), ...common, ...words({ weights: o.weights })];
  const paths = ["synchronous", "alternate"].flatMap((order) =>
    ["none", "anderson"].map((acceleration) => ({ order, acceleration })),
  );
  return {
    name: "settle",
    what: "fixed point of a trained p-2h to 1e-4, batch 20",
    wanted: 6,
    script: "torch_settle.py",
    module: "torch",
    theirs: threaded("synchronous", [data, ...common]),
    ours: paths.flatMap((path) =>
      plainAndFused(threaded, `${path.order}, ${path.acceleration}`, [...settle, ...words(path)]),
    ),
    time: [first("us_per_batch"), first("us_per_batch")],
  };
}

function trainRow(model: string, wanted: number, o: RowOptions, data: string, threaded: Threaded): Row {
  const common = words({ model, epochs: o.epochs, train: o.train, test: o.test });
  const ours = ["train", ...words({ data }), ...common];
  const early = words({ tolerance: o.tolerance, order: "alternate" });
  const mixed = [...early, ...words({ acceleration: "anderson" })];
  return {
    name: `train-${model}`,
    what: `training ${model}, ${o.epochs} epoch(s) of ${o.train} images, seconds`,
    wanted,
    script: "torch_train.py",
    module: "torch",
    learns: true,
    theirs: threaded("fixed phases", [data, ...common]),
    ours: [
      ...plainAndFused(threaded, "fixed phases", ours),
      ...threaded(`settled to ${o.tolerance}`, [...ours, ...early]),
      ...plainAndFused(threaded, `settled to ${o.tolerance}, mixed`, [...ours, ...mixed]),
    ],
    time: [total, total],
  };
}

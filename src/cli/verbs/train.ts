/** `ohmlet train`: fabricates a chip, trains it, and writes what happened into a run folder. */
import type { Node, Run } from "../../config";
import { TRAIN_OPTIONS } from "../training/options";
import { withOptions } from "../training/with-options";
import { told } from "../training/ended";
import { defineVerb } from "../verb";

export const train = defineVerb({
  name: "train",
  saves: true,
  summary: "train a nonideal analog chip, or any circuit of a config, and write a run folder",
  description:
    "Fabricates a chip and trains it by equilibrium propagation. Without CONFIG it is a layered chip " +
    "with the imperfections of real hardware (thermal noise, mismatch, leaking conductances, feedback " +
    "that is not the transpose of the forward weights), and without --data it learns digits that " +
    "Ohmlet draws itself. A CONFIG names any circuit, data and way of learning; options that are " +
    "typed win over it, and their defaults are those of a run without one.\n\nThe run folder holds " +
    "run.json (what ran, and the result), config.json (what was asked), config.yaml (everything that " +
    "was decided: train it to run again), events.jsonl, curves.csv, weights.npz and report.html.",
  positionals: { name: "CONFIG", help: "a run as a .yaml or .json file: see docs/config.md and  schema run" },
  options: TRAIN_OPTIONS,
  examples: [
    { command: "train", what: "the default chip on generated digits" },
    { command: "train --angle 90 --epochs 4", what: "independent feedback: how much does it cost?" },
    {
      command: "train --data path/to/mnist --train 10000 --sizes 784 64 10 --batch 50",
      what: "a larger chip on 10,000 images of MNIST",
    },
    {
      command: "train configs/p-1h.yaml --data path/to/mnist",
      what: "a run of a config file, on data of yours",
    },
    {
      command: "train --estimator holomorphic --points 4 --amplitude 0.5",
      what: "complex nudges, four points on a circle",
    },
    {
      command: "train --estimator lock-in --amplitude 0.5",
      what: "a real nudge that oscillates in continuous time, without a free phase",
    },
  ],
  async run({ options, given, withUnit, positionals: [file] }, io) {
    const { loadRun } = await import("../load-config");
    const { DEFAULT_RUN } = await import("../training/default");
    const inFile = file === undefined ? null : await loadRun(file);
    const config = withOptions(inFile?.config ?? DEFAULT_RUN, { options, given, withUnit });
    io.note("reading data and fabricating the chip …");
    const { at, nodeAt, runOf } = await import("../../config");
    const { nodeOf } = await import("../../config/node");
    const run = inFile === null ? runOf(config) : changed(inFile, config, nodeOf);
    const [{ folderHere }, { newRun }, { commandLine }] = await Promise.all([
      import("../../io/config-files"),
      import("../../runs/training/new-run"),
      import("../command-line"),
    ]);
    const { outputs } = config;
    const wanted = outputs?.folder;
    const out =
      given.has("out") || outputs === undefined || wanted === undefined
        ? options.out
        : at(nodeAt(run.context, outputs, "folder"), () => folderHere(wanted, file ?? "config"));
    const asked = { data: options.data, out, command: commandLine(io.program) };
    return told(await newRun(run, asked, io), io);
  },
});

/** A run with another config: what no option changed is still found where it stands in the file. */
function changed(run: Run, config: Run["config"], nodeOf: (value: unknown, path: string) => Node): Run {
  const node = run.context.origins.get(run.config);
  const kept = new Map(node?.kind === "map" ? node.entries.map((entry) => [entry.key, entry]) : []);
  const entries = Object.entries(config).map(
    ([key, value]) =>
      (run.config[key as keyof typeof config] === value ? kept.get(key) : undefined) ?? {
        key,
        value: nodeOf(value, key),
      },
  );
  if (node?.kind === "map") run.context.origins.set(config, { ...node, entries });
  return { config, context: run.context };
}

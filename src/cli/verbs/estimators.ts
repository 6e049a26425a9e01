/** `ohmlet estimators`: every estimator on the same chip, against the true error vector. */
import type { OptionSpecs } from "../args";
import { COMMON, defineVerb } from "../verb";

const OPTIONS = {
  asymmetry: {
    type: "string",
    value: "A,B,…",
    help: "dial: gains of so much on every feedback synapse, beside the design's own (default: 0)",
  },
  noise: {
    type: "string",
    value: "A,B,…",
    help: "dial: every weight differs by so much from read to read, beside the design's own (default: 0)",
  },
  samples: {
    type: "integer",
    default: 10,
    min: 1,
    max: 1000,
    value: "N",
    help: "samples of the test set",
  },
  repeats: {
    type: "integer",
    default: 8,
    min: 2,
    max: 1000,
    value: "N",
    help: "estimates of each kind, where something is drawn",
  },
  data: {
    type: "string",
    value: "FOLDER",
    sets: "data",
    help: "the run's set of data, where its config leaves that to you",
  },
  report: {
    type: "string",
    value: "FILE.html",
    help: "write a page as well: tables, layers, and what dials do",
  },
  seed: { ...COMMON.seed, default: undefined, help: "of the chip and its noise, in place of the run's" },
  engine: { ...COMMON.engine, default: undefined, help: "what computes, in place of the run's engine" },
  json: COMMON.json,
} as const satisfies OptionSpecs;

export const estimators = defineVerb({
  name: "estimators",
  summary: "all estimators on one chip: bias, spread, steps and time of each",
  description:
    "Fabricates the chip of a run and lets every estimator estimate the error vector of the same samples: " +
    "one-sided, centred, holomorphic, in continuous time, by held outputs, and the yardsticks that know the " +
    "equations. Each is held against the true error vector, layer by layer; where the run has a readout, what is read " +
    "through it is, and those that are not read phase by phase are refused. Lengths of phases and the teaching " +
    "amplitude are those of the run's own estimator; without CONFIG it is the run of  train.  Dials make the same " +
    "chip more asymmetric and noisier.\n\nWhat an estimator cannot do on this chip is told by its code.",
  positionals: { name: "CONFIG", help: "a run as a .yaml or .json file (default: that of  train)" },
  options: OPTIONS,
  examples: [
    { command: "estimators --report page.html", what: "the default chip, and a page" },
    {
      command: "estimators --asymmetry 0,0.1,0.3 --noise 0,0.01 --report page.html",
      what: "how do they bear asymmetry and noise?",
    },
  ],
  async run({ options, positionals: [file] }, io) {
    const [{ runOf }, { loadRun }, { DEFAULT_RUN }, { makeData }, compare, report, { columns }] =
      await Promise.all([
        import("../../config"),
        import("../load-config"),
        import("../training/default"),
        import("../../runs/training/data"),
        import("../../runs/estimators/compare"),
        import("../../runs/estimators/report"),
        import("../../printable"),
      ]);
    if (options.report !== undefined) (await import("../../io/atomic")).expectReplaceable(options.report);
    const asked = file === undefined ? runOf(DEFAULT_RUN) : await loadRun(file);
    const { seed = asked.config.seed, engine = asked.config.engine } = options;
    const run = { ...asked, config: { ...asked.config, seed, engine } };
    const data = await makeData(run, options.data);
    const found = await compare.compareEstimators(run, data, {
      ...(options.asymmetry !== undefined && { asymmetry: sharesOf(options.asymmetry) }),
      ...(options.noise !== undefined && { noise: sharesOf(options.noise) }),
      samples: options.samples,
      repeats: options.repeats,
      onEstimator: (name) => io.note(`${name} …`),
    });
    for (const setting of found.settings) {
      io.print(report.dialsText(setting), ...columns(report.tableLines(setting, found)));
    }
    if (options.report !== undefined) {
      const [{ reportHtml }, { writeAtomically }, { version }, { commandLine }] = await Promise.all([
        import("../../plot/report"),
        import("../../io/atomic"),
        import("../../runs/version"),
        import("../command-line"),
      ]);
      const about = { command: commandLine(io.program), ohmlet: await version(), data: data.test.name };
      writeAtomically(options.report, reportHtml(report.estimatorsReport(found, about)));
      io.print(`page  ${options.report}`);
    }
    io.emit(found);
    return 0;
  },
});

const sharesOf = (text: string): readonly number[] =>
  text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));

/** `ohmlet frequency`: how fast a chip follows its nudge, or an input. */
import { CHIP_SEED, COMMON, IDLE, defineVerb } from "../verb";

export const frequency = defineVerb({
  name: "frequency",
  summary: "poles of a chip at rest, and how its nodes follow a nudge or an input at every frequency",
  description:
    "Settles a chip on one input, linearises it there, and tells its poles, its bandwidth, and by how much and how " +
    "late the output follows a teaching amplitude that turns: what an oscillating nudge of so many hertz finds. " +
    "With --input it is one value of the input that turns. Exact, in float64; noise has no part in it. A picture of " +
    "gain and lag goes to --out. Netlists have .ac:  spice ac FILE.",
  options: {
    sample: { type: "integer", default: 0, min: 0, max: 1_000_000, value: "N", help: "which input" },
    target: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1_000_000,
      value: "N",
      help: "the output whose target is 1; that of the others is 0",
    },
    input: {
      type: "integer",
      min: 0,
      max: 100_000_000,
      value: "N",
      help: "what turns is this value of the input, in place of the nudge",
    },
    low: {
      type: "number",
      above: 0,
      max: 1e18,
      value: "HERTZ",
      help: "first frequency (default: from the poles)",
    },
    high: {
      type: "number",
      above: 0,
      max: 1e18,
      value: "HERTZ",
      help: "last frequency (default: from the poles)",
    },
    points: {
      type: "integer",
      default: 41,
      min: 2,
      max: 2000,
      value: "N",
      help: "frequencies, evenly in their logarithm",
    },
    steps: {
      type: "integer",
      default: 5000,
      min: 1,
      max: 10_000_000,
      value: "N",
      help: "most steps that the chip settles in",
    },
    out: { type: "string", value: "FILE.svg", help: "a picture (default: runs/NAME-frequency.svg)" },
    seed: CHIP_SEED,
    json: COMMON.json,
    engine: { ...IDLE.engine, help: "without effect here: it is exact, on the reference engine" },
  },
  positionals: {
    name: "CIRCUIT",
    help: "a circuit of the catalogue, a file of a circuit or a run, or the folder of a run (default: nonideal)",
  },
  examples: [
    { command: "frequency", what: "the default chip: poles, bandwidth and lag" },
    { command: "frequency resistive --json", what: "a resistive network, as data" },
    { command: "frequency resistive --input 400 --out follow.svg", what: "how it follows one pixel, drawn" },
  ],
  async run({ options, given, positionals: [name = "nonideal"] }, io) {
    const { refuseIdle } = await import("../unused-options");
    refuseIdle(given, [{ name: "target", idle: options.input !== undefined, why: "what turns is an input" }]);
    return (await import("../frequency")).frequencyOf(name, options, io);
  },
});

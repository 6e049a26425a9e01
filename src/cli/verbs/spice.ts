/** `ohmlet spice`: netlists, solved here and set beside ngspice. */
import { OhmletError } from "../../errors";
import { nearest } from "../../options/nearest";
import { refuseIdle } from "../unused-options";
import { CHIP_SEED, COMMON, IDLE, defineVerb } from "../verb";

const ACTIONS = ["op", "tran", "ac", "compare", "export"] as const;
type Action = (typeof ACTIONS)[number];

export const spice = defineVerb({
  name: "spice",
  summary: "solve a netlist of SPICE, set the solution beside ngspice's, or write a chip as one",
  description: `op FILE finds the operating point of a netlist, tran FILE its transient, ac FILE its small signals; compare FILE runs ngspice on the same circuit and
    reports the largest differences. export CIRCUIT or RUN writes a chip as a netlist: an operating point, or with --stop a transient from 0, free or
    nudged, by a current that is held or, with --frequency, a cosine.\n\nA netlist holds R, C, L, D, V, I, E, F, G, H, B, subcircuits, parameters, models of diodes, .tran, .ac, .ic and
    .options; SIN, PULSE, EXP and PWL. Constants are ngspice 39's, 27 C and gmin 1e-12 S. A file is data: other files that it names are
    not read, control blocks not run.`,
  options: {
    what: {
      type: "string",
      choices: ["op", "tran", "ac"],
      value: "NAME",
      help: "what compare solves: op, tran or ac (default: op)",
    },
    tolerance: {
      type: "number",
      above: 0,
      max: 1e6,
      value: "VOLTS",
      help: "how far nodes may differ in compare (default: 1e-8 for op and ac, 2e-4 for tran)",
    },
    ngspice: { type: "string", value: "PROGRAM", help: "the program that compare runs (default: ngspice)" },
    sample: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1_000_000,
      value: "N",
      help: "export: which example",
    },
    nudge: {
      type: "number",
      default: 0,
      min: -1e6,
      max: 1e6,
      value: "BETA",
      help: "export: teaching amplitude, in multiples of the unit drive",
    },
    target: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1_000_000,
      value: "N",
      help: "export: the output whose target is 1; that of the others is 0",
    },
    frequency: { type: "number", above: 0, max: 1e18, value: "HERTZ", help: "export: of a nudge that turns" },
    stop: { type: "number", above: 0, max: 1e6, value: "SECONDS", help: "export: the end of a transient" },
    step: {
      type: "number",
      above: 0,
      max: 1e6,
      value: "SECONDS",
      help: "export: the step that it is told at",
    },
    seed: CHIP_SEED,
    json: COMMON.json,
    engine: IDLE.engine,
  },
  positionals: {
    name: "ACTION FILE",
    help: "op FILE, tran FILE, ac FILE, compare FILE, export CIRCUIT or export RUN",
    least: 1,
    most: 2,
  },
  examples: [
    { command: "spice op divider.cir --json", what: "voltages of nodes and currents of sources" },
    { command: "spice tran filter.cir --json", what: "voltages in time, as .tran asks" },
    { command: "spice ac filter.cir --json", what: "magnitudes and phases, as .ac asks" },
    { command: "spice compare filter.cir --what tran", what: "the same beside ngspice" },
    {
      command: "spice export nonideal --nudge 0.1 --target 3",
      what: "the default chip, nudged, for ngspice",
    },
  ],
  async run({ options, positionals: [word, file], given }, io) {
    const { what, tolerance, ngspice } = options;
    const action = actionOf(word);
    const why = "only compare runs another program";
    refuseIdle(given, [
      ...(["what", "tolerance", "ngspice"] as const).map((name) => ({
        name,
        idle: action !== "compare",
        why,
      })),
      ...(["sample", "nudge", "target", "frequency", "stop", "step", "seed"] as const).map((name) => ({
        name,
        idle: action !== "export",
        why: "a netlist says what there is",
      })),
      { name: "step", idle: options.stop === undefined, why: "only a transient has steps: give --stop" },
      { name: "frequency", idle: options.nudge === 0, why: "nothing is nudged: give --nudge" },
    ]);
    if (file === undefined)
      throw new OhmletError({
        code: "CLI-ARGUMENT",
        fact: "a file is missing",
        place: { where: `spice ${action}` },
        remedy: `usage: ${io.program} spice ${action} ${action === "export" ? "CIRCUIT" : "FILE"}`,
      });
    if (action === "export") return (await import("../spice/export-chip")).exportChip(file, options, io);
    const { op, tran, ac, compare } = await import("../spice/actions");
    if (action === "op") return op(file, io);
    if (action === "tran") return tran(file, io);
    if (action === "ac") return ac(file, io);
    return compare(file, { what: what ?? "op", program: ngspice ?? "ngspice", tolerance }, io);
  },
});

function actionOf(word: string): Action {
  const action = ACTIONS.find((name) => name === word);
  if (action !== undefined) return action;
  const near = nearest(word.slice(0, 40), ACTIONS);
  throw new OhmletError({
    code: "CLI-CHOICE",
    fact: `spice cannot "${word.slice(0, 40)}"`,
    place: { where: "spice" },
    remedy: near === null ? `write one of ${ACTIONS.join(", ")}` : `did you mean "${near}"?`,
  });
}

/** `ohmlet spice`: netlists, solved here and set beside ngspice. */
import { OhmletError } from "../../errors";
import { nearest } from "../../options/nearest";
import { refuseIdle } from "../unused-options";
import { COMMON, IDLE, defineVerb } from "../verb";

const ACTIONS = ["op", "tran", "compare"] as const;
type Action = (typeof ACTIONS)[number];

export const spice = defineVerb({
  name: "spice",
  summary: "solve a netlist of SPICE, or set the solution beside ngspice's",
  description: `op FILE finds the operating point of a netlist, tran FILE its transient; compare FILE runs ngspice on the same circuit and
    reports the largest differences.\n\nA netlist holds R, C, L, D, V, I, E, F, G, H, B, subcircuits, parameters, models of diodes, .tran, .ic and
    .options; SIN, PULSE, EXP and PWL. Constants are ngspice 39's, 27 C and gmin 1e-12 S. A file is data: other files that it names are
    not read, control blocks not run.`,
  options: {
    what: {
      type: "string",
      choices: ["op", "tran"],
      value: "NAME",
      help: "what compare solves: op or tran (default: op)",
    },
    tolerance: {
      type: "number",
      above: 0,
      max: 1e6,
      value: "VOLTS",
      help: "how far nodes may differ in compare (default: 1e-8 for op, 2e-4 for tran)",
    },
    ngspice: { type: "string", value: "PROGRAM", help: "the program that compare runs (default: ngspice)" },
    json: COMMON.json,
    ...IDLE,
  },
  positionals: { name: "ACTION FILE", help: "op FILE, tran FILE or compare FILE", least: 1, most: 2 },
  examples: [
    { command: "spice op divider.cir --json", what: "voltages of nodes and currents of sources" },
    { command: "spice tran filter.cir --json", what: "voltages in time, as .tran asks" },
    { command: "spice compare filter.cir --what tran", what: "the same beside ngspice" },
  ],
  async run({ options: { what, tolerance, ngspice }, positionals: [word, file], given }, io) {
    const action = actionOf(word);
    const why = "only compare runs another program";
    refuseIdle(
      given,
      (["what", "tolerance", "ngspice"] as const).map((name) => ({ name, idle: action !== "compare", why })),
    );
    if (file === undefined)
      throw new OhmletError({
        code: "CLI-ARGUMENT",
        fact: "a file is missing",
        place: { where: `spice ${action}` },
        remedy: `usage: ${io.program} spice ${action} FILE`,
      });
    const { op, tran, compare } = await import("../spice/actions");
    if (action === "op") return op(file, io);
    if (action === "tran") return tran(file, io);
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

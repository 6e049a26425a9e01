/** `ohmlet settle`: one phase of one chip, and how it ended. */
import type { Circuit } from "../../circuit/chip-types";
import type { Run } from "../../config";
import { ACCELERATIONS, type Acceleration, type SolverName, type UpdateOrder } from "../../dynamics/types";
import type { Dimension } from "../../units/quantity";
import { adviceLines, codeOf } from "../bad-ending";
import { looksLikeFile } from "../load-config";
import { defineVerb, COMMON } from "../verb";

export const settle = defineVerb({
  name: "settle",
  summary: "let a chip settle on one input and tell how it ended",
  description:
    "Fabricates a circuit of the catalogue, clamps one input (a generated digit where the input is a " +
    "square image, else numbers drawn from the seed) and runs the free phase until no unit moves " +
    "faster than the tolerance. Ends with exit code 1 where it does not settle. With --starts it " +
    "settles from many states at once: a circuit with strong feedback may have several fixed points, " +
    "and learning follows the one that it happens to be in.",
  options: {
    sample: { type: "integer", default: 0, min: 0, max: 1_000_000, value: "N", help: "which input" },
    steps: {
      type: "integer",
      default: 1000,
      min: 1,
      max: 10_000_000,
      value: "N",
      sets: "steps",
      help: "most steps of the phase",
    },
    time: {
      type: "number",
      unit: "s",
      above: 0,
      max: 1e6,
      value: "TIME",
      help: "in place of --steps, the most time that the phase takes, in whole steps of dt: 400us",
    },
    tolerance: {
      type: "number",
      default: 1e-3,
      above: 0,
      max: 1,
      value: "RATE",
      sets: "tolerance",
      help: "rate of change that counts as settled, in units of the state a time constant",
    },
    starts: {
      type: "integer",
      default: 1,
      min: 1,
      max: 10_000,
      value: "N",
      sets: "starts",
      help: "settle from so many states, at rest and drawn, and tell the fixed points that they lead to",
    },
    solver: {
      type: "string",
      choices: ["euler", "exponential-euler", "heun", "rk4", "dormand-prince", "balance", "newton", "map"],
      value: "NAME",
      sets: "solver",
      help: "default: exponential-euler; map where all neurons are maps",
    },
    dt: {
      type: "number",
      unit: "s",
      above: 0,
      max: 1e6,
      or: "auto",
      value: "TIME",
      sets: "dt",
      help:
        "time step (default: 1e-5 s for physical circuits, 0.2 for dimensionless ones; auto: chosen " +
        "from how stiff the circuit is)",
    },
    order: {
      type: "string",
      default: "synchronous",
      choices: ["synchronous", "alternate"],
      value: "NAME",
      sets: "order",
      help: "who moves at once; alternate layers need about half of the steps",
    },
    acceleration: {
      type: "string",
      default: "none",
      choices: ACCELERATIONS,
      value: "NAME",
      sets: "acceleration",
      help: "mixing of past steps on the way to the fixed point",
    },
    ...COMMON,
  },
  positionals: {
    name: "CIRCUIT",
    help:
      "a circuit of the catalogue, or a file of a circuit or a run (default: nonideal, the chip that " +
      "train trains)",
  },
  examples: [
    { command: "settle", what: "the default chip, with thermal noise" },
    { command: "settle configs/default.yaml", what: "the chip of a config file, with its time step" },
    {
      command: "settle holomorphic --engine reference --tolerance 1e-12",
      what: "a discrete map to its fixed point in float64",
    },
    {
      command: "settle prototypical --engine reference --tolerance 1e-9 --starts 50",
      what: "is there more than one fixed point?",
    },
    {
      command:
        "settle holomorphic --engine reference --tolerance 1e-12 --order alternate --acceleration anderson",
      what: "the same fixed point in fewer steps",
    },
  ],
  async run({ options: typed, given, withUnit, positionals: [name = "nonideal"] }, io) {
    const { catalogue } = await import("../../../circuits");
    const { choose } = await import("../look-up");
    const { createEngine } = await import("../../engines/select");
    const { Simulator } = await import("../../dynamics/simulator");
    const { chooseStep } = await import("../../dynamics/time-steps/choose-step");
    const { coarseStep } = await import("../../dynamics/time-steps/coarse-step");
    const { freeStepsOf } = await import("../../learning/lengths");
    const { refuseIdle } = await import("../unused-options");
    refuseIdle(given, [{ name: "steps", idle: given.has("time"), why: "--time says how long the phase is" }]);
    const { exampleInput } = await import("../example-input");
    const { formatQuantity } = await import("../../units/format");
    const { columns } = await import("../../printable");
    const file = looksLikeFile(name) ? await (await import("../load-config")).loadCircuit(name) : null;
    const design =
      file?.circuit ??
      choose(name, "circuit", new Map(catalogue.map((entry) => [entry.name, entry]))).build();
    const options = file?.run ? await withRun(typed, given, file.run, design) : typed;
    const chip = design.fabricate({
      seed: given.has("seed") ? options.seed : (file?.run?.config.chip?.seed ?? options.seed),
    });
    const { circuit } = chip;
    const { isDiscrete, timeOf } = await import("../../dynamics/time-steps/time-step");
    const physical = timeOf(circuit)[2] === 1;
    const discrete = isDiscrete(circuit);
    const { workOf } = await import("../../learning/work");
    const engine = await createEngine(options.engine, { work: workOf(circuit, 1) });
    const { text, inputs } = exampleInput(circuit.inputSize, options.sample, options.seed);
    const dt =
      options.dt === "auto"
        ? await chooseStep(chip, engine, { solver: options.solver, samples: 1, inputs })
        : withUnit.has("dt")
          ? `${options.dt} s`
          : options.dt;
    const simulator = new Simulator(chip, engine, {
      seed: options.seed,
      order: options.order,
      acceleration: options.acceleration,
      ...(options.solver === undefined ? {} : { solver: options.solver }),
      ...(discrete && dt === undefined ? {} : { dt: dt ?? (physical ? 1e-5 : 0.2) }),
    });
    const steps =
      options.time === undefined
        ? options.steps
        : freeStepsOf(simulator, { freeTime: withUnit.has("time") ? `${options.time} s` : options.time });
    io.print(`${circuit.name} on ${text}, ${simulator.solver}, ${engine.info.name}`);
    if (engine.info.fallbackReason !== undefined)
      io.note(`${engine.info.name}, since ${engine.info.fallbackReason}`);
    if (options.starts > 1) {
      const { survey } = await import("../fixed-points-table");
      return survey(
        simulator,
        { inputs, starts: options.starts, steps, tolerance: options.tolerance, seed: options.seed },
        io,
      ).finally(() => {
        simulator.dispose();
        engine.dispose();
      });
    }
    const { outcome, states, activities } = await simulator.phase({
      samples: 1,
      inputs,
      steps,
      tolerance: options.tolerance,
      certify: true,
    });
    const { info } = engine;
    const coarse =
      outcome.kind === "diverged"
        ? null
        : await coarseStep(simulator, { samples: 1, inputs, steps, tolerance: options.tolerance });
    simulator.dispose();
    engine.dispose();
    // Four digits; what diverged has none.
    const shower =
      (dimension: Dimension = [0, 0, 0, 0, 0]) =>
      (value: number): string =>
        Number.isFinite(value)
          ? formatQuantity({ value: Number(value.toPrecision(4)), dimension })
          : String(value);
    const rows = circuit.populations
      .filter((p) => !p.clamped)
      .map((p) => {
        const u = states[p.name].re;
        const show = shower(p.neuron?.dimensions.u);
        return {
          name: p.name,
          size: p.size,
          low: show(u.reduce((a, b) => (a <= b ? a : b))),
          high: show(u.reduce((a, b) => (a >= b ? a : b))),
        };
      });
    io.print(
      ...columns([
        ["population", "units", "lowest u", "highest u"],
        ...rows.map((r) => [r.name, String(r.size), r.low, r.high]),
      ]),
    );
    io.print(`output  ${[...activities[circuit.output.name].re].map((v) => v.toFixed(3)).join("  ")}`);
    io.print(
      `${outcome.kind} after ${outcome.steps} steps, residual ` +
        `${outcome.residual.toPrecision(3)}${outcome.noiseFloor === undefined ? "" : `, noise floor ${shower(circuit.output.neuron?.dimensions.u)(outcome.noiseFloor)}`}`,
    );
    const { uniquenessInWords } = await import("../../dynamics/describe");
    if (outcome.uniqueness !== undefined) io.print(uniquenessInWords(outcome.uniqueness));
    const advice = adviceLines(outcome);
    if (advice.length > 0) io.note(...advice);
    if (coarse !== null) io.note(`DYN-COARSE  ${coarse}`);
    io.emit({
      circuit: circuit.name,
      engine: info,
      code: codeOf(outcome),
      outcome,
      warnings: coarse === null ? [] : [{ code: "DYN-COARSE", text: coarse }],
      output: [...activities[circuit.output.name].re],
    });
    return outcome.kind === "settled" ? 0 : 1;
  },
});

/** Options that were not typed are those of the run. */
async function withRun<
  O extends {
    readonly solver?: SolverName;
    readonly dt?: number | "auto";
    readonly order: UpdateOrder;
    readonly acceleration: Acceleration;
    readonly engine: string;
    readonly seed: number;
  },
>(typed: O, given: ReadonlySet<string>, run: Run, circuit: Circuit): Promise<O> {
  const { timeStepOf } = await import("../../config");
  const { solver, order, acceleration, reads, engine, seed } = run.config;
  const own = { solver, dt: timeStepOf(run, circuit), order, acceleration, reads, engine, seed };
  return {
    ...typed,
    ...Object.fromEntries(
      Object.entries(own).filter(([name, value]) => value !== undefined && !given.has(name)),
    ),
  };
}

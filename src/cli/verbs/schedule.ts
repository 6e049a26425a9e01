/** `ohmlet schedule`: what one sample costs a chip in time. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { chipSeedOf } from "../../config/chip-seed";
import type { Ledger } from "../../ledger/ledger";
import { columns } from "../../printable";
import type { Dimension } from "../../units/quantity";
import { OhmletError } from "../../errors";
import { COMMON, IDLE, defineVerb } from "../verb";

export const schedule = defineVerb({
  name: "schedule",
  summary: "tell what one sample costs a chip: time, energy, area",

  description:
    "A chip runs one sample after another, and one nudge after another, whatever the batch: each phase takes its " +
    "steps times dt. What this model takes to happen at once stands there with 0 s. Writes are shared out over " +
    "their batch. Energy is that of what its equations and  ledger:  of its config tell, at states that it settles to; " +
    "what neither tells costs nothing, and each assumption is a line. What does not fit, such as a phase that is too short, is told with the number that is wrong.",
  options: { json: COMMON.json, ...IDLE },
  positionals: { name: "CONFIG|RUN", help: "a config, or the folder of a run", least: 1 },
  examples: [
    { command: "schedule configs/default.yaml", what: "the phases of the default chip, in seconds" },
    { command: "schedule runs/NAME --json", what: "those of a run, with the time step that it chose" },
  ],
  async run({ positionals: [path] }, io) {
    const [{ circuitOf, estimatorOf, optimizerOf, timeStepOf }, { createEngine }, { Simulator }] =
      await Promise.all([
        import("../../config"),
        import("../../engines/select"),
        import("../../dynamics/simulator"),
      ]);
    const { sampleSchedule } = await import("../../learning/sample-schedule");
    const { ledgerTermsIn } = await import("../../config/run");
    const { ledgerOf } = await import("../../ledger/ledger");
    const { exampleInput } = await import("../example-input");
    const { formatQuantity } = await import("../../units/format");
    const { programmingOf } = await import("../../learning/programming/options");
    const { run, dt: ran, weights } = await runAt(path);
    const { config } = run;
    const circuit = circuitOf(run, [config.data.kind === "generated" ? config.data.size ** 2 : 64, 32, 10]);
    const chip = circuit.fabricate({ seed: chipSeedOf(config) });
    if (weights !== undefined) (await import("../../runs/training/open")).loadWeights(chip, weights);
    const dt = ran ?? timeStepOf(run, circuit);
    if (dt === "auto")
      throw new OhmletError({
        code: "SCHEDULE-STEP",
        fact: "the time step is left to the training, which chooses it on its data",
        place: { where: `${path}, dt` },
        remedy: "give the folder of a run, or a step: dt: 10 us",
      });
    const engine = await createEngine("reference");
    const simulator = new Simulator(chip, engine, { solver: config.solver, dt, order: config.order });
    const optimizer = optimizerOf(run, circuit);
    const { programming, batch } = config;
    const stage = programming === undefined ? null : programmingOf(programming, chip, optimizer);
    const { sample, seconds, notes } = sampleSchedule(simulator, estimatorOf(run), {
      programming: stage,
      batch,
    });
    const energy = await ledgerOf(simulator, {
      estimator: estimatorOf(run),
      terms: ledgerTermsIn(run),
      batch,
      programming: stage,
      samples: SAMPLES,
      inputs: Float64Array.from(
        Array.from({ length: SAMPLES }, (_, k) => [
          ...exampleInput(circuit.inputSize, k, config.seed).inputs,
        ]).flat(),
      ),
    });
    engine.dispose();
    const told = (value: number | null): string =>
      value === null ? "" : `${Number(value.toPrecision(6))} s`;
    io.print(
      `${circuit.name}: one sample, at a batch of ${batch}`,
      ...columns([...sample.map((item) => [item.what, told(item.seconds)]), ["together", told(seconds)]]),
      ...(seconds === null
        ? ["no seconds are told: time has no unit in this circuit, or its solver keeps none"]
        : []),
    );
    if (energy !== null)
      io.print(
        ...energyLines(energy, (value) =>
          formatQuantity({ value: Number(value.toPrecision(4)), dimension: JOULE }),
        ),
      );
    io.warn(...notes);
    io.emit({ sample, seconds, batch, notes, energy });
    return 0;
  },
});

/** Inputs to settle, where the data need not be there. */
const SAMPLES = 4;

function energyLines(
  { sample, joules, pulses, area, assumptions }: Ledger,
  told: (joules: number) => string,
): string[] {
  return [
    "energy of one sample",
    ...columns([
      ...Object.values(sample)
        .filter((item) => item !== sample.refreshes || item.joules > 0)
        .map((item) => [item.what, told(item.joules)]),
      ["together", told(joules)],
      ...Object.entries(pulses).map(([name, each]) => [`a pulse in ${name}`, told(each)]),
    ]),
    ...(area === null ? [] : [`area: ${Number((1e12 * area).toPrecision(4))} um^2`]),
    ...assumptions.map((line) => `taken for granted: ${line}`),
  ];
}

const JOULE: Dimension = [1, 2, -2, 0, 0];

/** The run of a config or of a folder; of a folder with the time step that it took and the weights that it keeps. */
async function runAt(path: string) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return { run: await (await import("../load-config")).loadRun(path), dt: undefined, weights: undefined };
  const { readRecord, runOfRecord } = await import("../../runs/training/record");
  const record = readRecord(path);
  return { run: await runOfRecord(record), dt: record.about.dt, weights: join(path, "weights.npz") };
}

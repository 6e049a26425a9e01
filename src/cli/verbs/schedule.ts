/** `ohmlet schedule`: what one sample costs a chip in time. */
import { statSync } from "node:fs";
import { columns } from "../../printable";
import { OhmletError } from "../../errors";
import { COMMON, IDLE, defineVerb } from "../verb";

export const schedule = defineVerb({
  name: "schedule",
  summary: "tell what one sample costs a chip in time: phases, reads and writes",
  description:
    "A chip runs one sample after another, and one nudge after another, whatever the batch: each phase takes its " +
    "steps times dt. What this model takes to happen at once stands there with 0 s. Writes are shared out over " +
    "their batch. What does not fit, such as a phase that is too short, is told with the number that is wrong.",
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
    const { programmingOf } = await import("../../learning/programming/options");
    const { run, dt: ran } = await runAt(path);
    const { config } = run;
    const circuit = circuitOf(run, [config.data.kind === "generated" ? config.data.size ** 2 : 64, 32, 10]);
    const chip = circuit.fabricate({ seed: config.chip?.seed ?? config.seed });
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
    engine.dispose();
    const told = (value: number | null): string =>
      value === null ? "" : `${Number(value.toPrecision(6))} s`;
    io.print(
      `${circuit.name}: one sample, at a batch of ${batch}`,
      ...columns([...sample.map((item) => [item.what, told(item.seconds)]), ["together", told(seconds)]]),
      ...(seconds === null ? ["time has no unit in this circuit: its phases are steps"] : []),
    );
    io.warn(...notes);
    io.emit({ sample, seconds, batch, notes });
    return 0;
  },
});

/** The run of a config or of a folder; of a folder with the time step that it took. */
async function runAt(path: string) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    return { run: await (await import("../load-config")).loadRun(path), dt: undefined };
  const { readRecord, runOfRecord } = await import("../../runs/training/record");
  const record = readRecord(path);
  return { run: await runOfRecord(record), dt: record.about.dt };
}

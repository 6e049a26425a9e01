/** `ohmlet export`: what a run has made, as files that need nothing of Ohmlet. */
import { COMMON, defineVerb, IDLE } from "../verb";

export const exportVerb = defineVerb({
  name: "export",
  summary: "write what a run has made as files for other programs",
  description:
    "Writes the digital copy of a run's chip: the feedforward net beside it (initialized in the config), which has " +
    "learned to do without it. digital-copy.npz has its weights, digital-copy.json the same with layers and formulas; " +
    "ten lines of NumPy run them (docs/learning.md).",
  positionals: { name: "RUN", help: "a folder that train wrote", least: 1 },
  options: {
    "digital-copy": { type: "flag", help: "the feedforward net; there is nothing else to export" },
    out: { type: "string", value: "FOLDER", help: "where the files go (default: the run's folder)" },
    json: COMMON.json,
    ...IDLE,
  },
  examples: [
    {
      command: "export runs/2026-11-21T03-46-01-train-seed1 --digital-copy",
      what: "the net that the chip taught, for NumPy",
    },
  ],
  async run({ options, positionals: [path] }, io) {
    const { OhmletError } = await import("../../errors");
    if (!options["digital-copy"])
      throw new OhmletError({
        code: "CLI-OPTION",
        fact: "export: nothing says what to export",
        place: { where: "command line" },
        remedy: `write  ${io.program} export ${path} --digital-copy`,
      });
    const [{ exportDigitalCopy }, { columns, oneLine }, { percent }] = await Promise.all([
      import("../../runs/training/export-copy"),
      import("../../printable"),
      import("../../display"),
    ]);
    const exported = await exportDigitalCopy(path, options.out);
    const { accuracy, npz, json } = exported;
    for (const line of columns([
      ["", "test accuracy"],
      ["the chip", percent(accuracy.chip)],
      ["its digital copy", percent(accuracy.copy)],
    ]))
      io.print(line);
    for (const file of [npz, json]) io.print(oneLine(file));
    io.emit(exported);
    return 0;
  },
});

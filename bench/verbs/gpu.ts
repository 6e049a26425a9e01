/** `bench gpu`: what a graphics card does, checked against the reference, beside PyTorch on the same card. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";

const { threads: _, fused: __, ...ENGINE } = SHARED;
const number = (fallback: number, most: number, help: string) =>
  ({ type: "integer", default: fallback, min: 1, max: most, value: "N", help }) as const;

export const gpu = defineVerb({
  name: "gpu",
  summary: "a graphics card: wide steps, small chips, an epoch; beside PyTorch on the same card",
  description:
    "Times steps of 784-4096-4096-10 at batches of 256 and 1024, real and complex, a Monte Carlo of 1000 " +
    "stacked chips of 64-32-10, and an epoch of p-2h (a batch of it is told). It takes ten minutes on a card. " +
    "Every figure is checked against the reference engine on a sample; exit code 1 where one differs by " +
    "more than 1e-4. Where --python has torch, the same work runs there, on --device, in a process of its own.\n\n" +
    "On a card the table of docs/performance.md is written; elsewhere where --document names a file. " +
    "The document needs the two marks between which it stands.",
  options: {
    width: number(4096, 16_384, "units of each hidden layer of the steps"),
    batches: {
      type: "numbers",
      integer: true,
      min: 1,
      max: 100_000,
      least: 1,
      most: 8,
      default: [256, 1024],
      value: "N …",
      help: "rows side by side in the steps",
    },
    steps: number(50, 10_000, "steps of a phase"),
    chips: number(1000, 100_000, "chips that are stacked"),
    train: { ...number(10_000, 10_000_000, "samples of the epoch; 0: none"), min: 0 },
    repeats: number(5, 1000, "phases that are timed; the median counts"),
    data: {
      type: "string",
      value: "FOLDER",
      help: "folder of the four IDX files of MNIST; default: generated",
    },
    python: {
      type: "string",
      default: "/usr/bin/python3",
      value: "FILE",
      help: "the interpreter that has torch",
    },
    device: { type: "string", default: "cuda", value: "NAME", help: "PyTorch's name of the card" },
    document: { type: "string", value: "FILE", help: "where the table is written" },
    ...ENGINE,
    engine: { ...SHARED.engine, default: "gpu:webgpu" },
  },
  examples: [
    { command: "gpu --json", what: "the whole table, on a machine with a card" },
    {
      command: "gpu --engine gpu:webasm --width 32 --batches 4 --steps 3 --chips 3 --train 0 --repeats 1",
      what: "the same without a card, at sizes that take no time",
    },
  ],
  async run({ options }, io) {
    const { AGREES, measureCard } = await import("../card");
    const { tableOf, writeTable } = await import("../card-table");
    const { openEngine } = await import("../engine");
    const { figure, runProcess } = await import("../processes");
    const { rounded } = await import("../timing");
    const { engine: name, width, batches, steps, chips, train, repeats, data, seed } = options;
    // What it is, and whether it is there.
    const { engine, fields } = await openEngine(name, undefined);
    const { software } = engine.info;
    engine.dispose();
    const probe = await runProcess(options.python, ["-c", "import torch"]);
    const torch = probe.code === 0 ? null : "no torch here";
    io.print(`${fields.engine}${software === undefined ? "" : `, in software: ${software}`}`);
    const rows: Parameters<typeof tableOf>[1][number][] = [];
    let [peer, on] = ["PyTorch is not here", software ?? "this machine"];
    const work = { engine: name, width, batches, steps, chips, train, repeats, data, seed };
    for await (const row of measureCard(work)) {
      let beside: (typeof rows)[number]["beside"] = { ms: null, ...(torch !== null && { why: torch }) };
      if (torch === null && row.peer !== null) {
        const ran = await runProcess(options.python, [
          "bench/torch-card.py",
          ...row.peer,
          "--device",
          options.device,
        ]);
        const [line] = ran.lines;
        beside = ran.code === 0 ? { ms: rounded(figure(line, "ms"), 2) } : { ms: null, why: ran.complaint };
        if (ran.code === 0) [peer, on] = [String(line.peer), software ?? String(line.on)];
      }
      rows.push({ row, beside });
      const agrees = row.worst <= AGREES;
      io.print(
        `${row.row}: ${row.ms} ms${beside.ms === null ? "" : `, PyTorch ${beside.ms} ms`}; differs by ` +
          `${row.worst.toExponential(1)}${agrees ? "" : ", TOO MUCH"}`,
      );
      io.emit({
        bench: "gpu",
        ...fields,
        ...(software && { software }),
        ...row,
        torch_ms: beside.ms,
        agrees,
      });
    }
    const table = tableOf({ engine: fields.engine, on, torch: peer }, rows);
    const card = fields.engine === "gpu:webgpu" && software === undefined;
    const document = options.document ?? (card ? "docs/performance.md" : undefined);
    if (document !== undefined) {
      writeTable(document, table);
      io.note(`the table of ${document} is written`);
    }
    return rows.every(({ row }) => row.worst <= AGREES) ? 0 : 1;
  },
});

/** `bench peers`: other tools beside Ohmlet, on the same work in the same run. */
import { defineVerb } from "../../src/cli/verb";
import { SHARED } from "../options";
import { ROW_NAMES } from "../peer-rows";

/** A row for people. */
function sentence(line: Readonly<Record<string, unknown>>): string {
  const show = (name: string): string => String(line[name]);
  if (line.ratio === undefined) return `${show("row")}: not compared: ${show("missing")}`;
  const errors =
    line.same_error === undefined
      ? ""
      : `; test errors ${show("theirs_test_error")} % and ${show("ours_test_error")} ` +
        `%${line.same_error === true ? "" : ", NOT the same"}`;
  return (
    `${show("row")}: ${show("ratio")} (wanted ${show("wanted")}; rounds ${show("ratios")}): ` +
    `${show("what")}; theirs ${show("theirs")} (${show("theirs_variant")}), ours ${show("ours")} ` +
    `(${show("ours_variant")}, ${show("engine")})${errors}`
  );
}

const { threads: _, fused: __, ...ENGINE } = SHARED;

export const peers = defineVerb({
  name: "peers",
  summary: "other tools on the same work in the same run: their time over ours",
  description:
    "Runs the peers' scripts in turn with ours, round after round, each in a process of its own, and " +
    "prints their median time over ours; the best way to run each counts. Rows that train or settle " +
    "need --data. What is not installed is said and passed over.\n\nExit code 0 unless nothing could " +
    "be compared.",
  options: {
    peers: {
      type: "string",
      default: "../shared/peers",
      value: "FOLDER",
      help: "where the peers' scripts are",
    },
    python: {
      type: "string",
      default: "/usr/bin/python3",
      value: "FILE",
      help: "the interpreter that has their packages",
    },
    data: { type: "string", value: "FOLDER", help: "folder of the four IDX files of MNIST" },
    rounds: {
      type: "integer",
      default: 3,
      min: 1,
      max: 100,
      value: "N",
      help: "rounds of each row; seeds of the rows that train",
    },
    threads: {
      type: "numbers",
      integer: true,
      min: 1,
      max: 256,
      least: 1,
      most: 8,
      default: [1, 2],
      value: "N …",
      help: "numbers of threads that both try",
    },
    steps: {
      type: "integer",
      default: 200,
      min: 1,
      max: 1_000_000,
      value: "N",
      help: "steps of a timed phase",
    },
    repeats: {
      type: "integer",
      default: 11,
      min: 1,
      max: 1000,
      value: "N",
      help: "timed phases of a process",
    },
    warmup: {
      type: "integer",
      default: 6000,
      min: 1,
      max: 60_000,
      value: "N",
      help: "training images of the row settle",
    },
    train: {
      type: "integer",
      default: 60_000,
      min: 1,
      max: 60_000,
      value: "N",
      help: "training images of the rows that train",
    },
    test: {
      type: "integer",
      default: 10_000,
      min: 1,
      max: 10_000,
      value: "N",
      help: "test images of the rows that train",
    },
    epochs: {
      type: "integer",
      default: 1,
      min: 1,
      max: 1000,
      value: "N",
      help: "epochs of the rows that train",
    },
    tolerance: {
      type: "number",
      default: 1e-3,
      above: 0,
      max: 1,
      value: "CHANGE",
      help: "where our phases may end when training",
    },
    ...ENGINE,
  },
  positionals: {
    name: "ROW",
    help: `rows to run: ${ROW_NAMES.join(", ")} (default: all)`,
    most: ROW_NAMES.length,
  },
  examples: [
    { command: "peers step energy holomorphic --rounds 3", what: "steps against PyTorch" },
    { command: "peers --data path/to/mnist --json", what: "every row, as lines of JSON; takes long" },
  ],
  async run({ options, positionals }, io) {
    const { mkdtempSync, rmSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const { join, resolve } = await import("node:path");
    const { chooseRows, missingTools } = await import("../peer-tools");
    const { rowsFor } = await import("../peer-rows");
    const { compare } = await import("../peer-runs");
    const names = chooseRows(positionals);
    const folder = mkdtempSync(join(tmpdir(), "ohmlet-bench-"));
    try {
      const data = options.data === undefined ? undefined : resolve(options.data);
      const rows = rowsFor({ ...options, data, weights: join(folder, "p-2h.npz") });
      const setup = { ...options, peers: resolve(options.peers) };
      const missing = await missingTools(setup);
      for (const [tool, fact] of missing) io.print(`missing: ${tool}: ${fact}`);
      io.emit({ bench: "peers", missing: Object.fromEntries(missing) });
      let compared = 0;
      for (const name of names) {
        const row = rows.find((r) => r.name === name);
        const lack =
          row === undefined
            ? "--data, a folder of the four IDX files of MNIST"
            : (missing.get(row.module) ?? missing.get(row.script));
        const line =
          lack === undefined
            ? await compare(row!, setup, (text) => io.note(text))
            : { row: name, what: row?.what ?? name, missing: lack };
        if (line.ratio !== undefined) compared++;
        io.print(sentence(line));
        io.emit({ bench: "peers", ...line });
      }
      return compared > 0 ? 0 : 1;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});

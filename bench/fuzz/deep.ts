/**
 * Texts that nest without end, in every place where JSON or YAML is read: configs, records, journals, cases,
 * messages from Redis.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRun, readStudy, studyFrom } from "../../src/config";
import { readWeakest } from "../../src/config/weakest";
import { nodeOf } from "../../src/config/node";
import { readEpochs, readRecord } from "../../src/runs/training/record";
import { readMistakes } from "../../src/runs/training/mistakes";
import { OhmletError } from "../../src/errors";
import { isOrder, isOutcome, taskFrom } from "../../src/executors/bullmq/messages";
import { readCheckpoint } from "../../src/io/checkpoint-files";
import { readJournal } from "../../src/study";
import { verifyCase } from "../../src/verify";
import { createEngine } from "../../src/engines/select";
import { command } from "./command";
import type { Dice } from "./random";
import { copied, prepared, RUN } from "./prepared";
import { STUDIES } from "./samples";
import type { Target } from "./target";

const DEPTHS = [1, 10, 60, 500, 5000, 20_000, 100_000];

/** A value nested so deep: lists, maps, both, or strings that look like it. */
function nested(depth: number, dice: Dice): string {
  const [open, close] = dice.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"a":[', "]}"],
    ['[{"__proto__":', "}]"],
    ['{"run":', "}"],
  ] as const);
  return `${open.repeat(depth)}${dice.pick(["1", '""', "null", "{}"])}${dice.once(5) ? "" : close.repeat(depth)}`;
}

/** The value in the place of one of the words of a text. */
function within(text: string, deep: string, dice: Dice): string {
  const places = [...text.matchAll(/: ?("[^"]*"|[\w.+-]+)/g)];
  if (places.length === 0 || dice.once(6)) return deep;
  const at = dice.pick(places);
  return `${text.slice(0, at.index)}: ${deep}${text.slice(at.index + at[0].length)}`;
}

const yaml = (depth: number, dice: Dice): string =>
  dice.pick([
    () => "- ".repeat(depth),
    () => Array.from({ length: Math.min(depth, 700) }, (_, i) => `${" ".repeat(i)}a:\n`).join(""),
    () =>
      "a: &a [1]\n" +
      `${Array.from({ length: Math.min(depth, 200) }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? "a" : `b${i - 1}`}, `.repeat(9)}1]\n`).join("")}`,
    () => `? ${"? ".repeat(depth)}1`,
    () => "> \n".repeat(depth),
    () => `${"!!seq ".repeat(depth)}[]`,
  ])();

const ORDER = {
  study: "00ff",
  task: "11",
  job: { id: "a", trials: [{ key: "p0/c1", point: 0, chip: 1, seed: 7, values: { "circuit.angle": 40 } }] },
};
const OUTCOME = {
  kind: "done",
  id: "a",
  results: [{ key: "p0/c1", measures: { accuracy: 0.5 } }],
  seconds: 1,
  worker: "w",
};
const TASK = { run: { dt: 0.1, circuit: { topology: "toy" } }, measures: ["accuracy"], train: false };
const CASE = { kind: "vector-field", model: { sizes: [2, 3], W: [[1, 2]] }, expected: { u: [1] } };

/** What Redis holds was parsed by whoever took it from there: only then it is looked at. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const refused = (what: string): OhmletError =>
  new OhmletError({ code: "FUZZ-REFUSED", fact: what, place: { where: "deep" }, remedy: "none" });

export const DEEP: readonly Target[] = [
  {
    name: "deep",
    apart: true,
    attempt: async (dice, folder) => {
      const depth = dice.pick(DEPTHS);
      const deep = nested(depth, dice);
      const put = (name: string, text: string): string => {
        const at = join(folder, "deep");
        rmSync(at, { recursive: true, force: true });
        mkdirSync(at);
        for (const file of ["run.json", "config.yaml"])
          if (file !== name) writeFileSync(join(at, file), "{}");
        writeFileSync(join(at, name), text);
        return at;
      };
      const plain = (value: unknown): string => within(JSON.stringify(value), deep, dice);
      switch (dice.below(12)) {
        case 0:
          return readRun({
            where: "deep.yaml",
            text: dice.once(2) ? yaml(depth, dice) : within(RUN, deep, dice),
          });
        case 1:
          return readStudy({ where: "deep.json", text: within(dice.pick(STUDIES), deep, dice) });
        case 2:
          return readWeakest({ where: "deep.json", text: deep });
        case 3:
          return readRecord(put("run.json", plain({ ohmlet: "0.1.0", seed: 1 })));
        case 4:
          return readEpochs(put("events.jsonl", `${plain({ type: "epoch", epoch: 1 })}\n`));
        case 5:
          return readCheckpoint(
            put("checkpoint.json", plain({ format: 1, archive: "a.npz", bytes: 1, crc32: 1, about: {} })),
          );
        case 6:
          return readMistakes(parsed(plain({ shape: [1, 1], mistakes: [] })));
        case 7:
          return readJournal(
            `${plain({ key: "p0/c1", point: 0, chip: 1, seed: 1, values: {}, measures: {} })}\n`,
            [{ key: "p0/c1", point: 0, chip: 1, seed: 1, values: {} }],
            "journal.jsonl",
          );
        case 8: {
          const task = taskFrom(plain(TASK));
          if (task === null) throw refused("no task");
          return studyFrom(nodeOf({ ...task, name: "a", vary: {} }));
        }
        case 9:
          if (!isOrder(parsed(plain(ORDER)))) throw refused("no order");
          return true;
        case 10:
          if (!isOutcome(parsed(plain(OUTCOME)))) throw refused("no outcome");
          return true;
        default: {
          reference ??= await createEngine("reference");
          const { reason } = await verifyCase("deep", plain(CASE), { engine: reference, reference });
          if (reason?.startsWith("it could not be run") === true) throw new Error(reason);
          throw refused(reason ?? "compared");
        }
      }
    },
  },
  {
    name: "deep-folder",
    apart: true,
    prepare: (folder) => prepared(folder, "study"),
    attempt: async (dice, folder) => {
      const at = await copied(folder, "study");
      const file = dice.pick(["study.json", "journal.jsonl", "timing.jsonl", "none"]);
      const deep = nested(dice.pick(DEPTHS), dice);
      if (file === "study.json")
        writeFileSync(
          join(at, file),
          dice.once(2) ? `{"ohmlet":"0.1.0","digest":"x","shard":{"number":1,"of":1},"study":${deep}}` : deep,
        );
      else if (file !== "none") writeFileSync(join(at, file), `${deep}\n`);
      await command([dice.pick(["report", "resume"]), at]);
    },
  },
];

let reference: Awaited<ReturnType<typeof createEngine>> | undefined;

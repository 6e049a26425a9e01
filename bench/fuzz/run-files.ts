/**
 * Files of a run folder, as `ohmlet resume` and `ohmlet report` read them: its record, its epochs, its
 * checkpoint.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readCircuit } from "../../src/circuit/circuit";
import { readEpochs, readRecord, runOfRecord } from "../../src/runs/training/record";
import { checkpointOf } from "../../src/runs/training/resume";
import { digestOf } from "../../src/runs/training/about";
import { readCheckpoint } from "../../src/io/checkpoint-files";
import { toJson } from "../../src/io/json";
import type { NpyArray } from "../../src/io/npy";
import { writeNpz } from "../../src/io/npz";
import { restore, takeCheckpoint } from "../../src/learning/checkpoint/checkpoint";
import { EpochFigures } from "../../src/learning/epoch-figures";
import { adam } from "../../src/learning/optimizers";
import type { Dice } from "./random";
import { mutateBytes, mutateText } from "./mutate";
import { repairZip } from "./repair";
import { CIRCUIT, CONFIGS } from "./samples";
import type { Target } from "./target";

const IDENTITY = { circuit: "good", engine: "reference float64", epochs: "3" };
const ABOUT = {
  ohmlet: "0.1.0",
  node: "v20",
  platform: "linux",
  command: "ohmlet train",
  started: "2026-01-01",
  seed: 1,
  circuit: "c",
  chip: "a chip",
  rule: "vector-field",
  data: { train: { name: "a", samples: 2 }, test: { name: "b", samples: 1 } },
  estimator: { name: "centred" },
  engine: { name: "reference", precision: "float64" },
  outputs: { report: true, weights: true },
  config: digestOf(CONFIGS[0]),
  outcome: "interrupted",
};
const EPOCH = {
  type: "epoch",
  epoch: 1,
  accuracy: 0.5,
  cost: "NaN",
  trainAccuracy: 0.5,
  trainCost: 0.1,
  gradientCosine: { up: 0.9 },
  aliasing: null,
  residuals: [1e-6],
  steps: [12],
  feedbackAngle: { down: 20 },
  saturated: { l1: 0.2 },
  warnings: [{ code: "LEARN-NOISE", text: "noisy" }],
  learned: { place: "host", reason: "reference" },
  seconds: { training: 1, testing: 0.1 },
};
const EVENTS = [1, 2, 3].map((epoch) => `${JSON.stringify({ ...EPOCH, epoch })}\n`).join("");

const maybe = (text: string, dice: Dice, often = 2): string =>
  dice.once(often) ? mutateText(text, [text], dice) : text;

/** A chip and an optimizer that have learned a batch, and the checkpoint that was taken of them. */
function learned() {
  const parts = { chip: readCircuit(CIRCUIT).fabricate({ seed: 3 }), optimizer: adam({ rate: 0.01 }) };
  const figures = new EpochFigures();
  figures.add({
    cost: 0.1,
    correct: 1,
    aliasing: null,
    nudgeShift: 0.1,
    outcomes: [{ residual: 1e-6, steps: 9, kind: "fixed" as const }],
  });
  const { arrays, ...rest } = takeCheckpoint(
    parts,
    IDENTITY,
    { epoch: 2, batch: 1, seconds: 1, done: false, best: null, clock: null },
    figures,
  );
  return {
    parts,
    about: { ohmlet: "0.1.0", ...rest },
    arrays: Object.entries(arrays).map(([name, { shape, values }]): [string, NpyArray] => [
      name,
      { shape, data: values },
    ]),
  };
}
let whole: ReturnType<typeof learned> | undefined;

/** Arrays of other sizes, names and values: an archive that is sound and does not fit. */
function unfitting(arrays: readonly (readonly [string, NpyArray])[], dice: Dice): [string, NpyArray][] {
  const out = arrays.map(([name, array]): [string, NpyArray] => [name, array]);
  const at = dice.below(out.length);
  const [name, { data }] = out[at];
  switch (dice.below(5)) {
    case 0:
      out.splice(at, 1);
      break;
    case 1:
      out[at] = [
        dice.pick(["chip/constructor", "optimizer/__proto__", "states/x", "batches/1", `${name}x`]),
        out[at][1],
      ];
      break;
    case 2:
      out[at] = [name, { shape: [data.length + 1], data: new Float64Array(data.length + 1) }];
      break;
    case 3:
      out[at] = [name, { shape: [0], data: new Float64Array(0) }];
      break;
    default: {
      const values = Float64Array.from(data);
      values[dice.below(values.length)] = dice.pick([NaN, Infinity, -1e308, 0.5, -1]);
      out[at] = [name, { shape: [values.length], data: values }];
    }
  }
  return out;
}

function clear(folder: string): void {
  for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true });
}

export const RUN_FILES: readonly Target[] = [
  {
    name: "run-folder",
    attempt: async (dice, folder) => {
      clear(folder);
      const yaml = maybe(CONFIGS[0], dice);
      writeFileSync(join(folder, "config.yaml"), yaml);
      writeFileSync(join(folder, "run.json"), maybe(toJson({ ...ABOUT, config: digestOf(yaml) }, 2), dice));
      writeFileSync(join(folder, "events.jsonl"), maybe(EVENTS, dice));
      const record = readRecord(folder);
      readEpochs(folder);
      await runOfRecord(record);
    },
  },
  {
    name: "checkpoint",
    attempt: (dice, folder) => {
      clear(folder);
      whole ??= learned();
      let archive = writeNpz(dice.once(2) ? unfitting(whole.arrays, dice) : whole.arrays);
      if (dice.once(2)) archive = repairZip(mutateBytes(archive, [archive], dice));
      const index = toJson(
        {
          format: 1,
          archive: "checkpoint-a.npz",
          bytes: archive.length,
          crc32: crc32(archive),
          about: whole.about,
        },
        2,
      );
      writeFileSync(join(folder, "checkpoint.json"), maybe(index, dice, 3));
      writeFileSync(join(folder, "checkpoint-a.npz"), archive);
      const stored = readCheckpoint(folder);
      if (stored !== null)
        restore(whole.parts, checkpointOf(stored, folder), IDENTITY, { epochs: 3, batches: 4 });
    },
  },
];

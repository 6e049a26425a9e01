/** The targets of a fuzz run. Another reader is another entry. */
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { readCircuit } from "../../src/circuit/circuit";
import type { CircuitSpec } from "../../src/circuit/types";
import {
  circuitOf,
  estimatorOf,
  optimizerOf,
  readRun,
  readStudy,
  ruleOf,
  runOf,
  scheduleOf,
  timeStepOf,
  type Run,
} from "../../src/config";
import { readWeakest } from "../../src/config/weakest";
import { readCifar } from "../../src/data/cifar";
import { fromCsv, type CsvFile } from "../../src/data/csv";
import { readIdxImages, readIdxLabels } from "../../src/data/idx";
import { readNeuron } from "../../src/device/neuron";
import { readSynapse } from "../../src/device/synapse";
import { readTextFile } from "../../src/io/config-files";
import { loadDataset } from "../../src/io/datasets/load";
import { readTar } from "../../src/io/fetch/tar";
import { readNpy } from "../../src/io/npy";
import { readNpz } from "../../src/io/npz";
import { decodePng } from "../../src/io/png/decode";
import { parseQuantity } from "../../src/units/parse";
import type { Dice } from "./random";
import { mutateBytes, mutateData, mutateText } from "./mutate";
import { repairPng, repairZip } from "./repair";
import {
  CIFAR,
  CIRCUIT,
  CONFIGS,
  CSV,
  EQUATIONS,
  GZIP,
  IMAGES,
  LABELS,
  NPY,
  NPZ,
  PARAMETERS,
  PNG,
  STUDIES,
  SYNAPSES,
  WEAKEST,
} from "./samples";
import { DEEP } from "./deep";
import { DIGITS } from "./digits";
import { FOLDERS } from "./folders";
import { GROWING } from "./growing";
import { PACKED_RUNS } from "./packed-runs";
import { RUN_FILES } from "./run-files";
import type { Target } from "./target";

const text = (samples: readonly string[], dice: Dice): string =>
  mutateText(dice.pick(samples), samples, dice);
const bytes = (samples: readonly Uint8Array[], dice: Dice): Uint8Array =>
  mutateBytes(dice.pick(samples), samples, dice);
/** Parameters that an equation of the samples names; the rest would be refused as unused. */
const named = (equations: string): object =>
  Object.fromEntries(
    Object.entries(PARAMETERS).filter(([name]) => new RegExp(`\\b${name}\\b`).test(equations)),
  );

/** As far as a run is read before it runs. */
function checkRun(run: Run): void {
  const circuit = circuitOf(run);
  estimatorOf(run);
  optimizerOf(run, circuit);
  ruleOf(run, circuit);
  scheduleOf(run);
  timeStepOf(run, circuit);
}

async function drain(archive: Uint8Array): Promise<void> {
  for await (const _ of readTar(
    (async function* () {
      yield Buffer.from(archive);
    })(),
    "archive",
  ))
    continue;
}

export const TARGETS: readonly Target[] = [
  {
    name: "equations",
    attempt: (dice) => {
      const equations = text(EQUATIONS, dice);
      return readNeuron({
        kind: "neuron",
        name: "spoilt",
        equations,
        parameters: named(equations),
        ...(/\bC\b/.test(equations) && { unitDrive: "g_leak*u_slope" }),
      });
    },
  },
  {
    name: "synapse",
    attempt: (dice) => {
      const equations = text(SYNAPSES, dice);
      return readSynapse({
        kind: "synapse",
        name: "spoilt",
        equations,
        parameters: {
          ...(/\bV\b/.test(equations) && { V: "1 V" }),
          ...(/\bg\b/.test(equations) && { g: "1 uS" }),
          ...(equations.includes("retention") && { retention: "1e5 s" }),
        },
      });
    },
  },
  {
    name: "quantity",
    attempt: (dice) => parseQuantity(text(["50 nS", "5 %", "-70 mV", "1e-12 F/m^2", "300 K"], dice)),
  },
  {
    name: "device",
    attempt: (dice) =>
      readNeuron(
        mutateData(
          {
            kind: "neuron",
            name: "spoilt",
            equations: EQUATIONS[0],
            parameters: named(EQUATIONS[0]),
            unitDrive: "g_leak*u_slope",
          },
          dice,
        ),
      ),
  },
  { name: "circuit", attempt: (dice) => readCircuit(mutateData(CIRCUIT, dice) as CircuitSpec) },
  {
    name: "config",
    attempt: (dice) => checkRun(readRun({ where: "spoilt.yaml", text: text(CONFIGS, dice) })),
  },
  {
    name: "config-data",
    attempt: (dice) => checkRun(runOf(mutateData(JSON.parse(JSON.stringify(TINY_RUN)), dice))),
  },
  {
    name: "config-file",
    attempt: (dice, folder) => {
      const path = join(folder, dice.once(2) ? "spoilt.yaml" : "spoilt.json");
      writeFileSync(
        path,
        bytes(
          CONFIGS.map((config) => Buffer.from(config)),
          dice,
        ),
      );
      checkRun(readRun(readTextFile(path)));
    },
  },
  { name: "study", attempt: (dice) => readStudy({ where: "spoilt.yaml", text: text(STUDIES, dice) }) },
  { name: "weakest", attempt: (dice) => readWeakest({ where: "spoilt.yaml", text: text(WEAKEST, dice) }) },
  { name: "npy", attempt: (dice) => readNpy(bytes(NPY, dice), "spoilt.npy") },
  {
    name: "npz",
    attempt: (dice) => readNpz((dice.once(2) ? repairZip : same)(bytes(NPZ, dice)), "spoilt.npz"),
  },
  { name: "idx-images", attempt: (dice) => readIdxImages(bytes(IMAGES, dice), "spoilt") },
  { name: "idx-labels", attempt: (dice) => readIdxLabels(bytes(LABELS, dice), "spoilt") },
  { name: "cifar", attempt: (dice) => readCifar([{ where: "spoilt.bin", bytes: bytes(CIFAR, dice) }]) },
  {
    name: "csv",
    attempt: (dice) => {
      const file = (): CsvFile => ({ where: "spoilt.csv", bytes: Buffer.from(text(CSV, dice)) });
      return fromCsv("spoilt", file(), dice.once(2) ? file() : undefined);
    },
  },
  {
    name: "png",
    attempt: (dice) => decodePng((dice.once(4) ? same : repairPng)(bytes(PNG, dice)), "spoilt.png"),
  },
  {
    name: "gzip",
    attempt: (dice, folder) => {
      writeFileSync(join(folder, "spoilt.csv.gz"), bytes(GZIP, dice));
      return loadDataset(join(folder, "spoilt.csv.gz"));
    },
  },
  { name: "tar", attempt: (dice) => drain(bytes([TAR], dice)) },
  ...RUN_FILES,
  ...DIGITS,
  ...GROWING,
  ...DEEP,
  ...PACKED_RUNS,
  ...FOLDERS,
];

const same = (file: Uint8Array): Uint8Array => file;

const TINY_RUN = {
  name: "tiny",
  circuit: {
    topology: "layered",
    sizes: [64, 8, 10],
    neuron: "leaky-integrator",
    synapse: "ideal",
    feedback: { angle: 20 },
  },
  data: { kind: "generated", train: 60, test: 30 },
  dt: 0.1,
  estimator: { kind: "holomorphic", points: 4, amplitude: 0.2, freeSteps: 60, nudgedSteps: 40 },
  optimizer: { kind: "adam", rate: 0.01 },
  epochs: 2,
  batch: 10,
  seed: 3,
};

const TAR = ((): Uint8Array => {
  const header = Buffer.alloc(512);
  header.write("set/a.bin");
  header.write((700).toString(8).padStart(11, "0"), 124);
  header.write("0", 156);
  return Buffer.concat([header, Buffer.alloc(1024, 7), Buffer.alloc(1024)]);
})();

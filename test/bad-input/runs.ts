/** Run folders, checkpoints, disks and words on the command line that must be refused. */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { packedNpz } from "../io/packed-npz";
import { CIRCUIT } from "../../bench/fuzz/samples";
import { readCircuit } from "../../src/circuit/circuit";
import { readNpz } from "../../src/io/npz";
import { openRunFolder } from "../../src/io/run-folder";
import { keepCheckpoint } from "../../src/io/checkpoint-files";
import { writeAtomically } from "../../src/io/atomic";
import { restore, takeCheckpoint } from "../../src/learning/checkpoint/checkpoint";
import { EpochFigures } from "../../src/learning/epoch-figures";
import { adam } from "../../src/learning/optimizers";
import { onFullDisk } from "../io/full-disk";
import { ohmlet } from "../cli/run";
import { refusedCommand, write, type Kind } from "./kind";

const json = (...parts: string[]): Record<string, unknown> =>
  JSON.parse(readFileSync(join(...parts), "utf8")) as Record<string, unknown>;
const change = (path: string, file: string, by: object): void =>
  writeFileSync(join(path, file), JSON.stringify({ ...json(path, file), ...by }));

const DEEP = `{"a": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`;

/** A run that was stopped after its first epoch, with a checkpoint: what the rows spoil a copy of. */
let stopped = "";
export async function makeStoppedRun(): Promise<() => void> {
  const root = mkdtempSync(join(tmpdir(), "ohmlet-bad-"));
  const { code, err } = await ohmlet(
    "train",
    "--train",
    "60",
    "--test",
    "30",
    "--sizes",
    "64",
    "6",
    "10",
    "--probe",
    "0",
    "--engine",
    "simd",
    "--epochs",
    "2",
    "--out",
    root,
  );
  if (code !== 0) throw new Error(err);
  stopped = join(root, readdirSync(root)[0]);
  const { result: _result, finished: _finished, ...about } = json(stopped, "run.json");
  writeFileSync(join(stopped, "run.json"), JSON.stringify({ ...about, outcome: "interrupted" }));
  keepCheckpoint(
    openRunFolder(stopped),
    {
      identity: { circuit: "another" },
      position: { epoch: 2, batch: 0, seconds: 1, done: false, best: null, clock: null },
      ohmlet: about.ohmlet,
    },
    readNpz(readFileSync(join(stopped, "weights.npz")), "weights.npz"),
  );
  return () => rmSync(root, { recursive: true });
}

/** A copy of the stopped run, spoilt, that `ohmlet resume` must refuse. */
const resumed = (what: string, code: string, at: RegExp, spoil: (path: string) => void): Kind => ({
  what,
  code,
  at,
  make: (here) => {
    const path = join(here, "run");
    cpSync(stopped, path, { recursive: true });
    spoil(path);
    return () => refusedCommand("resume", path);
  },
});

/** The same file, elsewhere. */
function linked(path: string, file: string): void {
  unlinkSync(join(path, file));
  symlinkSync(join(stopped, file), join(path, file));
}

export const RUNS: readonly Kind[] = [
  resumed("a checkpoint of another training", "CHECKPOINT-OTHER", /checkpoint/, () => {}),
  resumed("a checkpoint whose end is missing", "CHECKPOINT-DAMAGED", /checkpoint-a\.npz/, (path) =>
    truncateSync(join(path, "checkpoint-a.npz"), 100),
  ),
  resumed("a checkpoint with a flipped bit", "CHECKPOINT-DAMAGED", /checkpoint-a\.npz/, (path) => {
    const bytes = readFileSync(join(path, "checkpoint-a.npz"));
    bytes[200] ^= 1;
    writeFileSync(join(path, "checkpoint-a.npz"), bytes);
  }),
  resumed("a checkpoint that names files elsewhere", "CHECKPOINT-FORMAT", /checkpoint\.json/, (path) =>
    change(path, "checkpoint.json", { archive: "../../weights.npz" }),
  ),
  { what: "a checkpoint of arrays of other sizes", code: "CHIP-LOAD", at: /./, make: foreignArrays },
  resumed("a run of another version", "RUN-VERSION", /run/, (path) =>
    change(path, "run.json", { ohmlet: "9.9.9" }),
  ),
  resumed("a config that was changed after the run began", "RUN-CONFIG", /config\.yaml/, (path) =>
    writeFileSync(join(path, "config.yaml"), "epochs: 3\n"),
  ),
  resumed("two at work in one folder", "RUN-BUSY", /lock\.json/, (path) =>
    writeFileSync(join(path, "lock.json"), JSON.stringify({ pid: 1, host: hostname() })),
  ),
  resumed("a record that is cut short", "RUN-FILE", /run\.json/, (path) =>
    truncateSync(join(path, "run.json"), 30),
  ),
  resumed("a record of 100,000 lists within each other", "RUN-FILE", /run\.json/, (path) =>
    writeFileSync(join(path, "run.json"), DEEP),
  ),
  resumed("an epoch of 100,000 lists within each other", "RUN-EVENTS", /events\.jsonl, line 1/, (path) =>
    writeFileSync(join(path, "events.jsonl"), `${DEEP}\n${readFileSync(join(path, "events.jsonl"), "utf8")}`),
  ),
  resumed("a record that is a link to another file", "RUN-FILE", /run\.json/, (path) =>
    linked(path, "run.json"),
  ),
  resumed("a log that is a link to another file", "IO-LINK", /events\.jsonl/, (path) =>
    linked(path, "events.jsonl"),
  ),
  resumed("a lock that is a link to nothing", "IO-LINK", /lock\.json/, (path) =>
    symlinkSync(join(path, "nothing"), join(path, "lock.json")),
  ),
  resumed("weights that are a link to a folder", "IO-LINK", /weights\.npz/, (path) => {
    unlinkSync(join(path, "weights.npz"));
    symlinkSync(stopped, join(path, "weights.npz"));
  }),
  {
    what: "weights that unpack to more than the chip holds",
    code: "NPZ-SIZE",
    at: /weights\.npz/,
    make: (here) => {
      const path = join(here, "run");
      cpSync(stopped, path, { recursive: true });
      writeFileSync(join(path, "weights.npz"), packedNpz([{ name: "bomb", data: new Uint8Array(2 ** 26) }]));
      return () => refusedCommand("report", path);
    },
  },
  resumed("epochs that are missing", "RUN-EVENTS", /events\.jsonl/, (path) =>
    writeFileSync(join(path, "events.jsonl"), ""),
  ),
  {
    what: "a folder that is no run",
    code: "RUN-FOLDER",
    at: /./,
    make: (here) => () => refusedCommand("report", here),
  },
];

/** A chip and an optimizer, and a checkpoint of theirs in which one array has another size. */
function foreignArrays(): () => unknown {
  const parts = { chip: readCircuit(CIRCUIT).fabricate({ seed: 3 }), optimizer: adam({ rate: 0.01 }) };
  const checkpoint = takeCheckpoint(
    parts,
    {},
    { epoch: 1, batch: 0, seconds: 0, done: false, best: null, clock: null },
    new EpochFigures(),
  );
  const [name] = Object.keys(checkpoint.arrays);
  const arrays = { ...checkpoint.arrays, [name]: { shape: [2], values: Float64Array.of(1, 2) } };
  return () => restore(parts, { ...checkpoint, arrays }, {}, { epochs: 2, batches: 3 });
}

export const DISKS: readonly Kind[] = [
  {
    what: "a disk that is full while a log grows",
    code: "IO-WRITE",
    at: /events\.jsonl/,
    make: (here) => {
      const folder = openRunFolder(here);
      folder.event({ type: "epoch" });
      return () => onFullDisk(() => folder.event({ type: "epoch" }));
    },
  },
  {
    what: "a disk that is full while weights are replaced",
    code: "IO-WRITE",
    at: /weights\.npz/,
    make: (here) => {
      const folder = openRunFolder(here);
      writeAtomically(join(here, "weights.npz"), "the old weights");
      return () => onFullDisk(() => folder.bytes("weights.npz", new Uint8Array(10_000)));
    },
  },
  {
    what: "a place that takes no folders",
    code: "IO-FOLDER",
    at: /\/proc/,
    make: () => () =>
      refusedCommand("train", "--train", "20", "--test", "10", "--epochs", "1", "--out", "/proc/ohmlet"),
  },
  {
    what: "a file where runs should go",
    code: "IO-FOLDER",
    at: /runs/,
    make: (here) => {
      write(here, { runs: "mine" });
      return () =>
        refusedCommand(
          "train",
          "--train",
          "20",
          "--test",
          "10",
          "--epochs",
          "1",
          "--out",
          join(here, "runs"),
        );
    },
  },
];

const command = (what: string, code: string, at: RegExp, ...words: string[]): Kind => ({
  what,
  code,
  at,
  make: () => () => refusedCommand(...words),
});

export const COMMANDS: readonly Kind[] = [
  command("a verb that is not there", "CLI-VERB", /./, "devises"),
  command("an option that is not there", "CLI-OPTION", /train/, "train", "--epoch", "3"),
  command("a text for a number", "CLI-NUMBER", /--epochs/, "train", "--epochs", "many"),
  command("a number out of its range", "CLI-RANGE", /--epochs/, "train", "--epochs", "-3"),
  command("a device that is called toString", "CLI-NAME", /./, "devices", "toString"),
  command(
    "a curve of pulses where there are none",
    "DEVICE-EVENT",
    /crossbar/,
    "devices",
    "crossbar",
    "--curve",
    "pulses",
  ),
  command(
    "a curve that noise has not",
    "DEVICE-CURVE",
    /telegraph/,
    "devices",
    "telegraph",
    "--curve",
    "drift",
  ),
  command(
    "a parameter that a device has not",
    "CLI-SET",
    /--set/,
    "devices",
    "pcm",
    "--curve",
    "drift",
    "--set",
    "mu=1",
  ),
  command("an engine that is not there", "ENGINE-NAME", /engine/, "train", "--engine", "gpu:abacus"),
  command("an engine that does not run here", "ENGINE-BACKEND", /./, "train", "--engine", "gpu:webgl2"),
  command("a config that is not there", "CONFIG-FILE", /nowhere\.yaml/, "train", "nowhere.yaml"),
];

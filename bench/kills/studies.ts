/** Studies that are killed: all that docs/studies.md calls compared, and each trial once in the tables. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Crew } from "./standby-workers";
import { bytesOf, type Subject } from "./target";

export interface StudyKills {
  /** A study file. */
  readonly file: string;
  /** Rows that its table must have. */
  readonly trials: number;
  /** Who works for it elsewhere: then it goes over BullMQ. */
  readonly elsewhere?: { readonly redis: string; readonly crew: Crew };
}

const COMPARED = ["study.json", "results.csv", "results.parquet", "report.html", "summary.json"];

export function studySubject({ file, trials, elsewhere }: StudyKills): Subject {
  const folderOf = (root: string): string => join(root, "study");
  const over = elsewhere === undefined ? [] : ["--executor", "bullmq", "--redis", elsewhere.redis];
  const begin = (root: string): string[] => ["study", file, "--out", folderOf(root), ...over];
  return {
    what: elsewhere === undefined ? "study" : "study over BullMQ",
    workers: elsewhere?.crew.targets,
    victims: ["process", "group", "worker"],
    begin,
    folderIn: (root) => (existsSync(folderOf(root)) ? folderOf(root) : null),
    // By name, by the same command, or by the same with another number of workers; a study over BullMQ at
    // times on this machine.
    goOn: (root, folder, draw) => {
      if (draw < 1 / 3) return ["resume", folder, ...over];
      return draw < 2 / 3
        ? begin(root)
        : ["study", file, "--out", folder, "--workers", String(1 + Math.floor((draw * 9) % 3))];
    },
    figuresOf: (folder) => {
      const pictures = existsSync(join(folder, "figures"))
        ? readdirSync(join(folder, "figures")).map((name) => join("figures", name))
        : [];
      return Object.fromEntries(
        [...COMPARED, ...pictures.sort()].map((name) => [name, bytesOf(folder, name)]),
      );
    },
    faultsOf: (folder) => [
      ...onceEach(
        "results.csv",
        bytesOf(folder, "results.csv")
          .trim()
          .split("\r\n")
          .slice(1)
          .map((row) => row.split(",").slice(0, 2).join(",")),
        trials,
      ),
      ...onceEach(
        "journal.jsonl",
        bytesOf(folder, "journal.jsonl")
          .trim()
          .split("\n")
          .map((line) => /^\{"key":("(?:[^"\\]|\\.)*"),/.exec(line)?.[1] ?? line),
        trials,
      ),
      ...(existsSync(join(folder, "lock.json")) ? ["lock.json was left behind"] : []),
    ],
  };
}

function onceEach(where: string, keys: readonly string[], trials: number): string[] {
  const different = new Set(keys).size;
  return [
    ...(different === trials ? [] : [`${where} tells of ${different} trials, not of ${trials}`]),
    ...(different === keys.length ? [] : [`${where} tells of ${keys.length - different} trials twice`]),
  ];
}

/**
 * A small study as JSON: nonideal chips that learn, at four points.
 * @param chips at each point
 * @param train samples that each learns from
 */
export function smallStudy(chips: number, train: number): { readonly text: string; readonly trials: number } {
  const study = {
    name: "killed",
    run: {
      circuit: { topology: "nonideal", sizes: [64, 12, 10], mismatch: "5 %", temperature: "300 K" },
      data: { kind: "generated", train, test: 50 },
      estimator: { kind: "centred", amplitude: 0.3, freeSteps: 30, nudgedSteps: 20 },
      dt: "10 us",
      optimizer: { kind: "adam", rate: 0.02 },
      epochs: 2,
      probe: 0,
    },
    vary: { "circuit.levels": [16, 0], "circuit.angle": [0, 90] },
    chips,
    measure: ["accuracy", "cosine", "settleSteps"],
    spec: { accuracy: ">= 15 %" },
  };
  return { text: `${JSON.stringify(study, null, 2)}\n`, trials: 4 * chips };
}

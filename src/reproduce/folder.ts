/**
 * The folder of a reproduction: reproduction.json (what was asked), journal.jsonl (parts as they ended),
 * trainings/ (a run folder each, also of one that diverged), and in the end quantities.jsonl, report.html and
 * figures/.
 */
import { existsSync, lstatSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OhmletError } from "../errors";
import { readBoundedJson, readBoundedText } from "../io/bounded";
import { dataDifference, isDataFingerprint, type DataFingerprint } from "../io/datasets/fingerprint";
import { createNamedFolder, takeOverRunFolder, type RunFolder } from "../io/run-folder";
import { lockRun, type RunLock } from "../io/run-lock";
import { shellWord } from "../runs/shell";
import { digestOf } from "../runs/training/about";
import { isRecord } from "../runs/training/checks";
import type { BudgetName, Planned } from "./experiment";
import { journalLine, readJournal, type Task } from "./journal";
import type { Ended } from "./quantities";

const [RECORD, JOURNAL] = ["reproduction.json", "journal.jsonl"];
const LARGEST_RECORD = 2 ** 20;
const LARGEST_JOURNAL = 2 ** 28;

/** What decides the numbers: a folder goes on with the same only. */
export interface Asked {
  readonly experiment: string;
  readonly budget: BudgetName;
  readonly seed: number;
  readonly engine: string;
  /** Of data from files; null of generated ones. */
  readonly data: DataFingerprint | null;
}

interface Record extends Asked {
  readonly ohmlet: string;
  /** SHA-256 of the budget: settings and seeds. */
  readonly settings: string;
}

export interface ReproductionFolder {
  readonly path: string;
  readonly files: RunFolder;
  readonly lock: RunLock;
  readonly ended: Ended[];
  /** Appends what has ended. */
  keep(ended: Ended): void;
}

/** Parts with the seeds that they are run with, all of one seed before the next. */
export function tasksOf({ parts, budget: { seeds } }: Planned, seed: number): readonly Task[] {
  return Array.from({ length: seeds }, (_, k) => k).flatMap((k) =>
    parts.filter((part) => k < (part.seeds ?? seeds)).map(({ name }) => ({ part: name, seed: seed + k })),
  );
}

/**
 * Opens the folder of a reproduction, or makes it.
 * @throws OhmletError REPRODUCE-FOLDER, REPRODUCE-CHANGED, REPRODUCE-JOURNAL, RUN-BUSY, RUN-FILE, IO-…
 */
export function openReproduction(
  path: string,
  asked: Asked,
  planned: Planned,
  ohmlet: string,
): ReproductionFolder {
  const settings = digestOf(JSON.stringify([planned.budget.settings, planned.budget.seeds]));
  const record: Record = { ohmlet, ...asked, settings };
  if (!existsSync(path)) {
    const made =
      lstatSync(path, { throwIfNoEntry: false }) === undefined
        ? createNamedFolder(dirname(path), basename(path), (folder) => folder.json(RECORD, record))
        : null;
    if (made === null) throw notOurs(path, "something else lies there");
  }
  expectSame(record, path);
  const lock = lockRun(path, "reproduction");
  try {
    const files = takeOverRunFolder(path).heldBy(lock);
    const journal = join(path, JOURNAL);
    const text = readBoundedText(journal, LARGEST_JOURNAL) ?? "";
    const { ended, whole } = readJournal(text, tasksOf(planned, asked.seed), journal);
    files.own(JOURNAL, LARGEST_JOURNAL);
    // A line that a kill cut short is found again.
    if (whole < text.length) files.truncate(JOURNAL, new TextEncoder().encode(text.slice(0, whole)).length);
    const all = [...ended];
    return {
      path,
      files,
      lock,
      ended: all,
      keep(one) {
        files.append(JOURNAL, journalLine(one), { flush: true });
        all.push(one);
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function expectSame(now: Record, path: string): void {
  const where = join(path, RECORD);
  const then = readBoundedJson(where, LARGEST_RECORD);
  if (!isRecord(then) || typeof then.ohmlet !== "string") throw notOurs(path, `it holds no ${RECORD}`);
  const differing = (["ohmlet", "experiment", "budget", "seed", "engine", "settings"] as const).find(
    (key) => then[key] !== now[key],
  );
  const data = isDataFingerprint(then.data) ? then.data : null;
  const other =
    data === null || now.data === null
      ? data === now.data
        ? null
        : "the data are others"
      : dataDifference(data, now.data);
  if (differing === undefined && other === null) return;
  const told = (value: unknown): string => shellWord(String(value).slice(0, 40), "another");
  const fact =
    differing === undefined
      ? `the data have changed since this folder was begun: ${other}`
      : differing === "settings"
        ? "the experiment has other settings than when this folder was begun"
        : differing === "ohmlet"
          ? `this folder was begun by version ${told(then.ohmlet)}, this is ${now.ohmlet}`
          : `this folder was begun with ${differing} ${told(then[differing])}, not ${String(now[differing])}`;
  throw new OhmletError({
    code: "REPRODUCE-CHANGED",
    fact,
    place: { where },
    remedy: "name another folder:  --out FOLDER;  or give the options that it was begun with",
  });
}

const notOurs = (path: string, why: string): OhmletError =>
  new OhmletError({
    code: "REPRODUCE-FOLDER",
    fact: `this is not the folder of a reproduction: ${why}`,
    place: { where: path },
    remedy: "name a folder that does not exist yet, or one that this command made:  --out FOLDER",
  });

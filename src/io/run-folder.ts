/**
 * The folder that a run writes: what ran, its events, its curves, its weights, its report. Whole files are
 * replaced in one step, logs grow line by line, and a folder that exists is never written over. What the
 * files mean is the caller's.
 */
import { join } from "node:path";
import { OhmletError } from "../errors";
import { csvLine, type Cell } from "./csv";
import { toJson } from "./json";
import { makeFolder } from "./make-folder";
import { codeOf, writing } from "./place";
import type { RunLock } from "./run-lock";
import { temporaryName, Within } from "./within";

/**
 * A run's folder. File names are relative to it and may name folders ("weights/W1.npy"), which are made.
 * Every method throws `IO-LINK` where a link lies there, `IO-GONE` once the folder is no longer the one that
 * it was, and `IO-WRITE` (category `run`) when the disk refuses.
 */
export interface RunFolder {
  /**
   * Where the folder is: `root` joined with its name, which is not the name asked for where that was taken.
   */
  readonly path: string;
  /** Writes `value` as indented JSON, in one step. */
  json(file: string, value: unknown): void;
  /** Writes UTF-8 text, in one step. */
  text(file: string, content: string): void;
  /** Writes bytes, in one step. */
  bytes(file: string, content: Uint8Array): void;
  /** Appends one line to events.jsonl. */
  event(event: object): void;
  /**
   * Appends a line to a CSV. The first record names the columns; a later one may lack some, but not bring new
   * ones.
   */
  row(file: string, record: Readonly<Record<string, Cell>>): void;
  /** Writes a CSV anew, in one step; `row` goes on from there. */
  rows(file: string, records: readonly Readonly<Record<string, Cell>>[]): void;
  /** Appends text, and waits until it is on the disk where `flush` says so. */
  append(file: string, text: string, options?: { readonly flush?: boolean }): void;
  /**
   * Makes a file that is there one that no other folder has, too: some backups are hard links. Then it can
   * grow.
   */
  own(file: string, largest: number): void;
  /** Cuts a file that is there. */
  truncate(file: string, bytes: number): void;
  /** Removes a file, where it exists. */
  remove(file: string): void;
  /**
   * @throws OhmletError IO-LINK where one of these, or a folder on the way, is a link; asked before anything
   *   is written
   */
  expectPlain(files: readonly string[]): void;
  /** The same folder, which writes only as long as this process has its lock. */
  heldBy(lock: RunLock): RunFolder;
}

/**
 * Makes `root/name`, or `root/name-2`, `root/name-3`, … where that exists.
 * @param fill writes the first files: the folder appears with them, or not at all
 * @throws OhmletError IO-FOLDER
 */
export const createRunFolder = (root: string, name: string, fill?: Fill): RunFolder =>
  // Some number is free.
  createFolder(root, name, Infinity, fill) as RunFolder;

/** Makes `root/name`, or nothing where that exists: null. @throws OhmletError IO-FOLDER */
export const createNamedFolder = (root: string, name: string, fill?: Fill): RunFolder | null =>
  createFolder(root, name, 1, fill);

/** Writes the first files. */
type Fill = (folder: RunFolder) => void;

function createFolder(root: string, name: string, attempts: number, fill?: Fill): RunFolder | null {
  if (!/^[^/\\\0]{1,120}$/.test(name) || name === "." || name === "..")
    throw new OhmletError({
      code: "IO-FOLDER",
      fact: "a run's name must be the name of one folder",
      place: { where: JSON.stringify(name.slice(0, 120)) },
      remedy: "write a name without slashes, of at most 120 characters, such as digits-1",
    });
  try {
    makeFolder(root);
    const above = Within.open(root);
    const made =
      fill === undefined
        ? takeUnused(above, name, attempts, (unused) => above.createFolder(unused))
        : fillAside(above, name, attempts, fill);
    return made === null ? null : folderAt(made);
  } catch (error) {
    if (error instanceof OhmletError) throw error;
    if (codeOf(error) === "") throw error; // not the file system's: a bug, to be seen as one
    throw new OhmletError({
      code: "IO-FOLDER",
      fact: `the run folder cannot be made (${codeOf(error)})`,
      place: { where: join(root, name) },
      remedy: "name a folder that you may write to",
    });
  }
}

/** A folder that exists. Another process may be at work in it. */
export function openRunFolder(path: string): RunFolder {
  return folderAt(Within.open(path));
}

/**
 * A folder whose lock the caller holds: temporary files that a killed process left there are removed, in
 * folders within, too. Those of a process that lives would be lost to it.
 * @throws OhmletError IO-LINK where a link lies in the folder: Ohmlet makes none, and would write there later
 */
export function takeOverRunFolder(path: string): RunFolder {
  const folder = Within.open(path);
  folder.expectPlain(folder.entries().map(({ name }) => name));
  folder.sweep();
  return folderAt(folder);
}

/**
 * The first of name, name-2, name-3, … that can be taken, of so many; two runs that start together get two
 * folders.
 */
function takeUnused(
  above: Within,
  name: string,
  attempts: number,
  take: (unused: string) => boolean,
): Within | null {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const unused = attempt === 1 ? name : `${name}-${attempt}`;
    if (take(unused)) return Within.open(join(above.path, unused));
  }
  return null;
}

function fillAside(above: Within, name: string, attempts: number, fill: Fill): Within | null {
  const aside = temporaryName();
  above.createFolder(aside);
  try {
    const folder = Within.open(join(above.path, aside));
    fill(folderAt(folder));
    const place = takeUnused(above, name, attempts, (unused) => above.renameFolder(aside, unused));
    if (place !== null) return folder.movedTo(place.path);
    above.discardFolder(aside);
    return null;
  } catch (error) {
    above.discardFolder(aside);
    throw error;
  }
}

function folderAt(folder: Within, lock?: RunLock): RunFolder {
  const { path } = folder;
  const columns = new Map<string, readonly string[]>();

  const write = (file: string, action: () => void): void =>
    writing(join(path, file), () => {
      lock?.check();
      action();
    });

  return {
    path,
    json: (file, value) => write(file, () => folder.replace(file, `${toJson(value, 2)}\n`)),
    text: (file, content) => write(file, () => folder.replace(file, content)),
    bytes: (file, content) => write(file, () => folder.replace(file, content)),
    event: (event) =>
      write("events.jsonl", () => folder.append("events.jsonl", `${toJson(event)}\n`, { flush: true })),
    append: (file, text, options) => write(file, () => folder.append(file, text, options)),
    own: (file, largest) => write(file, () => folder.own(file, largest)),
    truncate: (file, bytes) => write(file, () => folder.truncate(file, bytes)),
    row(file, record) {
      const known = columns.get(file);
      const names = known ?? Object.keys(record);
      const unknown = Object.keys(record).find((key) => !names.includes(key));
      if (unknown !== undefined)
        throw new Error(`${file} has no column ${JSON.stringify(unknown)}: its first row named them`);
      const line = csvLine(names.map((column) => record[column]));
      write(file, () => folder.append(file, known ? line : csvLine(names) + line));
      columns.set(file, names); // only now: a header that could not be written is not there
    },
    rows(file, records) {
      if (records.length === 0) return this.remove(file);
      const names = Object.keys(records[0]);
      write(file, () =>
        folder.replace(
          file,
          [names, ...records.map((record) => names.map((column) => record[column]))].map(csvLine).join(""),
        ),
      );
      columns.set(file, names);
    },
    remove(file) {
      write(file, () => folder.remove(file));
      columns.delete(file);
    },
    expectPlain: (files) => files.forEach((file) => write(file, () => folder.expectPlain([file]))),
    heldBy: (held) => folderAt(folder, held),
  };
}

/**
 * The folder that a run writes: what ran, its events, its curves, its weights, its report. Whole files are replaced in
 * one step, logs grow line by line, and a folder that exists is never written over. What the files mean is the caller's.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { OhmletError } from "../errors";
import { flushFolder, writeAtomically } from "./atomic";
import { csvLine, type Cell } from "./csv";
import { toJson } from "./json";
import { makeFolder } from "./make-folder";

/**
 * A run's folder. File names are relative to it and may name folders ("weights/W1.npy"), which are made.
 * Every method throws `IO-WRITE` (category `run`) when the disk refuses.
 */
export interface RunFolder {
  /** Where the folder is: `root` joined with its name, which is not the name asked for where that was taken. */
  readonly path: string;
  /** Writes `value` as indented JSON, in one step. */
  json(file: string, value: unknown): void;
  /** Writes UTF-8 text, in one step. */
  text(file: string, content: string): void;
  /** Writes bytes, in one step. */
  bytes(file: string, content: Uint8Array): void;
  /** Appends one line to events.jsonl. */
  event(event: object): void;
  /** Appends a line to a CSV. The first record names the columns; a later one may lack some, but not bring new ones. */
  row(file: string, record: Readonly<Record<string, Cell>>): void;
  /** Writes a CSV anew, in one step; `row` goes on from there. */
  rows(file: string, records: readonly Readonly<Record<string, Cell>>[]): void;
  /** Removes a file, where it exists. */
  remove(file: string): void;
}

/**
 * Makes `root/name`, or `root/name-2`, `root/name-3`, … where that exists.
 * @param fill writes the first files: the folder appears with them, or not at all
 * @throws OhmletError IO-FOLDER
 */
export function createRunFolder(root: string, name: string, fill?: (folder: RunFolder) => void): RunFolder {
  if (!/^[^/\\\0]{1,120}$/.test(name) || name === "." || name === "..")
    throw new OhmletError({
      code: "IO-FOLDER",
      fact: "a run's name must be the name of one folder",
      place: { where: JSON.stringify(name.slice(0, 120)) },
      remedy: "write a name without slashes, of at most 120 characters, such as digits-1",
    });
  try {
    makeFolder(root);
    return folderAt(fill === undefined ? takeUnused(root, name, (path) => mkdirSync(path)) : fillAside(root, name, fill));
  } catch (error) {
    if (error instanceof OhmletError) throw error;
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
  return folderAt(path);
}

/**
 * A folder whose lock the caller holds: temporary files that a killed process left there are removed, in folders within,
 * too. Those of a process that lives would be lost to it.
 */
export function takeOverRunFolder(path: string): RunFolder {
  sweep(path);
  return folderAt(path);
}

function sweep(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // Of a link this is false: what it leads to is not ours.
    if (entry.isDirectory()) sweep(path);
    else if (/^\..+\.\d+\.tmp$/.test(entry.name)) rmSync(path, { force: true });
  }
}

/** The first of name, name-2, name-3, … that can be taken; taking fails when it exists: two runs that start together get two folders. */
function takeUnused(root: string, name: string, take: (path: string) => void): string {
  for (let attempt = 1; ; attempt++) {
    const path = join(root, attempt === 1 ? name : `${name}-${attempt}`);
    try {
      take(path);
      return path;
    } catch (error) {
      if (!["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(codeOf(error)) || !existsSync(path)) throw error;
    }
  }
}

function fillAside(root: string, name: string, fill: (folder: RunFolder) => void): string {
  const aside = join(root, `.${name.slice(0, 100)}.${process.pid}.tmp`);
  try {
    mkdirSync(aside);
    fill(folderAt(aside));
    // Renaming replaces an empty folder without a word, and so looks first.
    const path = takeUnused(root, name, (unused) => {
      if (existsSync(unused)) throw Object.assign(new Error("taken"), { code: "EEXIST" });
      renameSync(aside, unused);
    });
    flushFolder(root);
    return path;
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    throw error;
  }
}

function folderAt(path: string): RunFolder {
  const columns = new Map<string, readonly string[]>();

  function write(file: string, action: (target: string) => void): void {
    const target = inside(path, file);
    try {
      makeFolder(dirname(target));
      action(target);
    } catch (error) {
      throw new OhmletError({
        code: "IO-WRITE",
        fact: `the file cannot be written (${codeOf(error)})`,
        place: { where: target },
        remedy: "check that the folder still exists, may be written to, and that the disk has space",
        category: "run",
      });
    }
  }

  return {
    path,
    json: (file, value) => write(file, (target) => writeAtomically(target, `${toJson(value, 2)}\n`)),
    text: (file, content) => write(file, (target) => writeAtomically(target, content)),
    bytes: (file, content) => write(file, (target) => writeAtomically(target, content)),
    event: (event) => write("events.jsonl", (target) => appendFileSync(target, `${toJson(event)}\n`, { flush: true })),
    row(file, record) {
      const known = columns.get(file);
      const names = known ?? Object.keys(record);
      const unknown = Object.keys(record).find((key) => !names.includes(key));
      if (unknown !== undefined) throw new Error(`${file} has no column ${JSON.stringify(unknown)}: its first row named them`);
      const line = csvLine(names.map((column) => record[column]));
      write(file, (target) => appendFileSync(target, known ? line : csvLine(names) + line));
      columns.set(file, names); // only now: a header that could not be written is not there
    },
    rows(file, records) {
      if (records.length === 0) return this.remove(file);
      const names = Object.keys(records[0]);
      write(file, (target) => writeAtomically(target, [names, ...records.map((record) => names.map((column) => record[column]))].map(csvLine).join("")));
      columns.set(file, names);
    },
    remove(file) {
      write(file, (target) => rmSync(target, { force: true }));
      columns.delete(file);
    },
  };
}

/** The place of a file in the folder; a path that leads out of it is a bug of the caller's. */
function inside(folder: string, file: string): string {
  const relative = normalize(file);
  if (file === "" || isAbsolute(relative) || relative === "." || relative.split(sep)[0] === "..")
    throw new Error(`${JSON.stringify(file)} is not a file of the run folder`);
  return join(folder, relative);
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error; // not the file system's: a bug, to be seen as one
}

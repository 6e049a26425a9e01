/**
 * The folder that a run writes: what ran, its events, its curves, its weights, its report. Whole files are replaced in
 * one step, logs grow line by line, and a folder that exists is never written over. What the files mean is the caller's.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { OhmletError } from "../errors";
import { writeAtomically } from "./atomic";
import { csvLine, type Cell } from "./csv";
import { toJson } from "./json";

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
}

/** Makes `root/name`, or `root/name-2`, `root/name-3`, … where that exists. Throws `IO-FOLDER`. */
export function createRunFolder(root: string, name: string): RunFolder {
  if (!/^[^/\\\0]{1,120}$/.test(name) || name === "." || name === "..")
    throw new OhmletError({
      code: "IO-FOLDER",
      fact: "a run's name must be the name of one folder",
      place: { where: JSON.stringify(name.slice(0, 120)) },
      remedy: "write a name without slashes, of at most 120 characters, such as digits-1",
    });
  const path = makeUnused(root, name);
  return folderAt(path);
}

function makeUnused(root: string, name: string): string {
  try {
    mkdirSync(root, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const path = join(root, attempt === 1 ? name : `${name}-${attempt}`);
      try {
        mkdirSync(path); // fails when it exists: two runs that start together get two folders
        return path;
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
      }
    }
  } catch (error) {
    throw new OhmletError({
      code: "IO-FOLDER",
      fact: `the run folder cannot be made (${codeOf(error)})`,
      place: { where: join(root, name) },
      remedy: "name a folder that you may write to",
    });
  }
}

function folderAt(path: string): RunFolder {
  const columns = new Map<string, readonly string[]>();

  function write(file: string, action: (target: string) => void): void {
    const target = inside(path, file);
    try {
      mkdirSync(dirname(target), { recursive: true });
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
    event: (event) => write("events.jsonl", (target) => appendFileSync(target, `${toJson(event)}\n`)),
    row(file, record) {
      const known = columns.get(file);
      const names = known ?? Object.keys(record);
      const unknown = Object.keys(record).find((key) => !names.includes(key));
      if (unknown !== undefined) throw new Error(`${file} has no column ${JSON.stringify(unknown)}: its first row named them`);
      const line = csvLine(names.map((column) => record[column]));
      write(file, (target) => appendFileSync(target, known ? line : csvLine(names) + line));
      columns.set(file, names); // only now: a header that could not be written is not there
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

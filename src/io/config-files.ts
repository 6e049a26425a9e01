/**
 * Texts of settings from files. What the user types may be anywhere; what a config names must lie in the
 * config's own folder, links followed, so that a config from a stranger reads nothing else.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { OhmletError } from "../errors";

/** Largest file, bytes; the reader of texts has a limit of its own, in characters. */
const LARGEST = 1024 * 1024;

export interface TextFile {
  readonly where: string;
  readonly text: string;
}

/** What a config is called, and what it may name beside it: another, or a table. */
const CONFIG = { named: /\.(ya?ml|json)$/, endings: ".yaml, .yml or .json" };
const BESIDE = { named: /\.(ya?ml|json|csv)$/, endings: ".yaml, .yml, .json or .csv" };

/** @throws OhmletError CONFIG-FILE, CONFIG-SIZE, CONFIG-TEXT */
export function readTextFile(path: string, { named, endings } = CONFIG): TextFile {
  const fail = (code: string, fact: string, remedy: string): never => {
    throw new OhmletError({ code, fact, place: { where: path }, remedy });
  };
  if (!named.test(path))
    fail("CONFIG-FILE", "this does not look like a config", `name a file that ends in ${endings}`);
  const found = attempt(() => statSync(path), path);
  if (!found.isFile()) fail("CONFIG-FILE", "this is not a file", `name a file that ends in ${endings}`);
  if (found.size > LARGEST)
    fail(
      "CONFIG-SIZE",
      `the file has ${found.size} bytes, at most ${LARGEST} are read`,
      "a config names data, it does not hold them: write less",
    );
  const bytes = attempt(() => readFileSync(path), path);
  try {
    return { where: path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return fail("CONFIG-TEXT", "the file is not text in UTF-8", "save it as plain text in UTF-8");
  }
}

/** Reads what a config names. @throws OhmletError CONFIG-PATH and those of readTextFile */
export function readBeside(path: string, from: TextFile): TextFile {
  return readTextFile(placeBeside(path, from.where), BESIDE);
}

/**
 * Where a relative path leads that stands in a file, if it stays in the file's folder.
 * @throws OhmletError CONFIG-PATH
 */
export function placeBeside(path: string, file: string): string {
  if (!isPlain(path)) throw outside(path, file);
  const folder = dirname(file);
  const target = join(folder, path);
  const [real, root] = [
    attempt(() => realpathSync(target), target),
    attempt(() => realpathSync(folder), folder),
  ];
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(path, file);
  return target;
}

/**
 * A folder that a config wants written to, below the one that the command runs in; it need not exist yet.
 * @throws OhmletError CONFIG-PATH
 */
export function folderHere(path: string, file: string): string {
  if (!isPlain(path)) throw outside(path, file);
  const root = realpathSync(".");
  let nearest = path;
  while (nearest !== "." && !existsSync(nearest)) nearest = dirname(nearest);
  if (nearest !== "." && !realpathSync(nearest).startsWith(root.endsWith(sep) ? root : root + sep))
    throw outside(path, file);
  return path;
}

/** Relative, forward, without detours. */
function isPlain(path: string): boolean {
  return (
    !/[\\\0:]/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}

function outside(path: string, file: string): OhmletError {
  return new OhmletError({
    code: "CONFIG-PATH",
    fact: `"${path.slice(0, 120)}" may lead out of the folder of this config`,
    place: { where: file },
    remedy:
      "name a file or folder within it by a plain relative path, without .. and without links that " +
      "lead out; data elsewhere are named by --data",
  });
}

function attempt<T>(action: () => T, path: string): T {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new OhmletError({
      code: "CONFIG-FILE",
      fact: code === "ENOENT" ? "there is no such file or folder" : `it cannot be read (${code})`,
      place: { where: path },
      remedy: "check the path and its rights",
    });
  }
}

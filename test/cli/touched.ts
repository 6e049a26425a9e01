/**
 * Which files and folders a piece of work writes, told by the calls of the file system that it makes, and not
 * by a list.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { relative } from "node:path";

const { O_WRONLY, O_RDWR } = fs.constants;
const HANDLE = /^\/proc\/self\/fd\/\d+/;
/** Names that nobody can know before: those of temporary files, and of claims of a lock. */
const UNKNOWABLE = /^\.(ohmlet-[0-9a-f]{24}\.tmp|lock-[0-9a-f]{12}-\d+-[0-9a-f]{24})$/;

/** Calls that write, and where they name a file. */
const CALLS = {
  openSync: 1,
  renameSync: 2,
  mkdirSync: 1,
  unlinkSync: 1,
  rmSync: 1,
  rmdirSync: 1,
  appendFileSync: 1,
  writeFileSync: 1,
  truncateSync: 1,
  linkSync: 2,
  symlinkSync: 2,
  copyFileSync: 2,
  cpSync: 2,
  utimesSync: 1,
  chmodSync: 1,
} as const;

const writes = (flags: unknown): boolean =>
  typeof flags === "number"
    ? (flags & (O_WRONLY | O_RDWR)) !== 0
    : typeof flags === "string" && flags !== "r";
const placeOf = (path: unknown): string | null =>
  typeof path === "string" ? path.replace(HANDLE, (handle) => fs.readlinkSync(handle)) : null;

/** What an action writes, relative to a folder: names that could be known before. */
export async function touchedBy(folder: string, action: () => unknown): Promise<string[]> {
  const root = fs.realpathSync(folder);
  const touched = new Set<string>();
  const kept = { ...fs };
  const table = fs as unknown as Record<string, unknown>;
  for (const [name, paths] of Object.entries(CALLS)) {
    const call = kept[name as keyof typeof CALLS] as (...given: unknown[]) => unknown;
    table[name] = (...given: unknown[]) => {
      if (name !== "openSync" || writes(given[1]))
        for (const path of given.slice(0, paths)) note(placeOf(path));
      return call(...given);
    };
  }
  const note = (path: string | null): void => {
    const file = path === null ? ".." : relative(root, path);
    if (
      file !== "" &&
      !file.startsWith("..") &&
      !UNKNOWABLE.test(file.split("/").at(-1) as string) &&
      !UNKNOWABLE.test(file.split("/")[0])
    )
      touched.add(file);
  };
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    for (const name of Object.keys(CALLS)) table[name] = kept[name as keyof typeof CALLS];
    syncBuiltinESMExports();
  }
  return [...touched].sort();
}

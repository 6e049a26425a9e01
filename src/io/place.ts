/**
 * Folders and files below a folder that the user named, looked up without following a link. Where the system
 * allows it (Linux), each folder on the way is held open while the next name is looked up in it, so that
 * nobody can put a link there between a look and a write; elsewhere there are looks before and after. What is
 * no plain file (a FIFO, a socket, a device) is never opened.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
  type BigIntStats,
} from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { OhmletError } from "../errors";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = constants;
/** Some systems lack these; there the looks before and after an opening have to do. */
const [NOFOLLOW, NONBLOCK, DIRECTORY] = [
  constants.O_NOFOLLOW ?? 0,
  constants.O_NONBLOCK ?? 0,
  constants.O_DIRECTORY ?? 0,
];
/**
 * Whether a name can be looked up in a folder that is held open, wherever its path leads meanwhile: openat,
 * in effect.
 */
const BY_HANDLE = process.platform === "linux" && procWorks();
/** How often a file may appear or vanish while it is opened. */
const TRIES = 8;

/** A folder on the way. */
export interface Place {
  /** Where names are looked up. */
  readonly at: string;
  /** What the user knows it as. */
  readonly shown: string;
  readonly handle: number | null;
}

/** Says why something is not opened. */
export type Refusal = (fact: string, path: string) => OhmletError;

export const notWritten: Refusal = (fact, path) =>
  new OhmletError({
    code: "IO-LINK",
    fact: `${fact}: nothing is written there`,
    place: { where: path },
    remedy: "see what put it there, and remove it: Ohmlet then makes its own",
  });
export const notRead: Refusal = (fact, path) =>
  new OhmletError({
    code: "RUN-FILE",
    fact,
    place: { where: path },
    remedy: "give the folder that a run wrote, as it wrote it",
  });

export interface Identity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Opens the folder that the user named, wherever links lead. */
export function enter(path: string): Place {
  if (BY_HANDLE) return held(openSync(path, O_RDONLY | DIRECTORY | NONBLOCK), path);
  if (!statSync(path).isDirectory())
    throw Object.assign(new Error(`ENOTDIR: not a directory, open '${path}'`), {
      code: "ENOTDIR",
      syscall: "open",
      path,
    });
  return { at: path, shown: path, handle: null };
}

/** Opens a folder within one, and follows no link. */
export function step(from: Place, name: string, make: boolean): Place {
  const [path, shown] = [join(from.at, name), join(from.shown, name)];
  if (make && found(from, name) === undefined) ignoring("EEXIST", () => mkdirSync(path));
  if (found(from, name)?.isSymbolicLink() === true) throw notWritten("this is a link", shown);
  if (!BY_HANDLE) return { ...enter(path), shown };
  try {
    return held(openSync(path, O_RDONLY | DIRECTORY | NOFOLLOW | NONBLOCK), shown);
  } catch (error) {
    // made just now
    if (found(from, name)?.isSymbolicLink() === true) throw notWritten("this is a link", shown);
    throw error;
  }
}

const held = (handle: number, shown: string): Place => ({ at: `/proc/self/fd/${handle}`, shown, handle });

export function leave({ handle }: Place): void {
  if (handle !== null) closeSync(handle);
}

export const identityOf = ({ handle, at }: Place): Identity =>
  handle === null ? statSync(at, { bigint: true }) : fstatSync(handle, { bigint: true });

/** What there is of a name, itself and not what it leads to. */
export const found = ({ at }: Place, name: string): BigIntStats | undefined =>
  lstatSync(join(at, name), { bigint: true, throwIfNoEntry: false });

/** A plain file, or nothing; folders are left to whoever opens them. */
export function expectPlain(place: Place, name: string, refusal: Refusal): BigIntStats | undefined {
  const stat = found(place, name);
  if (stat?.isSymbolicLink() === true) throw refusal("this is a link", join(place.shown, name));
  if (stat !== undefined && !stat.isFile() && !stat.isDirectory())
    throw refusal("this is not a plain file", join(place.shown, name));
  return stat;
}

/** Opens a file that has this one name only: one that has another elsewhere would be written there, too. */
export function openOwn(place: Place, name: string, flags: number): number {
  const [path, shown] = [join(place.at, name), join(place.shown, name)];
  for (let attempt = 1; ; attempt++) {
    const seen = expectPlain(place, name, notWritten);
    const create = seen === undefined ? O_CREAT | O_EXCL : 0;
    try {
      const handle = openSync(path, O_WRONLY | flags | create | NOFOLLOW | NONBLOCK, 0o666);
      try {
        const opened = fstatSync(handle, { bigint: true });
        if (!isThere(place, name, opened)) throw notWritten("this is a link, or no plain file", shown);
        if (opened.nlink > 1n) throw notWritten("this file has another name elsewhere (a hard link)", shown);
        return handle;
      } catch (error) {
        closeSync(handle);
        throw error;
      }
    } catch (error) {
      const changed = codeOf(error) === (create === 0 ? "ENOENT" : "EEXIST");
      if (!changed || attempt === TRIES) throw error;
    }
  }
}

/** Opens a new file; EEXIST where there is something of that name. */
export const openNew = ({ at }: Place, name: string): number =>
  openSync(join(at, name), O_WRONLY | O_CREAT | O_EXCL | NOFOLLOW, 0o666);

/** Null where there is none. */
export function openToRead(place: Place, name: string): number | null {
  const shown = join(place.shown, name);
  const seen = expectPlain(place, name, notRead);
  if (seen === undefined) return null;
  if (seen.isDirectory()) throw notRead("this is not a plain file", shown);
  let handle: number;
  try {
    handle = openSync(join(place.at, name), O_RDONLY | NOFOLLOW | NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return null;
    throw notRead(code === "ELOOP" ? "this is a link" : `it cannot be read (${code})`, shown);
  }
  if (isThere(place, name, fstatSync(handle, { bigint: true }))) return handle;
  closeSync(handle);
  throw notRead("this is a link, or no plain file", shown);
}

/**
 * Whether what was opened is a plain file; where nothing else keeps links away, the one of this very name.
 */
function isThere(place: Place, name: string, opened: BigIntStats): boolean {
  if (!opened.isFile()) return false;
  if (BY_HANDLE) return true;
  const now = found(place, name);
  return now !== undefined && !now.isSymbolicLink() && now.dev === opened.dev && now.ino === opened.ino;
}

/** Makes new names in a folder last through a power cut, where the system lets a folder be flushed. */
export function flush({ at, handle }: Place): void {
  try {
    if (handle !== null) return fsyncSync(handle);
    const own = openSync(at, O_RDONLY);
    try {
      fsyncSync(own);
    } finally {
      closeSync(own);
    }
  } catch {
    // Windows, and some file systems: names are their own business there.
  }
}

/** The names on the way; a path that leads out of the folder is a bug of the caller's. */
export function partsOf(file: string): string[] {
  const relative = normalize(file);
  const parts = relative.split(sep);
  if (file === "" || isAbsolute(relative) || relative === "." || parts[0] === "..")
    throw new Error(`${JSON.stringify(file)} is not a file of the run folder`);
  return parts;
}

/** Errors name what the user knows, and not the handle that it was looked up in. */
export function withTruePath(error: unknown, { at, shown }: Place): unknown {
  if (
    at === shown ||
    error instanceof OhmletError ||
    !(error instanceof Error) ||
    !error.message.includes(at)
  )
    return error;
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException;
  return Object.assign(new Error(error.message.replaceAll(at, shown), { cause: error }), {
    code,
    errno,
    syscall,
    path: path?.replaceAll(at, shown),
  });
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/**
 * Runs what writes a file; what the file system refuses has a code, the place and a remedy. @throws
 * OhmletError IO-WRITE
 */
export function writing<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    // not the file system's: a bug, to be seen as one
    if (error instanceof OhmletError || code === "") throw error;
    throw new OhmletError({
      code: "IO-WRITE",
      fact: `the file cannot be written (${code})`,
      place: { where },
      remedy: "check that the folder still exists, may be written to, and that the disk has space",
      category: "run",
    });
  }
}

export function ignoring(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
}

function procWorks(): boolean {
  try {
    const handle = openSync("/", O_RDONLY | DIRECTORY);
    try {
      return statSync(`/proc/self/fd/${handle}/.`).isDirectory();
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  }
}

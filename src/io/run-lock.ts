/**
 * Who is at work in the folder of a run, or of a set that is being fetched: a file with the process and the machine. A process that was killed leaves its file
 * behind; the next one sees that nobody lives there and takes over.
 */
import { unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { OhmletError } from "../errors";
import { readBoundedJson } from "./bounded";

const FILE = "lock.json";
const LARGEST = 4096;

export interface RunLock {
  /** @throws OhmletError RUN-BUSY where another process has taken the folder since */
  check(): void;
  release(): void;
}

/** The text of the lock of this process; for a folder that is being made. */
export const lockOfThisProcess = (): { readonly file: string; readonly content: object } => ({ file: FILE, content: { pid: process.pid, host: hostname() } });

/** A lock that this process has already written. */
export function heldLock(folder: string, what = "run"): RunLock {
  const path = join(folder, FILE);
  return {
    check() {
      const holder = holderOf(path);
      if (holder !== null && !isThis(holder)) throw busy(path, holder, what);
    },
    release() {
      const holder = holderOf(path);
      if (holder !== null && isThis(holder)) unlinkSync(path);
    },
  };
}

/**
 * @param what the folder holds, for the error
 * @throws OhmletError RUN-BUSY where a process that lives, or one of another machine, holds the folder
 */
export function lockRun(folder: string, what = "run"): RunLock {
  const path = join(folder, FILE);
  const { content } = lockOfThisProcess();
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { flag: "wx" });
      return heldLock(folder, what);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = holderOf(path);
    if (holder !== null && (holder.host !== hostname() || lives(holder.pid))) throw busy(path, holder, what);
    unlinkSync(path);
  }
  throw busy(path, holderOf(path), what);
}

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** Null where there is none, or none that can be read: a lock that was cut short by a kill holds nobody. */
function holderOf(path: string): Holder | null {
  let found: unknown;
  try {
    found = readBoundedJson(path, LARGEST);
  } catch {
    return null;
  }
  if (typeof found !== "object" || found === null) return null;
  const { pid, host } = found as Record<string, unknown>;
  return Number.isSafeInteger(pid) && (pid as number) > 0 && typeof host === "string" ? { pid: pid as number, host } : null;
}

const isThis = ({ pid, host }: Holder): boolean => pid === process.pid && host === hostname();

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0); // asks, and sends nothing
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // somebody else's, and alive
  }
}

function busy(path: string, holder: Holder | null, what: string): OhmletError {
  return new OhmletError({
    code: "RUN-BUSY",
    fact: holder === null ? `another process has just taken this ${what}` : `process ${holder.pid} on ${holder.host.slice(0, 80)} is at work on this ${what}`,
    place: { where: path },
    remedy: "wait for it or end it; if that process is none of Ohmlet's, remove this file",
  });
}

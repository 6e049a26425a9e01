/**
 * Who is at work in the folder of a run, or of a set that is being fetched: a file with the process and the
 * machine. A process that was killed leaves its file behind; the next one sees that nobody lives there and
 * takes over.
 *
 * Only one process at a time looks at the file in order to take it: it first makes a claim, a file whose name
 * says whose it is and is never used again, and then waits until it sees no claim of another that lives. Of
 * two that claim at once, the later one to look sees the other. A claim that a kill left behind may be
 * removed by anybody: its name belongs to nobody else.
 */
import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { OhmletError } from "../errors";
import { writing } from "./place";
import { Within } from "./within";

const FILE = "lock.json";
const LARGEST = 4096;
/** Milliseconds for which others may claim the folder at the same time. */
const PATIENCE = 2000;
/** Tells this process from one that has its number later, or elsewhere. */
const TOKEN = randomBytes(12).toString("hex");
/** The machine, as names of files may have it. */
const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 12);
const CLAIM = /^\.lock-([0-9a-f]{12})-(\d{1,10})-([0-9a-f]{24})$/;

export interface RunLock {
  /**
   * @throws OhmletError RUN-BUSY where another process has taken the folder since, RUN-LOST where the lock is
   *   gone, IO-GONE where the folder is
   */
  check(): void;
  release(): void;
}

/** The text of the lock of this process; for a folder that is being made. */
export const lockOfThisProcess = (): { readonly file: string; readonly content: object } => ({
  file: FILE,
  content: { pid: process.pid, host: hostname(), token: TOKEN },
});

/** A lock that this process has already written. */
export const heldLock = (folder: string, what = "run"): RunLock => heldIn(Within.open(folder), what);

function heldIn(folder: Within, what: string): RunLock {
  const path = join(folder.path, FILE);
  return {
    check() {
      const holder = holderOf(folder);
      if (holder === null)
        throw new OhmletError({
          code: "RUN-LOST",
          fact: `the lock of this ${what} was removed while this process was at work on it`,
          place: { where: path },
          remedy:
            "let nothing clean up in the folder while a command is at work there; what was kept until " +
            "now can be gone on with",
          category: "run",
        });
      if (!isThis(holder)) throw busy(path, holder, what);
    },
    release() {
      try {
        const holder = holderOf(folder);
        if (holder !== null && isThis(holder)) folder.remove(FILE);
      } catch (error) {
        // Whoever replaced the lock or the folder has it; what led here is told already.
        if (!(error instanceof OhmletError)) throw error;
      }
    },
  };
}

/**
 * @param what the folder holds, for the error
 * @throws OhmletError RUN-BUSY where a process that lives, or one of another machine, holds the folder;
 *   IO-LINK, IO-WRITE
 */
export function lockRun(folder: string, what = "run"): RunLock {
  const within = Within.open(folder);
  expectFree(within, what); // nobody who is refused writes anything
  return writing(join(folder, FILE), () => {
    const claim = claimIn(within, what);
    try {
      expectFree(within, what);
      const { file, content } = lockOfThisProcess();
      within.replace(file, `${JSON.stringify(content, null, 2)}\n`);
      return heldIn(within, what);
    } finally {
      within.remove(claim);
    }
  });
}

function expectFree(folder: Within, what: string): void {
  folder.expectPlain([FILE]);
  const holder = holderOf(folder);
  if (holder !== null && (holder.host !== hostname() || lives(holder.pid)))
    throw busy(join(folder.path, FILE), holder, what);
}

/**
 * Waits until this process is the only one that claims the folder. @returns its claim, which the caller
 * removes
 */
function claimIn(folder: Within, what: string): string {
  const until = performance.now() + PATIENCE;
  let own: string | null = null;
  try {
    for (;;) {
      own ??= newClaim(folder);
      const others = claimsOf(folder).filter((name) => name !== own);
      if (others.length === 0) {
        const claim = own;
        own = null;
        return claim;
      }
      if (performance.now() > until) throw busy(join(folder.path, others[0]), null, what);
      // The first by name waits for the others, which make room for it.
      if (others.some((name) => name < (own as string))) {
        folder.remove(own);
        own = null;
      }
      sleep(1 + 4 * Math.random());
    }
  } finally {
    if (own !== null) folder.remove(own);
  }
}

function newClaim(folder: Within): string {
  const name = `.lock-${HOST}-${process.pid}-${randomBytes(12).toString("hex")}`;
  if (!folder.create(name)) throw new Error("a random name was taken");
  return name;
}

/** Claims of processes that live, or of other machines; those of the dead are removed. */
function claimsOf(folder: Within): string[] {
  return folder
    .entries()
    .map(({ name }) => name)
    .filter((name) => {
      const [, host, pid] = CLAIM.exec(name) ?? [];
      if (host === undefined) return false;
      if (host !== HOST || lives(Number(pid))) return true;
      folder.remove(name);
      return false;
    });
}

/** Blocks: whoever takes a lock has nothing else to do yet. */
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token?: unknown;
}

/** Null where there is none, or none that can be read: a lock that was cut short holds nobody. */
function holderOf(folder: Within): Holder | null {
  let found: unknown;
  try {
    const bytes = folder.read(FILE, LARGEST);
    found = bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof OhmletError ? error.code === "RUN-FILE" : error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof found !== "object" || found === null) return null;
  const { pid, host, token } = found as Record<string, unknown>;
  return Number.isSafeInteger(pid) && (pid as number) > 0 && typeof host === "string"
    ? { pid: pid as number, host, token }
    : null;
}

const isThis = ({ pid, host, token }: Holder): boolean =>
  pid === process.pid && host === hostname() && token === TOKEN;

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
    fact:
      holder === null
        ? `another process is just taking this ${what}`
        : `process ${holder.pid} on ${holder.host.slice(0, 80)} is at work on this ${what}`,
    place: { where: path },
    remedy: "wait for it or end it; if that process is none of Ohmlet's, remove this file",
  });
}

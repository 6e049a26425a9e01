/** Whatever was thrown, as an exit code and a text. Only what is not the user's or the run's is called a bug. */
import { OhmletError, Stopped } from "../errors";
import type { Io } from "./io";

export const DONE = 0;
export const FAILED = 1;
export const WRONG_INPUT = 2;
export const INTERRUPTED = 130;

export interface Fault {
  readonly code: number;
  /** For people. */
  readonly text: string;
  /** For `--json`: the value of "error". */
  readonly data: object;
}

/** Faults of the file system that the user can mend by another path or right. */
const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "it may not be read or written",
  EPERM: "it may not be read or written",
  EROFS: "the file system is read-only",
  EISDIR: "it is a folder, where a file is needed",
  ENOTDIR: "it is a file, where a folder is needed",
  ENOSPC: "the disk is full",
  EEXIST: "it exists already",
};

export function faultOf(thrown: unknown, debug: boolean): Fault {
  const known = thrown instanceof OhmletError ? thrown : fileFault(thrown);
  if (known !== null) {
    const stack = debug && known.stack !== undefined ? `\n${known.stack}` : "";
    return { code: known.category === "run" ? FAILED : WRONG_INPUT, text: `${known.message}${stack}`, data: known.toJSON() };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  const remedy = "this is a bug in Ohmlet: please report it, with the command and the output of --debug";
  return {
    code: FAILED,
    text: `INTERNAL  ${debug ? (stack ?? message) : message}\n  ${remedy}`,
    data: { code: "INTERNAL", fact: message, category: "run", remedy, ...(debug && stack !== undefined && { stack }) },
  };
}

function fileFault(thrown: unknown): OhmletError | null {
  if (!(thrown instanceof Error)) return null;
  const { code, path, syscall } = thrown as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined || path === undefined || !Object.hasOwn(FILE_FAULTS, code)) return null;
  return new OhmletError({ code: `FILE-${code}`, fact: FILE_FAULTS[code], place: { where: path }, remedy: "check the path and its rights" });
}

/** Runs a command and turns whatever it throws into its text (or JSON) and its exit code. */
export async function reportingFaults(run: () => Promise<number>, argv: readonly string[], io: Io, stderr: (text: string) => void): Promise<number> {
  try {
    return await run();
  } catch (thrown) {
    io.progress().end();
    if (thrown instanceof Stopped) return INTERRUPTED;
    const fault = faultOf(thrown, argv.includes("--debug"));
    if (io.json) io.emit({ error: fault.data });
    else stderr(fault.text);
    return fault.code;
  }
}

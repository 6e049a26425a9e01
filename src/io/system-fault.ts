/** Faults of the system that the user can mend and nobody calls a bug: of files, and of memory. */
import { OhmletError } from "../errors";

/** Faults of the file system that another path or right mends. */
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

/** What engines of JavaScript say where memory ends: buffers, the heap of a thread, WebAssembly. */
const MEMORY =
  /Array buffer allocation failed|Invalid (typed )?array length|could not allocate memory|Out of memory|heap out of memory/i;

/** The fault with a code and a remedy; null for what is none of these. */
export function systemFault(thrown: unknown): OhmletError | null {
  if (!(thrown instanceof Error)) return null;
  const { code, path, syscall, message } = thrown as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_OUT_OF_MEMORY" || (thrown instanceof RangeError && MEMORY.test(message))) {
    return new OhmletError({
      code: "RUN-MEMORY",
      fact: "there is not enough memory for this",
      place: { where: "this process" },
      remedy:
        "use fewer samples, a smaller batch or a smaller circuit; or give Node more:  " +
        "NODE_OPTIONS=--max-old-space-size=MEGABYTES",
      category: "run",
    });
  }
  if (code === "ERR_WORKER_INIT_FAILED")
    return new OhmletError({
      code: "FILE-SYSTEM",
      fact: `the system refuses a thread (${/\bE[A-Z0-9]+\b/.exec(message)?.[0] ?? "no reason given"})`,
      place: { where: "this process" },
      remedy: "give it more open files and threads:  ulimit -n 1024",
      category: "run",
    });
  if (code === "ERR_INVALID_ARG_VALUE" && /\bpath\b.*null bytes/s.test(message))
    return new OhmletError({
      code: "FILE-SYSTEM",
      fact: "a path holds a zero byte",
      place: { where: "a path" },
      remedy: "check the path",
    });
  if (code === undefined || syscall === undefined || !/^E[A-Z0-9]+$/.test(code)) return null;
  const place = { where: (path ?? syscall).slice(0, 300) };
  if (Object.hasOwn(FILE_FAULTS, code))
    return new OhmletError({
      code: `FILE-${code}`,
      fact: FILE_FAULTS[code],
      place,
      remedy: "check the path and its rights",
    });
  return new OhmletError({
    code: "FILE-SYSTEM",
    fact: `the system refuses (${code}, ${syscall})`,
    place,
    remedy: "check the path, its rights, and what the system still has of files, processes and space",
  });
}

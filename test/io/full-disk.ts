/** A disk that takes no more bytes: whatever is written meanwhile fails as it does there. */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const refuse = (): never => {
  throw Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    errno: -28,
    syscall: "write",
  });
};

/**
 * Runs an action, or all of a promise, on a full disk. @param small whether whole small files still go onto
 * it, as a lock does
 */
export async function onFullDisk<T>(action: () => T | Promise<T>, { small = false } = {}): Promise<T> {
  const { writeSync, writeFileSync } = fs;
  Object.assign(
    fs,
    small
      ? {
          writeSync: refuse,
          writeFileSync: (...given: Parameters<typeof writeFileSync>) => {
            fs.writeSync = writeSync;
            try {
              writeFileSync(...given);
            } finally {
              fs.writeSync = refuse;
            }
          },
        }
      : { writeSync: refuse, writeFileSync: refuse },
  );
  syncBuiltinESMExports();
  try {
    return await action();
  } finally {
    Object.assign(fs, { writeSync, writeFileSync });
    syncBuiltinESMExports();
  }
}

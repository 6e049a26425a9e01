/**
 * Writing a file so that a reader sees the old content or the new one, never a half: a temporary file beside it, flushed
 * to the disk, then renamed over it.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Replaces the content of `path` in one step. Errors are those of `node:fs`; then `path` is as it was before. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, content);
      fsyncSync(file); // or a crash may leave the new name with no content
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    flushFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes new names in a folder last through a power cut, where the system lets a folder be flushed. */
export function flushFolder(folder: string): void {
  let handle: number | null = null;
  try {
    handle = openSync(folder, "r");
    fsyncSync(handle);
  } catch {
    // Windows: names are the file system's business there.
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/**
 * Makes a folder and those above it. `mkdirSync` with `recursive` never returns where a folder that exists
 * takes no others with ENOENT, as /proc does (seen with Node 20).
 */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A folder that is there already is fine. Errors are those of `node:fs`. */
export function makeFolder(path: string): void {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) throw error;
  }
}

/** What can be killed and gone on with: a training run, a study. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Victim } from "./process";

export interface Subject {
  readonly what: string;
  readonly victims: readonly Victim[];
  /** Its workers, where they are not what its process started. */
  readonly workers?: () => number[];
  /** Words of the command that begins it, below a folder that may not be there yet. */
  begin(root: string): string[];
  /** Its own folder, once there is one. */
  folderIn(root: string): string | null;
  /** Words of a command that goes on. @param draw in [0, 1), where several do */
  goOn(root: string, folder: string, draw: number): string[];
  /** Everything that is compared, by file. */
  figuresOf(folder: string): Readonly<Record<string, string>>;
  /** What is wrong with a folder that came to the same bytes; empty where nothing is. */
  faultsOf(folder: string): string[];
}

/** The bytes of a file, as text that compares. */
export function bytesOf(folder: string, file: string): string {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "latin1") : "missing";
}

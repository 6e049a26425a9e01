/** What a fuzz run aims at. */
import type { Dice } from "./random";

/**
 * A reader of something that strangers write. `attempt` spoils a sample by these draws and reads it: it
 * returns, or throws what the reader threw. `folder` is an empty one for files that are read by name. Where a
 * large sample takes time to make, `begin` says that it is made: time counts from there.
 */
export interface Target {
  readonly name: string;
  readonly attempt: (dice: Dice, folder: string, begin: () => void) => unknown;
  /** What takes time once and is no part of a case: called before the first one, in each process. */
  readonly prepare?: (folder: string) => unknown;
  /**
   * In a process of its own, which is ended where a case hangs or fills the memory; by its name among the
   * targets.
   */
  readonly apart?: true;
}

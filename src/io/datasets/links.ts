/** For folders that a stranger's file names: nothing in them may be a link to somewhere else. */
import { readdirSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { fail, isFolder } from "./files";

/**
 * Looks at the folder and three levels below it, as deep as sets are read.
 * @throws OhmletError DATA-LINK for the first link that leads out of the folder, or nowhere
 */
export function refuseLinksOut(folder: string): void {
  if (isFolder(folder)) look(folder, realpathSync(folder), 0);
}

function look(folder: string, root: string, depth: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink() && leadsOut(path, root)) fail(path, "DATA-LINK", "this is a link that leads out of the folder, or nowhere", "put the file itself there, or name the folder with --data");
    if (depth < 3 && isFolder(path)) look(path, root, depth + 1);
  }
}

function leadsOut(path: string, root: string): boolean {
  try {
    const way = relative(root, realpathSync(path));
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  } catch {
    return true;
  }
}

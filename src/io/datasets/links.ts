/** For folders that a stranger's file names: nothing in them may be a link to somewhere else. */
import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative, sep } from "node:path";
import { refuse } from "../../data/refuse";
import { isFolder } from "./files";

/** Levels below the folder, as deep as sets are read, and most folders that are looked through. */
const [DEEPEST, MOST_FOLDERS] = [3, 10_000];

/**
 * Looks at the folder and three levels below it, at each folder once, however many links lead to it.
 * @throws OhmletError DATA-LINK for the first link that leads out of the folder, or nowhere; DATA-SIZE
 */
export function refuseLinksOut(folder: string): void {
  if (!isFolder(folder)) return;
  const root = realpathSync(folder);
  const seen = new Set([root]);
  // Level by level, so that each folder is met where it lies highest.
  let level = [folder];
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const below: string[] = [];
    for (const path of level.flatMap((each) => readdirSync(each).map((name) => join(each, name)))) {
      const isLink = lstatSync(path).isSymbolicLink();
      if (isLink && leadsOut(path, root))
        refuse(
          path,
          "DATA-LINK",
          "this is a link that leads out of the folder, or nowhere",
          "put the file itself there, or name the folder with --data",
        );
      if (!isFolder(path)) continue;
      const real = realpathSync(path);
      if (seen.has(real)) continue;
      seen.add(real);
      below.push(real);
    }
    if (seen.size > MOST_FOLDERS)
      refuse(
        folder,
        "DATA-SIZE",
        `there are more than ${MOST_FOLDERS} folders in it`,
        "give a folder that holds one set of data",
      );
    level = below;
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
